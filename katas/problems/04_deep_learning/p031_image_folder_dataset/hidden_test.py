"""Hidden test of p031_image_folder_dataset."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    not_tried,
    require,
    rng,
)

work = learner("image_folder")

Pixels = NDArray[np.uint8]
NAMES = ["pear", "9", "B", "fig", "10", "a", "zebra", "kiwi", "C", "apple", "b", "0", "Fig", "lime", "pear-tree"]


def coded(height: int, width: int, blue: int = 0) -> Pixels:
    """An image that tells where it was cut: red is the row, green the column. (height, width, 3)"""
    rows, columns = np.mgrid[:height, :width]
    return np.stack([rows, columns, np.full_like(rows, blue)], axis=2).astype(np.uint8)


def save(path: Path, pixels: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def made(root: Path, crop: tuple[int, int], shown: str = "root") -> Any:
    with calling(f"ImageFolder({shown}, crop={crop})"):
        return work.ImageFolder(root, crop)


def item(dataset: Any, index: int, crop: tuple[int, int]) -> tuple[NDArray[np.float32], int]:
    """The item as (pixels, label), looked at."""
    with calling(f"ImageFolder(root, crop={crop})[{index}]"):
        got = dataset[index]
        assert_type(got, tuple, what="dataset[i]")
        require(len(got) == 2, "dataset[i] should be a pair (image, label)", got=Shown(f"{len(got)} values"))
        image, label = got
        assert_type(image, torch.Tensor, what="the image")
        require(image.dtype == torch.float32, "the image should be float32", got=Shown(str(image.dtype)))
        expected = (3, *crop)
        require(
            tuple(image.shape) == expected, "the image has another shape", got=tuple(image.shape), expected=expected
        )
        assert_type(label, int, what="the label")
    return as_array(image), label


def corner(image: NDArray[np.float32]) -> tuple[int, int]:
    """Where in a coded image the crop was cut."""
    return round(float(image[0, 0, 0]) * 255), round(float(image[1, 0, 0]) * 255)


def cut(pixels: Pixels, top: int, left: int, crop: tuple[int, int]) -> NDArray[np.float32]:
    part = pixels[top : top + crop[0], left : left + crop[1]]
    return np.moveaxis(part, 2, 0).astype(np.float32) / 255


def length(dataset: Any) -> int:
    with calling("len(ImageFolder(root, crop))"):
        got = dataset.__len__()
        assert_type(got, int, what="len(dataset)")
    return int(got)


def listed(dataset: Any, name: str) -> list[Any]:
    """The attribute `classes` or `samples`, looked at."""
    if name not in vars(dataset) and not hasattr(type(dataset), name):
        fail(f"the dataset has no attribute {name}", call="ImageFolder(root, crop)")
    found = getattr(dataset, name)
    assert_type(found, list, what=name)
    return list(found)


def paths_of(dataset: Any, root: Path) -> list[tuple[str, int]]:
    samples = listed(dataset, "samples")
    for sample in samples:
        assert_type(sample, tuple, what="an entry of samples")
        require(len(sample) == 2, "an entry of samples should be a pair (path, label)", got=sample)
        assert_type(sample[0], (str, Path), what="the path in samples")
        assert_type(sample[1], int, what="the label in samples")
    return [(Path(path).resolve().relative_to(root.resolve()).as_posix(), label) for path, label in samples]


def test_classes_are_sorted(tmp_path: Path) -> None:
    """Each folder in `root`, an empty one too, is a class, in the order of `sorted`, unless a dot begins its name."""
    for number, found in enumerate((["b", "a"], NAMES)):
        root = tmp_path / str(number)
        for name in (str(n) for n in rng(1).permutation(found)):
            (root / name).mkdir(parents=True)
        save(root / found[0] / "a.png", coded(2, 2))
        save(root / "stray.png", coded(2, 2))
        save(root / ".cache" / "a.png", coded(2, 2))
        assert_equal(listed(made(root, (2, 2)), "classes"), sorted(found), what="classes")
    with calling("ImageFolder(str(root), crop=(2, 2))"):
        assert_equal(listed(work.ImageFolder(str(root), (2, 2)), "classes"), sorted(NAMES), what="classes")


def test_files_are_sorted_within_their_class(tmp_path: Path) -> None:
    """samples has the images of each class, sorted by file name, with the number of the class; len counts them."""
    small, large = tmp_path / "small", tmp_path / "large"
    for file in ("a.png", "a-1.png"):
        save(small / "cat" / file, coded(2, 2))
    # By the whole name, in which "-" comes before the "." of the ending.
    expected = [("cat/a-1.png", 0), ("cat/a.png", 0)]
    assert_equal(paths_of(made(small, (2, 2)), small), expected, what="samples")
    for name in NAMES:
        (large / name).mkdir(parents=True)
    ordered, files = sorted(NAMES), ["10.png", "2.png", "B.png", "a.png", "c.png"]
    filled = ["10", "9", "B", "pear", "pear-tree"]
    for name in filled:
        for file in rng(2).permutation(files):
            save(large / name / str(file), coded(2, 2))
    expected = [(f"{name}/{file}", ordered.index(name)) for name in filled for file in files]
    dataset = made(large, (2, 2))
    assert_equal(paths_of(dataset, large), expected, what="samples")
    assert_equal(length(dataset), len(expected), what="len(dataset)")


def test_only_images_are_listed(tmp_path: Path) -> None:
    """Files in `root`, other files, hidden names and deeper folders are ignored; capital endings count."""
    save(tmp_path / "stray.png", coded(2, 2))
    for file in ("a.PNG", "b.jpg", "c.JPEG", "d.bmp", ".hidden.png", "deeper/e.png"):
        save(tmp_path / "cat" / file, coded(2, 2))
    (tmp_path / "cat" / "notes.txt").write_text("not an image")
    (tmp_path / "cat" / "Thumbs.db").write_bytes(b"\0" * 9)
    (tmp_path / "cat" / "folder.png").mkdir()
    dataset = made(tmp_path, (1, 1))
    expected = [("cat/a.PNG", 0), ("cat/b.jpg", 0), ("cat/c.JPEG", 0), ("cat/d.bmp", 0)]
    assert_equal(paths_of(dataset, tmp_path), expected, what="samples")


def test_images_are_float_channels_first(tmp_path: Path) -> None:
    """An item is float32 of shape (3, height, width), RGB from 0 to 1, and its label is an int."""
    pixels = rng(2).integers(0, 256, (3, 5, 3), dtype=np.uint8)
    pixels[0, 0], pixels[2, 4] = 0, 255
    save(tmp_path / "one" / "a.png", pixels)
    save(tmp_path / "two" / "a.png", pixels)
    dataset = made(tmp_path, (3, 5))
    for index in (0, 1):
        image, label = item(dataset, index, (3, 5))
        assert_close(image, np.moveaxis(pixels, 2, 0) / np.float32(255), what="the image")
        assert_equal(label, index, what="the label")


def test_crops_are_uniform_over_all_places(tmp_path: Path) -> None:
    """Every place at which the crop fits is equally likely, the last row and column too."""
    pixels, crop, n = coded(4, 6, blue=77), (2, 3), 300
    save(tmp_path / "one" / "a.png", pixels)
    dataset = made(tmp_path, crop)
    torch.manual_seed(int(rng(4).integers(1 << 30)))
    counts = np.zeros((3, 4), dtype=int)
    for _ in range(n):
        image, _label = item(dataset, 0, crop)
        top, left = corner(image)
        require(top < 3 and left < 4, "the crop does not lie within the image", got=image)
        assert_close(image, cut(pixels, top, left, crop), what=f"the crop at row {top}, column {left}")
        counts[top, left] += 1
    if (counts == 0).any():
        top, left = (int(i) for i in np.argwhere(counts == 0)[0])
        fail(f"in {n} crops of an image of 4 x 6, none began at row {top}, column {left}", got=counts)
    chi_square = float(((counts - n / 12) ** 2 / (n / 12)).sum())
    # 11 degrees of freedom: above 45 once in 200,000 runs
    require(
        chi_square < 45, f"the places of {n} crops are not equally likely", got=counts, expected=Shown("about 25 each")
    )


def test_files_are_opened_on_demand(tmp_path: Path) -> None:
    """No image is opened before its item is asked for, and none is kept: each access reads the file."""
    path = tmp_path / "one" / "a.png"
    save(path, np.full((2, 2, 3), 10, dtype=np.uint8))
    (tmp_path / "one" / "b.png").write_bytes(b"damaged")
    opened: list[str] = []
    original = Image.open

    def watched(file: Any, *args: Any, **kwargs: Any) -> Any:
        opened.append(str(file))
        return original(file, *args, **kwargs)

    Image.open = watched
    try:
        dataset = made(tmp_path, (2, 2))
        require(not opened, "an image was opened before any item was asked for", got=opened)
    finally:
        Image.open = original
    for value in (60, 200):
        save(path, np.full((2, 2, 3), value, dtype=np.uint8))
        image, _ = item(dataset, 0, (2, 2))
        expected = np.full((3, 2, 2), value / 255)
        assert_close(image, expected, atol=1e-4, what="the image read after its file changed")


def through_loader(loader: Iterable[Any]) -> list[tuple[int, int]]:
    """Where the image of every item of one epoch was cut."""
    return [corner(image) for images, _labels in loader for image in as_array(images, "a batch")]


LOADER = "DataLoader(dataset, batch_size=1, num_workers=2), with 16 images of 64 x 64 and crop=(4, 4), is gone through"


def loader_of(dataset: Any, seed: int) -> Any:
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(
        dataset, batch_size=1, num_workers=2, generator=generator, multiprocessing_context="fork", timeout=20
    )


def can_fork() -> bool:
    if "fork" not in multiprocessing.get_all_start_methods():
        not_tried("no fork on this machine: the DataLoader with two workers was not tried")
        return False
    return True


def many_images(root: Path, n: int = 16) -> Any:
    for index in range(n):
        save(root / f"class{index % 3}" / f"{index:02}.png", coded(64, 64))
    item(made(root, (4, 4)), 0, (4, 4))  # looked at, in a dataset of its own: the one returned is fresh
    return made(root, (4, 4))


def test_workers_draw_their_own_crops(tmp_path: Path) -> None:
    """In a DataLoader with two workers each worker draws its own crops."""
    dataset = many_images(tmp_path)
    if not can_fork():
        return
    with calling(LOADER):
        epoch = through_loader(loader_of(dataset, int(rng(8).integers(1 << 30))))
        # Batches of one are dealt to the two workers in turn.
        one, other = epoch[0::2], epoch[1::2]
        shared = sum(a == b for a, b in zip(one, other))
        require(
            shared <= 2,
            "the two workers draw the same crops",
            got=Shown(f"worker 0 cut at {one[:4]} …, worker 1 at {other[:4]} …"),
        )


def test_every_epoch_draws_new_crops(tmp_path: Path) -> None:
    """In a DataLoader with two workers a second epoch has other crops than the first."""
    dataset = many_images(tmp_path)
    if not can_fork():
        return
    with calling(LOADER):
        loader = loader_of(dataset, int(rng(9).integers(1 << 30)))
        first, second = through_loader(loader), through_loader(loader)
        shared = sum(a == b for a, b in zip(first, second))
        require(
            shared <= 2,
            "the second epoch draws the same crops as the first",
            got=Shown(f"cut at {first[:4]} …, then at {second[:4]} …"),
        )


def test_crops_repeat_with_the_seed(tmp_path: Path) -> None:
    """The same torch.manual_seed repeats the crops, another one draws others."""
    save(tmp_path / "one" / "a.png", coded(60, 60))
    dataset = made(tmp_path, (4, 4))
    first, second = (int(s) for s in rng(7).choice(1 << 30, 2, replace=False))

    def corners(seed: int) -> list[tuple[int, int]]:
        torch.manual_seed(seed)
        return [corner(item(dataset, 0, (4, 4))[0]) for _ in range(6)]

    one, again, other = corners(first), corners(first), corners(second)
    assert_equal(again, one, what="the places after the same torch.manual_seed")
    require(len(set(one)) > 1, "six crops in a row are all cut at the same place", got=one)
    require(other != one, "another seed gave the same crops", got=other)


edges()


def test_every_mode_becomes_rgb(tmp_path: Path) -> None:
    """Grey, black-and-white, palette and transparent images become RGB as Pillow's convert makes them."""
    draw = rng(3)
    colour = Image.fromarray(draw.integers(0, 256, (4, 6, 3), dtype=np.uint8))
    images = {
        "L": colour.convert("L"),
        "1": colour.convert("1"),
        "P": colour.quantize(8),
        "RGBA": Image.fromarray(draw.integers(0, 256, (4, 6, 4), dtype=np.uint8)),
        "LA": colour.convert("LA"),
    }
    for mode, image in images.items():
        require(image.mode == mode, f"the case {mode} was made as {image.mode}")
        (tmp_path / "one").mkdir(exist_ok=True)
        image.save(tmp_path / "one" / f"{mode}.png")
    dataset = made(tmp_path, (4, 6))
    for index, mode in enumerate(sorted(images)):
        expected = np.moveaxis(np.asarray(images[mode].convert("RGB")), 2, 0) / np.float32(255)
        assert_close(item(dataset, index, (4, 6))[0], expected, what=f"the image of mode {mode!r}")


