"""Hidden test of c08_2_rnn_attention."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_growth,
    assert_raises,
    assert_shape,
    assert_type,
    edges,
    learner,
    no_warnings,
    require,
    rng,
    timing,
    unchanged,
)

work = learner("sequences")
Array = NDArray[Any]
Params = dict[str, Array]
CELL, BLOCK = ("b", "W_h", "W_x"), ("Wo", "Wv", "Wk", "Wq")
# Sequences, steps, inputs, hidden units.
CELLS = [(1, 1, 1, 1), (1, 2, 1, 1), (1, 3, 1, 2), (2, 2, 3, 2), (3, 5, 2, 4)]
# Sequences, heads, queries, keys, width of keys, width of values.
HEADS = [(1, 1, 1, 2, 1, 1), (1, 1, 2, 3, 4, 2), (2, 2, 3, 2, 3, 2)]
# Sequences, tokens, columns, heads.
BLOCKS = [(1, 1, 1, 1), (1, 2, 2, 1), (2, 3, 4, 2), (1, 2, 6, 3)]


def numbers(stream: int, *shape: int) -> Array:
    return rng(stream).normal(size=shape)


def cell(stream: int, n: int, n_steps: int, n_in: int, n_hidden: int) -> tuple[Params, Array, Array, Array]:
    """Parameters, inputs, a first state, and gradients for the states."""
    shapes = {"W_x": (n_hidden, n_in), "W_h": (n_hidden, n_hidden), "b": (n_hidden,)}
    params = {name: numbers(stream + i, *shape) * 0.7 for i, (name, shape) in enumerate(shapes.items())}
    hs = (n, n_steps, n_hidden)
    return params, numbers(stream + 3, n, n_steps, n_in), numbers(stream + 4, n, n_hidden) / 2, numbers(stream + 5, *hs)


def plain_states(params: Params, xs: Array, h0: Array) -> Array:
    h, found = h0, []
    for t in range(xs.shape[1]):
        h = np.tanh(xs[:, t] @ params["W_x"].T + h @ params["W_h"].T + params["b"])
        found.append(h)
    return np.stack(found, axis=1)


def plain_attention(q: Array, k: Array, v: Array, hidden: Any = False) -> tuple[Array, Array]:
    """One query after the other."""
    hidden = np.broadcast_to(hidden, (*q.shape[:3], k.shape[2]))
    output, weights = np.zeros((*q.shape[:3], v.shape[3])), np.zeros(hidden.shape)
    for at in np.ndindex(q.shape[:3]):
        seen = ~hidden[at]
        if not seen.any():
            continue
        scores = k[at[:2]][seen] @ q[at] / q.shape[3] ** 0.5
        exps = np.exp(scores - scores.max())
        weights[at][seen] = exps / exps.sum()
        output[at] = weights[at] @ v[at[:2]]
    return output, weights


def plain_block(
    params: Params, x: Array, n_heads: int, is_padding: Array | None = None, causal: bool = False
) -> tuple[Array, Array]:
    b, t, d = x.shape
    width = d // n_heads
    hidden = np.zeros((b, 1, t, t), dtype=bool)
    for i, j in np.ndindex(t, t):
        hidden[:, 0, i, j] = (causal and j > i) | (False if is_padding is None else is_padding[:, j])
    blocks = [slice(i * width, (i + 1) * width) for i in range(n_heads)]
    q, k, v = (np.stack([(x @ params[name].T)[..., s] for s in blocks], axis=1) for name in ("Wq", "Wk", "Wv"))
    output, weights = plain_attention(q, k, v, hidden)
    return x + np.concatenate([output[:, i] for i in range(n_heads)], axis=-1) @ params["Wo"].T, weights


def slopes(loss: Callable[[Array], float], array: Array) -> Array:
    """Central differences of a loss, one entry at a time."""
    found = np.zeros(array.shape)
    for at in np.ndindex(array.shape):
        sides = []
        for sign in (1, -1):
            moved = array.copy()
            moved[at] += sign * 1e-5
            sides.append(loss(moved))
        found[at] = (sides[0] - sides[1]) / 2e-5
    return found


def copied(params: Params) -> Params:
    return {name: value.copy() for name, value in params.items()}


def several(got: Any, names: tuple[str, ...], what: str) -> list[Any]:
    assert_type(got, (tuple, list), what=what)
    require(len(got) == len(names), f"{what} must return ({', '.join(names)})", got=got)
    return list(got)


def named(got: Any, names: tuple[str, ...], what: str = "gradients") -> Params:
    assert_type(got, dict, what=what)
    require(set(got) == set(names), f"the names in {what} must be {', '.join(names)}", got=sorted(map(str, got)))
    return {name: as_array(got[name], f'{what}["{name}"]') for name in names}


def through_time(params: Params, xs: Array, d_hs: Array, h0: Array | None) -> tuple[Params, Any, Any]:
    options = {} if h0 is None else {"h0": h0.copy()}
    got = work.unroll_backward(copied(params), xs.copy(), d_hs.copy(), **options)
    gradients, d_xs, d_h0 = several(got, ("gradients", "d_xs", "d_h0"), "unroll_backward")
    return named(gradients, CELL), as_array(d_xs, "d_xs"), as_array(d_h0, "d_h0")


def cell_loss(name: str, params: Params, xs: Array, h0: Array, d_hs: Array, moved: Array) -> float:
    if name in params:
        params = {**params, name: moved}
    xs, h0 = moved if name == "xs" else xs, moved if name == "h0" else h0
    return float((plain_states(params, xs, h0) * d_hs).sum())


def assert_through_time(params: Params, xs: Array, d_hs: Array, h0: Array | None, names: tuple[str, ...]) -> None:
    first = np.zeros((len(xs), len(params["b"]))) if h0 is None else h0
    arrays = {**params, "xs": xs, "h0": first}
    expected = {n: slopes(partial(cell_loss, n, params, xs, first, d_hs), arrays[n]) for n in names}
    gradients, d_xs, d_h0 = through_time(params, xs, d_hs, h0)
    found = {**gradients, "xs": d_xs, "h0": d_h0}
    for name in names:
        what = f'gradients["{name}"]' if name in CELL else f"d_{name}"
        assert_close(found[name], expected[name], rtol=1e-5, atol=1e-7, what=what)


def test_back_through_time() -> None:
    """1. The gradients of b, W_h and W_x agree with finite differences, where each state is used outside."""
    for stream, sizes in enumerate(CELLS):
        params, xs, h0, d_hs = cell(10 * stream, *sizes)
        assert_through_time(params, xs, d_hs, h0, CELL)


def test_only_the_last_state_is_used() -> None:
    """1. A gradient at the last state alone reaches all steps before it."""
    for stream, sizes in enumerate(CELLS[1:]):
        params, xs, h0, d_hs = cell(100 + 10 * stream, *sizes)
        d_hs[:, :-1] = 0
        assert_through_time(params, xs, d_hs, h0, CELL)


def test_gradients_of_what_was_given() -> None:
    """2. d_xs and d_h0 agree with finite differences."""
    for stream, sizes in enumerate(CELLS):
        params, xs, h0, d_hs = cell(200 + 10 * stream, *sizes)
        assert_through_time(params, xs, d_hs, h0, ("xs", "h0"))


def assert_clipped(gradients: Params, limit: float) -> None:
    norm = float(np.sqrt(sum(float(v) ** 2 for g in gradients.values() for v in g.ravel())))
    factor = min(1.0, limit / norm) if norm else 1.0
    got = named(work.clip(copied(gradients), limit), tuple(gradients), "what clip returns")
    for name, gradient in gradients.items():
        assert_close(got[name], gradient * factor, rtol=1e-5, atol=0, what=f'clip(...)["{name}"]')


def test_large_gradients_are_clipped() -> None:
    """4. Above the limit, all gradients are scaled by one factor, so that their norm together is the limit."""
    assert_clipped({"a": np.array([3.0]), "b": np.array([4.0])}, 1.0)
    assert_clipped({"a": np.array([3.0, 0.5]), "b": np.array([[4.0], [-12.0]])}, 2.5)
    assert_clipped({"a": np.array([6.0, -8.0])}, 5.0)
    assert_clipped({"a": np.array([3e-6]), "b": np.array([4e-6])}, 1e-6)
    assert_clipped({"a": numbers(300, 3, 4), "b": numbers(301, 200), "c": numbers(302, 1)}, 0.1)


def test_small_gradients_stay() -> None:
    """4. At or below the limit, gradients stay as they are, zeros too, without a warning."""
    with no_warnings():
        for gradients in ({"a": np.array([3.0]), "b": np.array([4.0])}, {"a": np.zeros(2), "b": np.zeros((1, 2))}):
            for limit in (5.0, 5, 7.5, 100.0):
                assert_clipped(gradients, limit)


def heads(stream: int, b: int, h: int, t: int, s: int, w: int, u: int) -> tuple[Array, Array, Array, Array]:
    q, k, v = numbers(stream, b, h, t, w), numbers(stream + 1, b, h, s, w), numbers(stream + 2, b, h, s, u)
    return q, k, v, numbers(stream + 3, b, h, t, u)


def assert_attention(q: Array, k: Array, v: Array, upstream: Array, hidden: Any = False) -> None:
    names = ("d_q", "d_k", "d_v")
    arrays = [q, k, v]

    def loss(i: int, moved: Array) -> float:
        return float((plain_attention(*arrays[:i], moved, *arrays[i + 1 :], hidden)[0] * upstream).sum())

    expected = [slopes(partial(loss, i), arrays[i]) for i in range(3)]
    weights = plain_attention(q, k, v, hidden)[1]
    got = work.attention_backward(q.copy(), k.copy(), v.copy(), weights.copy(), upstream.copy())
    for name, one, wanted in reversed(
        list(zip(names, several(got, names, "attention_backward"), expected, strict=True))
    ):
        assert_close(as_array(one, name), wanted, rtol=1e-5, atol=1e-7, what=name)


def test_back_through_attention() -> None:
    """5. d_q, d_k and d_v agree with finite differences."""
    for stream, sizes in enumerate(HEADS):
        assert_attention(*heads(400 + 10 * stream, *sizes))


def layer(stream: int, b: int, t: int, d: int) -> tuple[Params, Array, Array]:
    params = {name: numbers(stream + i, d, d) * 0.7 for i, name in enumerate(BLOCK)}
    return params, numbers(stream + 4, b, t, d), numbers(stream + 5, b, t, d)


def masks(stream: int, b: int, t: int) -> list[dict[str, Any]]:
    is_padding = rng(stream).random((b, t)) < 0.4
    is_padding[:, 0] = False
    is_padding[0, 0] = True
    return [{"causal": True}, {"is_padding": is_padding}, {"is_padding": is_padding, "causal": True}]


def options_copied(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in options.items()}


def assert_block(params: Params, x: Array, n_heads: int, **options: Any) -> None:
    expected = plain_block(params, x, n_heads, **options)
    got = work.block(copied(params), x.copy(), n_heads, **options_copied(options))
    for name, one, wanted in zip(
        ("output", "weights"), several(got, ("output", "weights"), "block"), expected, strict=True
    ):
        assert_close(as_array(one, name), wanted, rtol=1e-7, atol=1e-9, what=name)


def test_block() -> None:
    """6. block returns x plus the result of your multi_head of x with itself, and the weights."""
    for stream, (b, t, d, n_heads) in enumerate(BLOCKS):
        params, x, _ = layer(500 + 10 * stream, b, t, d)
        assert_block(params, x, n_heads)


def block_loss(
    name: str, params: Params, x: Array, n_heads: int, upstream: Array, options: dict[str, Any], moved: Array
) -> float:
    params, x = ({**params, name: moved}, x) if name in params else (params, moved)
    return float((plain_block(params, x, n_heads, **options)[0] * upstream).sum())


def assert_block_back(
    params: Params, x: Array, n_heads: int, upstream: Array, names: tuple[str, ...], **options: Any
) -> None:
    arrays = {**params, "x": x}
    expected = {n: slopes(partial(block_loss, n, params, x, n_heads, upstream, options), arrays[n]) for n in names}
    got = work.block_backward(copied(params), x.copy(), n_heads, upstream.copy(), **options_copied(options))
    gradients, d_x = several(got, ("gradients", "d_x"), "block_backward")
    found = {**named(gradients, BLOCK), "x": as_array(d_x, "d_x")}
    for name in names:
        what = "d_x" if name == "x" else f'gradients["{name}"]'
        assert_close(found[name], expected[name], rtol=1e-5, atol=1e-7, what=what)


def test_back_through_the_block() -> None:
    """7. The gradients of Wo, Wv, Wk and Wq agree with finite differences."""
    for stream, (b, t, d, n_heads) in enumerate(BLOCKS):
        params, x, upstream = layer(600 + 10 * stream, b, t, d)
        assert_block_back(params, x, n_heads, upstream, BLOCK)


def test_what_reaches_x() -> None:
    """7. d_x agrees with finite differences: past the attention, and through queries, keys and values."""
    for stream, (b, t, d, n_heads) in enumerate(BLOCKS):
        params, x, upstream = layer(700 + 10 * stream, b, t, d)
        assert_block_back(params, x, n_heads, upstream, ("x",))


edges()


def test_without_a_first_state() -> None:
    """1. Without h0 the first state is zeros."""
    for stream, sizes in enumerate(CELLS[:4]):
        params, xs, _, d_hs = cell(800 + 10 * stream, *sizes)
        assert_through_time(params, xs, d_hs, None, (*CELL, "xs", "h0"))


def test_long_sequences_and_large_gradients() -> None:
    """1. Nothing is cut off: not after many steps, and not where the gradients are large."""
    params, xs, h0, d_hs = cell(850, 1, 60, 1, 2)
    assert_through_time(params, xs, d_hs, h0, ("b", "h0"))
    params, xs, h0, d_hs = cell(870, 2, 3, 2, 2)
    assert_through_time(params, xs, d_hs * 1e4, h0, (*CELL, "xs", "h0"))


def test_whole_numbers_as_inputs() -> None:
    """2. Inputs may be integers, such as 0 and 1; d_xs is exact all the same."""
    params, _, h0, d_hs = cell(880, 2, 3, 2, 4)
    xs = rng(889).integers(-1, 2, (2, 3, 2))
    expected = through_time(params, xs.astype(float), d_hs, h0)[1]
    assert_close(through_time(params, xs, d_hs, h0)[1], expected, what="d_xs")


@timing
def test_one_walk_back() -> None:
    """3. Eight times as many steps take about eight times as long."""
    params = cell(860, 1, 1, 2, 3)[0]

    def make(n_steps: int) -> Callable[[], object]:
        xs, d_hs = numbers(861, 1, n_steps, 2), numbers(862, 1, n_steps, 3)
        return lambda: work.unroll_backward(params, xs, d_hs)

    through_time(params, numbers(863, 1, 2, 2), numbers(864, 1, 2, 3), None)
    assert_growth(make, small=40, large=320, at_most=20)


def test_masks_of_the_block() -> None:
    """6. Padding and causal=True hide tokens as in multi_head."""
    for stream, (b, t, d, n_heads) in enumerate(BLOCKS[1:]):
        params, x, _ = layer(900 + 10 * stream, b, t, d)
        for options in masks(909 + 10 * stream, b, t):
            assert_block(params, x, n_heads, **options)


def test_back_through_masks() -> None:
    """8. With masks too, gradients agree with finite differences; a token that sees nothing is no exception."""
    for stream, sizes in enumerate(HEADS[:2]):
        q, k, v, upstream = heads(940 + 10 * stream, *sizes)
        hidden = rng(949 + stream).random((sizes[2], sizes[3])) < 0.5
        hidden[0] = True
        with no_warnings():
            assert_attention(q, k, v, upstream, hidden)
    for stream, (b, t, d, n_heads) in enumerate(BLOCKS[1:3]):
        params, x, upstream = layer(960 + 10 * stream, b, t, d)
        for options in masks(969 + 10 * stream, b, t):
            with no_warnings():
                assert_block_back(params, x, n_heads, upstream, (*BLOCK, "x"), **options)


def test_nothing_is_changed_or_remembered() -> None:
    """9. No argument and no earlier result is changed."""
    params, xs, h0, d_hs = cell(1000, 2, 3, 2, 4)
    with unchanged(params=params, xs=xs, d_hs=d_hs, h0=h0):
        first = work.unroll_backward(params, xs, d_hs, h0=h0)
    gradients, d_xs, d_h0 = several(first, ("gradients", "d_xs", "d_h0"), "unroll_backward")
    with unchanged(gradients=gradients, d_xs=d_xs, d_h0=d_h0):
        work.unroll_backward(copied(params), xs * 2, d_hs, h0=h0)
    for limit in (0.1, 1e6):
        with unchanged(params=params):
            returned = work.clip(params, limit)
        clipped = named(returned, ("W_x", "W_h", "b"), "what clip returns")
        require(returned is not params, "clip must return a new dict, and returned the one that it was given")
        for name in clipped:
            shared = np.shares_memory(clipped[name], params[name]) and limit < 1
            require(not shared, f'clip(...)["{name}"] is the array that was given')
    q, k, v, upstream = heads(1010, *HEADS[2])
    weights = plain_attention(q, k, v)[1]
    with unchanged(q=q, k=k, v=v, weights=weights, upstream=upstream):
        work.attention_backward(q, k, v, weights, upstream)
    params, x, upstream = layer(1020, 2, 3, 4)
    with unchanged(params=params, x=x, upstream=upstream):
        work.block(params, x, 2)
        second = several(work.block_backward(params, x, 2, upstream), ("gradients", "d_x"), "block_backward")
    with unchanged(gradients=named(second[0], BLOCK), d_x=second[1]):
        work.block_backward(copied(params), x * 2, 2, upstream)


def test_gradients_of_another_shape_are_refused() -> None:
    """10. d_hs of another shape than (n, n_steps, n_hidden) raises ValueError."""
    params, xs, _, d_hs = cell(1030, 2, 3, 2, 4)
    for bad in (d_hs[:, -1], d_hs[:, :2], d_hs[:1], d_hs[..., :1], np.concatenate([d_hs, d_hs], axis=1)):
        assert_raises(ValueError, work.unroll_backward, copied(params), xs.copy(), bad.copy())
    assert_shape(through_time(params, xs, d_hs, None)[1], xs.shape, what="d_xs")


def test_limits_that_are_none_are_refused() -> None:
    """11. A limit of clip that is not above 0 raises ValueError."""
    for limit in (0.0, -1.0):
        for gradients in ({"a": np.array([3.0])}, {"a": np.zeros(2)}):
            assert_raises(ValueError, work.clip, copied(gradients), limit)
