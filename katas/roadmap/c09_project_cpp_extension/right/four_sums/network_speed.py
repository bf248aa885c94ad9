"""The same with pstats, a loop over the layers, and one list of times for each."""

import cProfile
import pstats
import time
from collections import namedtuple

import backprop
import fast_dense
import numpy as np

Row = namedtuple("Row", "name calls seconds")


def profile(call):
    profiler = cProfile.Profile()
    profiler.enable()
    call()
    profiler.disable()
    stats = pstats.Stats(profiler).stats
    rows = [Row(name, entry[1], entry[2]) for (_, _, name), entry in stats.items()]
    return sorted(rows, key=lambda row: row.seconds, reverse=True)


def forward(params, X, product=fast_dense.product):
    values = [X]
    a = X
    for layer in "123":
        z = product(a, params["W" + layer]) + params["b" + layer]
        values.append(z)
        if layer != "3":
            a = np.where(z > 0, z, 0.0)
            values.append(a)
    return backprop.Trace(*values)


def race(params, X, rounds=5, clock=time.perf_counter):
    numpy, cpp = [], []
    for _ in range(rounds):
        for took, run in ((numpy, backprop.forward), (cpp, forward)):
            before = clock()
            run(params, X)
            after = clock()
            took.append(after - before)
    return {"numpy": min(numpy), "cpp": min(cpp)}


def table(times):
    text = "rows numpy cpp ratio\n"
    for rows, both in times.items():
        a, b = both["numpy"], both["cpp"]
        text += f"{rows} {a * 1e3:.3f} {b * 1e3:.3f} {a / b:.2f} "
        text += {True: "faster", False: "slower"}[a > b] if a != b else "equal"
        text += "\n"
    return text
