"""Images without boxes get 0 as start, not the place where their boxes would be."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

IMAGE = np.dtype([("id", "i8"), ("width", "i4"), ("height", "i4"), ("start", "i8"), ("count", "i8")])
BOX = np.dtype(
    [("id", "i8"), ("image", "i8"), ("label", "i4"), ("xyxy", "f8", (4,)), ("area", "f8"), ("is_crowd", "?")]
)


class Dataset(NamedTuple):
    """A detection data set."""

    images: NDArray[Any]
    boxes: NDArray[Any]
    names: tuple[str, ...]


def to_arrays(coco: Mapping[str, Any]) -> Dataset:
    """The arrays of a parsed COCO file."""
    categories = sorted(coco["categories"], key=lambda category: category["id"])
    labels = {category["id"]: label for label, category in enumerate(categories)}
    positions = {image["id"]: position for position, image in enumerate(coco["images"])}

    boxes = np.zeros(len(coco["annotations"]), dtype=BOX)
    for i, annotation in enumerate(coco["annotations"]):
        image, category = annotation["image_id"], annotation["category_id"]
        if image not in positions:
            raise ValueError(f"annotation {annotation['id']}: there is no image {image}")
        if category not in labels:
            raise ValueError(f"annotation {annotation['id']}: there is no category {category}")
        box = annotation["bbox"]
        area = annotation.get("area")
        if area is None:
            area = box[2] * box[3]
        corners = (box[0], box[1], box[0] + box[2], box[1] + box[3])
        crowd = annotation.get("iscrowd", 0) == 1
        boxes[i] = (annotation["id"], positions[image], labels[category], corners, area, crowd)
    boxes = boxes[np.argsort(boxes["image"], kind="stable")]

    images = np.zeros(len(coco["images"]), dtype=IMAGE)
    for name in ("id", "width", "height"):
        images[name] = [image[name] for image in coco["images"]]
    images["count"] = np.bincount(boxes["image"], minlength=len(images))
    images["start"] = np.where(images["count"] > 0, np.cumsum(images["count"]) - images["count"], 0)
    return Dataset(images, boxes, tuple(category["name"] for category in categories))


def read_coco(path: str | Path) -> Dataset:
    """The arrays of a COCO file (JSON, UTF-8)."""
    return to_arrays(json.loads(Path(path).read_text(encoding="utf-8")))
