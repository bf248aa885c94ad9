"""The least number of edits between two strings, and the edits themselves."""


def distance(a: str, b: str) -> int:
    """Return the least number of insertions, deletions and replacements of one character that turn a into b.

    Its memory grows with the lengths of a and b, not with their product.
    """
    # The row of the empty beginning of a: j insertions make the first j characters of b.
    row = list(range(len(b) + 1))
    for old in a:
        row = _next_row(row, old, b)  # a row needs only the one above it
    return row[-1]


def edit_script(a: str, b: str) -> list[tuple[str, str]]:
    """Return pairs (old, new) that turn a into b with as few edits as possible.

    Each side is one character or "": kept where both are equal, inserted where old is "", deleted where new is "".
    The old sides joined are a, the new sides joined are b.
    """
    # table[i][j] is the distance of a[:i] and b[:j]. The way back needs all of it.
    table = [list(range(len(b) + 1))]
    for old in a:
        table.append(_next_row(table[-1], old, b))

    pairs = []
    i, j = len(a), len(b)
    while i > 0 or j > 0:
        # Any neighbour that explains the number in this cell lies on a shortest way.
        if i > 0 and j > 0 and table[i][j] == table[i - 1][j - 1] + (a[i - 1] != b[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((a[i], b[j]))
        elif i > 0 and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            pairs.append((a[i], ""))
        else:
            j -= 1
            pairs.append(("", b[j]))
    return pairs[::-1]  # found from the end to the beginning


def _next_row(above: list[int], old: str, b: str) -> list[int]:
    """The distances of one more character of a, `old`, to all beginnings of b."""
    row = [above[0] + 1]  # to the empty beginning of b: everything is deleted
    for j, new in enumerate(b, start=1):
        deleted, inserted = above[j] + 1, row[j - 1] + 1
        replaced = above[j - 1] + (old != new)  # costs nothing where the characters are equal
        row.append(min(deleted, inserted, replaced))
    return row


# rapidfuzz and other libraries hold a whole row in the bits of a few machine words (Myers, 1999), which is some
# fifty times faster. Hirschberg's method finds the script in the memory of two rows as well: it cuts a in the middle,
# finds from both ends where b has to be cut, and goes on with the two halves.
