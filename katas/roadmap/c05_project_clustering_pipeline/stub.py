"""Iris in two dimensions and three clusters, compared with its labels and drawn beside them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
from clusters import Step, trace
from components import project
from k_means import plus_plus
from matplotlib.figure import Figure
from numpy.typing import NDArray

Array = NDArray[Any]


def best_trace(X: Array, k: int = 3, n_init: int = 10, seed: int = 0) -> list[Step]:
    """Return the trace of lowest final inertia of n_init k-means++ starts, drawn in turn from one generator."""
    raise NotImplementedError


def contingency(labels: Array, truth: Array, k: int) -> Array:
    """Count the rows of each cluster (row) and class (column), (k, k) integers; both are numbered from 0 to k - 1.

    Raises ValueError when labels and truth are not of one length.
    """
    raise NotImplementedError


def match(labels: Array, truth: Array, k: int) -> Array:
    """Return the labels (n,) renamed one-to-one so that as many as possible equal those of truth.

    Raises ValueError when labels and truth are not of one length.
    """
    raise NotImplementedError


def agreement(labels: Array, truth: Array, k: int) -> float:
    """Return the share of rows whose label equals that of truth, after the best matching.

    Raises ValueError when labels and truth are not of one length.
    """
    raise NotImplementedError


def draw(points: Array, labels: Array, truth: Array, names: Sequence[str]) -> Figure:
    """Draw points (n, 2) twice, side by side: by their matched clusters and by their true labels.

    names: of the classes 0, 1, …. Raises ValueError when points does not have two columns.
    """
    raise NotImplementedError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program on scikit-learn's Iris and return its exit code.

    argv: the arguments; None stands for those of the command line.
    """
    raise NotImplementedError


if __name__ == "__main__":
    sys.exit(main())
