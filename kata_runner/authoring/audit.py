"""Proves the katas: the stub is to do, right answers pass, wrong ones are caught, and each check earns its place."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kata_runner.catalogue import needs
from kata_runner.catalogue.answers import answer_files, solution_path, variants
from kata_runner.catalogue.load import Catalogue
from kata_runner.catalogue.mistakes import noted_mistakes
from kata_runner.catalogue.wrong import wrong_answers
from kata_runner.errors import BrokenKata, KataError
from kata_runner.judging import judge, launch, pool
from kata_runner.judging.verdict import first_got
from kata_runner.learner.workspace import make_submission
from kata_runner.model import Kata, Outcome, Report, Rules, Status, Verdict

SOLUTION_LIMIT_S = 10.0
LEAST_WRONG = 4
LEAST_HINTS = 3

# What a hidden test and a solution may import without saying so.
CORE_MODULES = {
    *("numpy", "pytest", "rich", "typer", "watchdog", "psutil", "pydot", "pybind11", "setuptools"),
    "prompt_toolkit",
}

# A value that compares as equal to, smaller and larger than everything.
AGREEABLE = """
class _Agreeable:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __bool__(self): return True
    def __hash__(self): return 0
"""


def audit(
    catalogue: Catalogue,
    katas: Sequence[Kata],
    *,
    n_workers: int = 2,
    on_report: Callable[[Report], None] | None = None,
    write: bool = False,
    lint: bool = True,
) -> tuple[Report, ...]:
    """Audit each of `katas`; reports in their order.

    on_report: called with each report as soon as its runs are done, from another thread; lint comes later.
    write: note in the kata's mistakes.json which checks each wrong answer fails.
    lint: run ruff and mypy over the solutions of the katas that could be tried.
    """

    def task(kata: Kata) -> pool.Task:
        def run(child: launch.Child | None) -> Report:
            report = KataAudit(catalogue, kata, child, write).report()
            if on_report is not None:
                on_report(report)
            return report

        return pool.Task(run, modules=needs.preloads_of(kata))

    results = pool.in_parallel([task(kata) for kata in katas], n_workers)
    reports = [report for report in results if isinstance(report, Report)]
    if lint:
        # Without the packages of a kata, mypy sees Any where its types should be.
        tried = {report.kata_id for report in reports if not report.skipped}
        found = lint_solutions(catalogue, [kata for kata in katas if kata.id in tried])
        reports = [
            replace(r, problems=(*r.problems, *found.get(r.kata_id, ()))) if r.kata_id in tried else r for r in reports
        ]
    return tuple(reports)


class KataAudit:
    """The audit of one kata; each method adds the problems that it finds to `problems`."""

    def __init__(self, catalogue: Catalogue, kata: Kata, child: launch.Child | None, write: bool) -> None:
        self.catalogue = catalogue
        self.kata = kata
        self.child = child
        self.write = write
        self.problems: list[str] = []
        self.n_runs = 0

    def report(self) -> Report:
        if lacking := needs.missing(self.kata):
            return Report(self.kata.id, skipped=f"needs {', '.join(lacking)}")
        try:
            return self._prove()
        except KataError as error:
            return Report(self.kata.id, problems=(*self.problems, str(error)), n_runs=self.n_runs)

    def _prove(self) -> Report:
        kata = self.kata
        self.wrongs = wrong_answers(kata)
        self.problems += text_problems(kata)
        self.problems += declaration_problems(self.catalogue, kata)
        self._judge_stub()
        solved = self._judge_solution()
        self._judge_poses()
        self._run_example()
        rights = variants(kata, "right")
        accepted = [right for right in rights if self._accepts(right)]
        fails, timing = self._judge_wrongs(solved)
        if (threads := n_threads(self.child)) > 1:
            cause = "importing what this kata needs, or what its hidden test imports, starts threads"
            self.problems.append(f"{cause}: {threads} in the parent of workers; see child.WITH_THREADS")
        # While the solution fails, what the wrong answers fail says nothing about them.
        if solved.passed:
            self._compare_notes(fails, timing)
        return Report(
            kata_id=kata.id,
            n_checks=len(solved.checks),
            n_wrong=len(self.wrongs),
            n_caught=len(fails),
            n_right=len(rights),
            n_accepted=len(accepted),
            n_runs=self.n_runs,
            seconds=round(solved.duration_s, 2),
            problems=tuple(self.problems),
            fails=fails,
        )

    # runs

    def _run(
        self, files: Mapping[str, bytes], seed: int = 0, order_seed: int | None = None, kata: Kata | None = None
    ) -> Verdict:
        kata = kata or self.kata
        uses = {used.id: answer_files(used, solution_path(used)) for used in self.catalogue.used_by(self.kata)}
        self.n_runs += 1
        with tempfile.TemporaryDirectory(prefix="kata-audit-", ignore_cleanup_errors=True) as base:
            folder = Path(base).resolve() / self.kata.id
            folder.mkdir()
            for name, content in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
            submission = make_submission(kata, folder, files)
            return judge.judge(kata, submission, uses=uses, seed=seed, order_seed=order_seed, child=self.child)

    def _judge_stub(self) -> None:
        verdict = self._run(self.kata.stub_files)
        is_to_do = self.kata.stub == "to do"
        expected = Outcome.TODO if is_to_do else Outcome.FAILED
        if verdict.outcome is not expected:
            self.problems.append(f"the stub is {verdict.outcome.value}, expected {expected.value}: {why(verdict)}")
        for check in verdict.checks:
            if check.passed and is_to_do:
                self.problems.append(f"the stub passes {check.name}")

    def _judge_solution(self) -> Verdict:
        files = answer_files(self.kata, solution_path(self.kata))
        first = self._run(files)
        second = self._run(files, seed=1, order_seed=1)
        for how, verdict in (("", first), (" from another seed, in another order,", second)):
            if not verdict.passed:
                self.problems.append(f"the solution{how} is {verdict.outcome.value}: {why(verdict)}")
        taken = sum(check.duration_s for check in first.checks)
        if taken > SOLUTION_LIMIT_S and sum(check.duration_s for check in second.checks) > SOLUTION_LIMIT_S:
            self.problems.append(f"the hidden test takes {taken:.1f} s with the solution, at most {SOLUTION_LIMIT_S:g}")
        return first

    def _accepts(self, right: Path) -> bool:
        verdict = self._run(answer_files(self.kata, right))
        if not verdict.passed:
            self.problems.append(f"right/{right.name} is {verdict.outcome.value}: {why(verdict)}")
        return verdict.passed

    def _judge_wrongs(self, solved: Verdict) -> tuple[dict[str, tuple[str, ...]], set[str]]:
        """Judge every wrong answer; return what each one fails, and the names of the checks that measure time."""
        if len(self.wrongs) < LEAST_WRONG:
            self.problems.append(f"{len(self.wrongs)} wrong answers, at least {LEAST_WRONG}")
        fails: dict[str, tuple[str, ...]] = {}
        self.got: dict[str, str] = {}
        for wrong in self.wrongs:
            if not wrong.sentence:
                self.problems.append(f"{wrong.where} does not say the mistake in words")
            verdict = self._run(wrong.files)
            if verdict.outcome in (Outcome.FAILED, Outcome.RULE, Outcome.BROKE):
                fails[wrong.name] = failed_names(verdict)
                self.got[wrong.name] = first_got(verdict.checks)
            else:
                self.problems.append(f"{wrong.where} is {verdict.outcome.value}: {why(verdict)}")
        caught_by = {name for names in fails.values() for name in names}
        for check in solved.checks:
            if check.name not in caught_by:
                self.problems.append(f"no wrong answer fails {check.name}")
        for rule in declared_rules(self.kata):
            # A missing name fails the checks that call it, so no answer breaks the rule `define` alone.
            if f"rule:{rule}" not in caught_by and rule != "define":
                self.problems.append(f"no wrong answer breaks the rule {rule}")
        return fails, timing_checks(self.kata)

    def _judge_poses(self) -> None:
        """Answers that return nothing, or agree with everything, fail without making the hidden test stumble."""
        stub = self.kata.stub_files
        source = stub.get(f"{self.kata.module}.py")
        if source is None:
            return
        for pose, value, prelude in (("None", "None", ""), ("what equals everything", "_Agreeable()", AGREEABLE)):
            posed = pose_as(source.decode(), value, prelude, only_to_do=self.kata.stub == "to do")
            if posed is None:
                return
            verdict = self._run({**stub, f"{self.kata.module}.py": posed.encode()})
            if verdict.outcome in (Outcome.PASSED, Outcome.FAULT, Outcome.RULE):
                self.problems.append(f"an answer that returns {pose} is {verdict.outcome.value}: {why(verdict)}")

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
            verdict = self._run(answer_files(self.kata, solution_path(self.kata)), kata=posed)
        # Only the example counts: the rules were checked with the solution.
        if any(not check.passed for check in verdict.checks) or not verdict.checks:
            self.problems.append(f"the example in task.md does not run as shown: {why(verdict)}")

    def _compare_notes(self, fails: Mapping[str, tuple[str, ...]], timing: set[str]) -> None:
        """Compare mistakes.json with what the audit saw; checks that measure time may differ from run to run."""
        path = self.kata.folder / "mistakes.json"
        if self.write:
            entries = {name: {"fails": list(fails[name]), "got": self.got[name]} for name in sorted(fails)}
            path.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            return
        if not path.is_file():
            self.problems.append("there is no mistakes.json: kata dev audit --write makes it")
            return
        noted = {name: set(entry.fails) for name, entry in noted_mistakes(self.kata).items()}
        seen = {name: set(names) for name, names in fails.items()}
        for name in sorted({*noted, *seen}):
            before, now = noted.get(name), seen.get(name)
            # On a busy machine a slow answer fails one timed check more or less, but never a different set altogether.
            if before is None or now is None or (not before & now and before - timing != now - timing):
                self.problems.append(f"mistakes.json is out of date for {name}: kata dev audit --write")


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


def why(verdict: Verdict) -> str:
    """The shortest account of a verdict that is not as expected."""
    bad = next((c for c in verdict.checks if not c.passed and c.status is not Status.NOT_RUN), None)
    parts = [verdict.message] if verdict.message and verdict.outcome is not Outcome.TODO else []
    if bad:
        counter = f" (call {bad.call}; got {bad.got}; expected {bad.expected})" if bad.got or bad.expected else ""
        parts.append(f"{bad.name}: {bad.message}{counter}")
    parts += [f"{b.file}:{b.line} {b.message}" for b in verdict.breaches[:1]]
    return "; ".join(parts) or "every check passes"


def failed_names(verdict: Verdict) -> tuple[str, ...]:
    """The checks that did not pass and the rules that were broken, named as in mistakes.json."""
    checks = [c.name for c in verdict.checks if not c.passed]
    return (*checks, *sorted({f"rule:{b.rule}" for b in verdict.breaches}))


def pose_as(source: str, value: str, prelude: str, *, only_to_do: bool = True) -> str | None:
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
        answer = "pass" if function.name == "__init__" else f"return {value}"
        function.body = ast.parse(f"def f():\n    {answer}").body[0].body  # type: ignore[attr-defined]
    after = 0
    while after < len(tree.body) and (
        isinstance(tree.body[after], ast.Expr | ast.ImportFrom)
        and getattr(tree.body[after], "module", "__future__") == "__future__"
    ):
        after += 1
    tree.body[after:after] = ast.parse(prelude).body
    return ast.unparse(tree)


def n_threads(child: launch.Child | None) -> int:
    """How many threads the parent of workers has; it must have only one, since it forks."""
    if child is None:
        return 1
    import psutil

    return psutil.Process(child.pid).num_threads()


def timing_checks(kata: Kata) -> set[str]:
    """Names of the checks that are marked @timing."""
    tree = ast.parse(kata.hidden_test.read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(d, ast.Name) and d.id == "timing" for d in node.decorator_list)
    }


def declared_rules(kata: Kata) -> tuple[str, ...]:
    rules = kata.rules
    held = {
        "no_loops": bool(rules.no_loops),
        "imports": rules.imports is not None,
        "forbid": bool(rules.forbid),
        "define": bool(rules.define),
        "typed": rules.typed,
    }
    return tuple(name for name, is_held in held.items() if is_held)


# --- texts and declarations --------------------------------------------------------------------------------------


def hints_of(kata: Kata) -> tuple[tuple[str, str], ...]:
    """(heading, text) of each level of hint.md."""
    path = kata.folder / "hint.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    levels = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    return tuple((level.partition("\n")[0].strip(), level.partition("\n")[2].strip()) for level in levels)


def text_problems(kata: Kata) -> list[str]:
    """What is wrong with the texts of a kata."""
    problems = []
    for name in ("task.md", "hint.md", "hidden_test.py"):
        path = kata.folder / name
        if not path.is_file() or not path.read_text(encoding="utf-8").strip():
            problems.append(f"{name} is missing or empty")
    if problems:
        raise BrokenKata("; ".join(problems))
    if not (kata.folder / "task.md").read_text(encoding="utf-8").startswith("# "):
        problems.append("task.md does not start with a title (# …)")
    hints = hints_of(kata)
    if len(hints) < LEAST_HINTS:
        problems.append(f"hint.md has {len(hints)} levels (## …), at least {LEAST_HINTS}")
    code = _telling_lines(kata)
    for heading, text in hints[:-1]:
        flat = " ".join(text.split())
        if shown := next((line for line in code if line in flat), None):
            problems.append(f"the hint {heading!r} holds a line of the solution: {shown}")
    problems += _test_problems(kata)
    if kata.rules.why.keys() - set(declared_rules(kata)):
        problems.append("kata.toml explains a rule that it does not declare")
    problems += [f"kata.toml does not say why the rule {r} is there" for r in declared_rules(kata)
                 if r not in kata.rules.why]  # fmt: skip
    return problems


def _telling_lines(kata: Kata) -> list[str]:
    """Lines of the solution that give it away: assignments and returns that the stub does not have."""
    solution = answer_files(kata, solution_path(kata))
    stub = b"\n".join(kata.stub_files.values()).decode("utf-8", "replace")
    found = []
    for name, content in solution.items():
        if not name.endswith((".py", ".pyx")):
            continue
        for line in content.decode("utf-8", "replace").splitlines():
            code = " ".join(line.partition("  #")[0].split())
            is_telling = len(code) > 24 and ("=" in code or code.startswith("return ")) and code not in stub
            if is_telling and not code.startswith(("#", "def ", "class ", '"""', ">>>")):
                found.append(code)
    return found


