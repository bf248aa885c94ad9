"""Draw the watch screen as it is, for the docs: `python docs/make_pictures.py`.

Nothing is made up: a wrong and the right answer of a kata, and a half-done milestone, are judged and recorded in a
workspace of their own, and what `kata watch` would show of them is written to docs/*.svg.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rich._export_format import CONSOLE_SVG_FORMAT  # noqa: E402
from rich.console import Console  # noqa: E402

from kata_runner.catalogue.answers import answer_files, solution_path  # noqa: E402
from kata_runner.catalogue.wrong import wrong_answers  # noqa: E402
from kata_runner.judging import judge, launch  # noqa: E402
from kata_runner.model import Kata  # noqa: E402
from kata_runner.practice import Practice  # noqa: E402
from kata_runner.screen.watch import View  # noqa: E402
from kata_runner.watch import state  # noqa: E402

SIZES = ((80, 24), (120, 40))
KATA, MISTAKE = "p012", "one_maximum_for_all"
MILESTONE, HALF_DONE = "m03", "forward_difference"


class Studio:
    """A workspace in which answers are judged and recorded."""

    def __init__(self, root: Path) -> None:
        self.practice = Practice(cwd=root, environ={})
        self._child = launch.start_child()
        if self._child is not None:
            self._child.preload(launch.ALWAYS_PRELOADED)

    def close(self) -> None:
        if self._child is not None:
            self._child.close()

    def view_of(self, kata: Kata, files: Mapping[str, bytes]) -> View:
        """What the watch shows once this answer was saved."""
        practice = self.practice
        practice.start(kata)
        space = practice.need_workspace()
        space.restore(kata, files)
        submission = practice.submission(kata)
        with judge.KataJudge(kata, child=self._child) as kata_judge:
            kata_judge.check(submission)  # a watch has a warm child and a waiting worker
            kata_judge.fork_ahead()
            time.sleep(1)
            verdict = kata_judge.check(submission)
        tally = practice.record(submission, verdict)
        file = space.main_file(kata)
        shown_path = str(file.relative_to(space.root.parent))
        return View(kata, file, shown_path, standing=practice.standing(kata), verdict=verdict, tally=tally)


def wrong_answer(kata: Kata, name: str) -> Mapping[str, bytes]:
    """The files of the wrong answer of that name, else of the first that there is."""
    wrongs = wrong_answers(kata)
    return next((wrong for wrong in wrongs if wrong.name == name), wrongs[0]).files


def draw(name: str, view: View) -> None:
    for width, height in SIZES:
        console = Console(
            record=True, width=width, height=height, file=io.StringIO(), force_terminal=True, color_system="truecolor"
        )
        watched = state.State(view, has_editor=True)
        console.print(state.frame(watched, width, height), end="", highlight=False)
        path = ROOT / "docs" / f"watch-{name}-{width}x{height}.svg"
        path.write_text(_svg(console, name), encoding="utf-8")
        print(f"drew {path.relative_to(ROOT)}: {view.kata.short} {view.verdict.outcome.value if view.verdict else ''}")


def _svg(console: Console, name: str) -> str:
    # Without the fonts that Rich would have the reader's browser fetch from elsewhere.
    plain = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return console.export_svg(title="kata watch", unique_id=f"kata-{name}", code_format=plain)


def main() -> None:
    # The same name each time, since it shows in the pictures.
    root = Path(tempfile.gettempdir()).resolve() / "kata-pictures"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    try:
        studio = Studio(root)
        kata, milestone = studio.practice.find(KATA), studio.practice.find(MILESTONE)
        draw("failed", studio.view_of(kata, wrong_answer(kata, MISTAKE)))
        draw("solved", studio.view_of(kata, answer_files(kata, solution_path(kata))))
        draw("milestone", studio.view_of(milestone, wrong_answer(milestone, HALF_DONE)))
        studio.close()
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
