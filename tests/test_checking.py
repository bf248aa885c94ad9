from __future__ import annotations

import ast
import random
import re
import runpy
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kata_runner import checking
from kata_runner.checking import CheckFailed, cost
from kata_runner.checking.learner import traced
from kata_runner.checking.session import CheckSession, begin, current
from kata_runner.checking.values import apart, describe


@pytest.fixture(autouse=True)
def session(tmp_path: Path) -> CheckSession:
    fresh = CheckSession(tmp_path)
    begin(fresh)
    return fresh


class Agreeable:
    """Equal to everything, as a learner's object may be."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ([1, 2], [1, 2]),
        ((1, 2), [1, 2]),
        (np.array([1, 2]), [1, 2]),
        (np.int64(3), 3),
        (0.1 + 0.2, 0.3),
        (float("nan"), float("nan")),
        ({"a": [1.0]}, {"a": (1.0,)}),
        ({1, 2}, {2, 1}),
        (None, None),
        ("é", "é"),
    ],
)
def test_equal_values_are_equal(got: Any, expected: Any) -> None:
    checking.assert_equal(got, expected)


@pytest.mark.parametrize(
    ("got", "expected", "says"),
    [
        (None, 3, "gave None"),
        (True, 1, r"gave True \(bool\), expected 1"),
        (1, True, "expected True"),
        ("3", 3, "str"),
        ([1, 2], [1, 2, 3], "2 items, expected 3"),
        ([1, [2, 4]], [1, [2, 3]], r"result at \[1\]\[1\] gave 4, expected 3"),
        ({"a": 1}, {"a": 1, "b": 2}, "lacks the key 'b'"),
        ({"a": 1, "b": 2}, {"a": 1}, "has the key 'b'"),
        ({1}, {1, 2}, "lacks 2"),
        (Agreeable(), 3, "Agreeable"),
        ([Agreeable()], [3], "Agreeable"),
        (Agreeable(), [3], "expected a list"),
        (Agreeable(), {"a": 1}, "expected a dict"),
        (Agreeable(), "text", "expected 'text'"),
        (Agreeable(), None, "expected None"),
    ],
)
def test_unequal_values_fail_in_words(got: Any, expected: Any, says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        checking.assert_equal(got, expected)


@pytest.mark.parametrize(
    ("got", "expected", "says"),
    [
        (None, [1.0], "None; is a return missing"),
        (Agreeable(), [1.0], "gave a Agreeable"),
        ([1.0, 2.0], [[1.0], [2.0]], r"shape \(2,\), expected \(2, 1\)"),
        ([1.0, 2.1], [1.0, 2.0], "other values"),
        (["a"], ["a"], "expected numbers"),
        ([[1], [2, 3]], [[1]], "not a rectangular"),
        (np.arange(100), np.arange(100) + (np.arange(100) == 50), r"wrong in 1 of 100 values, first at \[50\]"),
        (np.array([1, None]), [1, 2], "dtype object"),
    ],
)
def test_assert_close_fails_in_words(got: Any, expected: Any, says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        checking.assert_close(got, np.array(expected))


def test_tolerance_fits_the_coarser_dtype() -> None:
    third = np.float32(1) / np.float32(3)

    checking.assert_close(np.array([third]), np.array([1 / 3]))
    with pytest.raises(CheckFailed):
        checking.assert_close(np.array([1 / 3 + 1e-6]), np.array([1 / 3]))


def test_nan_equals_nan_in_the_same_place_only() -> None:
    checking.assert_close([np.nan, 1.0], np.array([np.nan, 1.0]))
    with pytest.raises(CheckFailed):
        checking.assert_close([1.0, np.nan], np.array([np.nan, 1.0]))


def test_require_refuses_an_object_that_poses_as_true() -> None:
    checking.require(True, "fine")
    checking.require(np.bool_(True), "fine")
    for posing in (Agreeable(), 1, "yes", False, None):
        with pytest.raises(CheckFailed, match="no"):
            checking.require(posing, "no")


def test_words_of_the_author_are_shown_as_they_are() -> None:
    assert apart(checking.Shown("category"), checking.Shown("category")) == ("category", "category")


def test_values_that_look_alike_are_told_apart() -> None:
    with pytest.raises(CheckFailed, match=r"off by 1e-06 at \[0\], 1.2e-09 is allowed"):
        checking.assert_close([0.212701, 1.0], [0.212702, 1.0], rtol=1e-9)
    with pytest.raises(CheckFailed) as caught:
        checking.assert_close(np.full(30, 0.212701), np.full(30, 0.2127010001), rtol=1e-12, atol=0)

    assert (caught.value.got, caught.value.expected) == ("[0] = 0.212701", "[0] = 0.2127010001")


def test_a_wrong_sign_is_no_small_difference() -> None:
    with pytest.raises(CheckFailed) as caught:
        checking.assert_close([-0.66, 1.0], [0.66, 1.0])

    assert "off by" not in str(caught.value)


@pytest.mark.parametrize(("value", "named"), [(iter([]), "a list_iterator"), (object(), "an object")])
def test_what_has_no_text_of_its_own_is_named(value: object, named: str) -> None:
    assert describe(value) == named


def test_assert_raises_wants_the_type_and_the_word() -> None:
    def bad(_: int) -> None:
        raise ValueError("axis must be 0 or 1")

    checking.assert_raises(ValueError, bad, 3, mentions="AXIS")
    with pytest.raises(CheckFailed, match="should name 'rows'"):
        checking.assert_raises(ValueError, bad, 3, mentions="rows")
    with pytest.raises(CheckFailed, match="raised ValueError, expected TypeError"):
        checking.assert_raises(TypeError, bad, 3)
    with pytest.raises(CheckFailed, match="no error was raised"):
        checking.assert_raises(ValueError, abs, 3)


@pytest.mark.parametrize(
    ("message", "is_named"),
    [
        ("n must be positive", True),
        ("N, the number", True),
        ("got n=3", True),
        ("not enough", False),
        ("n_rows", False),
    ],
)
def test_a_short_name_has_to_stand_alone_in_the_message(message: str, is_named: bool) -> None:
    def bad() -> None:
        raise ValueError(message)

    with nullcontext() if is_named else pytest.raises(CheckFailed, match="should name 'n'"):
        checking.assert_raises(ValueError, bad, mentions="n")


def test_assert_raises_starts_a_generator() -> None:
    def lazy() -> Any:
        raise ValueError("x")
        yield 1

    checking.assert_raises(ValueError, lazy)


def test_what_is_not_written_yet_is_never_the_expected_error() -> None:
    def stub() -> None:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        checking.assert_raises(Exception, stub)


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (np.zeros(3), lambda v: v.__setitem__(0, 1)),
        ([1, [2]], lambda v: v[1].append(3)),
        ({"a": np.zeros(2)}, lambda v: v["a"].__setitem__(0, 1)),
    ],
)
def test_a_modified_input_is_noticed(value: Any, change: Callable[[Any], None]) -> None:
    with checking.unchanged(x=value):
        pass
    with pytest.raises(CheckFailed, match="input x was modified"), checking.unchanged(x=value):
        change(value)


def test_nan_in_an_unchanged_input_is_no_change() -> None:
    with checking.unchanged(x=np.array([np.nan]), y=[float("nan")]):
        pass


def test_warnings_fail() -> None:
    with pytest.raises(CheckFailed, match="careful"), checking.no_warnings():
        warnings.warn("careful", RuntimeWarning, stacklevel=1)


def test_global_randomness_is_noticed() -> None:
    with checking.global_random_state_kept():
        np.random.default_rng(0).normal()
    random.seed(0), np.random.seed(0)
    for draw in (random.random, np.random.rand, partial(random.seed, 0), partial(np.random.seed, 0)):
        with pytest.raises(CheckFailed, match="global random state"), checking.global_random_state_kept():
            draw()


def test_cases_are_the_same_for_every_learner_and_other_ones_for_another_seed() -> None:
    first = checking.rng(3).integers(1000, size=5).tolist()
    again = checking.rng(3).integers(1000, size=5).tolist()
    begin(CheckSession(seed=1))
    other = checking.rng(3).integers(1000, size=5).tolist()

    assert first == again
    assert first != other


def test_memory_of_python_objects_counts_too() -> None:
    with pytest.raises(CheckFailed, match="MB at its peak; 2 MB is enough"):
        checking.assert_memory(lambda: [str(i) for i in range(50_000)], limit_mb=2)


def test_memory_bound_fails_with_both_figures() -> None:
    assert checking.assert_memory(lambda: 7, 1) == 7
    with pytest.raises(CheckFailed, match=r"held 8\.0 MB at its peak; 4 MB is enough"):
        checking.assert_memory(lambda: np.zeros(1_000_000).sum(), 4)


@dataclass
class Clock:
    """Clocks that stand still but for what the work under them takes.

    busy: how many times longer it takes on the wall than it computes.
    """

    computed_s: float = 0.0
    wall_s: float = 0.0
    n_calls: int = 0
    busy: float = 1.0

    def work(self, duration_s: float) -> Callable[[], object]:
        def call() -> None:
            self.computed_s += duration_s
            self.wall_s += self.busy * duration_s
            self.n_calls += 1

        return call

    def wait(self, duration_s: float) -> Callable[[], object]:
        def call() -> None:
            self.wall_s += duration_s

        return call


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cost, "_now", lambda: (clock.computed_s, clock.wall_s))
    return clock


def test_growth_tells_quadratic_from_linear(clock: Clock) -> None:
    checking.assert_growth(clock.work, 100, 800, at_most=20)
    with pytest.raises(CheckFailed, match=r"8 times the input takes 64\.0 times"):
        checking.assert_growth(lambda n: clock.work(n * n), 100, 800, at_most=20)


def test_growth_of_what_waits_is_seen_too(clock: Clock) -> None:
    checking.assert_growth(clock.wait, 100, 800, at_most=20)
    with pytest.raises(CheckFailed, match=r"8 times the input takes 64\.0 times"):
        checking.assert_growth(lambda n: clock.wait(n * n), 100, 800, at_most=20)


def test_what_is_plainly_too_slow_is_not_called_often(clock: Clock) -> None:
    calls: list[int] = []

    def work(n: int) -> Callable[[], object]:
        return lambda: (calls.append(n), clock.work(n * n)())

    with pytest.raises(CheckFailed):
        checking.assert_growth(work, 100, 1600, at_most=60)

    assert calls.count(1600) == 1


def test_short_calls_are_repeated_until_they_last(clock: Clock) -> None:
    checking.assert_faster(clock.work(1e-6), clock.work(1e-5), at_least=4)
    assert clock.n_calls > 1000


def test_a_slow_moment_fails_no_growth(clock: Clock) -> None:
    slow_s = iter([1.9, 1.7, 1.7, 1.7])

    def work(n: int) -> Callable[[], object]:
        return lambda: clock.work(next(slow_s, 0.8) if n == 800 else 0.1)()

    checking.assert_growth(work, 100, 800, at_most=9)

    assert next(slow_s, None) is None


@pytest.mark.parametrize("busy", [1.0, 2.5, 8.0])
def test_other_programs_change_no_verdict(clock: Clock, busy: float) -> None:
    def work(n: int) -> Callable[[], object]:
        return lambda: (setattr(clock, "busy", busy if n == 800 else 1.0), clock.work(n)())

    checking.assert_growth(work, 100, 800, at_most=12)
    with pytest.raises(CheckFailed):
        checking.assert_growth(lambda n: work(n * n // 100), 100, 800, at_most=12)


def test_what_a_child_computes_is_counted() -> None:
    burn = "import time\nwhile time.process_time() < 0.05: pass"
    before_s = cost._now()[0]

    subprocess.run([sys.executable, "-S", "-c", burn], check=True)

    assert cost._now()[0] - before_s >= 0.045


def test_faster_is_a_ratio(clock: Clock) -> None:
    checking.assert_faster(clock.work(1.0), clock.work(10.0), at_least=4)
    with pytest.raises(CheckFailed, match=r"only 0\.1 times as fast"):
        checking.assert_faster(clock.work(10.0), clock.work(1.0), at_least=1)


def test_a_bound_below_one_allows_so_many_times_the_reference(clock: Clock) -> None:
    checking.assert_faster(clock.work(5.0), clock.work(1.0), at_least=1 / 6)
    with pytest.raises(CheckFailed, match="takes 7 times as long as the plain form") as failed:
        checking.assert_faster(clock.work(7.0), clock.work(1.0), at_least=1 / 6)
    assert failed.value.expected == "at most 6 times as long"


@pytest.mark.parametrize(("ratio", "n_timings"), [(13.0, 3), (5.0, 5)])
def test_a_speedup_near_its_bound_is_timed_more_often(clock: Clock, ratio: float, n_timings: int) -> None:
    checking.assert_faster(clock.work(1.0), clock.work(ratio), at_least=4)

    assert clock.n_calls == 2 * n_timings


def test_a_cost_in_doubt_passes_with_a_note_where_the_machine_is_busy(clock: Clock, session: CheckSession) -> None:
    clock.busy = 2.0

    checking.assert_faster(clock.work(1.0), clock.work(3.5), at_least=4)

    assert "too busy to measure" in session.notes[0]


def test_a_cost_near_its_bound_fails_on_a_quiet_machine(clock: Clock) -> None:
    with pytest.raises(CheckFailed):
        checking.assert_faster(clock.work(1.0), clock.work(3.5), at_least=4)


def test_costs_are_noted_for_the_verdict(clock: Clock, session: CheckSession) -> None:
    checking.assert_faster(clock.work(1.0), clock.work(13.0), at_least=4)
    checking.assert_memory(lambda: np.zeros(1_000_000).sum(), 10)

    assert [(kind, round(amount)) for kind, amount in session.costs] == [("time", 1), ("memory", 8)]


# --- what a failure shows ------------------------------------------------------------------------------------------


def test_traced_call_is_shown_as_the_learner_would_write_it(session: CheckSession) -> None:
    traced(lambda *a, **k: None, "zscore")(np.array([[1, 2]]), axis=0, name="x" * 500)

    assert re.match(r"zscore\(array\(\[\[1, 2\]\]\), axis=0, name='xxx", session.call)
    assert len(session.call) < 200


ANSWER = """
import warnings

