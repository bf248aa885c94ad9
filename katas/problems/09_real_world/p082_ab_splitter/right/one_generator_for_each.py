"""A generator of its own for each pair, seeded with the text of both."""

import json
import random


def assign(user, experiment, weights, ramp=1.0):
    shares = [weights[name] for name in sorted(weights)]
    if not (0 <= ramp <= 1) or min(shares, default=0) < 0 or not sum(shares) > 0:
        raise ValueError((ramp, weights))
    draw = random.Random(json.dumps([experiment, user]))
    if draw.random() >= ramp:
        return None
    return draw.choices(sorted(weights), shares)[0]
