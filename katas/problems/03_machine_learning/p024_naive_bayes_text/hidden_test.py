"""Hidden test of p024_naive_bayes_text."""

import math
import re
from typing import Any

from kata_runner.checking import (
    assert_close,
    assert_equal,
    assert_raises,
    calling,
    edges,
    learner,
    no_warnings,
    require,
    rng,
)

work = learner("naive_bayes")

TEXTS = ["free money now", "Money, money!", "lunch now", "see you at lunch", "you"]
LABELS = ["spam", "spam", "ham", "ham", "ham"]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


class Plain:
    """The counts, looked up one at a time."""

    def __init__(self, texts: list[str], labels: list[str], alpha: float = 1.0) -> None:
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

    def best(self, text: str) -> str:
        return max(self.classes, key=self.scores(text).__getitem__)

    def probabilities(self, text: str) -> list[float]:
        found = list(self.scores(text).values())
        weights = [math.exp(s - max(found)) for s in found]
        return [w / sum(weights) for w in weights]


def corpus(stream: int, n_texts: int, n_words: int, classes: list[str]) -> tuple[list[str], list[str]]:
    """Texts whose words lean on their class."""
    random = rng(stream)
    labels = [classes[i % len(classes)] for i in random.permutation(n_texts).tolist()]
    leaning = [random.integers(0, 40, n_words) % 23 + 3 * classes.index(label) for label in labels]
    return [" ".join(f"w{i}" for i in row.tolist()) for row in leaning], labels


def fit(texts: list[str], labels: list[str], alpha: float = 1.0) -> tuple[Any, Plain]:
    """The learner's model and the plain one."""
    model = work.NaiveBayes(alpha=alpha)
    model.fit(list(texts), list(labels))
    return model, Plain(texts, labels, alpha)


def scores_are(model: Any, plain: Plain, text: str) -> None:
    expected = plain.scores(text)
    got = model.log_scores(text)
    require(isinstance(got, dict), "log_scores must return a dict", got=got, expected=expected)
    assert_equal(sorted(got), plain.classes, what="the labels in log_scores")
    assert_close([got[c] for c in plain.classes], list(expected.values()), rtol=1e-9, what="log_scores")


def has_probabilities(model: Any, texts: list[str], expected: list[list[float]]) -> None:
    assert_close(model.predict_proba(list(texts)), expected, rtol=1e-6, atol=1e-12)


def predicts(model: Any, texts: list[str], expected: list[str]) -> None:
    got = model.predict(list(texts))
    assert_equal(got, expected, what="predict")


def test_classes_and_vocabulary() -> None:
    """1. fit returns the model; classes_ and vocabulary_ are sorted: the labels, and all words in lower case."""
    model = work.NaiveBayes()
    got = model.fit(list(TEXTS), list(LABELS))
    require(got is model, "fit must return the model itself; is `return self` missing?", got=got)
    with calling(f"NaiveBayes().fit({TEXTS}, labels)"):
        assert_equal(model.classes_, ["ham", "spam"], what="classes_")
        assert_equal(model.vocabulary_, ["at", "free", "lunch", "money", "now", "see", "you"], what="vocabulary_")


def test_priors_are_shares_of_texts() -> None:
    """2. The prior is the share of the texts with a label, not of the words; a text without words counts too."""
    for texts, labels in (["a", "b c d"], ["x", "y"]), (["a", "b", ""], ["x", "y", "y"]), (TEXTS, LABELS):
        model, plain = fit(texts, labels)
        for label in plain.classes:
            assert_close(model.log_prior(label), math.log(plain.share[label]), rtol=1e-9)


def test_likelihoods_are_smoothed_over_the_whole_vocabulary() -> None:
    """3. A likelihood is (count + alpha) / (words of the class + alpha times the size of the whole vocabulary)."""
    for texts, labels, alpha in (["a", "b"], ["x", "y"], 1.0), (["a a b", "b"], ["x", "y"], 0.5), (TEXTS, LABELS, 2.5):
        model, plain = fit(texts, labels, alpha)
        for word in plain.vocabulary:
            for label in plain.classes:
                assert_close(model.log_likelihood(word, label), plain.likelihood(word, label), rtol=1e-9)


def test_words_count_as_often_as_they_occur() -> None:
    """4. A score is the ln prior and the ln likelihood of each word, as often as the word occurs in the text."""
    model, plain = fit(TEXTS, LABELS)
    for text in ("", "money", "money lunch", "money lunch lunch lunch", "Now! NOW now, money"):
        scores_are(model, plain, text)


def test_the_highest_score_is_predicted() -> None:
    """6. The label of the highest score is predicted for each text."""
    model, plain = fit(TEXTS, LABELS)
    predicts(model, ["money"], ["spam"])
    predicts(model, ["lunch", "free money"], ["ham", "spam"])
    texts, labels = corpus(1, 30, 12, ["zoo", "art", "music"])
    model, plain = fit(texts, labels)
    predicts(model, texts[:9], [plain.best(text) for text in texts[:9]])


def test_probabilities_follow_the_order_of_the_classes() -> None:
    """7. predict_proba returns a row for each text and a column for each class, in the order of classes_."""
    model, plain = fit(TEXTS, LABELS)
    has_probabilities(model, ["money"], [plain.probabilities("money")])
    has_probabilities(model, ["money", "lunch", "now"], [plain.probabilities(w) for w in ("money", "lunch", "now")])
    texts, labels = corpus(1, 30, 12, ["zoo", "art", "music"])
    model, plain = fit(texts, labels)
    has_probabilities(model, texts[:5], [plain.probabilities(text) for text in texts[:5]])


