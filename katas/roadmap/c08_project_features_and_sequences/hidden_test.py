"""Hidden test of c08_project_features_and_sequences."""

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
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
    assert_raises,
    assert_type,
    calling,
    edges,
    fail,
    global_random_state_kept,
    keep_picture,
    learner,
    require,
    rng,
    run_python,
    unchanged,
)

work = learner("features_and_sequences")
Array = NDArray[Any]
Params = dict[str, Array]
NAMES = ("b_out", "W_out", "query", "b", "W_h", "W_x", "E")  # as the way back meets them
LAYERS = ("image", "conv 1", "pool 1", "conv 2", "pool 2")
GOOD, BAD = ("superb", "wonderful", "moving"), ("awful", "dull", "clumsy")
FILLERS = ("the", "a", "film", "plot", "scene", "actor", "music", "was", "with", "of", "camera", "story", "end", "very")


def copied(params: Params) -> Params:
    return {name: value.copy() for name, value in params.items()}


# --- feature maps ---


def network(stream: int, c: int, f1: int, f2: int) -> Params:
    generator = rng(stream)
    shapes = {"w1": (f1, c, 3, 3), "b1": (f1,), "w2": (f2, f1, 3, 3), "b2": (f2,)}
    return {name: generator.normal(size=shape) for name, shape in shapes.items()}


def plain_maps(params: Params, image: Array) -> list[Array]:
    found = [image]
    for i in "12":
        x, w, b = found[-1], params[f"w{i}"], params[f"b{i}"]
        h, width = x.shape[1:]
        padded = np.zeros((len(x), h + 2, width + 2))
        padded[:, 1:-1, 1:-1] = x
        maps = np.zeros((len(w), h, width)) + b[:, None, None]
        for k, c, u, v in np.ndindex(w.shape):
            maps[k] += w[k, c, u, v] * padded[c, u : u + h, v : v + width]
        maps = np.maximum(maps, 0)
        h, width = h // 2 * 2, width // 2 * 2
        corners = [maps[:, u:h:2, v:width:2] for u in (0, 1) for v in (0, 1)]
        found += [maps, np.max(corners, axis=0)]
    return found


# Channels, filters of both layers, height, width.
NETWORKS = [(3, 2, 3, 9, 12), (9, 1, 1, 4, 4)]


def test_maps_of_every_layer() -> None:
    """1. feature_maps returns the name and the maps of each of the five layers, those of conv after the ReLU."""
    for stream, (c, f1, f2, h, w) in enumerate(NETWORKS):
        params, image = network(10 + stream, c, f1, f2), rng(20 + stream).normal(size=(c, h, w))
        expected = plain_maps(params, image)
        with unchanged(params=params, image=image):
            got = work.feature_maps(params, image)
        assert_type(got, (list, tuple))
        for pair in got:
            assert_type(pair, (list, tuple), what="each of feature_maps")
            require(len(pair) == 2, "each of feature_maps must be (name, maps)", got=pair)
        assert_equal([pair[0] for pair in got], list(LAYERS), what="the names")
        for (name, maps), wanted in zip(got, expected, strict=True):
            assert_close(as_array(maps, f"the maps of {name!r}"), wanted, what=f"the maps of {name!r}")


def test_every_map_is_drawn() -> None:
    """2. draw_feature_maps draws each map by one imshow in an axes of its own, titled by layer and number."""
    figures: list[Any] = []
    for stream, (c, f1, f2, h, w) in enumerate(NETWORKS):
        params, image = network(30 + stream, c, f1, f2), rng(40 + stream).normal(size=(c, h, w))
        expected = plain_maps(params, image)
        figure = as_figure(work.draw_feature_maps(copied(params), image.copy()), "draw_feature_maps")
        require(all(figure is not other for other in figures), "a second call drew on the figure of the first")
        figures.append(figure)
        drawn = {}
        for axes in figure.get_axes():
            if pictures := axes.get_images():
                require(len(pictures) == 1, "an axes holds more than one picture", got=len(pictures))
                drawn[str(axes.get_title())] = np.asarray(pictures[0].get_array(), dtype=float)
        wanted = {f"{name}: {i}": m for name, maps in zip(LAYERS, expected, strict=True) for i, m in enumerate(maps)}
        assert_equal(sorted(drawn), sorted(wanted), what="the titles")
        for title, one in wanted.items():
            assert_close(drawn[title], one, what=f"the picture {title!r}")
    keep_picture(figures[-1], "feature_maps")


