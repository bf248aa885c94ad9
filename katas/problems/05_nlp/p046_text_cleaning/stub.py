"""Text without markup, emoji and punctuation."""


def strip_html(text: str) -> str:
    """Return the text of a page without tags, comments, scripts and styles; entities decoded once, after that."""
    raise NotImplementedError


def strip_emoji(text: str) -> str:
    """Return the text without emoji: with their skin tones, joiners, keycaps and flags, and nothing else."""
    raise NotImplementedError


def strip_punctuation(text: str) -> str:
    """Return letters, digits and their marks; apostrophes, hyphens and joiners between two of them."""
    raise NotImplementedError


def clean(text: str) -> str:
    """Return the words of a page: strip_html, strip_emoji, strip_punctuation, in lower case."""
    raise NotImplementedError
