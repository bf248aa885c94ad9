"""Hidden test of p091_top_p_sampling."""

import math
from collections import Counter
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
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("sampling")

SHARES = [0.5, 0.25, 0.15, 0.1]


def by_hand(logits: list[float], temperature: float = 1.0, top_k: int | None = None, top_p: float = 1.0) -> list[float]:
    """Token by token, in plain Python."""
    highest = max(logits)
    weights = [math.exp((logit - highest) / temperature) for logit in logits]
    ranking = sorted(range(len(logits)), key=lambda token: (-logits[token], token))[:top_k]
    mass = sum(weights[token] for token in ranking)
    kept: list[int] = []
    for token in ranking:
        if top_p == 1 or sum(weights[other] for other in kept) < top_p * mass:
            kept.append(token)
    total = sum(weights[token] for token in kept)
    return [weights[token] / total if token in kept else 0.0 for token in range(len(logits))]


def some_logits(stream: int, size: int) -> NDArray[np.float64]:
    return rng(stream).normal(0.0, 2.0, size)


def test_temperature() -> None:
    """1. The logits are divided by the temperature before the softmax."""
    logits = np.log(SHARES)
    for temperature in (1.0, 0.5, 2.0, 0.1):
        expected = by_hand(logits.tolist(), temperature)
        got = work.probabilities(logits.copy(), temperature=temperature)
        assert_shape(got, (4,))
        assert_close(got, expected)
    for size in (1, 2, 30):
        logits = some_logits(size, size)
        expected = by_hand(logits.tolist(), 0.7)
        assert_close(work.probabilities(logits.copy(), temperature=0.7), expected)
    logits = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    for top_p in (1.0, 0.9):
        assert_dtype(work.probabilities(logits.copy(), top_p=top_p), np.float64)


def test_sum_is_one() -> None:
    """6. Tokens that are cut have probability 0, and the others are divided by their sum."""
    logits = np.log(SHARES)
    for settings in ({"top_k": 2}, {"top_p": 0.7}, {"top_k": 3, "top_p": 0.8}):
        got = as_array(work.probabilities(logits.copy(), **settings))
        assert_close(got.sum(), 1.0, what="the sum of the probabilities")
        is_cut = got < 0.01
        assert_equal(got[is_cut].tolist(), [0.0] * int(is_cut.sum()), what="what the tokens have that are cut")


def test_top_k() -> None:
    """3. top_k keeps the k tokens with the largest logits, all of them where k is larger than V."""
    for logits in (np.log(SHARES), np.array([0.0, 3.0, 1.0, 2.0, -1.0]), some_logits(40, 30)):
        for k in (1, 2, 3, len(logits), len(logits) + 5):
            expected = by_hand(logits.tolist(), top_k=k)
            assert_close(work.probabilities(logits.copy(), top_k=k), expected)


def test_top_p() -> None:
    """4. top_p keeps the fewest of the most probable tokens whose sum is at least top_p."""
    for logits in (np.log(SHARES), np.array([0.0, 3.0, 1.0, 2.0, -1.0]), some_logits(50, 30)):
        for p in (0.7, 0.4, 0.85, 0.01, 0.95):
            expected = by_hand(logits.tolist(), top_p=p)
            assert_close(work.probabilities(logits.copy(), top_p=p), expected)
    # Four of 0.25 each, without rounding: two have a sum of 0.5.
    got = as_array(work.probabilities(np.zeros(4), top_p=0.5))
    assert_close(np.sort(got), [0.0, 0.0, 0.5, 0.5], what="the sorted probabilities")


def test_order() -> None:
    """5. The order is temperature, top_k, top_p; top_p looks at what top_k has left, divided by its own sum."""
    logits = np.log(SHARES)
    for temperature, k, p in ((1.0, 3, 0.8), (1.0, 2, 0.6), (2.0, None, 0.6), (0.5, None, 0.72), (0.5, 3, 0.95)):
        expected = by_hand(logits.tolist(), temperature, k, p)
        assert_close(work.probabilities(logits.copy(), temperature=temperature, top_k=k, top_p=p), expected)
    for stream in range(60, 66):
        logits = some_logits(stream, 12)
        expected = by_hand(logits.tolist(), 1.5, 6, 0.8)
        assert_close(work.probabilities(logits.copy(), temperature=1.5, top_k=6, top_p=0.8), expected)


def test_draws() -> None:
    """9. sample draws with these probabilities, from rng alone."""
    logits = np.log([0.1, 0.5, 0.15, 0.25])
    n = 1_000
    for settings in ({}, {"temperature": 0.5}, {"top_k": 2}, {"top_p": 0.7}, {"temperature": 2.0, "top_k": 3}):
        expected = by_hand(logits.tolist(), **settings)  # type: ignore[arg-type]
        generator = rng(70)
        with global_random_state_kept():
            drawn = [work.sample(logits.copy(), generator, **settings) for _ in range(n)]
        assert_type(drawn[0], int)
        counts = Counter(drawn)
        for token, p in enumerate(expected):
            require(
                abs(counts[token] - n * p) <= 4.5 * math.sqrt(n * p * (1 - p)),
                f"token {token} has probability {p:.3f}, and was drawn {counts[token]} times of {n}",
            )
    first, again, other = (
        [work.sample(np.zeros(50), generator) for _ in range(20)]
        for generator in (np.random.default_rng(1), np.random.default_rng(1), np.random.default_rng(2))
    )
    require(first == again, "the same generator leads to other tokens", got=again, expected=first)
    require(first != other, "another generator leads to the same tokens", got=other)


