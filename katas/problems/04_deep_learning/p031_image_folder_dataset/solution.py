"""A PyTorch dataset over a folder of images, one sub-folder for each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp"}


class ImageFolder(Dataset[tuple[torch.Tensor, int]]):
    """Images below `root/CLASS/`, each returned as a random crop with the number of its class.

    classes: names of the class folders, sorted; a label is an index into it.
    samples: (path, label) of every image, by class and then by file name.
    """

    classes: list[str]
    samples: list[tuple[Path, int]]

    def __init__(self, root: str | Path, crop: tuple[int, int]) -> None:
        """List the images; no image is opened here.

        crop: (height, width) of every image returned, each 1 or more.
        Raises ValueError for a side of `crop` below 1, and when there is no image.
        """
        height, width = crop
        if height < 1 or width < 1:
            raise ValueError(f"crop must be a height and a width of 1 or more, got {crop}")
        self.crop = (height, width)
        folder = Path(root)
        # The order in which a file system lists its entries differs from machine to machine; a label must not.
        # Every folder counts, also an empty one: a class that lost its images must not renumber the others.
        self.classes = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        # Only names are looked at: opening a million files would take minutes before the first batch.
        self.samples = [(path, label) for label, name in enumerate(self.classes) for path in _images_in(folder / name)]
        if not self.samples:
            raise ValueError(f"no image in any class folder of {root}; looked for {', '.join(sorted(SUFFIXES))}")

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        """Read one image, crop it at random, and return it with its label.

        Returns (3, height, width) float32 in [0, 1], and an int.
        Raises ValueError, with the path in its message, for a file that cannot be read as an image.
        """
        path, label = self.samples[index]
        # (H, W, 3) uint8 -> (3, H, W): PyTorch's layers want the channels first
        pixels = torch.from_numpy(_read_rgb(path)).permute(2, 0, 1)
        return self._random_crop(pixels).float() / 255, label

    def _random_crop(self, pixels: torch.Tensor) -> torch.Tensor:
        height, width = self.crop
        # Step 1: an image smaller than the crop grows by black, below and to the right, only where it must.
        missing_below = max(0, height - pixels.shape[1])
        missing_right = max(0, width - pixels.shape[2])
        pixels = torch.nn.functional.pad(pixels, (0, missing_right, 0, missing_below))
        # Step 2: n - k + 1 places for the corner on each side; randint leaves out its upper end.
        # The draw comes from PyTorch's default generator, which DataLoader seeds anew in each worker and each
        # epoch. A generator made in __init__ would be copied into every worker in the same state, every epoch.
        top = int(torch.randint(pixels.shape[1] - height + 1, ()))
        left = int(torch.randint(pixels.shape[2] - width + 1, ()))
        return pixels[:, top : top + height, left : left + width]  # (3, height, width)


def _images_in(folder: Path) -> list[Path]:
    found = [p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith(".")]
    return sorted(p for p in found if p.is_file())


def _read_rgb(path: Path) -> np.ndarray:
    """Return the pixels as (H, W, 3) uint8, whatever the file holds: grey, palette, transparent."""
    try:
        with Image.open(path) as image:
            # `open` reads the header only; the pixels, and so most damage, come with `convert`.
            return np.array(image.convert("RGB"))
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, struct.error and more
        raise ValueError(f"cannot read {path} as an image: {error}") from error


# torchvision's ImageFolder does this listing and leaves all else to `transform`: v2.RandomCrop(size,
# pad_if_needed=True), v2.ToDtype(torch.float32, scale=True). For large JPEGs, `image.draft("RGB", size)` decodes at a
# fraction of the resolution and is worth as much as two more workers.