# --- the reader ---

VOCABULARY = {"good": 2, "bad": 3, "film": 4}


def plain_encode(texts: list[str]) -> tuple[list[list[int]], list[list[bool]]]:
    rows = [[VOCABULARY.get(word.lower(), 1) for word in text.split()] for text in texts]
    longest = max(map(len, rows))
    return (
        [row + [0] * (longest - len(row)) for row in rows],
        [[False] * len(row) + [True] * (longest - len(row)) for row in rows],
    )


def assert_encodes(texts: list[str]) -> None:
    got = work.encode(list(texts), dict(VOCABULARY))
    assert_type(got, (list, tuple), what="encode")
    require(len(got) == 2, "encode must return (ids, is_padding)", got=got)
    for one, wanted, name, kind in zip(
        got, plain_encode(texts), ("ids", "is_padding"), ("integer", "bool"), strict=True
    ):
        assert_equal(as_array(one, name), np.array(wanted), what=name)
        assert_dtype(one, kind, what=name)


def test_texts_become_ids() -> None:
    """3. encode returns ids and is_padding; a word that is not in the vocabulary is 1."""
    for texts in (["good film"], ["bad strange film", "film bad good"], ["zebra"]):
        assert_encodes(texts)


def case(stream: int, n: int, t: int, v: int, d: int, h: int, k: int) -> tuple[Params, Array, Array, Array]:
    generator = rng(stream)
    shapes = {"E": (v, d), "W_x": (h, d), "W_h": (h, h), "b": (h,), "query": (h,), "W_out": (k, h), "b_out": (k,)}
    params = {name: generator.normal(size=shape) for name, shape in shapes.items()}
    lengths = generator.integers(1, t + 1, n)
    lengths[0] = t
    is_padding = np.arange(t) >= lengths[:, None]
    return params, np.where(is_padding, 0, generator.integers(1, v, (n, t))), is_padding, generator.integers(0, k, n)


# Texts, words, vocabulary, width, hidden units, classes.
CASES = [(1, 1, 2, 1, 1, 2), (1, 3, 4, 2, 2, 2), (3, 4, 3, 3, 2, 3), (4, 5, 6, 2, 4, 2)]


def plain_forward(params: Params, ids: Array, is_padding: Array) -> tuple[Array, Array]:
    """One text after the other, and padding never read."""
    logits, weights = [], np.zeros(ids.shape)
    for n, row in enumerate(ids):
        h, states = np.zeros(len(params["b"])), []
        for i in row[~is_padding[n]]:
            h = np.tanh(params["W_x"] @ params["E"][i] + params["W_h"] @ h + params["b"])
            states.append(h)
        scores = np.array([state @ params["query"] for state in states]) / len(h) ** 0.5
        exps = np.exp(scores - scores.max())
        weights[n, : len(states)] = exps / exps.sum()
        logits.append(params["W_out"] @ (exps / exps.sum() @ np.array(states)) + params["b_out"])
    return np.array(logits), weights


def plain_loss(name: str, params: Params, ids: Array, is_padding: Array, labels: Array, moved: Any = None) -> float:
    if moved is not None:
        params = {**params, name: moved}
    losses = []
    for row, label in zip(plain_forward(params, ids, is_padding)[0].tolist(), labels.tolist(), strict=True):
        losses.append(math.log(math.fsum(math.exp(v) for v in row)) - row[label])
    return math.fsum(losses) / len(losses)


def forward(params: Params, ids: Array, is_padding: Array) -> tuple[Any, Any]:
    got = work.forward(copied(params), ids.copy(), is_padding.copy())
    assert_type(got, (list, tuple), what="forward")
    require(len(got) == 2, "forward must return (logits, weights)", got=got)
    return as_array(got[0], "the logits"), as_array(got[1], "the weights")


