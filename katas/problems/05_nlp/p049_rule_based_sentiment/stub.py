"""Is a text positive, negative or neutral? By a list of weighted words, and rules for what stands around them."""

import re
from collections.abc import Mapping

NEGATORS = frozenset(("not", "no", "never", "without", "cannot", "hardly"))  # and whatever ends in n't
INTENSIFIERS = {"very": 1.5, "really": 1.5, "so": 1.5, "extremely": 2.0, "slightly": 0.5, "somewhat": 0.5}
TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[.,;:!?]")  # a word, or a mark


def score(text: str, lexicon: Mapping[str, float]) -> float:
    """Return how positive a text is, from -1 to 1; 0.0 where it has no sentiment words.

    lexicon: word in lower case -> weight, above 0 for good words, below 0 for bad ones; left unchanged.
    """
    raise NotImplementedError


def label(text: str, lexicon: Mapping[str, float]) -> str:
    """Return "positive" for a score of 0.2 or more, "negative" for -0.2 or less, "neutral" for all others."""
    raise NotImplementedError
