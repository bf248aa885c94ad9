"""Hidden test of p043_tf_idf."""

import importlib
import importlib.util
import math
import re
import sys
from pydoc_data.topics import topics
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_memory,
    assert_raises,
    assert_shape,
    calling,
    edges,
    fail,
    learner,
    no_warnings,
    not_tried,
    require,
    rng,
    seed,
)

work = learner("tf_idf")

PETS = ["the cat sat", "the dog sat", "the cat"]
TEXTS = ["Red red blue", "blue green", "green, green! red", "blue a", "", "red-green blue BLUE", "a été à l'été_2"]
WORDY = [text for text in TEXTS if text]
FRESH = ["red", "blue blue green", "green red red", "a blue RED green green", "été a a a"]
# Pages of Python's manual, of 20 to 1,000 words.
PAGES = [topics[name] for name in sorted(topics) if len(topics[name]) < 8000][:25]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def shares(counts: list[float]) -> list[float]:
    """The numbers divided by their Euclidean norm; zeros stay zeros."""
    norm = math.sqrt(math.fsum(count * count for count in counts))
    return [count / norm if norm else 0.0 for count in counts]


class Plain:
    """A full table, and every number of it looked up by itself."""

    def __init__(self, texts: list[str]) -> None:
        held = [set(words(text)) for text in texts]
        self.vocabulary = {word: column for column, word in enumerate(sorted(set().union(*held)))}
        df = [sum(word in one for one in held) for word in self.vocabulary]
        self.idf = [math.log((1 + len(texts)) / (1 + n)) + 1 for n in df]

    def rows(self, texts: list[str]) -> NDArray[np.float64]:
        table = []
        for text in texts:
            found = words(text)
            counts = [found.count(word) if word in found else 0 for word in self.vocabulary]
            table.append(shares([count * idf for count, idf in zip(counts, self.idf, strict=True)]))
        return np.array(table, dtype=np.float64)


def fitted(texts: list[str]) -> Any:
    model = work.TfIdf()
    model.fit(list(texts))
    return model


def told(texts: list[str]) -> str:
    return f"TfIdf().fit({texts})" if len(texts) < 10 else "TfIdf().fit(25 pages of Python's manual)"


def table(model: Any, texts: list[str], n_columns: int) -> NDArray[Any]:
    """The learner's rows as a full table, sparse or not."""
    got = model.transform(list(texts))
    got = as_array(got.toarray() if issparse(got) else got, "transform")
    assert_shape(got, (len(texts), n_columns), what="transform")
    return got


def rows_are(model: Any, plain: Plain, texts: list[str]) -> None:
    expected = plain.rows(texts)
    assert_close(table(model, texts, len(plain.vocabulary)), expected, what="transform")


def directions_are(model: Any, plain: Plain, texts: list[str]) -> None:
    """The rows agree up to a factor of each: their norm is a promise of its own."""
    expected = plain.rows(texts)
    got = table(model, texts, len(plain.vocabulary))
    for text, row, right in zip(texts, got, expected, strict=True):
        norm = float(np.linalg.norm(row))
        if not math.isfinite(norm) or norm == 0:
            fail(f"the row of {text[:40]!r} has the norm {norm:g}", got=row, expected=right)
        what = f"the row of {text[:40]!r}, divided by its norm,"
        assert_close(row / norm, right, what=what)


def knows(model: Any, plain: Plain) -> None:
    """What fit has learned."""
    assert_equal(model.vocabulary_, plain.vocabulary, what="vocabulary_")
    assert_close(model.idf_, plain.idf, what="idf_")


def test_words_get_columns_in_sorted_order() -> None:
    """1. fit returns the model; vocabulary_ is a dict from each word of all texts to its column, in sorted order."""
    for texts in (["b a"], ["a", "b"], PETS, ["zoo", "cat catalog", "", "Cat, ape"], TEXTS, PAGES):
        expected = Plain(texts).vocabulary
        with calling(told(texts)):
            model = work.TfIdf()
            got = model.fit(list(texts))
            require(got is model, "fit must return the model itself; is `return self` missing?", got=got)
            require(isinstance(model.vocabulary_, dict), "vocabulary_ must be a dict", got=model.vocabulary_)
            assert_equal(model.vocabulary_, expected, what="vocabulary_")


