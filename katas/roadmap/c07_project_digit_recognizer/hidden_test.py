"""Hidden test of c07_project_digit_recognizer."""

import contextlib
import gzip
import io
import math
import re
import struct
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Ran,
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    run_python,
    seed,
    temporary_folder,
    unchanged,
)
from kata_runner.checking.images import keep_images
from kata_runner.checking.mnist import mnist_digits

work = learner("digit_recognizer")
Array = NDArray[Any]
Layers = list[tuple[Array, Array]]
# Rows, and the sizes of the layers.
SIZES = [(1, [1, 2]), (1, [2, 3, 2]), (5, [3, 4]), (4, [3, 5, 4, 3]), (3, [2, 4, 3, 4, 2]), (2, [4, 1, 3, 5])]


def idx(data: Array) -> bytes:
    """The bytes of an IDX file."""
    return bytes([0, 0, 8, data.ndim]) + struct.pack(f">{data.ndim}I", *data.shape) + data.astype(np.uint8).tobytes()


def read(content: bytes, name: str = "digits") -> Array:
    with temporary_folder() as folder:
        path = folder / name
        path.write_bytes(content)
        shown = content if len(content) < 40 else content[:20] + b"..."
        with calling(f"read_idx of a file named {name!r} with the bytes {shown!r}"):
            return as_array(work.read_idx(path), "read_idx")


def test_files_are_read() -> None:
    """1. read_idx returns the bytes of a file in their shape, for one, two, three axes and more."""
    small = np.arange(6, dtype=np.uint8)
    many = rng(1).integers(0, 256, (300, 3, 2), dtype=np.uint8)
    labels = np.arange(70_000).astype(np.uint8)  # two bytes do not hold their number
    for data in (small, small.reshape(2, 3), small.reshape(3, 1, 2), small.reshape(1, 2, 1, 3), many, labels):
        got = read(idx(data))
        assert_shape(got, data.shape)
        assert_equal(got, data)
        assert_dtype(got, np.uint8)


def test_compressed_files_are_read() -> None:
    """1. gzip is known by the first bytes, whatever the name; the path may be a str or a Path."""
    data = rng(2).integers(0, 256, (5, 4, 4), dtype=np.uint8)
    for name, content in (
        ("images.gz", gzip.compress(idx(data))),
        ("images", gzip.compress(idx(data))),
        ("images.idx3-ubyte", gzip.compress(idx(data))),
        ("images.gz", idx(data)),
    ):
        assert_equal(read(content, name), data)
    with temporary_folder() as folder:
        path = folder / "images.gz"
        path.write_bytes(gzip.compress(idx(data)))
        assert_equal(work.read_idx(str(path)), data)


def pair(folder: Path, images: Array, labels: Array, name: str = "some", zipped: bool = False) -> tuple[Path, Path]:
    paths = folder / f"{name}-images", folder / f"{name}-labels"
    for path, data in zip(paths, (images, labels), strict=True):
        path.write_bytes(gzip.compress(idx(data)) if zipped else idx(data))
    return paths


def test_load() -> None:
    """2. load returns flat images from 0 to 1 and integer labels."""
    for n, height, width in ((1, 1, 2), (3, 2, 3), (7, 4, 4)):
        # All below 255, so that a division by the largest pixel shows.
        images = rng(n).integers(0, 250, (n, height, width), dtype=np.uint8)
        labels = rng(n + 10).integers(0, 10, n, dtype=np.uint8)
        expected = images.reshape(n, -1) / 255
        with temporary_folder() as folder:
            got = work.load(*pair(folder, images, labels))
        require(isinstance(got, tuple | list) and len(got) == 2, "load must return (X, y)", got=got)
        X, y = as_array(got[0], "X"), as_array(got[1], "y")
        assert_close(X, expected, rtol=1e-6, what="X")
        assert_dtype(X, "floating", what="X")
        assert_equal(y, labels, what="y")
        assert_dtype(y, "integer", what="y")


def pairs(got: Any, what: str) -> Layers:
    """Layers or gradients of the learner's, each part an array."""
    require(isinstance(got, list | tuple), f"{what} must be a list of pairs (W, b)", got=got)
    found = []
    for k, layer in enumerate(got):
        is_pair = isinstance(layer, list | tuple) and len(layer) == 2
        require(is_pair, f"{what}[{k}] must be a pair (W, b)", got=layer)
        found.append((as_array(layer[0], f"W of {what}[{k}]"), as_array(layer[1], f"b of {what}[{k}]")))
    return found


