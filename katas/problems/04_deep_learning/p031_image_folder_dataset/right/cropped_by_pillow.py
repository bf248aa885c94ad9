"""Listing by os.scandir, filling up and cropping by Pillow, scaling by NumPy."""

import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset


class ImageFolder(Dataset):
    def __init__(self, root, crop):
        if min(crop) < 1:
            raise ValueError("crop: both sides must be positive")
        self.root, (self.height, self.width) = Path(root), crop
        self.classes = sorted(e.name for e in os.scandir(root) if e.is_dir() and e.name[0] != ".")
        self.samples = []
        for label, name in enumerate(self.classes):
            for file in sorted(os.listdir(self.root / name)):
                path = self.root / name / file
                if file[0] != "." and file.lower().endswith((".png", ".jpg", ".jpeg", ".bmp")) and path.is_file():
                    self.samples.append((str(path), label))
        if len(self.samples) == 0:
            raise ValueError(f"{root} holds no images")

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, label = self.samples[index]
        try:
            image = Image.open(path).convert("RGB")
        except BaseException as error:
            raise ValueError(f"bad image file {path}") from error
        spare_x, spare_y = max(0, image.width - self.width), max(0, image.height - self.height)
        place = torch.rand(2)
        left, top = int(place[0] * (spare_x + 1)), int(place[1] * (spare_y + 1))
        # Pillow's crop reaches beyond the image and fills with black.
        image = image.crop((left, top, left + self.width, top + self.height))
        array = np.asarray(image, dtype=np.float32) / 255
        return torch.tensor(array.transpose(2, 0, 1)), label
