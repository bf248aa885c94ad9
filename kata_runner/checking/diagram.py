"""Answers that are no Python: questions answered in TOML, diagrams in the DOT language."""

from __future__ import annotations

import math
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kata_runner.checking.failure import CheckFailed, todo
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
