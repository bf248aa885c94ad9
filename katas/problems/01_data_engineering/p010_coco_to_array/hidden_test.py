"""Hidden test of p010_coco_to_array."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    assert_close,
    assert_encoding_named,
    assert_equal,
    assert_growth,
    assert_memory,
    assert_raises,
    calling,
    edges,
    learner,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("coco_annotations")
Coco = dict[str, list[dict[str, Any]]]
IMAGE = np.dtype([("id", "i8"), ("width", "i4"), ("height", "i4"), ("start", "i8"), ("count", "i8")])
BOX = np.dtype([("id", "i8"), ("image", "i8"), ("label", "i4"), ("xyxy", "f8", (4,)), ("is_crowd", "?")])


class Arrays(NamedTuple):
    """What the learner returned, found to be of the right kinds."""

    images: NDArray[Any]
    boxes: NDArray[Any]
    names: Any


def looked_at(got: Any, n_images: int, n_boxes: int) -> Arrays:
    """The three fields of a Dataset, each of its type and length."""
    require(got is not None, "returned None; is a return missing?")
    images, boxes, names = (getattr(got, field, None) for field in ("images", "boxes", "names"))
    for field, value, dtype, n in (("images", images, IMAGE, n_images), ("boxes", boxes, BOX, n_boxes)):
        require(isinstance(value, np.ndarray), f"{field} is a {type(value).__name__}, expected a structured array")
        array = np.asarray(value)
        require(array.dtype == dtype, f"{field} has dtype {array.dtype}, expected {dtype}")
        require(array.shape == (n,), f"{field} has shape {array.shape}, expected ({n},)")
    return Arrays(np.asarray(images), np.asarray(boxes), names)


def plain_rows(coco: Coco) -> tuple[list[list[Any]], list[list[Any]], list[str]]:
    """Images and boxes as lists of rows, by searching through the whole file for each image."""
    categories = sorted(coco["categories"], key=lambda c: c["id"])
    labels = [c["id"] for c in categories]
    images: list[list[Any]] = []
    boxes: list[list[Any]] = []
    for place, image in enumerate(coco["images"]):
        own = [a for a in coco["annotations"] if a["image_id"] == image["id"]]
        images.append([image["id"], image["width"], image["height"], len(boxes) if own else 0, len(own)])
        for a in own:
            x, y, w, h = a["bbox"]
            label = labels.index(a["category_id"])
            boxes.append([a["id"], place, label, [x, y, x + w, y + h], a.get("iscrowd", 0) == 1])
    return images, boxes, [c["name"] for c in categories]


def compare(got: Any, coco: Coco, *fields: str) -> None:
    """The learner's arrays hold what the file says; of all fields, or only the ones named."""
    images, boxes, names = plain_rows(coco)
    found = looked_at(got, len(images), len(boxes))
    for table, array, rows in (("images", found.images, images), ("boxes", found.boxes, boxes)):
        dtype = IMAGE if table == "images" else BOX
        for column, name in enumerate(dtype.names or ()):
            if fields and name not in fields:
                continue
            expected = np.array([row[column] for row in rows], dtype=dtype[name].base)
            expected = expected.reshape(len(rows), *dtype[name].shape)
            # Where an image without boxes would begin is left open.
            values = np.where(array["count"] > 0, array[name], 0) if name == "start" else array[name]
            if expected.dtype.kind == "f":
                # Nothing is rounded on the way: a passage through 32-bit floats would show at 1e-8.
                assert_close(values, expected, what=f'{table}["{name}"]', rtol=1e-12, atol=1e-12)
            else:
                # Not assert_close, whose floats cannot tell ids above 2**53 apart.
                assert_equal(values, expected, what=f'{table}["{name}"]')
    if not fields or "names" in fields:
        assert_equal(found.names, names, what="names")
        require(isinstance(found.names, tuple), "names has to be a tuple", got=found.names)


def image(number: int, width: int = 64, height: int = 48) -> dict[str, Any]:
    return {"id": number, "width": width, "height": height}


