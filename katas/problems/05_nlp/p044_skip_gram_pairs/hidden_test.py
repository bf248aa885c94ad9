"""Hidden test of p044_skip_gram_pairs."""

import math
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pydoc_data.topics import topics
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    edges,
    fail,
    global_random_state_kept,
    learner,
    no_warnings,
    require,
    rng,
    unchanged,
)

work = learner("skipgram")
Ids = NDArray[np.integer[Any]]

SIGMAS = 6  # a right answer goes beyond it once in 500 million times


@cache
def manual(min_count: int) -> tuple[tuple[Ids, ...], NDArray[np.int64], tuple[str, ...]]:
    """Sentences of Python's manual as ids by frequency, -1 for rarer words; the counts; and the words."""
    names = ("assert", "class", "for", "function", "import", "strings", "typesseq", "while", "with")
    text = "\n\n".join(topics[name] for name in names)
    sentences = [re.findall(r"[a-z]+", part.lower()) for part in re.split(r"\.\s|\n\n", text)]
    counted = Counter(word for sentence in sentences for word in sentence).most_common()
    frequent = [(word, n) for word, n in counted if n >= min_count]
    id_of = {word: i for i, (word, _) in enumerate(frequent)}
    ids = tuple(np.array([id_of.get(word, -1) for word in s], dtype=np.int64) for s in sentences)
    return ids, np.array([n for _, n in frequent]), tuple(id_of)


def whole(got: NDArray[Any]) -> Ids:
    """The numbers as integers; of which dtype they came is a check of its own."""
    require(np.array_equal(got, np.rint(got)), "ids must be whole numbers", got=got)
    return got.astype(np.int64)


def plain(sentences: list[Ids], window: int) -> list[list[int]]:
    """Every two places of each sentence, in ascending order of the ids."""
    rows = []
    for sentence in sentences:
        words = sentence.tolist()
        for i, centre in enumerate(words):
            near = [j for j in range(max(0, i - window), min(len(words), i + window + 1)) if j != i]
            rows += [[centre, words[j]] for j in near if centre != -1 and words[j] != -1]
    return sorted(rows)


def pairs(sentences: list[Ids], window: int, *generator: np.random.Generator) -> Ids:
    """The learner's rows, as they come."""
    got = as_array(work.skip_gram_pairs([s.copy() for s in sentences], window, *generator))
    if got.size == 0:  # its shape is a check of its own
        return np.empty((0, 2), dtype=np.int64)
    require(got.ndim == 2 and got.shape[1] == 2, f"the result must have shape (n, 2), not {got.shape}", got=got)
    return whole(got)


def has_pairs(*sentences: list[int], window: int) -> None:
    arrays = [np.array(s, dtype=np.int64) for s in sentences]
    expected = plain(arrays, window)
    assert_equal(sorted(pairs(arrays, window).tolist()), expected, what="skip_gram_pairs, its rows sorted,")


def kept(sentence: Ids, keep: Any, generator: np.random.Generator) -> Ids:
    got = as_array(work.subsample(sentence.copy(), np.array(keep, dtype=float), generator))
    require(got.ndim == 1, f"the result must have one axis, not {got.ndim}", got=got)
    return whole(got)


def negatives(contexts: Any, counts: Any, k: int, generator: np.random.Generator) -> Ids:
    contexts = np.array(contexts, dtype=np.int64)
    got = as_array(work.negative_samples(contexts, np.array(counts), k, generator))
    assert_shape(got, (len(contexts), k))
    return whole(got)


def is_share(found: int, n: int, p: float, what: str) -> None:
    """Fail when `found` of n is too far from the probability p."""
    if abs(found - n * p) > SIGMAS * math.sqrt(n * p * (1 - p)):
        fail(
            f"{what}: the share is wrong",
            got=Shown(f"{found / n:.4f}"),
            expected=Shown(f"about {p:.4f}" if 0 < p < 1 else f"{p:g}"),
        )


def test_pairs_within_the_window() -> None:
    """1. Each word is a centre; its contexts are the words at most `window` places before or after it."""
    has_pairs([4, 7], window=1)
    has_pairs([3, 4, 5], window=1)
    has_pairs([0, 1, 0, 1], window=1)
    for window in (1, 2, 3, 4, 100):
        has_pairs([5, 1, 4, 2, 3], window=window)
    for stream, n in enumerate((7, 30)):
        for window in (1, 2, 5):
            has_pairs(rng(stream).permutation(n).tolist(), window=window)


