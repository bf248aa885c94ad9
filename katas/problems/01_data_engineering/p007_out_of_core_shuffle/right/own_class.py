"""Piles as objects with a method `shuffle` of their own, buffers instead of open files."""
import contextlib
import os
import tempfile


def fisher_yates(items, rng):
    for i in range(1, len(items)):
        j = int(rng.integers(0, i, endpoint=True))
        items[i], items[j] = items[j], items[i]


class Pile:
    def __init__(self, path, size):
        self.path, self.size, self.count = path, size, 0

    def add(self, line):
        with open(self.path, "ab") as file:
            file.write(line)
        self.size += len(line)
        self.count += 1

    def __iter__(self):
        with open(self.path, "rb") as file:
            for line in file:
                yield line if line[-1:] == b"\n" else line + b"\n"

    def shuffle(self, out, rng, max_bytes):
        if self.size <= max_bytes or self.count == 1:
            lines = list(self)
            fisher_yates(lines, rng)
            for line in lines:
                out.write(line)
            return len(lines)
        piles = [Pile(f"{self.path}.{i}", 0) for i in range(min(20, self.size // max_bytes + 2))]
        for line in self:
            piles[int(rng.random() * len(piles))].add(line)
        n = 0
        for pile in piles:
            if pile.count:
                n += pile.shuffle(out, rng, max_bytes)
                os.remove(pile.path)
        return n


def shuffle_lines(source, target, rng, max_bytes=2**26):
    if max_bytes < 1:
        raise ValueError("max_bytes is below 1")
    size = os.path.getsize(source)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(target))) as folder:
        first = Pile(os.path.join(folder, "pile"), size)
        result = os.path.join(folder, "result")
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(open(result, "wb"))
            top = Pile.__new__(Pile)
            top.path, top.size, top.count = source, size, 0
            if size <= max_bytes:
                n = top.shuffle(out, rng, max_bytes)
            else:
                for line in top:
                    first.add(line)
                n = first.shuffle(out, rng, max_bytes)
        os.rename(result, target) if os.name != "nt" else os.replace(result, target)
    return n