def annotation(number: int, image_id: int, category_id: int, *bbox: float, **more: Any) -> dict[str, Any]:
    made = {"id": number, "image_id": image_id, "category_id": category_id, "bbox": list(bbox), "iscrowd": 0, **more}
    return {key: value for key, value in made.items() if value is not None}


def one(*annotations: dict[str, Any]) -> Coco:
    """A file of the image 3 and the category 1."""
    return {"images": [image(3)], "categories": [{"id": 1, "name": "person"}], "annotations": list(annotations)}


def small() -> Coco:
    return {
        "images": [image(7), image(3, 32, 16), image(5)],
        "categories": [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}, {"id": 90, "name": "brush"}],
        "annotations": [
            annotation(50, 5, 18, 2, 3.5, 10, 20),
            annotation(40, 7, 90, 0.25, 1, 4, 8),
            annotation(60, 5, 1, 5, 6, 7, 8),
        ],
    }


def big(stream: int, n_images: int, n: int) -> Coco:
    """A file of many boxes; the last images and every seventh have none."""
    random = rng(stream)
    ids = (random.permutation(n_images) * 3 + 11).tolist()
    full = [number for place, number in enumerate(ids[: max(1, n_images - 2)]) if place % 7] or ids[:1]
    chosen = random.integers(0, len(full), n).tolist()
    kinds = random.integers(0, 4, n).tolist()
    bboxes = (random.integers(1, 400, (n, 4)) / 4).tolist()
    numbers = random.permutation(n).tolist()
    return {
        "images": [image(number, 8 + number % 50, 9 + number % 70) for number in ids],
        "categories": [{"id": c, "name": f"kind {c}"} for c in (90, 1, 13, 44)],
        "annotations": [
            annotation(number, full[i], (1, 13, 44, 90)[kind], *bbox)
            for number, i, kind, bbox in zip(numbers, chosen, kinds, bboxes, strict=True)
        ],
    }


def test_every_image_has_its_entry() -> None:
    """1. Each image of the file has its entry, in the file's order, also without annotations."""
    coco = small()
    coco["annotations"] = [annotation(9, 3, 1, 1, 2, 3, 4)]
    compare(work.to_arrays(coco), coco, "id", "width", "height", "count")
    compare(work.to_arrays(small()), small(), "width", "height", "count")


def test_boxes_are_grouped_by_image() -> None:
    """2. boxes[start : start + count] are the boxes of an image in the file's order; image is its position."""
    compare(work.to_arrays(small()), small(), "id", "image", "start", "count")
    for stream, (n_images, n) in enumerate([(1, 1), (2, 7), (9, 40), (30, 129), (50, 400)]):
        coco = big(stream, n_images, n)
        compare(work.to_arrays(coco), coco, "id", "image", "start", "count")


def test_labels_without_gaps() -> None:
    """3. Labels count up from 0 in the ascending order of the category ids, unused categories too; names follow."""
    coco = small()
    coco["annotations"] = [annotation(1, 3, 90, 1, 2, 3, 4)]
    compare(work.to_arrays(coco), coco, "label", "names")
    coco["categories"] = [{"id": 90, "name": "ape"}, {"id": 9, "name": "zoo"}, {"id": 10, "name": "ape"}]
    coco["annotations"].append(annotation(2, 3, 10, 1, 2, 3, 4))  # two categories of one name are two categories
    compare(work.to_arrays(coco), coco, "label", "names")
    compare(work.to_arrays(small()), small(), "label", "names")


def test_corners_of_the_boxes() -> None:
    """4. A bbox of [x, y, width, height] becomes the corners x1, y1, x2, y2, with all fractions."""
    for bbox in ((2, 3, 10, 20), (2, 3.5, 10, 20), (-2.5, 470.125, 1000.7, 0.3), (0, 0, 0, 0)):
        coco = one(annotation(1, 3, 1, *bbox))
        compare(work.to_arrays(coco), one(annotation(1, 3, 1, *bbox)), "xyxy")


