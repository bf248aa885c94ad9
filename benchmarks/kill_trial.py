"""`python -m benchmarks.kill_trial 1000`: kata is killed at random moments, and must lose nothing that it showed."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from benchmarks.processes import Watching, kata_command
from benchmarks.scenery import EMPTY_KATA, Scenery
from kata_runner.learner.store import open_store
from kata_runner.learner.workspace import digest_of

COLUMNS = ("moments", "reported", "recorded", "lost", "doubled", "database damaged", "file changed")
FAULTS = COLUMNS[3:]
QUIET_S = 0.3  # of a watch that has drawn its first screen


class Trial:
    """One learner with one kata, whose answer is right and another one at each moment."""

    def __init__(self, scenery: Scenery) -> None:
        root = scenery.toys.root
        self.workspace = scenery.workspace(scenery.toys.by_id[EMPTY_KATA], root)
        self.file = next((self.workspace / EMPTY_KATA).glob("*.py"))
        self.database = self.workspace / ".kata" / "progress.sqlite3"
        self.command = [kata_command(), "--catalogue", str(root), "--workspace", str(self.workspace)]
        self.env = scenery.env
        self.n_saves = 0
        self.counts = {"check": Counter[str](), "watch": Counter[str]()}

    def save(self) -> None:
        self.n_saves += 1
        self.file.write_text(f"def answer() -> int:\n    return 1  # {self.n_saves}\n", encoding="utf-8")

    def check(self, after_s: float) -> bytes:
        self.save()
        process = subprocess.Popen(
            [*self.command, "check"], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.kill()
        return process.communicate()[0]

    def watch(self, after_s: float) -> bytes:
        self.file.write_text("def answer() -> int:\n    raise NotImplementedError\n", encoding="utf-8")
        watching = Watching([*self.command, "watch"], self.workspace, self.env)
        watching.wait_until("the watch", lambda: watching.printed)
        n_printed = 0
        while n_printed != len(watching.printed):
            n_printed = len(watching.printed)
            time.sleep(QUIET_S)
        self.save()
        time.sleep(after_s)
        watching.process.kill(9)
        watching.process.wait()
        time.sleep(0.02)  # what it wrote last is read
        return bytes(watching.printed[n_printed:])

    def look(self, name: str, shown: bytes) -> bool:
        """Count what is there after a kill; returns whether the screen said that the kata is solved."""
        content = self.file.read_bytes()
        is_reported = b"at attempt" in shown  # said once it is recorded
        store = open_store(self.database)
        with closing(sqlite3.connect(self.database)) as connection:
            is_sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",) and not store.problem
            sql = "SELECT count(*) FROM attempt WHERE digest = ?"
            (n_rows,) = connection.execute(sql, (digest_of(EMPTY_KATA, {self.file.name: content}),)).fetchone()
        self.counts[name] += Counter({
            "moments": 1,
            "reported": is_reported,
            "recorded": n_rows > 0,
            "lost": is_reported and not n_rows,
            "doubled": n_rows > 1,
            "database damaged": not is_sound,
            "file changed": not content.endswith(f"# {self.n_saves}\n".encode()),
        })  # fmt: skip
        return is_reported


def main(n_moments: int) -> int:
    dice = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="kata-kill-", ignore_cleanup_errors=True) as base:
        trial = Trial(Scenery(Path(base).resolve()))
        kinds = {"check": trial.check, "watch": trial.watch}
        latest_s = dict.fromkeys(kinds, 1.0)
        for moment in range(n_moments):
            name = ("check", "watch")[moment % 2]
            is_reported = trial.look(name, kinds[name](dice.uniform(0, latest_s[name])))
            latest_s[name] *= 0.9 if is_reported else 1.1  # so that some half of the kills come after the verdict
            print(f"\r{moment + 1} of {n_moments}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    print(f"| killed | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for name, counted in trial.counts.items():
        print(f"| `kata {name}` | {' | '.join(str(counted[column]) for column in COLUMNS)} |")
    return int(any(counted[fault] for counted in trial.counts.values() for fault in FAULTS))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
