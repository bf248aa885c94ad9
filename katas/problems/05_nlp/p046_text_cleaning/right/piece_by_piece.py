"""Small patterns, each tried where the last one ended; possessive quantifiers give nothing back."""

import html
import re
from unicodedata import category

OPENING = re.compile(r"<(?:(!--)|(?:(script|style)(?=[\s/>]|\Z)|[/!?]?[A-Za-z]))", re.IGNORECASE)
TAG = re.compile(r"""(?:[^>"']++|"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))*+>?""")
CLOSING = {name: re.compile(rf"</{name}(?=[\s/>]|\Z)", re.IGNORECASE) for name in ("script", "style")}
SPACE = re.compile(r"\s+")


def one_blank(text: str) -> str:
    return SPACE.sub(" ", text).strip()


def strip_html(text: str) -> str:
    out, here = [], 0
    while found := OPENING.search(text, here):
        out += [text[here : found.start()], " "]
        comment, name = found.groups()
        if comment:
            end = text.find("-->", found.end())
            here = end + 3 if end >= 0 else len(text)
            continue
        here = end_of(TAG, text, found.end())
        if name:
            closing = CLOSING[name.lower()].search(text, here)
            here = end_of(TAG, text, closing.end()) if closing else len(text)
    return one_blank(html.unescape("".join([*out, text[here:]])))


def end_of(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start


SYMBOLS = re.compile(
    "(?P<s>[⌀-⏿■-➿⬀-⯿\U0001f000-\U0001faff]|[^\ufe0f](?=\ufe0f))"
    "(?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
    "|\u200d(?=[⌀-⏿■-➿⬀-⯿\U0001f000-\U0001faff]|[^\ufe0f]\ufe0f)(?s:.))*+",
    re.DOTALL,
)


def strip_emoji(text: str) -> str:
    return one_blank(SYMBOLS.sub(" ", text))


def strip_punctuation(text: str) -> str:
    letters = "".join("a" if category(c)[0] in "LMN" else c for c in text)
    mask = re.sub(r"(?<=a)['’\-\u200c\u200d](?=a)", "a", letters)
    return one_blank("".join(c if m == "a" else " " for c, m in zip(text, mask, strict=True)))


def clean(text: str) -> str:
    return strip_punctuation(strip_emoji(strip_html(text))).lower()
