"""How often a classifier is right."""


def accuracy(predicted: list[str], actual: list[str]) -> float:
    """The share of predictions that equal the label at the same position, from 0.0 to 1.0."""
    n_right = sum(guess == label for guess, label in zip(predicted, actual))
    return n_right // len(actual)
