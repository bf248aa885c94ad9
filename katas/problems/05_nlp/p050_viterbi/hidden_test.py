"""Hidden test of p050_viterbi."""

import math
from itertools import pairwise, product
from pydoc_data.topics import topics
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("viterbi")

Model = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def log(p: float) -> float:
    return math.log(p) if p > 0 else -math.inf


def log_of_path(path: Any, observations: Any, model: Model) -> float:
    """The logarithm of one path's probability, factor by factor."""
    start, transition, emission = model
    factors = [start[path[0]], *(transition[i, j] for i, j in pairwise(path))]
    factors += [emission[i, o] for i, o in zip(path, observations, strict=True)]
    logs = [log(float(p)) for p in factors]
    return -math.inf if -math.inf in logs else math.fsum(logs)


def brute_force(observations: Any, model: Model) -> tuple[list[int], float]:
    """All paths; product() lists them by the first step, so reversed ones are listed by the last."""
    paths = [path[::-1] for path in product(range(len(model[0])), repeat=len(observations))]
    logs = [log_of_path(path, observations, model) for path in paths]
    best = max(logs)
    first = next(i for i, value in enumerate(logs) if value >= best - 1e-12)
    return list(paths[first]), best


def largest_log(observations: list[int], model: Model) -> float:
    """The logarithm of the largest probability, by plain loops from state to state."""
    start, steps, shows = ([[log(p) for p in row] for row in np.atleast_2d(a).tolist()] for a in model)
    states = range(len(start[0]))
    best = [start[0][i] + shows[i][observations[0]] for i in states]
    for o in observations[1:]:
        best = [max(best[i] + steps[i][j] for i in states) + shows[j][o] for j in states]
    return max(best)


def random_model(stream: int, k: int, m: int) -> Model:
    random = rng(stream)
    return random.dirichlet(np.ones(k)), random.dirichlet(np.ones(k), k), random.dirichlet(np.ones(m), k)


def decoded(observations: Any, model: Model) -> tuple[Any, Any]:
    got = work.viterbi(np.array(observations), *(part.copy() for part in model))
    require(isinstance(got, tuple) and len(got) == 2, "viterbi must return (path, log_probability)", got=got)
    return got


def path_is(path: Any, expected: list[int], observations: Any, model: Model) -> None:
    """Two paths of the same factors in another order tie up to rounding: either will do."""
    states = as_array(path).tolist()
    is_flat = as_array(path).shape == (len(expected),)
    if is_flat and set(states) <= set(range(len(model[0]))):
        reached = log_of_path([int(state) for state in states], observations, model)
        if reached >= log_of_path(expected, observations, model) - 1e-9:
            return
    assert_equal(states, expected, what="path")


def small_cases() -> list[tuple[list[int], Model]]:
    sizes = [(1, 2, 2), (2, 2, 2), (2, 2, 3), (3, 2, 2), (4, 3, 2), (5, 3, 4), (6, 3, 3), (7, 2, 5)]
    cases = [(stream, *size) for stream, size in enumerate(sizes * 4)]
    return [(rng(50 + s).integers(0, m, t).tolist(), random_model(s, k, m)) for s, t, k, m in cases]


def noisy_text(n: int) -> tuple[list[int], Model]:
    """Letters of Python's manual, one in ten mistyped, and a model: pairs of letters as they follow in the manual."""
    text = "".join(c if "a" <= c <= "z" else " " for c in (topics["import"] + topics["class"]).lower())
    letters = [0 if c == " " else ord(c) - 96 for c in " ".join(text.split())]
    pairs = np.zeros((27, 27))
    for i, j in pairwise(letters):
        pairs[i, j] += 1
    start = pairs.sum(axis=1) / pairs.sum()
    transition = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
    emission = np.full((27, 27), 0.1 / 26) + np.eye(27) * (0.9 - 0.1 / 26)
    random = rng(9)
    typed = [int(random.integers(0, 27)) if random.random() < 0.1 else c for c in letters[:n]]
    return typed, (start, transition, emission)


def is_best(observations: list[int], model: Model, title: str) -> None:
    """The path and the logarithm of a long case; another path may be as good up to rounding."""
    expected = largest_log(observations, model)
    path, log_probability = decoded(observations, model)
    assert_shape(path, (len(observations),), what="path")
    assert_dtype(path, "integer", what="path")
    path = as_array(path).tolist()
    require(min(path) >= 0 and max(path) < len(model[0]), "path holds states that do not exist", got=path)
    reached = log_of_path(path, observations, model)
    assert_close(reached, expected, rtol=1e-9, what=f"{title}: the logarithm of the probability of the path")
    assert_close(log_probability, expected, rtol=1e-9, what=f"{title}: log_probability")


def test_the_most_likely_path() -> None:
    """1. The path has the largest probability of all paths; it is an array of integers."""
    for observations, model in small_cases():
        expected, _ = brute_force(observations, model)
        path_is(decoded(observations, model)[0], expected, observations, model)
    observations, model = small_cases()[0]
    path, _ = decoded(observations, model)
    assert_type(path, np.ndarray, what="path")
    assert_dtype(path, "integer", what="path")


def test_the_logarithm_of_its_probability() -> None:
    """2. log_probability is the natural logarithm of the probability of the path and the observations."""
    for observations, model in small_cases():
        _, expected = brute_force(observations, model)
        assert_close(decoded(observations, model)[1], expected, rtol=1e-9, what="log_probability")


