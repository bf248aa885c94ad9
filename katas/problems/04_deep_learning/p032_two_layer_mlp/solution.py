"""A network of two layers: forward, backward, and training."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Params = dict[str, Array]  # W1 (n_hidden, n_in), b1 (n_hidden,), W2 (n_out, n_hidden), b2 (n_out,)


def init(n_in: int, n_hidden: int, n_out: int, rng: np.random.Generator) -> Params:
    """Draw weights with mean 0 and variance 2 / fan_in, normally distributed; biases are zero."""
    # Random, as equal neurons would have equal gradients and stay equal for ever.
    return {
        "W1": rng.normal(0.0, np.sqrt(2 / n_in), (n_hidden, n_in)),
        "b1": np.zeros(n_hidden),
        "W2": rng.normal(0.0, np.sqrt(2 / n_hidden), (n_out, n_hidden)),
        "b2": np.zeros(n_out),
    }


def forward(params: Params, X: NDArray[Any]) -> Array:
    """Return the logits (n, n_out) of the rows of X (n, n_in)."""
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0.0)  # (n, n_hidden)
    return hidden @ params["W2"].T + params["b2"]  # (n, n_out)


def loss_and_gradients(params: Params, X: NDArray[Any], y: NDArray[np.integer[Any]]) -> tuple[float, Params]:
    """Return the mean cross-entropy of the rows, and its derivatives by the names of `params`.

    y: (n,) labels. Raises ValueError for a label below 0 or not below n_out.
    """
    n, n_out = len(X), len(params["b2"])
    if y.min() < 0 or y.max() >= n_out:  # a negative one would pick a column from the end
        raise ValueError(f"labels must be from 0 to {n_out - 1}, got {y.min()} to {y.max()}")
    before_relu = X @ params["W1"].T + params["b1"]  # (n, n_hidden)
    hidden = np.maximum(before_relu, 0.0)
    logits = hidden @ params["W2"].T + params["b2"]  # (n, n_out)

    # The largest logit is taken off first, as exp overflows above 709; log and exp cancel on paper.
    moved = logits - logits.max(axis=1, keepdims=True)
    log_p = moved - np.log(np.exp(moved).sum(axis=1, keepdims=True))
    rows = np.arange(n)
    loss = -log_p[rows, y].mean()

    # Backward, from the loss to the weights. Softmax and logarithm together have the derivative p - 1 at the label and
    # p elsewhere; the mean over n rows divides it by n, here and nowhere else.
    d_logits = np.exp(log_p)
    d_logits[rows, y] -= 1.0
    d_logits /= n
    d_hidden = d_logits @ params["W2"]  # (n, n_hidden)
    d_before = d_hidden * (before_relu > 0)  # nothing comes back through a neuron that was off
    # Each row of the batch has used the same weights: their derivatives are sums over the rows. A matrix product sums
    # by itself, a bias needs it said.
    gradients = {
        "W1": d_before.T @ X,
        "b1": d_before.sum(axis=0),
        "W2": d_logits.T @ hidden,
        "b2": d_logits.sum(axis=0),
    }
    return float(loss), gradients


def predict(params: Params, X: NDArray[Any]) -> NDArray[np.intp]:
    """Return the class with the largest logit of each row, on a tie the lowest."""
    # Softmax keeps the order, so that it is not needed here.
    classes: NDArray[np.intp] = forward(params, X).argmax(axis=1)
    return classes


def train(
    X: NDArray[Any],
    y: NDArray[np.integer[Any]],
    n_hidden: int = 64,
    n_epochs: int = 12,
    batch_size: int = 16,
    learning_rate: float = 0.2,
    seed: int = 0,
) -> Params:
    """Return new parameters, trained on X and y by mini-batches; all randomness comes from `seed`."""
    rng = np.random.default_rng(seed)
    params = init(X.shape[1], n_hidden, int(y.max()) + 1, rng)
    for _ in range(n_epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            _, gradients = loss_and_gradients(params, X[rows], y[rows])
            # All gradients belong to the same parameters: first all of them, then the step.
            for name in params:
                params[name] -= learning_rate * gradients[name]
    return params


# PyTorch records each operation of the forward pass and walks the record backwards (autograd), so that nobody derives
# a network by hand; torch.autograd.gradcheck still proves a new operation by finite differences, as you can. Training
# adds momentum or Adam, a schedule for the rate, dropout or weight decay, and early stopping.
