"""The task in few lines, without annotations; most mistakes of this kata are edits of it."""

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
    figure, axes = plt.subplots(1, len(ranks) + 1)
    pictures = [image] + [reconstruct(*compress(image, k)) for k in ranks]
    titles = ["original"] + [f"rank {k}" for k in ranks]
    for ax, picture, title in zip(axes, pictures, titles):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set_title(title)
    return figure
