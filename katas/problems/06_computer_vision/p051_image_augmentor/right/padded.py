"""A black frame around the image, one gather for each corner, and complex numbers for the turn."""

import numpy as np


def need_image(image):
    if not 2 <= np.ndim(image) <= 3:
        raise ValueError("an image has two or three axes")


def flip_left_right(image):
    need_image(image)
    return np.ascontiguousarray(np.array(image)[:, ::-1]).copy()


def flip_top_bottom(image):
    need_image(image)
    return np.array(np.flipud(image))


def as_dtype(values, dtype):
    if dtype.kind == "u":
        return np.floor(values + 0.5).clip(0, 255).astype(np.uint8)
    return values.astype(dtype)


def rotate(image, degrees):
    need_image(image)
    h, w = image.shape[:2]
    turn = np.exp(1j * np.radians(-(degrees % 360.0)))
    rows, columns = np.indices((h, w))
    # The plane of complex numbers has its second axis upwards.
    z = ((columns - (w - 1) / 2) - 1j * (rows - (h - 1) / 2)) * turn
    x, y = z.real + (w - 1) / 2, (h - 1) / 2 - z.imag
    frame = [(1, 2), (1, 2)] + [(0, 0)] * (image.ndim - 2)
    padded = np.pad(image.astype(float), frame)
    # Whatever lies further out is as black as the frame.
    y, x = np.clip(y + 1, 0, h + 1), np.clip(x + 1, 0, w + 1)
    i, j = y.astype(int), x.astype(int)
    fy, fx = y - i, x - j
    if image.ndim == 3:
        fy, fx = fy[..., None], fx[..., None]
    top = padded[i, j] * (1 - fx) + padded[i, j + 1] * fx
    bottom = padded[i + 1, j] * (1 - fx) + padded[i + 1, j + 1] * fx
    return as_dtype(top * (1 - fy) + bottom * fy, image.dtype)


def brighten(image, amount):
    need_image(image)
    if image.dtype == np.uint8:
        return as_dtype(image + 255.0 * amount, image.dtype)
    if image.dtype.kind != "f":
        raise TypeError(f"cannot brighten {image.dtype}")
    return np.minimum(np.maximum(image + image.dtype.type(amount), 0), 1)


class compose:
    def __init__(self, *steps):
        self.steps = steps

    def __call__(self, image, rng):
        if not self.steps:
            return np.array(image)
        for step in self.steps:
            image = step(image, rng)
        return image


def sometimes(p, step):
    def taken(image, rng):
        if rng.binomial(1, p):
            return step(image, rng)
        return np.array(image)

    return taken


def uniformly(change, low, high):
    def changed(image, rng):
        return change(image, low + (high - low) * rng.random())

    return changed