class Model:
    def __init__(self, k=2):
        self.k = k

    def fit(self, x):
        return self

    def predict(self, x):
        self.fit(x)
        x[0] = 9.0
        return x

    def __len__(self):
        return self.k

def double(x, **more):
    if more:
        warnings.warn("two")
    return x
"""


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of an answer."""
    module = ModuleType("answer")
    monkeypatch.setitem(sys.modules, "answer", module)
    exec(ANSWER, vars(module))
    return checking.learner("answer")


def case() -> str:
    found = current().case
    return found.text() if found else ""


def test_a_case_of_a_method_begins_with_what_made_the_object(work: Any) -> None:
    model = work.Model(k=3)
    model.fit(np.array([1.0, 2.0])).predict(np.array([0.5, 1.5]))  # which changes its argument

    assert case() == "model = Model(k=3)\nmodel.fit(array([1., 2.]))\nmodel.predict(array([0.5, 1.5]))"
    work.double(model)
    assert case() == "model = Model(k=3)\nmodel.fit(array([1., 2.]))\ndouble(model)"
    len(model)
    assert case().endswith("# … 1 more call, left out\nmodel.fit(array([1., 2.]))\nlen(model)")


def test_an_object_without_a_name_of_its_own_is_shown(work: Any, session: CheckSession) -> None:
    work.double(work.Model(k=3))

    assert case() == "model = Model(k=3)\ndouble(model)"
    assert "None" not in session.call


