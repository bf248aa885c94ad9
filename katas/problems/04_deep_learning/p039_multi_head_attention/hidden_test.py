"""Hidden test of p039_multi_head_attention."""

import importlib
import importlib.util
import math
import sys
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
    assert_type,
    edges,
    learner,
    no_warnings,
    not_tried,
    require,
    rng,
    seed,
    unchanged,
)

work = learner("attention")
Array = NDArray[Any]
Params = dict[str, Array]
NAMES = ("Wq", "Wk", "Wv", "Wo")

SMALL_X = np.array([[[1.0, -0.5, 2.0, 0.5], [0.5, 1.5, -1.0, 0.0]]])
SMALL_CONTEXT = np.array([[[0.5, 1.0, -0.5, 1.5], [-1.0, 0.5, 1.0, 0.5], [2.0, -1.0, 0.5, -0.5]]])
SMALL: Params = {
    name: (np.arange(16.0).reshape(4, 4) * factor % 11 - 5) / 5 for name, factor in zip(NAMES, (3, 5, 7, 9))
}
# Noted from PyTorch 2.13.0: MultiheadAttention(4, 2, bias=False) with these matrices, average_attn_weights=False.
SMALL_OUTPUT = np.array(
    [
        [
            [2.0927462417, -0.7848791767, -0.1367514673, -1.0449558408],
            [-2.174485193, -0.349247488, 0.4577151981, 0.6535430931],
        ]
    ]
)
SMALL_WEIGHTS = np.array(
    [
        [
            [[0.1379280288, 0.1705219543, 0.6915500169], [0.9150564671, 0.0327372259, 0.052206307]],
            [[0.5890370646, 0.2883892877, 0.1225736477], [0.4007849173, 0.4393730388, 0.1598420439]],
        ]
    ]
)
# Sequences, heads, queries, keys, width of queries and keys, width of values.
SIZES = [(1, 1, 1, 2, 4, 1), (1, 1, 2, 3, 2, 2), (1, 2, 1, 1, 3, 2), (2, 3, 4, 5, 6, 7), (3, 2, 5, 4, 1, 3)]
# Sequences, queries, keys, columns, heads.
LAYERS = [(1, 1, 2, 2, 1), (1, 1, 2, 2, 2), (1, 2, 3, 6, 2), (2, 3, 2, 6, 3), (3, 4, 5, 4, 4), (2, 3, 3, 9, 3)]


def numbers(stream: int, *shape: int) -> Array:
    return rng(stream).normal(size=shape)


def qkv(stream: int, b: int, h: int, t: int, s: int, w: int, u: int) -> tuple[Array, Array, Array]:
    return numbers(stream, b, h, t, w), numbers(stream + 1, b, h, s, w), numbers(stream + 2, b, h, s, u)


def layer(stream: int, b: int, t: int, s: int, d: int) -> tuple[Array, Array, Params]:
    params = {name: numbers(stream + 2 + i, d, d) for i, name in enumerate(NAMES)}
    return numbers(stream, b, t, d), numbers(stream + 1, b, s, d), params


def plain_one(
    q: list[list[float]], k: list[list[float]], v: list[list[float]], hidden: list[list[bool]]
) -> tuple[list[list[float]], list[list[float]]]:
    """One head of one sequence, one number after the other."""
    outputs, weights = [], []
    for query, out_of_sight in zip(q, hidden, strict=True):
        scores = [sum(a * b for a, b in zip(query, key, strict=True)) / math.sqrt(len(query)) for key in k]
        top = max((score for score, is_out in zip(scores, out_of_sight, strict=True) if not is_out), default=0.0)
        exps = [0.0 if is_out else math.exp(score - top) for score, is_out in zip(scores, out_of_sight, strict=True)]
        row = [e / (math.fsum(exps) or 1.0) for e in exps]
        weights.append(row)
        outputs.append([math.fsum(p * value[i] for p, value in zip(row, v, strict=True)) for i in range(len(v[0]))])
    return outputs, weights


def plain_attention(q: Array, k: Array, v: Array, hidden: Array | None = None) -> tuple[Array, Array]:
    b, h, t, s = *q.shape[:3], k.shape[2]
    all_hidden = np.broadcast_to(np.False_ if hidden is None else hidden, (b, h, t, s))
    output, weights = np.zeros((b, h, t, v.shape[3])), np.zeros((b, h, t, s))
    for at in np.ndindex(b, h):
        output[at], weights[at] = plain_one(*(part[at].tolist() for part in (q, k, v, all_hidden)))
    return output, weights


