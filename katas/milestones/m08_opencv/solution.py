"""From a file to a face: read and filter a picture, draw on it, and mark who is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]  # (h, w, 3), blue first, or (h, w)
Box = tuple[int, int, int, int]  # x, y, width, height
Colour = tuple[int, int, int]  # blue, green, red

GREEN: Colour = (0, 255, 0)
FONT, SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.6


def load(path: str | Path) -> Image:
    """Return the picture in a file: (h, w, 3), blue first.

    Raises FileNotFoundError where there is no file, and ValueError where it holds no picture; both name the path.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}")
    # imread returns None for whatever it cannot read: the error would come later, and elsewhere.
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{path} holds no picture that OpenCV can read")
    return _pixels(image)


def grey(image: Image) -> Image:
    """Return the brightness of each pixel: (h, w). A picture (h, w) is grey already, and is copied."""
    return image.copy() if image.ndim == 2 else _pixels(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))


def blur(image: Image, size: int) -> Image:
    """Return the picture blurred by a Gaussian of size x size pixels. Raises ValueError where size is not odd."""
    if size < 1 or size % 2 == 0:  # an even kernel has no middle
        raise ValueError(f"size must be odd and at least 1, got {size}")
    return _pixels(cv2.GaussianBlur(image, (size, size), 0))  # sigma 0: chosen by the size


def edges(image: Image, low: float, high: float, size: int = 5) -> Image:
    """Return (h, w), 255 at the edges and 0 elsewhere: grey, then blurred by size, then Canny's.

    An edge begins where the slope is above `high`, and goes on while it is above `low`.
    Raises ValueError where low is above high, and as blur does.
    """
    if low > high:  # OpenCV would exchange them without a word
        raise ValueError(f"low must not be above high, got {low} and {high}")
    # Blurred first: every speck of noise is an edge, too.
    return _pixels(cv2.Canny(blur(grey(image), size), low, high))


def mark_edges(image: Image, low: float, high: float, size: int = 5, colour: Colour = GREEN) -> Image:
    """Return a copy of a picture (h, w, 3) in which the pixels of its edges have this colour."""
    marked = image.copy()
    marked[edges(image, low, high, size) > 0] = colour
    return marked


def draw_box(image: Image, box: Box, colour: Colour = GREEN) -> Image:
    """Return a copy with the outline of a box, one pixel thick, its corners (x, y) and (x + w - 1, y + h - 1)."""
    x, y, w, h = box
    # OpenCV draws into the array that it is given, and takes points as (x, y), where arrays have (row, column).
    return _pixels(cv2.rectangle(image.copy(), (x, y), (x + w - 1, y + h - 1), colour, 1))


def draw_circle(image: Image, centre: tuple[int, int], radius: int, colour: Colour = GREEN) -> Image:
    """Return a copy with a filled circle around the centre (x, y)."""
    return _pixels(cv2.circle(image.copy(), centre, radius, colour, cv2.FILLED))


def draw_text(image: Image, text: str, at: tuple[int, int], colour: Colour = GREEN) -> Image:
    """Return a copy with the text, whose lower left corner is at (x, y), moved as far as needed to be seen whole."""
    (width, height), below = cv2.getTextSize(text, FONT, SCALE, 1)
    h, w = image.shape[:2]
    # The baseline must leave room for the letters above, and for the tails of g and y below.
    x = max(min(at[0], w - width), 0)
    y = max(min(at[1], h - 1 - below), height)
    return _pixels(cv2.putText(image.copy(), text, (x, y), FONT, SCALE, colour, 1))


def find_faces(image: Image, min_neighbours: int = 5) -> list[Box]:
    """Return the boxes of the faces that the Haar cascade finds in a picture, the largest first; [] for none."""
    folder = cv2.data.haarcascades  # type: ignore[attr-defined]
    cascade = cv2.CascadeClassifier(folder + "haarcascade_frontalface_default.xml")
    # A cascade that could not be loaded finds nothing, in any picture.
    if cascade.empty():
        raise RuntimeError("OpenCV's cascade of frontal faces is not where it should be")
    found = cascade.detectMultiScale(grey(image), scaleFactor=1.1, minNeighbors=min_neighbours)
    # An array of rows; without a hit, an empty tuple.
    boxes = [(int(x), int(y), int(w), int(h)) for x, y, w, h in found]
    return sorted(boxes, key=lambda box: box[2] * box[3], reverse=True)


def hunt(path: str | Path, out: str | Path) -> list[Box]:
    """Read a picture, mark each face by its box and "face 1", "face 2", … above it, write it to `out`.

    Returns the boxes. Raises as load does, and OSError where the result cannot be written.
    """
    image = load(path)
    boxes = find_faces(image)
    for i, box in enumerate(boxes, start=1):
        image = draw_text(draw_box(image, box), f"face {i}", (box[0], box[1] - 5))
    # imwrite returns False for a folder that is not there, and raises for an ending that it does not know.
    try:
        is_written = cv2.imwrite(str(out), image)
    except cv2.error as error:
        raise OSError(f"{out} cannot be written: {error}") from error
    if not is_written:
        raise OSError(f"{out} cannot be written")
    return boxes


def _pixels(image: Any) -> Image:
    return np.asarray(image, dtype=np.uint8)


# The cascade (Viola and Jones, 2001) slides a window over the picture at many sizes and throws out most places after a
# few comparisons of bright and dark. Networks such as YuNet (cv2.FaceDetectorYN) see turned and half hidden faces, too.
