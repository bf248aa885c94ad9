"""Hidden test of c06_2_gradient_boosting."""

import math
from functools import cache
from pathlib import Path

from kata_runner.checking import (
    Boxes,
    assert_answers,
    choice,
    edges,
    number,
    numbers,
    read_answers,
    require,
)

STUB = Path(__file__).parent / "stub" / "boosting.dot"

# What a box does -> the names it may bear; the task lists the same.
NAMES = {
    "features": "features, x, inputs",
    "targets": "targets, y, labels",
    "start": "start, mean, initial prediction, constant, f0",
    "residuals": "residuals, residual, pseudo residuals, negative gradient, r",
    "tree": "tree, regression tree, stump, weak learner, h",
    "shrink": "shrink, shrinkage, learning rate, scale, step",
    "add": "add, sum, update, +, ⊕",
    "prediction": "prediction, output, model, ensemble",
}
IN_EACH_ROUND = ("residuals", "tree", "shrink", "add")


@cache
def boosting() -> Boxes:
    """The diagram, read once; not begun while the file is as it came."""
    return Boxes("boosting.dot", NAMES, stub=STUB, noise=r"\brounds?\s*\d*\b")


def test_every_box_is_a_step_of_the_training() -> None:
    """1. Every box has a name from the table; four steps come once in each round, the others once."""
    drawn = boosting()
    for key, kind in drawn.kinds.items():
        require(bool(kind), f"boosting.dot: the box {drawn.name(key)} has no name from the table in the task", call=" ")
    for kind in NAMES:
        require(bool(drawn.of(kind)), f"boosting.dot: there is no box for the step {kind!r}", call=" ")
    for kind in NAMES:
        if kind in IN_EACH_ROUND:
            drawn.exactly(kind, 2, f"{kind!r} has to be there once for each of the two rounds")
        else:
            drawn.exactly(kind, 1, f"{kind!r} has to be there once")


def test_the_start_comes_from_the_right_box() -> None:
    """2. The prediction before the first tree is made from the right box."""
    drawn = boosting()
    for key in drawn.of("start"):
        drawn.fed_by(key, ["targets"], "It is one number for all rows, the one of the least loss: of what is it made?")


def test_residuals_are_measured_against_the_prediction_so_far() -> None:
    """3. The residuals of each round are made from the right two boxes."""
    drawn = boosting()
    so_far = []
    for key in drawn.exactly("residuals", 2, "there are residuals once in each round"):
        if drawn.sources(key) not in (["start", "targets"], ["add", "targets"]):
            drawn.wrong(key, "Which two boxes hold what was to be learned, and all that has been predicted so far?")
        so_far += [drawn.kinds[source] for source in drawn.diagram.predecessors(key)]
    both = "boosting.dot: both rounds measure what is left of predictions of the same kind"
    require(so_far.count("start") == 1, both, got=sorted(set(so_far) - {"targets"}), call=" ")


def test_each_tree_is_fitted_to_its_residuals() -> None:
    """4. Each tree is fitted to the residuals of its own round, and has what it splits on."""
    drawn = boosting()
    used = []
    for key in drawn.exactly("tree", 2, "there is a tree in each round"):
        drawn.fed_by(key, ["features", "residuals"], "What does a tree split on, and what does it learn to guess?")
        used.append(drawn.the_source(key, "residuals"))
    require(len(set(used)) == 2, "boosting.dot: both trees are fitted to the same residuals", got=used, call=" ")


def rounds(drawn: Boxes) -> tuple[str, str, str, str]:
    """The shrink and the add of the first round, then those of the second, told by the residuals they depend on."""
    ready = "boosting.dot: residuals and trees are not right yet; see these checks first"
    shrinks: dict[str, str] = {}
    for key in drawn.exactly("shrink", 2, "each tree is shrunk, so there are two such boxes"):
        drawn.fed_by(key, ["tree"], "What is multiplied by the learning rate?")
        tree = drawn.the_source(key, "tree")
        require("residuals" in drawn.sources(tree), ready, call=" ")
        before = drawn.sources(drawn.the_source(tree, "residuals"))
        shrinks["first" if "start" in before else "second"] = key
    require(len(shrinks) == 2, "boosting.dot: one of the two trees is never shrunk", call=" ")
    adds = drawn.exactly("add", 2, "each round adds its step, so there are two adds")
    first = [key for key in adds if "residuals" in {drawn.kinds[b] for b in drawn.diagram.successors(key)}]
    require(len(first) == 1, ready, got=first, call=" ")
    second = next(key for key in adds if key != first[0])
    return shrinks["first"], first[0], shrinks["second"], second


def test_each_round_adds_its_step() -> None:
    """5. Each tree is shrunk once, and its step is added to the prediction so far, in its own round."""
    drawn = boosting()
    shrink_1, add_1, shrink_2, add_2 = rounds(drawn)
    begin = drawn.of("start")[:1]
    nudge = "What was predicted before this round, and what does this round contribute?"
    if drawn.diagram.predecessors(add_1) != {*begin, shrink_1}:
        drawn.wrong(add_1, nudge)
    # A sum that begins at the start again, with the steps of both rounds, is the same number.
    if drawn.diagram.predecessors(add_2) not in ({add_1, shrink_2}, {*begin, shrink_1, shrink_2}):
        drawn.wrong(add_2, nudge)


