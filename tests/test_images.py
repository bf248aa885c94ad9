from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kata_runner.checking import images
from kata_runner.checking.session import CheckSession, begin, current

Image = pytest.importorskip("PIL.Image")


@pytest.fixture(autouse=True)
def session(tmp_path: Path) -> Iterator[None]:
    begin(CheckSession(folder=tmp_path))
    yield
    begin(CheckSession())


def test_before_and_after_stand_side_by_side(tmp_path: Path) -> None:
    grey = np.array([[0.0, 1.0]] * 200)
    colour = np.full((150, 3, 3), (10, 20, 30), dtype=np.uint8)

    path = images.keep_images(grey, colour, name="both")

    shown = np.asarray(Image.open(path))
    assert path == tmp_path / "pictures" / "both.png"
    assert current().pictures == [path]
    assert shown.shape == (200, 2 + images._GAP + 3, 3)
    assert shown[0, 0].tolist() == [0, 0, 0]
    assert shown[199, 1].tolist() == [255, 255, 255]
    assert shown[149, -1].tolist() == [10, 20, 30]
    assert (shown[150:, 2:] == 255).all()


@pytest.mark.parametrize(
    ("image", "first"),
    [
        (np.array([[True]]), 255),
        (np.array([[300]]), 255),
        (np.array([[-0.5]]), 0),
        (np.array([[np.nan]]), 0),
        (np.array([[[7, 7, 7, 0]]], dtype=np.uint8), 7),
    ],
)
def test_what_no_screen_can_show_is_clipped_and_small_images_are_enlarged(image: np.ndarray, first: int) -> None:
    shown = np.asarray(Image.open(images.keep_images(image, name="small")))

    assert shown.shape == (images._LEAST_HEIGHT, images._LEAST_HEIGHT, 3)
    assert (shown == first).all()


def test_the_photograph_is_a_real_one_where_scikit_learn_is() -> None:
    pytest.importorskip("sklearn")

    photo = images.photograph()

    assert (photo.shape, photo.dtype) == ((427, 640, 3), np.uint8)
    photo[0, 0] = 0  # may be changed


def test_without_scikit_learn_there_is_a_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    drawing = images.photograph()

    assert (drawing.shape, drawing.dtype) == ((120, 160, 3), np.uint8)
    assert len(np.unique(drawing)) > 100
