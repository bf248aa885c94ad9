"""The same by an ArgumentParser."""

import argparse
import json
from collections import namedtuple

import numpy as np
from saved_model import save
from sklearn import datasets, linear_model, model_selection, pipeline, preprocessing

Result = namedtuple("Result", "sha256 accuracy")


def train(folder):
    data = datasets.load_iris()
    names = np.array([str(data.target_names[n]) for n in data.target])
    x, x_test, y, y_test = model_selection.train_test_split(
        data.data, names, test_size=0.2, stratify=names, random_state=0
    )
    model = pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression())
    model.fit(x, y)
    return Result(save(model, folder), (model.predict(x_test) == y_test).mean().item())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    result = train(parser.parse_args().folder)
    print(json.dumps(result._asdict()))


if __name__ == "__main__":
    main()
