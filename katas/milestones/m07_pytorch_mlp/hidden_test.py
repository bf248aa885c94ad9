"""Hidden test of m07_pytorch_mlp."""

import importlib
import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_type,
    calling,
    fail,
    keep_picture,
    learner,
    part,
    require,
    rng,
    seed,
    unchanged,
)
from kata_runner.checking.mnist import mnist_digits

work = learner("digit_mlp")
Array = NDArray[Any]


def torch() -> Any:
    return importlib.import_module("torch")


def numbers(stream: int, *shape: int) -> Any:
    return torch().tensor(rng(stream).normal(size=shape), dtype=torch().float32)


def labels(stream: int, n: int, n_classes: int) -> Any:
    return torch().tensor(rng(stream).integers(0, n_classes, n))


@part("Network")
def test_prepare() -> None:
    """1. prepare returns flat float32 images from 0 to 1, and int64 labels, as tensors."""
    for shape, dtype in (((1, 1, 2), np.int64), ((3, 2, 3), np.uint8), ((5, 7), np.int32)):
        images = rng(1).integers(0, 256, shape, dtype=np.uint8)
        images.flat[0] = 255
        y = rng(2).integers(0, 10, shape[0]).astype(dtype)
        expected = images.reshape(shape[0], -1) / 255
        with unchanged(images=images, labels=y):
            got = work.prepare(images, y)
        require(isinstance(got, tuple | list) and len(got) == 2, "prepare must return (X, y)", got=got)
        for name, tensor in zip("Xy", got, strict=True):
            require(isinstance(tensor, torch().Tensor), f"{name} must be a tensor", got=type(tensor).__name__)
        assert_close(as_array(got[0], "X"), expected, rtol=1e-5, what="X")
        assert_equal(as_array(got[1], "y"), y, what="y")
        assert_dtype(got[0], np.float32, what="X")
        assert_dtype(got[1], np.int64, what="y")


def made(sizes: list[int], **options: float) -> Any:
    model = work.MLP(list(sizes), **options)
    module = torch().nn.Module
    require(isinstance(model, module), "MLP must be an nn.Module", got=type(model).__name__)
    require("_modules" in vars(model), "MLP.__init__ does not call super().__init__()")
    return model


def linears(model: Any) -> list[Any]:
    return [m for m in model.modules() if isinstance(m, torch().nn.Linear)]


def logits_of(model: Any, x: Any) -> Array:
    with torch().no_grad():
        return as_array(model(x), "model(x)")


@part("Network")
def test_the_layers_are_registered() -> None:
    """2. MLP has a Linear between each two sizes, and parameters() holds the weights and biases of all of them."""
    for sizes in ([3, 2], [4, 3, 2], [5, 4, 3, 6, 2]):
        model = made(sizes)
        shapes = [tuple(p.shape) for p in model.parameters()]
        expected = [shape for a, b in pairwise(sizes) for shape in ((b, a), (b,))]
        assert_equal(shapes, expected, what=f"the shapes of the parameters of MLP({sizes})")


@part("Network")
def test_the_logits() -> None:
    """2. In evaluation mode the logits are those of the layers, with a ReLU after each but the last."""
    for i, sizes in enumerate(([3, 2], [4, 3, 2], [3, 8, 5, 6, 4])):
        model = made(sizes)
        model.eval()
        x = numbers(10 + i, 6, sizes[0])
        a, layers = x.numpy().astype(float), linears(model)
        for k, layer in enumerate(layers):
            a = a @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
            a = np.maximum(a, 0) if k < len(layers) - 1 else a
        assert_close(logits_of(model, x), a, rtol=1e-4, atol=1e-5, what="model(x)")


