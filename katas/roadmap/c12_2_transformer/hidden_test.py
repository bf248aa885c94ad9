"""Hidden test of c12_2_transformer."""

import math
from functools import cache, partial
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

whole = partial(number, rtol=0)
wholes = partial(numbers, rtol=0)
STUB = Path(__file__).parent / "stub" / "block.dot"

# What a box does -> the names it may bear; the task lists the same.
NAMES = {
    "input": "input, x, block input, embeddings, hidden states",
    "output": "output, out, y, block output",
    "norm": "norm, layer norm, ln, rms norm, normalisation, normalization",
    "query": "query, queries, q, wq, q projection, query projection, linear q",
    "key": "key, keys, k, wk, k projection, key projection, linear k",
    "value": "value, values, v, wv, v projection, value projection, linear v",
    "scores": "scores, scaled scores, dot products, scaled dot products, qk",
    "mask": "mask, causal mask, masking",
    "softmax": "softmax",
    "weighted sum": "weighted sum, weighted values, mix, attention output",
    "concat": "concat, concatenate, concatenation, join, merge",
    "projection": "projection, output projection, o projection, wo, linear o",
    "add": "add, residual, residual add, sum, +, ⊕",
    "expand": "expand, up, up projection, linear 1, fc 1",
    "activation": "activation, gelu, relu, silu, nonlinearity",
    "contract": "contract, down, down projection, linear 2, fc 2",
}


@cache
def block() -> Boxes:
    """The diagram, read once; not begun while the file is as it came."""
    return Boxes("block.dot", NAMES, stub=STUB, noise=r"\bheads?\s*\d*\b|\bh\d+\b")


def test_every_box_is_a_step_of_the_block() -> None:
    """Every box has one of the names in the task, and no kind of step is left out."""
    drawn = block()
    for key, kind in drawn.kinds.items():
        require(bool(kind), f"block.dot: the box {drawn.name(key)} has no name from the table in the task", call=" ")
    for kind in NAMES:
        require(bool(drawn.of(kind)), f"block.dot: there is no box for the step {kind!r}", call=" ")
    drawn.exactly("input", 1, "there must be one input")
    drawn.exactly("output", 1, "there must be one output")


def test_queries_keys_and_values_come_from_the_same_tokens() -> None:
    """Self-attention: queries, keys and values are all made from the same normalised tokens."""
    drawn = block()
    sources = set()
    for kind in ("query", "key", "value"):
        boxes = drawn.of(kind)
        require(len(boxes) in (1, 2), f"block.dot: {kind} needs one box, or one for each head", got=boxes, call=" ")
        for key in boxes:
            drawn.fed_by(key, ["norm"], "What does a branch of a pre-norm block begin with?")
            sources.add(drawn.the_source(key, "norm"))
    require(len(sources) == 1, "block.dot: queries, keys and values come from different norms", got=sorted(sources))


def test_a_head_compares_masks_weighs_and_mixes() -> None:
    """In each of two heads: scores from queries and keys, then the mask, then softmax, then the values."""
    drawn = block()
    steps = {kind: drawn.exactly(kind, 2, f"two heads need two boxes {kind!r}") for kind in HEAD_STEPS}
    for kind, (expected, nudge) in HEAD_STEPS.items():
        for key in steps[kind]:
            drawn.fed_by(key, expected, nudge)


def steps_of_heads(drawn: Boxes) -> dict[str, list[str]]:
    """The boxes of each step within a head, once these are known to be fed by the right kinds."""
    steps = {kind: drawn.of(kind) for kind in HEAD_STEPS}
    ready = all(drawn.sources(key) == sorted(HEAD_STEPS[kind][0]) for kind in steps for key in steps[kind])
    require(ready and all(len(keys) == 2 for keys in steps.values()), HEADS_FIRST, call=" ")
    return steps


HEADS_FIRST = "block.dot: the steps within the heads are not right yet; see that check first"


HEAD_STEPS: dict[str, tuple[list[str], str]] = {
    "scores": (["key", "query"], "Which two are compared?"),
    "mask": (["scores"], "What is masked, before it becomes shares of a whole?"),
    "softmax": (["mask"], "Weights must sum to 1 over what may be seen: what comes right before?"),
    "weighted sum": (["softmax", "value"], "A mixture needs shares and something to mix."),
}


