"""Compress a grey picture by its singular value decomposition."""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from numpy.typing import NDArray

Factors = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def compress(image: NDArray[np.uint8], rank: int) -> Factors:
    """The three factors (u, s, vt) of the best approximation of `image` that has this rank.

    image: (m, n), left unchanged; rank: 1 to min(m, n).
    Returns u (m, rank) and vt (rank, n), orthonormal columns and rows, and s (rank,), largest first.
    Raises ValueError when the image is not two-dimensional or the rank out of range.
    """
    if image.ndim != 2:
        raise ValueError(f"image must be two-dimensional (grey), got shape {image.shape}")
    if not 1 <= rank <= min(image.shape):
        raise ValueError(f"rank must lie between 1 and {min(image.shape)} for this image, got {rank}")

    # r = min(m, n). full_matrices=False leaves out the columns of U that would meet no singular value:
    # for a tall picture they are nearly all of an (m, m) matrix.
    u, s, vt = np.linalg.svd(image.astype(np.float64), full_matrices=False)  # (m, r), (r,), (r, n)

    # NumPy returns the singular values largest first, and V already transposed: its *rows* go with s.
    return u[:, :rank], s[:rank], vt[:rank]


def reconstruct(u: NDArray[np.float64], s: NDArray[np.float64], vt: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The picture that the factors stand for: (m, n), rounded to the nearest and clipped to 0 to 255.

    u: (m, k); s: (k,); vt: (k, n); left unchanged.
    """
    # s stretches the columns of u by broadcasting; a diagonal matrix would only multiply by zeros.
    approximation = (u * s) @ vt  # (m, n)
    # Near sharp edges the approximation overshoots. A cast to uint8 cuts the fraction and wraps around
    # (256 would become 0), so round and clip while the numbers are still floats.
    return np.clip(np.rint(approximation), 0, 255).astype(np.uint8)


def storage_ratio(shape: tuple[int, int], rank: int) -> float:
    """How many times fewer numbers the factors of this rank hold than a picture of this shape has pixels."""
    m, n = shape
    return m * n / (rank * (m + 1 + n))  # u: m, s: 1, vt: n numbers for each unit of rank


def draw_ranks(image: NDArray[np.uint8], ranks: Sequence[int]) -> Figure:
    """The original and its approximation at each rank, in this order, on one grey scale.

    Titles: "original", then one that holds the rank.
    """
    # One decomposition serves all ranks: the best approximation of rank 5 is the beginning of that of rank 20.
    u, s, vt = compress(image, max(ranks))
    pictures = [image, *(reconstruct(u[:, :k], s[:k], vt[:k]) for k in ranks)]
    titles = ["original", *(f"rank {k}" for k in ranks)]

    figure, axes = plt.subplots(1, len(pictures), figsize=(3 * len(pictures), 3))
    for ax, picture, title in zip(axes, pictures, titles, strict=True):
        # Without vmin and vmax each panel is stretched to its own extremes, and comparing them tells nothing.
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set_title(title)
        ax.set_axis_off()
    return figure


# Pictures are stored otherwise: JPEG uses cosines that need not be stored, block by block, and spends its bits where
# the eye looks. Where the SVD itself is wanted for large matrices, scikit-learn's TruncatedSVD and randomized_svd
# compute only the first k factors, in a few passes over the data, and nearly the best ones.
