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

from kata_runner.catalogue import load as catalog  # noqa: E402
from kata_runner.catalogue.answers import answer_files, solution_path  # noqa: E402
from kata_runner.catalogue.wrong import wrong_answers  # noqa: E402
from kata_runner.judging import judge, launch  # noqa: E402
from kata_runner.learner import plan, workspace  # noqa: E402
from kata_runner.learner import store as progress  # noqa: E402
from kata_runner.model import Kata, Tally  # noqa: E402
from kata_runner.screen import watch as watch_screen  # noqa: E402
from kata_runner.screen.watch import View  # noqa: E402

SIZES = ((80, 24), (120, 40))
KATA, MISTAKE = "p012", "one_maximum_for_all"
MILESTONE, HALF_DONE = "m03", "forward_difference"
KEYS = (("h", "hint"), ("l", "list"), ("r", "run again"), ("x", "reset"), ("e", "editor"), ("q", "quit"))
SOLVED_KEYS = (("n", "next"), *KEYS[:2], ("s", "solution"), *KEYS[2:])


class Studio:
    """A workspace in which answers are judged and recorded."""

    def __init__(self, root: Path) -> None:
        self.catalogue = catalog.load()
        self.space = workspace.create(root / "my-katas")
        self.store = progress.open_store(self.space.database)
        self._child = launch.start_child()
        if self._child is not None:
            self._child.preload(launch.ALWAYS_PRELOADED)

    def close(self) -> None:
        if self._child is not None:
            self._child.close()

    def view_of(self, kata: Kata, files: Mapping[str, bytes]) -> View:
        """What the watch shows once this answer was saved."""
        self.space.start(kata)
        self.space.restore(kata, files)
        submission = self.space.submission(kata)
        with judge.KataJudge(kata, child=self._child) as kata_judge:
            kata_judge.check(submission)  # a watch has a warm child and a waiting worker
            kata_judge.fork_ahead()
            time.sleep(1)
            verdict = kata_judge.check(submission)
        recorded = self.store.record(verdict, submission)
        history = self.store.summary()
        n_solved, n_katas = plan.how_far(self.catalogue.katas, history)
        file = self.space.main_file(kata)
        return View(
            kata,
            file,
            str(file.relative_to(self.space.root.parent)),
            verdict=verdict,
            tally=Tally(n_solved, n_katas, recorded.n_attempts, recorded.first_solve),
            spent_s=history.state(kata.id).time_spent_s,
            n_solved=n_solved,
            n_katas=n_katas,
            keys=SOLVED_KEYS if verdict.passed else KEYS,
            reference=f"kata solution {kata.short}, or s" if verdict.passed else "",
        )


def wrong_answer(kata: Kata, name: str) -> Mapping[str, bytes]:
    """The files of the wrong answer of that name, else of the first that there is."""
    wrongs = wrong_answers(kata)
    return next((wrong for wrong in wrongs if wrong.name == name), wrongs[0]).files


def draw(name: str, view: View) -> None:
    for width, height in SIZES:
        console = Console(
            record=True, width=width, height=height, file=io.StringIO(), force_terminal=True, color_system="truecolor"
        )
        console.print(watch_screen.kata_frame(view, height), end="", highlight=False)
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
    try:
        studio = Studio(root)
        kata, milestone = studio.catalogue.find(KATA), studio.catalogue.find(MILESTONE)
        draw("failed", studio.view_of(kata, wrong_answer(kata, MISTAKE)))
        draw("solved", studio.view_of(kata, answer_files(kata, solution_path(kata))))
        draw("milestone", studio.view_of(milestone, wrong_answer(milestone, HALF_DONE)))
        studio.close()
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
