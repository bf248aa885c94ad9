"""Whole thousandths for integers, channel by channel, and floats in their own dtype."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_gray(image: NDArray[Any]) -> NDArray[Any]:
    """The luminosity of every pixel."""
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    if image.ndim == 2:
        return np.array(image)
    if image.ndim != 3 or not 3 <= image.shape[-1] <= 4:
        raise ValueError(f"no image: {image.shape}")
    if image.dtype.kind == "f":
        weights = np.array([0.299, 0.587, 0.114], dtype=image.dtype)
        return np.einsum("ijk,k->ij", image[..., :3], weights)
    wide = image.astype(np.int64)
    total = 299 * wide[..., 0] + 587 * wide[..., 1] + 114 * wide[..., 2]
    return ((total + 500) // 1000).astype(image.dtype)