def case(stream: int, n: int, sizes: list[int]) -> tuple[Layers, Array, Array]:
    """Layers, rows and labels; no number before a ReLU lies near its bend."""
    generator = rng(stream)
    while True:
        layers = []
        for n_in, n_out in pairwise(sizes):
            layers.append((generator.normal(size=(n_out, n_in)), np.abs(generator.normal(size=n_out))))
        X = generator.normal(size=(n, sizes[0]))
        if all(np.abs(z).min() > 1e-3 for z in plain_stations(layers, X)):
            return layers, X, generator.integers(0, sizes[-1], n)


def plain_stations(layers: Layers, X: Array) -> list[Array]:
    """The numbers before each ReLU, and the logits."""
    found, a = [], X
    for W, b in layers:
        z = np.array([[sum(w * v for w, v in zip(ws, row, strict=True)) for ws in W] for row in a]) + b
        found.append(z)
        a = np.where(z > 0, z, 0.0)
    return found


def plain_loss(layers: Layers, X: Array, y: Array) -> float:
    losses = []
    for logits, label in zip(plain_stations(layers, X)[-1].tolist(), y.tolist(), strict=True):
        top = max(logits)
        losses.append(math.log(sum(math.exp(v - top) for v in logits)) + top - logits[label])
    return math.fsum(losses) / len(losses)


def by_differences(layers: Layers, X: Array, y: Array) -> Layers:
    h, found = 1e-5, []
    for k, layer in enumerate(layers):
        both = []
        for which, values in enumerate(layer):
            gradient = np.zeros(values.shape)
            for place in np.ndindex(values.shape):
                sides = []
                for sign in (1, -1):
                    moved = copied(layers)
                    moved[k][which][place] += sign * h
                    sides.append(plain_loss(moved, X, y))
                gradient[place] = (sides[0] - sides[1]) / (2 * h)
            both.append(gradient)
        found.append((both[0], both[1]))
    return found


def copied(layers: Layers) -> Layers:
    return [(W.copy(), b.copy()) for W, b in layers]


def assert_layers(got: Any, expected: Layers, what: str, rtol: float = 1e-9, atol: float = 1e-12) -> None:
    found = pairs(got, what)
    require(len(found) == len(expected), f"{what} has {len(found)} layers, expected {len(expected)}", got=got)
    for k in reversed(range(len(expected))):  # as the backward pass meets them
        for name, one, other in zip("Wb", found[k], expected[k], strict=True):
            assert_close(one, other, rtol=rtol, atol=atol, what=f"{name} of {what}[{k}]")


def test_the_start() -> None:
    """3. init makes a layer between each two sizes: weights of variance 2 / n_in from rng, biases of 0."""
    for sizes in ([2, 3], [3, 1, 2], [4, 5, 6, 7, 2]):
        layers = pairs(work.init(list(sizes), rng(3)), "init")
        assert_equal(len(layers), len(sizes) - 1, what=f"the number of layers for sizes {sizes}")
        for k, (W, b) in enumerate(layers):
            assert_shape(W, (sizes[k + 1], sizes[k]), what=f"W of layer {k} for sizes {sizes}")
            assert_shape(b, (sizes[k + 1],), what=f"b of layer {k} for sizes {sizes}")
            assert_equal(b, np.zeros(sizes[k + 1]), what=f"b of layer {k}")
    layers = pairs(work.init([60, 200, 90, 40], rng(4)), "init")
    for k, (W, _) in enumerate(layers):
        expected = 2 / W.shape[1]
        found = float(W.var())
        if abs(found / expected - 1) > 6 * (2 / W.size) ** 0.5:
            fail(f"the variance of W of layer {k} is wrong", got=found, expected=Shown(f"about {expected:.4f}"))
        require(abs(float(W.mean())) < 6 * (expected / W.size) ** 0.5, f"the mean of W of layer {k} is far from 0")
        beyond = float((np.abs(W) > 2 * expected**0.5).mean())
        require(0.03 < beyond < 0.065, f"W of layer {k} is not normally distributed")
    again = pairs(work.init([60, 200, 90, 40], rng(4)), "init")
    require(np.array_equal(again[0][0], layers[0][0]), "the same generator led to another start")
    other = pairs(work.init([60, 200, 90, 40], rng(5)), "init")
    require(not np.array_equal(other[0][0], layers[0][0]), "another generator led to the same start")