def plain_product(rows: Array, W: Array) -> list[list[float]]:
    """rows @ W.T."""
    return [[sum(a * b for a, b in zip(row, out, strict=True)) for out in W.tolist()] for row in rows.tolist()]


def plain_layer(
    x: Array, context: Array, params: Params, n_heads: int, is_padding: Array | None = None, causal: bool = False
) -> tuple[Array, Array]:
    """One sequence and one head after the other."""
    b, t, s, width = len(x), x.shape[1], context.shape[1], x.shape[2] // n_heads
    output, weights = np.zeros(x.shape), np.zeros((b, n_heads, t, s))
    for n in range(b):
        q, k, v = (
            np.array(plain_product(rows, params[name]))
            for rows, name in zip((x[n], context[n], context[n]), NAMES[:3], strict=True)
        )
        hidden = [
            [bool((causal and j > i) or (is_padding is not None and is_padding[n, j])) for j in range(s)]
            for i in range(t)
        ]
        joined = np.zeros(x.shape[1:])
        for head in range(n_heads):
            columns = slice(head * width, (head + 1) * width)
            parts = (part[:, columns].tolist() for part in (q, k, v))
            joined[:, columns], weights[n, head] = plain_one(*parts, hidden)
        output[n] = plain_product(joined, params["Wo"])
    return output, weights


def pair(got: Any, what: str) -> tuple[Any, Any]:
    assert_type(got, (tuple, list), what=what)
    require(len(got) == 2, f"{what} must return (output, weights)", got=got)
    return as_array(got[0], "the output"), as_array(got[1], "the array of weights")


def attend(*arrays: Array) -> tuple[Any, Any]:
    return pair(work.attention(*(array.copy() for array in arrays)), "attention")


def run(x: Array, context: Array, params: Params, n_heads: int, **options: Any) -> tuple[Any, Any]:
    copies = {name: matrix.copy() for name, matrix in params.items()}
    options = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in options.items()}
    return pair(work.multi_head(x.copy(), context.copy(), copies, n_heads, **options), "multi_head")


def agree(got: tuple[Any, Any], expected: tuple[Any, Any]) -> None:
    """The weights first: where they are wrong, so is the output."""
    assert_close(got[1], expected[1], rtol=1e-7, atol=1e-9, what="the array of weights")
    assert_close(got[0], expected[0], rtol=1e-7, atol=1e-9, what="the output")


def some_hidden(stream: int, *shape: int) -> NDArray[np.bool_]:
    """Random places, and for each query at least one key that is not among them."""
    hidden = rng(stream).random(shape) < 0.5
    hidden[..., int(rng(stream).integers(shape[-1]))] = False
    return hidden


def test_heads_are_split() -> None:
    """1. Head 0 holds the first columns of every token, head 1 the next ones, and so on."""
    for b, t, n_heads, width in ((1, 1, 2, 2), (1, 2, 2, 1), (1, 2, 3, 2), (2, 3, 2, 4), (3, 2, 1, 2), (2, 2, 2, 2)):
        for x in (np.arange(float(b * t * n_heads * width)).reshape(b, t, -1), numbers(10, b, t, n_heads * width)):
            expected = np.array(
                [[[token[h * width :][:width] for token in x[n]] for h in range(n_heads)] for n in range(b)]
            )
            got = work.split_heads(x.copy(), n_heads)
            assert_shape(got, expected.shape)
            assert_equal(as_array(got), expected)


def test_heads_are_joined() -> None:
    """1. join_heads puts the heads of each token side by side, head 0 first."""
    for b, h, t, w in ((1, 2, 1, 2), (1, 2, 2, 1), (1, 3, 2, 2), (2, 2, 3, 4), (3, 1, 2, 2), (2, 2, 2, 2)):
        for heads in (np.arange(float(b * h * t * w)).reshape(b, h, t, w), numbers(11, b, h, t, w)):
            expected = np.array(
                [[np.concatenate([heads[n, i, j] for i in range(h)]) for j in range(t)] for n in range(b)]
            )
            got = work.join_heads(heads.copy())
            assert_shape(got, expected.shape)
            assert_equal(as_array(got), expected)


