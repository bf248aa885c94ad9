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
    # -1 would read the last column without an error.
    if observations.min() < 0 or observations.max() >= emission.shape[1]:
        raise ValueError(f"observations must lie between 0 and {emission.shape[1] - 1}")
    # Products of thousands of probabilities underflow, sums of their logarithms do not. ln 0 = -inf is just right:
    # it stays -inf whatever is added, so an impossible path never wins against a possible one.
    with np.errstate(divide="ignore"):
        log_start, log_transition, log_emission = np.log(start), np.log(transition), np.log(emission)

    # best[i]: the most likely path that ends in state i; previous[t, j]: where the one that ends in j at t came from.
    best = log_start + log_emission[:, observations[0]]  # (k,)
    previous = np.empty((len(observations), len(start)), dtype=np.intp)
    for t in range(1, len(observations)):
        ways = best[:, None] + log_transition  # (k, k): to each column from each row
        previous[t] = ways.argmax(axis=0)  # the first of equal ones
        best = ways.max(axis=0) + log_emission[:, observations[t]]

    path = np.empty(len(observations), dtype=np.intp)
    path[-1] = best.argmax()
    log_probability = float(best[path[-1]])
    if log_probability == -np.inf:
        raise ValueError("every path is impossible: each needs a probability of 0")
    # Which state was right at step t is only known once the state at t + 1 is.
    for t in range(len(observations) - 1, 0, -1):
        path[t - 1] = previous[t, path[t]]
    return path, log_probability


# hmmlearn does the same in C++, and has forward and backward sums too: with those, the most likely state at each
# single step can be told, which is another question, and a path of such states may even be impossible.
