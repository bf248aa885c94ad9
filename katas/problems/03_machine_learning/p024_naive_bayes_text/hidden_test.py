"""Hidden test of p024_naive_bayes_text."""

import importlib
import math
import re
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
    calling,
    learner,
    no_warnings,
    require,
    rng,
    seed,
    unchanged,
)

work = learner("naive_bayes")

TEXTS = ["free money now", "Money, money!", "lunch now", "see you at lunch", ""]
LABELS = ["spam", "spam", "ham", "ham", "ham"]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


class Plain:
    """The counts, looked up one at a time."""

    def __init__(self, texts: list[str], labels: list[str], alpha: float) -> None:
        self.classes = sorted(set(labels))
        self.vocabulary = sorted({w for t in texts for w in words(t)})
        self.of = {c: [w for t, y in zip(texts, labels, strict=True) if y == c for w in words(t)] for c in self.classes}
        self.share = {c: labels.count(c) / len(labels) for c in self.classes}
        self.alpha = alpha

    def likelihood(self, word: str, label: str) -> float:
        used = self.of[label]
        return math.log((used.count(word) + self.alpha) / (len(used) + self.alpha * len(self.vocabulary)))

    def scores(self, text: str) -> dict[str, float]:
        known = [w for w in words(text) if w in self.vocabulary]
        likely = {(w, c): self.likelihood(w, c) for w in set(known) for c in self.classes}
        return {c: math.log(self.share[c]) + math.fsum(likely[w, c] for w in known) for c in self.classes}

    def probabilities(self, text: str) -> list[float]:
        found = list(self.scores(text).values())
        weights = [math.exp(s - max(found)) for s in found]
        return [w / sum(weights) for w in weights]


def corpus(stream: int, n_texts: int, n_words: int, classes: list[str]) -> tuple[list[str], list[str]]:
    """Texts whose words lean on their class."""
    random = rng(stream)
    labels = [classes[i % len(classes)] for i in random.permutation(n_texts).tolist()]
    texts = []
    for label in labels:
        leaning = random.integers(0, 40, n_words) % 23 + 3 * classes.index(label)
        texts.append(" ".join(f"w{i}" for i in leaning.tolist()))
    return texts, labels


def fit(texts: list[str], labels: list[str], alpha: float = 1.0) -> Any:
    """Fit the learner's model and look at what it holds."""
    shown = f"{texts}, {labels}" if len(str(texts)) < 90 else f"{len(texts)} texts, their labels"
    with calling(f"NaiveBayes(alpha={alpha:g}).fit({shown})"):
        model = work.NaiveBayes(alpha=alpha)
        with unchanged(texts=texts, labels=labels):
            got = model.fit(texts, labels)
        require(got is model, "fit must give the model itself; is `return self` missing?")
        assert_type(getattr(model, "classes_", None), list, what="classes_")
        assert_type(getattr(model, "vocabulary_", None), list, what="vocabulary_")
    return model


def is_number(got: Any, expected: float, what: str) -> None:
    assert_type(got, (float, np.floating), what=what)
    assert_close(float(got), expected, rtol=1e-9, what=what)


def has_probabilities(model: Any, texts: list[str], expected: list[list[float]]) -> NDArray[Any]:
    shown = texts if len(str(texts)) < 90 else f"{len(texts)} texts"
    with calling(f"model.predict_proba({shown})"), no_warnings():
        got = as_array(model.predict_proba(texts), "predict_proba")
        assert_dtype(got, "floating", what="predict_proba")
        assert_close(got, np.array(expected).reshape(len(texts), -1), rtol=1e-6, atol=1e-12, what="predict_proba")
    return got


def predicts(model: Any, texts: list[str], expected: list[str]) -> None:
    shown = texts if len(str(texts)) < 90 else f"{len(texts)} texts"
    with calling(f"model.predict({shown})"), unchanged(texts=texts):
        got = model.predict(texts)
        assert_type(got, list, what="predict")
        assert_equal(got, expected, what="predict")


def test_classes_and_vocabulary() -> None:
    """After fit, classes_ and vocabulary_ are sorted lists: all labels, and the words of all classes in lower case."""
    model = fit(TEXTS, LABELS)
    with calling(f"NaiveBayes().fit({TEXTS[:3]} and two more, labels)"):
        assert_equal(model.classes_, ["ham", "spam"], what="classes_")
        assert_equal(model.vocabulary_, ["at", "free", "lunch", "money", "now", "see", "you"], what="vocabulary_")


def test_priors_are_shares_of_texts() -> None:
    """The prior is the share of the texts with a label, empty ones included, not of the words."""
    model = fit(TEXTS, LABELS)
    for label, share in (("ham", 3 / 5), ("spam", 2 / 5)):
        with calling(f"model.log_prior({label!r})"):
            is_number(model.log_prior(label), math.log(share), "log_prior")


