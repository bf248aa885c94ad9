"""The proof of one kata: the stub is to do, right answers pass, each mistake is caught, each check catches one."""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
from msgspec.structs import replace

from kata_runner.authoring import digests, texts
from kata_runner.authoring.asks import choose_asks
from kata_runner.catalogue import answers, needs, proof
from kata_runner.catalogue.load import Catalogue
from kata_runner.catalogue.proof import Proof, Proven
from kata_runner.catalogue.wrong import WrongAnswer, base_files, wrong_answers
from kata_runner.errors import KataError
from kata_runner.judging import judge, launch
from kata_runner.judging.judge import parsing
from kata_runner.judging.verdict import failed_names, first_shown
from kata_runner.learner import hunt
from kata_runner.learner.workspace import make_submission
from kata_runner.model import Kata, Outcome, Report, Rules, Status, Verdict

SOLUTION_LIMIT_S = 10.0
# Mistakes times the seconds of the hidden test: what one kata may take of a whole audit.
BUDGET_S = 50.0
LEAST_MISTAKES = 4
MOST_WHOLE_FILES = 5
NOWHERE = Path("kata-audit-answers")  # where answers stand that are judged without standing anywhere

# A value that answers every question with yes.
AGREEABLE = """
class _Agreeable:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __bool__(self): return True
    def __hash__(self): return 0
"""


