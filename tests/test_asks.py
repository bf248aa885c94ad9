"""Which check the quick proof asks of each mistake."""

from __future__ import annotations

from kata_runner.authoring.asks import choose_asks


def test_every_check_is_asked_where_mistakes_suffice() -> None:
    fails = {"a": ["one", "two", "three"], "b": ["one", "two"], "c": ["one"]}

    asks = choose_asks(fails, frozenset(), {})

    assert asks == {"a": "three", "b": "two", "c": "one"}


def test_a_check_that_measures_time_is_asked_only_where_nothing_else_fails() -> None:
    fails = {"slow_and_wrong": ["speed", "value"], "only_slow": ["speed"]}

    asks = choose_asks(fails, frozenset({"speed"}), {})

    assert asks == {"slow_and_wrong": "value", "only_slow": "speed"}


def test_the_fastest_check_is_asked_where_there_is_a_choice() -> None:
    fails = {"a": ["slow", "fast"], "b": ["slow", "fast"], "c": ["slow", "fast"]}

    asks = choose_asks(fails, frozenset(), {"slow": 2.0, "fast": 0.1})

    assert sorted(asks.values()) == ["fast", "fast", "slow"]


def test_rules_are_asked_like_checks() -> None:
    assert choose_asks({"looped": ["rule:no_loops"]}, frozenset(), {}) == {"looped": "rule:no_loops"}
