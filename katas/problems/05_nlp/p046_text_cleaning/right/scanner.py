"""Without a single regular expression: positions that only move forward."""

from __future__ import annotations

import html
import unicodedata


def squeeze(text):
    return " ".join(text.split())


def end_of_tag(text, i):
    """The position after the tag that begins at i."""
    quote = ""
    while i < len(text):
        c = text[i]
        i += 1
        if quote:
            if c == quote:
                quote = ""
        elif c in "\"'":
            quote = c
        elif c == ">":
            return i
    return i


def is_tag(text, i):
    if i + 1 < len(text) and text[i + 1] in "/!?":
        i += 1
    return i + 1 < len(text) and text[i + 1].isascii() and text[i + 1].isalpha()


def named(text, i, name):
    """Whether a name stands at i, and ends there."""
    end = i + len(name)
    return text[i:end].lower() == name and (end >= len(text) or text[end] in "/>" or text[end].isspace())


def strip_html(text):
    pieces, i = [], 0
    while i < len(text):
        opening = text.find("<", i)
        if opening < 0:
            opening = len(text)
        pieces.append(text[i:opening])
        i = opening
        if i == len(text):
            break
        if text.startswith("<!--", i):
            end = text.find("-->", i + 4)
            i = len(text) if end < 0 else end + 3
        elif not is_tag(text, i):
            pieces.append("<")
            i += 1
            continue
        else:
            name = next((n for n in ("script", "style") if named(text, i + 1, n)), None)
            i = end_of_tag(text, i)
            while name and i < len(text):
                i = text.find("</", i)
                if i < 0:
                    i = len(text)
                elif named(text, i + 2, name):
                    i = end_of_tag(text, i)
                    break
                else:
                    i += 2
        pieces.append(" ")
    return squeeze(html.unescape("".join(pieces)))


RANGES = ((0x2300, 0x23FF), (0x25A0, 0x27BF), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))


def is_symbol(text, i):
    if i >= len(text):
        return False
    return any(low <= ord(text[i]) <= high for low, high in RANGES) or text[i + 1 : i + 2] == "\ufe0f"


def is_mark(c):
    return c in "\ufe0f\u20e3" or 0x1F3FB <= ord(c) <= 0x1F3FF or 0xE0020 <= ord(c) <= 0xE007F


def strip_emoji(text):
    out, i = [], 0
    while i < len(text):
        if not is_symbol(text, i):
            out.append(text[i])
            i += 1
            continue
        out.append(" ")
        while True:
            i += 1
            while i < len(text) and is_mark(text[i]):
                i += 1
            if not (text[i : i + 1] == "\u200d" and is_symbol(text, i + 1)):
                break
            i += 1
    return squeeze("".join(out))


def strip_punctuation(text):
    out = []
    for i, c in enumerate(text):
        if unicodedata.category(c)[0] in "LNM":
            out.append(c)
        elif c in "'’-\u200c\u200d" and 0 < i < len(text) - 1:
            neighbours = unicodedata.category(text[i - 1])[0] + unicodedata.category(text[i + 1])[0]
            out.append(c if set(neighbours) <= set("LNM") else " ")
        else:
            out.append(" ")
    return squeeze("".join(out))


def clean(text):
    for step in (strip_html, strip_emoji, strip_punctuation):
        text = step(text)
    return text.lower()
