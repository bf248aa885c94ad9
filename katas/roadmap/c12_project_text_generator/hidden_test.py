"""Hidden test of c12_project_text_generator."""

import math
from collections import Counter
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Ran,
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_encoding_named,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    fail,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    run_python,
    temporary_folder,
    todo,
    unchanged,
)

work = learner("text_generator")
Array = NDArray[Any]
Params = dict[str, Array]
NAMES = ("b_out", "W_out", "Wo", "Wv", "Wk", "Wq", "b", "W_h", "W_x", "E")  # as the way back meets them
ABC = ["a", "b", "c", "d"]


def make(stream: int, v: int, d: int, h: int, scale: float = 0.8) -> Params:
    shapes: dict[str, tuple[int, ...]] = {"E": (v, d), "W_x": (h, d), "W_h": (h, h), "b": (h,)}
    shapes |= dict.fromkeys(("Wq", "Wk", "Wv", "Wo"), (h, h)) | {"W_out": (v, h), "b_out": (v,)}
    generator = rng(stream)
    return {name: generator.normal(0, scale, shape) for name, shape in shapes.items()}


def plain_logits(params: Params, ids: list[int]) -> tuple[Array, Array]:
    """One character after the other; each looks at the states up to its own."""
    h, states = np.zeros(len(params["b"])), []
    for i in ids:
        h = np.tanh(params["W_x"] @ params["E"][i] + params["W_h"] @ h + params["b"])
        states.append(h)
    logits, weights = [], np.zeros((len(ids), len(ids)))
    for t, state in enumerate(states):
        scores = np.array([(params["Wq"] @ state) @ (params["Wk"] @ s) for s in states[: t + 1]]) / len(h) ** 0.5
        exps = np.exp(scores - scores.max())
        weights[t, : t + 1] = exps / exps.sum()
        seen = sum(p * (params["Wv"] @ s) for p, s in zip(weights[t], states[: t + 1], strict=False))
        logits.append(params["W_out"] @ (state + params["Wo"] @ seen) + params["b_out"])
    return np.array(logits), weights


def plain_loss(name: str, params: Params, ids: Array, targets: Array, moved: Any = None) -> float:
    if moved is not None:
        params = {**params, name: moved}
    losses = []
    for row, wanted in zip(ids.tolist(), targets.tolist(), strict=True):
        for logits, target in zip(plain_logits(params, row)[0].tolist(), wanted, strict=True):
            top = max(logits)
            losses.append(top + math.log(math.fsum(math.exp(x - top) for x in logits)) - logits[target])
    return math.fsum(losses) / len(losses)


def copied(params: Params) -> Params:
    return {name: value.copy() for name, value in params.items()}


def named(got: Any, what: str) -> Params:
    assert_type(got, dict, what=what)
    found = sorted(map(str, got))
    require(found == sorted(NAMES), f"the names in {what} must be {', '.join(NAMES)}", got=found)
    return {name: as_array(got[name], f'{what}["{name}"]') for name in NAMES}


def pair(got: Any, what: str, names: str) -> tuple[Any, Any]:
    assert_type(got, (tuple, list), what=what)
    require(len(got) == 2, f"{what} must return ({names})", got=got)
    return got[0], got[1]


def both(params: Params, ids: Array, targets: Array) -> tuple[float, Params]:
    got = work.loss_and_gradients(copied(params), ids.copy(), targets.copy())
    loss, gradients = pair(got, "loss_and_gradients", "loss, gradients")
    assert_type(loss, (int, float, np.floating), what="the loss")
    return float(loss), named(gradients, "gradients")


# Texts, characters, vocabulary, width, hidden units.
CASES = [(1, 1, 2, 1, 1), (1, 3, 3, 2, 2), (2, 4, 4, 3, 2), (3, 3, 5, 2, 3)]


def case(stream: int, n: int, t: int, v: int, d: int, h: int) -> tuple[Params, Array, Array]:
    generator = rng(stream + 1)
    return make(stream, v, d, h), generator.integers(0, v, (n, t)), generator.integers(0, v, (n, t))


def test_vocabulary() -> None:
    """1. The vocabulary has the different characters, sorted; encode returns their places, decode the text."""
    for text in ("banana", "to be,\nor not to be", "Zürich, ✓"):
        expected = sorted(set(text))
        got = work.build_vocabulary(text)
        assert_type(got, list, what="build_vocabulary")
        assert_equal(got, expected, what="build_vocabulary")
        ids = work.encode(text, list(expected))
        assert_equal(as_array(ids, "encode"), np.array([expected.index(c) for c in text]), what="encode")
        assert_dtype(ids, "integer", what="encode")
        back = work.decode(np.array([expected.index(c) for c in text]), list(expected))
        assert_type(back, str, what="decode")
        assert_equal(back, text, what="decode")


