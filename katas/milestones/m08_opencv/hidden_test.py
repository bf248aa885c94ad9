"""Hidden test of m08_opencv."""

from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    fail,
    learner,
    part,
    require,
    rng,
    temporary_folder,
    unchanged,
)
from kata_runner.checking.images import keep_images

work = learner("face_hunter")
cv2.setNumThreads(1)  # steadier on a busy machine
Array = NDArray[Any]
FACE = (177, 66, 95, 95)  # of the astronaut


@cache
def _astronaut() -> Array:
    from skimage.data import astronaut

    return np.ascontiguousarray(astronaut()[:, :, ::-1])


def photograph() -> Array:
    """Scikit-image's astronaut, blue first."""
    return _astronaut().copy()


def noise(stream: int, *shape: int) -> Array:
    return rng(stream).integers(0, 256, shape).astype(np.uint8)


def scene() -> Array:
    """A bright disc and a faint square on grey, with some noise."""
    image = np.full((60, 90, 3), 90)
    rows, columns = np.mgrid[:60, :90]
    image[(rows - 30) ** 2 + (columns - 25) ** 2 < 200] = (200, 220, 240)
    image[20:45, 55:80] += 25
    return np.clip(image + rng(1).normal(0, 6, image.shape), 0, 255).astype(np.uint8)


def save(folder: Path, name: str, image: Array) -> Path:
    path = folder / name
    require(cv2.imwrite(str(path), image), "the check could not write its own picture")
    return path


def picture(got: Any, shape: tuple[int, ...], what: str) -> Array:
    array = as_array(got, what)
    assert_shape(array, shape, what=what)
    assert_dtype(array, np.uint8, what=what)
    return array


@part("Picture")
def test_a_file_is_read() -> None:
    """1. load returns the picture in a file, str or Path, as (h, w, 3), blue first; grey files too."""
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[10, 20, 30], [0, 0, 0], [9, 8, 7]]], dtype=np.uint8)
    with temporary_folder() as folder:
        for image in (colours, noise(2, 5, 7, 3)):
            path = save(folder, "image.png", image)
            for given in (path, str(path)):
                assert_close(picture(work.load(given), image.shape, "load"), image, rtol=0, atol=0, what="load")
        level = noise(3, 4, 6)
        got = picture(work.load(save(folder, "grey.png", level)), (4, 6, 3), "load")
        assert_close(got, np.dstack([level] * 3), rtol=0, atol=0, what="load")
        clear = noise(11, 4, 6, 4)
        clear[:, :, 3] = 255
        got = picture(work.load(save(folder, "alpha.png", clear)), (4, 6, 3), "load of a picture with an alpha channel")
        assert_close(got, clear[:, :, :3], rtol=0, atol=0, what="load of a picture with an alpha channel")


@part("Picture")
def test_a_file_that_is_no_picture() -> None:
    """2. load raises FileNotFoundError for a missing file, ValueError for a file that is no picture, naming it."""
    with temporary_folder() as folder:
        for name in ("missing.png", "nowhere/missing.jpg"):
            assert_raises(FileNotFoundError, work.load, folder / name, mentions="missing")
        path = folder / "notes.png"
        path.write_text("no picture", encoding="utf-8")
        assert_raises(ValueError, work.load, path, mentions="notes.png")


@part("Picture")
def test_grey() -> None:
    """3. grey returns 0.299 red + 0.587 green + 0.114 blue, rounded, as uint8; a grey picture comes back as a copy."""
    pure = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], dtype=np.uint8)
    for image in (pure, noise(4, 6, 9, 3), photograph()[:20, :30]):
        expected = image.astype(float) @ [0.114, 0.587, 0.299]
        with unchanged(image=image):
            got = work.grey(image)
        assert_close(picture(got, image.shape[:2], "grey").astype(float), expected, rtol=0, atol=1.01, what="grey")
    level = noise(5, 4, 5)
    got = picture(work.grey(level), (4, 5), "grey")
    assert_close(got, level, rtol=0, atol=0, what="grey")
    require(not np.shares_memory(got, level), "grey returned the grey picture itself, not a copy")