@pytest.mark.parametrize(
    "value",
    [
        np.array([[0.1, 1 / 3], [np.nan, -np.inf]]),
        np.array([1, 2], np.uint8),
        np.zeros((0, 3), np.float32),
        np.array(["a", None], dtype=object),
        [1, "two", (3.0,), {"a": {None}}],
        "a text" * 30,
    ],
)
def test_a_value_in_a_case_can_be_pasted(work: Any, value: Any) -> None:
    work.double(value)

    back = eval(case(), {**vars(np), "double": lambda x: x})
    assert type(back) is type(value)
    assert repr(back) == repr(value)


def test_tables_and_generators_in_a_case_can_be_pasted(work: Any) -> None:
    table = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "t": ["a", "b"]}, index=[5, 3])
    with warnings.catch_warnings(action="ignore"):
        work.double(table, rng=checking.rng(3))

    names = {"DataFrame": pd.DataFrame, "nan": np.nan, "default_rng": np.random.default_rng}
    back = eval(case(), {**names, "double": lambda x, rng: (x, rng)})
    pd.testing.assert_frame_equal(back[0], table)
    assert back[1].random() == checking.rng(3).random()


@pytest.mark.parametrize("value", [np.arange(500) / 7, np.arange(5000), [*range(5000)], "a text" * 5000])
def test_a_case_too_long_for_a_screen_has_no_text(work: Any, value: Any) -> None:
    work.double(value)

    assert case() == ""


