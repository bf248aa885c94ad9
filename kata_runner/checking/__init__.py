"""What a hidden test may import: comparisons that speak plainly, memory and cost probes.

A check is a `test_*` function; its docstring is the requirement as the learner reads it. Every function here
that finds a fault raises `CheckFailed` with the call, what came back and what was expected, so that the judge
can show one small counterexample instead of a traceback.
"""

from __future__ import annotations

import copy
import gc
import importlib
import inspect
import math
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import tracemalloc
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from kata_runner.checking import session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

MISSING: Any = type("Missing", (), {"__repr__": lambda self: ""})()


class CheckFailed(AssertionError):
    """A requirement that was not met, with the counterexample that shows it."""

    def __init__(self, message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.got = "" if got is MISSING else shorten(got)
        self.expected = "" if expected is MISSING else shorten(expected)
        self.call = call or session.current().call


class NotDone(NotImplementedError):
    """This part of the answer is still the stub."""


# --- how a value reads -------------------------------------------------------------------------------------------


def shorten(value: Any, limit: int = 160) -> str:
    """Give a one-glance text of any value: small arrays whole, large ones by shape and dtype, long texts cut."""
    text = _describe(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _shorten_later(value: Any, limit: int) -> Callable[[], str]:
    """`shorten` for a value that may be changed before anybody reads the text.

    Writing out a small array takes NumPy a thousand times as long as copying it.
    """
    np = sys.modules.get("numpy")
    if np is not None and type(value) is np.ndarray and value.size <= 24 and not value.dtype.hasobject:
        kept = value.copy()
        return lambda: shorten(kept, limit)
    text = shorten(value, limit)
    return lambda: text


def _describe(value: Any) -> str:
    np = sys.modules.get("numpy")
    if isinstance(value, Shown):
        return value.text
    if np is not None and isinstance(value, np.ndarray):
        if value.size <= 24 and value.dtype.names is None:
            with np.printoptions(precision=5, threshold=30, linewidth=10_000, suppress=False):
                body = np.array2string(value, separator=", ").replace("\n", "")
            kind = "" if value.dtype in (np.dtype(float), np.dtype(int)) else f", {value.dtype}"
            return f"array({body}{kind})" if value.size else f"empty array of shape {value.shape}{kind}"
        return f"array of shape {value.shape}, {value.dtype}"
    if np is not None and isinstance(value, np.generic):
        return _describe(value.item()) if value.dtype.kind in "biufU" else repr(value)
    if isinstance(value, float):
        return repr(value) if value == 0 or (1e-4 <= abs(value) < 1e7 and len(repr(value)) < 10) else f"{value:.6g}"
    if isinstance(value, str):
        return repr(value) if len(value) <= 120 else f"{value[:100]!r}… ({len(value)} characters)"
    if isinstance(value, bytes):
        return repr(value) if len(value) <= 60 else f"{value[:40]!r}… ({len(value)} bytes)"
    if type(value) in (list, tuple, set, frozenset):
        return _describe_items(value)
    if type(value) is dict:
        pairs = [f"{_describe(k)}: {_describe(v)}" for k, v in list(value.items())[:8]]
        return "{" + ", ".join(pairs) + (f", … ({len(value)} keys)" if len(value) > 8 else "") + "}"
    module = type(value).__module__
    if module.startswith("torch") and hasattr(value, "shape"):
        small = value.numel() <= 16
        return f"tensor({value.tolist()})" if small else f"tensor of shape {tuple(value.shape)}, {value.dtype}"
    if module.startswith("pandas") and hasattr(value, "shape"):
        return f"{type(value).__name__} of shape {value.shape}" if value.size > 24 else str(value.to_dict())
    if inspect.isgenerator(value):
        return "a generator"
    if np is not None and isinstance(value, np.random.Generator):
        return "rng"
    if inspect.isfunction(value) or inspect.isclass(value):
        return str(getattr(value, "__name__", "a function"))
    return _plain_repr(value)


def _describe_items(value: Any) -> str:
    opening, closing = "[]" if type(value) is list else "()" if type(value) is tuple else "{}"
    items = [_describe(item) for item in list(value)[:12]]
    more = f", … ({len(value)} items)" if len(value) > 12 else ""
    comma = "," if type(value) is tuple and len(value) == 1 else ""
    return opening + ", ".join(items) + more + comma + closing


def _plain_repr(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # a learner's __repr__ may do anything
        return f"a {type(value).__name__} whose repr raises {type(error).__name__}"
    return text if text.isprintable() and len(text) < 200 else f"a {type(value).__name__}"


@dataclass(frozen=True)
class Shown:
    """A value that already is the text to show: `Shown("a file of 100 MB")`."""

    text: str


# --- the learner's code ------------------------------------------------------------------------------------------


class LearnerModule:
    """The learner's module, imported when first touched; its functions note how they were called."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not session.current().imports_allowed:
            raise AttributeError(name)
        try:
            value = getattr(importlib.import_module(self._name), name)
        except AttributeError:
            raise CheckFailed(f"{_file_of(self._name)} does not define {name}", call=" ") from None
        return traced(value, name) if inspect.isroutine(value) else value


def _file_of(module: str) -> str:
    path = session.current().module_files.get(module)
    return path.name if path else f"{module}.py"


def learner(module: str) -> LearnerModule:
    """Give the learner's module by name; nothing is imported until one of its names is used.

    A function taken from it is traced: a later failure shows the call as the learner would write it.
    Classes come as they are; name what you do with them by `calling`.
    """
    return LearnerModule(module)


def learner_module(module: str) -> ModuleType:
    """Give the learner's real module object, for checks that look at the module itself."""
    return importlib.import_module(module)


def traced(function: F, name: str) -> F:
    """Wrap a function so that its last call can be shown."""

    def call(*args: Any, **kwargs: Any) -> Any:
        parts = [_shorten_later(a, 80) for a in args]
        named = {k: _shorten_later(v, 60) for k, v in kwargs.items()}

        def told() -> str:
            return f"{name}({', '.join([*(p() for p in parts), *(f'{k}={v()}' for k, v in named.items())])})"

        session.current().note_call(name, told)
        return function(*args, **kwargs)

    call.__name__ = name
    call.__doc__ = function.__doc__
    call.__wrapped__ = function  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


def is_traced_call(code: CodeType) -> bool:
    """Whether this is the code of the wrapper that `traced` puts around a learner's function."""
    return code.co_filename == __file__ and code.co_qualname.startswith("traced.")


@contextmanager
def calling(text: str) -> Iterator[None]:
    """Name the call that follows, where it is more than one plain function: `KMeans(k=3).fit(X)`.

    A missing method or attribute, and a wrong number of arguments, inside the block count as the learner's.
    """
    _note_text(text)
    try:
        yield
    except (TypeError, AttributeError, LookupError, ValueError) as error:
        if _is_raised_by_the_test(error):
            raise CheckFailed(f"this cannot be done with your code: {type(error).__name__}: {error}") from error
        raise
    finally:
        _note_text(text)


def _note_text(text: str) -> None:
    session.current().note_call(text.partition("(")[0].strip(), text)


def _is_raised_by_the_test(error: Exception) -> bool:
    """Whether the innermost frame is the hidden test itself: a method that is missing, or takes other arguments."""
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    return tb is not None and Path(tb.tb_frame.f_code.co_filename).name == "hidden_test.py"


def answer_path(name: str) -> Path:
    """Give the path of a file of the answer; fails plainly when the learner has removed it."""
    path = session.current().folder / name
    if not path.is_file():
        raise CheckFailed(f"there is no file {name} in the kata's folder; `kata reset` brings the stub back")
    return path


def answer_text(name: str) -> str:
    """Give the text of a file of the answer."""
    try:
        return answer_path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CheckFailed(f"{name} is not UTF-8 text: {error.reason} at byte {error.start}") from None


# --- marks -------------------------------------------------------------------------------------------------------


def part(name: str) -> Callable[[F], F]:
    """Say which part of a milestone a check belongs to; `kata.toml` lists the parts in order."""

    def mark(check: F) -> F:
        check.kata_part = name  # type: ignore[attr-defined]
        return check

    return mark


def timing(check: F) -> F:
    """Mark a check that measures time: which wrong answers trip it may differ from run to run."""
    check.kata_timing = True  # type: ignore[attr-defined]
    return check


# --- failing and noting ------------------------------------------------------------------------------------------


def fail(message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> NoReturn:
    """End this check: the requirement is not met, and `message` says why."""
    raise CheckFailed(message, got=got, expected=expected, call=call)


def require(condition: object, message: str, *, got: Any = MISSING, expected: Any = MISSING, call: str = "") -> None:
    """Fail with `message` unless `condition` is exactly True (or NumPy's true).

    A condition of any other type is refused, so that an object of the learner's cannot pose as true.
    """
    if type(condition).__name__ not in ("bool", "bool_") or not condition:
        raise CheckFailed(message, got=got, expected=expected, call=call)


def todo(message: str) -> NoReturn:
    """End this check as not begun, for answers that are not Python: an empty answer, an untouched file."""
    raise NotDone(message)


def not_tried(message: str) -> None:
    """Tell the learner what could not be tried on this machine: `no Docker engine here: the image was not built`."""
    session.current().add_note(message)


# --- comparing ---------------------------------------------------------------------------------------------------


def _who() -> str:
    """The function last called, for messages that start with its name."""
    return session.current().function or "the result"


def as_array(got: Any, what: str = "") -> NDArray[Any]:
    """Give `got` as a NumPy array of numbers, or fail saying what came instead.

    Takes numbers, nested lists and tuples, NumPy arrays, tensors, and pandas objects.
    """
    import numpy as np

    who = what or _who()
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


def _tolerances(*dtypes: np.dtype[Any]) -> tuple[float, float]:
    """rtol and atol that fit the coarsest floating type among `dtypes`."""
    size = min([d.itemsize // (2 if d.kind == "c" else 1) for d in dtypes if d.kind in "fc"], default=8)
    return {2: (1e-2, 1e-3), 4: (1e-4, 1e-5)}.get(size, (1e-7, 1e-9))


def assert_close(
    got: Any, expected: Any, *, rtol: float | None = None, atol: float | None = None, what: str = "", call: str = ""
) -> None:
    """Compare numbers within a tolerance that fits their dtype; shapes must agree, NaN equals NaN.

    what: the name to use for `got` in messages; by default the function last called.
    """
    import numpy as np

    who = what or _who()
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
        told = f"{who} gave other values than expected"
        if shorten(found) == shorten(wanted):  # the digits that are shown do not tell them apart
            told += f", off by up to {float(np.nanmax(np.abs(found - wanted))):.2g}"
        raise CheckFailed(told, got=got, expected=expected, call=call)
    index = tuple(int(i) for i in np.argwhere(~near)[0])
    place = f"[{', '.join(map(str, index))}]"
    one, other = _describe(found[index]), _describe(wanted[index])
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
    """The array (or anything like one) has exactly this shape."""
    found = as_array(got, what)
    if tuple(found.shape) != tuple(shape):
        raise CheckFailed(f"{what or _who()} gave shape {tuple(found.shape)}, expected {tuple(shape)}")


def assert_dtype(got: Any, dtype: Any, *, what: str = "") -> None:
    """The array's dtype is `dtype`: a dtype, or a kind such as "floating" or "integer"."""
    import numpy as np

    found = got.dtype if isinstance(got, np.ndarray | np.generic) else as_array(got, what).dtype
    abstract = {"floating": np.floating, "integer": np.integer, "number": np.number, "bool": np.bool_}
    kind = abstract.get(dtype) if isinstance(dtype, str) else None
    good = np.issubdtype(found, kind) if kind else found == np.dtype(dtype)
    if not good:
        raise CheckFailed(f"{what or _who()} gave dtype {found}, expected {dtype if kind else np.dtype(dtype)}")


def assert_type(got: Any, types: type | tuple[type, ...], *, what: str = "") -> None:
    """The value is of one of these types; bool does not count as int."""
    wanted = types if isinstance(types, tuple) else (types,)
    if not isinstance(got, wanted) or (type(got) is bool and bool not in wanted):
        names = " or ".join(t.__name__ for t in wanted)
        hint = "; is a return missing?" if got is None else ""
        raise CheckFailed(f"{what or _who()} gave a {type(got).__name__}, expected {names}{hint}", got=got)


def assert_equal(got: Any, expected: Any, *, what: str = "", call: str = "") -> None:
    """Compare plain values deeply: numbers, texts, None, sequences, mappings, sets, arrays.

    A list, a tuple and an array with the same items are equal; floats are compared within 1e-9;
    True is not 1. Objects of other types never count as equal, whatever their `__eq__` says.
    """
    difference = _difference(got, expected)
    if difference:
        raise CheckFailed(f"{what or _who()} {difference}", got=got, expected=expected, call=call)


def _difference(got: Any, expected: Any) -> str:
    """Say in words how `got` differs from `expected`, "" when it does not."""
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
    """The call raises one of `errors`, with a message that contains every word of `mentions` (case aside).

    A name of up to three letters has to stand alone: nearly any sentence holds an "n" somewhere.
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
    """The named inputs are as they were when the block ends."""
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
    """No warning is given inside the block (division by zero, overflow, deprecated calls)."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    if caught:
        first = caught[0]
        raise CheckFailed(f"gave a warning: {first.category.__name__}: {first.message}")


# --- randomness --------------------------------------------------------------------------------------------------


def rng(stream: int = 0) -> np.random.Generator:
    """A generator for making cases: the same for every learner, another one in each run of the audit."""
    import numpy as np

    return np.random.default_rng([session.current().seed, stream])


def seed() -> int:
    """The run's seed: 0 for a learner; the audit uses others too."""
    return session.current().seed


@contextmanager
def global_random_state_kept() -> Iterator[None]:
    """Nothing inside the block draws from, or seeds, the global generators of `random` and NumPy."""
    import numpy as np

    def state() -> str:
        with np.printoptions(threshold=10_000):
            return f"{random.getstate()} {np.random.get_state()}"

    before = state()
    yield
    if state() != before:
        raise CheckFailed("the global random state was changed; draw from the generator that you are given")


# --- memory and cost ---------------------------------------------------------------------------------------------


def peak_memory_mb(call: Callable[[], T]) -> tuple[T, float]:
    """Run `call`; give its result and the peak of Python and NumPy allocations while it ran, in MB (10**6 bytes)."""
    gc.collect()
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        if not was_tracing:
            tracemalloc.stop()
    return result, (peak - before) / 1e6


def assert_memory(call: Callable[[], T], limit_mb: float, *, what: str = "") -> T:
    """The call keeps its peak of allocated memory under `limit_mb`; gives its result."""
    result, peak = peak_memory_mb(call)
    if peak > limit_mb:
        raise CheckFailed(
            f"{what or _who()} held {peak:.1f} MB at its peak; {limit_mb:g} MB is enough here",
            got=Shown(f"{peak:.1f} MB"),
            expected=Shown(f"at most {limit_mb:g} MB"),
        )
    return result


def best_time_s(call: Callable[[], object], repeats: int = 5) -> float:
    """The least wall-clock time of `repeats` calls, in seconds; noise only ever adds time."""
    return min(_time_once(call) for _ in range(repeats))


def _time_once(call: Callable[[], object]) -> float:
    enabled = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start
    finally:
        if enabled:
            gc.enable()


def growth(make: Callable[[int], Callable[[], object]], small: int, large: int, repeats: int = 5) -> float:
    """How many times longer the call takes at size `large` than at `small`.

    make: size -> a call without arguments, its inputs already built. The two sizes are timed in turn and
    the best of each is compared, so that a slow moment of the machine does not count.
    """
    *_, ratio = _growths(make, small, large, repeats)
    return ratio


def _growths(make: Callable[[int], Callable[[], object]], small: int, large: int, repeats: int) -> Iterator[float]:
    """The growth as known after each time that the large size was timed."""
    at_small, at_large = make(small), make(large)
    best_small = best_time_s(at_small, 4)
    best_large = math.inf
    for _ in range(repeats):
        best_large = min(best_large, _time_once(at_large))
        best_small = min(best_small, _time_once(at_small))
        yield best_large / max(best_small, 1e-9)


def assert_growth(
    make: Callable[[int], Callable[[], object]], small: int, large: int, at_most: float, *, message: str = ""
) -> None:
    """Going from size `small` to `large` makes the call at most `at_most` times slower.

    Measured up to fifteen times before it fails: a busy machine must not fail a right answer.
    """
    ratio = math.inf
    for ratio in _growths(make, small, large, repeats=15):
        if ratio <= at_most:
            return
    raise CheckFailed(
        message or f"{large / small:g} times the input takes {ratio:.1f} times as long",
        got=Shown(f"{ratio:.1f} times as long for {large:,} as for {small:,}"),
        expected=Shown(f"at most {at_most:g} times"),
    )


def speedup(fast: Callable[[], object], slow: Callable[[], object], repeats: int = 5) -> float:
    """How many times faster `fast` is than `slow`, best of `repeats` each, timed in turn."""
    *_, ratio = _speedups(fast, slow, repeats)
    return ratio


def _speedups(fast: Callable[[], object], slow: Callable[[], object], repeats: int) -> Iterator[float]:
    """The speedup as known after each time that both were timed."""
    best_fast = best_slow = math.inf
    for _ in range(repeats):
        best_fast = min(best_fast, _time_once(fast))
        best_slow = min(best_slow, _time_once(slow))
        yield best_slow / max(best_fast, 1e-9)


def assert_faster(
    fast: Callable[[], object], slow: Callable[[], object], at_least: float, *, message: str = ""
) -> None:
    """`fast` takes at most 1/`at_least` of the time of `slow`; measured up to fifteen times before it fails."""
    ratio = 0.0
    for n_times, ratio in enumerate(_speedups(fast, slow, repeats=15), start=1):
        # A slow moment of the machine can make `slow` slower still: what is not plain at once is timed five times.
        if ratio >= (at_least if n_times >= 5 else 2 * at_least) and n_times > 1:
            return
    raise CheckFailed(
        message or f"only {ratio:.1f} times as fast as the plain form",
        got=Shown(f"{ratio:.1f} times as fast"),
        expected=Shown(f"at least {at_least:g} times"),
    )


# --- pictures ----------------------------------------------------------------------------------------------------


def keep_picture(picture: Any, name: str) -> Path:
    """Keep what the learner's code drew in the kata's `pictures/` folder; the verdict shows its path.

    picture: a matplotlib figure (saved as PNG), or the path of a picture file (copied with its ending).
    """
    folder = session.current().folder / "pictures"
    folder.mkdir(exist_ok=True)
    if isinstance(picture, str | Path):
        source = Path(picture)
        path = folder / f"{name}{source.suffix}"
        path.write_bytes(source.read_bytes())
    elif hasattr(picture, "savefig"):
        path = folder / f"{name}.png"
        picture.savefig(path, dpi=100)
    else:
        raise CheckFailed(f"expected a matplotlib figure, got a {type(picture).__name__}")
    session.current().add_picture(path)
    return path


def as_figure(got: Any, what: str = "") -> Any:
    """Give `got` as a matplotlib Figure (an Axes counts by its figure), or fail saying what came instead."""
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    if isinstance(got, Axes):
        got = got.figure
    if not isinstance(got, Figure):
        hint = "; is a return missing?" if got is None else ""
        raise CheckFailed(f"{what or _who()} gave a {type(got).__name__}, expected a matplotlib figure{hint}")
    return got


# --- other processes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    """What a program left behind: exit code, what it printed, and what it complained about."""

    code: int
    stdout: str
    stderr: str


def learner_environment() -> dict[str, str]:
    """Environment in which another Python process finds the learner's modules."""
    paths = [session.current().folder, *session.current().import_paths]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}


def run_python(*args: str | Path, stdin: str = "", timeout_s: float = 8.0, cwd: Path | None = None) -> Ran:
    """Run `python ARGS` where the learner's modules can be imported: `run_python("text_analyzer.py", path)`.

    Fails the check when the program does not end within `timeout_s`.
    """
    command = [sys.executable, *map(str, args)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd or session.current().folder,
        env=learner_environment(),
        start_new_session=True,
    )
    try:
        out, err = process.communicate(stdin.encode(), timeout=timeout_s)
    except subprocess.TimeoutExpired:
        shown = " ".join(["python", *map(str, args)])
        raise CheckFailed(f"the program did not end within {timeout_s:g} s", call=shorten(Shown(shown))) from None
    finally:
        if process.poll() is None:
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.communicate()
    return Ran(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


@contextmanager
def temporary_folder() -> Generator[Path]:
    """A folder that is gone when the block ends, whatever is left in it."""
    with tempfile.TemporaryDirectory(prefix="kata-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


# --- questions and diagrams --------------------------------------------------------------------------------------


def read_answers(name: str = "answers.toml") -> dict[str, Any]:
    """Read the learner's answers to questions; a file that is not TOML fails plainly, with its line."""
    try:
        return tomllib.loads(answer_text(name))
    except tomllib.TOMLDecodeError as error:
        raise CheckFailed(f"{name} is not valid TOML: {error}") from None


def assert_choice(answers: Mapping[str, Any], question: str, right: str, options: str, nudge: str) -> None:
    """The answer to a question of choice is right. The failure gives a nudge, never the answer.

    right: the letter, or several letters where more than one option holds ("ac").
    options: all letters, such as "abcd". An empty answer is not done yet.
    """
    given = answers.get(question, "")
    if given in ("", [], None):
        todo(f"{question} is not answered yet")
    letters = "".join(given) if isinstance(given, list) and all(isinstance(g, str) for g in given) else given
    if not isinstance(letters, str) or not set(letters.lower()) <= set(options + ", "):
        raise CheckFailed(f"{question}: answer with letters out of {', '.join(options)}", got=given, call=" ")
    chosen = sorted(set(letters.lower()) - {",", " "})
    if chosen != sorted(right):
        raise CheckFailed(f"{question}: not so. {nudge}", got=given, call=" ")


def assert_number(answers: Mapping[str, Any], question: str, right: float, nudge: str, rtol: float = 1e-3) -> None:
    """The number worked out by hand is right. The failure gives a nudge, never the number."""
    given = answers.get(question, "")
    if given in ("", [], None):
        todo(f"{question} is not answered yet")
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise CheckFailed(f"{question}: answer with a number, without quotes", got=given, call=" ")
    if not math.isclose(given, right, rel_tol=rtol, abs_tol=1e-12):
        raise CheckFailed(f"{question}: not so. {nudge}", got=given, call=" ")


@dataclass(frozen=True)
class Diagram:
    """A graph that the learner drew: node key -> label, and edges as pairs of node keys."""

    nodes: dict[str, str]
    edges: tuple[tuple[str, str], ...]

    def successors(self, node: str) -> set[str]:
        return {b for a, b in self.edges if a == node}

    def predecessors(self, node: str) -> set[str]:
        return {a for a, b in self.edges if b == node}


def read_diagram(name: str) -> Diagram:
    """Read a directed graph in the DOT language (sub-graphs and edge chains too).

    Labels are given in lower case with blanks collapsed; a node without a label is labelled by its name.
    """
    import pydot

    text = answer_text(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graphs = pydot.graph_from_dot_data(text)
    except Exception:
        graphs = None
    if not graphs:
        raise CheckFailed(f"{name} cannot be read as a graph in the DOT language; see the example in the task")
    if graphs[0].get_type() != "digraph":
        raise CheckFailed(f"{name} is an undirected graph; begin it with `digraph` and draw arrows with ->")
    return _collect_diagram(graphs[0])


def _collect_diagram(graph: Any) -> Diagram:
    nodes: dict[str, str] = {}
    edges: list[tuple[str, str]] = []
    pending = [graph]
    while pending:
        level = pending.pop()
        pending += level.get_subgraphs()
        for node in level.get_nodes():
            key = node.get_name().strip('"')
            if key not in ("node", "edge", "graph", "\\n"):
                nodes[key] = _label(node.get_label() or nodes.get(key) or key)
        for edge in level.get_edges():
            tails, heads = _ends(edge.get_source()), _ends(edge.get_destination())
            edges += [(tail, head) for tail in tails for head in heads]
    for end in (end for edge in edges for end in edge):
        nodes.setdefault(end, _label(end))
    return Diagram(nodes, tuple(dict.fromkeys(edges)))


def _ends(end: Any) -> list[str]:
    """Names of one end of an edge: a node (its port left out), or the nodes of a `{a b}` group."""
    if isinstance(end, str):
        return [end.strip('"').split(":")[0] if not end.startswith('"') else end.strip('"')]
    names = end.get("nodes", {}) if isinstance(end, dict) else {n.get_name(): n for n in end.get_nodes()}
    return [str(name).strip('"') for name in names]


def _label(text: str) -> str:
    return " ".join(text.strip('"').replace("\\n", " ").lower().split())
