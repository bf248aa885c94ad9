"""Two rows for the script too: a is cut in the middle, and both halves are solved on their own."""


def last_row(a, b):
    row = list(range(len(b) + 1))
    for x in a:
        diagonal, row[0] = row[0], row[0] + 1
        for j, y in enumerate(b):
            diagonal, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, diagonal + (x != y))
    return row


def distance(a, b):
    return last_row(a, b)[len(b)]


def edit_script(a, b):
    if not a:
        return [("", y) for y in b]
    if len(a) == 1:
        if not b:
            return [(a, "")]
        at = max(b.find(a), 0)
        return [("", y) for y in b[:at]] + [(a, b[at])] + [("", y) for y in b[at + 1 :]]
    half = len(a) // 2
    left, right = last_row(a[:half], b), last_row(a[half:][::-1], b[::-1])[::-1]
    costs = [x + y for x, y in zip(left, right)]
    cut = costs.index(min(costs))
    return edit_script(a[:half], b[:cut]) + edit_script(a[half:], b[cut:])
