"""How often a classifier is right."""


def accuracy(predicted: list[str], actual: list[str]) -> float:
    """The share of predictions that equal the label at the same position, from 0.0 to 1.0."""
    # True counts as 1 and False as 0, so the sum of the comparisons is the number of right predictions.
    n_right = sum(guess == label for guess, label in zip(predicted, actual))
    # One / keeps the fraction. Two drop it: 3 // 4 is 0.
    return n_right / len(actual)
