"""Hidden test of p041_byte_pair_encoding."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pydoc_data.topics import topics
from typing import Any

from kata_runner.checking import (
    assert_equal,
    assert_faster,
    assert_raises,
    edges,
    fail,
    learner,
    require,
    rng,
    timing,
)

work = learner("bpe")

Pair = tuple[int, int]
Words = list[tuple[list[int], int]]  # a chunk's ids, and how often it stands in the text

MANUAL = "\n".join(topics[name] for name in sorted(topics))
# Without repeated characters, as pairs that overlap are a check of their own, and without lines.
NO_RUNS = re.sub(r"(.)\1+", r"\1", " ".join(MANUAL[:60_000].split()))

# Letters, accents, other scripts, joined emoji, blanks of all kinds, and what no keyboard has.
TEXTS = ["a", "é", "naïve café", "e\u0301", "日本語", "Привет, мир!", "שלום", "नमस्ते", "😀", "👩‍👧 👍🏽", "🇩🇪"]
TEXTS += ["a  b\r\n\tc ", "\u00a0\u2028\u3000", "\0", "\x7f\x80", "\ufeff\ufffd", "ﬁ ß İ", "\U0010ffff", "don't_stop"]


def split(text: str) -> list[str]:
    return re.findall(r" ?\w+| ?[^\w\s]+|\s+", text)


def words_of(text: str) -> Words:
    return [(list(chunk.encode()), n) for chunk, n in Counter(split(text)).items()]


def joined(ids: list[int], pair: Pair, new: int) -> list[int]:
    """The ids with each occurrence of the pair, from left to right, replaced by the new id."""
    found, place = [], 0
    while place < len(ids):
        is_pair = (*ids[place : place + 2],) == pair
        found.append(new if is_pair else ids[place])
        place += 2 if is_pair else 1
    return found


def counted(words: Words) -> Counter[Pair]:
    counts: Counter[Pair] = Counter()
    for ids, n in words:
        for pair in pairwise(ids):
            counts[pair] += n
    return counts


def plain_train(text: str, n_merges: int) -> list[Pair]:
    """The merges; all pairs are counted again before each."""
    words, merges = words_of(text), []
    while len(merges) < n_merges and (counts := counted(words)):
        best = smallest_of_the_top(counts)
        words = [(joined(ids, best, 256 + len(merges)), n) for ids, n in words]
        merges.append(best)
    return merges


def smallest_of_the_top(counts: Counter[Pair]) -> Pair:
    return sorted(counts, key=lambda pair: (-counts[pair], pair))[0]


def quick_train(text: str, n_merges: int) -> list[Pair]:
    """The merges, with the counts kept up to date: only words that hold the pair are looked at."""
    words = words_of(text)
    counts, holders = counted(words), {}
    for i, (ids, _) in enumerate(words):
        for pair in pairwise(ids):
            holders.setdefault(pair, set()).add(i)
    merges: list[Pair] = []
    while len(merges) < n_merges:
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        for i in list(holders[best]):
            ids, n = words[i]
            for pair in pairwise(ids):
                counts[pair] -= n
                holders[pair].discard(i)
            words[i] = joined(ids, best, 256 + len(merges)), n
            for pair in pairwise(words[i][0]):
                counts[pair] += n
                holders.setdefault(pair, set()).add(i)
        merges.append(best)
    return merges


def plain_encode(text: str, merges: list[Pair]) -> list[int]:
    """Every merge, one after the other, on every chunk."""
    found: list[int] = []
    for chunk in split(text):
        ids = list(chunk.encode())
        for rank, pair in enumerate(merges):
            ids = joined(ids, pair, 256 + rank)
        found += ids
    return found


def vocabulary(merges: list[Pair]) -> list[bytes]:
    tokens = [bytes([i]) for i in range(256)]
    for first, second in merges:
        tokens.append(tokens[first] + tokens[second])
    return tokens


def trained(text: str, vocab_size: int) -> list[Pair]:
    """The learner's merges, if they are pairs of numbers."""
    got = work.train(text, vocab_size)
    require(isinstance(got, list), "train must return a list", got=got)
    for pair in got:
        is_pair = isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(i, int) for i in pair)
        require(is_pair, "each merge must be a pair of ids", got=pair)
    return list(got)


