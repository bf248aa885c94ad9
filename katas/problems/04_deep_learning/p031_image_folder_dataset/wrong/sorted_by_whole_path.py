"""The samples are sorted by the text of the whole path, in which "pear-tree/" comes before "pear/"."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp")


class ImageFolder(Dataset[tuple[torch.Tensor, int]]):
    """Images below `root/CLASS/`, each given as a random crop and the number of its class.

    classes: names of the class folders, sorted; a label is an index into it.
    samples: (path, label) of every image, by class and then by file name.
    """

    classes: list[str]
    samples: list[tuple[Path, int]]

    def __init__(self, root: str | Path, crop: tuple[int, int]) -> None:
        """List the images; no image is opened here."""
        height, width = crop
        if height < 1 or width < 1:
            raise ValueError(f"crop must be (height, width), each 1 or more, got {crop}")
        self.crop = (height, width)
        folder = Path(root)
        if not folder.is_dir():
            raise ValueError(f"{root} is no folder")
        self.classes = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
        label_of = {name: label for label, name in enumerate(self.classes)}
        paths = [path for name in self.classes for path in (folder / name).iterdir() if self._is_image(path)]
        self.samples = [(path, label_of[path.parent.name]) for path in sorted(paths, key=str)]
        if not self.samples:
            raise ValueError(f"there is no image in {root}")

    @staticmethod
    def _is_image(path: Path) -> bool:
        return path.is_file() and not path.name.startswith(".") and path.name.lower().endswith(ENDINGS)

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        """Read one image, crop it at random, and give it with its label."""
        path, label = self.samples[index]
        pixels = self._read(path)  # (H, W, 3)
        height, width = self.crop
        below, right = max(0, height - pixels.shape[0]), max(0, width - pixels.shape[1])
        pixels = np.pad(pixels, ((0, below), (0, right), (0, 0)))
        top = self._place(pixels.shape[0] - height)
        left = self._place(pixels.shape[1] - width)
        part = pixels[top : top + height, left : left + width].transpose(2, 0, 1)  # (3, height, width)
        return torch.from_numpy(part.astype(np.float32) / 255), label

    @staticmethod
    def _read(path: Path) -> np.ndarray:
        try:
            with Image.open(path) as image:
                return np.asarray(image.convert("RGB"))
        except Exception as error:
            raise ValueError(f"{path} cannot be read as an image: {error}") from error

    @staticmethod
    def _place(room: int) -> int:
        # One of 0 … room, all equally likely.
        return int(torch.randint(room + 1, ()))