# Noted from scikit-learn 1.9.1, whose import takes longer than all else here.
LIBRARY_TEXTS = ["red red blue", "blue green", "green green red", "blue", "red green blue blue"]
LIBRARY_LABELS = ["b", "a", "b", "a", "a"]
LIBRARY_FRESH = ["red", "blue blue green", "green red red", ""]
LIBRARY_SHARES_OF_A = {
    1.0: [0.40298507462686567, 0.8723573992820102, 0.21468538333169734, 0.6],
    0.5: [0.3619302949061663, 0.9026656496716227, 0.15914278578900773, 0.6],
    0.01: [0.30154229553650264, 0.937193302461379, 0.09631702849037478, 0.6],
}


def test_agrees_with_scikit_learn() -> None:
    """7. Probabilities agree with scikit-learn's on the same counts, for several alpha."""
    for alpha, shares in LIBRARY_SHARES_OF_A.items():
        model, _ = fit(LIBRARY_TEXTS, LIBRARY_LABELS, alpha)
        has_probabilities(model, LIBRARY_FRESH, [[share, 1 - share] for share in shares])


edges()


def test_a_tie_goes_to_the_first_class() -> None:
    """6. Where two classes have the same score, the one that comes first in classes_ is predicted."""
    for labels in (["pear", "apple"], ["apple", "pear"]):
        model, _ = fit(["a", "b"], labels)
        predicts(model, ["", "a b"], ["apple", "apple"])


def test_unseen_words_are_skipped() -> None:
    """5. Words outside the vocabulary change no score; a text of such words alone is scored by the priors."""
    texts, labels = ["a a b", "c d", "c"], ["x", "y", "y"]
    model, plain = fit(texts, labels)
    for text in ("zebra", "a zebra", "a zebra zebra zebra zebra zebra zebra"):
        scores_are(model, plain, text)
    predicts(model, ["zebra", "a zebra"], ["y", "x"])
    has_probabilities(model, ["zebra"], [[1 / 3, 2 / 3]])
    with calling("model.vocabulary_, after predicting"):
        assert_equal(model.vocabulary_, plain.vocabulary, what="vocabulary_")


def test_long_texts_do_not_underflow() -> None:
    """8. A text of 6,000 words has finite scores, the right label, and probabilities that sum to 1."""
    model, plain = fit(["good fine nice " * 20, "bad poor sad good " * 15], ["plus", "minus"])
    texts = ["nice good " * 3000, "good " * 2950 + "sad poor " * 1600, "good bad fine poor " * 1500]
    with no_warnings():
        for text in texts:
            with calling("model.log_scores(a text of 6,000 words)"):
                scores_are(model, plain, text)
        for long in (texts[:1], texts, ["good", *texts]):
            predicts(model, long, [plain.best(text) for text in long])
            has_probabilities(model, long, [plain.probabilities(text) for text in long])


def test_a_second_fit_forgets_the_first() -> None:
    """9. A second fit on the same model learns from its own texts alone."""
    for texts, labels in [(["money up"], ["spam"]), (["up up down", "left", "left"], ["v", "h", "h"])]:
        model, _ = fit(TEXTS, LABELS)
        model.fit(list(texts), list(labels))
        plain = Plain(texts, labels)
        with calling("the same model, fitted a second time"):
            assert_equal(model.classes_, plain.classes, what="classes_")
            assert_equal(model.vocabulary_, plain.vocabulary, what="vocabulary_")
            scores_are(model, plain, "up lunch")
    # Answers that a cache may have kept; a cached method is not traced, so its name and call are said here.
    model, _ = fit(["a", "b"], ["x", "y"])
    model.log_prior("x"), model.log_likelihood("a", "x"), model.log_scores("a"), model.predict_proba(["a"])
    model.fit(["a", "b", "b"], ["y", "x", "x"])
    plain = Plain(["a", "b", "b"], ["y", "x", "x"])
    with calling("the same model, fitted to ['a', 'b'], ['x', 'y'] before and asked the same"):
        prior, likelihood = model.log_prior("x"), model.log_likelihood("a", "x")
        assert_close(prior, math.log(2 / 3), rtol=1e-9, what="log_prior('x')")
        assert_close(likelihood, plain.likelihood("a", "x"), rtol=1e-9, what="log_likelihood('a', 'x')")
        scores_are(model, plain, "a")
        has_probabilities(model, ["a"], [plain.probabilities("a")])


def build_and_fit(texts: Any, labels: list[str], alpha: float = 1.0) -> Any:
    return work.NaiveBayes(alpha=alpha).fit(texts, labels)


def test_bad_input_is_refused() -> None:
    """10. Labels of another length, alpha not above 0, and a single string for texts raise an error."""
    for texts, labels in ((["a", "b"], ["x"]), (["a"], ["x", "y"])):
        assert_raises(ValueError, build_and_fit, texts, labels, call=f"NaiveBayes().fit({texts}, {labels})")
    for alpha in (0.0, -1.0, math.nan):
        call = f"NaiveBayes(alpha={alpha:g}).fit(['a'], ['x'])"
        assert_raises(ValueError, build_and_fit, ["a"], ["x"], alpha, call=call)
    errors = (TypeError, ValueError)
    assert_raises(errors, build_and_fit, "ab", ["x", "y"], call="NaiveBayes().fit('ab', ['x', 'y'])")
    model, _ = fit(["a b", "c"], ["x", "y"])
    for method in ("predict", "predict_proba"):
        assert_raises(errors, getattr(model, method), "a b")
