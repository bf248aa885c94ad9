"""Answers that are no Python: questions answered in TOML, diagrams in the DOT language."""

from __future__ import annotations

import math
import re
import tomllib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from kata_runner.checking.failure import CheckFailed, NotDone, fail, require, todo
from kata_runner.checking.learner import answer_text


def read_answers(name: str = "answers.toml") -> dict[str, Any]:
    """Return the learner's answers to questions; fails when the file is gone or no TOML, with the line.

    name: a TOML file of the answer, relative to the kata's folder.
    """
    try:
        return tomllib.loads(answer_text(name))
    except tomllib.TOMLDecodeError as error:
        raise CheckFailed(f"{name} is not valid TOML: {error}") from None


def assert_choice(answers: Mapping[str, Any], question: str, right: str, options: str, nudge: str) -> None:
    """Fail when the answer to a multiple-choice question is wrong; the failure shows a nudge, never the answer.

    question: the key in `answers`; an empty answer, or none, is still to do.
    right: the letter, or several letters where more than one option holds ("ac").
    options: all letters, such as "abcd".
    nudge: a sentence that helps to find the answer.

    >>> assert_choice(read_answers(), "q1", "c", "abcd", "Think of rows before columns.")
    """
    given = _given(answers, question)
    letters = "".join(given) if isinstance(given, list) and all(isinstance(g, str) for g in given) else given
    if not isinstance(letters, str) or not set(letters.lower()) <= set(options + ", "):
        raise CheckFailed(f"{question}: answer with letters out of {', '.join(options)}", got=given, call=" ")
    chosen = sorted(set(letters.lower()) - {",", " "})
    if chosen != sorted(right):
        raise CheckFailed(f"{question}: not so. {nudge}", got=given, call=" ")


def assert_number(answers: Mapping[str, Any], question: str, right: float, nudge: str, rtol: float = 1e-3) -> None:
    """Fail when a number worked out by hand is wrong; the failure shows a nudge, never the number.

    question: the key in `answers`; an empty answer, or none, is still to do.
    rtol: how far off the number may be, relative to `right`.
    nudge: a sentence that helps to find the number.
    """
    given = _given(answers, question)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise CheckFailed(f"{question}: answer with a number, without quotes", got=given, call=" ")
    if not math.isclose(given, right, rel_tol=rtol, abs_tol=1e-12):
        raise CheckFailed(f"{question}: not so. {nudge}", got=given, call=" ")


def assert_numbers(
    answers: Mapping[str, Any], question: str, right: Sequence[float], nudge: str, rtol: float = 1e-3
) -> None:
    """Fail when one of several numbers is wrong; the failure names its place and shows a nudge, never the number.

    question: the key in `answers`; an empty answer, or none, is still to do.
    rtol: how far off each number may be, relative to the right one; 0 for shapes and counts.
    """
    given = _given(answers, question)
    if not isinstance(given, list) or any(type(n) not in (int, float) for n in given):
        raise CheckFailed(f"{question}: answer with a list of numbers, such as [32, 10]", got=given, call=" ")
    if len(given) != len(right):
        raise CheckFailed(f"{question}: not so. {nudge}", got=given, call=" ")
    for place, (one, wanted) in enumerate(zip(given, right, strict=True), start=1):
        if not math.isclose(one, wanted, rel_tol=rtol, abs_tol=1e-9):
            raise CheckFailed(f"{question}: number {place} of {len(right)} is not right. {nudge}", got=given, call=" ")


Question = Callable[[], None]


def assert_answers(*questions: Question) -> None:
    """Put questions made by `choice`, `number` and `numbers`: a wrong answer counts before one that is still open.

    >>> assert_answers(choice(answers, "q1", "c", "Think of rows."), number(answers, "q2", 0.25, "Count again."))
    """
    still_open: NotDone | None = None
    for question in questions:
        try:
            question()
        except NotDone as error:
            still_open = still_open or error
    if still_open:
        raise still_open


def choice(answers: Mapping[str, Any], question: str, right: str, nudge: str, options: str = "abcd") -> Question:
    """Return a question for `assert_answers`; see `assert_choice`."""
    return partial(assert_choice, answers, question, right, options, nudge)


def number(answers: Mapping[str, Any], question: str, right: float, nudge: str, rtol: float = 1e-3) -> Question:
    """Return a question for `assert_answers`; see `assert_number`."""
    return partial(assert_number, answers, question, right, nudge, rtol)