class KataProof:
    """The proof of one kata: each method adds the problems that it finds."""

    def __init__(
        self, catalogue: Catalogue, kata: Kata, child: launch.Child | None, *, is_quick: bool, write: bool
    ) -> None:
        self.catalogue = catalogue
        self.kata = kata
        self.child = child
        self.is_quick = is_quick
        self.write = write
        self.problems: list[str] = []
        self.remarks: list[str] = []

    def report(self) -> Report:
        if lacking := needs.missing(self.kata):
            return Report(self.kata.id, skipped=f"needs {', '.join(lacking)}")
        try:
            return self._prove()
        except KataError as error:
            return Report(self.kata.id, problems=(*self.problems, str(error)))

    def _prove(self) -> Report:
        kata = self.kata
        self._known = proof.read(kata)
        with parsing:
            self._digest = digests.of_kata(self.catalogue, kata)
            self._judge = digests.of_judge(kata)
            self.problems += texts.problems(kata) + texts.declaration_problems(self.catalogue, kata)
            self.remarks += texts.remarks(kata)
            self._timing = texts.timing_checks(kata)
            mistakes = wrong_answers(kata)
        is_other_judge = self._known.judge != self._judge
        # The quick proof rests on a whole one of the same files.
        is_quick = self.is_quick and self._known.kata == self._digest
        if is_quick and is_other_judge and kata.short in self.catalogue.canaries:
            is_quick = False

        self._judge_stub()
        solved = self._judge_solution(is_quick)
        self._look_at_mistakes(mistakes)
        self._judge_poses()
        self._run_example()
        rights = answers.variants(kata, "right")
        accepted = [right for right in rights if self._accepts(right)]
        if not is_quick and hunt.huntable(kata):
            self._judge_end_of_hunts()
        if is_quick and kata.build:
            mistakes = mistakes[:1]
        caught = {m.name: found for m in mistakes if (found := self._judge_mistake(m, is_quick)) is not None}
        fails = {name: found.fails for name, found in caught.items()}
        self._look_at_threads()
        if not solved.checks:
            self.problems.append("no check ran, so nothing is proven")
        # Next to a solution that fails, what the mistakes fail says nothing about them.
        elif solved.passed and not is_quick:
            self._look_at_coverage(solved, fails)
            if self.write:
                self._write(caught, solved)
            else:
                self._compare(caught)
        elif solved.passed and not kata.build:  # of which one mistake was tried
            self._compare(caught)
        return Report(
            kata_id=kata.id,
            is_whole=not is_quick,
            is_other_judge=is_quick and is_other_judge,
            n_checks=len(solved.checks),
            n_wrong=len(mistakes),
            n_caught=len(fails),
            n_right=len(rights),
            n_accepted=len(accepted),
            seconds=round(check_seconds(solved), 2),
            problems=tuple(self.problems),
            remarks=tuple(self.remarks),
            fails=fails,
        )

    # --- runs ---

    def _run(
        self,
        files: Mapping[str, bytes],
        *,
        seed: int = 0,
        order_seed: int | None = None,
        only: Sequence[str] | None = None,
        kata: Kata | None = None,
    ) -> Verdict:
        kata = kata or self.kata
        uses = {
            used.id: answers.answer_files(used, answers.solution_path(used))
            for used in self.catalogue.used_by(self.kata)
        }
        submission = make_submission(kata, NOWHERE / self.kata.id, files)
        return judge.judge(kata, submission, uses=uses, seed=seed, order_seed=order_seed, only=only, child=self.child)

    def _judge_stub(self) -> None:
        verdict = self._run(self.kata.stub_files)
        is_to_do = self.kata.stub == "to do"
        expected = Outcome.TODO if is_to_do else Outcome.FAILED
        if verdict.outcome is not expected:
            self.problems.append(f"the stub is {verdict.outcome.value}, expected {expected.value}: {why(verdict)}")
        if is_to_do:
            self.problems += [f"the stub passes {check.name}" for check in verdict.checks if check.passed]

    def _judge_solution(self, is_quick: bool) -> Verdict:
        files = answers.answer_files(self.kata, answers.solution_path(self.kata))
        first = self._run(files)
        verdicts = {"": first}
        if not is_quick:
            verdicts[" from another seed, in another order,"] = self._run(files, seed=1, order_seed=1)
        for how, verdict in verdicts.items():
            if not verdict.passed:
                self.problems.append(f"the solution{how} is {verdict.outcome.value}: {why(verdict)}")
        # A busy machine only adds to the time: the least counts, of the same files also the one that is noted.
        noted = [self._known.seconds] if self._known.seconds and self._known.kata == self._digest else []
        self._seconds = min([*noted, *map(check_seconds, verdicts.values())])
        if (taken := self._seconds) > SOLUTION_LIMIT_S:
            self.problems.append(f"the hidden test takes {taken:.1f} s with the solution, at most {SOLUTION_LIMIT_S:g}")
        return first

    def _accepts(self, right: Path) -> bool:
        verdict = self._run(answers.answer_files(self.kata, right))
        if not verdict.passed:
            self.problems.append(f"right/{right.name} is {verdict.outcome.value}: {why(verdict)}")
        return verdict.passed

    def _judge_end_of_hunts(self) -> None:
        """A hunt lays out a right answer without its comments, with an edit in it: taken back, it has to pass."""
        for base in sorted({entry.base for entry in hunt.huntable(self.kata)}):
            verdict = self._run(hunt.without_all_comments(base_files(self.kata, base)))
            if not verdict.passed:
                what = f"a hunt cannot be won: {base or 'the solution'} without its comments is"
                self.problems.append(f"{what} {verdict.outcome.value}: {why(verdict)}")

    def _judge_poses(self) -> None:
        """Answers that return nothing, or agree with everything, fail without making the hidden test stumble."""
        source = self.kata.stub_files.get(f"{self.kata.module}.py")
        if source is None:
            return
        for pose, value in (("None", "None"), ("what equals everything", "_Agreeable()")):
            with parsing:
                posed = pose_as(source.decode(), value, only_to_do=self.kata.stub == "to do")
            if posed is None:
                return
            verdict = self._run({**self.kata.stub_files, f"{self.kata.module}.py": posed.encode()})
            if verdict.outcome in (Outcome.PASSED, Outcome.FAULT, Outcome.RULE):
                what = f"an answer that returns {pose} is {verdict.outcome.value}"
                self.problems.append(f"{what}: {why(verdict)}")

    def _run_example(self) -> None:
        """Run the example in the task against the solution."""
        text = (self.kata.folder / "task.md").read_text(encoding="utf-8")
        blocks = [b for b in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if ">>>" in b]
        if not blocks:
            if self.kata.module and not self.kata.build:
                self.problems.append("task.md has no ```python example with >>> lines")
            elif "```" not in text:
                self.problems.append("task.md shows no example")
            return
        with tempfile.TemporaryDirectory(prefix="kata-example-") as base:
            test = Path(base) / "hidden_test.py"
            test.write_text(_EXAMPLE_TEST.format(example="\n".join(blocks)), encoding="utf-8")
            posed = replace(self.kata, folder=Path(base), rules=Rules())
            verdict = self._run(answers.answer_files(self.kata, answers.solution_path(self.kata)), kata=posed)
        # Only the example counts: rules have been looked at with the solution.
        if any(not check.passed for check in verdict.checks) or not verdict.checks:
            self.problems.append(f"the example in task.md does not run as shown: {why(verdict)}")

    # --- mistakes ---

    def _look_at_mistakes(self, mistakes: Sequence[WrongAnswer]) -> None:
        if len(mistakes) < LEAST_MISTAKES:
            self.problems.append(f"{len(mistakes)} mistakes, at least {LEAST_MISTAKES}")
        self.problems += [f"{m.where} has no sentence" for m in mistakes if not m.sentence]
        if (n := len(answers.variants(self.kata, "wrong"))) > MOST_WHOLE_FILES:
            self.problems.append(
                f"{n} whole answers in wrong/, at most {MOST_WHOLE_FILES}; the rest are edits in mistakes.md"
            )
        taken = len(mistakes) * self._seconds
        if taken > BUDGET_S and not self.kata.slow_because:
            self.problems.append(
                f"{len(mistakes)} mistakes times {self._seconds:.2g} s are {taken:.0f} core-seconds, at most "
                f'{BUDGET_S:g}; make the checks faster, or say why not in kata.toml: slow_because = "…"'
            )

    def _judge_mistake(self, mistake: WrongAnswer, is_quick: bool) -> Proven | None:
        """What a mistake fails; None when it is not caught."""
        digest = digests.of_mistake(self._digest, mistake.files)
        known = self._known.mistakes.get(mistake.name)
        if is_quick and known is not None and known.digest == digest:
            if self._fails_as_asked(mistake, known.ask):
                return known
            self.remarks.append(f"{mistake.name} passes {known.ask}, which was to catch it: kata dev audit --write")
        verdict = self._run(mistake.files)
        if verdict.outcome not in (Outcome.FAILED, Outcome.RULE, Outcome.BROKE):
            self.problems.append(f"{mistake.where} is {verdict.outcome.value}: {why(verdict)}")
            return None
        if not failed_names(verdict):
            self.problems.append(f"{mistake.where} fails no check, it only breaks: {why(verdict)}")
            return None
        if "raised NameError" in first_shown(verdict.checks):
            self.remarks.append(f"{mistake.name} ends in a NameError; is its edit whole?")
        return Proven(digest, failed_names(verdict), self._shows(mistake, verdict))

    def _fails_as_asked(self, mistake: WrongAnswer, ask: str) -> bool:
        """Whether a mistake fails the one check, or breaks the one rule, that is asked."""
        is_rule = ask.startswith("rule:")
        # Any one check will do to see a rule broken, which needs no more than an import.
        verdict = self._run(mistake.files, only=[] if is_rule else [ask])
        return ask in failed_names(verdict)

    def _shows(self, mistake: WrongAnswer, verdict: Verdict) -> str:
        """What the first failed check shows, where it is the same in every run on every machine."""
        shown = first_shown(verdict.checks)
        if verdict.outcome is not Outcome.FAILED or not shown or _VARIES.search(shown):
            return ""
        first = next(c.name for c in verdict.checks if not c.passed)
        again = self._run(mistake.files, only=[first])
        return shown if first_shown(again.checks) == shown else ""

    def _look_at_coverage(self, solved: Verdict, fails: Mapping[str, Sequence[str]]) -> None:
        caught_by = {name for names in fails.values() for name in names}
        self.problems += [f"no mistake fails {check.name}" for check in solved.checks if check.name not in caught_by]
        for rule in texts.declared_rules(self.kata):
            # A name that is not defined fails the checks that call it; no answer breaks that rule alone.
            if f"rule:{rule}" not in caught_by and rule != "define":
                self.problems.append(f"no mistake breaks the rule {rule}")

    def _look_at_threads(self) -> None:
        """The parent of workers may have one thread only, because it forks."""
        if self.child is not None and (n := psutil.Process(self.child.pid).num_threads()) > 1:
            what = "importing what this kata needs, or what its hidden test imports, starts threads"
            self.problems.append(f"{what}: {n} in the parent of workers; see parent.WITH_THREADS")

    # --- what is kept ---

    def _write(self, proven: Mapping[str, Proven], solved: Verdict) -> None:
        durations = {check.name: check.duration_s for check in solved.checks}
        asks = choose_asks({name: p.fails for name, p in proven.items()}, self._timing, durations)
        mistakes = {name: replace(p, ask=asks[name]) for name, p in proven.items()}
        found = Proof(self._digest, self._judge, _kept_seconds(self._known.seconds, self._seconds), mistakes)
        if found != self._known:
            proof.write(self.kata.folder / proof.NAME, found)

    def _compare(self, proven: Mapping[str, Proven]) -> None:
        """Checks that measure time may differ from run to run, on a busy machine above all."""
        again = f"kata dev audit {self.kata.short} --write"
        if self._known.kata != self._digest:
            self.problems.append(f"{proof.NAME} is out of date: {again}")
            return
        changed = []
        for name in sorted({*proven, *self._known.mistakes}):
            now, before = proven.get(name), self._known.mistakes.get(name)
            if now is None or before is None or now.digest != before.digest:
                changed.append(name)
            elif not (set(now.fails) & set(before.fails) and set(now.fails) ^ set(before.fails) <= self._timing):
                differing = f"{', '.join(now.fails)}, and {proof.NAME} says {', '.join(before.fails)}"
                self.problems.append(f"{name} fails {differing}: {again}")
        if changed:
            self.problems.append(f"{proof.NAME} is out of date for {', '.join(changed)}: {again}")


