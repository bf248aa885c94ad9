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
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kata_runner.checking.failure import CheckFailed, subject
from kata_runner.checking.session import current
from kata_runner.checking.values import MISSING, Shown, apart, describe, place_of, shorten

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
    if type(got).__module__.startswith("pandas"):
        got = found  # so that it reads like what is expected
    rtol, atol = fit[0] if rtol is None else rtol, fit[1] if atol is None else atol
    near = np.isclose(found, wanted, rtol=rtol, atol=atol, equal_nan=True)
    if near.all():
        return
    index = tuple(int(i) for i in np.argwhere(~near)[0])
    one, other = found[index], wanted[index]
    message = f"{who} gave other values than expected"
    if is_large := max(found.size, wanted.size) > 24 or max(len(describe(found)), len(describe(wanted))) > 160:
        message = f"{who} is wrong in {int((~near).sum())} of {found.size} values, first at {place_of(index)}"
    # Of Python numbers: unsigned and boolean ones of NumPy have no difference below zero.
    if (off := float(abs(one.item() - other.item()))) < 1e-4 * abs(other):  # hardly seen in the digits
        allowed = atol + rtol * float(abs(other))
        message += f": off by {off:.2g} at {place_of(index)}, {allowed:.2g} is allowed"
    if is_large:
        got, expected = (Shown(f"{place_of(index)} = {text}") for text in apart(one, other))
    raise CheckFailed(message, got=got, expected=expected, call=call)


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
    if difference := _difference(got, expected):
        raise CheckFailed(f"{subject(what)}{difference.in_words()}", got=got, expected=expected, call=call)


@dataclass(frozen=True)
class _Difference:
    """Where two values differ first, what stands there, and how to say it, if that is not all."""

    place: str = ""
    got: Any = MISSING
    expected: Any = MISSING
    words: str = ""

    def in_words(self) -> str:
        place = f" at {self.place}" if self.place else ""
        if self.words:
            return f"{place} {self.words}"
        one, other = apart(self.got, self.expected, 60)
        is_clear = self.got is None or type(self.got) is type(self.expected)
        is_clear = is_clear or (type(self.got) in (int, float) and type(self.expected) in (int, float))
        return f"{place} gave {one}{'' if is_clear else f' ({type(self.got).__name__})'}, expected {other}"


def _difference(got: Any, expected: Any) -> _Difference | None:
    """Return how `got` differs from `expected`, None when it does not."""
    np = sys.modules.get("numpy")
    if np is not None:
        got, expected = (v.tolist() if isinstance(v, np.ndarray | np.generic) else v for v in (got, expected))
    if isinstance(expected, Mapping):
        return _mapping_difference(got, expected)
    if isinstance(expected, Set):
        return _set_difference(got, expected)
    if isinstance(expected, list | tuple):
        return _sequence_difference(got, expected)
    return None if _is_same(got, expected) else _Difference("", got, expected)


def _is_same(got: Any, expected: Any) -> bool:
    if expected is None or isinstance(expected, bool):
        return got is expected
    if isinstance(expected, int | float):
        return _is_same_number(got, expected)
    if isinstance(expected, str | bytes):
        # Compared from our side: a subclass of the learner's may have an __eq__ of its own.
        return isinstance(got, type(expected)) and expected.__eq__(got) is True
    return type(got) is type(expected) and bool(got == expected)


def _is_same_number(got: Any, expected: float) -> bool:
    if isinstance(got, bool) or not isinstance(got, int | float):
        return False
    if isinstance(expected, int) and isinstance(got, int):
        return int.__eq__(int(got), expected)
    return (math.isnan(got) and math.isnan(expected)) or math.isclose(got, expected, rel_tol=1e-9, abs_tol=1e-12)


def _mapping_difference(got: Any, expected: Mapping[Any, Any]) -> _Difference | None:
    if not isinstance(got, Mapping):
        return _other_kind(got, "a dict")
    if missing := [k for k in expected if k not in got]:
        return _Difference(words=f"lacks the key {shorten(missing[0], 60)}")
    if extra := [k for k in got if k not in expected]:
        return _Difference(words=f"has the key {shorten(extra[0], 60)}, which is not expected")
    return _first_inside((shorten(key, 40), got[key], expected[key]) for key in expected)


def _set_difference(got: Any, expected: Set[Any]) -> _Difference | None:
    if not isinstance(got, Set):
        return _other_kind(got, "a set")
    if missing := [x for x in expected if x not in got]:
        return _Difference(words=f"lacks {shorten(missing[0], 60)}")
    if extra := [x for x in got if x not in expected]:
        return _Difference(words=f"holds {shorten(extra[0], 60)}, which is not expected")
    return None


def _sequence_difference(got: Any, expected: Sequence[Any]) -> _Difference | None:
    if not isinstance(got, list | tuple):
        return _other_kind(got, f"a list of {len(expected)} items")
    if len(got) != len(expected):
        return _Difference(words=f"gave {len(got)} items, expected {len(expected)}")
    return _first_inside((index, one, other) for index, (one, other) in enumerate(zip(got, expected, strict=True)))


def _other_kind(got: Any, wanted: str) -> _Difference:
    return _Difference(words=f"gave {shorten(got, 60)} ({type(got).__name__}), expected {wanted}")


def _first_inside(items: Iterable[tuple[Any, Any, Any]]) -> _Difference | None:
    for place, one, other in items:
        if inner := _difference(one, other):
            return replace(inner, place=f"[{place}]{inner.place}")
    return None


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
    with current().telling(call) if call else nullcontext():
        try:
            got = function(*args, **kwargs)
            if inspect.isgenerator(got):
                next(got, None)
        except NotImplementedError:
            raise
        except wanted as error:
            words = (mentions,) if isinstance(mentions, str) else tuple(mentions)
            if unsaid := next((word for word in words if not _mentions(str(error), word)), ""):
                message = f"the {type(error).__name__} should name {unsaid!r}, so that the caller knows what to mend"
                raise CheckFailed(message, got=Shown(f"{type(error).__name__}: {error}")) from None
            return error
        except Exception as error:
            message, told = f"raised {type(error).__name__}, expected {names}", f"{type(error).__name__}: {error}"
            raise CheckFailed(message, got=Shown(told), expected=Shown(names)) from None
        raise CheckFailed(f"no error was raised, expected {names}", got=got, expected=Shown(names))


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
    caught: list[CheckFailed] = []

    def note(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        # Made now, since it holds the call that is under way.
        failed = CheckFailed(f"gave a warning: {category.__name__}: {message}")
        failed.line = filename, lineno
        caught.append(failed)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = note
        yield
    if caught:
        raise caught[0]


@contextmanager
def global_random_state_kept() -> Iterator[None]:
    """Fail when the block draws from, or seeds, the global generators of `random` and NumPy."""
    import numpy as np

    def state() -> str:
        with np.printoptions(threshold=10_000):
            return f"{random.getstate()} {np.random.get_state()}"

    # Each check begins with seeded generators; a block that seeds them alike must be noticed too.
    random.random(), np.random.random()
    before = state()
    yield
    if state() != before:
        raise CheckFailed("the global random state was changed; draw from the generator that you are given")