def test_sentences_are_apart() -> None:
    """1. No pair has its words in two sentences, and a sentence may be empty or a single word."""
    has_pairs([1, 2], [3, 4], window=1)
    has_pairs([1, 2, 3], [4], [], [5, 6, 7], window=3)
    has_pairs([], [1, 2], [6], window=2)


def test_the_same_word_at_another_place() -> None:
    """2. The centre's own place is no context; the same word at another place is one."""
    has_pairs([4, 4], window=1)
    has_pairs([1, 4, 1, 1, 0, 0], window=2)
    has_pairs([0, 0, 0], window=1)


def test_the_pairs_of_real_text() -> None:
    """1. The pairs of thousands of words of Python's manual come as often as in a loop over all places."""
    sentences, counts, words = manual(min_count=1)
    n, window = len(counts), 4
    expected = Counter(centre * n + context for centre, context in plain(list(sentences), window))
    rows = pairs(list(sentences), window)
    require(rows.min() >= 0 and rows.max() < n, f"there are ids outside of 0 to {n - 1}", got=rows)
    got = Counter((rows[:, 0] * n + rows[:, 1]).tolist())
    for pair in [*expected, *got]:
        if got[pair] != expected[pair]:
            centre, context = divmod(pair, n)
            what = f'how often "{words[centre]}" has the context "{words[context]}" within {window} places'
            assert_equal(got[pair], expected[pair], what=what)


def test_every_width_is_equally_likely() -> None:
    """4. With rng, each centre draws a width of its own, uniformly from 1, 2, …, window, for both sides."""
    for n, window, repeats in ((6, 2, 1), (3000, 2, 1), (9000, 5, 1), (21, 3, 200), (10, 1, 1)):
        sentences = [np.arange(n) + n * i for i in range(repeats)]
        got = pairs(sentences, window, rng(40 + window))
        seen: dict[int, list[int]] = {}
        for centre, context in got.tolist():
            seen.setdefault(centre, []).append(context)
        widths = []
        for centre in range(n * repeats):
            width = max((abs(context - centre) for context in seen.get(centre, [])), default=0)
            first = centre // n * n
            near = range(max(first, centre - width), min(first + n, centre + width + 1))
            expected = [place for place in near if place != centre]
            found = sorted(seen.get(centre, []))
            if found != expected:
                what = f"the contexts of place {centre % n} of 0, 1, …, {n - 1}, sorted,"
                assert_equal(found, expected, what=what)
            if window <= centre % n < n - window:
                widths.append(width)
        for width in range(window + 1):
            p = (width > 0) / window
            is_share(widths.count(width), len(widths), p, f"centres of width {width} with window = {window}")
        equal = sum(a == b for a, b in pairwise(widths))
        what = f"neighbouring centres of the same width with window = {window}"
        is_share(equal, len(widths) - 1, 1 / window, what)


def test_frequent_words_are_kept_less() -> None:
    """5. keep_probability is min(1, √(t / f)), where f is the share of the word in all counts."""
    for counts, t in (
        ([4, 4], 0.125),
        ([90, 9, 1], 0.01),
        ([3, 1], 0.25),
        ([1, 99], 1e-5),
        (manual(min_count=5)[1], 1e-3),
    ):
        total = sum(int(count) for count in counts)
        expected = [min(1.0, math.sqrt(t / (int(count) / total))) for count in counts]
        assert_close(work.keep_probability(np.array(counts), t), expected)


def test_each_occurrence_is_kept_by_itself() -> None:
    """6. Each occurrence of w is kept with probability keep[w], independently of all others."""
    sentence = np.tile(np.arange(4), 5000)
    keep = [0.5, 0.1, 0.9, 0.3]
    got = kept(sentence, keep, rng(60))
    for word, p in enumerate(keep):
        is_share(int((got == word).sum()), 5000, p, f"occurrences of {word} that are kept, keep = {keep},")
    generator = rng(61)
    sizes = np.array([len(kept(np.zeros(20, dtype=np.int64), [0.5], generator)) for _ in range(600)])
    if not 0.6 < sizes.var() / 5 < 1.5:
        fail(
            "the number kept of twenty words with keep = 0.5 varies wrongly from call to call",
            got=Shown(f"variance {sizes.var():.2f}"),
            expected=Shown("about 5"),
        )


