"""A model from its address to its file: fetch, clean, split, train, evaluate, save."""

from pathlib import Path

from sklearn.pipeline import Pipeline

Row = dict[str, str]
Table = list[list[float]]
Labels = list[int]


def fetch(url: str) -> list[Row]:
    """Download a CSV file in UTF-8; return one dict for each row."""
    raise NotImplementedError


def clean(rows: list[Row]) -> tuple[Table, Labels]:
    """Return x and y of the rows with a label of 0 or 1, each row once, NaN for missing values."""
    raise NotImplementedError


def split(x: Table, y: Labels, seed: int) -> tuple[Table, Labels, Table, Labels]:
    """Shuffle by the seed, and return x and y of the training rows, then x and y of a fifth for testing."""
    raise NotImplementedError


def train(x: Table, y: Labels) -> Pipeline:
    """Fit medians, scales and a logistic regression."""
    raise NotImplementedError


def evaluate(model: Pipeline, x: Table, y: Labels) -> dict[str, float]:
    """Return the accuracy, and the recall of label 1."""
    raise NotImplementedError


def save(model: Pipeline, metrics: dict[str, float], folder: str | Path) -> None:
    """Write the model and metrics.json into the folder."""
    raise NotImplementedError


def load(folder: str | Path) -> Pipeline:
    """Return the model that was saved in the folder."""
    raise NotImplementedError


def run(url: str, folder: str | Path, seed: int = 0) -> dict[str, float]:
    """Fetch, clean, split, train, evaluate and save; return the metrics of the test rows."""
    raise NotImplementedError
