"""Squared lengths by einsum; the pair comes as a list."""
import numpy as np


def _floats(x, y):
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError("two dimensions and the same columns, please")
    return x.astype(float), y.astype(float)


def euclidean(x, y):
    x, y = _floats(x, y)
    centre = x.mean(axis=0)
    x, y = x - centre, y - centre
    square = np.einsum("ij,ij->i", x, x)[:, np.newaxis] + np.einsum("ij,ij->i", y, y) - 2 * np.dot(x, y.T)
    square[square < 0] = 0
    return square**0.5


def cosine(x, y):
    x, y = _floats(x, y)
    units = []
    for table in (x, y):
        length = np.sqrt(np.einsum("ij,ij->i", table, table))
        length[length == 0] = np.inf
        units.append(table / length[:, np.newaxis])
    return np.clip(1 - units[0] @ units[1].T, 0, 2)


def choose_metric(scenario):
    match scenario:
        case "texts" | "listeners":
            return ["cosine", "size_is_noise"]
        case "shelves" | "motors":
            return ["euclidean", "size_is_signal"]
        case "embeddings":
            return ["either", "same_order"]
        case "ball_tree":
            return ["euclidean", "triangle_inequality"]
        case "customers":
            return ["neither", "scale_first"]