def test_the_heads_are_put_together_and_projected() -> None:
    """The outputs of the heads are put side by side and go through one linear layer."""
    drawn = block()
    for key in drawn.exactly("concat", 1, "the heads are put together once"):
        drawn.fed_by(key, ["weighted sum", "weighted sum"], "What is the last step of each head?")
    for key in drawn.exactly("projection", 1, "there is one output projection"):
        drawn.fed_by(key, ["concat"], "It mixes what all the heads found.")


def adds_in_order(drawn: Boxes) -> tuple[str, str]:
    """The add of the attention branch and that of the feed-forward branch."""
    adds = drawn.exactly("add", 2, "two branches come back to the road, so there are two adds")
    first = [key for key in adds if "projection" in drawn.sources(key)]
    require(
        len(first) == 1, "block.dot: one add, and only one, takes the output of the projection", got=first, call=" "
    )
    return first[0], next(key for key in adds if key != first[0])


def test_each_branch_begins_with_its_norm() -> None:
    """Pre-norm: each branch begins with a norm of its own, and there is no other."""
    drawn = block()
    norms = drawn.exactly("norm", 2, "two branches, two norms")
    first, _ = adds_in_order(drawn)
    sources = sorted(source for key in norms for source in drawn.diagram.predecessors(key))
    expected = sorted([*drawn.of("input"), first])
    require(
        sources == expected and all(len(drawn.sources(key)) == 1 for key in norms),
        "block.dot: a norm does not stand where its branch leaves the road",
        got=[drawn.name(source) for source in sources],
        call=" ",
    )


NETWORK = ("expand", "activation", "contract")


def test_each_residual_goes_around_its_branch() -> None:
    """Each residual goes around its own branch: what entered the branch is added to what comes out of it."""
    drawn = block()
    first, second = adds_in_order(drawn)
    drawn.fed_by(first, ["input", "projection"], "What went into this branch, before its norm?")
    # Which step of the network comes last is for its own check.
    last_steps = [kind for kind in drawn.sources(second) if kind in NETWORK] or ["contract"]
    drawn.fed_by(second, ["add", last_steps[0]], "What went into this branch, before its norm?")
    for key in drawn.of("output"):
        drawn.fed_by(key, ["add"], "What is the last step of a pre-norm block?")
        last = drawn.the_source(key, "add")
        require(last == second, "block.dot: the output leaves before the second branch has come back", call=" ")


def test_the_network_widens_bends_and_narrows() -> None:
    """The feed-forward branch goes from its norm through widening, activation and narrowing to its add."""
    drawn = block()
    for kind, before in (("expand", "norm"), ("activation", "expand"), ("contract", "activation")):
        for key in drawn.exactly(kind, 1, f"there is one box {kind!r}"):
            drawn.fed_by(key, [before], "In which order does the network widen, activate and narrow?")
    after = sorted(drawn.kinds[key] for key in drawn.diagram.successors(drawn.of("contract")[0]))
    require(after == ["add"], "block.dot: after the narrowing the branch comes back to the road", got=after, call=" ")
    norm = drawn.the_source(drawn.of("expand")[0], "norm")
    attends = {"query", "key", "value"} & {drawn.kinds[b] for b in drawn.diagram.successors(norm)}
    require(not attends, "block.dot: the network hangs on the norm of the attention branch", call=" ")


def test_what_attention_computes_is_understood() -> None:
    """The questions on attention are answered: scale, softmax, mask, order and length."""
    a = read_answers()
    assert_answers(
        choice(
            a,
            "scaling",
            "c",
            "Add up d_k products of random numbers: how large is the sum usually, and what does softmax make of it?",
        ),
        choice(
            a,
            "softmax_axis",
            "b",
            "A token asks once and collects a mixture of values: which numbers are the shares of that mixture?",
        ),
        choice(
            a,
            "causal_mask",
            "a",
            "Work out one row with it: are the shares a full mixture, with nothing at all from later tokens?",
        ),
        choice(a, "no_positions", "d", "Swap two tokens in the formula and follow what each of them collects."),
        choice(a, "twice_as_long", "c", "How many pairs of a query and a key are there?"),
    )


