"""Is a text positive, negative or neutral? By a list of weighted words, and rules for what stands around them."""

import re
from collections.abc import Mapping

NEGATORS = frozenset(("not", "no", "never", "without", "cannot", "hardly"))  # and whatever ends in n't
INTENSIFIERS = {"very": 1.5, "really": 1.5, "so": 1.5, "extremely": 2.0, "slightly": 0.5, "somewhat": 0.5}
TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[.,;:!?]")  # a word, or a mark
SENTENCE = re.compile(r"([^.!?]*)([.!?]*)")  # what stands before the marks at its end, and the marks
REACH = 3  # words behind a negator that it turns


def score(text: str, lexicon: Mapping[str, float]) -> float:
    """Return how positive a text is, from -1 to 1; 0.0 where it has no sentiment words.

    lexicon: word in lower case -> weight, above 0 for good words, below 0 for bad ones; left unchanged.
    """
    text = text.replace("’", "'")  # phones and word processors write don’t
    # Capitals are emphasis only where other words have none.
    is_shouted = all(token.isupper() for token in TOKEN.findall(text) if token[0].isalpha())
    total = 0.0
    for body, marks in SENTENCE.findall(text):
        total += _sum(TOKEN.findall(body), lexicon, is_shouted) * (1 + min(marks.count("!"), 3) / 10)
    # Any sum falls between -1 and 1, and nothing is divided by a number of words, which may be 0.
    return total / (abs(total) + 2)


def _sum(tokens: list[str], lexicon: Mapping[str, float], is_shouted: bool) -> float:
    """The sum of the weights of one sentence, each changed by what stands before it."""
    words = [token.lower() for token in tokens]
    last_but = max((i for i, word in enumerate(words) if word == "but"), default=None)
    total = 0.0
    factor = 1.0  # of the intensifiers directly before this token
    reaches: list[int] = []  # for each negator in force, how many more words it turns
    for i, word in enumerate(words):
        if word == "but" or not word[0].isalpha():  # a new thought: nothing before it reaches any further
            factor, reaches = 1.0, []
            continue
        if word in lexicon:
            # Half of the weight, as "not great" is milder than "bad"; a second negator turns it back.
            weight = lexicon[word] * factor * (-0.5) ** len(reaches)
            if last_but is not None:  # what comes after "but" is what the writer means
                weight *= 0.5 if i < last_but else 1.5
            total += weight * (1.5 if tokens[i].isupper() and not is_shouted else 1.0)
        factor = factor * INTENSIFIERS[word] if word in INTENSIFIERS else 1.0
        reaches = [n - 1 for n in reaches if n > 1]
        if word in NEGATORS or word.endswith("n't"):
            reaches.append(REACH)
    return total


def label(text: str, lexicon: Mapping[str, float]) -> str:
    """Return "positive" for a score of 0.2 or more, "negative" for -0.2 or less, "neutral" for all others."""
    value = score(text, lexicon)
    return "positive" if value >= 0.2 else "negative" if value <= -0.2 else "neutral"


# VADER, whose rules these resemble, has 7,500 weighted words and emoticons, rated by ten people each, and adds where
# this multiplies. What no rule of this kind sees is irony, and praise without a single word of praise.
