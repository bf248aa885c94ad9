"""Hidden test of p048_beam_search."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise, product
from pydoc_data.topics import topics
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    assert_close,
    assert_equal,
    assert_raises,
    assert_type,
    edges,
    fail,
    learner,
    require,
    rng,
)

work = learner("beam_search")

Tokens = tuple[int, ...]
Found = list[tuple[Tokens, float]]
ALPHAS = (0.0, 1.0, 0.5, 2.0)


@dataclass
class Table:
    """A model by its probabilities; what it has none for, it takes from `otherwise`. Notes what it is asked."""

    probabilities: dict[Tokens, list[float]]
    otherwise: list[float] = field(default_factory=list, repr=False)
    asked: list[Tokens] = field(default_factory=list, repr=False)

    def __call__(self, tokens: Any) -> NDArray[np.float64]:
        tokens = tuple(int(token) for token in tokens)
        self.asked.append(tokens)
        return np.array(self.logs(tokens))

    def logs(self, tokens: Tokens) -> list[float]:
        row = self.probabilities.get(tokens, self.otherwise)
        return [math.log(p) if p > 0 else -math.inf for p in row]


class Logs(Table):
    """The same by logarithms."""

    def logs(self, tokens: Tokens) -> list[float]:
        return list(self.probabilities.get(tokens, self.otherwise))


class Described(Table):
    """A model whose probabilities a function returns; it reads as its name."""

    def __init__(self, name: str, row: Callable[[Tokens], list[float]]) -> None:
        super().__init__({})
        self.name, self.row = name, row

    def __repr__(self) -> str:
        return self.name

    def __call__(self, tokens: Any) -> NDArray[np.float64]:
        return np.array(self.logs(tuple(tokens)))

    def logs(self, tokens: Tokens) -> list[float]:
        return [math.log(p) for p in self.row(tokens)]


def random_table(stream: int, v: int, length: int, end: int, p_end: float = -1.0) -> Table:
    """Probabilities of all prefixes in three digits, drawn until no two sequences are as good as each other.

    p_end: that of the end, everywhere.
    """
    random = rng(stream)
    while True:
        table = Table({}, random.dirichlet(np.ones(v)).round(3).tolist())
        for n in range(length):
            for tokens in product([token for token in range(v) if token != end], repeat=n):
                row = np.maximum(random.dirichlet(np.ones(v)).round(3), 0.002)
                row[end] = p_end if p_end > 0 else row[end]
                table.probabilities[tokens] = row.tolist()
        values = [sorted(score for _, score in brute_force(table, v, end, length, alpha)) for alpha in ALPHAS]
        if min(b - a for row in values for a, b in pairwise(row)) > 1e-9:
            return table


def log_of(table: Table, tokens: Tokens) -> float:
    parts = [table.logs(tokens[:i])[token] for i, token in enumerate(tokens)]
    return -math.inf if -math.inf in parts else math.fsum(parts)


def ranked(table: Table, sequences: Iterator[Tokens], alpha: float) -> Found:
    scored = [(tokens, log_of(table, tokens) / len(tokens) ** alpha) for tokens in sequences]
    return sorted([pair for pair in scored if pair[1] > -math.inf], key=lambda pair: -pair[1])


def brute_force(table: Table, v: int, end: int, length: int, alpha: float = 0.0) -> Found:
    """All possible sequences, the best first."""
    sequences = [tokens for n in range(1, length + 1) for tokens in product(range(v), repeat=n)]
    whole = (t for t in sequences if end not in t[:-1] and (t[-1] == end or len(t) == length))
    return ranked(table, whole, alpha)


def plain_beam(table: Table, end: int, width: int, length: int, alpha: float = 0.0) -> tuple[Found, list[Tokens]]:
    """What a beam of this width finds, step by step, and the sequences that it extends."""
    live: list[Tokens] = [()]
    aside: list[Tokens] = []
    extended: list[Tokens] = []
    for _ in range(length):
        extended += live
        longer = ((*tokens, token) for tokens in live for token in range(len(table.logs(tokens))))
        kept = [tokens for tokens, _ in ranked(table, longer, 0.0)[:width]]
        aside += [tokens for tokens in kept if tokens[-1] == end]
        live = [tokens for tokens in kept if tokens[-1] != end]
    return ranked(table, iter(aside + live), alpha)[:width], extended


def found(table: Table, end: int, width: int, length: int, alpha: float = 0.0) -> Found:
    options = {"width": width, "max_length": length} | ({"alpha": alpha} if alpha else {})
    got = work.beam_search(table, end, **options)
    is_right = isinstance(got, list | tuple) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in got)
    require(is_right, "beam_search must return a list of pairs (tokens, score)", got=got)
    for tokens, score in got:
        require(isinstance(tokens, list | tuple), "tokens must be a tuple", got=tokens)
        are_ints = all(isinstance(token, int | np.integer) for token in tokens)
        require(are_ints and len(tokens) > 0, "tokens must be integers, one at least", got=tokens)
        require(isinstance(score, int | float | np.floating), "a score must be a float", got=score)
    return [(tuple(int(token) for token in tokens), float(score)) for tokens, score in got]


def same_sequences(got: Found, expected: Found) -> None:
    """The same sequences, in any order."""
    assert_equal(sorted(tokens for tokens, _ in got), sorted(tokens for tokens, _ in expected), what="the sequences")


def same(got: Found, expected: Found) -> None:
    """The same sequences in the same order, with the same scores."""
    assert_equal([tokens for tokens, _ in got], [tokens for tokens, _ in expected], what="the sequences, in order,")
    assert_close([score for _, score in got], [score for _, score in expected], rtol=1e-9, atol=1e-12, what="scores")


def small(stream: int) -> Iterator[tuple[Table, int, int, int]]:
    """Tables with their number of tokens, end, and length."""
    sizes = [(2, 1), (2, 2), (3, 2), (2, 3), (3, 3), (4, 3), (3, 4)]
    for i, (v, length) in enumerate(sizes):
        end = i % v
        yield random_table(stream + i, v, length, end), v, end, length


def test_all_extensions_compete() -> None:
    """1. Of the extensions of all live sequences together, the `width` most probable are kept in each step."""
    # 3 is the end, so unlikely that it is never kept.
    for i, (length, width) in enumerate([(1, 2), (2, 2), (2, 3), (3, 2), (4, 3), (4, 2)]):
        table = random_table(100 + i, 4, length, 3, p_end=1e-9)
        expected, _ = plain_beam(table, 3, width, length)
        same_sequences(found(table, 3, width, length), expected)


def test_finished_sequences_are_kept() -> None:
    """2. A kept extension by end is set aside: never extended or dropped, and it takes no place in later steps."""
    even = [0.4, 0.35, 0.25]
    cases = [
        # Few sequences, all of which have room.
        (Table({(): [0.3, 0.7], (1,): [0.6, 0.4]}, [0.5, 0.5]), 4, 2),
        # (0,) is less probable than what comes later.
        (Table({(): [0.4, 0.6], (1,): [0.05, 0.95]}, [0.5, 0.5]), 2, 2),
        # (0,) is the third in the first step, and dropped, though more probable than what follows.
        (Table({(): [0.2, 0.45, 0.35], (1,): [0.3, 0.4, 0.3], (2,): [0.4, 0.25, 0.35]}, even), 2, 2),
        # (2,) is the third in the first step: (0,), which is finished, leaves it no place.
        (Table({(): [0.4, 0.35, 0.25], (1,): [0.2, 0.3, 0.5], (2,): [0.9, 0.04, 0.06]}, even), 2, 2),
        # (1, 2) is the second of the live ones in the second step, and the better in the third.
        (
            Table({(): [0.5, 0.3, 0.2], (1,): [0.01, 0.5, 0.49], (1, 1): even, (1, 2): [0.96, 0.02, 0.02]}, even),
            2,
            3,
        ),
    ]
    for table, width, length in cases:
        expected, _ = plain_beam(table, 0, width, length)
        same_sequences(found(table, 0, width, length), expected)
    for table, _, end, length in small(200):
        for width in (2, 3):
            expected, _ = plain_beam(table, end, width, length)
            same_sequences(found(table, end, width, length), expected)


def test_the_first_end_does_not_stop_the_search() -> None:
    """3. Steps go on until no sequence is live or max_length is reached; what is still live then counts too."""
    sure, never = [1.0, 0.0], [0.5, 0.5]
    cases = [
        (Table({(): [0.3, 0.7]}, never), 2, 1, 0.0),
        (Table({(): [0.9, 0.1]}, never), 1, 4, 0.0),
        (Table({(): [0.3, 0.7], (1,): [0.9, 0.1]}, never), 2, 2, 0.0),
        (Table({(): [0.3, 0.7], (1,): [0.05, 0.95], (1, 1): [0.05, 0.95]}, never), 2, 3, 0.0),
        # By log p nothing can beat (0,) any more; by score (1, 0) does.
        (Table({(): [0.5, 0.4], (1,): [0.9, 0.1]}, never), 2, 2, 1.0),
        # After two steps (1, 1) has a lower score than both finished ones, after three it has the highest.
        (Table({(): [0.45, 0.4], (1,): [0.5, 0.4], (1, 1): sure}, never), 2, 3, 1.0),
    ]
    for table, width, length, alpha in cases:
        expected, _ = plain_beam(table, 0, width, length, alpha)
        same_sequences(found(table, 0, width, length, alpha), expected)


def test_score() -> None:
    """4. The score is log p / n ** alpha, where n counts all tokens, end too; alpha is 0 by default."""
    for alpha in ALPHAS:
        for table, v, end, length in small(300):
            for tokens, score in found(table, end, 2, length, alpha):
                is_whole = len(tokens) <= length and end not in tokens[:-1] and all(0 <= t < v for t in tokens)
                require(is_whole, "the result holds a sequence that does not exist", got=tokens)
                expected = log_of(table, tokens) / len(tokens) ** alpha
                assert_close(score, expected, rtol=1e-9, what=f"the score of {tokens}")


def test_best_scores_come_first() -> None:
    """5. The result holds the `width` best by score, the best first: a list of (tuple, float)."""
    for alpha in ALPHAS:
        for table, _, end, length in small(400):
            for width in (2, 3, 4):
                expected, _ = plain_beam(table, end, width, length, alpha)
                same(found(table, end, width, length, alpha), expected)
    got = work.beam_search(Table({(): [0.3, 0.7], (1,): [0.6, 0.4]}), 0, 2, 2)
    assert_type(got, list)
    for tokens, score in got:
        assert_type(tokens, tuple, what="tokens")
        assert_type(score, float, what="a score")


def test_greedy_and_wider() -> None:
    """6. Width 1 takes the best token at each step; a wider beam finds what that misses, also in real text."""
    for table, _, end, length in small(500):
        tokens: Tokens = ()
        while len(tokens) < length and end not in tokens:
            row = table.logs(tokens)
            tokens = (*tokens, row.index(max(row)))
        assert_equal([t for t, _ in found(table, end, 1, length)], [tokens], what="the sequence")
    letters = letters_of_the_manual()
    for width in (1, 4, 10):
        expected, _ = plain_beam(letters, 0, width, 6)
        same(found(letters, 0, width, 6), expected)


def letters_of_the_manual() -> Table:
    """A word letter by letter, as they follow one another in Python's manual; 0 is the blank at its end."""
    text = "".join(c if "a" <= c <= "z" else " " for c in topics["class"].lower())
    pairs = Counter(pairwise(0 if c == " " else ord(c) - 96 for c in " ".join(text.split())))
    noise = rng(1).uniform(0.1, 0.2, (27, 27))  # no two words are as probable as each other
    counts = [[pairs[i, j] + float(noise[i, j]) if i or j else 0.001 for j in range(27)] for i in range(27)]
    rows = [[count / sum(row) for count in row] for row in counts]
    return Described("letters_of_a_word", lambda tokens: rows[tokens[-1] if tokens else 0])