def _test_problems(kata: Kata) -> list[str]:
    tree = ast.parse(kata.hidden_test.read_text(encoding="utf-8"))
    problems = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg is None:
            problems.append(f"hidden_test.py line {node.lineno}: assert without a sentence")
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if not ast.get_docstring(node):
                problems.append(f"hidden_test.py: {node.name} has no docstring, which is what the learner reads")
            decorators = " ".join(ast.unparse(d) for d in node.decorator_list)
            if kata.parts and "part(" not in decorators:
                problems.append(f"hidden_test.py: {node.name} belongs to no part of the milestone")
    parts = {str(a.value) for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "part"
             for a in n.args if isinstance(a, ast.Constant)}  # fmt: skip
    problems += [f"kata.toml does not list the part {p!r}" for p in sorted(parts - set(kata.parts))]
    problems += [f"no check belongs to the part {p!r}" for p in kata.parts if p not in parts]
    return problems


def declaration_problems(catalogue: Catalogue, kata: Kata) -> list[str]:
    """Packages and katas that are declared but not used, or used but not declared."""
    ours = {"kata_runner", "__future__"} | CORE_MODULES
    by_module = {k.module: k.id for k in catalogue.katas if k.module}
    declared = set(needs.modules_of(kata))
    files = _python_files(kata)
    own = {Path(name).stem for name in files} | {kata.module}
    used = set().union(*(_imports(text) for text in files.values())) - own
    in_solution = set().union(*(_imports(t) for n, t in files.items() if n != "hidden_test.py"))
    packages = {m for m in used if m not in sys.stdlib_module_names and m not in ours and m not in by_module}
    problems = [f"imports {m}, which kata.toml does not declare in needs" for m in sorted(packages - declared)]
    words = " ".join(files.values()) + " ".join(_other_texts(kata))
    problems += [
        f"kata.toml needs {m}, which nothing imports"
        for m in sorted(declared - packages)
        if m not in ours and m.replace("_", "-") not in words and m not in words
    ]
    borrowed = {by_module[m] for m in in_solution - own if m in by_module}
    problems += [f"imports the module of {i}, which kata.toml does not declare in uses" for i in sorted(borrowed)
                 if i not in kata.uses]  # fmt: skip
    problems += [f"kata.toml uses {i}, which the solution does not import" for i in kata.uses if i not in borrowed]
    return problems