def test_weights_are_a_scaled_softmax() -> None:
    """2. Weights are the softmax over the keys of q · k / √w, w being the width of a head."""
    q, k = np.array([[[[2.0, 0.0, 0.0, 0.0]]]]), np.array([[[[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]])
    expected = [[[[math.e / (math.e + 1), 1 / (math.e + 1)]]]]  # scores 2 / √4 and 0
    assert_close(attend(q, k, np.zeros((1, 1, 2, 1)))[1], expected, what="the array of weights")
    for stream, sizes in enumerate(SIZES):
        q, k, v = qkv(100 + 10 * stream, *sizes)
        weights = plain_attention(q, k, v)[1]
        assert_close(attend(q, k, v)[1], weights, rtol=1e-7, atol=1e-9, what="the array of weights")


def test_output_is_the_weighted_sum_of_the_values() -> None:
    """2. The output of a query is the sum of the values, each times its weight."""
    q, k, v = np.zeros((1, 1, 1, 2)), np.zeros((1, 1, 2, 2)), np.array([[[[1.0, 2.0, 3.0], [5.0, 6.0, 10.0]]]])
    assert_close(attend(q, k, v)[0], [[[[3.0, 4.0, 6.5]]]], what="the output")
    for stream, sizes in enumerate(SIZES):
        q, k, v = qkv(200 + 10 * stream, *sizes)
        output = plain_attention(q, k, v)[0]
        assert_close(attend(q, k, v)[0], output, rtol=1e-7, atol=1e-9, what="the output")


def test_hidden_keys_have_no_weight() -> None:
    """3. Where hidden is True the weight is exactly 0, and the others sum to 1."""
    q, k, v = np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 3, 1)), np.array([[[[1.0], [2.0], [4.0]]]])
    agree(attend(q, k, v, np.array([[True, False, False]])), (np.array([[[[3.0]]]]), np.array([[[[0.0, 0.5, 0.5]]]])))
    b, h, t, s = 2, 3, 4, 5
    for stream, shape in enumerate([(t, s), (s,), (b, 1, 1, s), (1, h, 1, s), (b, h, t, s)]):
        q, k, v = qkv(300 + 10 * stream, b, h, t, s, 6, 2)
        hidden = some_hidden(309 + 10 * stream, *shape)
        expected = plain_attention(q, k, v, hidden)
        got = attend(q, k, v, hidden)
        is_hidden = np.broadcast_to(hidden, (b, h, t, s))
        agree(got, expected)
        require(bool((got[1][is_hidden] == 0).all()), "a hidden key has a weight that is not exactly 0", got=got[1])


def test_the_whole_layer() -> None:
    """5. Queries come from x, keys and values from context; heads attend, are joined, and go through Wo."""
    for stream, (b, t, s, d, n_heads) in enumerate(LAYERS):
        x, context, params = layer(400 + 10 * stream, b, t, s, d)
        expected = plain_layer(x, context, params, n_heads)
        agree(run(x, context, params, n_heads), expected)


def test_layer_is_that_of_pytorch() -> None:
    """5. Output and weights are those of PyTorch's MultiheadAttention with the same matrices."""
    agree(run(SMALL_X, SMALL_CONTEXT, SMALL, 2), (SMALL_OUTPUT, SMALL_WEIGHTS))
    if not seed() and "torch" not in sys.modules:
        return  # for a learner the noted numbers will do; the audit asks PyTorch itself
    if importlib.util.find_spec("torch") is None:
        not_tried("PyTorch is not installed: only numbers noted from it were compared")
        return
    for stream, (b, t, s, d, n_heads) in enumerate([(3, 5, 5, 12, 3), (2, 4, 7, 6, 2)]):
        x, context, params = layer(500 + 10 * stream, b, t, s, d)
        is_padding = np.arange(s) >= np.array([[s], [2], [4]])[:b]
        expected = by_pytorch(x, context, params, n_heads, is_padding, causal=t == s)
        agree(run(x, context, params, n_heads, is_padding=is_padding, causal=t == s), expected)


def by_pytorch(
    x: Array, context: Array, params: Params, n_heads: int, is_padding: Array, causal: bool
) -> tuple[Array, Array]:
    torch = importlib.import_module("torch")
    d, t = x.shape[2], x.shape[1]
    theirs = torch.nn.MultiheadAttention(d, n_heads, bias=False, batch_first=True, dtype=torch.float64)
    tokens = torch.tensor(context)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.tensor(np.concatenate([params[name] for name in NAMES[:3]])))
        theirs.out_proj.weight.copy_(torch.tensor(params["Wo"]))
        output, weights = theirs(
            torch.tensor(x),
            tokens,
            tokens,
            key_padding_mask=torch.tensor(is_padding),
            attn_mask=torch.ones(t, t, dtype=torch.bool).triu(1) if causal else None,
            average_attn_weights=False,
        )
    return output.numpy(), weights.numpy()


