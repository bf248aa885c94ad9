"""`python -m benchmarks.typer_releases 0.28.0 0.29.2`: how long a bare Typer app takes under several releases."""

from __future__ import annotations

import functools
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks.measuring import Contestant, in_turn
from benchmarks.processes import environment, time_in_pipe

APP = Path(__file__).parent / "bare" / "line.py"
N_RUNS = 40


def main(releases: list[str]) -> None:
    """Install each release in an environment of its own, and run the app in turn."""
    with tempfile.TemporaryDirectory(prefix="kata-typer-") as name:
        base = Path(name)
        contestants: dict[str, Contestant] = {}
        for release in releases:
            python = _environment(base / release, release)
            env = environment(base)
            contestants[release] = functools.partial(time_in_pipe, [python, str(APP)], base, env)
        figures = in_turn(contestants, N_RUNS, lambda _: None)
    first = statistics.median(figures[releases[0]])
    for release in releases:
        median = statistics.median(figures[release])
        print(f"| Typer {release} | {median:.0f} ms | {median / first:.2f} |")


def _environment(folder: Path, release: str) -> str:
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"typer=={release}"], check=True)
    return python


if __name__ == "__main__":
    main(sys.argv[1:])