def test_rare_words_have_a_large_idf() -> None:
    """2. idf_ is ln((1 + n) / (1 + df)) + 1, with df the number of texts that hold the word, of all n texts."""
    cases = [(["a", "a b"], [1.0, math.log(3 / 2) + 1]), (PETS, [math.log(4 / k) + 1 for k in (3, 2, 3, 4)])]
    cases += [
        (texts, Plain(texts).idf) for texts in (["a a a b", "b"], ["a", "", ","], ["cat", "catalog"], ["a b"] * 2)
    ]
    for texts, expected in [*cases, (TEXTS, Plain(TEXTS).idf), (PAGES, Plain(PAGES).idf)]:
        with calling(told(texts)):
            model = fitted(texts)
            assert_shape(model.idf_, (len(expected),), what="idf_")
            assert_close(model.idf_, expected, what="idf_")


def test_counts_are_weighed_by_idf() -> None:
    """3. A row holds the count of each word in the text, times its idf_ (compared after a division by the norm)."""
    for texts in (["a b", "a"], ["a a a b", "b"], ["cat catalog", "dog"], [*PETS, "the cat the dog the"], WORDY, PAGES):
        directions_are(fitted(texts), Plain(texts), texts)


def test_rows_have_norm_one() -> None:
    """4. Each row is divided by its Euclidean norm."""
    for texts in (["a"], ["a a a"], ["a b", "b", "b b a"], WORDY, PAGES):
        model, expected = fitted(texts), np.ones(len(texts))
        got = table(model, texts, len(Plain(texts).vocabulary))
        assert_close(np.linalg.norm(got, axis=1), expected, what="the norm of each row")
        rows_are(model, Plain(texts), texts)


def test_other_texts_change_nothing() -> None:
    """5. transform of other texts uses the columns and the idf_ of fit, and leaves them as they were."""
    for texts, fresh in ((["a", "a b"], ["b", "b", "b a"]), (PETS, ["dog cat", "dog dog sat"]), (TEXTS, FRESH)):
        model, plain = fitted(texts), Plain(texts)
        for some in (fresh, fresh[:1], fresh[1:]):
            rows_are(model, plain, some)
        with calling("model.transform(other texts) came before"):
            knows(model, plain)


def test_unseen_words_are_skipped() -> None:
    """6. Words that fit has not seen get no column and no part in the norm; a text of them alone is a row of zeros."""
    with no_warnings():
        for texts, fresh in (
            (["a b"], ["a zoo"]),
            (["a", "a b"], ["zoo"]),
            (["a", "a b"], ["", "b zoo zoo zoo", "zoo", "a"]),
            (PETS, ["a cat in a catalog", "bird", "birds the", ""]),
            (PAGES[:5], PAGES[5:12]),
        ):
            model, plain = fitted(texts), Plain(texts)
            rows_are(model, plain, fresh)
            with calling("model.transform(texts with unseen words) came before"):
                assert_equal(model.vocabulary_, plain.vocabulary, what="vocabulary_")


def test_only_known_words_of_a_text_are_stored() -> None:
    """7. The result is a CSR array or matrix of float64 that stores each different word of a text once."""
    for texts, fresh in (
        (["a b c"], ["a"]),
        (PETS, ["cat cat cat", "the"]),
        (TEXTS, FRESH),
        (TEXTS, TEXTS),
        (PAGES, PAGES),
    ):
        model, n_columns = fitted(texts), len(Plain(texts).vocabulary)
        expected = [len(set(words(text))) for text in fresh]
        got = model.transform(list(fresh))
        is_csr = issparse(got) and got.format == "csr"
        require(is_csr, "transform must return a CSR array or matrix of SciPy", got=got)
        assert_shape(got.toarray(), (len(fresh), n_columns), what="transform")
        assert_equal(np.diff(got.indptr).tolist(), expected, what="how many numbers are stored for each text:")
        assert_dtype(got.data, np.float64, what="transform")


