"""Comparisons that say in plain words how a result differs from what is expected."""

from __future__ import annotations

import copy
import inspect
import math
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kata_runner.checking.failure import CheckFailed, Shown, describe, shorten, subject

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def as_array(got: Any, what: str = "") -> NDArray[Any]:
    """Return `got` as a NumPy array of numbers; fails on anything else, saying what it is.

    got: a number, nested lists and tuples, a NumPy array, a tensor, or a pandas object.
    what: the name to use for `got` in messages; by default the function last called.
    """
    import numpy as np

    who = subject(what)
    if got is None:
        raise CheckFailed(f"{who} gave None; is a return missing?", got=got)
    if isinstance(got, np.ndarray | np.generic | bool | int | float | complex):
        array = np.asarray(got)
    elif isinstance(got, list | tuple):
        array = _array_of_items(got, who)
    elif type(got).__module__.split(".")[0] == "torch" and hasattr(got, "detach"):
        array = got.detach().cpu().numpy()
    elif type(got).__module__.split(".")[0] == "pandas" and hasattr(got, "to_numpy"):
        array = got.to_numpy()
    else:
        raise CheckFailed(f"{who} gave a {type(got).__name__}, expected an array or a number", got=got)
    if array.dtype == object:
        raise CheckFailed(f"{who} gave values that are not plain numbers (dtype object)", got=got)
    return np.asarray(array)


def _array_of_items(got: Sequence[Any], who: str) -> NDArray[Any]:
    import numpy as np

    try:
        return np.asarray([item.detach().cpu().numpy() if hasattr(item, "detach") else item for item in got])
    except Exception:
        raise CheckFailed(f"{who} gave a list that is not a rectangular array of numbers", got=got) from None


def as_figure(got: Any, what: str = "") -> Any:
    """Return `got` as a matplotlib Figure (of an Axes: its figure); fails on anything else, saying what it is.

    what: the name to use for `got` in the message; by default the function last called.
    """
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    if isinstance(got, Axes):
        got = got.figure
    if not isinstance(got, Figure):
        hint = "; is a return missing?" if got is None else ""
        raise CheckFailed(f"{subject(what)} gave a {type(got).__name__}, expected a matplotlib figure{hint}")
    return got


