"""How far one distribution lies from another, in nats."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def kl_divergence(p: NDArray[Any], q: NDArray[Any], axis: int = -1) -> Any:
    """KL(p ‖ q) = Σ p · log(p / q) along `axis`, with the natural logarithm.

    p, q: probabilities that sum to 1 along `axis`, of one shape, or one of them (k,); left unchanged.
    Returns one float for each distribution: at least 0, inf where q is 0 and p is not.
    Raises ValueError for a negative value, NaN, a sum off 1 by more than 1e-4, and different lengths.
    """
    p, q = p.astype(np.float64), q.astype(np.float64)
    # Stretched along the axis, a q of [1.0] would call every event certain.
    if p.shape[axis] != q.shape[axis]:
        raise ValueError(f"p has {p.shape[axis]} probabilities along the axis, q has {q.shape[axis]}")
    for name, table in (("p", p), ("q", q)):
        # Written so that NaN is refused too: every comparison with it is False.
        if not ((table >= 0).all() and (np.abs(table.sum(axis=axis) - 1) <= 1e-4).all()):
            raise ValueError(f"{name} must hold probabilities: none negative, and a sum of 1")

    p, q = np.broadcast_arrays(p, q)
    # p · log p goes to 0 with p, so what never happens costs nothing. Only where both are positive is there
    # something to compute; np.where would compute, and warn, everywhere.
    terms = np.zeros(p.shape)
    both = (p > 0) & (q > 0)
    terms[both] = p[both] * np.log(p[both] / q[both])
    terms[(p > 0) & (q == 0)] = np.inf
    # Gibbs' inequality says that the true value is not below 0; rounding does not know it.
    return np.maximum(terms.sum(axis=axis), 0.0)


# scipy.special.rel_entr computes the single terms, with the same two limits. torch.nn.functional.kl_div wants log q
# first and p second, and averages over every element unless told reduction="batchmean": three traps in one line.