def test_crowds_are_marked() -> None:
    """5. is_crowd is True where iscrowd is 1, False where it is 0 or missing, and crowds are kept."""
    for crowd in (1, 0, None):
        coco = one(annotation(1, 3, 1, 1, 2, 3, 4, iscrowd=crowd))
        compare(work.to_arrays(coco), coco, "id", "is_crowd")
    mask = {"counts": [1, 2, 3], "size": [48, 64]}
    coco = one(annotation(1, 3, 1, 1, 2, 3, 4, iscrowd=1, segmentation=mask), annotation(2, 3, 1, 1, 2, 3, 4))
    compare(work.to_arrays(coco), coco, "id", "is_crowd")


edges()


def test_large_ids() -> None:
    """6. Ids above 2**53 come through digit by digit, in any order."""
    far = 2**53 + 1  # as a float64 it is 2**53
    coco: Coco = {
        "images": [image(far), image(far - 1), image(5)],
        "categories": [{"id": far, "name": "far"}, {"id": far - 1, "name": "less far"}, {"id": 2, "name": "near"}],
        "annotations": [annotation(far, 5, 2, 1, 2, 3, 4)],
    }
    compare(work.to_arrays(coco), coco, "id", "image", "label", "names")
    coco["annotations"] += [annotation(6, far - 1, far - 1, 1, 2, 3, 4), annotation(7, far, far, 1, 2, 3, 4)]
    compare(work.to_arrays(coco), coco, "id", "image", "label", "names")


def test_empty_lists() -> None:
    """6. Without annotations, images or categories the arrays are empty, of the same types."""
    for lists in (["annotations"], ["annotations", "images"], ["annotations", "images", "categories"]):
        coco = small() | {name: [] for name in lists}
        compare(work.to_arrays(coco), coco)


def test_input_stays_as_it_was() -> None:
    """7. The parsed file is left as it was."""
    for coco in (one(annotation(1, 3, 1, 1, 2, 3, 4, iscrowd=None)), small()):
        with unchanged(coco=coco):
            work.to_arrays(coco)


def test_read_from_a_file(tmp_path: Path) -> None:
    """8. read_coco reads the file, given as str or Path, as UTF-8, whatever the encoding of the machine."""
    coco = one(annotation(1, 3, 1, 1, 2, 3, 4))
    coco["categories"][0]["name"] = "Dackel 犬 é"
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(coco, ensure_ascii=False), encoding="utf-8")
    for given in (path, str(path)):
        with calling(f"read_coco(path) with a {'Path' if given is path else 'str'}"):
            got = work.read_coco(given)
        compare(got, coco)
    code = "import sys\nfrom coco_annotations import read_coco\nread_coco(sys.argv[1])"
    assert_encoding_named(code, path, call="read_coco(path)")


def test_ids_that_are_not_there() -> None:
    """10. An annotation of an unknown image or category raises ValueError with the annotation's id."""
    good = annotation(1, 3, 1, 1, 2, 3, 4)
    for key, unknown in (("image_id", 4), ("category_id", 2), ("image_id", -1), ("category_id", 0)):
        coco = one(good, annotation(7890, 3, 1, 1, 2, 3, 4) | {key: unknown})
        assert_raises(ValueError, work.to_arrays, coco, mentions="7890")
    for key, unknown in (("image_id", 4), ("category_id", 50)):  # between two ids that are there
        coco = small()
        coco["annotations"][1][key] = unknown
        assert_raises(ValueError, work.to_arrays, coco, mentions="40")
    work.to_arrays(small())
    assert_raises(ValueError, work.to_arrays, small() | {"images": [image(7)]}, mentions="50")


@timing
def test_a_hundred_thousand_annotations() -> None:
    """9. Time and memory grow with the file, not with images times annotations."""

    def make(n: int) -> Callable[[], object]:
        coco = big(70, n, n)
        return lambda: work.to_arrays(coco)

    compare(work.to_arrays(one()), one())
    assert_growth(make, 500, 16_000, at_most=240)
    coco = big(71, 2000, 100_000)
    got = looked_at(assert_memory(lambda: work.to_arrays(coco), limit_mb=100), 2000, 100_000)
    expected = sorted(a["id"] for a in coco["annotations"])
    require(bool((np.sort(got.boxes["id"]) == expected).all()), "some annotations are lost or there twice")
