"""Hidden test of p082_ab_splitter."""

import json
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from kata_runner.checking import (
    Shown,
    assert_equal,
    assert_raises,
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    require,
    rng,
    run_python,
    unchanged,
)

work = learner("ab_splitter")

SIGMAS = 5  # a right answer is outside once in two million comparisons
EVEN = {"new": 1, "old": 1}


def some_users(n: int, stream: int = 1) -> list[str]:
    """n names with consecutive numbers."""
    start = int(rng(stream).integers(1000, 100_000))
    return [f"user {start + i}" for i in range(n)]


def random_names(n: int) -> list[str]:
    return [f"user {number:x}" for number in rng(2).integers(2**60, 2**63, n).tolist()]


def told(experiment: str, weights: Mapping[str, float], ramp: float = 1.0, users: str = "user …") -> str:
    """The call, as it is shown for many users."""
    return f"assign({users!r}, {experiment!r}, {dict(weights)}{'' if ramp == 1 else f', {ramp}'})"


def variants(users: Sequence[str], experiment: str, weights: Mapping[str, float], ramp: float = 1.0) -> list[Any]:
    """What the learner's code assigns to each user."""
    mine = dict(weights)
    first = work.assign(users[0], experiment, mine, ramp)
    assign = getattr(work.assign, "__wrapped__", work.assign)  # to note thousands of calls would take too long
    with calling(told(experiment, weights, ramp)):
        found = [first, *(assign(user, experiment, mine, ramp) for user in users[1:])]
    for user, variant in zip(users, found, strict=True):
        is_key = variant is None or (isinstance(variant, str) and variant in weights)
        require(
            is_key, "the result is no key of weights, nor None", got=variant, call=told(experiment, weights, ramp, user)
        )
    return found


def require_share(count: int, n: int, share: float, what: str, call: str) -> None:
    """Fail when so many of n are too many or too few for chance."""
    spread = math.sqrt(share * (1 - share) / n)
    if abs(count / n - share) > SIGMAS * spread + 1e-12:
        off = abs(count / n - share) / spread if spread else math.inf
        fail(
            f"{what}: {count} of {n:,}, which is {off:.0f} times the spread of chance away from {share:.4g}",
            got=Shown(f"{count / n:.4f}"),
            expected=Shown(f"{share:.4f} ± {SIGMAS * spread:.4f}"),
            call=call,
        )


def require_shares(found: Sequence[Any], weights: Mapping[str, float], ramp: float, who: str, call: str) -> None:
    count = Counter(found)
    for name, weight in weights.items():
        share = ramp * weight / sum(weights.values())
        require_share(count[name], len(found), share, f"the share of {name!r} among {who}", call)


@contextmanager
def hash_seed(number: str) -> Iterator[None]:
    """Other processes salt the hashes of texts with this number."""
    before = os.environ.get("PYTHONHASHSEED")
    os.environ["PYTHONHASHSEED"] = number
    try:
        yield
    finally:
        del os.environ["PYTHONHASHSEED"]
        if before is not None:
            os.environ["PYTHONHASHSEED"] = before


ANOTHER_PROCESS = """
import json, sys
from ab_splitter import assign
users = json.loads(sys.argv[1])
found = {user: assign(user, "ranking", {"new": 1, "old": 2}, 0.7) for user in reversed(users)}
print("\\n" + json.dumps([found[user] for user in users]))
"""


def test_the_same_in_every_process() -> None:
    """1. The same arguments have the same result, in each call and in every Python process."""
    users = [*some_users(120), "", "Zoë", "李雷", "user 1", "user 10"]
    weights = {"new": 1, "old": 2}
    found = variants(users, "ranking", weights, 0.7)
    for user, before in zip(reversed(users), reversed(found), strict=True):
        again = work.assign(user, "ranking", {"new": 1, "old": 2}, 0.7)
        require(again == before, "a second call has another result", got=again, expected=before or "None")
    with hash_seed("4711"):
        ran = run_python("-c", ANOTHER_PROCESS, json.dumps(users), timeout_s=60)
    call = told("ranking", weights, 0.7)
    require(ran.code == 0, "it fails in another process", got=Shown(ran.stderr.strip()[-200:]), call=call)
    there = json.loads(ran.stdout.strip().splitlines()[-1])
    n_moved = sum(a != b for a, b in zip(found, there, strict=True))
    for user, here, other in zip(users, found, there, strict=True):
        message = f"another Python process has other results, for {n_moved} of {len(users)} users"
        require(here == other, message, got=other, expected=here or "None", call=told("ranking", weights, 0.7, user))


