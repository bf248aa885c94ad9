"""An external sort: every line gets a random key, runs are sorted in memory and merged."""
import heapq
import os
import struct
import tempfile

import numpy as np


def fisher_yates(items, rng):
    for i in range(len(items) - 1):
        j = i + int(rng.integers(0, len(items) - i))
        items[i], items[j] = items[j], items[i]


def _write(run, folder, number):
    run.sort(key=lambda pair: pair[0])
    path = os.path.join(folder, f"run{number}")
    with open(path, "wb") as f:
        for key, line in run:
            f.write(struct.pack("<dQ", key, len(line)) + line)
    return path


def _read(path):
    with open(path, "rb") as f:
        while head := f.read(16):
            key, n = struct.unpack("<dQ", head)
            yield key, f.read(n)


def shuffle_lines(source, target, rng, max_bytes=2**26):
    if max_bytes < 1:
        raise ValueError(f"max_bytes is {max_bytes}")
    source, target = os.fspath(source), os.fspath(target)
    if not os.path.exists(source):
        raise FileNotFoundError(source)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(target) or ".") as folder:
        runs, run, held, n = [], [], 0, 0
        with open(source, "rb") as f:
            for line in f:
                n += 1
                line = line.rstrip(b"\n") + b"\n"
                run.append((rng.random(), line))
                held += len(line)
                if held >= max_bytes:
                    runs.append(_write(run, folder, len(runs)))
                    run, held = [], 0
        runs.append(_write(run, folder, len(runs)))
        step = 0
        while len(runs) > 1:
            some, runs = runs[:50], runs[50:]
            step += 1
            merged = os.path.join(folder, f"merged{step}")
            with open(merged, "wb") as out:
                for key, line in heapq.merge(*map(_read, some), key=lambda pair: pair[0]):
                    out.write(struct.pack("<dQ", key, len(line)) + line)
            for path in some:
                os.remove(path)
            runs.append(merged)
        done = os.path.join(folder, "done")
        with open(done, "wb") as out:
            for _, line in _read(runs[0]):
                out.write(line)
        os.replace(done, target)
    return n
