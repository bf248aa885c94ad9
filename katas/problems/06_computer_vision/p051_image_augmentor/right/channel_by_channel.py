"""A matrix for the turn, and one channel after the other."""

import numpy as np


def check(image):
    if image.ndim == 2 or image.ndim == 3:
        return
    raise ValueError(f"bad shape {image.shape}")


def flip_left_right(image):
    check(image)
    return np.fliplr(image).copy()


def flip_top_bottom(image):
    check(image)
    return np.flipud(image).copy()


def rotate(image, degrees):
    check(image)
    if image.ndim == 3:
        return np.stack([rotate(image[..., k], degrees) for k in range(image.shape[2])], axis=-1)
    h, w = image.shape
    a = np.deg2rad(degrees)
    matrix = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    centre = (np.array([h, w]) - 1.0) / 2
    places = np.stack(np.meshgrid(np.arange(h), np.arange(w), indexing="ij"), axis=-1) - centre
    source = places @ matrix.T + centre
    first = np.floor(source).astype(int)
    part = source - first
    result = np.zeros((h, w))
    for dy in (0, 1):
        for dx in (0, 1):
            y, x = first[..., 0] + dy, first[..., 1] + dx
            weight = np.abs(1 - dy - part[..., 0]) * np.abs(1 - dx - part[..., 1])
            ok = (y >= 0) & (y < h) & (x >= 0) & (x < w)
            result[ok] += weight[ok] * image[y[ok], x[ok]]
    if image.dtype == np.uint8:
        result = result.round()
    return result.astype(image.dtype)


def brighten(image, amount):
    check(image)
    if image.dtype == np.uint8:
        table = np.clip(np.round(np.arange(256) + 255 * amount), 0, 255).astype(np.uint8)
        return table[image]
    if image.dtype not in (np.float32, np.float64):
        raise ValueError(image.dtype)
    return np.clip(image.astype(float) + amount, 0.0, 1.0).astype(image.dtype)


def compose(*steps):
    def all_of_them(image, rng):
        image = image.copy()
        for step in steps:
            image = step(image, rng)
        return image

    return all_of_them


def sometimes(p, step):
    return lambda image, rng: step(image, rng) if rng.uniform() < p else image.copy()


def uniformly(change, low, high):
    return lambda image, rng: change(image, float(rng.uniform(low, high)))
