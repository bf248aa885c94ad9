"""Hidden test of @ID@."""

from kata_runner.checking import fail, learner

work = learner("@MODULE@")


def test_todo() -> None:
    """TODO: the requirement, as the learner reads it."""
    # Compute what is expected first, then call. Every check must catch at least one wrong answer.
    got = work.answer(2.0)
    fail("TODO: this check is not written yet", got=got)