def windows(ids: Array, n: int, length: int, generator: Any) -> tuple[Array, Array]:
    inputs, targets = pair(work.sample_windows(ids.copy(), n, length, generator), "sample_windows", "inputs, targets")
    found = as_array(inputs, "inputs"), as_array(targets, "targets")
    for one, name in zip(found, ("inputs", "targets"), strict=True):
        assert_shape(one, (n, length), what=name)
    return found


def test_the_target_is_the_next_character() -> None:
    """2. Windows are consecutive characters, and each target is the character after its own."""
    ids = np.arange(100, 130)
    for n, length in ((1, 1), (1, 4), (5, 3), (4, 29)):
        inputs, targets = windows(ids, n, length, rng(10 + n))
        assert_equal(inputs - inputs[:, :1], np.tile(np.arange(length), (n, 1)), what="the steps within the inputs")
        assert_equal(targets, inputs + 1, what="targets")


def test_logits_and_weights() -> None:
    """3. forward returns the logits after each character, and weights that look at no later one."""
    for stream, sizes in enumerate(CASES):
        params, ids, _ = case(20 + 2 * stream, *sizes)
        expected = [plain_logits(params, row) for row in ids.tolist()]
        logits, weights = pair(work.forward(copied(params), ids.copy()), "forward", "logits, weights")
        assert_close(weights, np.array([w for _, w in expected]), rtol=1e-7, atol=1e-9, what="the weights")
        assert_close(logits, np.array([x for x, _ in expected]), rtol=1e-7, atol=1e-9, what="the logits")


def test_loss() -> None:
    """4. The loss is the mean cross-entropy over all places."""
    for stream, sizes in enumerate(CASES):
        params, ids, targets = case(40 + 2 * stream, *sizes)
        expected = plain_loss("", params, ids, targets)
        assert_close(both(params, ids, targets)[0], expected, what="the loss")


def test_gradients() -> None:
    """4. The gradients of all ten parameters agree with finite differences."""
    for stream, sizes in enumerate(CASES):
        params, ids, targets = case(60 + 2 * stream, *sizes)
        expected = {}
        for name in NAMES:
            loss = partial(plain_loss, name, params, ids, targets)
            expected[name] = np.zeros(params[name].shape)
            for at in np.ndindex(params[name].shape):
                step = np.zeros(params[name].shape)
                step[at] = 1e-5
                expected[name][at] = (loss(params[name] + step) - loss(params[name] - step)) / 2e-5
        gradients = both(params, ids, targets)[1]
        for name in NAMES:
            assert_close(gradients[name], expected[name], rtol=1e-5, atol=1e-8, what=f'gradients["{name}"]')