def test_the_order_stays() -> None:
    """6. What is kept stays in its order; keep = 1 keeps all, keep = 0 none."""
    sentence = rng(62).permutation(300)
    for p in (1.0, 0.0, 0.5):
        got = kept(sentence, np.full(300, p), rng(63)).tolist()
        expected = [word for word in sentence.tolist() if word in set(got)] if 0 < p < 1 else sentence.tolist()
        assert_equal(got, expected if p else [], what=f"subsample, keep = {p} for every word,")


def test_negatives_by_the_power() -> None:
    """7. A negative is drawn with a probability proportional to its count to the power 3/4."""
    for counts in ([16, 1, 0], [1000, 100, 10, 1, 0], [*manual(min_count=5)[1].tolist(), 0]):
        weights = [count**0.75 for count in counts]
        n, k = 10_000, 4
        # The context never occurs, so that it is in nobody's way.
        got = negatives(np.full(n, len(counts) - 1), counts, k, rng(70))
        found = Counter(got.ravel().tolist())
        for word, weight in enumerate(weights):
            p = weight / sum(weights)
            if p == 0 or n * k * p > 200:
                what = f"negatives that are word {word} of counts {counts[:5]}{'…' * (len(counts) > 5)}"
                is_share(found[word], n * k, p, what)


def test_negatives_are_independent() -> None:
    """7. The k negatives of a context are drawn independently of each other and of other contexts."""
    counts = [16, 16, 1, 0]
    p_equal = sum((count**0.75 / (8 + 8 + 1)) ** 2 for count in counts)
    got = negatives(np.full(8000, 3), counts, 3, rng(71))
    for one, other, n, what in (
        (got[:, 0], got[:, 1], 8000, "the first and the second negative of a context are equal"),
        (got[:, 1], got[:, 2], 8000, "the second and the third negative of a context are equal"),
        (got[:-1, 0], got[1:, 0], 7999, "the first negatives of neighbouring contexts are equal"),
    ):
        is_share(int((one == other).sum()), n, p_equal, what)


def test_no_negative_is_its_own_context() -> None:
    """8. A negative is never the context of its own row; the other words keep their proportions."""
    for counts in ([1, 1], [16, 1, 1], [81, 16, 16, 1], [2, 0, 81]):
        contexts = np.repeat(np.arange(len(counts)), 3000)
        weights = [count**0.75 for count in counts]
        got = negatives(contexts, counts, 3, rng(80))
        for context in range(len(counts)):
            drawn = got[contexts == context].ravel().tolist()
            rest = sum(weights) - weights[context]
            for word, weight in enumerate(weights):
                p = 0.0 if word == context else weight / rest
                what = f"negatives of context {context} that are word {word} of counts {counts}"
                is_share(drawn.count(word), len(drawn), p, what)


edges()


def test_unknown_words_keep_their_place() -> None:
    """3. A -1 is neither a centre nor a context, and windows reach no further because of it."""
    has_pairs([1, -1, 2], window=1)
    has_pairs([-1, 1, 2, -1], window=1)
    has_pairs([1, -1, 2, 3, -1, -1, 4], window=2)
    has_pairs([-1, -1], [-1, 5], window=3)
    sentences, _, _ = manual(min_count=5)
    expected = plain(list(sentences), 2)
    same = sorted(pairs(list(sentences), 2).tolist()) == expected
    require(
        same, f"the pairs of Python's manual with words of -1 are not the {len(expected)} of a loop over all places"
    )
    far_apart = np.full(60, -1)
    far_apart[::3] = np.arange(20)
    got = pairs([far_apart], 2, rng(30))
    require(len(got) == 0, "with rng, there are pairs although no two words are within the window", got=got)


def test_a_word_that_never_occurs() -> None:
    """5. A word with a count of 0 has the keep probability 1, without a warning."""
    with no_warnings():
        assert_close(work.keep_probability(np.array([0, 4]), 0.25), [1.0, 0.5])
        assert_close(work.keep_probability(np.array([5, 0, 5, 0]), 0.02), [0.2, 1.0, 0.2, 1.0])


