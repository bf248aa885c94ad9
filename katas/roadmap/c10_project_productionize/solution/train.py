"""Trains the classifier of irises and saves it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from saved_model import save
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True)
class Result:
    """The digest of the saved model, and its accuracy on rows that it was not fitted on."""

    sha256: str
    accuracy: float


def train(folder: str | Path) -> Result:
    """Fit the model on the training rows, save it into the folder, and measure it on the test rows."""
    data = load_iris()
    species = data.target_names[data.target]
    x_train, x_test, y_train, y_test = train_test_split(
        data.data, species, test_size=30, stratify=species, random_state=0
    )
    # The scaler is a step of the model: it learns from the training rows alone, and travels in the same file.
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x_train, y_train)
    return Result(save(model, folder), float(model.score(x_test, y_test)))


def main() -> None:
    """Train into the folder in the command line; print the result as one line of JSON."""
    print(json.dumps(asdict(train(sys.argv[1]))))


if __name__ == "__main__":
    main()