def both(params: Params, ids: Array, is_padding: Array, labels: Array) -> tuple[float, Params]:
    got = work.loss_and_gradients(copied(params), ids.copy(), is_padding.copy(), labels.copy())
    assert_type(got, (list, tuple), what="loss_and_gradients")
    require(len(got) == 2, "loss_and_gradients must return (loss, gradients)", got=got)
    assert_type(got[0], (int, float, np.floating), what="the loss")
    assert_type(got[1], dict, what="gradients")
    require(
        set(got[1]) == set(NAMES), f"the names in gradients must be {', '.join(NAMES)}", got=sorted(map(str, got[1]))
    )
    return float(got[0]), {name: as_array(got[1][name], f'gradients["{name}"]') for name in NAMES}


def test_attention_and_logits() -> None:
    """4. The query attends to the states of the recurrent network; what it receives makes the logits."""
    for stream, sizes in enumerate(CASES):
        params, ids, _, _ = case(100 + stream, *sizes)
        ids, is_padding = np.maximum(ids, 1), np.zeros(ids.shape, dtype=bool)
        expected = plain_forward(params, ids, is_padding)
        got = forward(params, ids, is_padding)
        assert_close(got[1], expected[1], what="the weights")
        assert_close(got[0], expected[0], what="the logits")


def test_gradients() -> None:
    """6. The loss is the mean cross-entropy; its gradients agree with finite differences."""
    for stream, sizes in enumerate(CASES):
        params, ids, is_padding, labels = case(120 + stream, *sizes)
        assert_gradients(params, ids, is_padding, labels, NAMES[:-1])


def assert_gradients(params: Params, ids: Array, is_padding: Array, labels: Array, names: tuple[str, ...]) -> None:
    loss = plain_loss("", params, ids, is_padding, labels)
    expected = {}
    for name in names:
        moved_loss = partial(plain_loss, name, params, ids, is_padding, labels)
        expected[name] = np.zeros(params[name].shape)
        for at in np.ndindex(params[name].shape):
            step = np.zeros(params[name].shape)
            step[at] = 1e-5
            expected[name][at] = (moved_loss(params[name] + step) - moved_loss(params[name] - step)) / 2e-5
    got = both(params, ids, is_padding, labels)
    assert_close(got[0], loss, what="the loss")
    for name in names:
        assert_close(got[1][name], expected[name], rtol=1e-5, atol=1e-8, what=f'gradients["{name}"]')


def reviews(stream: int, n: int) -> tuple[list[str], list[int], list[int]]:
    """Texts of words that say nothing; two of three hold one word that does. Labels: 0 bad, 1 good, 2 neither."""
    generator = rng(stream)
    texts, labels, places = [], [], []
    for i in range(n):
        words = generator.choice(FILLERS, int(generator.integers(4, 10))).tolist()
        label, place = i % 3, int(generator.integers(len(words)))
        if label < 2:
            words[place] = str(generator.choice((BAD, GOOD)[label]))
        texts.append(" ".join(words))
        labels.append(label)
        places.append(place)
    return texts, labels, places


def test_it_reads_and_looks_at_the_word_that_matters() -> None:
    """7. From 240 texts it learns to be right on over 95 % of 150 others, and to look at the planted word."""
    texts, labels, _ = reviews(200, 240)
    new, new_labels, places = reviews(201, 150)
    reader = work.fit(list(texts), list(labels))
    found, weights = read(reader, new)
    share = float(np.mean(np.array(found) == new_labels))
    if not share > 0.95:
        fail("too few of 150 new texts are read rightly", got=Shown(f"{share:.1%}"), expected=Shown("over 95 %"))
    planted = [i for i, label in enumerate(new_labels) if label < 2]
    share = float(np.mean([int(np.argmax(weights[i])) == places[i] for i in planted]))
    if not share > 0.9:
        message = "the largest weight is too seldom that of the planted word"
        fail(message, got=Shown(f"in {share:.1%} of the texts"), expected=Shown("in over 90 %"))
    text = new[planted[0]]
    keep_picture(as_figure(work.draw_attention(text, weights[planted[0]].copy()), "draw_attention"), "attention")


