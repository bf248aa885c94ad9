"""Six reshapings that models live on: nothing is computed, everything changes its place."""

from typing import Any

from einops import rearrange
from numpy.typing import NDArray

Array = NDArray[Any]

# A pattern is read from the right: in (h p1), p1 runs fastest. So "(h p1)" cuts an axis into h pieces of p1 neighbours,
# while "(p1 h)" would take every h-th value. What does not divide, rearrange refuses.


def patches(images: Array, p: int) -> Array:
    """Return flat p x p patches, row by row, colour last: (b, c, h, w) -> (b, h / p * w / p, p * p * c)."""
    return rearrange(images, "b c (h p1) (w p2) -> b (h w) (p1 p2 c)", p1=p, p2=p)


def split_qkv(x: Array, n_heads: int) -> Array:
    """Return q, k and v split into heads, as a view of x: (b, t, 3 * n_heads * d) -> (3, b, n_heads, t, d)."""
    # To split an axis and to reorder axes changes strides only, so nothing is copied.
    return rearrange(x, "b t (qkv h d) -> qkv b h t d", qkv=3, h=n_heads)


def join_heads(heads: Array) -> Array:
    """Return the heads side by side, without a copy where that is possible: (b, h, t, d) -> (b, t, h * d)."""
    # To merge axes takes a copy, unless they lie behind one another in memory, as they do after split_qkv.
    return rearrange(heads, "b h t d -> b t (h d)")


def space_to_depth(x: Array, r: int) -> Array:
    """Return each r x r square of pixels as channels: (b, c, h, w) -> (b, c * r * r, h / r, w / r)."""
    return rearrange(x, "b c (h r1) (w r2) -> b (c r1 r2) h w", r1=r, r2=r)


def channel_shuffle(x: Array, groups: int) -> Array:
    """Return the first channel of each group, then the second of each, and so on: the shape of x, (b, c, h, w)."""
    return rearrange(x, "b (g c) h w -> b (c g) h w", g=groups)


def windows(x: Array, s: int) -> Array:
    """Return s x s windows, row by row, image after image: (b, h, w, c) -> (b * h / s * w / s, s, s, c)."""
    return rearrange(x, "b (h s1) (w s2) c -> (b h w) s1 s2 c", s1=s, s2=s)


# Without einops each is reshape, transpose, reshape, as in right/by_views.py: the same speed, but the meaning of the
# axes stands in comments only. The inverse of each pattern has its two sides swapped, given the sizes that it cannot
# infer: h and w of the image, say. In PyTorch, .view refuses where .reshape copies in silence.