@part("Network")
def test_the_dropout() -> None:
    """2. In training mode Dropout follows each ReLU with the given probability, 0.2 by default, and not the logits."""
    for sizes, options in (([2, 3, 2], {}), ([2, 3, 4, 5, 2], {"dropout": 0.6}), ([3, 2], {})):
        found = [m.p for m in made(sizes, **options).modules() if isinstance(m, torch().nn.Dropout)]
        assert_equal(found, [options.get("dropout", 0.2)] * (len(sizes) - 2), what=f"p of the Dropouts of MLP({sizes})")
    model = made([4, 50, 3], dropout=0.5)
    x = numbers(20, 1, 4)
    model.train()
    drawn = [logits_of(model, x) for _ in range(5)]
    require(not all(np.array_equal(one, drawn[0]) for one in drawn), "nothing is dropped in training mode")
    require(not (np.array(drawn) == 0).any(), "logits are dropped; Dropout belongs between the layers", got=drawn)
    model.eval()
    same = np.array_equal(logits_of(model, x), logits_of(model, x))
    require(same, "two calls in evaluation mode return different logits")


@cache
def witness_class() -> Any:
    """A small network that notes for each call the rows, its mode, and whether gradients are recorded."""
    nn = torch().nn

    class Witness(nn.Module):
        def __init__(self, n_in: int, n_out: int, dropout: float = 0.0) -> None:
            super().__init__()
            self.linear, self.dropout = nn.Linear(n_in, n_out), nn.Dropout(dropout)
            self.linear.weight.data = numbers(30, n_out, n_in)
            self.linear.bias.data = numbers(31, n_out)
            self.seen: list[tuple[Any, bool, bool]] = []

        def forward(self, x: Any) -> Any:
            self.seen.append((x.detach().clone(), self.training, torch().is_grad_enabled()))
            return self.dropout(self.linear(x))

    return Witness


def generator(n: int) -> Any:
    return torch().Generator().manual_seed(n)


def epoch(n: int, batch_size: int, n_seed: int = 0, rate: float = 0.5) -> tuple[Any, Any, Any, Any, float]:
    """Model, its earlier weights, X, y and the loss of one epoch of the learner's, by plain descent."""
    X, y = numbers(40 + n, n, 3), labels(41 + n, n, 4)
    model = witness_class()(3, 4)
    model.eval()
    for p in model.parameters():
        p.grad = torch().full_like(p, 3.0)  # what somebody has left
    before = [p.detach().clone() for p in model.parameters()]
    optimizer = torch().optim.SGD(model.parameters(), lr=rate)
    with calling(f"train_epoch(model, X, y, SGD, batch_size={batch_size}, generator) with {n} rows"):
        loss = work.train_epoch(model, X.clone(), y.clone(), optimizer, batch_size, generator(n_seed))
    assert_type(loss, (int, float, np.floating), what="what train_epoch returned")
    return model, before, X, y, float(loss)


def rows_of(model: Any, X: Any) -> list[list[int]]:
    """For each call of the model, the numbers of the rows that it was given."""
    found = []
    for x, _, _ in model.seen:
        is_row = (x[:, None, :] == X[None]).all(dim=2)
        require(bool((is_row.sum(dim=1) == 1).all()), "the model was given rows that are not rows of X", got=x)
        found.append(is_row.float().argmax(dim=1).tolist())
    return found


def replay(before: Any, X: Any, y: Any, batches: list[list[int]], rate: float) -> tuple[list[Array], list[float]]:
    """The weights after plain descent over these batches, and the loss of each, in NumPy."""
    W, b = (p.numpy().astype(float) for p in before)
    losses = []
    for rows in batches:
        x, t = X[rows].numpy().astype(float), y[rows].numpy()
        z = x @ W.T + b
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        losses.append(float(-np.log(p[np.arange(len(t)), t]).mean()))
        p[np.arange(len(t)), t] -= 1
        W, b = W - rate * p.T @ x / len(t), b - rate * p.sum(axis=0) / len(t)
    return [W, b], losses


