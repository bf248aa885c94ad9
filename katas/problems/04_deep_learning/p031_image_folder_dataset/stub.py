"""A PyTorch dataset over a folder of images, one sub-folder for each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset


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
        raise NotImplementedError

    def __len__(self) -> int:
        """How many images there are."""
        raise NotImplementedError

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        """Read one image, crop it at random, and return it with its label.

        Returns (3, height, width) float32 in [0, 1], and an int.
        Raises ValueError, with the path in its message, for a file that cannot be read as an image.
        """
        raise NotImplementedError
