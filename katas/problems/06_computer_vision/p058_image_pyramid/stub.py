"""An image at several sizes, and what each halving loses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def blur(image: NDArray[Any]) -> NDArray[np.float64]:
    """Weighted mean of five pixels, (1, 4, 6, 4, 1) / 16, down the columns and along the rows.

    image: (h, w) or (h, w, c), left unchanged, as in all functions. The border's pixels are repeated beyond it.
    """
    raise NotImplementedError


def down(image: NDArray[Any]) -> NDArray[np.float64]:
    """Half the size, rounded up: blurred, then the pixels in even rows and columns."""
    raise NotImplementedError


def up(image: NDArray[Any], height: int, width: int) -> NDArray[np.float64]:
    """Twice the size: pixels in even rows and columns, means of the neighbours between.

    image: (ceil(height / 2), ceil(width / 2)[, c]). Returns (height, width[, c]).
    Raises ValueError when image has another size.
    """
    raise NotImplementedError


def gaussian_pyramid(image: NDArray[Any], levels: int) -> list[NDArray[np.float64]]:
    """The image, and after it each time `down` of the level before.

    Returns `levels` arrays. Raises ValueError when levels is below 1.
    """
    raise NotImplementedError


def laplacian_pyramid(image: NDArray[Any], levels: int) -> list[NDArray[np.float64]]:
    """What each halving loses, and at the end the smallest image.

    Returns `levels` arrays. Raises ValueError when levels is below 1.
    """
    raise NotImplementedError


def rebuild(pyramid: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The image of a Laplacian pyramid, the largest level first."""
    raise NotImplementedError