def test_a_small_image_is_filled_up(tmp_path: Path) -> None:
    """A small image is filled up with black below and on the right; the other axis is cropped at random."""
    for name, height, width in (("a", 2, 3), ("b", 2, 6), ("c", 7, 3)):
        save(tmp_path / "one" / f"{name}.png", coded(height, width, blue=200))
    crop = (5, 4)
    dataset = made(tmp_path, crop)
    torch.manual_seed(int(rng(5).integers(1 << 30)))
    for index, (height, width) in enumerate([(2, 3), (2, 6), (7, 3)]):
        filled = np.zeros((max(5, height), max(4, width), 3), dtype=np.uint8)
        filled[:height, :width] = coded(height, width, blue=200)
        seen = set()
        for _ in range(40):
            image, _label = item(dataset, index, crop)
            top, left = corner(image)
            assert_close(image, cut(filled, top, left, crop), what=f"the crop of an image of {height} x {width}")
            seen.add((top, left))
        n_places = max(1, height - 4) * max(1, width - 3)
        require(
            len(seen) == n_places,
            f"in 40 crops an image of {height} x {width} was not cut at every place",
            got=Shown(f"{len(seen)} places"),
            expected=Shown(f"{n_places} places"),
        )


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """A file that cannot be read as an image raises ValueError with its path in the message; the others still come."""
    noise = rng(6).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for name in ("a.png", "cut_off.png", "cut_off.jpg", "z.png", "gone.png"):
        save(tmp_path / "one" / name, noise)
    for name in ("cut_off.png", "cut_off.jpg"):
        whole = (tmp_path / "one" / name).read_bytes()
        (tmp_path / "one" / name).write_bytes(whole[: len(whole) // 2])
    save(tmp_path / "one" / "broken.png", rng(7).integers(0, 256, (300, 300, 3), dtype=np.uint8))
    head, *chunks = (tmp_path / "one" / "broken.png").read_bytes().split(b"IDAT")
    (tmp_path / "one" / "broken.png").write_bytes(head + b"IDAT" + b"\0\0\0\0".join(chunks))
    (tmp_path / "one" / "empty.png").touch()
    (tmp_path / "one" / "text.jpg").write_text("this is no image")
    dataset = made(tmp_path, (8, 8))
    (tmp_path / "one" / "gone.png").unlink()
    names = ["a.png", "broken.png", "cut_off.jpg", "cut_off.png", "empty.png", "gone.png", "text.jpg", "z.png"]
    for index, name in enumerate(names):
        call = f"ImageFolder(root, crop=(8, 8))[{index}]  # {name}"
        if name in ("a.png", "z.png"):
            item(dataset, index, (8, 8))
        else:
            assert_raises(ValueError, lambda i=index: dataset[i], mentions=str(Path("one") / name), call=call)


def test_impossible_crops_and_empty_folders_are_refused(tmp_path: Path) -> None:
    """The constructor raises ValueError for a side of `crop` below 1, and when there is no image."""
    save(tmp_path / "full" / "one" / "a.png", coded(2, 2))
    for crop in ((0, 2), (2, 0), (-1, 2), (2, -1), (-1, -2)):
        assert_raises(ValueError, work.ImageFolder, tmp_path / "full", crop, call=f"ImageFolder(root, crop={crop})")
    (tmp_path / "bare").mkdir()
    (tmp_path / "classes only" / "one").mkdir(parents=True)
    save(tmp_path / "stray" / "a.png", coded(2, 2))
    for name in ("bare", "classes only", "stray"):
        call = f"ImageFolder(root, crop=(2, 2))  # root: {name}"
        assert_raises(ValueError, work.ImageFolder, tmp_path / name, (2, 2), call=call)
