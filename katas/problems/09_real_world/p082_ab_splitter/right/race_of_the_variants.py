"""Each variant draws an exponential time for the user, divided by its weight; the smallest wins."""

import math
from hashlib import md5


def unit(text):
    return (int(md5(text.encode("utf-8")).hexdigest()[:13], 16) + 0.5) / 16**13


def assign(user, experiment, weights, ramp=1.0):
    if ramp < 0 or ramp > 1 or ramp != ramp:
        raise ValueError("ramp")
    for name, weight in weights.items():
        if not weight >= 0:
            raise ValueError(f"the weight of {name} is {weight}")
    if not any(weights.values()):
        raise ValueError("no weight is above 0")
    if unit(f"{len(experiment)}:{experiment}:{user}") > ramp:
        return None
    times = {
        name: -math.log(unit(f"{name!r} {experiment!r} {user!r}")) / weight for name, weight in weights.items() if weight
    }
    return min(sorted(times), key=lambda name: times[name])
