"""Annotations in the COCO format into structured arrays."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

IMAGE = np.dtype([("id", "i8"), ("width", "i4"), ("height", "i4"), ("start", "i8"), ("count", "i8")])
BOX = np.dtype([("id", "i8"), ("image", "i8"), ("label", "i4"), ("xyxy", "f8", (4,)), ("is_crowd", "?")])


class Dataset(NamedTuple):
    """A detection data set.

    images: (m,) of IMAGE; the boxes of an image are boxes[start : start + count].
    boxes: (n,) of BOX, grouped by image; image is the position in images, xyxy in pixels.
    names: the categories' names by label.
    """

    images: NDArray[Any]
    boxes: NDArray[Any]
    names: tuple[str, ...]


def to_arrays(coco: Mapping[str, Any]) -> Dataset:
    """Return the arrays of a parsed COCO file.

    coco: has the lists "images" (id, width, height), "categories" (id, name) and "annotations" (id, image_id,
    category_id, bbox as [x, y, width, height] in pixels; iscrowd may be missing); left unchanged.
    Raises ValueError, with the annotation's id, when one points at an image or a category that is not there.
    """
    raise NotImplementedError


def read_coco(path: str | Path) -> Dataset:
    """Return the arrays of a COCO file (JSON, UTF-8)."""
    raise NotImplementedError
