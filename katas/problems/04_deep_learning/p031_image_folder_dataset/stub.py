"""A PyTorch dataset over a folder of images, one sub-folder for each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset


class ImageFolder(Dataset[tuple[torch.Tensor, int]]):
    """Images below `root/CLASS/`, each given as a random crop and the number of its class.

    classes: names of the class folders, sorted; a label is an index into it.
    samples: (path, label) of every image, by class and then by file name.
    """

    classes: list[str]
    samples: list[tuple[Path, int]]

    def __init__(self, root: str | Path, crop: tuple[int, int]) -> None:
        """List the images; no image is opened here.

        crop: (height, width) of every image given, each 1 or more.
        Raises ValueError that names `crop`, or that holds `root` when it is no folder or has no image.
        """
        raise NotImplementedError

    def __len__(self) -> int:
        """How many images there are."""
        raise NotImplementedError

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        """Read one image, crop it at random, and give it with its label.

        Returns (3, height, width) float32 in [0, 1], and an int.
        Raises IndexError past the end, and ValueError that holds the path of a file that cannot be read as an image.
        """
        raise NotImplementedError