def test_each_variant_has_its_share() -> None:
    """2. Each variant has its share of the users, whatever numbers the weights are."""
    weights: Mapping[str, float]
    for n, weights in (
        (2000, EVEN),
        (2000, {"new": 1, "old": 3}),
        (3000, {"a": 20, "b": 30, "c": 50}),
        (12_000, {"new": 0.004, "old": 0.996}),
        (2000, {"small": 0.25, "large": 0.25}),
    ):
        users = random_names(n)
        require_shares(variants(users, "ranking", weights), weights, 1.0, "all users", told("ranking", weights))


def test_the_ramp_is_a_share() -> None:
    """2. `ramp` is the share of those who take part, and each variant has its share of these."""
    weights: Mapping[str, float]
    for n, weights, ramp in ((2000, EVEN, 0.5), (5000, EVEN, 0.1), (4000, {"a": 1, "b": 2, "c": 1}, 0.25)):
        found = variants(random_names(n), "ranking", weights, ramp)
        call = told("ranking", weights, ramp)
        inside = [variant for variant in found if variant is not None]
        require_share(len(inside), n, ramp, "the share of users who take part", call)
        require_shares(inside, weights, 1.0, "those who take part", call)
    n = 12_000
    inside = [v for v in variants(random_names(n), "ranking", EVEN, 0.004) if v is not None]
    require_share(len(inside), n, 0.004, "the share of users who take part", told("ranking", EVEN, 0.004))


def both(one: Sequence[Any], other: Sequence[Any], values: tuple[Any, Any]) -> int:
    return sum((a, b) == values for a, b in zip(one, other, strict=True))


def test_experiments_are_independent() -> None:
    """4. What a user sees in one experiment, and whether they take part, says nothing about another one."""
    n = 2500
    users = random_names(n)
    for one, other in (("price-a", "price-b"), ("price", "ranking of results"), ("Price", "price")):
        here, there = variants(users, one, EVEN), variants(users, other, EVEN)
        call = f"{told(one, EVEN)} and {told(other, EVEN)}"
        require_share(both(here, there, ("new", "new")), n, 0.25, "the share of users who see 'new' in both", call)
        ramped, later = variants(users, one, EVEN, 0.3), variants(users, other, EVEN, 0.3)
        call = f"{told(one, EVEN, 0.3)} and {told(other, EVEN, 0.3)}"
        n_both = sum(a is not None and b is not None for a, b in zip(ramped, later, strict=True))
        require_share(n_both, n, 0.09, "the share of users who take part in both", call)
        pairs = [(a, b) for a, b in zip(ramped, there, strict=True) if a is not None]
        if pairs:
            call = f"{told(one, EVEN, 0.3)} and {told(other, EVEN)}"
            what = "the share of 'new' in the second experiment, among those who take part in the first"
            require_share(sum(b == "new" for _, b in pairs), len(pairs), 0.5, what, call)


def test_every_group_of_users() -> None:
    """3. The shares are the same in every group of users, and neighbours have nothing to do with each other."""
    n = 5000
    weights = {"new": 1, "old": 2}
    users = some_users(n)
    found = variants(users, "ranking", weights)
    groups = {
        "users with even numbers": slice(int(users[0][-1]) % 2, None, 2),
        "users with odd numbers": slice(1 - int(users[0][-1]) % 2, None, 2),
        "the first thousand": slice(0, 1000),
        "every tenth user": slice(0, None, 10),
    }
    call = told("ranking", weights)
    for who, part in groups.items():
        require_shares(found[part], weights, 1.0, who, call)
    same = sum(a == b for a, b in pairwise(found))
    require_share(same, n - 1, 5 / 9, "the share of users who see the same as the next user", call)
    for shape in ("{}", "{}@example.com", "a-very-long-prefix-that-all-users-share-{}", "{:032x}"):
        names = [shape.format(10_000 + i) for i in range(1000)]
        call = told("ranking", weights, 1.0, names[0])
        require_shares(variants(names, "ranking", weights), weights, 1.0, f"users named like {names[0]!r}", call)