def test_logits_at_any_depth() -> None:
    """4. forward applies each layer, with a ReLU after each but the last, from one layer to four."""
    for i, (n, sizes) in enumerate(SIZES):
        layers, X, _ = case(10 + i, n, sizes)
        expected = plain_stations(layers, X)[-1]
        assert_close(work.forward(copied(layers), X.copy()), expected)


def both(layers: Layers, X: Array, y: Array) -> tuple[float, Any]:
    got = work.loss_and_gradients(copied(layers), X.copy(), y.copy())
    is_pair = isinstance(got, tuple | list) and len(got) == 2
    require(is_pair, "loss_and_gradients must return (loss, gradients)", got=got)
    assert_type(got[0], (int, float, np.floating), what="the loss")
    return float(got[0]), got[1]


def test_the_loss() -> None:
    """5. The loss is the mean over the rows of -log of the softmax at the label."""
    for i, (n, sizes) in enumerate(SIZES):
        layers, X, y = case(20 + i, n, sizes)
        expected = plain_loss(layers, X, y)
        assert_close(both(layers, X, y)[0], expected, what="the loss")


def test_gradients_at_any_depth() -> None:
    """5. The gradients agree with finite differences, from one layer to four."""
    for i, (n, sizes) in enumerate(SIZES):
        layers, X, y = case(30 + i, n, sizes)
        expected = by_differences(layers, X, y)
        assert_layers(both(layers, X, y)[1], expected, "gradients", rtol=1e-5, atol=1e-8)


def test_a_step() -> None:
    """6. step moves each weight and bias by -learning_rate times its gradient; the old layers stay."""
    for i, sizes in enumerate(([1, 2], [3, 2, 4], [2, 3, 4, 2])):
        layers, gradients = case(40 + i, 1, sizes)[0], case(50 + i, 1, sizes)[0]
        for rate in (1.0, 0.03):
            expected = [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(layers, gradients, strict=True)]
            with unchanged(layers=layers, gradients=gradients):
                got = work.step(layers, gradients, rate)
            assert_layers(got, expected, "step(...)")


def in_turn(got: Any) -> Iterator[Any]:
    require(isinstance(got, Iterable), "batches must return arrays that a loop can go through", got=got)
    return iter(got)


def drawn(n: int, batch_size: int, generator: np.random.Generator) -> list[list[int]]:
    found = []
    for batch in in_turn(work.batches(n, batch_size, generator)):
        rows = as_array(batch, "a batch")
        assert_dtype(rows, "integer", what="a batch")
        found.append([int(row) for row in rows])
        require(len(found) <= n, f"there are more batches than the {n} rows")
    return found