def test_a_text_that_says_more_than_the_call_stays_with_it(work: Any) -> None:
    with checking.calling("double(x of shape (2,)), twice"):
        work.double(np.array([1, 2]))

    assert case() == "double(array([1, 2]))\n# double(x of shape (2,)), twice"


def test_the_call_that_warned_is_shown_and_not_the_last(work: Any) -> None:
    def two_calls() -> None:
        with checking.no_warnings():
            work.double(1, loud=True)
            work.double(2)

    with pytest.raises(CheckFailed) as failed:
        two_calls()
    assert failed.value.call == "double(1, loud=True)"
    assert failed.value.line == ("<string>", 21)


@pytest.mark.parametrize(
    ("got", "expected", "shown"),
    [
        (36.2406123, 36.2406456, ("36.2406123", "36.2406456")),
        (2, "2", ("2", "'2'")),
        (2, np.int64(2), ("2 (int)", "2 (int64)")),
        (np.ones(2), np.ones(2, np.float32), ("array([1., 1.])", "array([1., 1.], float32)")),
        (np.ones(30), np.ones(30) + 1e-9, ("[0] = 1.0", "[0] = 1.000000001")),
        ([*range(90)], [*range(60), 0, *range(61, 90)], ("59, 60, 61", "59, 0, 61")),
        ("a" * 200 + "b" * 200, "a" * 200 + "c" * 200, ("aaabbb", "aaaccc")),
    ],
)
def test_got_and_expected_never_print_alike(got: Any, expected: Any, shown: tuple[str, str]) -> None:
    failed = CheckFailed("", got=got, expected=expected)

    assert (shown[0] in failed.got, shown[1] in failed.expected) == (True, True), (failed.got, failed.expected)
    assert failed.got != failed.expected
    assert max(len(failed.got), len(failed.expected)) <= 160