def test_a_larger_ramp_moves_nobody() -> None:
    """5. Who takes part keeps the variant when the ramp becomes larger."""
    users = some_users(1500)
    for weights in (EVEN, {"a": 1, "b": 2, "c": 1}):
        before: list[Any] = [None] * len(users)
        smaller = 0.0
        for ramp in (0.02, 0.1, 0.5, 1.0):
            found = variants(users, "ranking", weights, ramp)
            for user, old, new in zip(users, before, found, strict=True):
                if old is not None and old != new:
                    call = told("ranking", weights, ramp, user)
                    fail(f"with a ramp of {smaller} it was {old!r}", got=new, expected=old, call=call)
            before, smaller = found, ramp


def test_new_weights_move_one_way() -> None:
    """6. With two variants, and a ramp of 1, new weights move users in one direction only."""
    users = some_users(1500)
    for grows, shrinks in (("new", "old"), ("a", "b")):
        before = variants(users, "ranking", {grows: 5, shrinks: 95})
        for weight in (10, 50, 95):
            weights = {grows: weight, shrinks: 100 - weight}
            found = variants(users, "ranking", weights)
            for user, old, new in zip(users, before, found, strict=True):
                if old == grows and new != grows:
                    call = told("ranking", weights, 1.0, user)
                    fail(f"with a smaller weight of {grows!r} it was {grows!r}", got=new, expected=old, call=call)
            before = found


edges()


def test_the_order_does_not_matter() -> None:
    """7. The order of the variants in `weights` does not matter."""
    users = some_users(300)
    for one in (EVEN, {"a": 1, "b": 2, "c": 4}, {"c": 1.5, "a": 0, "b": 2}):
        other = dict(reversed(one.items()))
        here, there = variants(users, "ranking", one), variants(users, "ranking", other)
        for user, a, b in zip(users, here, there, strict=True):
            message = f"with the variants in the order {', '.join(one)} it was {a!r}"
            require(a == b, message, got=b, expected=Shown(repr(a)), call=told("ranking", other, 1.0, user))


def test_nobody_and_everybody() -> None:
    """8. A weight of 0 and a ramp of 0 mean nobody, a ramp of 1 everybody."""
    users = some_users(2000)
    weights: Mapping[str, float]
    for weights in ({"a": 0, "b": 1}, {"a": 1, "b": 0}, {"a": 1, "b": 0, "c": 1}, {"a": 0.0, "b": 1, "c": 3, "d": 0}):
        for variant in variants(users, "ranking", weights):
            is_right = variant is not None and weights[variant] > 0
            require(
                is_right, "a user got this", got=variant, expected="a weight above 0", call=told("ranking", weights)
            )
    for ramp in (0, 0.0):
        found = variants(users, "ranking", EVEN, ramp)
        n_inside = sum(variant is not None for variant in found)
        require(n_inside == 0, f"{n_inside} users take part with a ramp of {ramp}", call=told("ranking", EVEN, ramp))
    n_out = variants(users, "ranking", EVEN, 1).count(None)
    require(n_out == 0, f"{n_out} users take no part with a ramp of 1", call=told("ranking", EVEN))


def test_nothing_else_changes() -> None:
    """9. The global generators of random and NumPy stay as they are, and so do the weights."""
    weights = {"new": 1, "old": 3, "none": 0}
    with global_random_state_kept(), unchanged(weights=weights):
        for user in some_users(5):
            work.assign(user, "ranking", weights, 0.5)
            work.assign(user, "ranking", weights)


def test_what_cannot_be_is_refused() -> None:
    """10. A ramp outside 0 to 1, a negative weight, and weights of which none is above 0 raise ValueError."""
    for ramp in (5, 1.01, -0.1):
        for user in some_users(3):
            assert_raises(ValueError, work.assign, user, "ranking", {"new": 1, "old": 1}, ramp)
    bad: Mapping[str, float]
    for bad in ({"new": -1, "old": 2}, {"new": 3, "old": 1, "other": -0.5}, {"new": 0, "old": 0.0}, {}, {"new": -1}):
        for ramp in (1.0, 0.0):
            assert_raises(ValueError, work.assign, "user 1", "ranking", dict(bad), ramp)
    assert_equal(work.assign("user 1", "ranking", {"new": 1}), "new", what="the only variant")