def test_likelihoods_are_smoothed_over_the_whole_vocabulary() -> None:
    """A likelihood is (count + alpha) / (words of the class + alpha times the size of the whole vocabulary)."""
    for alpha in (1.0, 0.1, 2.5):
        model, plain = fit(TEXTS, LABELS, alpha), Plain(TEXTS, LABELS, alpha)
        for word in plain.vocabulary:
            for label in plain.classes:
                with calling(f"model.log_likelihood({word!r}, {label!r}), alpha={alpha:g}"):
                    is_number(model.log_likelihood(word, label), plain.likelihood(word, label), "log_likelihood")


def test_words_count_as_often_as_they_occur() -> None:
    """A word that occurs three times in a text counts three times in its score."""
    model, plain = fit(TEXTS, LABELS), Plain(TEXTS, LABELS, 1.0)
    for text in ("money lunch", "money lunch lunch lunch", "Now! NOW now, money"):
        with calling(f"model.log_scores({text!r})"):
            got = model.log_scores(text)
            assert_type(got, dict, what="log_scores")
            assert_equal({c: float(v) if isinstance(v, np.floating) else v for c, v in got.items()}, plain.scores(text))


def test_unseen_words_are_skipped() -> None:
    """Words outside the vocabulary change no score; a text of such words alone is judged by the priors."""
    texts, labels = ["a a b", "c d", "c"], ["x", "y", "y"]
    model, plain = fit(texts, labels), Plain(texts, labels, 1.0)
    for text in ("a zebra zebra zebra zebra zebra zebra", "zebra", ""):
        with calling(f"model.log_scores({text!r}), the word zebra is new"):
            got = model.log_scores(text)
            assert_type(got, dict, what="log_scores")
            assert_equal({c: float(v) if isinstance(v, np.floating) else v for c, v in got.items()}, plain.scores(text))
    predicts(model, ["zebra", "", "a zebra"], ["y", "y", "x"])
    has_probabilities(model, ["zebra", ""], [[1 / 3, 2 / 3], [1 / 3, 2 / 3]])
    with calling("model.vocabulary_ after predicting texts with new words"):
        assert_equal(model.vocabulary_, ["a", "b", "c", "d"], what="vocabulary_")


def test_long_texts_do_not_underflow() -> None:
    """A text of 6,000 words gets finite scores, the right label, and probabilities that sum to 1."""
    texts = ["good fine nice " * 20, "bad poor sad good " * 15]
    labels = ["plus", "minus"]
    model, plain = fit(texts, labels), Plain(texts, labels, 1.0)
    long = ["nice good " * 3000, "good " * 2950 + "sad poor " * 1600, "good bad fine poor " * 1500]
    expected = [plain.probabilities(text) for text in long]
    predicts(model, long, [max(plain.classes, key=plain.scores(t).__getitem__) for t in long])
    has_probabilities(model, long, expected)
    for text in long:
        with calling("model.log_scores(a text of 6,000 words)"):
            got = model.log_scores(text)
            assert_type(got, dict, what="log_scores")
            for label, score in plain.scores(text).items():
                is_number(got.get(label), score, "log_scores")


def test_probabilities_follow_the_order_of_the_classes() -> None:
    """predict_proba gives a row for each text and a column for each class of classes_; no texts give no rows."""
    texts, labels = corpus(1, 30, 12, ["zoo", "art", "music"])
    model, plain = fit(texts, labels), Plain(texts, labels, 1.0)
    fresh, _ = corpus(2, 17, 5, ["zoo", "art", "music"])
    has_probabilities(model, fresh, [plain.probabilities(text) for text in fresh])
    predicts(model, fresh, [max(plain.classes, key=plain.scores(t).__getitem__) for t in fresh])
    predicts(model, [], [])
    with calling("model.predict_proba([]), three classes"):
        assert_shape(model.predict_proba([]), (0, 3), what="predict_proba")
    only = fit(["a b", "c"], ["one", "one"])
    predicts(only, ["a", "q"], ["one", "one"])
    has_probabilities(only, ["a"], [[1.0]])


def test_a_tie_goes_to_the_first_class() -> None:
    """Where two classes have the same score, the one that comes first in classes_ is predicted."""
    for labels in (["pear", "apple"], ["apple", "pear"]):
        model = fit(["a b", "b c"], labels)
        predicts(model, ["b", "", "a c"], ["apple", "apple", "apple"])


