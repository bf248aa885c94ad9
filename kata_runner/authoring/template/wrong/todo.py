"""TODO: a plausible mistake, in words that the learner will read."""


def answer(x: float) -> float:
    raise NotImplementedError  # TODO: the answer with that mistake