def _tolerances(*dtypes: np.dtype[Any]) -> tuple[float, float]:
    """rtol and atol that fit the coarsest floating type among `dtypes`."""
    size = min([d.itemsize // (2 if d.kind == "c" else 1) for d in dtypes if d.kind in "fc"], default=8)
    return {2: (1e-2, 1e-3), 4: (1e-4, 1e-5)}.get(size, (1e-7, 1e-9))


def assert_close(
    got: Any, expected: Any, *, rtol: float | None = None, atol: float | None = None, what: str = "", call: str = ""
) -> None:
    """Fail unless the shapes agree and every number is within the tolerance; NaN equals NaN.

    got, expected: whatever `as_array` takes.
    rtol, atol: relative and absolute tolerance; by default they fit the coarser dtype of the two,
    1e-7 and 1e-9 for float64, 1e-4 and 1e-5 for float32, 1e-2 and 1e-3 for float16.
    what: the name to use for `got` in messages; by default the function last called.
    call: the call to show, where it is not the last one.

    >>> assert_close(work.zscore(x.copy()), (x - x.mean(axis=0)) / x.std(axis=0))
    """
    import numpy as np

    who = subject(what)
    found, wanted = as_array(got, who), np.asarray(expected)
    _same_shape(found, wanted.shape, who, call, got, expected)
    if found.dtype.kind not in "biufc":
        raise CheckFailed(f"{who} gave values of dtype {found.dtype}, expected numbers", got=got, expected=expected)
    fit = _tolerances(found.dtype, wanted.dtype)
    near = np.isclose(
        found, wanted, rtol=fit[0] if rtol is None else rtol, atol=fit[1] if atol is None else atol, equal_nan=True
    )
    if near.all():
        return
    if found.size <= 24:
        message = f"{who} gave other values than expected"
        if shorten(found) == shorten(wanted):  # they differ beyond the digits that are shown
            message += f", off by up to {float(np.nanmax(np.abs(found - wanted))):.2g}"
        raise CheckFailed(message, got=got, expected=expected, call=call)
    index = tuple(int(i) for i in np.argwhere(~near)[0])
    place = f"[{', '.join(map(str, index))}]"
    one, other = describe(found[index]), describe(wanted[index])
    if one == other:
        one, other = repr(found[index].item()), repr(wanted[index].item())
    raise CheckFailed(
        f"{who} is wrong in {int((~near).sum())} of {found.size} values, first at {place}",
        got=Shown(f"{place} = {one}"),
        expected=Shown(f"{place} = {other}"),
        call=call,
    )


def _same_shape(found: Any, shape: tuple[int, ...], who: str, call: str, got: Any, expected: Any) -> None:
    if tuple(found.shape) != tuple(shape):
        small = found.size <= 24
        raise CheckFailed(
            f"{who} gave shape {tuple(found.shape)}, expected {tuple(shape)}",
            got=got if small else Shown(f"shape {tuple(found.shape)}"),
            expected=expected if small else Shown(f"shape {tuple(shape)}"),
            call=call,
        )


def assert_shape(got: Any, shape: tuple[int, ...], *, what: str = "") -> None:
    """Fail unless `got`, anything that `as_array` takes, has exactly this shape."""
    found = as_array(got, what)
    if tuple(found.shape) != tuple(shape):
        raise CheckFailed(f"{subject(what)} gave shape {tuple(found.shape)}, expected {tuple(shape)}")


def assert_dtype(got: Any, dtype: Any, *, what: str = "") -> None:
    """Fail unless the dtype of `got` is `dtype`.

    got: anything that `as_array` takes.
    dtype: a dtype, or one of the kinds "floating", "integer", "number" and "bool".
    """
    import numpy as np

    found = got.dtype if isinstance(got, np.ndarray | np.generic) else as_array(got, what).dtype
    abstract = {"floating": np.floating, "integer": np.integer, "number": np.number, "bool": np.bool_}
    kind = abstract.get(dtype) if isinstance(dtype, str) else None
    good = np.issubdtype(found, kind) if kind else found == np.dtype(dtype)
    if not good:
        raise CheckFailed(f"{subject(what)} gave dtype {found}, expected {dtype if kind else np.dtype(dtype)}")


def assert_type(got: Any, types: type | tuple[type, ...], *, what: str = "") -> None:
    """Fail unless the value is an instance of one of these types; bool does not count as int."""
    wanted = types if isinstance(types, tuple) else (types,)
    if not isinstance(got, wanted) or (type(got) is bool and bool not in wanted):
        names = " or ".join(t.__name__ for t in wanted)
        hint = "; is a return missing?" if got is None else ""
        raise CheckFailed(f"{subject(what)} gave a {type(got).__name__}, expected {names}{hint}", got=got)


def assert_equal(got: Any, expected: Any, *, what: str = "", call: str = "") -> None:
    """Fail unless two plain values are equal, compared deeply: numbers, texts, None, sequences, mappings, sets, arrays.

    A list, a tuple and an array with the same items are equal. Floats may differ by a relative 1e-9. True is not 1.
    Objects of other types are equal only to their own type. The `__eq__` of a learner's class is not asked
    where a plain value is expected.

    what: the name to use for `got` in the message; by default the function last called.
    call: the call to show, where it is not the last one.
    """
    difference = _difference(got, expected)
    if difference:
        raise CheckFailed(f"{subject(what)} {difference}", got=got, expected=expected, call=call)


def _difference(got: Any, expected: Any) -> str:
    """Return in words how `got` differs from `expected`, "" when it does not."""
    np = sys.modules.get("numpy")
    if np is not None:
        got = got.item() if isinstance(got, np.generic) else got
        expected = expected.item() if isinstance(expected, np.generic) else expected
        got = got.tolist() if isinstance(got, np.ndarray) else got
        expected = expected.tolist() if isinstance(expected, np.ndarray) else expected
    if expected is None or isinstance(expected, bool):
        return "" if got is expected else f"gave {shorten(got, 60)}, expected {expected}"
    if isinstance(expected, int | float):
        return _number_difference(got, expected)
    if isinstance(expected, str | bytes):
        # Compared from our side: a subclass of the learner's may have an __eq__ of its own.
        same = isinstance(got, type(expected)) and expected.__eq__(got) is True
        return "" if same else f"gave {shorten(got, 60)}, expected {shorten(expected, 60)}"
    if isinstance(expected, Mapping):
        return _mapping_difference(got, expected)
    if isinstance(expected, Set):
        return _set_difference(got, expected)
    if isinstance(expected, list | tuple):
        return _sequence_difference(got, expected)
    same = type(got) is type(expected) and bool(got == expected)
    return "" if same else f"gave {shorten(got, 60)}, expected {shorten(expected, 60)}"


def _number_difference(got: Any, expected: float) -> str:
    if isinstance(got, bool) or not isinstance(got, int | float):
        return f"gave {shorten(got, 60)} ({type(got).__name__}), expected the number {shorten(expected)}"
    if isinstance(expected, int) and isinstance(got, int):
        same = int.__eq__(int(got), expected)
    else:
        same = (math.isnan(got) and math.isnan(expected)) or math.isclose(got, expected, rel_tol=1e-9, abs_tol=1e-12)
    return "" if same else f"gave {shorten(got)}, expected {shorten(expected)}"


def _mapping_difference(got: Any, expected: Mapping[Any, Any]) -> str:
    if not isinstance(got, Mapping):
        return f"gave a {type(got).__name__}, expected a dict"
    if missing := [k for k in expected if k not in got]:
        return f"lacks the key {shorten(missing[0], 60)}"
    if extra := [k for k in got if k not in expected]:
        return f"has the key {shorten(extra[0], 60)}, which is not expected"
    for key in expected:
        if inner := _difference(got[key], expected[key]):
            return f"[{shorten(key, 40)}] {inner}"
    return ""


def _set_difference(got: Any, expected: Set[Any]) -> str:
    if not isinstance(got, Set):
        return f"gave a {type(got).__name__}, expected a set"
    if missing := [x for x in expected if x not in got]:
        return f"lacks {shorten(missing[0], 60)}"
    if extra := [x for x in got if x not in expected]:
        return f"holds {shorten(extra[0], 60)}, which is not expected"
    return ""


def _sequence_difference(got: Any, expected: Sequence[Any]) -> str:
    if not isinstance(got, list | tuple):
        return f"gave {shorten(got, 60)} ({type(got).__name__}), expected a list of {len(expected)} items"
    if len(got) != len(expected):
        return f"gave {len(got)} items, expected {len(expected)}"
    for index, (one, other) in enumerate(zip(got, expected, strict=True)):
        if inner := _difference(one, other):
            return f"[{index}] {inner}"
    return ""


def _mentions(message: str, word: str) -> bool:
    if len(word) <= 3 and word.isidentifier():
        return re.search(rf"(?<!\w){word}(?!\w)", message, re.IGNORECASE) is not None
    return word.lower() in message.lower()


def assert_raises(
    errors: type[Exception] | tuple[type[Exception], ...],
    function: Callable[..., Any],
    *args: Any,
    mentions: str | Iterable[str] = (),
    call: str = "",
    **kwargs: Any,
) -> Exception:
    """Return the exception that `function(*args, **kwargs)` raises; fail unless it is one of `errors`.

    mentions: a word, or several, that its message has to contain in any case of letters. A name of up to three
    letters has to stand alone: nearly any sentence holds an "n" somewhere.
    call: the call to show, where it is not the last one.

    A generator is started, as it raises only then. NotImplementedError is the stub's, and is passed on.

    >>> assert_raises(ValueError, work.softmax, np.zeros((2, 3)), axis=2, mentions="axis")
    """
    wanted = errors if isinstance(errors, tuple) else (errors,)
    names = " or ".join(e.__name__ for e in wanted)
    try:
        got = function(*args, **kwargs)
        if inspect.isgenerator(got):
            next(got, None)
    except NotImplementedError:
        raise
    except wanted as error:
        words = (mentions,) if isinstance(mentions, str) else tuple(mentions)
        for word in words:
            if not _mentions(str(error), word):
                raise CheckFailed(
                    f"the {type(error).__name__} should name {word!r}, so that the caller knows what to mend",
                    got=Shown(f"{type(error).__name__}: {error}"),
                    call=call,
                ) from None
        return error
    except Exception as error:
        raise CheckFailed(
            f"raised {type(error).__name__}, expected {names}",
            got=Shown(f"{type(error).__name__}: {error}"),
            expected=Shown(names),
            call=call,
        ) from None
    raise CheckFailed(f"no error was raised, expected {names}", got=got, expected=Shown(names), call=call)


@contextmanager
def unchanged(**inputs: Any) -> Iterator[None]:
    """Fail when one of the named inputs is no longer, at the end of the block, what it was at its start.

    >>> with unchanged(x=x):
    ...     work.zscore(x)
    """
    before = {name: copy.deepcopy(value) for name, value in inputs.items()}
    yield
    for name, value in inputs.items():
        if not _identical(value, before[name]):
            raise CheckFailed(f"the input {name} was modified", got=value, expected=before[name])


def _identical(one: Any, other: Any) -> bool:
    np = sys.modules.get("numpy")
    if np is not None and isinstance(other, np.ndarray):
        same = one.shape == other.shape and one.dtype == other.dtype
        return bool(same and (one.tobytes() == other.tobytes() if other.dtype != object else (one == other).all()))
    if hasattr(other, "equals"):  # pandas: NaN equals NaN
        return bool(other.equals(one))
    if type(other).__module__.startswith("torch"):
        return bool((one == other).all())
    if isinstance(other, dict) and isinstance(one, dict):
        return list(one) == list(other) and all(_identical(one[k], other[k]) for k in other)
    if isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_identical, one, other))
    return bool(one == other) or (one != one and other != other)


@contextmanager
def no_warnings() -> Iterator[None]:
    """Fail when the block causes a warning (division by zero, overflow, deprecated calls)."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    if caught:
        first = caught[0]
        raise CheckFailed(f"gave a warning: {first.category.__name__}: {first.message}")


@contextmanager
def global_random_state_kept() -> Iterator[None]:
    """Fail when the block draws from, or seeds, the global generators of `random` and NumPy."""
    import numpy as np

    def state() -> str:
        with np.printoptions(threshold=10_000):
            return f"{random.getstate()} {np.random.get_state()}"

    before = state()
    yield
    if state() != before:
        raise CheckFailed("the global random state was changed; draw from the generator that you are given")