def test_unknown_words_are_kept() -> None:
    """6. subsample keeps every -1, whatever the probabilities are."""
    for sentence, keep in (([-1], [0.0]), ([-1, 0, -1], [1.0, 0.0]), ([1, -1, 1, -1], [1.0, 0.0])):
        expected = [word for word in sentence if word == -1 or keep[word]]
        assert_equal(kept(np.array(sentence), keep, rng(64)).tolist(), expected, what=f"subsample, keep = {keep},")


def test_contexts_of_other_rows_may_be_drawn() -> None:
    """8. A word that is the context of another row may be drawn."""
    got = negatives([0, 1], [5, 5], 3, rng(81))
    assert_equal(got, [[1, 1, 1], [0, 0, 0]])
    got = negatives([0, 1] * 2000, [16, 16, 1], 2, rng(82))
    for context in (0, 1):
        found = int((got[context::2] == 1 - context).sum())
        what = f"negatives of context {context} that are word {1 - context} of counts [16, 16, 1]"
        is_share(found, 4000, 8 / 9, what)


def test_all_comes_from_the_generator() -> None:
    """9. A generator in the same state leads to the same result, and a second call with it to another."""
    sentence = np.arange(400)
    calls = {
        "skip_gram_pairs": lambda generator: pairs([sentence], 5, generator),
        "subsample": lambda generator: kept(sentence, np.full(400, 0.5), generator),
        "negative_samples": lambda generator: negatives(sentence, np.ones(400), 2, generator),
    }
    for name, call in calls.items():
        generator = rng(90)
        with global_random_state_kept():
            first = call(generator)
        second = call(generator)
        require(not np.array_equal(first, second), f"{name} returned the same in a second call", got=second)
        again = call(rng(90))
        require(np.array_equal(first, again), f"{name} with a generator in the same state returned another result")


def test_arguments_stay_as_they_were() -> None:
    """9. Sentences, counts, probabilities and contexts are left as they were."""
    sentence, counts, keep = np.array([2, 0, -1, 1, 0]), np.array([90, 9, 1]), np.array([0.5, 0.9, 0.1])
    contexts, sentences = np.array([0, 2, 1, 0]), [sentence, np.array([1, 2])]
    calls = (
        lambda: work.skip_gram_pairs(sentences, 2),
        lambda: work.skip_gram_pairs(sentences, 2, rng(91)),
        lambda: work.keep_probability(counts, 0.1),
        lambda: work.subsample(sentence, keep, rng(92)),
        lambda: work.negative_samples(contexts, counts, 5, rng(93)),
    )
    for call in calls:
        with unchanged(sentences=sentences, sentence=sentence, counts=counts, keep=keep, contexts=contexts):
            call()


def test_nothing_in_whole_numbers() -> None:
    """10. Ids are integers; without any pair the shape is (0, 2), without contexts (0, k)."""
    empty = np.array([], dtype=np.int64)
    for sentences in ([], [np.array([4])], [empty], [np.array([-1, 3, -1])]):
        got = work.skip_gram_pairs([s.copy() for s in sentences], 3)
        assert_shape(got, (0, 2))
        assert_dtype(got, "integer")
    got = work.negative_samples(empty.copy(), np.array([5, 3]), 4, rng(100))
    assert_shape(got, (0, 4))
    assert_dtype(got, "integer")
    assert_dtype(work.skip_gram_pairs([np.array([1, 2])], 1), "integer")
    assert_dtype(work.negative_samples(np.array([0]), np.array([5, 3]), 4, rng(101)), "integer")
    for keep in (0.0, 1.0):
        assert_dtype(work.subsample(np.array([0, 0]), np.array([keep]), rng(102)), "integer")


def test_windows_below_one_are_refused() -> None:
    """11. ValueError for a window of 0 or less, with rng or without."""
    for window in (0, -1):
        assert_raises(ValueError, work.skip_gram_pairs, [np.array([1, 2])], window)
        assert_raises(ValueError, work.skip_gram_pairs, [np.array([1, 2])], window, rng(110))


def test_no_other_word_is_refused() -> None:
    """11. ValueError when a context is the only word with a count above 0; any other context is fine."""
    got = negatives([1, 1], [7, 0], 2, rng(111))
    assert_equal(got, [[0, 0], [0, 0]])
    for contexts, counts in (([0], [7, 0]), ([0, 1, 2], [0, 0, 4]), ([1, 0, 1], [3, 0])):
        assert_raises(ValueError, work.negative_samples, np.array(contexts), np.array(counts), 2, rng(112))
