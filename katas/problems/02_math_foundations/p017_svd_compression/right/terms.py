"""Adds up rank-1 pictures; one grid of axes with a spare one."""
import matplotlib.pyplot as plt
import numpy as np


def compress(image, rank):
    if np.ndim(image) != 2:
        raise ValueError(f"image: 2-D expected, got {np.ndim(image)}-D")
    m, n = image.shape
    if rank < 1 or rank > min(m, n):
        raise ValueError(f"rank {rank} not in 1..{min(m, n)}")
    if m < n:
        v, s, ut = np.linalg.svd(np.array(image.T, dtype=float), full_matrices=False)
        return ut[:rank].T, s[:rank], v[:, :rank].T
    u, s, vt = np.linalg.svd(np.array(image, dtype=float), full_matrices=False)
    return -u[:, :rank], s[:rank], -vt[:rank]


def reconstruct(u, s, vt):
    total = np.zeros((u.shape[0], vt.shape[1]))
    for k in range(len(s)):
        total += s[k] * np.outer(u[:, k], vt[k])
    total[total < 0] = 0
    total[total > 255] = 255
    return np.floor(total + 0.5).astype("uint8")


def storage_ratio(shape, rank):
    stored = rank * shape[0] + rank + rank * shape[1]
    return float(shape[0] * shape[1]) / stored


def draw_ranks(image, ranks):
    fig = plt.figure(figsize=(8, 8))
    columns = 2
    rows = (len(ranks) + 2) // columns
    ax = fig.add_subplot(rows, columns, 1)
    ax.imshow(image, cmap="Greys_r", vmin=0, vmax=255)
    ax.set_title(f"Original, {image.shape[0]}x{image.shape[1]}")
    for i, k in enumerate(ranks):
        ax = fig.add_subplot(rows, columns, i + 2)
        shown = reconstruct(*compress(image, k))
        ax.imshow(np.stack([shown] * 3, axis=-1))
        ax.set_title(f"k={k}\nratio {storage_ratio(image.shape, k):.2f}")
    return fig
