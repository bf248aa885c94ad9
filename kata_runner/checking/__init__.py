"""What a hidden test may import: comparisons that speak plainly, the learner's code and files, probes of cost.

A check is a `test_*` function; its docstring is the requirement as the learner reads it. Every function here
that finds a fault raises `CheckFailed` with the call, what came back and what was expected, so that the judge
can show one small counterexample instead of a traceback. docs/checking.md shows all of them.
"""

from kata_runner.checking.compare import (
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    assert_type,
    global_random_state_kept,
    no_warnings,
    unchanged,
)
from kata_runner.checking.cost import assert_faster, assert_growth, assert_memory
from kata_runner.checking.diagram import (
    Boxes,
    Diagram,
    assert_answers,
    assert_choice,
    assert_number,
    assert_numbers,
    choice,
    number,
    numbers,
    read_answers,
    read_diagram,
)
from kata_runner.checking.failure import CheckFailed, NotDone, fail, not_tried, require, todo
from kata_runner.checking.learner import (
    answer_path,
    answer_text,
    calling,
    edges,
    keep_picture,
    learner,
    learner_module,
    part,
    timing,
)
from kata_runner.checking.programs import Ran, assert_encoding_named, learner_environment, run_python, temporary_folder
from kata_runner.checking.session import rng, seed
from kata_runner.checking.values import Shown, shorten

__all__ = [
    "Boxes",
    "CheckFailed",
    "Diagram",
    "NotDone",
    "Ran",
    "Shown",
    "answer_path",
    "answer_text",
    "as_array",
    "as_figure",
    "assert_answers",
    "assert_choice",
    "assert_close",
    "assert_dtype",
    "assert_encoding_named",
    "assert_equal",
    "assert_faster",
    "assert_growth",
    "assert_memory",
    "assert_number",
    "assert_numbers",
    "assert_raises",
    "assert_shape",
    "assert_type",
    "calling",
    "choice",
    "edges",
    "fail",
    "global_random_state_kept",
    "keep_picture",
    "learner",
    "learner_environment",
    "learner_module",
    "no_warnings",
    "not_tried",
    "number",
    "numbers",
    "part",
    "read_answers",
    "read_diagram",
    "require",
    "rng",
    "run_python",
    "seed",
    "shorten",
    "temporary_folder",
    "timing",
    "todo",
    "unchanged",
]
