"""The products are computed in uint8, where they wrap around at 256."""

import numpy as np
from matplotlib import pyplot as plt


def compress(image, rank):
    if image.ndim != 2:
        raise ValueError("image must be two-dimensional")
    if not 1 <= rank <= min(image.shape):
        raise ValueError("rank must lie between 1 and min(m, n)")
    if image.shape[0] < image.shape[1]:
        u, s, vt = compress(image.T, rank)
        return vt.T, s, u.T
    values, vectors = np.linalg.eigh((image.T @ image).astype(float))
    order = np.argsort(values)[::-1]
    s = np.sqrt(np.maximum(values[order], 1e-9))
    vt = vectors[:, order].T
    u = image @ vt.T / s
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
