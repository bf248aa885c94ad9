"""The most likely path through a hidden Markov model."""

import numpy as np
from numpy.typing import NDArray


def viterbi(
    observations: NDArray[np.integer],
    start: NDArray[np.float64],
    transition: NDArray[np.float64],
    emission: NDArray[np.float64],
) -> tuple[NDArray[np.intp], float]:
    """Return the most likely path (T,) and the natural logarithm of its probability with the observations.

    observations: (T,) symbols; start: (k,); transition: (k, k), from row to column; emission: (k, m). Left unchanged.
    Ties: the lowest state at the last step, then at the one before it, and so on.
    Raises ValueError when every path is impossible, ValueError or IndexError for symbols outside 0 to m - 1.
    """
    raise NotImplementedError