def test_batches() -> None:
    """7. Each row is in one batch; all batches have batch_size rows but the last, which may have fewer."""
    for n, batch_size in ((1, 1), (6, 2), (7, 3), (5, 8), (9, 1), (64, 16)):
        got = drawn(n, batch_size, rng(6))
        sizes = [len(batch) for batch in got]
        expected = [batch_size] * (n // batch_size) + ([n % batch_size] if n % batch_size else [])
        assert_equal(sizes, expected, what=f"the sizes of the batches of {n} rows")
        assert_equal(sorted(row for batch in got for row in batch), list(range(n)), what="all rows, sorted")


def test_batches_are_shuffled() -> None:
    """7. The rows come in random order, in each epoch another, drawn from rng."""
    generator = rng(7)
    with global_random_state_kept():
        first, second = drawn(50, 7, generator), drawn(50, 7, generator)
    flat = [row for batch in first for row in batch]
    require(flat != sorted(flat), "the rows come in their old order", got=first)
    require(first[0] != sorted(first[0]) or first[1] != sorted(first[1]), "each batch is sorted", got=first)
    require(first != second, "a second epoch has the same batches as the first", got=second)
    assert_equal(drawn(50, 7, rng(7)), first, what="the batches of a generator in the same state")


def replayed(X: Array, y: Array, options: dict[str, Any]) -> Layers:
    """What train is said to do, made of the learner's own parts."""
    full = {"hidden": (64,), "epochs": 20, "batch_size": 16, "learning_rate": 0.1, "seed": 0, **options}
    generator = np.random.default_rng(full["seed"])
    layers = work.init([X.shape[1], *full["hidden"], int(y.max()) + 1], generator)
    for _ in range(full["epochs"]):
        for rows in in_turn(work.batches(len(X), full["batch_size"], generator)):
            rows = np.asarray(rows)
            layers = work.step(layers, both(layers, X[rows], y[rows])[1], full["learning_rate"])
    return pairs(layers, "layers")


def test_training_is_made_of_the_parts() -> None:
    """8. train is init, and a step after each of the batches of each epoch, all drawn by one generator."""
    # No row is a 2. 20 rows are a batch and a smaller one by default.
    X, y = rng(60).normal(size=(20, 3)), np.array([0, 3, 1, 1, 0] * 4)
    for n, options in (
        (7, {"hidden": (), "epochs": 0}),
        (7, {"hidden": (4,), "epochs": 1, "batch_size": 7}),
        (7, {"hidden": (4,), "epochs": 2, "batch_size": 3, "learning_rate": 0.5, "seed": 3}),
        (7, {"hidden": [5, 4, 3], "epochs": 30, "batch_size": 2, "learning_rate": 0.01}),
        (20, {}),
    ):
        expected = replayed(X[:n], y[:n], options)
        with unchanged(X=X, y=y), global_random_state_kept():
            got = work.train(X[:n], y[:n], **options)
        assert_layers(got, expected, f"train(X, y{''.join(f', {k}={v}' for k, v in options.items())})")


@cache
def scikit_digits() -> tuple[Array, Array]:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X / 16, y


def share_right(layers: Any, X: Array, y: Array) -> tuple[float, Array]:
    a = X
    found = pairs(layers, "layers")
    for k, (W, b) in enumerate(found):
        a = a @ W.T + b
        a = np.maximum(a, 0) if k < len(found) - 1 else a
    told = a.argmax(axis=1)
    return float((told == y).mean()), told


def assert_reads(X: Array, y: Array, is_new: Array, least: float, what: str, **options: Any) -> Array:
    """Trained on the other rows, the learner's network reads the new ones; returns what it has read."""
    with calling(f"train(X, y{''.join(f', {k}={v}' for k, v in options.items())}) of {what}"):
        layers = work.train(X[~is_new], y[~is_new], **options)
    share, told = share_right(layers, X[is_new], y[is_new])
    if not share > least:
        message = f"too few of {int(is_new.sum())} new digits are read"
        fail(message, got=Shown(f"{share:.1%}"), expected=Shown(f"over {least:.0%}"))
    return told


def test_it_reads_digits_of_8_by_8() -> None:
    """9. Trained on five sixths of scikit-learn's digits, it reads over 95 % of the others."""
    X, y = scikit_digits()
    is_new = np.arange(len(X)) % 6 == 0
    assert_reads(X, y, is_new, 0.95, "scikit-learn's digits", seed=seed())


def test_it_reads_real_mnist() -> None:
    """9. Trained on 3,000 real MNIST digits, it reads over 90 % of 1,000 others."""
    found = mnist_digits()
    if found is None:
        return
    X, y = found[0] / 255, found[1].astype(np.int64)
    X, y = X[np.arange(len(X)) % 5 != 4], y[np.arange(len(y)) % 5 != 4]
    is_new = np.arange(len(X)) % 4 == 0
    told = assert_reads(X, y, is_new, 0.9, "MNIST", seed=seed())
    misread = X[is_new][told != y[is_new]][:12]
    if len(misread):
        keep_images(*(1 - misread.reshape(-1, 28, 28)), name="misread")


def small_digits(n: int) -> tuple[Array, Array]:
    X, y = scikit_digits()
    return np.round(X[:n] * 255).astype(np.uint8).reshape(n, 8, 8), y[:n].astype(np.uint8)


def ran(*args: str | Path) -> Ran:
    """What the program does, as main in this process."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            code = work.main([str(arg) for arg in args])
        except SystemExit as end:
            code = end.code
    if isinstance(code, str):  # sys.exit prints a message, and ends with 1
        return Ran(1, out.getvalue(), f"{errors.getvalue()}{code}\n")
    require(code is None or isinstance(code, int), "main must return an exit code", got=code)
    return Ran(code or 0, out.getvalue(), errors.getvalue())


def told_share(result: Ran, call: str, n: int) -> int:
    """The number in the first line, which has to be true to its form."""
    require(result.code == 0, f"the exit code is {result.code}", got=Shown(result.stderr[-400:]), call=call)
    first = result.stdout.split("\n", 1)[0].strip()
    match = re.fullmatch(r"(\d+) of (\d+) right \((\d+\.\d)\s?%\)", first)
    if match is None:
        fail("the first line does not have its form", got=first, expected="90 of 100 right (90.0%)", call=call)
    right, total, percent = int(match[1]), int(match[2]), float(match[3])
    assert_equal(total, n, what="the number of digits in the first line", call=call)
    assert_close(percent, round(100 * right / n, 1), atol=0.051, what="the percentage in the first line", call=call)
    return right


def four_files(folder: Path) -> list[Path]:
    """Files of 400 digits to train on, compressed, and of 100 to test."""
    images, labels = small_digits(500)
    paths = [*pair(folder, images[:400], labels[:400], "train", zipped=True)]
    return [*paths, *pair(folder, images[400:], labels[400:], "test")]


def is_drawn(image: Array, lines: list[str]) -> bool:
    """Whether some of the lines one after the other show the image: each sign stands for a range of values."""
    side = len(image)
    for top in range(len(lines) - side + 1):
        for width in range(1, 5):  # characters to a pixel
            values: dict[str, list[int]] = {}
            for line, row in zip(lines[top : top + side], image.tolist(), strict=True):
                for j, value in enumerate(row):
                    sign = line[j * width : (j + 1) * width].ljust(width)
                    values.setdefault(sign, []).append(value)
            ranges = sorted((min(found), max(found)) for found in values.values())
            if len(ranges) > 1 and all(one[1] < other[0] for one, other in pairwise(ranges)):
                return True
    return False


def called(*args: str) -> str:
    return f"main([{', '.join(map(repr, args))}])"


FILES = ("train-images", "train-labels", "test-images", "test-labels")
UNTRAINED = ("--hidden", "8", "6", "--epochs", "0", "--seed", "3")


@cache
def untrained() -> tuple[Ran, Array]:
    """What the program prints about a network that it has not trained, and what that network reads."""
    images, labels = small_digits(500)
    X, y = images.reshape(500, -1) / 255, labels.astype(np.int64)
    told = share_right(work.train(X[:400], y[:400], hidden=[8, 6], epochs=0, seed=3), X[400:], y[400:])[1]
    with temporary_folder() as folder:
        return ran(*four_files(folder), *UNTRAINED), told


def test_the_program_tells_what_it_reads() -> None:
    """10. The program trains with its options, and tells how many of the test digits are right."""
    images, labels = small_digits(500)
    X, y = images.reshape(500, -1) / 255, labels.astype(np.int64)
    result, told = untrained()
    expected = int((told == y[400:]).sum())
    assert_told(result, UNTRAINED, expected)
    share, _told = share_right(work.train(X[:400], y[:400], hidden=[12]), X[400:], y[400:])
    with temporary_folder() as folder:
        result = ran(*four_files(folder), "--hidden", "12")
    assert_told(result, ("--hidden", "12"), round(share * 100))


def assert_told(result: Ran, words: tuple[str, ...], expected: int) -> None:
    call = called(*FILES, *words)
    right = told_share(result, call, 100)
    # A load that returns float32 rounds differently, which may turn a digit in doubt.
    if abs(right - expected) > 2:
        message = "the program does not read as many as train(…) with these options does"
        fail(message, got=right, expected=expected, call=call)


def test_the_program_draws_what_it_misreads() -> None:
    """10. For each of the first five misread digits come its number, what it is and was read as, and a drawing."""
    y = small_digits(500)[1][400:]
    form = re.compile(r"image (\d+): (\d), read as (\d)")
    call = called(*FILES, *UNTRAINED)
    result, told = untrained()
    expected = [(int(i), int(y[i]), int(told[i])) for i in np.flatnonzero(told != y)[:5]]
    lines = result.stdout.splitlines()
    found = [(i, form.search(line)) for i, line in enumerate(lines)]
    heads = [(i, tuple(int(v) for v in match.groups())) for i, match in found if match]
    assert_equal([head for _, head in heads], expected, what="(image, digit, read as) of the lines", call=call)
    ends = [i for i, _ in heads[1:]] + [len(lines)]
    drawings = ["\n".join(lines[at + 1 : end]) for (at, _), end in zip(heads, ends, strict=True)]
    images = small_digits(500)[0][400:]
    for (_, head), drawing in zip(heads, drawings, strict=True):
        message = f"what follows is no drawing of image {head[0]}, with one line for each row of pixels"
        require(is_drawn(images[head[0]], drawing.split("\n")), message, got=Shown("\n" + drawing), call=call)


def test_the_help() -> None:
    """10. --help names the options, and the program ends with exit code 0."""
    result = ran("--help")
    call = called("--help")
    require(result.code == 0, f"the exit code is {result.code}", got=Shown(result.stderr[-400:]), call=call)
    for option in ("--hidden", "--epochs", "--seed"):
        require(option in result.stdout, f"the help does not name {option}", got=Shown(result.stdout[:400]), call=call)


edges()


def test_huge_logits() -> None:
    """5. Logits of ±1e4 have a right loss and finite gradients, without a warning."""
    X = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    for scale in (1e4, -1e4):
        layers = [(np.eye(2), np.zeros(2)), (np.eye(2) * scale, np.zeros(2))]
        for y in (np.array([0, 1, 1]), np.array([1, 0, 0])):
            expected = plain_loss(layers, X, y)
            with no_warnings():
                loss, gradients = both(layers, X, y)
            assert_close(loss, expected, what="the loss")
            for W, b in pairs(gradients, "gradients"):
                require(bool(np.isfinite(W).all() and np.isfinite(b).all()), "a gradient is not finite", got=W)


def refused(content: bytes, what: str) -> None:
    with temporary_folder() as folder:
        path = folder / "odd-digits"
        path.write_bytes(content)
        error = assert_raises(ValueError, work.read_idx, path, call=f"read_idx of a file {what}")
        message = f"the message of the ValueError does not name the file {what}"
        require("odd-digits" in str(error), message, got=Shown(str(error)), expected=Shown("…/odd-digits"))


def test_other_files_are_refused() -> None:
    """11. A file that is no IDX file of uint8 raises ValueError with its path."""
    good = idx(np.arange(8))
    refused(b"", "that is empty")
    refused(good[:3], "of three bytes")
    refused(b"\x01" + good[1:], "that begins with another byte than 0")
    refused(b"\x00\x01" + good[2:], "whose second byte is not 0")
    refused(b"\x00\x00\x0d" + good[3:], "of floats (type 0x0d)")
    refused(b"\x89PNG\r\n\x1a\n" + bytes(40), "that is a PNG picture")


def test_damaged_files_are_refused() -> None:
    """11. A file that is cut off, too long, or damaged in its gzip raises ValueError with its path."""
    good = idx(np.arange(24).reshape(2, 3, 4))
    zipped = gzip.compress(good)
    refused(good[:-1], "that lacks its last byte")
    refused(good + b"\x00", "with a byte too many")
    refused(good[:10], "that ends in its header")
    refused(gzip.compress(good[:-1]), "that lacks its last byte, compressed")
    refused(zipped[:-12], "whose gzip is cut off")
    refused(zipped[:12] + bytes([zipped[12] ^ 255, zipped[13] ^ 255]) + zipped[14:], "whose gzip is damaged")
    refused(zipped[:-8] + bytes([zipped[-8] ^ 255]) + zipped[-7:], "whose gzip has another checksum")
    refused(b"\x1f\x8b" + bytes(30), "that only begins like gzip")


def test_images_without_labels_are_refused() -> None:
    """11. load raises ValueError for more images than labels, or fewer, and for labels of three axes."""
    images, labels = small_digits(4)
    for n_images, n_labels in ((4, 3), (3, 4), (1, 4), (4, 1)):
        with temporary_folder() as folder:
            paths = pair(folder, images[:n_images], labels[:n_labels])
            call = f"load of {n_images} images and {n_labels} labels"
            assert_raises(ValueError, work.load, *paths, call=call)
    with temporary_folder() as folder:
        path = pair(folder, images, labels)[0]
        assert_raises(ValueError, work.load, path, path, call="load of images, and the same file for the labels")


def test_the_program_says_what_is_wrong() -> None:
    """12. For a file that is missing or broken the program prints one line on standard error, and fails."""
    with temporary_folder() as folder:
        paths = four_files(folder)
        broken, gone = folder / "broken-images", folder / "gone-images"
        broken.write_bytes(b"no digits in here")
        for args in ([broken, *paths[1:]], [*paths[:2], gone, paths[3]]):
            call = called(*(path.name for path in args))
            with calling(call):
                assert_complains(ran(*args), args, call)
        args = [gone, *paths[1:]]
        result = run_python("digit_recognizer.py", *args, timeout_s=60)
        assert_complains(result, args, f"python digit_recognizer.py {' '.join(path.name for path in args)}")


def assert_complains(result: Ran, args: list[Path], call: str) -> None:
    (name,) = (path.name for path in args if path.name in ("broken-images", "gone-images"))
    require(result.code != 0, f"the exit code is 0, though {name} is no good", call=call)
    lines = result.stderr.strip().splitlines()
    message = "standard error must have one line that names the file"
    require(len(lines) == 1 and name in lines[0], message, got=Shown(result.stderr[-400:]), call=call)
