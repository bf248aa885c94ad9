"""One side is divided out of the other: where a singular value is 0, that column is no unit vector."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import NDArray

Factors = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def compress(image: NDArray[np.uint8], rank: int) -> Factors:
    """The three factors (u, s, vt) of the best approximation of `image` that has this rank."""
    if image.ndim != 2:
        raise ValueError(f"image must be two-dimensional, not of shape {image.shape}")
    if not 1 <= rank <= min(image.shape):
        raise ValueError(f"rank must lie between 1 and {min(image.shape)}, not {rank}")
    data = image.astype(np.float64)
    if data.shape[0] < data.shape[1]:
        v, s, ut = compress(image.T, rank)
        return ut.T, s, v.T
    squares, vectors = np.linalg.eigh(data.T @ data)  # ascending; only as large as the short side
    s = np.sqrt(np.clip(squares[::-1][:rank], 0, None))
    vt = vectors[:, ::-1][:, :rank].T
    u = data @ vt.T / np.where(s > 0, s, 1)
    return u, s, vt


def reconstruct(u: NDArray[np.float64], s: NDArray[np.float64], vt: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The picture that the factors stand for: (m, n) uint8, rounded to the nearest and kept within 0 to 255."""
    return np.clip(np.rint((u * s) @ vt), 0, 255).astype(np.uint8)


def storage_ratio(shape: tuple[int, int], rank: int) -> float:
    """How many times fewer numbers the factors of this rank hold than a picture of this shape has pixels."""
    m, n = shape
    return m * n / (rank * (m + n + 1))


def draw_ranks(image: NDArray[np.uint8], ranks: Sequence[int]) -> Figure:
    """A figure with the original and its reconstruction at each rank, side by side on one grey scale."""
    pictures = [("original", image)]
    pictures += [(f"rank {rank}", reconstruct(*compress(image, rank))) for rank in ranks]
    figure, axes = plt.subplots(1, len(pictures), figsize=(3 * len(pictures), 3), squeeze=False)
    for panel, (title, picture) in zip(axes[0], pictures, strict=True):
        panel.imshow(picture, cmap="gray", vmin=0, vmax=255)
        panel.set_title(title)
        panel.axis("off")
    return figure