@part("Training")
def test_each_row_is_in_one_batch() -> None:
    """3. Each row is in one batch of batch_size rows, the last of which may be smaller."""
    for n, batch_size in ((1, 1), (6, 2), (7, 3), (5, 8)):
        model, _, X, _, _ = epoch(n, batch_size)
        found = rows_of(model, X)
        expected = [batch_size] * (n // batch_size) + ([n % batch_size] if n % batch_size else [])
        assert_equal([len(rows) for rows in found], expected, what=f"the sizes of the batches of {n} rows")
        assert_equal(sorted(row for rows in found for row in rows), list(range(n)), what="all rows, sorted")


@part("Training")
def test_the_rows_are_shuffled_by_the_generator() -> None:
    """3. The order of the rows is random, comes from the generator alone, and differs from epoch to epoch."""
    state = torch().random.get_rng_state()
    orders = []
    for n_seed in (0, 0, 1):
        torch().manual_seed(len(orders))
        model, _, X, _, _ = epoch(40, 40, n_seed)
        orders.append(rows_of(model, X)[0])
    torch().random.set_rng_state(state)
    require(orders[0] != sorted(orders[0]), "the rows come in their old order", got=orders[0])
    require(orders[0] == orders[1], "a generator in the same state led to another order", got=orders[1])
    require(orders[0] != orders[2], "a generator in another state led to the same order", got=orders[2])
    model, one = witness_class()(3, 4), generator(0)
    optimizer = torch().optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        work.train_epoch(model, X.clone(), labels(5, 40, 4), optimizer, 40, one)
    first, second = rows_of(model, X)
    require(first != second, "two epochs with one generator have the same order", got=second)


@part("Training")
def test_the_steps() -> None:
    """3. After each batch the optimizer takes a step along the gradient of this batch's mean loss alone."""
    for n, batch_size in ((4, 4), (6, 3), (7, 3), (5, 1)):
        model, before, X, y, _ = epoch(n, batch_size)
        expected, _ = replay(before, X, y, rows_of(model, X), 0.5)
        for p, wanted, name in zip(model.parameters(), expected, ("weight", "bias"), strict=True):
            assert_close(as_array(p.detach(), name), wanted, rtol=1e-3, atol=1e-4, what=f"the {name} after the epoch")


@part("Training")
def test_training_mode() -> None:
    """3. The model is in training mode during the epoch, whatever it was before."""
    model, *_ = epoch(6, 3)
    require(all(training for _, training, _ in model.seen), "the model was in evaluation mode during the epoch")


@part("Training")
def test_the_mean_loss() -> None:
    """4. The epoch returns the mean of the losses over the rows; a smaller batch counts less."""
    for n, batch_size in ((4, 4), (6, 3), (7, 3), (5, 4)):
        model, before, X, y, got = epoch(n, batch_size)
        batches = rows_of(model, X)
        _, losses = replay(before, X, y, batches, 0.5)
        expected = sum(loss * len(rows) for loss, rows in zip(losses, batches, strict=True)) / n
        assert_close(got, expected, rtol=1e-4, what=f"the loss of {n} rows in batches of {batch_size}")


def evaluated(model: Any, X: Any, y: Any) -> tuple[float, float]:
    got = work.evaluate(model, X, y)
    require(isinstance(got, tuple | list) and len(got) == 2, "evaluate must return (loss, accuracy)", got=got)
    for name, value in zip(("loss", "accuracy"), got, strict=True):
        assert_type(value, (int, float, np.floating), what=f"the {name} of evaluate")
    return float(got[0]), float(got[1])


def plain_evaluation(model: Any, X: Any, y: Any) -> tuple[float, float]:
    W, b = (p.detach().numpy().astype(float) for p in model.parameters())
    losses, right = [], 0
    for row, label in zip((X.numpy().astype(float) @ W.T + b).tolist(), y.tolist(), strict=True):
        top = max(row)
        losses.append(top + math.log(sum(math.exp(v - top) for v in row)) - row[label])
        right += row.index(top) == label
    return math.fsum(losses) / len(losses), right / len(losses)


@part("Evaluation")
def test_loss_and_accuracy() -> None:
    """5. evaluate returns the mean cross-entropy, and the share of rows whose largest logit is at the label."""
    for n in (1, 3, 59):
        model, X, y = witness_class()(3, 4), numbers(50 + n, n, 3), labels(51 + n, n, 4)
        expected = plain_evaluation(model, X, y)
        got = evaluated(model, X, y)
        assert_close(got[0], expected[0], rtol=1e-4, what=f"the loss of {n} rows")
        assert_close(got[1], expected[1], rtol=1e-5, what=f"the accuracy of {n} rows")


@part("Evaluation")
def test_the_mode_of_evaluation() -> None:
    """6. During evaluate the model is in evaluation mode and records no gradients; then it has its old mode."""
    X, y = numbers(60, 8, 3), labels(61, 8, 4)
    for training in (True, False):
        model = witness_class()(3, 4, dropout=0.5)
        model.train(training)
        expected = plain_evaluation(model, X, y)
        got = evaluated(model, X, y)
        message = "the model was in training mode while it was evaluated"
        require(not any(was for _, was, _ in model.seen), message)
        require(not any(grad for _, _, grad in model.seen), "gradients were recorded during the evaluation")
        assert_close(got[0], expected[0], rtol=1e-4, what="the loss of a model with dropout")
        assert_equal(model.training, training, what="model.training after evaluate")


@part("Evaluation")
def test_nothing_is_learned_from_new_rows() -> None:
    """6. evaluate leaves the weights, the rows and the labels as they were."""
    model, X, y = witness_class()(3, 4), numbers(62, 8, 3), labels(63, 8, 4)
    before = [p.detach().clone() for p in model.parameters()]
    kept = X.clone(), y.clone()
    evaluated(model, X, y)
    for p, was in zip(model.parameters(), before, strict=True):
        require(bool(torch().equal(p, was)), "evaluate changed the weights of the model", got=p, expected=was)
    for got, was in zip((X, y), kept, strict=True):
        require(bool(torch().equal(got, was)), "evaluate changed its inputs", got=got, expected=was)


def blobs() -> tuple[Any, Any, Any, Any]:
    """Forty rows of three classes, and twenty new ones."""
    y, y_new = torch().arange(40) % 3, torch().arange(20) % 3
    centres = numbers(70, 3, 5) * 2
    return centres[y] + numbers(71, 40, 5), y, centres[y_new] + numbers(72, 20, 5), y_new


def fitted(data: tuple[Any, Any, Any, Any], **options: Any) -> tuple[Any, dict[str, list[float]]]:
    got = work.fit(*data, **options)
    require(isinstance(got, tuple | list) and len(got) == 2, "fit must return (model, history)", got=got)
    model, history = got
    require(isinstance(model, torch().nn.Module), "fit must return an nn.Module first", got=type(model).__name__)
    assert_type(history, dict, what="the history")
    assert_equal(sorted(history), ["accuracy", "loss", "train_loss"], what="the names in the history")
    for name, values in history.items():
        assert_type(values, list, what=f"history[{name!r}]")
        for value in values:
            assert_type(value, (int, float), what=f"an entry of history[{name!r}]")
    return model, history


def learners_evaluation(model: Any, X: Any, y: Any) -> tuple[float, float]:
    model.eval()
    logits = logits_of(model, X).astype(float)
    moved = logits - logits.max(axis=1, keepdims=True)
    log_p = moved - np.log(np.exp(moved).sum(axis=1, keepdims=True))
    told = y.numpy()
    return float(-log_p[np.arange(len(told)), told].mean()), float((logits.argmax(axis=1) == told).mean())


@part("The fight")
def test_the_history() -> None:
    """7. fit returns its model in evaluation mode, and the history of each epoch on the new rows."""
    data = blobs()
    for options in ({"epochs": 1, "hidden": (8,)}, {"epochs": 4, "hidden": [6, 7], "batch_size": 7, "seed": 2}, {}):
        model, history = fitted(data, **options)
        require(model.training is False, "the model that fit returned is in training mode")
        epochs = options.get("epochs", 5)
        for name in ("train_loss", "loss", "accuracy"):
            assert_equal(len(history[name]), epochs, what=f"the length of history[{name!r}]")
        sizes = [tuple(layer.weight.shape) for layer in linears(model)]
        full = [5, *options.get("hidden", (64,)), 3]
        expected_sizes = [(b, a) for a, b in pairwise(full)]
        assert_equal(sizes, expected_sizes, what="the shapes of the weights")
        loss, accuracy = learners_evaluation(model, *data[2:])
        assert_close(history["loss"][-1], loss, rtol=1e-4, what='the last entry of history["loss"]')
        assert_close(history["accuracy"][-1], accuracy, rtol=1e-5, what='the last entry of history["accuracy"]')
    two = [2 * (one > 0).long() if i % 2 else one for i, one in enumerate(data)]
    model, _ = fitted(two, epochs=1)
    assert_equal(linears(model)[-1].out_features, 3, what="the number of logits for the labels 0 and 2")


@part("The fight")
def test_it_learns() -> None:
    """7. The loss of training falls over the epochs, by Adam with the given rate."""
    data = blobs()
    _, history = fitted(data, epochs=12, batch_size=8, learning_rate=0.02)
    losses = history["train_loss"]
    require(losses[-1] < 0.7 * losses[0], "twelve epochs do not lower the loss of training", got=losses)
    model, history = fitted(data, epochs=1, batch_size=40, learning_rate=0.0)
    first = fitted(data, epochs=2, batch_size=40, learning_rate=0.0)[0]
    same = all(torch().equal(a, b) for a, b in zip(model.parameters(), first.parameters(), strict=True))
    require(same, "with learning_rate=0.0 an epoch still changes the weights")
    # One step of Adam moves each entry by the rate, whatever the size of its gradient.
    moved = fitted(data, epochs=1, batch_size=40, learning_rate=0.01)[0]
    gaps = [(a - b).abs().max().item() for a, b in zip(moved.parameters(), model.parameters(), strict=True)]
    assert_close(max(gaps), 0.01, rtol=1e-2, what="the largest change of a weight by one step of rate 0.01")
    data[0][:, 0] = 0.0  # no gradient ever comes to the weights of this column
    still, moved = (fitted(data, epochs=2, batch_size=40, learning_rate=rate)[0] for rate in (0.0, 0.01))
    columns = [linears(one)[0].weight[:, 0] for one in (still, moved)]
    message = "weights of an input that is always 0 have changed, and their gradient is 0"
    require(torch().equal(*columns), message, got=columns[1].detach(), expected=columns[0].detach())


@part("The fight")
def test_the_seed() -> None:
    """8. The same call returns the same weights and history, another seed others."""
    data = blobs()
    options = {"epochs": 2, "batch_size": 8}
    torch().manual_seed(1)
    model, history = fitted(data, seed=3, **options)
    torch().manual_seed(2)
    again, same_history = fitted(data, seed=3, **options)
    assert_equal(same_history, history, what="the history of the second call with seed=3")
    same = all(torch().equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    require(same, "the second call with seed=3 led to other weights")
    for n in (0, 4):
        other, _ = fitted(data, seed=n, **options)
        weights = [next(iter(m.parameters())) for m in (model, other)]
        require(not torch().allclose(*weights), f"seed={n} led to the same weights as seed=3")
    starts = [next(iter(fitted(data, seed=n, epochs=1, learning_rate=0.0)[0].parameters())) for n in (0, 1)]
    require(not torch().allclose(*starts), "two seeds have the same weights at the start")


@part("The fight")
def test_the_global_state_is_put_back() -> None:
    """8. After fit, PyTorch's global random state is what it was before."""
    data = blobs()
    torch().manual_seed(5)
    before = torch().random.get_rng_state()
    fitted(data, epochs=1)
    after = torch().random.get_rng_state()
    require(bool(torch().equal(before, after)), "fit has changed PyTorch's global random state")


@part("The fight")
def test_it_reads_real_mnist() -> None:
    """9. Trained on 3,000 real MNIST digits, it is right on over 90 % of 1,000 others, from two seeds."""
    found = mnist_digits()
    if found is None:
        return
    torch().set_num_threads(1)
    X = torch().tensor(found[0] / 255, dtype=torch().float32)
    y = torch().tensor(found[1].astype(np.int64))
    place = torch().arange(len(X)) % 5
    for n in (seed(), seed() + 1):
        is_train, is_new = place < 3, place == 4
        model, history = fitted((X[is_train], y[is_train], X[is_new], y[is_new]), seed=n)
        _, accuracy = learners_evaluation(model, X[is_new], y[is_new])
        if not accuracy > 0.9:
            message = "too few of 1,000 new digits are read"
            call = f"fit(X, y, X_new, y_new, seed={n}) of real MNIST digits"
            fail(message, got=Shown(f"{accuracy:.1%}"), expected=Shown("over 90 %"), call=call)
    keep_picture(as_figure(work.draw_curves(history), "draw_curves"), "curves_of_mnist")


def curves(history: dict[str, list[float]]) -> list[Any]:
    figure = as_figure(work.draw_curves({name: list(values) for name, values in history.items()}), "draw_curves")
    axes = figure.get_axes()
    require(len(axes) == 2, f"draw_curves drew {len(axes)} axes, expected two")
    return sorted(axes, key=lambda one: one.get_position().x0)


HISTORY = {"train_loss": [2.0, 1.0, 0.5], "loss": [1.5, 0.75, 0.7], "accuracy": [0.3, 0.6, 0.8]}


@part("The fight")
def test_the_curves() -> None:
    """10. The losses are two lines on the left, the accuracy is one on the right, over the epochs from 1."""
    one = {"train_loss": [2.0], "loss": [1.5], "accuracy": [0.3]}
    figures = []
    for history in (HISTORY, one):
        axes = curves(history)
        figures.append(axes[0].figure)
        lines = {str(line.get_label()): line for line in axes[0].get_lines()}
        assert_equal(sorted(lines), ["new", "train"], what="the labels of the lines on the left")
        require(len(axes[1].get_lines()) == 1, "the axes on the right must hold one line")
        drawn = ((lines["train"], "train_loss"), (lines["new"], "loss"), (axes[1].get_lines()[0], "accuracy"))
        for line, name in drawn:
            epochs = np.arange(1, len(history[name]) + 1)
            assert_close(np.asarray(line.get_xdata(), dtype=float), epochs, what=f"x of the line of {name}")
            assert_close(np.asarray(line.get_ydata(), dtype=float), history[name], what=f"y of the line of {name}")
    require(figures[0] is not figures[1], "a second call of draw_curves drew on an earlier figure")


@part("The fight")
def test_the_picture_can_be_read() -> None:
    """10. Both axes are named, and a legend tells the lines on the left apart."""
    left, right = curves(HISTORY)
    for axes, word in ((left, "loss"), (right, "accuracy")):
        require("epoch" in axes.get_xlabel().lower(), "the x label lacks 'epoch'", got=axes.get_xlabel())
        require(word in axes.get_ylabel().lower(), f"the y label lacks {word!r}", got=axes.get_ylabel())
    named = [text.get_text() for text in left.get_legend().get_texts()] if left.get_legend() else []
    require({"train", "new"} <= set(named), "the legend on the left must name train and new", got=named)