def test_the_squared_loss_is_worked_out() -> None:
    """8. The first round with squared loss is right: start, residuals, threshold, leaves and predictions."""
    a = read_answers()
    assert_answers(
        number(a, "start", 12, "Which one number has the least sum of squared distances from the five targets?"),
        numbers(a, "residuals_1", [6, -8, -10, 4, 8], "What is left of the target, with its sign: y minus F."),
        number(a, "threshold_1", 5, "Try all four cuts between neighbours; mind that it lies halfway between two x."),
        numbers(a, "leaves_1", [-4, 6], "Means of residuals, left first; the learning rate is no part of the tree."),
        numbers(a, "predictions_1", [10, 10, 10, 15, 15], "Start, plus the learning rate times the leaf of each row."),
    )


def test_the_second_round_goes_on_from_the_first() -> None:
    """8. The second round is right, and what the model predicts after it."""
    a = read_answers()
    assert_answers(
        numbers(a, "residuals_2", [8, -6, -8, 1, 5], "What is left now, of the targets, after the first round?"),
        number(a, "threshold_2", 1.5, "All four cuts again, now with the residuals of this round."),
        numbers(a, "leaves_2", [8, -2], "Means of this round's residuals, left first."),
        numbers(a, "predictions_2", [14, 9, 9, 14, 14], "Go on from the predictions after the first round."),
        numbers(a, "errors", [56, 38, 26], "The mean of the squared residuals, at three moments; not halved."),
        numbers(a, "new_rows", [9, 14], "Start and both steps: on which side of each threshold does each row fall?"),
    )


def test_other_losses_are_worked_out() -> None:
    """8. The first round with absolute loss, and with log loss, is right."""
    a = read_answers()
    median = "Move one number along the five targets: where is the sum of the distances least?"
    share = math.log(4.0)
    after = share + 0.4 * -1.875
    assert_answers(
        number(a, "start_absolute", 16, median),
        numbers(a, "targets_absolute", [1, -1, -1, 0, 1], "How does |y - F| change when F grows a little?"),
        number(a, "start_log", share, "It is no probability: ln(p / (1 - p)), with the natural logarithm."),
        numbers(
            a, "targets_log", [0.2, -0.8, 0.2, 0.2, 0.2], "Take the loss of one row as a function of F, and its slope."
        ),
        number(a, "leaf_log", -1.875, "Two rows above, the same two rows below; p is the same for both in round one."),
        number(a, "probability", 1 / (1 + math.exp(-after)), "The step is added to log-odds; the sigmoid comes last."),
    )


def test_what_a_round_does_is_understood() -> None:
    """7. The questions on what a round does are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "fitted_to", "d", "Look at the residuals of the second round: how much of the model is in them?"),
        choice(a, "gradient", "b", "Which quantity was F when you took the derivative for absolute loss?"),
        choice(a, "classifier", "c", "What were the tree's targets with log loss, and to what was the leaf added?"),
        choice(a, "predicts", "a", "Write the prediction at x = 3 as one formula."),
    )


def test_the_settings_are_understood() -> None:
    """7. The questions on learning rate, number of rounds, depth of trees and losses are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "slower", "ac", "How far does each round go, and how far has it to go? Every letter that holds."),
        choice(a, "more_trees", "b", "What does one more tree do to a mean, and what to a sum that chases noise?"),
        choice(a, "rounds", "d", "Which rows can still surprise the model?"),
        choice(a, "single_splits", "ad", "How many features does one tree look at? Every letter that holds."),
        choice(a, "outlier", "a", "Compare the gradients: how large can a single row's become?"),
    )


def test_boosting_and_forests_are_told_apart() -> None:
    """7. The questions that compare boosting with a forest, and libraries with your rounds, are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "bias_and_variance", "c", "What is wrong with one deep tree, and what with one shallow tree?"),
        choice(a, "at_the_same_time", "acd", "What must be known before a tree can begin? Every letter that holds."),
        choice(a, "logarithm", "d", "Which rows of the five lie left of a threshold, before and after?"),
        choice(a, "libraries", "acd", "A library cannot change what depends on what. Every letter that holds."),
    )


edges()


def test_the_prediction_leaves_after_the_last_round() -> None:
    """6. The right box flows into the prediction, and nothing flows back."""
    drawn = boosting()
    for key in drawn.of("prediction"):
        drawn.fed_by(key, ["add"], "Which one box holds all that has been learned?")
        last = drawn.the_source(key, "add")
        goes_on = {drawn.kinds[b] for b in drawn.diagram.successors(last)} & {"residuals", "add"}
        require(not goes_on, "boosting.dot: the prediction leaves before the last round is over", call=" ")
        require(not drawn.diagram.successors(key), "boosting.dot: an arrow leads out of the prediction", call=" ")
    for kind in ("features", "targets"):
        for key in drawn.of(kind):
            require(not drawn.sources(key), f"boosting.dot: an arrow leads into the {kind}", call=" ")
