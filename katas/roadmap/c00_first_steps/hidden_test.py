"""Hidden test of c00_first_steps."""

from kata_runner.checking import assert_close, learner

work = learner("first_steps")


def test_the_share_is_a_fraction() -> None:
    """One of two right is 0.5, three of four are 0.75."""
    assert_close(work.accuracy(["cat", "dog"], ["cat", "cat"]), 0.5)
    assert_close(work.accuracy(["cat", "dog", "cat", "cat"], ["cat", "dog", "dog", "cat"]), 0.75)


def test_all_right_and_none_right() -> None:
    """All right is 1.0, none right is 0.0."""
    assert_close(work.accuracy(["cat"], ["cat"]), 1.0)
    assert_close(work.accuracy(["cat", "cat", "dog"], ["dog", "dog", "cat"]), 0.0)


def test_labels_are_compared_by_position() -> None:
    """A prediction is compared with the label at its own position, and with no other."""
    assert_close(work.accuracy(["cat", "dog"], ["dog", "cat"]), 0.0)
