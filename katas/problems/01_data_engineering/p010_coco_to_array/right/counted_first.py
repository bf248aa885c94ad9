"""Plain loops: counts first, then each box to its place."""

import json
from typing import Any, NamedTuple

import numpy as np

IMAGE = np.dtype([("id", "i8"), ("width", "i4"), ("height", "i4"), ("start", "i8"), ("count", "i8")])
BOX = np.dtype([("id", "i8"), ("image", "i8"), ("label", "i4"), ("xyxy", "f8", (4,)), ("is_crowd", "?")])


class Dataset(NamedTuple):
    images: Any
    boxes: Any
    names: tuple


def to_arrays(coco):
    names_by_id = {c["id"]: c["name"] for c in coco["categories"]}
    labels = {c: n for n, c in enumerate(sorted(names_by_id))}
    where = {}
    counts = {}
    for i, img in enumerate(coco["images"]):
        where[img["id"]] = i
        counts[img["id"]] = 0
    for a in coco["annotations"]:
        try:
            counts[a["image_id"]] += 1
            labels[a["category_id"]]
        except KeyError as error:
            raise ValueError(f"annotation {a['id']} points at nothing") from error
    images = np.zeros(len(where), dtype=IMAGE)
    following = {}
    start = 0
    for i, img in enumerate(coco["images"]):
        n = counts[img["id"]]
        images[i] = img["id"], img["width"], img["height"], start, n
        following[img["id"]] = start
        start += n
    boxes = np.zeros(start, dtype=BOX)
    for a in coco["annotations"]:
        x, y, w, h = a["bbox"]
        boxes[following[a["image_id"]]] = (
            a["id"], where[a["image_id"]], labels[a["category_id"]], (x, y, x + w, y + h), bool(a.get("iscrowd")))
        following[a["image_id"]] += 1
    return Dataset(images, boxes, tuple(names_by_id[c] for c in sorted(labels)))


def read_coco(path):
    with open(path, encoding="utf8") as f:
        return to_arrays(json.load(f))