def test_a_wide_beam_is_exact() -> None:
    """7. From V ** (max_length - 1) on, the result is that of trying all sequences; width may be larger than that."""
    for table, v, end, length in small(600):
        for alpha in ALPHAS:
            for width in (v ** (length - 1), 1000):
                expected = brute_force(table, v, end, length, alpha)[:width]
                same(found(table, end, width, length, alpha), expected)


edges()


def test_log_space() -> None:
    """8. Thousands of tokens do not underflow, and probabilities far below 1e-308 are told apart."""
    for logs in ([-0.5, -801.0, -800.0, -802.0], [-900.0, -800.0, -1e5, -1e4]):
        table = Logs({(): logs}, [-1.0] * 4)
        for width in (2, 3):
            same(found(table, 0, width, 1), plain_beam(table, 0, width, 1)[0])
    n = 2000
    random = rng(700)
    rows = [[1e-9, *row] for row in random.uniform(0.1, 0.9, (n, 2)).tolist()]
    lost = [abs(math.log(one) - math.log(other)) for _, one, other in rows]  # by taking the other token, once
    best = [1 if one > other else 2 for _, one, other in rows]
    second = [3 - token if loss == min(lost) else token for token, loss in zip(best, lost, strict=True)]
    total = math.fsum(math.log(max(one, other)) for _, one, other in rows)
    got = found(Described("model_of_2000_steps", lambda tokens: rows[len(tokens) % n]), 0, 2, n)
    assert_close([score for _, score in got], [total, total - min(lost)], rtol=1e-9, what="scores of 2000 tokens")
    assert_equal([list(tokens) for tokens, _ in got], [best, second], what="2000 tokens")


