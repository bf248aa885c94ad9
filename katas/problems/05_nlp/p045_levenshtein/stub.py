"""The least number of edits between two strings, and the edits themselves."""


def distance(a: str, b: str) -> int:
    """Return the least number of insertions, deletions and replacements of one character that turn a into b.

    Its memory grows with the lengths of a and b, not with their product.
    """
    raise NotImplementedError


def edit_script(a: str, b: str) -> list[tuple[str, str]]:
    """Return pairs (old, new) that turn a into b with as few edits as possible.

    Each side is one character or "": kept where both are equal, inserted where old is "", deleted where new is "".
    The old sides joined are a, the new sides joined are b.
    """
    raise NotImplementedError