def plain_blur(image: Array, size: int) -> Array:
    """By the weights that OpenCV takes for sizes 3 and 5, reflected at the border."""
    weights = np.array({1: [1.0], 3: [1.0, 2.0, 1.0], 5: [1.0, 4.0, 6.0, 4.0, 1.0]}[size])
    weights /= weights.sum()
    reach = size // 2
    border = [(reach, reach), (reach, reach)] + [(0, 0)] * (image.ndim - 2)
    padded = np.pad(image.astype(float), border, mode="reflect")
    out = np.zeros(image.shape)
    for i, j in np.ndindex(size, size):
        out += weights[i] * weights[j] * padded[i : i + image.shape[0], j : j + image.shape[1]]
    return out


@part("Picture")
def test_blur() -> None:
    """4. blur returns the picture blurred by a Gaussian of size x size, sigma chosen by OpenCV; colour and grey."""
    point = np.zeros((5, 7), dtype=np.uint8)
    point[2, 3] = 160
    for image in (point, noise(6, 8, 11), noise(7, 9, 8, 3)):
        for size in (1, 3, 5):
            expected = plain_blur(image, size)
            with unchanged(image=image):
                got = work.blur(image, size)
            assert_close(picture(got, image.shape, "blur").astype(float), expected, rtol=0, atol=1.01, what="blur")


@part("Picture")
def test_even_sizes_are_refused() -> None:
    """4. A size that is even or below 1 raises ValueError, in edges too."""
    for size in (0, 2, 4, -1):
        assert_raises(ValueError, work.blur, noise(8, 5, 6), size)
        assert_raises(ValueError, work.edges, noise(8, 5, 6, 3), 50, 100, size)


def plain_edges(image: Array, low: float, high: float, size: int) -> Array:
    level = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.Canny(cv2.GaussianBlur(level, (size, size), 0), low, high))


@part("Picture")
def test_edges() -> None:
    """5. edges returns Canny's edges of your grey, blurred picture: 255 at edges, 0 elsewhere; size is 5 by default."""
    image = scene()
    for given in (image, np.ascontiguousarray(image[:, :, 1]), photograph()[40:200, 120:320]):
        for low, high, size in ((40, 120, 5), (20, 60, 5), (60, 60, 3), (30, 90, 1), (50, 150, 7)):
            expected = plain_edges(given, low, high, size)
            options = {} if size == 5 else {"size": size}
            with unchanged(image=given):
                got = work.edges(given, low, high, **options)
            assert_close(picture(got, expected.shape, "edges"), expected, rtol=0, atol=0, what="edges")


@part("Picture")
def test_thresholds_in_the_wrong_order() -> None:
    """5. A low threshold above the high one raises ValueError; equal ones do not."""
    assert_raises(ValueError, work.edges, scene(), 100, 50)
    picture(work.edges(scene(), 50, 50), (60, 90), "edges")


@part("Marks")
def test_edges_are_marked() -> None:
    """6. mark_edges returns a copy in which the pixels of your edges have the colour, and all others are as before."""
    image = scene()
    cases: list[tuple[tuple[float, float], dict[str, Any]]] = [((40, 120), {}), ((30, 90), {"size": 3})]
    cases += [((40, 120), {"colour": (255, 0, 200)})]
    for (low, high), options in cases:
        expected = image.copy()
        expected[plain_edges(image, low, high, options.get("size", 5)) > 0] = options.get("colour", (0, 255, 0))
        with unchanged(image=image):
            got = work.mark_edges(image, low, high, **options)
        assert_close(picture(got, image.shape, "mark_edges"), expected, rtol=0, atol=0, what="mark_edges")
    keep_images(image[:, :, ::-1], got[:, :, ::-1], name="edges")


@part("Marks")
def test_boxes() -> None:
    """7. draw_box returns a copy with the outline of the box (x, y, w, h), one pixel thick; the last is x + w - 1."""
    image = noise(9, 30, 40, 3)
    for box, options in (((3, 5, 20, 9), {}), ((0, 0, 40, 30), {}), ((7, 2, 4, 25), {"colour": (1, 2, 250)})):
        x, y, w, h = box
        expected = image.copy()
        expected[y : y + h, x : x + w] = options.get("colour", (0, 255, 0))
        expected[y + 1 : y + h - 1, x + 1 : x + w - 1] = image[y + 1 : y + h - 1, x + 1 : x + w - 1]
        with unchanged(image=image):
            got = work.draw_box(image, box, **options)
        assert_close(picture(got, image.shape, "draw_box"), expected, rtol=0, atol=0, what="draw_box")