def _python_files(kata: Kata) -> dict[str, str]:
    solution = answer_files(kata, solution_path(kata))
    texts = {n: c.decode("utf-8", "replace") for n, c in solution.items() if n.endswith((".py", ".pyx"))}
    return texts | {"hidden_test.py": kata.hidden_test.read_text(encoding="utf-8")}


def _other_texts(kata: Kata) -> Iterable[str]:
    solution = answer_files(kata, solution_path(kata))
    return (c.decode("utf-8", "replace") for n, c in solution.items() if not n.endswith(".py"))


def _imports(text: str) -> set[str]:
    """Top-level names of all that a file imports (by its lines, so that Cython can be read too)."""
    found = re.findall(r"^\s*(?:from|c?import)\s+([A-Za-z_]\w*)", text, re.MULTILINE)
    return set(found) - {"libc", "libcpp", "cpython", "cython"}  # what Cython brings itself


# --- ruff and mypy -----------------------------------------------------------------------------------------------


def lint_solutions(catalogue: Catalogue, katas: Sequence[Kata]) -> dict[str, tuple[str, ...]]:
    """What ruff and mypy --strict report on the solutions; kata id -> at most five messages."""
    with tempfile.TemporaryDirectory(prefix="kata-lint-") as base:
        owner = _gather(Path(base), catalogue)
        wanted = {kata.id for kata in katas}
        files = sorted(name for name, kata_id in owner.items() if kata_id in wanted)
        if not files:
            return {}
        found: dict[str, list[str]] = {}
        for name, message in (*_ruff(katas), *_mypy(Path(base), files)):
            kata_id = owner.get(name, name)
            found.setdefault(kata_id, []).append(message)
        return {kata_id: tuple(messages[:5]) for kata_id, messages in found.items()}


