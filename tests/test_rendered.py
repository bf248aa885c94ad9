"""The renderings that are kept: never another text's, another width's or another terminal's."""

from __future__ import annotations

from pathlib import Path

import pytest

from kata_runner import rendered


class Rich:
    """Counts what it is asked to render."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> str:
        self.n += 1
        return f"rendering {self.n}: naïve ✓\x1b[0m\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "kata" / "rendered"


def test_the_same_text_is_rendered_once() -> None:
    rich = Rich()

    texts = [rendered.shown("# A task", 80, {"TERM": "xterm"}, rich) for _ in range(3)]

    assert texts == ["rendering 1: naïve ✓\x1b[0m\n"] * 3


@pytest.mark.parametrize(
    ("text", "width", "environ"),
    [
        ("# Another task", 80, {"TERM": "xterm"}),
        ("# A task", 81, {"TERM": "xterm"}),
        ("# A task", 80, {"TERM": "xterm", "NO_COLOR": "1"}),
        ("# A task", 80, {"TERM": "dumb"}),
    ],
)
def test_another_text_width_or_terminal_is_rendered_anew(text: str, width: int, environ: dict[str, str]) -> None:
    rich = Rich()
    rendered.shown("# A task", 80, {"TERM": "xterm"}, rich)

    assert rendered.shown(text, width, environ, rich).startswith("rendering 2")


def test_texts_whose_checksums_meet_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered.zlib, "crc32", lambda _: 1)
    rich = Rich()

    told = [rendered.shown(text, 80, {}, rich) for text in ("one", "two", "one")]

    assert [line.split(":")[0] for line in told] == ["rendering 1", "rendering 2", "rendering 3"]


def test_another_width_takes_the_place_of_the_first(cache: Path) -> None:
    for width in range(60, 90):
        rendered.shown("# A task", width, {}, Rich())

    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("spoil", ["damaged", "no folder"])
def test_a_spoiled_cache_costs_time_only(spoil: str, cache: Path) -> None:
    rich = Rich()
    if spoil == "no folder":
        cache.parent.mkdir()
        cache.write_text("a file where the folder should be")
    else:
        rendered.shown("# A task", 80, {}, rich)
        next(cache.iterdir()).write_bytes(b"\xff\xfe rubbish")

    assert rendered.shown("# A task", 80, {}, rich) == f"rendering {rich.n}: naïve ✓\x1b[0m\n"