def test_the_parts_of_a_block_are_understood() -> None:
    """The questions on residuals, the feed-forward network and pre-norm are answered."""
    a = read_answers()
    assert_answers(
        choice(
            a,
            "residuals",
            "ac",
            "y = x + branch(x): look at its width, and at dy/dx. Every letter that holds, no other.",
        ),
        choice(
            a,
            "feed_forward",
            "b",
            "Which step is the only one where tokens meet? And what if tomorrow's text is longer?",
        ),
        choice(a, "pre_norm", "ac", "Follow your own diagram along the adds. Every letter that holds, no other."),
    )


def test_what_became_of_it_is_understood() -> None:
    """The questions on the decoder, language models and diffusion are answered."""
    a = read_answers()
    assert_answers(
        choice(a, "cross_attention", "d", "Who is writing and has to ask, and who has been read and can be asked?"),
        choice(
            a,
            "foundation",
            "bd",
            "What made training in parallel possible, and how does a prompt reach an image? Every letter that holds.",
        ),
    )


def test_the_shapes_are_known() -> None:
    """The shapes of queries, weights, joined heads and hidden layer are right."""
    a = read_answers()
    assert_answers(
        wholes(
            a,
            "queries_shape",
            [2, 8, 128, 64],
            "The width of all heads together is d_model. Mind the order of the axes.",
        ),
        wholes(
            a, "weights_shape", [2, 8, 128, 128], "There is one weight for each pair of query and key, in each head."
        ),
        wholes(a, "concat_shape", [2, 128, 512], "It goes through a linear layer and is then added to the input."),
        wholes(a, "hidden_shape", [2, 128, 2048], "The activation stands between widening and narrowing."),
    )


def test_the_parameters_are_counted() -> None:
    """The parameters of attention, feed-forward network, norms and block are counted right."""
    a = read_answers()
    attention, network, norms = 4 * (512 * 512 + 512), 512 * 2048 + 2048 + 2048 * 512 + 512, 2 * 2 * 512
    exact = "A linear layer from a to b has a · b weights and b biases."
    assert_answers(
        whole(
            a,
            "attention_parameters",
            attention,
            f"{exact} How many such layers are there? Heads only share out the width.",
        ),
        whole(a, "feed_forward_parameters", network, f"{exact} The two layers have biases of different length."),
        whole(a, "norm_parameters", norms, "Two norms, each with two vectors."),
        whole(
            a,
            "block_parameters",
            attention + network + norms,
            "Attention, network and norms; residuals and softmax have none.",
        ),
        choice(
            a,
            "more_heads",
            "c",
            "The heads share the width d_model among them. What does that do to the four matrices?",
        ),
    )


def test_one_head_is_worked_out_by_hand() -> None:
    """The weight, the output of the head and the encoding of a position are worked out right."""
    a = read_answers()
    weight = math.exp(2.0) / (math.exp(2.0) + 1.0)
    assert_answers(
        number(a, "weight_of_first", weight, "Which keys may the second token see? Are the scores divided by √d_k?"),
        number(
            a,
            "head_output",
            10 * weight + 20 * (1 - weight),
            "The values, each times its weight; the weights sum to 1.",
        ),
        number(a, "encoding_3_1", math.cos(3.0), "Dimensions 0 and 1 share one wavelength; angles are in radians."),
    )


edges()


def test_each_head_has_boxes_of_its_own() -> None:
    """The second head uses nothing of the first one's: each has its own scores, mask and softmax."""
    drawn = block()
    steps = steps_of_heads(drawn)
    for kind, before in (("mask", "scores"), ("softmax", "mask"), ("weighted sum", "softmax")):
        used = {drawn.the_source(key, before) for key in steps[kind]}
        shared = f"block.dot: both boxes {kind!r} hang on the same {before!r}; each head has its own"
        require(len(used) == 2, shared, got=sorted(used), call=" ")
    for kind, user in (("query", "scores"), ("key", "scores"), ("value", "weighted sum")):
        used = {drawn.the_source(key, kind) for key in steps[user]}
        require(len(used) == len(drawn.of(kind)), f"block.dot: a box {kind!r} is used by no head", call=" ")


def test_nothing_flows_back() -> None:
    """No arrow leads into the input or out of the output."""
    drawn = block()
    for key in drawn.of("input"):
        require(not drawn.sources(key), "block.dot: an arrow leads back into the input", call=" ")
    for key in drawn.of("output"):
        require(not drawn.diagram.successors(key), "block.dot: an arrow leads out of the output", call=" ")