def follows(text: str, vocab_size: int, *, ties: bool = False) -> None:
    """Each of the learner's merges is a pair of the highest count, given those before it; of a tie, the smallest."""
    got = [(first, second) for first, second in trained(text, vocab_size)]
    words = words_of(text)
    require(len(got) > 0 or ties, "there is no merge", got=got, expected=plain_train(text, 1))
    for i, pair in enumerate(got):
        counts = counted(words)
        if not counts:
            return
        right = smallest_of_the_top(counts)
        if counts[pair] < counts[right] or (ties and pair != right):
            tokens = vocabulary(got[:i])
            message = f"merge {i} is {told(pair, tokens, counts)}; it must be {told(right, tokens, counts)}"
            fail(message, got=got[: i + 1][-4:], expected=[*got[:i], right][-4:])
        words = [(joined(ids, pair, 256 + i), n) for ids, n in words]


def told(pair: Pair, tokens: list[bytes], counts: Counter[Pair]) -> str:
    if not all(0 <= part < len(tokens) for part in pair):
        return f"{pair}, with an id that no merge has made"
    return f"{tokens[pair[0]]!r} + {tokens[pair[1]]!r}, count {counts[pair]}"


def encoded(text: str, merges: list[Pair]) -> list[int]:
    """The learner's ids, if they are a list of numbers."""
    got = work.encode(text, list(merges))
    is_list = isinstance(got, list) and all(isinstance(i, int) for i in got)
    require(is_list, "encode must return a list of ids", got=got)
    return list(got)


def encodes(text: str, merges: list[Pair]) -> None:
    expected = plain_encode(text, merges)
    assert_equal(encoded(text, merges), expected, what="encode")


def decodes(ids: list[int], merges: list[Pair], expected: str) -> None:
    got = work.decode(list(ids), list(merges))
    require(isinstance(got, str), "decode must return a str", got=got, expected=expected)
    assert_equal(got, expected, what="decode")


def letters(stream: int, alphabet: str, n: int) -> str:
    return "".join(rng(stream).choice(list(alphabet), n).tolist())


def test_pairs_are_counted_within_chunks() -> None:
    """1. Pairs are counted within chunks, in every copy of a chunk; "zzz" holds (z, z) twice."""
    # What decides: the second (z, z); that "." is a chunk of its own; copies; both.
    for text in ("zzzbc", "a.b.a.b.a.b.xy.xy", "pq.pq.pq.axy.bxy", "zzzz ab ab yzzz"):
        follows(text, 257)


def test_the_most_frequent_pair_is_merged() -> None:
    """2. The most frequent pair is merged, a tuple; then the next, counted on the text as merged so far."""
    for text, vocab_size in (("xy xyz xyz", 258), ("low low lower", 260), ("the theme of the thesis", 260)):
        follows(text, vocab_size)
    for pair in trained("low low lower", 260):
        require(isinstance(pair, tuple), "each merge must be a tuple", got=pair, expected=tuple(pair))
    follows(NO_RUNS[:4000], 256 + 80)
    follows("".join(TEXTS) + "Привет, привет 日本 日本人 ", 256 + 12)


def test_a_tie_goes_to_the_smallest_pair() -> None:
    """3. Of pairs with the same count, the smallest is merged: the smaller first id, then the smaller second."""
    for text, vocab_size in (
        ("yxba.yxba", 257),
        ("bd.ac.bd.ac", 257),
        ("bd.bc.bd.bc", 257),
        ("bd.ce.bd.ce", 257),
        ("xyab.xyab", 259),
        ("abc.abc.az.az.az", 259),
        ("qrs. pqr.qrs. pqr", 260),
    ):
        follows(text, vocab_size, ties=True)
    for start in (0, 40_000):
        follows(NO_RUNS[start : start + 2000], 256 + 50, ties=True)


def test_the_earliest_merge_goes_first() -> None:
    """7. Of all pairs in a chunk, the one that comes first in merges is replaced first, wherever it stands."""
    b_c, a_b, c_d = (98, 99), (97, 98), (99, 100)
    for text, merges in (
        ("abc", [b_c, a_b]),
        ("abc", [a_b, b_c]),
        ("abcd", [b_c, a_b, c_d]),
        ("abcd", [c_d, (98, 256), a_b]),
        ("abcabc", [b_c, a_b, (97, 256), (258, 258)]),
        ("dabcd abc", [a_b, c_d, (256, 99), (100, 258)]),
    ):
        encodes(text, merges)
    merges = quick_train(NO_RUNS[:6000], 120)
    for text in ("returns", " statement", "a class statement", NO_RUNS[20_000:21_000]):
        encodes(text, merges)


def test_characters_that_training_never_met() -> None:
    """8. Characters that training never met become the bytes of UTF-8, as far as no merge fits."""
    merges = quick_train(MANUAL[:2000], 30)
    for text in (*TEXTS, "the 日本語 in"):
        encodes(text, [])
        encodes(text, merges)


