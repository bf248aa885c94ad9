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
    raise NotImplementedError
