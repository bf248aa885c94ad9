"""start is where the boxes of an image end: its own count belongs to the running sum's other side."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
import numpy as np
from numpy.typing import NDArray
IMAGE = np.dtype([('id', 'i8'), ('width', 'i4'), ('height', 'i4'), ('start', 'i8'), ('count', 'i8')])
BOX = np.dtype([('id', 'i8'), ('image', 'i8'), ('label', 'i4'), ('xyxy', 'f8', (4,)), ('area', 'f8'), ('is_crowd', '?')])


class Dataset(NamedTuple):
    images: NDArray[Any]
    boxes: NDArray[Any]
    names: tuple[str, ...]


def to_arrays(coco: Mapping[str, Any]) -> Dataset:
    categories = sorted(coco['categories'], key=lambda category: category['id'])
    label_by_id = {category['id']: label for label, category in enumerate(categories)}
    place_by_id = {image['id']: place for place, image in enumerate(coco['images'])}
    boxes = np.zeros(len(coco['annotations']), dtype=BOX)
    for row, annotation in enumerate(coco['annotations']):
        boxes[row] = _box(annotation, place_by_id, label_by_id)
    boxes = boxes[np.argsort(boxes['image'], kind='stable')]
    images = np.zeros(len(coco['images']), dtype=IMAGE)
    for name in ('id', 'width', 'height'):
        images[name] = [image[name] for image in coco['images']]
    images['count'] = np.bincount(boxes['image'], minlength=len(images))
    images['start'] = np.cumsum(images['count'])
    return Dataset(images, boxes, tuple((category['name'] for category in categories)))


def read_coco(path: str | Path) -> Dataset:
    return to_arrays(json.loads(Path(path).read_text(encoding='utf-8')))


def _box(annotation: Mapping[str, Any], place_by_id: Mapping[int, int], label_by_id: Mapping[int, int]) -> tuple[Any, ...]:
    place = _find(place_by_id, annotation, 'image_id')
    label = _find(label_by_id, annotation, 'category_id')
    x, y, width, height = annotation['bbox']
    area = annotation.get('area', width * height)
    return (annotation['id'], place, label, (x, y, x + width, y + height), area, annotation.get('iscrowd', 0) == 1)


def _find(number_by_id: Mapping[int, int], annotation: Mapping[str, Any], key: str) -> int:
    if annotation[key] not in number_by_id:
        raise ValueError(f"annotation {annotation['id']} has the {key} {annotation[key]}, which is not in the file")
    return number_by_id[annotation[key]]