def test_impossible_tokens() -> None:
    """9. A sequence with a token of probability 0 is never returned: the result may be shorter than width, or empty."""
    cases = [
        ({(): [0.0, 1.0, 0.0]}, 2, 1),
        ({(): [0.0, 0.0, 0.0]}, 2, 2),
        ({(): [0.0, 0.6, 0.4], (1,): [0.0, 0.0, 0.0], (2,): [0.3, 0.0, 0.7]}, 3, 2),
        ({(): [0.0, 0.6, 0.4], (1,): [0.0, 0.0, 0.0], (2,): [0.0, 0.0, 0.0]}, 2, 3),
        ({(): [1e-300, 0.0, 0.0]}, 3, 1),
        ({(): [0.6, 0.4, 0.0], (1,): [0.0, 1.0, 0.0], (1, 1): [0.7, 0.0, 0.3]}, 3, 3),
    ]
    for probabilities, width, length in cases:
        for alpha in (0.0, 1.0):
            table = Table(probabilities, [0.0, 0.0, 0.0])
            expected, _ = plain_beam(table, 0, width, length, alpha)
            same(found(table, 0, width, length, alpha), expected)


def test_the_model_is_asked_once() -> None:
    """10. model is called once for each live sequence that is extended, no other; its arrays stay as they were."""
    for table, _, end, length in small(800):
        for width in (1, 2, 3):
            _, extended = plain_beam(table, end, width, length)
            table.asked.clear()
            found(table, end, width, length)
            for tokens, times in Counter(table.asked).items():
                if tokens not in extended:
                    why = "has max_length tokens" if len(tokens) >= length else "is not live"
                    fail(f"the model was called with {tokens}, which {'is finished' if end in tokens else why}")
                require(times == 1, f"the model was called {times} times with {tokens}")
    held: dict[Tokens, NDArray[np.float64]] = {}
    table = random_table(850, 3, 3, 0)

    def model(tokens: Tokens) -> NDArray[np.float64]:
        return held.setdefault(tuple(tokens), np.array(table.logs(tuple(tokens))))

    work.beam_search(model, 0, 2, 3)
    for tokens, array in held.items():
        assert_equal(array.tolist(), table.logs(tokens), what=f"the array for {tokens} afterwards")


def test_nothing_to_follow_is_refused() -> None:
    """11. ValueError for a width or max_length below 1."""
    for width, length in ((0, 3), (-1, 3), (2, 0), (2, -1)):
        assert_raises(ValueError, work.beam_search, Table({}, [0.5, 0.5]), 0, width, length)