# Noted from scikit-learn 1.9.1, TfidfVectorizer(token_pattern=r"\\w+").
LIBRARY_TEXTS = ["red red blue", "blue green", "green green red", "blue a", "Red green blue, blue!"]
LIBRARY_FRESH = ["red", "blue blue green", "green red red x", "x", "a blue red green green"]
LIBRARY_IDF = [2.09861228866811, 1.1823215567939547, 1.4054651081081644, 1.4054651081081644]
LIBRARY_ROWS = [
    [0.0, 0.0, 0.0, 1.0],
    [0.0, 0.8596219362398577, 0.5109306476766079, 0.0],
    [0.0, 0.0, 0.447213595499958, 0.894427190999916],
    [0.0, 0.0, 0.0, 0.0],
    [0.5300012917808039, 0.29859348283850023, 0.709896084066987, 0.3549480420334935],
]


def test_agrees_with_scikit_learn() -> None:
    """4. idf_ and rows are those of scikit-learn, with the same words."""
    with calling(told(LIBRARY_TEXTS)):
        model = fitted(LIBRARY_TEXTS)
        assert_close(model.idf_, LIBRARY_IDF, what="idf_")
    assert_close(table(model, LIBRARY_FRESH, 4), LIBRARY_ROWS, what="transform")
    if not seed() and "sklearn" not in sys.modules:
        return  # its import takes longer than all else here: for a learner the noted numbers will do
    if importlib.util.find_spec("sklearn") is None:
        not_tried("scikit-learn is not installed: only numbers noted from it were compared")
        return
    vectorizer = importlib.import_module("sklearn.feature_extraction.text").TfidfVectorizer(token_pattern=r"\w+")
    expected = vectorizer.fit(PAGES).transform(PAGES).toarray()
    with calling(told(PAGES)):
        model = fitted(PAGES)
        assert_close(model.idf_, vectorizer.idf_, what="idf_")
    assert_close(table(model, PAGES, expected.shape[1]), expected, what="transform")


edges()


def test_no_table_is_held() -> None:
    """8. Neither method holds a table of texts by words: 700 texts with 10,500 words take at most 5 MB."""
    names = rng(1).permutation(10_500).reshape(700, 15).tolist()
    texts = [" ".join(f"w{i}" for i in row) for row in names]
    # As a table of single bytes they would take 7 MB; the words themselves take 2 MB.
    model = work.TfIdf()
    with calling("TfIdf().fit(700 texts with 10,500 words)"):
        assert_memory(lambda: model.fit(texts), 5, what="fit")
    with calling("model.transform(700 texts with 10,500 words)"):
        assert_memory(lambda: model.transform(texts), 5, what="transform")


def test_a_second_fit_forgets_the_first() -> None:
    """9. A second fit on the same model learns from its own texts alone."""
    for texts in (["up"], ["dog up", "up down up", "left"], TEXTS):
        model, plain = fitted(PETS), Plain(texts)
        model.transform(["the cat", "up"])
        model.fit(list(texts))
        with calling(f"the same model, fitted to {PETS} before"):
            knows(model, plain)
            rows_are(model, plain, ["up", "the cat", texts[0]])


def build_and_fit(texts: Any) -> Any:
    return work.TfIdf().fit(texts)


def test_one_string_is_refused() -> None:
    """10. A single string as texts raises an error, in fit and in transform."""
    errors = (TypeError, ValueError)
    for text in ("a b", "a", ""):
        assert_raises(errors, build_and_fit, text, call=f"TfIdf().fit({text!r})")
        model = fitted(["a b", "c"])
        assert_raises(errors, model.transform, text)
