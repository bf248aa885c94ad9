"""An image at several sizes, and what each halving loses."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16


def blur(image: NDArray[Any]) -> NDArray[np.float64]:
    """Weighted mean of five pixels, (1, 4, 6, 4, 1) / 16, down the columns and along the rows.

    image: (h, w) or (h, w, c), left unchanged, as in all functions. The border's pixels are repeated beyond it.
    """
    return _along_rows(_along_rows(image.astype(np.float64)).swapaxes(0, 1)).swapaxes(0, 1)


def _along_rows(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted mean along the first axis."""
    beyond = [(2, 2)] + [(0, 0)] * (image.ndim - 1)
    padded = np.pad(image, beyond, mode="edge")  # (h + 4, ...)
    return np.asarray(sum(weight * padded[i : i + len(image)] for i, weight in enumerate(WEIGHTS)))


def down(image: NDArray[Any]) -> NDArray[np.float64]:
    """Half the size, rounded up: blurred, then the pixels in even rows and columns."""
    return blur(image)[::2, ::2].copy()


def up(image: NDArray[Any], height: int, width: int) -> NDArray[np.float64]:
    """Twice the size: pixels in even rows and columns, means of the neighbours between.

    image: (ceil(height / 2), ceil(width / 2)[, c]). Returns (height, width[, c]).
    Raises ValueError when image has another size.
    """
    # Rounded up, because an odd line keeps its last pixel.
    if image.shape[:2] != ((height + 1) // 2, (width + 1) // 2):
        raise ValueError(f"an image of shape {image.shape} is not half of {height} × {width}")
    tall = _stretched(image.astype(np.float64), height)
    return _stretched(tall.swapaxes(0, 1), width).swapaxes(0, 1)


def _stretched(image: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Twice as long on the first axis, cut to `length`."""
    below = np.concatenate([image[1:], image[-1:]])  # the last row has itself below
    lines = np.stack([image, (image + below) / 2], axis=1)  # (h, 2, ...): each row, and the one after it
    return lines.reshape(-1, *image.shape[1:])[:length]


def gaussian_pyramid(image: NDArray[Any], levels: int) -> list[NDArray[np.float64]]:
    """The image, and after it each time `down` of the level before.

    Returns `levels` arrays. Raises ValueError when levels is below 1.
    """
    if levels < 1:
        raise ValueError("levels must be at least 1")
    pyramid = [image.astype(np.float64)]
    for _ in range(levels - 1):
        pyramid.append(down(pyramid[-1]))
    return pyramid


def laplacian_pyramid(image: NDArray[Any], levels: int) -> list[NDArray[np.float64]]:
    """What each halving loses, and at the end the smallest image.

    Returns `levels` arrays. Raises ValueError when levels is below 1.
    """
    pyramid = gaussian_pyramid(image, levels)
    lost = [large - up(small, *large.shape[:2]) for large, small in pairwise(pyramid)]
    return [*lost, pyramid[-1]]


def rebuild(pyramid: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The image of a Laplacian pyramid, the largest level first."""
    *lost, image = pyramid
    # The same `up` as before: whatever it gets wrong stands in the difference, and is added back.
    for difference in reversed(lost):
        image = difference + up(image, *difference.shape[:2])
    return np.array(image, dtype=np.float64)


# cv2.pyrUp puts zeros between the pixels and blurs them, times 4, which is smoother. Mixing two Laplacian pyramids
# level by level joins two photographs without a seam.
