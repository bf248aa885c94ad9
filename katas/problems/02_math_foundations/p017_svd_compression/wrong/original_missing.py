"""The original, with which the ranks are to be compared, is not in the figure."""

import numpy as np
from matplotlib import pyplot as plt


def compress(image, rank):
    if image.ndim != 2:
        raise ValueError("image must be two-dimensional")
    if not 1 <= rank <= min(image.shape):
        raise ValueError("rank must lie between 1 and min(m, n)")
    u, s, vt = np.linalg.svd(image.astype(float), full_matrices=False)
    return u[:, :rank], s[:rank], vt[:rank]


def reconstruct(u, s, vt):
    return np.clip(np.rint(u @ np.diag(s) @ vt), 0, 255).astype(np.uint8)


def storage_ratio(shape, rank):
    m, n = shape
    return m * n / (rank * (m + n + 1))


def draw_ranks(image, ranks):
    figure, axes = plt.subplots(1, len(ranks), squeeze=False)
    pictures = [reconstruct(*compress(image, k)) for k in ranks]
    titles = [f"rank {k}" for k in ranks]
    for ax, picture, title in zip(axes[0], pictures, titles):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set_title(title)
    return figure
