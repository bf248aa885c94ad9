"""What the learner's code draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kata_runner.checking.failure import CheckFailed, subject
from kata_runner.checking.session import current


def keep_picture(picture: Any, name: str) -> Path:
    """Save what the learner's code drew in the kata's `pictures/` folder and return its path; the verdict shows it.

    picture: a matplotlib figure (saved as PNG), or the path of a picture file (copied under its own suffix).
    name: the file's name without a suffix.
    Fails when `picture` is anything else.
    """
    folder = current().folder / "pictures"
    folder.mkdir(exist_ok=True)
    if isinstance(picture, str | Path):
        source = Path(picture)
        path = folder / f"{name}{source.suffix}"
        path.write_bytes(source.read_bytes())
    elif hasattr(picture, "savefig"):
        path = folder / f"{name}.png"
        picture.savefig(path, dpi=100)
    else:
        raise CheckFailed(f"expected a matplotlib figure, got a {type(picture).__name__}")
    current().add_picture(path)
    return path


def as_figure(got: Any, what: str = "") -> Any:
    """Return `got` as a matplotlib Figure (of an Axes: its figure); fails on anything else, saying what it is.

    what: the name to use for `got` in the message; by default the function last called.
    """
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    if isinstance(got, Axes):
        got = got.figure
    if not isinstance(got, Figure):
        hint = "; is a return missing?" if got is None else ""
        raise CheckFailed(f"{subject(what)} gave a {type(got).__name__}, expected a matplotlib figure{hint}")
    return got