def test_ten_thousand_steps() -> None:
    """4. Thousands of steps do not underflow: 400, 1,000 letters of real text with typing errors, and 10,000."""
    observations, model = rng(60).integers(0, 9, 400).tolist(), random_model(61, 2, 9)
    is_best(observations, model, "400 steps")
    observations, model = noisy_text(1000)
    is_best(observations, model, "1,000 letters")
    observations, _ = noisy_text(10_000)
    observations = (observations * 10)[:10_000]
    is_best(observations, random_model(62, 3, 27), "10,000 letters")


edges()


def test_ties() -> None:
    """3. Of equally likely paths: the lowest last state, then the lowest before it, and so on; close is no tie."""
    half, third = np.full(2, 0.5), np.full(3, 1 / 3)
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    cases: list[tuple[list[int], Model]] = [
        ([0], (half, np.full((2, 2), 0.5), np.full((2, 2), 0.5))),
        ([0, 1], (half, np.full((2, 2), 0.5), np.full((2, 2), 0.5))),
        ([1, 0, 1], (third, np.full((3, 3), 1 / 3), np.full((3, 2), 0.5))),
        ([0, 0], (half, swap, np.full((2, 2), 0.5))),
        ([0, 1, 0], (half, swap, np.full((2, 2), 0.5))),
        ([0], (np.array([0.49999995, 0.50000005]), np.full((2, 2), 0.5), np.ones((2, 1)))),
    ]
    for observations, model in cases:
        expected, _ = brute_force(observations, model)
        assert_equal(as_array(decoded(observations, model)[0]).tolist(), expected, what="path")


def test_impossible_steps() -> None:
    """5. A path that needs a probability of 0 is impossible, any other is possible, however unlikely; nothing warns."""
    stay = np.eye(2)
    rare = np.array([[1 - 1e-30, 1e-30], [0.0, 1.0]])
    cases: list[tuple[list[int], Model]] = [
        ([0], (np.array([1.0, 0.0]), np.full((2, 2), 0.5), np.array([[0.1, 0.9], [0.8, 0.2]]))),
        ([0, 1], (np.array([0.5, 0.5]), np.array([[0.0, 1.0], [0.5, 0.5]]), np.array([[0.9, 0.1], [0.5, 0.5]]))),
        ([0, 1, 1], (np.array([1.0, 0.0]), stay, rare)),
        ([0] + [1] * 11, (np.array([1.0, 0.0]), stay, rare)),
    ]
    for stream in range(6):
        start, transition, emission = random_model(70 + stream, 3, 3)
        transition[rng(80 + stream).random((3, 3)) < 0.3] = 0.0
        transition[:, 0] = np.maximum(transition[:, 0], 1e-6)
        cases.append((rng(90 + stream).integers(0, 3, 6).tolist(), (start, transition, emission)))
    for observations, model in cases:
        expected, expected_log = brute_force(observations, model)
        with no_warnings():
            path, log_probability = decoded(observations, model)
        path_is(path, expected, observations, model)
        assert_close(log_probability, expected_log, rtol=1e-9, what="log_probability")
    # Only state 1 can show the last symbol; before that it is 1e-200 times less likely at each step.
    model = (np.array([0.5, 0.5]), stay, np.array([[1.0, 0.0], [1e-200, 1.0]]))
    for n in (1, 2, 3000):
        observations, expected = [0] * n + [1], [1] * (n + 1)
        with no_warnings():
            path, log_probability = decoded(observations, model)
        assert_equal(as_array(path).tolist(), expected, what="path")
        assert_close(log_probability, log_of_path(expected, observations, model), rtol=1e-9, what="log_probability")


def test_one_of_each() -> None:
    """6. One step, one state and one symbol are decoded like any other number of them."""
    for stream, (t, k, m) in enumerate([(1, 1, 1), (1, 3, 2), (3, 1, 2), (2, 2, 1), (5, 1, 1)]):
        model, observations = random_model(30 + stream, k, m), rng(40 + stream).integers(0, m, t).tolist()
        expected, expected_log = brute_force(observations, model)
        path, log_probability = decoded(observations, model)
        assert_shape(path, (t,), what="path")
        path_is(path, expected, observations, model)
        assert_close(log_probability, expected_log, rtol=1e-9, atol=1e-12, what="log_probability")


def test_the_arguments_are_left_as_they_were() -> None:
    """7. The four arguments are left as they were."""
    for stream in (20, 21):
        start, transition, emission = random_model(stream, 3, 4)
        observations = rng(stream).integers(0, 4, 5)
        with unchanged(observations=observations, start=start, transition=transition, emission=emission):
            work.viterbi(observations, start, transition, emission)


def test_no_possible_path_is_refused() -> None:
    """8. ValueError when every path is impossible."""
    start, stay, emission = np.array([1.0, 0.0]), np.eye(2), np.eye(2)
    for observations in ([1], [0, 1], [0, 1, 0], [0] * 50 + [1]):
        assert_raises(ValueError, work.viterbi, np.array(observations), start, stay, emission)


def test_unknown_symbols_are_refused() -> None:
    """9. ValueError or IndexError for a symbol below 0 or above m - 1, wherever it stands."""
    model = random_model(22, 2, 3)
    for observations in ([3], [-1], [0, 3], [0, -1, 2], [0, 2, 1, -3]):
        assert_raises((ValueError, IndexError), work.viterbi, np.array(observations), *(part.copy() for part in model))