def read(reader: Any, texts: list[str]) -> tuple[list[int], list[Any]]:
    got = work.read(reader, list(texts))
    assert_type(got, (list, tuple), what="read")
    require(len(got) == 2, "read must return (classes, weights)", got=got)
    assert_type(got[1], (list, tuple), what="the weights of read")
    weights = [as_array(one, "the weights of a text") for one in got[1]]
    assert_equal([one.shape for one in weights], [(len(t.split()),) for t in texts], what="the shapes of the weights")
    classes = as_array(got[0], "the classes of read")
    assert_dtype(classes, "integer", what="the classes of read")
    assert_equal(classes.shape, (len(texts),), what="the shape of the classes")
    return classes.tolist(), weights


def make_reader(stream: int) -> tuple[Any, Params]:
    params = case(stream, 1, 1, 5, 3, 4, 3)[0]
    reader = work.Reader(vocabulary=dict(VOCABULARY), params=copied(params))
    require(isinstance(getattr(reader, "params", None), dict), "Reader(vocabulary, params) does not keep its fields")
    return reader, params


def test_reading() -> None:
    """8. read returns the class of the largest logit, and for each text one weight for each of its words."""
    for stream in (300, 301, 302):
        reader, params = make_reader(stream)
        texts = ["good", "Bad film , bad", "a good film", "x y z good bad"]
        ids, is_padding = (np.array(one) for one in plain_encode(texts))
        logits, expected = plain_forward(params, ids, is_padding)
        classes, weights = read(reader, texts)
        assert_equal(classes, [row.index(max(row)) for row in logits.tolist()], what="the classes of read")
        for text, got, wanted in zip(texts, weights, expected, strict=True):
            assert_close(got, wanted[: len(text.split())], what=f"the weights of {text!r}")


def test_attention_is_drawn() -> None:
    """9. draw_attention draws one bar for each word, as high as its weight, with the words below in order."""
    figures: list[Any] = []
    for text, weights in (("good film", [0.75, 0.25]), ("a film , a good film", [0.1, 0.2, 0.05, 0.15, 0.4, 0.1])):
        figure = as_figure(work.draw_attention(text, np.array(weights)), "draw_attention")
        require(all(figure is not other for other in figures), "a second call drew on the figure of the first")
        figures.append(figure)
        require(len(figure.get_axes()) == 1, "draw_attention must draw one axes", got=len(figure.get_axes()))
        axes = figure.get_axes()[0]
        bars = sorted(axes.patches, key=lambda bar: float(bar.get_x()))
        assert_close([float(bar.get_height()) for bar in bars], weights, what="the heights of the bars")
        middles = [float(bar.get_x() + bar.get_width() / 2) for bar in bars]
        require(len({round(m, 6) for m in middles}) == len(bars), "two bars stand in one place", got=middles)
        figure.canvas.draw()
        ticks = dict(zip([round(float(x), 6) for x in axes.get_xticks()], axes.get_xticklabels(), strict=True))
        labels = [ticks[round(m, 6)].get_text() if round(m, 6) in ticks else "" for m in middles]
        assert_equal(labels, text.split(), what="the words below the bars")


edges()


def test_upper_case_and_lengths() -> None:
    """3. Words are read in lower case, split at any white space; shorter texts are filled up with 0 at the end."""
    assert_encodes(["Good FILM"])
    assert_encodes(["  good \t film\nbad "])
    assert_encodes(["good", "good bad film", "film film"])
    assert_encodes(["good, film!", "good-bad film"])  # what stands between white space is one word


def test_padding_gets_no_weight() -> None:
    """5. Padding has a weight of exactly 0, the others sum to 1, and what a text is read with changes nothing."""
    for stream, sizes in enumerate(CASES[1:]):
        params, ids, is_padding, _ = case(400 + stream, *sizes)
        expected = plain_forward(params, ids, is_padding)
        logits, weights = forward(params, ids, is_padding)
        assert_close(weights, expected[1], what="the weights")
        require(bool((weights[is_padding] == 0).all()), "padding has a weight that is not exactly 0", got=weights)
        assert_close(weights.sum(axis=1), np.ones(len(ids)), what="the sums of the weights")
        assert_close(logits, expected[0], what="the logits")


def test_words_that_come_twice() -> None:
    """6. The gradient of E adds up over all places of a word."""
    for stream, sizes in enumerate(CASES[1:]):
        params, ids, is_padding, labels = case(420 + stream, *sizes)
        ids[~is_padding] = np.minimum(ids[~is_padding], 2)
        assert_gradients(params, ids, is_padding, labels, ("E",))


