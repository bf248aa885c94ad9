"""Hidden test of p046_text_cleaning."""

import html
import pydoc
import textwrap
import unicodedata
from collections.abc import Callable
from html.parser import HTMLParser
from pydoc_data.topics import topics
from typing import Any

from kata_runner.checking import (
    CheckFailed,
    assert_equal,
    assert_growth,
    edges,
    learner,
    require,
    rng,
    timing,
)

work = learner("cleaning")

ASTRONAUT = "\U0001f469\U0001f3fd\u200d\U0001f680"  # woman, skin tone, joiner, rocket
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
SIMPLE = ["\U0001f600", "\U0001f44d", "\U0001f680", "\U0001f92f", "\U0001fae0", "\u2b50", "\u231a", "\u26bd", "\u25fe"]
SIMPLE += ["\u2705", "\u27a1", "\u2b1b", "\u23f0", "\U0001f004", "\U0001f0cf", "\U0001f18e"]
COLOURED = ["\u2764\ufe0f", "\u2600\ufe0f", "\u263a\ufe0f", "\u25b6\ufe0f", "\u23cf\ufe0f"]
SKINS = ["\U0001f44d" + chr(tone) for tone in range(0x1F3FB, 0x1F400)] + ["\u261d\U0001f3fe", "\u270a\U0001f3ff"]
JOINED = ["\U0001f469\u200d\U0001f680", ASTRONAUT, FAMILY, "\u2764\ufe0f\u200d\U0001f525"]
JOINED += ["\U0001f937\U0001f3fb\u200d\u2640\ufe0f", "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f43b\u200d\u2744\ufe0f"]
JOINED += ["\U0001f441\ufe0f\u200d\U0001f5e8\ufe0f", "\U0001f642\u200d\u2194\ufe0f"]
FLAGS = ["\U0001f1eb\U0001f1f7", "\U0001f1fa\U0001f1f3", "\U0001f3f4\u200d\u2620\ufe0f"]
FLAGS += ["\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in "gbsct") + "\U000e007f"]
KEYCAPS = ["1\ufe0f\u20e3", "#\ufe0f\u20e3", "*\ufe0f\u20e3"]
TEXT_ELSE = ["\u00a9\ufe0f", "\u2122\ufe0f", "\u2194\ufe0f", "\u203c\ufe0f", "\u3297\ufe0f", "\u2934\ufe0f"]

HINDI, KSHA, PERSIAN = "हिन्दी", "क्\u200dष", "می\u200cخواهم"


def manual(topic: str) -> list[str]:
    """The words of a page of Python's manual, punctuation included."""
    return topics[topic].split()


def returns(function: Callable[[str], Any], text: str, expected: str) -> None:
    assert_equal(function(text), expected)


def is_without_emoji(text: str, expected: str) -> None:
    """As `returns`, naming the characters that are left: many of them are invisible."""
    got = work.strip_emoji(text)
    left = sorted({f"U+{ord(c):04X}" for c in got if c not in expected}) if isinstance(got, str) else []
    assert_equal(got, expected, what=f"strip_emoji, which left {', '.join(left)}," if left else "")


def has_words(function: Callable[[str], Any], text: str, expected: list[str], what: str) -> None:
    """Compare word by word, where the text is too long to be read."""
    got = function(text)
    require(isinstance(got, str), f"{what}: the result must be a string", got=got)
    words = got.split(" ")
    for i, (word, wanted) in enumerate(zip(words, expected, strict=False)):
        if word != wanted:
            before = " ".join(expected[max(0, i - 5) : i])
            assert_equal(word, wanted, what=f"{what}, the word after {before!r},")
    assert_equal(len(words), len(expected), what=f"{what}, the number of words,")


def test_tags_go() -> None:
    """2. Tags of any name go; a > between quotes does not end them; any other < is text."""
    for text, expected in (
        ("<p>Hi</p>", "Hi"),
        ("<b>one</b> and <i>two</i>", "one and two"),
        ("<h1>A</h1> <my-tag>b</my-tag> <svg:g>c</svg:g>", "A b c"),
        ('<a href="x.html">link</a>', "link"),
        ("A <BR> b <hr/> c", "A b c"),
        ("<p\nclass=x\n>a</p\n>", "a"),
        ('<a title="1 > 0">x</a>', "x"),
        ("<a title='1 > 0' b>x</a>", "x"),
        ("<a title='\">' alt=\"'>\">x</a>", "x"),
        ("<!DOCTYPE html><p>a", "a"),
        ("<?xml version='1.0'?>a", "a"),
        ("3 < 4", "3 < 4"),
        ("a <3 b > c <", "a <3 b > c <"),
        ("<> < b> <1> <_> <é>", "<> < b> <1> <_> <é>"),
        ("< <b>a</b> >", "< a >"),
        ("it's <b>Jo's</b> \"a\" <i>b</i>", "it's Jo's \"a\" b"),
    ):
        returns(work.strip_html, text, expected)


def test_comments_and_scripts_go() -> None:
    """3. Comments, scripts and styles go with all that they hold, whatever the capitals of their names."""
    for text, expected in (
        ("a <!-- b --> c", "a c"),
        ("<!--a-->b<!--c-->", "b"),
        ("a <!-- 1 > 0 -- <b> --> c", "a c"),
        ("a <!--\nb\n\n--> c", "a c"),
        ("a <!-- it's --> c", "a c"),
        ("<script>x = 1</script>a", "a"),
        ("<style>p {}</style>a", "a"),
        ("<script>a</script>b <script>c</script>d", "b d"),
        ("<script>if (a < b && b > c) {\n}</script>d", "d"),
        ("<script>it's</script>d", "d"),
        ("<script>w('<b>x</b>')</script>d", "d"),
        ('<script src="a>b" async>x</script>d', "d"),
        ("<SCRIPT>x</Script>a <sTyle\n>x</STYLE >b", "a b"),
        ("<style>x</script>y</style>a", "a"),
        ("<script>x</scripts>y</script\n>a", "a"),
        ("<scripture>a</scripture> <style-x>b</style-x>", "a b"),
        ("a </script>b", "a b"),
    ):
        returns(work.strip_html, text, expected)


def test_what_begins_first() -> None:
    """4. Markup that stands in a comment, a script or between the quotes of a tag begins nothing."""
    for text, expected in (
        ("<!-- <script> -->a <!-- </script> -->b", "a b"),
        ("<script>'<!--'</script>a", "a"),
        ("<style><!-- </style>a -->b", "a -->b"),
        ("<a title='<!--'>a</a> b -->", "a b -->"),
        ("<a title='<script>'>a</a> b", "a b"),
        ("<a title='</a> <b>'>a", "a"),
        ("<!-- <a title=' -->a <b title='b'>c", "a c"),
        ("<script><style></script>a <b>b</b></style>", "a b"),
        ("<a <!-- b>c --> d", "c --> d"),
        ("<script title='</script>'>a</script>b", "b"),
    ):
        returns(work.strip_html, text, expected)


def test_entities_are_decoded() -> None:
    """6. Entities are decoded as by html.unescape, once, when the markup is gone."""
    for text in (
        "Fish &amp; chips",
        "&eacute;&#233;&#xE9;&#XE9;",
        "rock&#39;n&apos;roll",
        "1 &lt; 2",
        "&lt;b&gt;",
        "&#60;b&#62; &lt;!-- a --&gt; b",
        "&lt;script&gt;a&lt;/script&gt;",
        "&amp;lt;b&amp;gt; &amp;amp;",
        "AT&T &copy 2024 &nosuchname; & &&amp;",
        "&#128512;",
    ):
        expected = html.unescape(text)
        returns(work.strip_html, text, expected)
    returns(work.strip_html, "<p title='&quot;>'>&quot;a&quot;</p>", '"a"')


def test_blanks() -> None:
    """1. What goes leaves a blank; a single blank stands for every run of whitespace, and none at the ends."""
    for function, pairs in {
        work.strip_html: [
            ("one<br>two", "one two"),
            ("wo<b>r</b>d", "wo r d"),
            ("a<!---->b", "a b"),
            ("a&nbsp;&nbsp;b&#10;", "a b"),
        ],
        work.strip_emoji: [("one\U0001f600two", "one two"), ("a\U0001f600\U0001f680b", "a b"), ("\u2b50 a", "a")],
        work.strip_punctuation: [("one,two", "one two"), ("one...two", "one two"), ("(a)", "a")],
        work.clean: [("<p>one</p><p>two</p>", "one two"), ("<p>!</p>", "")],
    }.items():
        every = [*pairs, ("", ""), (" ", ""), ("\n a \t\r\n b  c\n", "a b c"), ("a\u00a0 \u2003b", "a b")]
        for text, expected in every:
            returns(function, text, expected)


def escaped(topic: str, stream: int) -> tuple[str, list[str]]:
    """A page of the manual as HTML, with markup at random places, and its words."""
    random, words = rng(stream), manual(topic)
    between = ["<p>", "</p>\n", "<br/>", '<a href="?a=1&amp;b>2">', "<!-- <p> a > b -->", "<script>'<p>'</script>"]
    between += ["<STYLE>p > a {}</STYLE>", "<b\n>", "</SPAN>", "<img alt='<!--'>", '<i title="<script>">']
    pieces = []
    for word in words:
        pieces.append(html.escape(word))
        if random.random() < 0.3:
            pieces.append(between[random.integers(len(between))])
    return " ".join(pieces), words


class Reader(HTMLParser):
    """The texts between the tags, read by the parser of the standard library."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def test_real_pages() -> None:
    """6. Pages of Python's manual, wrapped in markup and escaped, come back word by word."""
    for stream, topic in enumerate(("assert", "strings", "operator-summary")):
        page, words = escaped(topic, stream)
        has_words(work.strip_html, page, words, f'the page "{topic}"')
    page = pydoc.html.document(textwrap)
    reader = Reader()
    reader.feed(page)
    reader.close()
    words = " ".join(reader.pieces).split()
    has_words(work.strip_html, page, words, "pydoc's page about textwrap")


def test_emoji_go_as_a_whole() -> None:
    """7. Emoji go with their skin tones and joiners: nothing of them is left."""
    for group in (SIMPLE, COLOURED, SKINS, JOINED):
        for emoji in group:
            is_without_emoji(f"a {emoji} b", "a b")
        is_without_emoji("".join(group), "")
    random, words = rng(70), manual("assert")
    every = [*SIMPLE, *COLOURED, *SKINS, *JOINED]
    pieces = [piece for word in words for piece in (word, every[random.integers(len(every))])]
    has_words(work.strip_emoji, " ".join(pieces), words, 'the page "assert" with an emoji after each word')


def test_everything_else_stays() -> None:
    """8. Letters of all languages, digits, signs, and joiners that join no symbols stay."""
    signs = "1 # * 0-9, don't! \u00a9 \u00ae \u2122 \u2192 \u2194 \u2211 \u20ac _ <b> &amp; :-)"
    letters = "Zo\u00eb e\u0301 \u00df \u4e2d\u6587 \u65e5\u672c \u3072\u3089 \ud55c\uad6d \u0416 \U00020000 \U0001d4b3"
    around = "\u22ff \u2400 \u259f \u27c0 \u2aff \u2c00 \U0001efff \U0001fb00"
    for text in (signs, letters, HINDI, KSHA, PERSIAN, f"{KSHA} {PERSIAN}", around):
        is_without_emoji(text, text)
    for text, expected in ((f"\U0001f600{KSHA}\U0001f600", KSHA), (f"{PERSIAN}{FAMILY}!", f"{PERSIAN} !")):
        is_without_emoji(text, expected)
    words = manual("strings")
    has_words(work.strip_emoji, topics["strings"], words, 'the page "strings"')


def test_punctuation_goes() -> None:
    """9. Letters and digits stay, and apostrophes and hyphens between two of them; everything else goes."""
    for text, expected in (
        ("Hello, world!", "Hello world"),
        ("Don't!", "Don't"),
        ("it\u2019s 'quoted', \u2018so\u2019", "it\u2019s quoted so"),
        ("well-known, -5 and 2-3", "well-known 5 and 2-3"),
        ("the dogs' end- -start", "the dogs end start"),
        ("a--b a'-b a - b", "a b a b a b"),
        ("rock-'n'-roll o'clock-ish", "rock n roll o'clock-ish"),
        ("snake_case __init__", "snake case init"),
        ("3.14 (50%) $9 #tag @me", "3 14 50 9 tag me"),
        ("a\u2014b\u2026c \u201cd\u201d `e`", "a b c d e"),
        ("'", ""),
        ("-a'", "a"),
    ):
        returns(work.strip_punctuation, text, expected)


def test_words_of_all_languages() -> None:
    """9. Combining marks belong to their letters, and joiners stay between two letters."""
    for text, expected in (
        ("cafe\u0301, \u00e9te\u0301!", "cafe\u0301 \u00e9te\u0301"),
        (f"\u00ab{HINDI}\u00bb", HINDI),
        (f"{KSHA}; {PERSIAN}.", f"{KSHA} {PERSIAN}"),
        ("\u4e2d\u6587\uff0c\u65e5\u672c\u3002", "\u4e2d\u6587 \u65e5\u672c"),
        ("x\u00b2 \u00bd \u0663", "x\u00b2 \u00bd \u0663"),
        ("e\u0301'e e\u0301-e", "e\u0301'e e\u0301-e"),
        ("a\u200d b\u200c, \u200dc", "a b c"),
        ("\U0001d4b3-\U00020000", "\U0001d4b3-\U00020000"),
    ):
        returns(work.strip_punctuation, text, expected)


def plain_words(text: str) -> list[str]:
    """The words of a text, one character after the other."""
    is_letter = [unicodedata.category(c)[0] in "LNM" for c in text]
    kept = []
    for i, c in enumerate(text):
        inside = 0 < i < len(text) - 1 and is_letter[i - 1] and is_letter[i + 1]
        kept.append(c if is_letter[i] or (inside and c in "'\u2019-") else " ")
    return "".join(kept).split()


def test_the_words_of_real_pages() -> None:
    """9. The words of Python's manual are those of a plain loop over its characters."""
    for topic in ("assert", "strings", "typesseq"):
        text = topics[topic]
        expected = plain_words(text)
        has_words(work.strip_punctuation, text, expected, f'the page "{topic}"')


def test_the_pipeline() -> None:
    """10. clean is strip_html, strip_emoji and strip_punctuation, in this order, then str.lower."""
    for text, expected in (
        ("<b>Hi</b>, THERE!", "hi there"),
        ("<p>It&#39;s <i>well-known</i>", "it's well-known"),
        (f"Top {ASTRONAUT} 1\ufe0f\u20e3 2", "top 2"),
        ("a &#49;&#xFE0F;&#x20E3; b", "a b"),
        ("&lt;b&gt; &amp;lt; <3", "b lt 3"),
        ("a <b>b</b> \u00c9T\u00c9 Stra\u00dfe", "a b \u00e9t\u00e9 stra\u00dfe"),
    ):
        returns(work.clean, text, expected)
    page, words = escaped("for", 100)
    expected_words = [word.lower() for word in plain_words(" ".join(words))]
    has_words(work.clean, page, expected_words, 'the page "for"')


edges()


def test_what_is_not_closed() -> None:
    """5. A comment, script, tag or quote that is not closed goes up to the end of the text."""
    for text, expected in (
        ("a<!-- b", "a"),
        ("a<!-- b -- > c ->", "a"),
        ("a<script>b <b>c</b>", "a"),
        ("a<style>b</script>c", "a"),
        ("a<b", "a"),
        ("a<b c d e", "a"),
        ("a<b c='d>e", "a"),
        ('a<b c="d>e</b> f', "a"),
        ("a<script", "a"),
        ("a<script>b</script", "a"),
        ("a<!--", "a"),
        ("a <!doctype b", "a"),
    ):
        returns(work.strip_html, text, expected)


def test_flags_and_keycaps() -> None:
    """7. Flags, keycaps, and characters before U+FE0F go as a whole; a digit that is no keycap stays."""
    for emoji in (*FLAGS, *KEYCAPS, *TEXT_ELSE):
        is_without_emoji(f"a {emoji} b", "a b")
    is_without_emoji("".join(FLAGS), "")
    is_without_emoji("".join(KEYCAPS + TEXT_ELSE) + " 1 2", "1 2")
    is_without_emoji("1\u2764\ufe0f2 3\U0001f6004", "1 2 3 4")
    for code in (0x2300, 0x23FF, 0x25A0, 0x27BF, 0x2B00, 0x2BFF, 0x1F000, 0x1FAFF):
        is_without_emoji(f"a {chr(code)} b", "a b")


# What makes a pattern try again and again: a beginning without an end, many ways to cut a run into pieces.
HOSTILE: dict[str, list[tuple[str, str, str]]] = {  # function -> (before, repeated, after)
    "strip_html": [
        ("", "<b>", ""),
        ("", "<!--", ""),
        ("", "<!-- -", ""),
        ("<a", "b", ""),
        ("", "<a ", ""),
        ("<a", " b='c'", ""),
        ("<a ", "b='", ""),
        ('<a b="', "c", ""),
        ("", "<script>", ""),
        ("<script>", "</script", ""),
        ("<script>", "</", ""),
        ("", "<", ""),
        ("", "<!", ""),
        ("", "&", ""),
        ("a", " ", "b"),
    ],
    "strip_emoji": [
        ("", "\U0001f469\u200d", "a"),
        ("", "\U0001f469\U0001f3fd", "a"),
        ("a", "\u200d", "a"),
        ("", "1", "a"),
        ("a", " ", "b"),
    ],
    "strip_punctuation": [("", "a'", "'"), ("", "-", "a"), ("", "a", "!"), ("a", " ", "b")],
}


def grows(function: Callable[[str], Any], texts: list[tuple[str, str, str]], small: int, large: int, most: int) -> None:
    def all_of(n: int) -> Callable[[], object]:
        built = [before + repeated * (n // len(repeated)) + after for before, repeated, after in texts]
        return lambda: [function(text) for text in built]

    before, repeated, after = texts[0]
    shown = [repr(before)] * bool(before) + [f"{repeated!r} * {large // len(repeated)}"] + [repr(after)] * bool(after)
    call = f"{function.__name__}({' + '.join(shown)})"
    assert_growth(all_of, small, large, most, call=call if len(texts) == 1 else "")


@timing
def test_hostile_text() -> None:
    """11. The time grows in proportion to the length, whatever the text is."""
    for name, texts in HOSTILE.items():
        function = getattr(work, name)
        # Short texts first, for what doubles its time with each character.
        for small, large, most in ((8, 22, 40), (500, 16_000, 150)):
            try:
                grows(function, texts, small, large, most)
            except CheckFailed:
                for text in texts:  # which of them it was
                    grows(function, [text], small, large, most)
                raise
    # Who copies what is left at each piece of markup needs a long text to show it.
    grows(work.strip_html, [("", "<script></script>", "")], 4_000, 128_000, 80)