def test_what_is_expected_in_words_has_no_quotes() -> None:
    with pytest.raises(CheckFailed) as failed:
        checking.require(False, "too few", got=2, expected="about 100 changes")

    assert (failed.value.got, failed.value.expected) == ("2", "about 100 changes")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.arange(3.0), "array([0., 1., 2.])"),
        (np.zeros((100, 3), np.float32), "array of shape (100, 3), float32"),
        (np.zeros(0), "empty array of shape (0,)"),
        (1 / 3, "0.333333"),
        (1e-9, "1e-09"),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … (100 items)]"),
        ((1,), "(1,)"),
        (np.float64(0.5), "0.5"),
    ],
)
def test_values_are_shown_short(value: Any, shown: str) -> None:
    assert checking.shorten(value) == shown


def test_a_repr_that_raises_is_survived() -> None:
    class Bad:
        def __repr__(self) -> str:
            raise ValueError

    assert checking.shorten(Bad()) == "a Bad whose repr raises ValueError"


def test_answers_never_give_the_right_one_away(tmp_path: Path) -> None:
    answers = {"q1": "b", "q2": 3.0}

    checking.assert_choice(answers, "q1", "b", "abc", "Think of rows.")
    checking.assert_number(answers, "q2", 3.0, "Count again.")
    with pytest.raises(CheckFailed) as wrong:
        checking.assert_choice(answers, "q1", "c", "abc", "Think of rows.")
    assert (wrong.value.message, wrong.value.expected) == ("q1: not so. Think of rows.", "")
    with pytest.raises(CheckFailed) as off:
        checking.assert_number(answers, "q2", 4321.0, "Count again.")
    assert "4321" not in str(vars(off.value))
    with pytest.raises(CheckFailed, match="letters out of"):
        checking.assert_choice({"q1": 7}, "q1", "c", "abc", "")
    with pytest.raises(checking.NotDone):
        checking.assert_choice({}, "q1", "c", "abc", "")


def test_a_wrong_answer_counts_before_an_open_one() -> None:
    answers = {"q2": [1, 2.5], "q3": [1, 2], "q4": "text"}
    is_open, is_wrong = checking.number(answers, "q1", 1, ""), checking.numbers(answers, "q2", [1, 2], "Count.", rtol=0)

    checking.assert_answers(checking.numbers(answers, "q3", [1, 2], "Count."))
    with pytest.raises(CheckFailed, match="q2: number 2 of 2 is not right"):
        checking.assert_answers(is_open, is_wrong)
    with pytest.raises(checking.NotDone, match="q1"):
        checking.assert_answers(is_open, checking.numbers(answers, "q3", [1, 2], ""))
    with pytest.raises(CheckFailed, match="q3: not so"):
        checking.assert_numbers(answers, "q3", [1, 2, 3], "Count.")
    with pytest.raises(CheckFailed, match="list of numbers"):
        checking.assert_numbers(answers, "q4", [1], "")


