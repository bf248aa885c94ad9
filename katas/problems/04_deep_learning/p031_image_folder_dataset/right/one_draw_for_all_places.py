"""glob over each class, one draw for all places, a flat index taken apart, and torch.zeros to paste on."""

import glob
import os

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset


class ImageFolder(Dataset):
    def __init__(self, root, crop):
        if any(side < 1 for side in crop):
            raise ValueError("each side of crop has to be positive")
        self.crop = tuple(crop)
        self.classes = sorted(name for name in os.listdir(root) if self._is_class(root, name))
        self.samples = [
            (path, label)
            for label, name in enumerate(self.classes)
            for path in sorted(glob.glob(os.path.join(glob.escape(os.path.join(root, name)), "*")))
            if os.path.isfile(path) and os.path.splitext(path)[1].lower() in (".png", ".jpg", ".jpeg", ".bmp")
        ]
        if not self.samples:
            raise ValueError("no images")

    @staticmethod
    def _is_class(root, name):
        return not name.startswith(".") and os.path.isdir(os.path.join(root, name))

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, label = self.samples[index]
        with open(path, "rb") if os.path.exists(path) else open(os.devnull, "rb") as file:
            try:
                pixels = np.array(Image.open(file).convert("RGB"), dtype=np.float32)
            except Exception as error:
                raise ValueError(f"{path}: {error}") from error
        height, width = self.crop
        canvas = torch.zeros(3, max(height, pixels.shape[0]), max(width, pixels.shape[1]))
        canvas[:, : pixels.shape[0], : pixels.shape[1]] = torch.from_numpy(pixels).permute(2, 0, 1) / 255
        rows, columns = canvas.shape[1] - height + 1, canvas.shape[2] - width + 1
        top, left = divmod(int(torch.randint(rows * columns, (1,)).item()), columns)
        return canvas[:, top : top + height, left : left + width].clone(), label
