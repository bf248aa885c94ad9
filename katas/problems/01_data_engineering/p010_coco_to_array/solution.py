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
    # `sorted` makes a new list: the caller's stays in its order.
    categories = sorted(coco["categories"], key=lambda category: category["id"])
    # Two dicts turn ids into positions once; searching a list for each annotation would cost images x annotations.
    label_by_id = {category["id"]: label for label, category in enumerate(categories)}
    place_by_id = {image["id"]: place for place, image in enumerate(coco["images"])}

    boxes = np.zeros(len(coco["annotations"]), dtype=BOX)
    for row, annotation in enumerate(coco["annotations"]):
        boxes[row] = _box(annotation, place_by_id, label_by_id)
    # Stable: within an image the file's order is kept, which the default sort does not promise.
    boxes = boxes[np.argsort(boxes["image"], kind="stable")]

    images = np.zeros(len(coco["images"]), dtype=IMAGE)
    for name in ("id", "width", "height"):
        images[name] = [image[name] for image in coco["images"]]
    # minlength: images without a box have their zero, also those at the end.
    images["count"] = np.bincount(boxes["image"], minlength=len(images))
    # Each image begins where the ones before it end: the running sum, less one's own count.
    images["start"] = np.cumsum(images["count"]) - images["count"]
    return Dataset(images, boxes, tuple(category["name"] for category in categories))


def read_coco(path: str | Path) -> Dataset:
    """Return the arrays of a COCO file (JSON, UTF-8)."""
    # Said explicitly, because the default encoding is the machine's and not the file's.
    return to_arrays(json.loads(Path(path).read_text(encoding="utf-8")))


def _box(
    annotation: Mapping[str, Any], place_by_id: Mapping[int, int], label_by_id: Mapping[int, int]
) -> tuple[Any, ...]:
    """One annotation as a record of BOX; assigned to a row at once, it needs no memory of its own."""
    place = _find(place_by_id, annotation, "image_id")
    label = _find(label_by_id, annotation, "category_id")
    x, y, width, height = annotation["bbox"]
    corners = (x, y, x + width, y + height)
    is_crowd = annotation.get("iscrowd", 0) == 1
    return annotation["id"], place, label, corners, is_crowd


def _find(number_by_id: Mapping[int, int], annotation: Mapping[str, Any], key: str) -> int:
    if annotation[key] not in number_by_id:
        raise ValueError(f"annotation {annotation['id']} has the {key} {annotation[key]}, which is not in the file")
    return number_by_id[annotation[key]]


# In real life: pycocotools keeps the dicts and builds indices of ids; detectors such as YOLOX and Detectron2 then pack
# the data set into one array with start offsets, like here: worker processes copy Python objects and share arrays.