def test_it_learns_to_write() -> None:
    """5. After 150 steps on 100,000 characters its loss on others is more than 0.4 below that of a unigram model."""
    from pydoc_data import topics

    corpus = "\n".join(topics.topics[name] for name in sorted(topics.topics))
    start = int(rng(80).integers(300_000))
    text, new = corpus[start : start + 100_000], corpus[start + 100_000 : start + 104_000]
    vocabulary = sorted(set(text + new))
    counts = Counter(text)
    total = len(text) + len(vocabulary)
    unigram = -math.fsum(math.log((counts[c] + 1) / total) for c in new) / len(new)
    params = named(work.train(text, list(vocabulary), 150), "params")
    ids = np.array([vocabulary.index(c) for c in new])[: len(new) // 33 * 33].reshape(-1, 33)
    loss = measured_loss(params, ids[:, :-1], ids[:, 1:])
    if not loss < unigram - 0.4:
        message = "the loss on 4,000 new characters is too high"
        expected = Shown(f"below {unigram - 0.4:.2f}; a unigram model has {unigram:.2f}")
        fail(message, got=Shown(f"{loss:.2f}"), expected=expected)


def measured_loss(params: Params, ids: Array, targets: Array) -> float:
    """As plain_loss, all rows at once."""
    h, states = np.zeros((len(ids), len(params["b"]))), []
    for t in range(ids.shape[1]):
        h = np.tanh(params["E"][ids[:, t]] @ params["W_x"].T + h @ params["W_h"].T + params["b"])
        states.append(h)
    hs = np.stack(states, axis=1)
    q, k, v = (hs @ params[name].T for name in ("Wq", "Wk", "Wv"))
    scores = np.einsum("nth,nsh->nts", q, k) / hs.shape[2] ** 0.5
    scores[:, np.arange(ids.shape[1])[:, None] < np.arange(ids.shape[1])] = -np.inf
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    logits = (hs + weights @ v @ params["Wo"].T) @ params["W_out"].T + params["b_out"]
    logits -= logits.max(axis=2, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    return -float(np.take_along_axis(log_p, targets[..., None], axis=2).mean())


def test_temperature() -> None:
    """6. probabilities returns the softmax of the logits divided by the temperature."""
    for logits in (np.array([0.0, 1.0]), np.array([[2.0, -1.0, 0.5], [0.0, 0.0, 3.0]]), rng(90).normal(size=7)):
        for temperature in (1.0, 2.0, 0.5, 10):
            exps = np.exp(logits / temperature)
            expected = exps / exps.sum(axis=-1, keepdims=True)
            assert_close(work.probabilities(logits.copy(), temperature), expected)


def written(params: Params, seed_text: str, n: int, temperature: float, generator: Any) -> str:
    got = work.generate(copied(params), list(ABC), seed_text, n, temperature, generator)
    assert_type(got, str, what="generate")
    require(len(got) == n and set(got) <= set(ABC), f"generate must return {n} characters of the vocabulary", got=got)
    return str(got)


def greedy(params: Params, seed_text: str, n: int) -> str:
    ids = [ABC.index(c) for c in seed_text]
    for _ in range(n):
        ids.append(int(plain_logits(params, ids)[0][-1].argmax()))
    return "".join(ABC[i] for i in ids[len(seed_text) :])


def test_it_goes_on_from_the_seed_text() -> None:
    """7. At a temperature near 0, each character is the likeliest after the whole seed text and all written so far."""
    for stream in range(6):
        params = make(100 + stream, 4, 3, 6, scale=1.5)
        long = "".join(rng(110 + stream).choice(list(ABC), 70).tolist())
        for seed_text in ("a", "abca", "dcbaabcd", long):
            for n in (1, 2, 9):
                expected = greedy(params, seed_text, n)
                assert_equal(written(params, seed_text, n, 1e-6, rng(1)), expected, what="generate")


def test_it_draws_by_the_probabilities() -> None:
    """7. Characters are drawn as often as their probabilities at this temperature say."""
    params, n = make(120, 4, 3, 5), 600
    logits = plain_logits(params, [0, 1])[0][-1]
    generator = rng(121)
    for temperature in (0.5, 2.0):
        exps = np.exp((logits - logits.max()) / temperature)
        expected = exps / exps.sum()
        counts = Counter(written(params, "ab", 1, temperature, generator) for _ in range(n))
        for i, c in enumerate(ABC):
            share, p = counts[c] / n, float(expected[i])
            if abs(share - p) > 5 * (p * (1 - p) / n) ** 0.5 + 2 / n:
                message = f"{c!r} was drawn too often or too seldom at temperature {temperature} ({n} draws)"
                fail(message, got=Shown(f"{share:.1%}"), expected=Shown(f"about {p:.1%}"))


def program(*arguments: Any) -> Ran:
    ran = run_python("text_generator.py", *arguments, timeout_s=30)
    if "NotImplementedError" in ran.stderr:
        todo("the program is not written yet")
    return ran


def test_the_program_writes() -> None:
    """9. The program trains on the file and prints the seed text and what follows; the options are named in --help."""
    helped, call = program("--help"), "python text_generator.py --help"
    require(helped.code == 0, "--help must end with exit code 0", got=helped.code, call=call)
    for option in ("--seed-text", "--length", "--temperature", "--steps", "--seed"):
        require(option in helped.stdout, f"--help does not name {option}", got=helped.stdout, call=call)
    with temporary_folder() as folder:
        path = folder / "text.txt"
        path.write_text("größer, kleiner; grün und blau. " * 20, encoding="utf-8")
        options = ("--seed-text", "grün", "--steps", "2", "--length", "17", "--temperature", "0.5", "--seed", "3")
        call = f"python text_generator.py text.txt {' '.join(options)}"
        ran = program(path, *options)
        require(ran.code == 0, "the program must end with exit code 0", got=ran.stderr[-300:], call=call)
        holds = ran.stdout.startswith("grün") and ran.stdout.endswith("\n") and len(ran.stdout) == 4 + 17 + 1
        message, expected = (
            "the program must print the seed text and what follows",
            "'grün' and 17 characters",
        )
        require(holds, message, got=ran.stdout, expected=Shown(expected), call=call)
        again, message = program(path, *options), "a second run with the same options printed another text"
        require(again.stdout == ran.stdout, message, got=again.stdout, expected=ran.stdout, call=call)
        for i, value in ((7, "50"), (3, "5")):
            name, other = options[i - 1], program(path, *options[:i], value, *options[i + 1 :])
            message = f"another {name} printed the same text"
            require(other.stdout != ran.stdout, message, got=other.stdout, call=f"{call}, and with {name} {value}")


edges()


def test_every_window_can_come() -> None:
    """2. Every place is equally likely, the first and the last too; a text with one window is enough."""
    inputs, targets = windows(np.arange(8), 7000, 3, rng(130))
    counts = Counter(inputs[:, 0].tolist())
    assert_equal(sorted(counts), [0, 1, 2, 3, 4], what="the places where windows begin")
    for place, count in counts.items():
        if abs(count - 1400) > 170:
            message = f"windows begin at {place} too often or too seldom (7000 windows, five places)"
            fail(message, got=count, expected=Shown("about 1400"))
    inputs, targets = windows(np.array([4, 5, 6]), 2, 2, rng(131))
    assert_equal(inputs, [[4, 5], [4, 5]], what="inputs")
    assert_equal(targets, [[5, 6], [5, 6]], what="targets")


def test_extreme_temperatures() -> None:
    """6. Temperatures of 1e-3 and 1e6, and logits of 1e4, are no problem, without a warning."""
    with no_warnings():
        for logits in ([1.0, 3.0, 2.0], [1e4, -1e4, 9e3], [-1e4, -2e4, -1e4 - 30]):
            best = np.eye(3)[int(np.argmax(logits))]
            assert_close(work.probabilities(np.array(logits), 1e-3), best, atol=1e-9)
        assert_close(work.probabilities(np.array([1.0, 3.0, 2.0]), 1e6), np.full(3, 1 / 3), rtol=1e-4)


def test_same_seed_same_text() -> None:
    """8. The same seeds lead to the same params and the same text, others to others; the global state is left alone."""
    text = "abacabad" * 8
    with global_random_state_kept():
        first = named(work.train(text, list(ABC), 3, seed=5), "params")
        one = written(first, "ab", 40, 2.0, rng(140))
    again = named(work.train(text, list(ABC), 3, seed=5), "params")
    for name in NAMES:
        assert_close(again[name], first[name], rtol=1e-9, what=f'params["{name}"] of the second call of train')
    assert_equal(written(first, "ab", 40, 2.0, rng(140)), one, what="generate, with an equal generator")
    other = named(work.train(text, list(ABC), 3, seed=6), "params")
    require(not np.allclose(other["W_x"], first["W_x"]), "another seed led to the same W_x", got=other["W_x"])
    require(written(first, "ab", 40, 2.0, rng(141)) != one, "another generator led to the same text", got=one)


def test_nothing_is_changed() -> None:
    """8. No function changes what it is given."""
    params, ids, targets = case(150, *CASES[2])
    with unchanged(params=params, ids=ids, targets=targets):
        work.forward(params, ids)
        work.loss_and_gradients(params, ids, targets)
        work.generate(params, list(ABC), "ab", 3, 1.0, rng(1))
    logits = rng(151).normal(size=(2, 3))
    with unchanged(logits=logits):
        work.probabilities(logits, 0.5)


def test_what_is_refused() -> None:
    """10. ValueError for a strange character, too short a text, no seed text, and a temperature not above 0."""
    assert_raises(ValueError, work.encode, "abxa", list(ABC), mentions="'x'")
    for length in (3, 4):
        assert_raises(ValueError, work.sample_windows, np.arange(3), 2, length, rng(1))
    params = make(160, 4, 2, 3)
    assert_raises(ValueError, work.generate, params, list(ABC), "", 3, 1.0, rng(1))
    for temperature in (0.0, -1.0):
        assert_raises(ValueError, work.probabilities, np.array([1.0, 2.0]), temperature)


def test_the_encoding_is_named() -> None:
    """9. The program names the encoding of the file, UTF-8."""
    assert_equal(work.build_vocabulary("a"), ["a"], what="build_vocabulary")  # still to do in a stub
    code = (
        "import sys, text_generator\ntext_generator.main([sys.argv[1], *'--steps 1 --length 1 --seed-text T'.split()])"
    )
    with temporary_folder() as folder:
        path = folder / "text.txt"
        path.write_text("The grün. " * 20, encoding="utf-8")
        assert_encoding_named(code, path, call="python text_generator.py text.txt")


def test_a_file_that_is_not_there() -> None:
    """11. For a file that is not there the program names it, without a traceback; its exit code is not 0."""
    with temporary_folder() as folder:
        ran = program(folder / "missing.txt", "--steps", "1")
    call = "python text_generator.py missing.txt"
    require(ran.code != 0, "the exit code must not be 0", got=ran.code, call=call)
    told = "missing.txt" in ran.stderr and "Traceback" not in ran.stderr
    message = "the program must name the file on standard error, without a traceback"
    require(told, message, got=ran.stderr[-300:], call=call)
