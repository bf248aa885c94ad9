"""Hidden test of p017_svd_compression."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    keep_picture,
    learner,
    require,
    rng,
    unchanged,
)

mpl.use("Agg")  # no window, whatever the machine

work = learner("svd_compression")

Floats = NDArray[np.float64]


@cache
def photo() -> NDArray[np.uint8]:
    """A photograph that comes with scikit-learn, in grey, every fourth pixel: (107, 160)."""
    # The file alone: importing the package takes longer than all checks.
    path = distribution("scikit-learn").locate_file("sklearn/datasets/images/china.jpg")
    colours = plt.imread(str(path))[::4, ::4]
    return (colours @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)


def pictures() -> Iterator[NDArray[np.uint8]]:
    """Small ones first: wide, tall and square, one all of one grey; the last is the photograph."""
    for stream, shape in enumerate([(2, 3), (4, 3), (3, 3), (1, 7), (40, 17)]):
        yield rng(stream).integers(0, 256, shape, dtype=np.uint8)
    yield np.full((6, 4), 9, dtype=np.uint8)
    yield photo()


def factors(image: NDArray[np.uint8], rank: int) -> tuple[Floats, Floats, Floats]:
    """The learner's three factors, once their shapes are as promised."""
    got = work.compress(image, rank)
    assert_type(got, (tuple, list))
    assert_equal(len(got), 3, what="the number of factors")
    u, s, vt = (as_array(part, name) for part, name in zip(got, ("u", "s", "vt"), strict=True))
    assert_shape(u, (image.shape[0], rank), what="u")
    assert_shape(s, (rank,), what="s")
    assert_shape(vt, (rank, image.shape[1]), what="vt")
    for part, name in ((u, "u"), (s, "s"), (vt, "vt")):
        assert_dtype(part, np.float64, what=name)
    return u, s, vt


def best(image: NDArray[np.uint8], rank: int) -> Floats:
    """The best approximation of this rank, one term added after the other."""
    u, s, vt = np.linalg.svd(image.astype(float), full_matrices=False)
    total = np.zeros(image.shape)
    for i in range(rank):
        total += s[i] * np.outer(u[:, i], vt[i])
    return total