def test_padding_is_not_seen() -> None:
    """6. No query and no head sees a token of context that is padding, wherever it stands."""
    cases = [(1, [[False, True]]), (2, [[True, False]])]
    cases += [(t, [[False, False, True], [True, False, False]]) for t in (3, 4)]
    for stream, (t, rows) in enumerate(cases):
        is_padding = np.array(rows)
        b, s = is_padding.shape
        x, context, params = layer(600 + 10 * stream, b, t, s, 6)
        expected = plain_layer(x, context, params, 2, is_padding)
        got = run(x, context, params, 2, is_padding=is_padding)
        agree(got, expected)
        weights = got[1][np.broadcast_to(is_padding[:, None, None, :], got[1].shape)]
        require(bool((weights == 0).all()), "padding has a weight that is not exactly 0", got=got[1])


def test_causal_queries_see_no_later_key() -> None:
    """7. With causal=True, query i sees keys 0 to i: itself too, and none after it."""
    for stream, (b, t, d, n_heads) in enumerate([(1, 2, 1, 1), (1, 3, 4, 2), (2, 5, 6, 3), (1, 1, 2, 1)]):
        x, context, params = layer(700 + 10 * stream, b, t, t, d)
        for source in (x, context):
            expected = plain_layer(x, source, params, n_heads, causal=True)
            got = run(x, source, params, n_heads, causal=True)
            agree(got, expected)
            later = got[1][np.broadcast_to(np.arange(t) > np.arange(t)[:, None], got[1].shape)]
            require(bool((later == 0).all()), "a later key has a weight that is not exactly 0", got=got[1])


edges()


def test_both_masks() -> None:
    """7. With padding and causal=True, a query sees only what both let it see."""
    for stream, rows in enumerate([[[False, False, True]], [[False, True, False, False], [False, False, True, True]]]):
        is_padding = np.array(rows)
        b, t = is_padding.shape
        x, context, params = layer(800 + 10 * stream, b, t, t, 6)
        expected = plain_layer(x, context, params, 3, is_padding, causal=True)
        agree(run(x, context, params, 3, is_padding=is_padding, causal=True), expected)


def test_nothing_to_see() -> None:
    """4. A query whose keys are all hidden has weights and output of zeros, without a warning."""
    q, k, v = qkv(900, 1, 1, 2, 2, 3, 1)
    for rows in ([[True, True], [False, True]], [[True, True], [True, True]], [[False, False], [True, True]]):
        hidden = np.array(rows)
        with no_warnings():
            got = attend(q, k, v, hidden)
        assert_shape(got[1], (1, 1, 2, 2), what="the array of weights")
        assert_shape(got[0], (1, 1, 2, 1), what="the output")
        assert_zeros(got, hidden.all(axis=1)[None, None])
    x, context, params = layer(910, 2, 3, 3, 4)
    for rows, causal in (([[False] * 3, [True] * 3], False), ([[True, True, False], [True, False, False]], True)):
        is_padding = np.array(rows)
        later = np.arange(3) > np.arange(3)[:, None]
        is_blind = (is_padding[:, None, :] | (later & causal)).all(axis=2)  # (b, t)
        with no_warnings():
            output, weights = run(x, context, params, 2, is_padding=is_padding, causal=causal)
        assert_shape(weights, (2, 2, 3, 3), what="the array of weights")
        assert_shape(output, (2, 3, 4), what="the output")
        assert_zeros((output[:, None], weights), is_blind[:, None])


def assert_zeros(got: tuple[Any, Any], is_blind: Array) -> None:
    for array, name in ((got[1], "the array of weights"), (got[0], "the output")):
        rows = array[np.broadcast_to(is_blind, array.shape[:-1])]
        require(
            bool((rows == 0).all()),
            f"{name} is not 0 for a query that sees nothing",
            got=array,
            expected=Shown("zeros"),
        )


