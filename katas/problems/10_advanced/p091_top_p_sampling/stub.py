"""The next token of a language model: temperature, top-k and top-p."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def probabilities(
    logits: NDArray[Any], temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0
) -> NDArray[np.float64]:
    """With which probability each token is drawn, (V,), from its logits, (V,), which are left unchanged.

    Divides by the temperature (0: the largest alone), keeps the top_k largest, then the fewest that have a sum of at
    least top_p. Raises ValueError for a negative temperature, a top_k below 1, and a top_p outside (0, 1].
    """
    raise NotImplementedError


def sample(
    logits: NDArray[Any],
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
) -> int:
    """The index of a token, drawn with these probabilities."""
    raise NotImplementedError
