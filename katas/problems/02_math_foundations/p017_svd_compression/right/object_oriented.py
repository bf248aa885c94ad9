"""With einsum, and a figure of its own without pyplot."""
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure


def compress(image, rank):
    if len(image.shape) != 2:
        raise ValueError("The image must be a matrix")
    if rank not in range(1, min(image.shape) + 1):
        raise ValueError("The rank is out of range")
    u, s, vt = np.linalg.svd(image, full_matrices=False)
    return np.delete(u, np.s_[rank:], axis=1), s[:rank], np.delete(vt, np.s_[rank:], axis=0)


def reconstruct(u, s, vt):
    return np.einsum("ik,k,kj->ij", u, s, vt).round().clip(0, 255).astype(np.uint8)


def storage_ratio(shape, rank):
    m, n = shape
    return (m * n) / (m * rank + rank + rank * n)


def draw_ranks(image, ranks):
    figure = Figure(figsize=(10, 3))
    norm = Normalize(0, 255)
    axes = figure.subplots(1, 1 + len(ranks), squeeze=False).ravel()
    shown = axes[0].imshow(image, cmap="grey", norm=norm)
    axes[0].set_title("The original")
    for ax, rank in zip(axes[1:], ranks):
        u, s, vt = compress(image, rank)
        ax.imshow((u * s) @ vt, cmap="grey", norm=norm)  # neither rounded nor clipped: the eye cannot tell
        ax.set_title(str(rank))
    figure.colorbar(shown, ax=list(axes))
    return figure
