"""Column by column, with lists."""
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

IMAGE = np.dtype([("id", "i8"), ("width", "i4"), ("height", "i4"), ("start", "i8"), ("count", "i8")])
BOX = np.dtype([("id", "i8"), ("image", "i8"), ("label", "i4"), ("xyxy", "f8", (4,)), ("is_crowd", "?")])


class Dataset(NamedTuple):
    images: Any
    boxes: Any
    names: tuple


def to_arrays(coco):
    names = {c["id"]: c["name"] for c in coco["categories"]}
    order = sorted(names)
    labels = dict(zip(order, range(len(order))))
    groups = {i["id"]: [] for i in coco["images"]}
    for a in coco["annotations"]:
        if a["image_id"] not in groups:
            raise ValueError(f"no image {a['image_id']} for annotation {a['id']}")
        if a["category_id"] not in labels:
            raise ValueError(f"no category {a['category_id']} for annotation {a['id']}")
        groups[a["image_id"]].append(a)
    images, rows, start = [], [], 0
    for place, i in enumerate(coco["images"]):
        own = groups[i["id"]]
        images.append((i["id"], i["width"], i["height"], start, len(own)))
        start += len(own)
        for a in own:
            x, y, w, h = a["bbox"]
            rows.append((a["id"], place, labels[a["category_id"]], (x, y, x + w, y + h), bool(a.get("iscrowd"))))
    return Dataset(np.array(images, dtype=IMAGE), np.array(rows, dtype=BOX), tuple(names[i] for i in order))


def read_coco(path):
    with open(Path(path), encoding="utf-8") as f:
        return to_arrays(json.load(f))
