"""A heap finds the next pair, and stale entries are thrown away; encode goes through the merges in order."""
import heapq
import re


def split(text):
    return re.findall(r" ?\w+| ?[^\w\s]+|\s+", text)


def replace(ids, a, b, new):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and ids[i] == a and ids[i + 1] == b:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size")
    times = {}
    for chunk in split(text):
        times[chunk] = times.get(chunk, 0) + 1
    words = {chunk: [*chunk.encode("utf-8")] for chunk in times}
    count, where = {}, {}
    for chunk, ids in words.items():
        for pair in zip(ids, ids[1:]):
            count[pair] = count.get(pair, 0) + times[chunk]
            where.setdefault(pair, set()).add(chunk)
    heap = [(-n, pair) for pair, n in count.items()]
    heapq.heapify(heap)
    merges = []
    while heap and len(merges) < vocab_size - 256:
        n, pair = heapq.heappop(heap)
        if count[pair] != -n or n == 0:
            continue
        new = 256 + len(merges)
        merges.append(pair)
        touched = set()
        for chunk in where.pop(pair):
            before = words[chunk]
            after = words[chunk] = replace(before, *pair, new)
            for old in zip(before, before[1:]):
                count[old] -= times[chunk]
                touched.add(old)
            for fresh in zip(after, after[1:]):
                count[fresh] = count.get(fresh, 0) + times[chunk]
                where.setdefault(fresh, set()).add(chunk)
                touched.add(fresh)
        for t in touched:
            if count[t]:
                heapq.heappush(heap, (-count[t], t))
    return merges


def encode(text, merges):
    known, ids = {}, []
    for chunk in split(text):
        if chunk not in known:
            word = [*chunk.encode("utf-8")]
            for i, (a, b) in enumerate(merges):
                if len(word) > 1:
                    word = replace(word, a, b, 256 + i)
            known[chunk] = word
        ids.extend(known[chunk])
    return ids


def decode(ids, merges):
    def spell(i):
        if i < 0:
            raise KeyError(i)
        return bytes([i]) if i < 256 else spell(merges[i - 256][0]) + spell(merges[i - 256][1])

    return b"".join(map(spell, ids)).decode("utf-8", "replace")
