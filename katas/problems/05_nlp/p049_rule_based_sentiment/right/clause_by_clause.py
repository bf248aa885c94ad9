"""The text is cut by regular expressions: sentences, then clauses that no negator crosses, then words."""

import math
import re

NEGATORS = frozenset(("not", "no", "never", "without", "cannot", "hardly"))
INTENSIFIERS = {"very": 1.5, "really": 1.5, "so": 1.5, "extremely": 2.0, "slightly": 0.5, "somewhat": 0.5}
TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[.,;:!?]")


def clause_sum(words, lexicon, shouted):
    low = [word.lower() for word in words]
    total = 0.0
    for i, word in enumerate(low):
        if word in lexicon:
            negators = [w for w in low[max(i - 3, 0) : i] if w in NEGATORS or re.search("n['’]t$", w)]
            run = []
            for w in reversed(low[:i]):
                if w not in INTENSIFIERS:
                    break
                run.append(INTENSIFIERS[w])
            emphasis = 1.5 if words[i].isupper() and not shouted else 1
            total += lexicon[word] * math.prod(run) * (-0.5) ** len(negators) * emphasis
    return total


def score(text, lexicon):
    """See the task."""
    words = [token for token in TOKEN.findall(text) if token not in ".,;:!?"]
    shouted = " ".join(words).isupper()
    total = 0.0
    for sentence in re.finditer(r"([^.!?]+)([.!?]*)", text):
        sides = [[[]]]
        for token in TOKEN.findall(sentence[1]):
            if token.lower() == "but":
                sides.append([[]])
            elif token in ",;:":
                sides[-1].append([])
            else:
                sides[-1][-1].append(token)
        sums = [sum(clause_sum(clause, lexicon, shouted) for clause in side) for side in sides]
        inside = sums[0] if len(sums) == 1 else 0.5 * sum(sums[:-1]) + 1.5 * sums[-1]
        total += inside * (10 + min(sentence[2].count("!"), 3)) / 10
    return total / (abs(total) + 2)


def label(text, lexicon):
    """See the task."""
    value = score(text, lexicon)
    for name, is_so in (("positive", value >= 0.2), ("negative", value <= -0.2)):
        if is_so:
            return name
    return "neutral"
