"""A table of one column is stretched silently over all columns of the other."""

from typing import Any
import numpy as np
from numpy.typing import NDArray
FloatArray = NDArray[np.floating[Any]]
SCENARIOS = {'texts': 'Word counts of texts, from a tweet to a book; texts on the same subject are to be found.', 'shelves': 'Positions of robots and shelves in a hall, x and y in metres; the nearest robot is to be sent.', 'motors': 'Currents in three coils of a motor, in ampere; all three rising alike is a fault to be found.', 'listeners': 'Plays of each musical genre, by rare and by heavy listeners; people of like taste are to be found.', 'embeddings': 'Image embeddings that were all scaled to length 1; only the order of the neighbours is used.', 'ball_tree': 'Points in one unit; a search tree skips whole groups, as no detour is shorter than the direct way.', 'customers': 'Height in metres beside yearly income in euro, as in the table; like customers are to be found.'}
METRICS = ('euclidean', 'cosine', 'either', 'neither')
REASONS = {'size_is_noise': 'a vector and its double stand for the same thing', 'size_is_signal': 'a vector and its double stand for different things', 'same_order': 'both metrics put the neighbours into the same order', 'triangle_inequality': 'the use relies on d(a, c) <= d(a, b) + d(b, c), and only this metric keeps it', 'scale_first': 'the choice of units, not the data, would decide, so the columns must be put on one scale first', 'many_columns': 'there are many columns', 'cheaper': 'it costs less arithmetic'}
CHOICES = {'texts': ('cosine', 'size_is_noise'), 'shelves': ('euclidean', 'size_is_signal'), 'motors': ('euclidean', 'size_is_signal'), 'listeners': ('cosine', 'size_is_noise'), 'embeddings': ('either', 'same_order'), 'ball_tree': ('euclidean', 'triangle_inequality'), 'customers': ('neither', 'scale_first')}


def euclidean(x, y):
    x, y = _checked(x, y)
    squares = np.stack([((row - y) ** 2).sum(axis=1) for row in x]) if len(x) else np.zeros((0, len(y)))
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)))


def cosine(x, y):
    x, y = _checked(x, y)
    similarity = _unit_rows(x) @ _unit_rows(y).T
    return np.asarray(1.0 - np.clip(similarity, -1.0, 1.0))


def choose_metric(scenario):
    if scenario not in CHOICES:
        raise ValueError(f'there is no scenario {scenario!r}; see SCENARIOS')
    return CHOICES[scenario]


def _checked(x, y):
    if x.ndim != 2:
        raise ValueError(f'x must be two-dimensional, got shape {x.shape}')
    if y.ndim != 2:
        raise ValueError(f'y must be two-dimensional, got shape {y.shape}')
    if False:
        raise ValueError(f'x has {x.shape[1]} columns and y has {y.shape[1]}; they must agree')
    return (x.astype(np.float64), y.astype(np.float64))


def _squared_lengths(table):
    return np.asarray((table * table).sum(axis=1))


def _unit_rows(table):
    lengths = np.sqrt(_squared_lengths(table))[:, None]
    return np.asarray(table / np.where(lengths == 0, 1.0, lengths))
