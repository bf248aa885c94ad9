"""How far one distribution lies from another, in nats."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def kl_divergence(p: NDArray[Any], q: NDArray[Any], axis: int = -1) -> Any:
    """KL(p ‖ q) = Σ p · log(p / q) along `axis`, with the natural logarithm.

    p, q: probabilities that sum to 1 along `axis`; shapes that broadcast, of equal length along `axis`; left unchanged.
    Returns floats of the broadcast shape without `axis`: at least 0, inf where q is 0 and p is not.
    Raises ValueError: naming p or q when it holds no probabilities, and when the shapes do not go together.
    """
    shape = np.broadcast_shapes(p.shape, q.shape)
    # Each distribution in full: stretching one number along the axis would make up probabilities.
    wide_p, wide_q = _stretched(p, "p", shape, axis), _stretched(q, "q", shape, axis)

    # log(p / q) as a difference: the ratio itself overflows for a q of 1e-310, the logarithms do not.
    # `where` leaves the impossible entries alone instead of computing -inf or NaN there and mending it later.
    happens = wide_p > 0
    log_p = np.log(wide_p, out=np.zeros(shape), where=happens)
    log_q = np.log(wide_q, out=np.full(shape, -np.inf), where=wide_q > 0)
    # Where p is 0 the difference may be infinite, and 0 · inf is NaN; those terms are left at 0.
    terms = np.multiply(wide_p, log_p - log_q, out=np.zeros(shape), where=happens)
    # Gibbs' inequality says that the true value is not below 0; rounding does not know it.
    return np.maximum(terms.sum(axis=axis), 0.0)


def _stretched(values: NDArray[Any], name: str, shape: tuple[int, ...], axis: int) -> NDArray[np.float64]:
    """The distributions as float64, checked and broadcast to `shape`."""
    # A sum of float32 probabilities is good to few digits only.
    slack = 1e-3 if values.dtype == np.float32 else 1e-6
    exact = values.astype(np.float64)
    # A leading axis that `values` does not have cannot be the one that its probabilities lie along.
    own_axis = axis if axis < 0 else axis - len(shape)
    if -own_axis > values.ndim or values.shape[own_axis] != shape[own_axis]:
        raise ValueError(f"{name} of shape {values.shape} has no whole distribution along axis {axis} of {shape}")
    # Written so that NaN is refused too: every comparison with it is False.
    if not (exact >= 0).all() or not (np.abs(exact.sum(axis=own_axis) - 1) <= slack).all():
        raise ValueError(f"{name} must hold probabilities: none negative, and a sum of 1 along axis {axis}")
    return np.broadcast_to(exact, shape)


# scipy.special.rel_entr gives the single terms, with the same two limits; scipy.stats.entropy(p, q) sums them, but
# first divides p and q by their sums without asking. torch.nn.functional.kl_div wants log q first and p second, and
# averages over every element unless told reduction="batchmean": three traps in one line.
