"""Hidden test of p000_toy: three checks, so that something can go wrong in the middle."""

from kata_runner.checking import assert_equal, assert_type, learner

work = learner("answer")


def test_two() -> None:
    """Two doubled is four."""
    assert_equal(work.double(2), 4)


def test_three() -> None:
    """Three doubled is six."""
    assert_equal(work.double(3), 6)


def test_items() -> None:
    """items(3) is a list of 0, 1 and 2."""
    got = work.items(3)
    assert_type(got, list)
    assert_equal(got, [0, 1, 2])
