"""Text without markup, emoji and punctuation."""

import html
import re
import unicodedata

# Every alternative ends with "or the end of the text", \Z. So none can fail after reading far, and nothing is read
# twice: the time is linear, and what is not closed goes as in a browser.
REST_OF_TAG = r"""(?: [^>"'] | "[^"]*(?:"|\Z) | '[^']*(?:'|\Z) )* (?:>|\Z)"""
# The name ends where the tag ends, or with a blank or a slash: <scripture> is no script.
MARKUP = re.compile(
    rf"""
    <!-- .*? (?:-->|\Z)
    | <(script|style) (?![^\s/>]) {REST_OF_TAG} .*? (?: </\1 (?![^\s/>]) {REST_OF_TAG} | \Z )
    | <[/!?]?[a-z] {REST_OF_TAG}
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

# U+FE0F asks for the coloured picture of a character that is text by default: a digit, ©, an arrow.
SYMBOL = "(?:[\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]|.(?=\ufe0f))"
ONE = SYMBOL + "[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
# A joiner goes only between two symbols. In Hindi and Persian it is part of the spelling.
EMOJI = re.compile(f"{ONE}(?:\u200d{ONE})*", re.DOTALL)

INSIDE_WORDS = "'’-\u200c\u200d"


def strip_html(text: str) -> str:
    """Return the text of a page without tags, comments, scripts and styles; entities decoded once, after that."""
    # One pass over one pattern: a comment in a script is script, and a script in a comment is comment. In two passes,
    # the first would find markup where there is none.
    # Decoding first would make tags of what the author wrote as text.
    return _single_blanks(html.unescape(MARKUP.sub(" ", text)))


def strip_emoji(text: str) -> str:
    """Return the text without emoji: with their skin tones, joiners, keycaps and flags, and nothing else."""
    return _single_blanks(EMOJI.sub(" ", text))


def strip_punctuation(text: str) -> str:
    """Return letters, digits and their marks; apostrophes, hyphens and joiners between two of them."""
    # \w would lose the vowel signs of Hindi, which are marks, and keep the underscore.
    is_letter = [unicodedata.category(character)[0] in "LMN" for character in text]
    before, after = [False, *is_letter], [*is_letter[1:], False]
    kept = [
        character if letter or (character in INSIDE_WORDS and left and right) else " "
        for character, letter, left, right in zip(text, is_letter, before, after, strict=False)
    ]
    return _single_blanks("".join(kept))


def clean(text: str) -> str:
    """Return the words of a page: strip_html, strip_emoji, strip_punctuation, in lower case."""
    return strip_punctuation(strip_emoji(strip_html(text))).lower()


def _single_blanks(text: str) -> str:
    # split() without an argument splits at every run of whitespace, and leaves none at the ends.
    return " ".join(text.split())


# A browser reads HTML with a state machine of 80 states (html.spec.whatwg.org), as html5lib does. The third-party
# package regex knows \p{Emoji} and \p{M}. Large corpora are cleaned by rules such as these, and then by statistics:
# how many of the words are known, how many lines are repeated.