# What differs from run to run or from machine to machine: addresses, absolute paths, times, line numbers.
_VARIES = re.compile(r"0x[0-9a-f]{6,}|kata-audit-|['\"]/\w|Path\(|/tmp|\bline \d|\d (s|ms|MB|times)\b")

_EXAMPLE_TEST = '''
import doctest

EXAMPLE = r"""
{example}
"""

def test_example():
    """The example in the task runs as shown."""
    printed = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    runner.run(doctest.DocTestParser().get_doctest(EXAMPLE, {{}}, "task.md", None, 0), out=printed.append)
    assert not runner.failures, " ".join("".join(printed).split())[-300:]
'''


def check_seconds(verdict: Verdict) -> float:
    """The seconds that the checks themselves took."""
    return sum(check.duration_s for check in verdict.checks)


def _kept_seconds(before: float, now: float) -> float:
    """To one digit; rewritten only beyond a factor of two, so that the file stays as it is from run to run.

    Less than a tenth of a second is measured no better than that.
    """
    now = max(now, 0.1)
    return before if before and before / 2 <= now <= before * 2 else float(f"{now:.1g}")


def why(verdict: Verdict) -> str:
    """The shortest account of a verdict that is not as expected."""
    bad = next((c for c in verdict.checks if not c.passed and c.status is not Status.NOT_RUN), None)
    said = [verdict.message] if verdict.message and verdict.outcome is not Outcome.TODO else []
    if bad:
        counter = f" (call {bad.call}; got {bad.got}; expected {bad.expected})" if bad.got or bad.expected else ""
        said.append(f"{bad.name}: {bad.message}{counter}")
    said += [f"{b.file}:{b.line} {b.message}" for b in verdict.breaches[:1]]
    return "; ".join(said) or "every check passes"


def pose_as(source: str, value: str, *, only_to_do: bool = True) -> str | None:
    """The stub with every body replaced by `return value`; None when it has no functions.

    only_to_do: leave functions alone that raise nothing: the learner is given them.
    """
    tree = ast.parse(source)
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    if only_to_do:
        functions = [f for f in functions if any(isinstance(n, ast.Raise) for n in ast.walk(f))]
    if not functions:
        return None
    for function in functions:
        answer = ast.Pass() if function.name == "__init__" else ast.Return(ast.parse(value, mode="eval").body)
        function.body = [answer]
    return f"{ast.unparse(ast.fix_missing_locations(tree))}\n{AGREEABLE}"