def test_the_text_comes_back() -> None:
    """9. Encoded and decoded, any text is the same again, whichever merges are used."""
    english = quick_train(MANUAL[:3000], 60)
    many = quick_train("".join(TEXTS) + " é è ê ü 日 月 木 本 語 😀 😁 👍 Привет, при мир", 60)
    points = [int(point) for point in rng(1).integers(0, 0x110000, 300) if not 0xD800 <= point < 0xE000]
    for text in (*TEXTS, "".join(chr(point) for point in points), MANUAL[30_000:30_500], ""):
        for merges in ([], english, many):
            decodes(encoded(text, merges), merges, text)


edges()


def test_pairs_that_overlap() -> None:
    """4. A pair is replaced from left to right, in train and in encode: zzz becomes zz and z."""
    z_z = (122, 122)
    for text in ("zz", "zzz", "zzzz", "zzzzz", "azzza zzzzzzz"):
        for merges in ([z_z], [z_z, (256, 122)], [z_z, (256, 256), (122, 97)]):
            encodes(text, merges)
    for text, n_merges in (("zzza", 2), ("azzza azzzb zz", 3), ("zzzzz", 2), ("bzzzz zzzzzzz", 3)):
        follows(text, 256 + n_merges)
    follows(letters(2, "ab", 60), 256 + 8)
    follows(letters(3, "abb ", 300), 256 + 8)


def test_training_ends_where_no_pair_is_left() -> None:
    """5. There are vocab_size - 256 merges, or fewer where no pair is left."""
    for text, vocab_size in (
        ("ab", 257),
        ("abab ab", 257),
        ("ab", 300),
        ("a b", 1000),
        ("", 300),
        ("a.a.a", 300),
        ("ab cd", 256),
        (MANUAL[:1000], 256 + 33),
        (MANUAL[:300], 5000),
    ):
        expected = plain_train(text, vocab_size - 256)
        got = trained(text, vocab_size)
        message = f"the number of merges must be {len(expected)}, not {len(got)}"
        require(len(got) == len(expected), message, got=got, expected=expected)


def test_merges_do_not_cross_chunks() -> None:
    """7. encode applies merges within the chunks of split, not across them."""
    for text, merges in (
        ("a.", [(97, 46)]),
        ("a b", [(97, 32)]),
        ("a  b", [(32, 98), (32, 32)]),
        ("ab ab.", [(98, 32), (98, 46), (97, 98), (256, 97)]),
    ):
        encodes(text, merges)


def test_bytes_that_are_no_utf8() -> None:
    """10. Bytes that are no UTF-8 become U+FFFD, as by errors="replace"."""
    euro = [(0xE2, 0x82), (256, 0xAC)]
    for ids in ([0xC3], [97, 0xFF, 98], [256], [97, 256, 97], [256, 256, 0xAC], [0xAC, 257], [0xF0, 0x9F, 0x98, 33]):
        tokens = vocabulary(euro)
        decodes(ids, euro, b"".join(tokens[i] for i in ids).decode("utf-8", errors="replace"))


@timing
def test_counts_are_kept_up_to_date() -> None:
    """6. Equal chunks are worked on once, and a merge looks only at the chunks that hold its pair."""
    words = sorted(set(re.findall(r"[a-z]{4,9}", MANUAL[:60_000])))
    # Many copies of few words: working on each copy takes at least fifteen times as long.
    text = " ".join(words[:20] * 1000)
    message = "50 merges over 20,000 chunks, of which 20 are different, take too long"
    call = "train(20 words, 1,000 times each, 306)"
    assert_faster(lambda: work.train(text, 306), lambda: quick_train(text, 50), 1 / 4, message=message, call=call)
    # Codes that come once each, as in the log of a server: counting all pairs anew for each merge takes at least
    # fifteen times as long.
    codes = map("".join, rng(5).choice(list("0123456789abcdef"), (3000, 7)).tolist())
    log = " ".join([*words[:100] * 100, *codes])
    message = "250 merges over 3,100 different chunks take too long; does each of them go through all chunks?"
    call = "train(a text of 3,100 different chunks, 506)"
    assert_faster(lambda: work.train(log, 506), lambda: quick_train(log, 250), 1 / 4, message=message, call=call)


def refused(function: Any, *args: Any, errors: Iterable[type[Exception]]) -> None:
    assert_raises(tuple(errors), function, *args)


def test_what_is_refused() -> None:
    """11. A vocab_size below 256, and an id that is not in the vocabulary, raise an error."""
    for vocab_size in (255, 0, -1):
        refused(work.train, "ab ab", vocab_size, errors=[ValueError])
    for ids, merges in (([256], []), ([-1], []), ([97, 258], [(97, 98), (256, 99)]), ([98, -256], [(97, 98)])):
        refused(work.decode, ids, merges, errors=[ValueError, LookupError])