@part("Marks")
def test_circles() -> None:
    """8. draw_circle returns a copy with a filled circle around (x, y)."""
    image = noise(10, 40, 60, 3)
    rows, columns = np.mgrid[:40, :60]
    for centre, radius, options in (((20, 12), 8, {}), ((45, 30), 5, {"colour": (250, 3, 7)}), ((2, 3), 10, {})):
        distance = np.hypot(columns - centre[0], rows - centre[1])
        with unchanged(image=image):
            got = picture(work.draw_circle(image, centre, radius, **options), image.shape, "draw_circle")
        colour = options.get("colour", (0, 255, 0))
        inside = (got[distance < radius - 1] == colour).all()
        require(bool(inside), "pixels inside the circle do not have the colour", got=got)
        kept = (got[distance > radius + 1] == image[distance > radius + 1]).all()
        require(bool(kept), "pixels outside the circle have changed", got=got)


def ink(image: Array, text: str, at: tuple[int, int], **options: Any) -> tuple[Array, Array, Array]:
    """Rows and columns of the pixels that draw_text changes, and the picture."""
    with unchanged(image=image):
        got = picture(work.draw_text(image, text, at, **options), image.shape, "draw_text")
    rows, columns = np.nonzero((got != image).any(axis=2))
    require(len(rows) > 0, "draw_text has drawn nothing", got=got)
    return rows, columns, got


@part("Marks")
def test_text() -> None:
    """9. draw_text returns a copy with the text in the colour, its lower left corner at (x, y)."""
    image = np.full((80, 200, 3), 60, dtype=np.uint8)
    for text, (x, y), options in (("HERE", (20, 50), {}), ("ME", (90, 40), {"colour": (0, 0, 255)})):
        rows, columns, got = ink(image, text, (x, y), **options)
        found = (int(columns.min()), int(rows.max()))
        near = abs(found[0] - x) <= 6 and abs(found[1] - y) <= 4
        require(near, "the lower left corner of the text is elsewhere", got=found, expected=(x, y))
        require(rows.max() - rows.min() >= 5, "the letters are less than 6 pixels high")
        colour = options.get("colour", (0, 255, 0))
        share = (got[rows, columns] == colour).all(axis=1).mean()
        require(bool(share > 0.5), f"the text is not drawn in the colour {colour}", got=got[rows[0], columns[0]])
    first, second = ink(image, "ONE", (20, 50))[2], ink(image, "TWO", (20, 50))[2]
    require(not np.array_equal(first, second), "two different texts look alike")


@part("Marks")
def test_text_stays_in_the_picture() -> None:
    """9. Text that would leave the picture is moved, just as far as needed to be seen whole, tails of letters too."""
    image, text = np.zeros((60, 120, 3), dtype=np.uint8), "gypsy"
    rows, columns, _ = ink(image, text, (20, 40))
    size = np.array([np.ptp(rows), np.ptp(columns), len(rows)])
    for at in ((20, 2), (20, -30), (20, 59), (20, 200), (115, 40), (-40, 40), (500, 0), (-5, 90)):
        rows, columns, _ = ink(image, text, at)
        found = np.array([np.ptp(rows), np.ptp(columns), len(rows)])
        whole = Shown("the text seen whole")
        require(bool((found == size).all()), "a part of the text is cut off", got=Shown(f"at {at}"), expected=whole)
        if at[0] == 20:
            moved = Shown("a text moved up or down only")
            require(abs(int(columns.min()) - 20) <= 6, "the text was moved sideways for no reason", expected=moved)
        if at[1] == 2:
            require(int(rows.min()) <= 6, "the text was moved further down than needed", got=int(rows.min()))
        if at[0] > 110:
            right = int(columns.max())
            require(
                right >= 112, "the text was moved further to the left than needed", got=right, expected=Shown("119")
            )


def boxes_of(got: Any, what: str) -> list[tuple[int, ...]]:
    assert_type(got, list, what=what)
    for box in got:
        assert_type(box, tuple, what=f"a box of {what}")
        require(len(box) == 4 and all(type(v) is int for v in box), f"a box of {what} must be four ints", got=box)
    return got