def test_huge_scores() -> None:
    """3. Scores up to 1e30 have the right weights, without a warning; a hidden one, however large, has none."""
    q = np.array([[[[1.0], [-1.0]]]])
    v = np.array([[[[1.0], [2.0], [4.0]]]])
    cases: list[tuple[list[float], list[bool]]] = [
        ([1e4, 1e4 - 1, 0.0], [False, False, False]),
        ([1e4, 1.0, 0.0], [True, False, False]),
        ([-1e4, 1.0, 0.0], [True, False, False]),
        ([0.0, -1e10, -1e10], [True, False, False]),
        ([0.0, 1e10, 1e10], [True, False, False]),
        ([1e30, -1e30, 1e30], [False, False, False]),
        ([1e30, -1e30, -1e30], [True, False, False]),
    ]
    for keys, out_of_sight in cases:
        k = np.array(keys).reshape(1, 1, 3, 1)
        hidden = np.array([out_of_sight])
        expected = plain_attention(q, k, v, hidden)
        with no_warnings():
            got = attend(q, k, v, hidden) if hidden.any() else attend(q, k, v)
        agree(got, expected)


def test_floats_keep_their_dtype() -> None:
    """8. float32 and float64 keep their dtype, with masks and without."""
    for dtype in (np.float32, np.float64):
        q, k, v = (array.astype(dtype) for array in qkv(1000, 1, 2, 3, 3, 3, 2))
        x, context, params = layer(1010, 1, 3, 3, 6)
        small = {name: matrix.astype(dtype) for name, matrix in params.items()}
        assert_dtype(work.split_heads(x.astype(dtype), 2), dtype)
        assert_dtype(work.join_heads(q.copy()), dtype)
        hidden, is_padding = np.array([[False, True, False]]), np.array([[False, False, True]])
        for arrays in ((q, k, v), (q, k, v, hidden), (q, k, v, np.ones((3, 3), dtype=bool))):
            assert_floats(attend(*arrays), dtype)
        padding = {"is_padding": is_padding}
        for options in ({}, padding, {"causal": True}, {**padding, "causal": True}):
            assert_floats(run(x.astype(dtype), context.astype(dtype), small, 2, **options), dtype)


def assert_floats(got: tuple[Any, Any], dtype: Any) -> None:
    assert_dtype(got[1], dtype, what="the array of weights")
    assert_dtype(got[0], dtype, what="the output")


def test_inputs_stay_as_they_were() -> None:
    """8. All arrays that are passed are left as they were, also when they are views of other arrays."""
    base, hidden = numbers(1100, 2, 4, 6, 8), some_hidden(1101, 2, 1, 3, 3)
    for q, k, v in (qkv(1110, 2, 2, 3, 3, 4, 4), (base[:, ::2, ::2, ::-2], base[:, ::2, 1::2, ::2], base[:, 1::2, :3])):
        for options in ({}, {"hidden": hidden}):
            with unchanged(q=q, k=k, v=v, hidden=hidden, base=base):
                work.attention(q, k, v, **options)
    x, context, params = layer(1120, 2, 3, 3, 4)
    is_padding = np.array([[False, False, True], [False, True, True]])
    for options in ({}, {"is_padding": is_padding, "causal": True}):
        with unchanged(x=x, context=context, params=params, is_padding=is_padding):
            work.multi_head(x, context[:, ::-1], params, 2, **options)
    with unchanged(x=x, base=base):
        work.split_heads(x, 2)
        work.join_heads(base[:, ::2])


def test_heads_that_do_not_fit_are_refused() -> None:
    """9. A number of heads that does not divide d raises ValueError."""
    x, context, params = layer(1200, 2, 3, 3, 4)
    for n_heads in (3, 8):
        assert_raises(ValueError, work.split_heads, x.copy(), n_heads)
        assert_raises(ValueError, work.multi_head, x.copy(), context.copy(), params, n_heads)


def test_bad_padding_is_refused() -> None:
    """10. An is_padding that is not boolean, or whose shape is not (b, s), raises ValueError."""
    x, context, params = layer(1300, 2, 4, 3, 4)
    for bad in (np.zeros((2, 3), dtype=np.int64), np.zeros((2, 3)), np.ones((2, 3), dtype=np.uint8)):
        assert_raises(ValueError, work.multi_head, x.copy(), context.copy(), params, 2, is_padding=bad)
    for shape in ((1, 3), (2, 1), (3,), (2, 4), (3, 2), (2, 4, 3)):
        bad = np.zeros(shape, dtype=bool)
        assert_raises(ValueError, work.multi_head, x.copy(), context.copy(), params, 2, is_padding=bad)