def ranks_of(image: NDArray[np.uint8]) -> list[int]:
    return sorted({1, min(2, *image.shape), min(image.shape) // 2 + 1, min(image.shape)})


def test_factors_are_orthonormal() -> None:
    """1. compress returns orthonormal u and vt, and the largest singular values in s, largest first."""
    for image in pictures():
        values = np.linalg.svd(image.astype(float), compute_uv=False)
        for rank in ranks_of(image):
            u, s, vt = factors(image.copy(), rank)
            assert_close(s, values[:rank], rtol=1e-6, atol=1e-6, what="s")
            assert_close(u.T @ u, np.eye(rank), atol=1e-6, what="uᵀu")
            assert_close(vt @ vt.T, np.eye(rank), atol=1e-6, what="vt · vtᵀ")


def test_approximation_is_the_best_of_its_rank() -> None:
    """2. u · diag(s) · vt misses the image by exactly as much as the best matrix of that rank."""
    for image in pictures():
        values = np.linalg.svd(image.astype(float), compute_uv=False)
        for rank in ranks_of(image):
            optimum = np.sqrt((values[rank:] ** 2).sum())
            u, s, vt = factors(image.copy(), rank)
            missed = np.linalg.norm(image - (u * s) @ vt)
            assert_close(missed, optimum, rtol=1e-6, atol=1e-6, what="the root of the summed squared differences")


def test_values_are_rounded_and_clipped() -> None:
    """4. reconstruct rounds to the nearest whole number, clips to 0 to 255, and returns uint8."""
    u, s = np.array([[1.0], [0.5]]), np.array([2.0])
    vt = np.array([[-30.0, -0.2, 0.3, 63.4, 126.9, 127.4, 128.0, 400.0]])
    expected = [[0, 0, 1, 127, 254, 255, 255, 255], [0, 0, 0, 63, 127, 127, 128, 255]]
    got = as_array(work.reconstruct(u.copy(), s.copy(), vt.copy()))
    assert_close(got.astype(np.float64) if got.dtype.kind in "biuf" else got, expected)
    assert_dtype(got, np.uint8)


def test_full_rank_gives_the_picture_back() -> None:
    """4. reconstruct returns the product of any number of factors: with all singular values, every pixel as it was."""
    for image in pictures():
        for rank in {min(2, *image.shape), min(image.shape)}:
            u, s, vt = np.linalg.svd(image.astype(float), full_matrices=False)
            parts = u[:, :rank].copy(), s[:rank].copy(), vt[:rank].copy()
            expected = np.clip(np.rint(best(image, rank)), 0, 255)
            got = as_array(work.reconstruct(*parts))
            assert_shape(got, image.shape)
            assert_dtype(got, np.uint8)
            # A value that lies on a half may fall to either side by rounding of the last digit: one level, rarely.
            assert_close(got.astype(float), expected, atol=1.0)
            n_off = int((got != expected).sum())
            require(
                n_off <= image.size // 500,
                f"reconstruct is off by one level in {n_off} of {image.size} pixels; round before the cast",
            )


def test_storage_is_counted() -> None:
    """5. storage_ratio is the number of pixels over the number of values in u, s and vt together."""
    for (m, n), rank in (((2, 3), 1), ((6, 4), 2), ((4, 6), 3), ((100, 100), 60), ((427, 640), 20), ((1, 7), 1)):
        kept = np.zeros((m, rank)).size + np.zeros(rank).size + np.zeros((rank, n)).size
        assert_equal(work.storage_ratio((m, n), rank), m * n / kept)


def panels(figure: Any) -> list[tuple[str, NDArray[np.uint8]]]:
    """Title and colours, (m, n, 4) from 0 to 255, of each picture in the figure."""
    found = []
    for ax in figure.axes:
        title = " ".join(ax.get_title(loc) for loc in ("left", "center", "right"))
        found += [(title, np.asarray(image.to_rgba(image.get_array(), bytes=True))) for image in ax.get_images()]
    return found


def drawn(image: NDArray[np.uint8], ranks: list[int], keep_as: str = "") -> list[tuple[str, NDArray[np.uint8]]]:
    """The panels of the learner's figure, once there is one for the original and for each rank."""
    try:
        figure = as_figure(work.draw_ranks(image.copy(), ranks))
        if keep_as:
            keep_picture(figure, keep_as)
        found = panels(figure)
    finally:
        plt.close("all")
    assert_equal(len(found), len(ranks) + 1, what="the number of pictures in the figure")
    return found


def test_picture_of_the_ranks() -> None:
    """6, 7. draw_ranks shows the original, then each rank in the order given; titles say which is which."""
    drawn(np.array([[1, 2, 3], [4, 5, 7]], dtype=np.uint8), [1, 1])  # one panel for each entry, also for equal ones
    image, ranks = photo(), [20, 1, 5, 12]
    expected = [image, *(np.clip(np.rint(best(image, rank)), 0, 255) for rank in ranks)]
    found = drawn(image, ranks, keep_as="ranks")
    require("original" in found[0][0].lower(), 'the first title lacks the word "original"', got=found[0][0])
    for (title, _), rank in zip(found[1:], ranks, strict=True):
        require(
            re.search(rf"(?<![\d.]){rank}(?![\d.]*\d)", title) is not None,
            f"the title of the picture of rank {rank} does not hold its rank",
            got=title,
        )
    for index, ((title, colours), wanted) in enumerate(zip(found, expected, strict=True)):
        assert_shape(colours, (*image.shape, 4), what=f"panel {index} ({title.strip()})")
        # Whatever the grey map: pixels that should be alike are shown alike, and brighter ones brighter.
        shown, level = colours[..., :3].mean(axis=-1).ravel(), wanted.astype(int).ravel()
        typical = np.bincount(level, shown) / np.maximum(np.bincount(level), 1)
        alike = np.abs(shown - typical[level]).mean() < 0.5
        require(
            bool(alike and np.corrcoef(shown, level)[0, 1] > 0.9),
            f"panel {index} ({title.strip()}) does not show the picture that belongs there",
        )


def test_panels_share_one_grey_scale() -> None:
    """8. All panels are grey on one scale: 0 is black and 255 white, even in a faint picture."""
    faint = rng(20).integers(100, 141, (12, 9), dtype=np.uint8)
    for image, ranks in ((faint[:, :5], [3]), (faint, [1, 9])):
        expected = [image, *(np.clip(np.rint(best(image, rank)), 0, 255) for rank in ranks)]
        for (title, colours), wanted in zip(drawn(image, ranks), expected, strict=True):
            assert_shape(colours, (*image.shape, 4), what="the picture")
            require(
                bool(np.ptp(colours[..., :3].astype(int), axis=-1).max() <= 3),
                f"the panel {title.strip()!r} is painted in colours; it should be grey",
            )
            # Not all grey maps climb evenly; a panel stretched to its own extremes is much further off.
            brightness = colours[..., 0].astype(float)
            assert_close(brightness, wanted, atol=40.0, what=f"the brightness of the panel {title.strip()!r}")


edges()


def test_thin_pictures_need_little_memory() -> None:
    """3. Compressing 3000 × 20 or 20 × 3000 pixels takes memory for the picture, not for a 3000 × 3000 matrix."""
    tall = rng(10).integers(0, 256, (3000, 20), dtype=np.uint8)
    for image in (tall, np.ascontiguousarray(tall.T)):
        got = assert_memory(lambda image=image: factors(image, 5), limit_mb=20)
        assert_equal(len(got), 3, what="the number of factors")


def test_image_and_rank_are_checked() -> None:
    """10. compress raises ValueError for a rank outside 1 to min(m, n), and an image that is not two-dimensional."""
    image = np.array([[1, 2, 3], [4, 5, 7]], dtype=np.uint8)
    for grey, rank in ((image, 0), (image, 3), (image.T.copy(), 3), (image, -1)):
        assert_raises(ValueError, work.compress, grey, rank)
    for bad in (np.zeros(5, dtype=np.uint8), np.zeros((4, 4, 3), dtype=np.uint8)):
        assert_raises(ValueError, work.compress, bad, 1)


def test_inputs_stay_as_they_were() -> None:
    """9. No function changes its image or factors, also where the image is a view of another."""
    base = rng(30).integers(0, 256, (8, 12), dtype=np.uint8)
    for image in (base[:4, ::3], base.T):
        u, s, vt = np.linalg.svd(image.astype(float), full_matrices=False)
        with unchanged(u=u, s=s, vt=vt):
            work.reconstruct(u, s, vt)
        with unchanged(image=image, base=base):
            factors(image, 2)
    with unchanged(image=base):
        drawn(base, [2])
