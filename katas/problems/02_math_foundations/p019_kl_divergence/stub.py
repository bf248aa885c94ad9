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
    raise NotImplementedError