def test_boxes_are_known_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "stub.dot").write_text("digraph { }")
    (tmp_path / "g.dot").write_text('digraph { tree_1 -> plus; b [label="Regression tree (round 2)"]; b -> plus }')
    (tmp_path / "empty.dot").write_text("digraph {  }")
    names = {"tree": "tree, regression tree", "add": "add, plus, +"}

    drawn = checking.Boxes("g.dot", names, stub=tmp_path / "stub.dot", noise=r"round \d+")

    assert drawn.kinds == {"tree_1": "tree", "plus": "add", "b": "tree"}
    assert drawn.exactly("tree", 2, "two trees") == ["b", "tree_1"]
    drawn.fed_by("plus", ["tree", "tree"], "What is added?")
    with pytest.raises(CheckFailed, match=r"g\.dot: the arrows into plus are not right\. What is added\?"):
        drawn.fed_by("plus", ["tree"], "What is added?")
    with pytest.raises(CheckFailed, match=r"g\.dot: one sum"):
        drawn.exactly("add", 2, "one sum")
    with pytest.raises(checking.NotDone):
        checking.Boxes("empty.dot", names, stub=tmp_path / "stub.dot")


def test_diagram_is_read_with_chains_groups_and_labels(tmp_path: Path) -> None:
    (tmp_path / "g.dot").write_text(
        'digraph { a [label="Layer\\nNorm"]; a -> b -> c; a -> {d e}; subgraph s { f -> a } }'
    )

    diagram = checking.read_diagram("g.dot")

    assert diagram.nodes["a"] == "layer norm"
    assert diagram.successors("a") == {"b", "d", "e"}
    assert diagram.predecessors("a") == {"f"}


@pytest.mark.parametrize("text", ["", "graph { a -- b }", "not a graph", "digraph { a -> "])
def test_broken_diagram_fails_in_words(text: str, tmp_path: Path) -> None:
    (tmp_path / "g.dot").write_text(text)

    with pytest.raises(CheckFailed, match=r"g\.dot"):
        checking.read_diagram("g.dot")


def test_program_that_hangs_is_ended() -> None:
    with pytest.raises(CheckFailed, match=r"did not end within 0\.5 s"):
        checking.run_python("-c", "while True: pass", timeout_s=0.5)


def test_program_is_run_where_the_learners_modules_are(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("VALUE = 42")

    ran = checking.run_python("-c", "import mine, sys; print(mine.VALUE, sys.stdin.read())", stdin="hi")

    assert (ran.code, ran.stdout.strip()) == (0, "42 hi")


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        ("open(path)", "name the encoding"),
        ("path.write_text('x')", "name the encoding"),
        ("open('nowhere', 'rb')", "fails in another process"),
        ("open(path, encoding='utf-8')", ""),
        ("open(path, 'rb')", ""),
    ],
)
def test_an_encoding_that_is_not_named_is_seen(opened: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(b"a,b\n")
    code = f"import pathlib, sys\npath = pathlib.Path(sys.argv[1])\n{opened}"

    with pytest.raises(CheckFailed, match=said) if said else nullcontext():
        checking.assert_encoding_named(code, tmp_path / "table.csv", call="load(path)")


ROOT = Path(__file__).resolve().parent.parent


def test_the_page_of_the_api_is_up_to_date() -> None:
    make_api = runpy.run_path(str(ROOT / "docs" / "make_api.py"))
    page = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")

    assert page == make_api["page"](), "run `python docs/make_api.py`"
    offered = set(checking.__all__).union(*make_api["BY_THEMSELVES"].values())
    assert offered == set(re.findall(r"^### (\w+)$", page, re.MULTILINE))


def test_every_name_that_a_hidden_test_imports_is_offered() -> None:
    imported = {
        alias.name
        for path in (ROOT / "katas").rglob("hidden_test.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "kata_runner.checking"
        for alias in node.names
    }

    assert imported
    assert set() == imported - set(checking.__all__)


def test_a_name_that_is_also_a_module_is_the_function() -> None:
    assert callable(checking.learner)
