"""Counted in a loop, with an index."""


def accuracy(predicted: list[str], actual: list[str]) -> float:
    """The share of predictions that equal the label at the same position, from 0.0 to 1.0."""
    n_right = 0
    for i in range(len(actual)):
        if predicted[i] == actual[i]:
            n_right += 1
    return n_right / len(actual)