def _gather(base: Path, catalogue: Catalogue) -> dict[str, str]:
    """Lay the modules of all solutions side by side, as later katas import them; file -> kata id."""
    owner: dict[str, str] = {}
    for kata in catalogue.katas:
        for name, content in answer_files(kata, solution_path(kata)).items():
            if not name.endswith(".py"):
                continue
            flat = name if name == f"{kata.module}.py" else f"{kata.id}__{name.replace('/', '__')}"
            (base / flat).write_bytes(content)
            owner[flat] = kata.id
    return owner


def _ruff(katas: Sequence[Kata]) -> list[tuple[str, str]]:
    paths = [str(solution_path(kata)) for kata in katas]
    lines = _tool("ruff", "check", "--no-cache", "--output-format=concise", *paths)
    found = []
    for line in lines:
        if match := re.match(r"(.+?):(\d+):\d+: (.+)", line):
            kata_id = next((k.id for k in katas if f"/{k.id}/" in match[1].replace("\\", "/")), match[1])
            found.append((kata_id, f"ruff: {Path(match[1]).name}:{match[2]} {match[3]}"))
    return found


def _mypy(base: Path, files: Sequence[str]) -> list[tuple[str, str]]:
    options = ["--strict", "--ignore-missing-imports", "--allow-subclassing-any", "--allow-untyped-decorators",
               "--no-error-summary", "--config-file=", "--no-warn-unused-ignores",
               f"--cache-dir={Path(tempfile.gettempdir()) / 'kata-mypy-cache'}"]  # fmt: skip
    lines = _tool("mypy", *options, *files, cwd=base)
    matches = (re.match(r"(.+?):(\d+): error: (.+)", line) for line in lines)
    return [(m[1], f"mypy: line {m[2]} {m[3]}") for m in matches if m]


def _tool(name: str, *args: str, cwd: Path | None = None) -> list[str]:
    ran = subprocess.run([sys.executable, "-m", name, *args], capture_output=True, text=True, check=False, cwd=cwd)
    if f"No module named {name}" in ran.stderr:
        raise KataError(f"{name} is not installed, and the audit needs it: pip install 'kata-runner[dev]'")
    if ran.returncode not in (0, 1):
        raise KataError(f"{name} failed: {textwrap.shorten(ran.stdout + ran.stderr, 400)}")
    return ran.stdout.splitlines()