def test_a_second_fit_forgets_the_first() -> None:
    """A second fit on the same model learns from its own texts alone."""
    model = fit(TEXTS, LABELS)
    texts, labels = ["up up down", "left right", "left"], ["v", "h", "h"]
    plain = Plain(texts, labels, 1.0)
    with calling("model.fit(other texts, other labels), a second time on the same model"):
        model.fit(texts, labels)
        assert_equal(model.classes_, plain.classes, what="classes_")
        assert_equal(model.vocabulary_, plain.vocabulary, what="vocabulary_")
        is_number(model.log_likelihood("up", "h"), plain.likelihood("up", "h"), "log_likelihood")
        is_number(model.log_prior("h"), math.log(2 / 3), "log_prior")
    again, halves = ["money up", "up", "lunch"], ["spam", "ham", "ham"]
    plain = Plain(again, halves, 1.0)
    model = fit(TEXTS, LABELS)
    with calling(f"model.fit({again}, {halves}), on a model that knew these labels from other texts"):
        model.fit(again, halves)
        assert_equal(model.vocabulary_, plain.vocabulary, what="vocabulary_")
        is_number(model.log_likelihood("money", "spam"), plain.likelihood("money", "spam"), "log_likelihood")
        is_number(model.log_prior("spam"), math.log(1 / 3), "log_prior")
    has_probabilities(model, ["up left"], [plain.probabilities("up left")])


# Noted from scikit-learn 1.9.1. Importing it can take longer than all else here, so that a learner's run compares
# with these numbers, and only a run from another seed (the audit's) asks the library itself.
LIBRARY_TEXTS = ["red red blue", "blue green", "green green red", "blue", "red green blue blue"]
LIBRARY_LABELS = ["b", "a", "b", "a", "a"]
LIBRARY_FRESH = ["red", "blue blue green", "green red red", ""]
LIBRARY_SHARES_OF_A = {
    1.0: [0.40298507462686567, 0.8723573992820102, 0.21468538333169734, 0.6],
    0.5: [0.3619302949061663, 0.9026656496716227, 0.15914278578900773, 0.6],
    0.01: [0.30154229553650264, 0.937193302461379, 0.09631702849037478, 0.6],
}


def test_agrees_with_scikit_learn() -> None:
    """Probabilities agree with scikit-learn's on the same counts, for several alpha."""
    for alpha, shares in LIBRARY_SHARES_OF_A.items():
        model = fit(LIBRARY_TEXTS, LIBRARY_LABELS, alpha)
        has_probabilities(model, LIBRARY_FRESH, [[share, 1 - share] for share in shares])
    for stream, (n_texts, alpha) in enumerate([(2, 1.0), (7, 0.5), (60, 0.01)]):
        texts, labels = corpus(20 + stream, n_texts, 9, ["b", "a"])
        fresh, _ = corpus(30 + stream, 12, 8, ["b", "a"])
        plain, model = Plain(texts, labels, alpha), fit(texts, labels, alpha)
        got = has_probabilities(model, fresh, [plain.probabilities(text) for text in fresh])
        if (library := scikit_learn(alpha)) is not None:
            library.fit(counted(texts, plain.vocabulary), labels)
            other = library.predict_proba(counted(fresh, plain.vocabulary))
            assert_close(got, other, rtol=1e-6, atol=1e-9, what="predict_proba")


def counted(texts: list[str], vocabulary: list[str]) -> list[list[int]]:
    return [[words(text).count(word) for word in vocabulary] for text in texts]


def scikit_learn(alpha: float) -> Any:
    try:
        return importlib.import_module("sklearn.naive_bayes").MultinomialNB(alpha=alpha) if seed() else None
    except ImportError:
        return None


def build_and_fit(texts: Any, labels: list[str], alpha: float = 1.0) -> Any:
    return work.NaiveBayes(alpha=alpha).fit(texts, labels)


def test_bad_input_is_refused_by_name() -> None:
    """Empty texts, labels of another length and alpha of 0 raise ValueError, a single string TypeError, by name."""
    cases = [("texts", [], [], 1.0), ("labels", ["a", "b"], ["x"], 1.0), ("labels", ["a"], ["x", "y"], 1.0)]
    cases += [("alpha", ["a"], ["x"], 0.0), ("alpha", ["a"], ["x"], -1.0)]
    for name, texts, labels, alpha in cases:
        call = f"NaiveBayes(alpha={alpha:g}).fit({texts}, {labels})"
        assert_raises(ValueError, build_and_fit, texts, labels, alpha, mentions=name, call=call)
    assert_raises(
        TypeError, build_and_fit, "ab", ["x", "y"], mentions="texts", call="NaiveBayes().fit('ab', ['x', 'y'])"
    )
    model = fit(["a b", "c"], ["x", "y"])
    for method in ("predict", "predict_proba"):
        with calling(f"model.{method}('a b')"):
            assert_raises(TypeError, getattr(model, method), "a b", mentions="texts")