edges()


def test_large_logits() -> None:
    """1. Logits of 10,000 and -10,000 do not overflow."""
    for logits in ([10_000.0, 9_999.0], [-10_000.0, -9_999.0, -10_001.0], [10_000.0, -10_000.0]):
        for temperature in (1.0, 0.5):
            expected = by_hand(logits, temperature)
            with no_warnings():
                got = work.probabilities(np.array(logits), temperature=temperature)
            assert_close(got, expected)
    for logits, temperature in (([600.0, 599.0, 0.0], 0.5), ([50.0, 49.0], 0.05)):  # large by the temperature alone
        expected = by_hand(logits, temperature)
        with no_warnings():
            got = work.probabilities(np.array(logits), temperature=temperature)
        assert_close(got, expected)


def test_greedy() -> None:
    """2. A temperature of 0 is greedy: the token with the largest logit has probability 1."""
    for logits, largest in (([1.0, 3.0, 2.0], 1), ([-5.0, -7.0], 0), ([0.0, 1.0, 1.0 + 1e-9], 2)):
        expected = [float(token == largest) for token in range(len(logits))]
        with no_warnings():
            assert_equal(as_array(work.probabilities(np.array(logits), temperature=0)).tolist(), expected)
            assert_equal(work.sample(np.array(logits), rng(80), temperature=0.0), largest)
    assert_equal(as_array(work.probabilities(np.array([1.0, 3.0]), 0, 2, 0.5)).tolist(), [0.0, 1.0])


def test_top_p_of_one() -> None:
    """4. A top_p of 1.0 keeps all tokens, also those that hardly count."""
    logits = np.array([0.0, -40.0, -41.0, -700.0])
    got = as_array(work.probabilities(logits.copy(), top_p=1.0))
    assert_shape(got, (4,))
    require(bool((got > 0).all()), "a token was cut", got=got)
    assert_close(got[1:] / got[0], np.exp(logits[1:]), atol=0.0, what="the ratios to the first token")


def test_equal_logits() -> None:
    """7. Of equal logits the one with the lower index counts as larger: in greedy, top_k and top_p."""
    same = np.ones(32)
    for settings, n_kept in (({"temperature": 0.0}, 1), ({"top_k": 3}, 3), ({"top_p": 0.25}, 8)):
        expected = [1 / n_kept] * n_kept + [0.0] * (32 - n_kept)
        assert_close(work.probabilities(same.copy(), **settings), expected)
    logits = np.array([1.0, 2.0, 0.0, 2.0, 1.0])
    expected = by_hand(logits.tolist(), top_k=3)
    assert_close(work.probabilities(logits.copy(), top_k=3), expected)


def test_masked_tokens() -> None:
    """8. A logit of -inf has probability 0, and its token is never drawn."""
    logits = np.array([-math.inf, 1.0, -math.inf, 0.0, -math.inf])
    shares = by_hand([1.0, 0.0])
    expected = [0.0, shares[0], 0.0, shares[1], 0.0]
    for settings in ({}, {"top_k": 4}, {"top_p": 0.99}):
        with no_warnings():
            assert_close(work.probabilities(logits.copy(), **settings), expected)
    generator = rng(90)
    drawn: set[Any] = {work.sample(logits.copy(), generator) for _ in range(200)}
    require(drawn <= {1, 3}, "a masked token was drawn", got=sorted(drawn))


def test_logits_stay_as_they_were() -> None:
    """10. logits is left as it was."""
    base = some_logits(95, 12)
    for logits in (base, base[::-2], base.astype(np.float32)):
        for settings in ({"temperature": 0.5}, {"top_k": 2, "top_p": 0.6}, {"temperature": 0.0}):
            with unchanged(logits=logits, base=base):
                work.probabilities(logits, **settings)
            with unchanged(logits=logits, base=base):
                work.sample(logits, rng(96), **settings)


def test_settings_that_are_refused() -> None:
    """11. ValueError for a negative temperature, a top_k below 1, and a top_p that is not in (0, 1]."""
    settings: list[dict[str, float]] = [{"temperature": -0.5}, {"top_k": 0}, {"top_k": -2}]
    for bad in (*settings, {"top_p": 0.0}, {"top_p": -0.1}, {"top_p": 1.5}):
        assert_raises(ValueError, work.probabilities, np.zeros(3), **bad)
        assert_raises(ValueError, work.sample, np.zeros(3), rng(99), **bad)
