"""Hidden test of p079_bitwise_features."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_dtype,
    assert_equal,
    assert_faster,
    assert_raises,
    calling,
    edges,
    learner,
    rng,
    timing,
    unchanged,
)

work = learner("bit_features")

TOP = 2**63
FULL = 2**64 - 1


def plain_pack(flags: NDArray[Any]) -> list[list[int]]:
    """The words of each row, in Python's own integers, which have no largest."""
    rows = []
    for row in flags.tolist():
        number = sum(1 << j for j, flag in enumerate(row) if flag != 0)
        rows.append([(number >> 64 * i) % 2**64 for i in range((len(row) + 63) // 64)])
    return rows


def words_of(rows: list[list[int]]) -> NDArray[np.uint64]:
    return np.array(rows, dtype=np.uint64)


def ones(row: list[int]) -> int:
    return sum(bin(word).count("1") for word in row)


def distances(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
    return [[ones([x ^ y for x, y in zip(one, other, strict=True)]) for other in b] for one in a]


def random_flags(stream: int, n: int, k: int) -> NDArray[np.bool_]:
    return rng(stream).random((n, k)) < 0.5


def random_words(stream: int, n: int, w: int) -> NDArray[np.uint64]:
    return rng(stream).integers(0, FULL, (n, w), dtype=np.uint64, endpoint=True)


def check_pack(flags: NDArray[Any]) -> None:
    expected = plain_pack(flags)
    got = as_array(work.pack(flags.copy()))
    assert_equal(got, expected, what="pack")
    assert_dtype(got, np.uint64, what="pack")


def check_unpack(flags: NDArray[np.bool_]) -> None:
    words = words_of(plain_pack(flags))
    got = as_array(work.unpack(words, flags.shape[1]))
    assert_dtype(got, np.bool_, what="unpack")
    assert_equal(got, flags, what="unpack")


def test_place_of_each_flag() -> None:
    """1. Flag j stands in bit j % 64 of word j // 64, bit 0 being the lowest; bits beyond the last flag are 0."""
    check_pack(np.array([[True]]))
    check_pack(np.array([[True, False]]))
    check_pack(np.array([[True, True, False], [False, False, True]]))
    for k, place in ((66, 65), (64, 40), (65, 64), (127, 70), (128, 64), (129, 128), (200, 199)):
        flags = np.zeros((2, k), dtype=bool)
        flags[0, 1] = flags[1, place] = True
        with calling(f"pack(flags), {k} flags a row; set are flag 1 of row 0 and flag {place} of row 1"):
            check_pack(flags)
    for stream, (n, k) in enumerate([(1, 7), (5, 63), (3, 130), (4, 1), (2, 320)]):
        flags = random_flags(stream, n, k)
        flags[:, np.arange(k) % 64 >= 50] = False  # the highest bits have a check of their own
        check_pack(flags)


def test_flags_come_back() -> None:
    """4. unpack returns the first k flags as booleans, in any number of words."""
    check_unpack(np.array([[True]]))
    check_unpack(np.array([[False, True, True], [True, False, False]]))
    for stream, (n, k) in enumerate([(1, 64), (2, 65), (3, 7), (4, 127), (2, 128), (1, 129), (3, 300)]):
        check_unpack(random_flags(10 + stream, n, k))
    words = random_words(20, 3, 2)
    for k in (100, 64, 10):
        expected = [[bool(row[j // 64] >> (j % 64) & 1) for j in range(k)] for row in words.tolist()]
        assert_equal(work.unpack(words.copy(), k), expected, what="unpack")


def test_bit_63() -> None:
    """2. All 64 bits are exact, bit 63 included, in words and back."""
    for places in ([63], [0, 63], [0, 53], [0, 62], [63, 127], list(range(64))):
        flags = np.zeros((1, 128), dtype=bool)
        flags[0, places] = True
        with calling(
            f"pack(flags), one row; set are the flags {', '.join(map(str, places)) if len(places) < 9 else '0 to 63'}"
        ):
            check_pack(flags[:, : 64 * (max(places) // 64 + 1)])
    for word in (TOP, TOP + 1, 2**53 + 1, FULL):
        flags = np.array([[word >> i & 1 for i in range(64)]], dtype=bool)
        check_unpack(flags)


def test_ones_of_each_row() -> None:
    """5. popcount is the number of ones of each row, over all its words."""
    for rows in ([[0]], [[1]], [[3], [8], [7]], [[FULL]], [[TOP], [TOP + 1]], [[1, 3], [FULL, 0]], [[FULL] * 4]):
        expected = [ones(row) for row in rows]
        assert_equal(work.popcount(words_of(rows)), expected, what="popcount")
    for stream, (n, w) in enumerate([(1, 1), (7, 1), (5, 2), (2, 5), (129, 3)]):
        words = random_words(30 + stream, n, w)
        expected = [ones(row) for row in words.tolist()]
        assert_equal(work.popcount(words), expected, what="popcount")


def test_distances_between_rows() -> None:
    """6. hamming is the number of bits in which row i of a and row j of b differ."""
    for a, b in (
        ([[1]], [[2]]),
        ([[1]], [[1], [3], [0]]),
        ([[12], [10]], [[10]]),
        ([[0]], [[FULL], [TOP]]),
        ([[1, 0]], [[0, 1], [1, 1]]),
        ([[0] * 4, [FULL] * 4], [[FULL] * 4]),
    ):
        expected = distances(a, b)
        assert_equal(work.hamming(words_of(a), words_of(b)), expected, what="hamming")
    for stream, (n, m, w) in enumerate([(2, 2, 2), (3, 5, 1), (4, 3, 4), (1, 7, 2), (3, 3, 3), (33, 20, 5)]):
        a, b = random_words(40 + stream, n, w), random_words(50 + stream, m, w)
        expected = distances(a.tolist(), b.tolist())
        assert_equal(work.hamming(a, b), expected, what="hamming")


@timing
def test_faster_than_booleans() -> None:
    """8. hamming is at least twice as fast as comparing booleans, for 64 rows of 1024 flags in a and in b."""
    flags_a, flags_b = random_flags(60, 64, 1024), random_flags(61, 64, 1024)
    a, b = words_of(plain_pack(flags_a)), words_of(plain_pack(flags_b))
    expected = (flags_a[:, None] != flags_b).sum(axis=2)
    assert_equal(work.hamming(a, b), expected, what="hamming")
    assert_faster(lambda: work.hamming(a, b), lambda: (flags_a[:, None] != flags_b).sum(axis=2), at_least=2)


edges()


def test_integers_as_flags() -> None:
    """3. Every integer but 0 is a yes, whatever its value and type."""
    check_pack(np.array([[1, 0, 1]]))
    for dtype in (np.uint8, np.int8, np.int64, np.uint64):
        check_pack(np.array([[2, 0, 1], [0, 100, 3]], dtype=dtype))
    check_pack(np.array([[255, 0, 128]], dtype=np.uint8))
    check_pack(np.array([[-1, 0, -2]], dtype=np.int64))
    check_pack(np.array([[256, 0, 2**32, -(2**63)]], dtype=np.int64))


def test_counts_are_int64() -> None:
    """7. popcount and hamming return int64, in one word and in several."""
    for w in (1, 3):
        words = random_words(70 + w, 2, w)
        assert_dtype(work.popcount(words.copy()), np.int64, what="popcount")
        assert_dtype(work.hamming(words.copy(), words.copy()), np.int64, what="hamming")


def test_views_and_arguments_unchanged() -> None:
    """9. Arguments are left as they were, and may be views with any strides."""
    base = random_flags(80, 6, 140)
    numbers = rng(81).integers(0, 3, (5, 9))
    for flags in (base, base[:, ::2], base[::-1, 3:], base.T, numbers, numbers[::2].T):
        expected = plain_pack(flags)
        with unchanged(flags=flags):
            got = work.pack(flags)
        assert_equal(got, expected, what="pack")
    block = random_words(82, 6, 6)
    for words in (block, block[:, ::2], block[::-1, 1:4], block.T, np.asfortranarray(block), block[:, 5:]):
        rows = words.tolist()
        k = 64 * words.shape[1] - 3
        flags = [[bool(row[j // 64] >> (j % 64) & 1) for j in range(k)] for row in rows]
        counts, between = [ones(row) for row in rows], distances(rows, rows[:4])
        with unchanged(words=words):
            got = work.unpack(words, k)
        assert_equal(got, flags, what="unpack")
        with unchanged(words=words):
            got = work.popcount(words)
        assert_equal(got, counts, what="popcount")
        with unchanged(a=words, b=block):
            got = work.hamming(words, words[:4])
        assert_equal(got, between, what="hamming")


def test_other_dtypes_are_refused() -> None:
    """10. Words of another dtype than uint64 raise TypeError, in unpack, popcount and both arguments of hamming."""
    words = words_of([[5], [7]])
    for dtype in (np.int64, np.float64, np.uint32, np.uint8, np.bool_):
        other = words.astype(dtype)
        assert_raises(TypeError, work.popcount, other)
        assert_raises(TypeError, work.unpack, other, 3)
        assert_raises(TypeError, work.hamming, other, words)
        assert_raises(TypeError, work.hamming, words, other)
        assert_raises(TypeError, work.hamming, other, other)


def test_numbers_of_words_that_do_not_fit() -> None:
    """11. Different numbers of words in a and b, and a k for which there are too few, raise ValueError."""
    for w_a, w_b in ((1, 2), (2, 1), (1, 5), (3, 2)):
        assert_raises(ValueError, work.hamming, words_of([[7] * w_a]), words_of([[5] * w_b]))
    for w, k in ((1, 65), (1, 66), (2, 129), (3, 1000)):
        assert_raises(ValueError, work.unpack, words_of([[7] * w]), k)
