"""Images for hidden tests: a photograph to try, and pictures of arrays to look at."""

from __future__ import annotations

import importlib.util
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking.session import current

_LEAST_HEIGHT = 160  # of a kept picture: smaller images are enlarged by a whole factor
_GAP = 8  # white pixels between two images


def photograph() -> NDArray[np.uint8]:
    """Return a colour photograph, uint8 of shape (427, 640, 3), writeable.

    It is scikit-learn's "china.jpg", loaded from where that package lies. Without scikit-learn or Pillow it is a
    drawing of shape (120, 160, 3): a gradient, a disc and stripes.

    >>> image = photograph()
    """
    spec = importlib.util.find_spec("sklearn")
    file = Path(spec.origin or "").parent / "datasets" / "images" / "china.jpg" if spec else None
    if file is None or not file.is_file() or importlib.util.find_spec("PIL") is None:
        return _drawing()
    from PIL import Image

    with Image.open(file) as image:
        return np.array(image.convert("RGB"))


def _drawing() -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:120, 0:160]
    disc = (rows - 50) ** 2 + (columns - 60) ** 2 < 900
    stripes = (columns // 8 % 2 == 0) & (rows > 85)
    red = np.where(disc, 220, columns)
    green = np.where(stripes, 30, 2 * rows)
    blue = np.where(disc, 40, 255 - columns)
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)


def keep_images(*images: NDArray[Any], name: str) -> Path:
    """Save images side by side, as before and after, as a PNG in the kata's `pictures/` folder; the verdict shows it.

    images: each of shape (h, w), (h, w, 3) or (h, w, 4), alpha ignored: integers from 0 to 255, booleans, or floats
    from 0 to 1; what lies beyond is clipped. name: the file's name without a suffix.

    >>> keep_images(photo, work.blur(photo), name="blurred")
    """
    colours = [_as_rgb(np.asarray(image)) for image in images]
    height = max(image.shape[0] for image in colours)
    padded = [
        np.pad(image, ((0, height - image.shape[0]), (_GAP if i else 0, 0), (0, 0)), constant_values=255)
        for i, image in enumerate(colours)
    ]
    row = np.concatenate(padded, axis=1)
    factor = max(1, _LEAST_HEIGHT // height)
    folder = current().folder / "pictures"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.png"
    path.write_bytes(_png(row.repeat(factor, axis=0).repeat(factor, axis=1)))
    current().add_picture(path)
    return path


def _as_rgb(image: NDArray[Any]) -> NDArray[np.uint8]:
    scale = 255.0 if image.dtype == bool or np.issubdtype(image.dtype, np.floating) else 1.0
    values = np.clip(np.nan_to_num(image.astype(np.float64)) * scale, 0, 255).round().astype(np.uint8)
    return np.stack([values] * 3, axis=-1) if values.ndim == 2 else values[..., :3]


def _png(image: NDArray[np.uint8]) -> bytes:
    """The bytes of a PNG file of an image of shape (h, w, 3)."""
    height, width, _ = image.shape
    rows = np.pad(image.reshape(height, -1), ((0, 0), (1, 0)))  # each row begins with its filter: 0, none
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 1)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
