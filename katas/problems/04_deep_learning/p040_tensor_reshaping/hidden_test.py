"""Hidden test of p040_tensor_reshaping."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from einops import EinopsError
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    edges,
    learner,
    require,
    rng,
    unchanged,
)
from kata_runner.checking.images import keep_images, photograph

work = learner("reshaping")
Array = NDArray[Any]
_GAP = 2  # white pixels between the tiles of a picture


def plain_patches(images: Array, p: int) -> Array:
    """One value after the other, as are all functions below."""
    b, c, h, w = images.shape
    out = np.zeros((b, (h // p) * (w // p), p * p * c), dtype=images.dtype)
    for n, a, y, x in np.ndindex(b, c, h, w):
        out[n, y // p * (w // p) + x // p, (y % p * p + x % p) * c + a] = images[n, a, y, x]
    return out


def plain_split_qkv(x: Array, n_heads: int) -> Array:
    b, t, width = x.shape
    d = width // (3 * n_heads)
    out = np.zeros((3, b, n_heads, t, d), dtype=x.dtype)
    for n, i, k in np.ndindex(b, t, width):
        out[k // (n_heads * d), n, k // d % n_heads, i, k % d] = x[n, i, k]
    return out


def plain_join_heads(heads: Array) -> Array:
    b, h, t, d = heads.shape
    out = np.zeros((b, t, h * d), dtype=heads.dtype)
    for n, head, i, k in np.ndindex(b, h, t, d):
        out[n, i, head * d + k] = heads[n, head, i, k]
    return out


def plain_space_to_depth(x: Array, r: int) -> Array:
    b, c, h, w = x.shape
    out = np.zeros((b, c * r * r, h // r, w // r), dtype=x.dtype)
    for n, a, i, j in np.ndindex(b, c, h, w):
        out[n, a * r * r + i % r * r + j % r, i // r, j // r] = x[n, a, i, j]
    return out


def plain_channel_shuffle(x: Array, groups: int) -> Array:
    out, size = np.zeros_like(x), x.shape[1] // groups
    for a in range(x.shape[1]):
        out[:, a % size * groups + a // size] = x[:, a]
    return out


def plain_windows(x: Array, s: int) -> Array:
    b, h, w, c = x.shape
    tiles = [x[n, i : i + s, j : j + s] for n in range(b) for i in range(0, h, s) for j in range(0, w, s)]
    return np.array(tiles).reshape(len(tiles), s, s, c)


# Name -> the plain function, and cases (shape, second argument) from the smallest on, none of them symmetric.
PLAIN: dict[str, Callable[..., Array]] = {
    "patches": plain_patches,
    "split_qkv": plain_split_qkv,
    "join_heads": plain_join_heads,
    "space_to_depth": plain_space_to_depth,
    "channel_shuffle": plain_channel_shuffle,
    "windows": plain_windows,
}
CASES: dict[str, list[tuple[tuple[int, ...], tuple[int, ...]]]] = {
    "patches": [
        ((1, 1, 2, 4), (2,)),
        ((1, 1, 4, 2), (2,)),
        ((1, 2, 2, 2), (2,)),
        ((1, 1, 4, 4), (2,)),
        ((2, 3, 4, 6), (2,)),
        ((3, 2, 9, 6), (3,)),
        ((2, 4, 2, 3), (1,)),
    ],
    "split_qkv": [
        ((1, 1, 6), (1,)),
        ((1, 1, 6), (2,)),
        ((1, 2, 6), (2,)),
        ((2, 3, 24), (2,)),
        ((3, 4, 30), (5,)),
        ((2, 5, 9), (3,)),
    ],
    "join_heads": [
        ((1, 2, 1, 2), ()),
        ((1, 2, 2, 1), ()),
        ((2, 3, 4, 5), ()),
        ((3, 1, 2, 4), ()),
        ((2, 2, 2, 2), ()),
        ((3, 4, 1, 2), ()),
    ],
    "space_to_depth": [
        ((1, 1, 2, 4), (2,)),
        ((1, 1, 4, 2), (2,)),
        ((1, 2, 2, 2), (2,)),
        ((1, 1, 4, 4), (2,)),
        ((2, 3, 4, 6), (2,)),
        ((3, 2, 9, 6), (3,)),
        ((2, 4, 2, 3), (1,)),
    ],
    "channel_shuffle": [
        ((1, 4, 1, 1), (2,)),
        ((1, 6, 1, 1), (2,)),
        ((1, 6, 1, 1), (3,)),
        ((2, 6, 3, 4), (2,)),
        ((2, 12, 2, 1), (4,)),
        ((3, 4, 1, 2), (1,)),
        ((3, 4, 1, 2), (4,)),
    ],
    "windows": [
        ((1, 2, 4, 1), (2,)),
        ((1, 4, 2, 1), (2,)),
        ((2, 2, 2, 1), (2,)),
        ((1, 4, 4, 1), (2,)),
        ((2, 4, 6, 3), (2,)),
        ((3, 9, 6, 2), (3,)),
        ((2, 2, 3, 4), (1,)),
    ],
}


def moved(name: str) -> None:
    """Every value of every case has to arrive at its place: numbers in order first, which show where they come from."""
    for stream, (shape, options) in enumerate(CASES[name]):
        in_order = np.arange(np.prod(shape)).reshape(shape)
        for x in (in_order, rng(stream).permutation(in_order.ravel()).reshape(shape)):
            expected = PLAIN[name](x, *options)
            got = getattr(work, name)(x.copy(), *options)
            assert_close(got, expected, rtol=0, atol=0)


# --- pictures of what goes where: before on the left, after on the right ------------------------------------------


def photo() -> NDArray[np.uint8]:
    """A small photograph, (120, 160, 3)."""
    image = photograph()
    step = len(image) // 120
    return image[::step, ::step][:120, :160]


def sheet(tiles: Array, columns: int) -> Array:
    """(n, h, w, 3) -> one image of the tiles, row by row, with white between them."""
    padded = np.pad(tiles, ((0, 0), (0, _GAP), (0, _GAP), (0, 0)), constant_values=255)
    n, h, w, _ = padded.shape
    return padded.reshape(n // columns, columns, h, w, 3).swapaxes(1, 2).reshape(n // columns * h, columns * w, 3)


def draw_patches() -> None:
    got = as_array(work.patches(photo().transpose(2, 0, 1)[None].copy(), 40))
    keep_images(photo(), sheet(got.reshape(12, 40, 40, 3), 4), name="patches")


def draw_split_qkv() -> None:
    """The batch holds red, green and blue: q is red, k green, v blue, and later heads are darker."""
    shade = np.linspace(255, 90, 4)[:, None] * np.linspace(1, 0.6, 6)  # (h, d)
    colours = np.eye(3)[:, :, None, None] * shade + 40 * (1 - np.eye(3)[:, :, None, None])  # (colour, qkv, h, d)
    x = np.repeat(colours.reshape(3, 1, -1), 8, axis=1) * np.linspace(1, 0.7, 8)[:, None]  # (colour, t, 3 * h * d)
    got = as_array(work.split_qkv(x.astype(np.uint8), 4))
    keep_images(
        x.astype(np.uint8).transpose(1, 2, 0), sheet(got.transpose(0, 2, 3, 4, 1).reshape(12, 8, 6, 3), 4), name="heads"
    )


def draw_space_to_depth() -> None:
    """The four pixels of a square are bright, less bright, darker and dark; each of them makes a whole photograph."""
    image = photo() * np.tile([[1.0, 0.75], [0.5, 0.25]], (60, 80))[:, :, None]
    image = image.astype(np.uint8)
    got = as_array(work.space_to_depth(image.transpose(2, 0, 1)[None].copy(), 2)).reshape(12, 60, 80)
    keep_images(image, sheet(np.stack([got] * 3, axis=-1), 4), name="space_to_depth")


def draw_channel_shuffle() -> None:
    """The batch holds red, green and blue: two groups of three channels, a photograph and its negative."""
    small = photo()[::2, ::2]
    colours = np.eye(3, dtype=np.uint8)[:, :, None, None]  # (colour, channel, 1, 1)
    x = np.concatenate([colours * part.transpose(2, 0, 1) for part in (small, 255 - small)], axis=1)
    got = as_array(work.channel_shuffle(x.copy(), 2))
    before, after = (sheet(array.transpose(1, 2, 3, 0), 1) for array in (x, got))
    keep_images(before, after, name="channel_shuffle")


def draw_windows() -> None:
    both = np.stack([photo(), 255 - photo()])
    got = as_array(work.windows(both.copy(), 40))
    keep_images(np.concatenate(both), sheet(got, 4), name="windows")


def drawn(draw: Callable[[], None]) -> None:
    with suppress(Exception):  # what goes wrong is told by the small cases that follow
        draw()


# ------------------------------------------------------------------------------------------------------------------


def test_patches() -> None:
    """1. Patches come row by row; in each, values come by row, then column, then colour."""
    drawn(draw_patches)
    moved("patches")


def test_split_qkv() -> None:
    """2. The columns of x are q, k, v, each of them head after head."""
    drawn(draw_split_qkv)
    moved("split_qkv")


def test_join_heads() -> None:
    """3. The columns of a token are those of head 0, then of head 1, and so on."""
    moved("join_heads")


def test_space_to_depth() -> None:
    """4. Channel a of x becomes channels a·r² to a·r² + r² - 1, one for each place in a square, row by row."""
    drawn(draw_space_to_depth)
    moved("space_to_depth")


def test_channel_shuffle() -> None:
    """5. The result has the first channel of each group, then the second of each, and so on."""
    drawn(draw_channel_shuffle)
    moved("channel_shuffle")


def test_windows() -> None:
    """6. Windows come image after image, row by row."""
    drawn(draw_windows)
    moved("windows")


edges()


def test_no_copy_where_a_view_serves() -> None:
    """7. split_qkv returns a view of x, also where x is a view itself, and join_heads takes it back without a copy."""
    base = np.arange(480).reshape(4, 5, 24)
    for x in (base, base[::2, 1:], base[:, ::-1, 12:], np.asfortranarray(base)):
        got = as_array(work.split_qkv(x[:], 2))
        require(np.shares_memory(got, x), "split_qkv copied x; to split and reorder axes takes no copy")
    for i in range(3):
        heads = plain_view(base, 2)[i]
        got = as_array(work.join_heads(heads[:]))
        require(np.shares_memory(got, heads), "join_heads copied heads that lie side by side in memory already")


def plain_view(x: Array, n_heads: int) -> Array:
    """What split_qkv should return, made from strides."""
    b, t, width = x.shape
    d = width // (3 * n_heads)
    batch, token, step = x.strides
    strides = (n_heads * d * step, batch, d * step, token, step)
    return np.lib.stride_tricks.as_strided(x, (3, b, n_heads, t, d), strides)


def test_values_and_dtypes_stay() -> None:
    """8. Values keep their dtype; x is left as it was, and may be a view of another array, in any order in memory."""
    for name, (shape, options) in [(name, case) for name, cases in CASES.items() for case in cases]:
        large = rng(80).integers(0, 256, tuple(2 * n for n in shape))
        step = tuple(slice(n, None) if i % 2 else slice(None, None, -2) for i, n in enumerate(shape))
        for dtype in (np.uint8, np.float32, np.bool_):
            base = large.astype(dtype)
            for x in (base[step].copy(), base[step], np.asfortranarray(base[step])):
                expected = PLAIN[name](x, *options)
                with unchanged(x=x, base=base):
                    got = as_array(getattr(work, name)(x, *options), name)
                assert_close(got, expected, rtol=0, atol=0)
                assert_dtype(got, dtype, what=name)


def test_sizes_that_do_not_divide_are_refused() -> None:
    """9. Sizes that do not divide raise ValueError or einops's EinopsError."""
    for name, shape, options in (
        ("patches", (1, 1, 3, 4), 2),
        ("patches", (1, 1, 4, 3), 2),
        ("patches", (2, 4, 2, 6), 4),
        ("split_qkv", (1, 2, 8), 1),
        ("split_qkv", (1, 2, 9), 2),
        ("split_qkv", (2, 2, 8), 4),
        ("space_to_depth", (1, 1, 3, 4), 2),
        ("space_to_depth", (1, 1, 4, 3), 2),
        ("channel_shuffle", (1, 5, 2, 2), 2),
        ("channel_shuffle", (1, 6, 2, 2), 4),
        ("windows", (1, 3, 4, 1), 2),
        ("windows", (1, 4, 3, 1), 2),
    ):
        assert_raises((ValueError, EinopsError), getattr(work, name), np.zeros(shape), options)