def overlap(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def assert_face(boxes: list[tuple[int, ...]], expected: tuple[int, ...]) -> None:
    require(len(boxes) > 0, "no face was found", got=boxes, expected=Shown(f"a box near {expected}"))
    if not overlap(boxes[0], expected) > 0.6:
        fail("the first box is not that of the face", got=boxes[0], expected=Shown(f"near {expected}"))


@part("Face")
def test_the_face_is_found() -> None:
    """10. find_faces finds the face in the photograph of the astronaut, wherever it stands, as tuples of four ints."""
    image = photograph()
    assert_face(boxes_of(work.find_faces(image), "find_faces"), FACE)
    shifted = np.zeros((330, 260, 3), dtype=np.uint8)
    shifted[130:320, 20:250] = image[20:210, 90:320]
    assert_face(boxes_of(work.find_faces(shifted), "find_faces"), (FACE[0] - 70, FACE[1] + 110, *FACE[2:]))
    portrait = np.ascontiguousarray(image[20:200, 120:330])
    with unchanged(image=portrait):
        boxes = boxes_of(work.find_faces(portrait, 3), "find_faces")
    assert_face(boxes, (FACE[0] - 120, FACE[1] - 20, *FACE[2:]))
    assert_equal(boxes_of(work.find_faces(portrait, 1000), "find_faces"), [], what="find_faces(portrait, 1000)")


@part("Face")
def test_the_largest_face_comes_first() -> None:
    """10. The largest face comes first."""
    portrait = photograph()[20:220, 120:330]
    small = cv2.resize(portrait, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    for left, right in ((portrait, small), (small, portrait)):
        image = np.full((200, left.shape[1] + right.shape[1] + 20, 3), 120, dtype=np.uint8)
        image[: left.shape[0], : left.shape[1]] = left
        image[: right.shape[0], left.shape[1] + 20 :][:, : right.shape[1]] = right
        boxes = boxes_of(work.find_faces(image), "find_faces")
        require(len(boxes) >= 2, "a picture with two faces, and not both were found", got=boxes)
        areas = [box[2] * box[3] for box in boxes]
        assert_equal(areas, sorted(areas, reverse=True), what="the areas of the boxes")


@part("Face")
def test_no_face() -> None:
    """11. Where there is no face, find_faces returns an empty list."""
    for image in (np.full((120, 160, 3), 128, dtype=np.uint8), np.zeros((90, 90), dtype=np.uint8)):
        assert_equal(boxes_of(work.find_faces(image), "find_faces"), [], what="find_faces")


@part("Face")
def test_the_hunt() -> None:
    """12. hunt reads a file, draws box and text of each face by your own functions, writes it, returns the boxes."""
    portrait = photograph()[20:220, 120:330]
    pair = np.full((200, 440, 3), 120, dtype=np.uint8)
    pair[:, :210], pair[:, 230:] = portrait, portrait[:, ::-1]
    with temporary_folder() as folder:
        for image in (photograph()[:260, 60:360], pair, np.full((90, 80, 3), 50, dtype=np.uint8)):
            path, out = save(folder, "in.png", image), folder / "out.png"
            boxes = boxes_of(work.hunt(path, out), "hunt")
            assert_equal(boxes, boxes_of(work.find_faces(image.copy()), "find_faces"), what="the boxes of hunt")
            expected = image.copy()
            for i, box in enumerate(boxes, start=1):
                expected = work.draw_text(work.draw_box(expected, box), f"face {i}", (box[0], box[1] - 5))
            written = cv2.imread(str(out))
            require(written is not None, "hunt has not written its picture", call="hunt('in.png', 'out.png')")
            call = "hunt('in.png', 'out.png')"
            assert_close(
                written, as_array(expected, "draw_text"), rtol=0, atol=0, what="the picture in out.png", call=call
            )
            if image.shape[0] == 260:
                keep_images(written[:, :, ::-1], name="astronaut")


@part("Face")
def test_a_hunt_that_fails() -> None:
    """13. hunt raises as load does; where the result cannot be written, OSError."""
    with temporary_folder() as folder:
        assert_raises(FileNotFoundError, work.hunt, folder / "missing.png", folder / "out.png")
        path = save(folder, "in.png", np.full((40, 40, 3), 50, dtype=np.uint8))
        for out in (folder / "nowhere" / "out.png", folder / "out.strange"):
            assert_raises(OSError, work.hunt, path, out)