def numbers(
    answers: Mapping[str, Any], question: str, right: Sequence[float], nudge: str, rtol: float = 1e-3
) -> Question:
    """Return a question for `assert_answers`; see `assert_numbers`."""
    return partial(assert_numbers, answers, question, right, nudge, rtol)


def _given(answers: Mapping[str, Any], question: str) -> Any:
    given = answers.get(question, "")
    if given in ("", [], None):
        todo(f"{question} is not answered yet")
    return given


@dataclass(frozen=True)
class Diagram:
    """A graph that the learner drew.

    nodes: name of a node -> its label, in lower case with blanks collapsed; without a label, its name.
    edges: pairs of names, (tail, head), each once.
    """

    nodes: dict[str, str]
    edges: tuple[tuple[str, str], ...]

    def successors(self, node: str) -> set[str]:
        """Return the names of the nodes that an edge leads to from `node`."""
        return {b for a, b in self.edges if a == node}

    def predecessors(self, node: str) -> set[str]:
        """Return the names of the nodes from which an edge leads to `node`."""
        return {a for a, b in self.edges if b == node}


def read_diagram(name: str) -> Diagram:
    """Return the directed graph in a file of the answer in the DOT language (sub-graphs and edge chains too).

    Fails when the file is gone, cannot be read as DOT, or holds an undirected graph.

    >>> assert "evaluate" in read_diagram("pipeline.dot").successors("train")
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


class Boxes:
    """A diagram of the learner's, in which every box is known by what it does: its kind.

    names: kind -> the names that such a box may have, separated by commas; blanks, case, underscores, and numbers at
    the end do not count. noise: a regular expression for what else is no part of a name. stub: the file as it came.

    >>> drawn = Boxes("boosting.dot", {"add": "add, sum, +", "tree": "tree, stump"}, stub=STUB)
    >>> drawn.fed_by(drawn.exactly("add", 1, "draw one sum")[0], ["tree", "tree"], "What is added up?")
    """

    def __init__(self, file: str, names: Mapping[str, str], *, stub: Path, noise: str = "$^") -> None:
        if answer_text(file).split() == stub.read_text(encoding="utf-8").split():
            todo(f"{file} is still empty")
        self.file = file
        self.diagram = read_diagram(file)
        require(len(self.diagram.nodes) > 0, f"{file} has no boxes; draw the steps that the task names", call=" ")
        kind_by_name = {_squashed(name): kind for kind, several in names.items() for name in several.split(",")}
        self.kinds: dict[str, str] = {}
        for key, label in self.diagram.nodes.items():
            plain = _squashed(re.sub(noise, " ", re.sub(r"<[^>]*>|\\[nlr]", " ", label).replace("_", " ")))
            letters = re.sub(r"[+⊕]", "", plain)  # "residual + add"
            readings = (plain, plain.strip("0123456789"), letters, letters.rstrip("0123456789"))
            self.kinds[key] = next((kind_by_name[name] for name in readings if name in kind_by_name), "")

    def of(self, kind: str) -> list[str]:
        """Return the boxes of a kind, sorted."""
        return sorted(key for key, found in self.kinds.items() if found == kind)

    def exactly(self, kind: str, n: int, message: str) -> list[str]:
        """Return the boxes of a kind; fails unless there are n."""
        found = self.of(kind)
        named = [self.name(key) for key in found]
        require(len(found) == n, f"{self.file}: {message}", got=named, expected=n, call=" ")
        return found

    def sources(self, key: str) -> list[str]:
        """Return the kinds of the boxes whose arrows end in this one, sorted."""
        return sorted(self.kinds[source] for source in self.diagram.predecessors(key))

    def the_source(self, key: str, kind: str) -> str:
        """Return the first box of a kind that has an arrow into this one."""
        return next(source for source in sorted(self.diagram.predecessors(key)) if self.kinds[source] == kind)

    def name(self, key: str) -> str:
        """Return a box as a message shows it."""
        label = self.diagram.nodes[key]
        return key if label == key.lower() else f"{key} ({label})"

    def fed_by(self, key: str, expected: list[str], nudge: str) -> None:
        """Fail unless the arrows into this box come from boxes of exactly these kinds."""
        if self.sources(key) != sorted(expected):
            self.wrong(key, nudge)

    def wrong(self, key: str, nudge: str) -> NoReturn:
        """Fail: the arrows into this box are not right."""
        arrows = [self.name(source) for source in sorted(self.diagram.predecessors(key))]
        fail(f"{self.file}: the arrows into {self.name(key)} are not right. {nudge}", got=arrows, call=" ")


def _squashed(name: str) -> str:
    return re.sub(r"[^\w+⊕]|_", "", name.lower())


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