def test_same_seed_same_reader() -> None:
    """10. The same call of fit returns the same reader, another seed another; inputs and global state stay."""
    texts, labels, _ = reviews(430, 9)
    with unchanged(texts=texts, labels=labels), global_random_state_kept():
        first = work.fit(texts, labels, seed=3)
    readers = [first, work.fit(list(texts), list(labels), seed=3), work.fit(list(texts), list(labels), seed=4)]
    weights = [np.concatenate(read(reader, texts)[1]) for reader in readers]
    assert_close(weights[1], weights[0], rtol=1e-9, what="the weights of the second reader with the same seed")
    require(not np.allclose(weights[2], weights[0]), "another seed led to the same reader", got=weights[2])


def test_inputs_stay() -> None:
    """10. No function changes what it is given."""
    vocabulary = dict(VOCABULARY)
    with unchanged(vocabulary=vocabulary):
        work.encode(["good strange film"], vocabulary)
    params, ids, is_padding, labels = case(440, *CASES[2])
    with unchanged(params=params, ids=ids, is_padding=is_padding, labels=labels):
        work.forward(params, ids, is_padding)
        work.loss_and_gradients(params, ids, is_padding, labels)


@contextmanager
def hash_seed(number: str) -> Iterator[None]:
    """Other processes salt the hashes of texts with this number."""
    before = os.environ.get("PYTHONHASHSEED")
    os.environ["PYTHONHASHSEED"] = number
    try:
        yield
    finally:
        del os.environ["PYTHONHASHSEED"]
        if before is not None:
            os.environ["PYTHONHASHSEED"] = before


ANOTHER_PROCESS = """
import json, sys
from features_and_sequences import fit
reader = fit(*json.loads(sys.argv[1]))
print("\\n" + json.dumps({str(word): int(i) for word, i in reader.vocabulary.items()}))
"""


def test_same_reader_in_every_process() -> None:
    """10. The same call of fit returns the same reader in every Python process."""
    texts, labels = ["a good film", "a bad film", "the film was long"], [1, 0, 2]
    call = f"fit({texts}, {labels})"
    with calling(call):
        reader = work.fit(list(texts), list(labels))
    vocabulary = getattr(reader, "vocabulary", None)
    require(isinstance(vocabulary, dict), "the reader has no vocabulary", got=vocabulary, call=call)
    here = {str(word): int(i) for word, i in vocabulary.items()}
    with hash_seed("4711"):
        ran = run_python("-c", ANOTHER_PROCESS, json.dumps([texts, labels]), timeout_s=60)
    require(ran.code == 0, "it fails in another process", got=Shown(ran.stderr.strip()[-200:]), call=call)
    there = json.loads(ran.stdout.strip().splitlines()[-1])
    require(there == here, "another Python process has another vocabulary", got=there, expected=here, call=call)


def test_classes_and_ids_of_a_reader() -> None:
    """7. The classes go from 0 to the largest label, and the ids of the known words begin at 2."""
    for n_classes in (2, 5):
        texts = [f"the film was word{i % n_classes}" for i in range(2 * n_classes)]
        reader = work.fit(list(texts), [i % n_classes for i in range(2 * n_classes)])
        params, vocabulary = getattr(reader, "params", None), getattr(reader, "vocabulary", None)
        require(isinstance(params, dict) and "W_out" in params and "E" in params, "the reader has no W_out or E")
        assert_equal(len(as_array(params["W_out"], "W_out")), n_classes, what=f"with {n_classes} labels, rows of W_out")
        require(isinstance(vocabulary, dict) and len(vocabulary) > 0, "the reader has no vocabulary", got=vocabulary)
        ids = sorted(vocabulary.values())
        message = "the ids of the words must differ, and be 2 or more: 0 is padding, 1 an unknown word"
        require(len(set(ids)) == len(ids) and ids[0] >= 2, message, got=ids)


def test_what_is_refused() -> None:
    """11. ValueError for a text without words, and where there are not as many labels as texts."""
    for texts in ([""], ["good", " \n"], ["", "good film"]):
        assert_raises(ValueError, work.encode, texts, dict(VOCABULARY))
    for labels in ([0], [0, 1, 1]):
        assert_raises(ValueError, work.fit, ["good film", "bad film"], labels)
