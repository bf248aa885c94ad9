"""Files by bytes, drawing by slices, another font."""

from pathlib import Path

import cv2
import numpy as np


def load(path):
    data = np.frombuffer(Path(path).read_bytes(), dtype=np.uint8)  # raises FileNotFoundError by itself
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if picture is None:
        raise ValueError(f"{path} is no picture")
    return picture


def grey(image):
    if image.ndim == 2:
        return np.array(image)
    return np.round(image @ np.array([0.114, 0.587, 0.299])).astype(np.uint8)


def blur(image, size):
    if size % 2 != 1 or size < 0:
        raise ValueError("size must be odd")
    return cv2.GaussianBlur(image, (size, size), 0)


def edges(image, low, high, size=5):
    if high < low:
        raise ValueError("low is above high")
    level = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return cv2.Canny(blur(level, size), threshold1=low, threshold2=high)


def mark_edges(image, low, high, size=5, colour=(0, 255, 0)):
    return np.where(edges(image, low, high, size)[..., None] > 0, np.array(colour, dtype=np.uint8), image)


def draw_box(image, box, colour=(0, 255, 0)):
    x, y, w, h = box
    copy = image.copy()
    copy[y : y + h, [x, x + w - 1]] = colour
    copy[[y, y + h - 1], x : x + w] = colour
    return copy


def draw_circle(image, centre, radius, colour=(0, 255, 0)):
    rows, columns = np.indices(image.shape[:2])
    copy = image.copy()
    copy[(columns - centre[0]) ** 2 + (rows - centre[1]) ** 2 <= radius**2] = colour
    return copy


def draw_text(image, text, at, colour=(0, 255, 0)):
    (width, height), tail = cv2.getTextSize(text, cv2.FONT_HERSHEY_PLAIN, 1.0, 1)
    x = np.clip(at[0], 0, image.shape[1] - width)
    y = np.clip(at[1], height, image.shape[0] - tail - 1)
    copy = image.copy()
    cv2.putText(copy, text, (int(x), int(y)), cv2.FONT_HERSHEY_PLAIN, 1.0, colour)
    return copy


def find_faces(image, min_neighbours=5):
    file = Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"
    rows = cv2.CascadeClassifier(str(file)).detectMultiScale(grey(image), 1.1, min_neighbours)
    return sorted((tuple(int(v) for v in row) for row in rows), key=lambda box: -box[2] * box[3])


def hunt(path, out):
    image = load(path)
    boxes = find_faces(image)
    for i, box in enumerate(boxes):
        image = draw_box(image, box)
        image = draw_text(image, f"face {i + 1}", (box[0], box[1] - 5))
    kind = Path(out).suffix
    try:
        encoded = cv2.imencode(kind, image)[1]
    except cv2.error:
        raise OSError(f"unknown kind of picture: {kind}") from None
    Path(out).write_bytes(encoded.tobytes())
    return boxes
