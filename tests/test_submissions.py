"""Misbehaving answers, each with the verdict that it must get, on every path of the judge."""

from __future__ import annotations

import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from msgspec.structs import replace

from kata_runner.catalogue import load
from kata_runner.catalogue.answers import answer_files, solution_path
from kata_runner.errors import MachineError
from kata_runner.judging import judge, launch, pool, run
from kata_runner.learner.workspace import MAX_FILE_BYTES, make_submission, submission_of
from kata_runner.model import Kata, Outcome, Status, Verdict
from kata_runner.practice import UsedKatas
from kata_runner.watch import events as on
from kata_runner.watch.judge_thread import JudgeThread

HERE = Path(__file__).parent / "submissions"
VERDICTS = tomllib.loads((HERE / "verdicts.toml").read_text())
for verdict_ in VERDICTS.values():
    verdict_ |= verdict_.get("python_{}_{}".format(*sys.version_info), {})
LEFTOVER = "kata-leftover"
BESIDE = "KATA_TESTS_BESIDE"  # says in the environment whose a process is
os.environ[BESIDE] = str(os.getpid())


@pytest.fixture(autouse=True)
def short_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import that hangs is given the time of a real one, for PyTorch on a busy machine; not so here."""
    monkeypatch.setattr(run, "IMPORT_EXTRA_S", 1.0)


@pytest.fixture(scope="module")
def toy() -> Kata:
    return load.load(HERE / "catalogue").find("p000")


@dataclass(frozen=True)
class Way:
    """One path of the judge: on a child that stays, the same with a worker that waits ahead, or without fork."""

    child: launch.Child | None = None
    is_ahead: bool = False


@pytest.fixture(scope="module", params=["forked", "ahead", "alone"])
def path(request: pytest.FixtureRequest) -> Iterator[Way]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "alone":
            patch.setenv("KATA_NO_FORK", "1")
        child = launch.start_child() if request.param != "alone" else None
        yield Way(child, is_ahead=request.param == "ahead")
        if child is not None:
            assert child.is_alive
            child.close()


def answer(name: str) -> dict[str, bytes]:
    file, folder = HERE / "answers" / f"{name}.py", HERE / "answers" / name
    if file.is_file():
        return {"answer.py": file.read_bytes()}
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def limited(toy: Kata, name: str) -> Kata:
    """The toy with a short limit for an answer that never ends, and its usual one, which a busy machine keeps."""
    return with_seconds(toy, 1) if name.startswith("loops") else toy


def with_seconds(toy: Kata, seconds: float) -> Kata:
    return replace(toy, limits=replace(toy.limits, seconds=seconds))


def submit(kata: Kata, files: dict[str, bytes], base: Path, way: Way) -> Verdict:
    folder = base / kata.id
    folder.mkdir(exist_ok=True)
    with judge.KataJudge(kata, child=way.child) as kata_judge:
        if way.is_ahead:
            kata_judge.fork_ahead()  # before the files are there, as when a learner saves
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return kata_judge.check(make_submission(kata, folder, files))


def leftovers() -> list[psutil.Process]:
    """Processes that our answers left; those of tests that run beside us are not ours."""
    return [p for p in psutil.process_iter(["cmdline"]) if LEFTOVER in " ".join(p.info["cmdline"] or ()) and is_ours(p)]


def is_ours(process: psutil.Process) -> bool:
    try:
        return process.environ().get(BESIDE) == os.environ.get(BESIDE)
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def test_every_answer_has_a_verdict() -> None:
    stems = {p.stem for p in (HERE / "answers").iterdir() if p.name != "__pycache__"}

    assert stems == set(VERDICTS)
    assert all(v["outcome"] != "passed" for v in VERDICTS.values())


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_misbehaving_answer_gets_its_verdict(name: str, toy: Kata, path: Way, tmp_path: Path) -> None:
    files = answer(name)

    verdict = submit(limited(toy, name), files, tmp_path, path)

    said = " ".join([verdict.message, *(c.message for c in verdict.checks)])
    assert (VERDICTS[name]["outcome"], True) == (verdict.outcome.value, VERDICTS[name]["says"] in said), said
    assert leftovers() == []
    assert all((tmp_path / toy.id / n).read_bytes() == content for n, content in files.items())


def test_right_answer_passes_after_all_of_them(toy: Kata, path: Way, tmp_path: Path) -> None:
    files = answer_files(toy, solution_path(toy))

    assert submit(toy, files, tmp_path, path).outcome is Outcome.PASSED


@pytest.mark.parametrize("name", ["hard_exit", "kills_itself", "segfaults", "sys_exit", "loops"])
def test_results_before_the_end_are_kept(name: str, toy: Kata, path: Way, tmp_path: Path) -> None:
    verdict = submit(limited(toy, name), answer(name), tmp_path, path)

    first, second, *_ = verdict.checks
    assert first.status is Status.PASSED
    assert second.status is Status.BROKE


def test_neighbour_is_not_taken_along(toy: Kata, tmp_path: Path) -> None:
    """While one answer on a child hangs, crashes and is killed, others on children of their own go on."""
    good = answer_files(toy, solution_path(toy))
    kinds = [answer("kills_its_group"), good, answer("loops"), good, answer("daemonizes"), good]
    bases = [tmp_path / str(i) for i in range(len(kinds))]
    for base in bases:
        base.mkdir()

    def task(files: dict[str, bytes], base: Path) -> pool.Task:
        return pool.Task(lambda child: submit(limited(toy, "loops"), files, base, Way(child)))

    verdicts = pool.in_parallel([task(f, b) for f, b in zip(kinds, bases, strict=True)], n_workers=2)

    outcomes = [v.outcome.value for v in verdicts if isinstance(v, Verdict)]
    assert outcomes == ["broke", "passed", "broke", "passed", "failed", "passed"]
    assert leftovers() == []


ODD_BUT_RIGHT = {
    "changes_directory": "import os\nos.chdir('/')\n",
    "prints_a_flood": "print('x' * 10_000_000)\n",
    "ships_a_helper": "from helper import TWO\n",
    "closes_stdin": "import os\nos.close(0)\n",
    "sets_a_recursion_limit": "import sys\nsys.setrecursionlimit(500)\n",
    "reads_its_own_file": "open('answer.py').read()\n",
    "raises_by_floating_point": "import numpy as np\nnp.seterr(all='raise')\n",
}


@pytest.mark.parametrize("name", sorted(ODD_BUT_RIGHT))
def test_odd_but_right_answer_passes(name: str, toy: Kata, path: Way, tmp_path: Path) -> None:
    solution = answer_files(toy, solution_path(toy))["answer.py"]
    files = {"answer.py": ODD_BUT_RIGHT[name].encode() + solution, "helper.py": b"TWO = 2\n"}

    assert submit(toy, files, tmp_path, path).outcome is Outcome.PASSED


def test_the_bytes_that_were_read_are_judged_whatever_is_saved_meanwhile(toy: Kata, path: Way, tmp_path: Path) -> None:
    solution = answer_files(toy, solution_path(toy))["answer.py"]
    saved, folder = b"raise SystemExit('saved later')\n", tmp_path / toy.id
    (folder / "more").mkdir(parents=True)
    read = {"answer.py": b"import more.one\n" + solution, "more/one.py": b"try:\n import late\nexcept ImportError: 1\n"}

    with judge.KataJudge(toy, child=path.child) as kata_judge:
        if path.is_ahead:
            kata_judge.fork_ahead()
        for name in (*read, "late.py"):
            (folder / name).write_bytes(saved)
        verdict = kata_judge.check(make_submission(toy, folder, read))

    assert (verdict.outcome, verdict.message) == (Outcome.PASSED, "")
    assert {p.read_bytes() for p in folder.rglob("*.py")} == {saved}


def test_what_lies_beside_the_answer_can_be_read(toy: Kata, path: Way, tmp_path: Path) -> None:
    folder = tmp_path / toy.id
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "large.csv").write_bytes(b"1\n" * MAX_FILE_BYTES)
    code = b"import os\nassert open('data/large.csv').readline() == '1\\n'\nos.remove('data/large.csv')\n"
    (folder / "answer.py").write_bytes(code + answer_files(toy, solution_path(toy))["answer.py"])

    verdict = judge.judge(toy, submission_of(toy, folder), child=path.child)

    assert (verdict.outcome, verdict.message) == (Outcome.PASSED, "")
    assert (folder / "data" / "large.csv").stat().st_size == 2 * MAX_FILE_BYTES


@pytest.mark.parametrize("name", ["daemonizes", "kills_its_group", "returns_nothing"])
def test_verdict_is_the_same_on_a_child_for_one_run(name: str, toy: Kata, tmp_path: Path) -> None:
    verdict = submit(toy, answer(name), tmp_path, Way())

    assert verdict.outcome.value == VERDICTS[name]["outcome"]
    assert leftovers() == []


DRAWS = """\
from pathlib import Path
from kata_runner.checking import assert_equal, keep_picture, learner
work = learner("answer")
def test_one(tmp_path) -> None:
    "one() is 1."
    (tmp_path / "made.png").write_bytes(b"picture")
    keep_picture(tmp_path / "made.png", "plot")
    if work.one() == 2:
        Path({folder!r}).rename({folder!r} + "-moved")
"""


def test_a_picture_and_the_paths_that_are_shown_are_those_of_the_learners_folder(
    child: launch.Child, tmp_path: Path
) -> None:
    folder = tmp_path / "p000_toy"
    kata = toy_like(tmp_path / "kata", DRAWS.format(folder=str(folder)))

    verdict = submit(kata, {"answer.py": b"print(__file__)\ndef one():\n    return 1\n"}, tmp_path, Way(child))

    assert verdict.log == f"{folder / 'answer.py'}\n"
    assert verdict.pictures == (folder / "pictures" / "plot.png",)
    assert verdict.pictures[0].read_bytes() == b"picture"


def test_a_folder_that_is_moved_during_a_run_is_not_made_anew(child: launch.Child, tmp_path: Path) -> None:
    folder = tmp_path / "p000_toy"
    kata = toy_like(tmp_path / "kata", DRAWS.format(folder=str(folder)))

    verdict = submit(kata, {"answer.py": b"def one():\n    return 2\n"}, tmp_path, Way(child))

    assert (verdict.outcome, verdict.message) == (Outcome.PASSED, "")
    assert not folder.exists()


# Changes a setting of the process, and what an oracle does that rests on it being as usual.
SETTINGS = {
    "np.seterr": ("import numpy as np\nnp.seterr(all='raise')", "import numpy as np; np.exp(np.array([1000.0]))"),
    "np.set_printoptions": (
        "import numpy as np\nnp.set_printoptions(precision=1)",
        "import numpy as np; assert str(np.array([1.25])) == '[1.25]', 'printed otherwise'",
    ),
    "warnings.filters": ("import warnings\nwarnings.simplefilter('error')", "import warnings; warnings.warn('one')"),
    "warnings.showwarning": (
        "import warnings\ndef show(*a, **k): raise OSError\nwarnings.showwarning = show",
        "import warnings; warnings.simplefilter('always'); warnings.warn('one')",
    ),
    "recursion": (
        "import sys\nsys.setrecursionlimit(200)",
        "f = lambda n: n and f(n - 1); f(300)",
    ),
    "decimal": (
        "import decimal\ndecimal.getcontext().prec = 2",
        "import decimal; assert decimal.Decimal(1) / 3 > decimal.Decimal('0.333'), 'rounded'",
    ),
    "sys.stdout": ("import io, sys\nsys.stdout = io.StringIO()\nsys.stdout.close()", "print('the check prints')"),
    "os.environ": ("import os\nos.environ['PATH'] = ''", "import os; assert os.environ['PATH'], 'no PATH'"),
    "signal": (
        "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        "import subprocess; assert subprocess.call(['sh', '-c', 'exit 3']) == 3, 'lost'",
    ),
    "random": ("import random\nrandom.seed(99)", "import random; assert random.random() == FIRST, 'other numbers'"),
    "folder": ("import os\nos.chdir('/')", "import os; assert os.getcwd() != '/', 'elsewhere'"),
}
PLACES = {
    "on import": "{change}\n\ndef one():\n    return 1\n",
    "in a call": "def one():\n{indented}\n    return 1\n",
}


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_settings_of_the_answer_do_not_reach_the_oracle(
    name: str, place: str, child: launch.Child, tmp_path: Path
) -> None:
    change, oracle = SETTINGS[name]
    code = PLACES[place].format(change=change, indented="\n".join(f"    {line}" for line in change.splitlines()))
    kata = toy_like(tmp_path / "kata", ORACLE.format(oracle=oracle))

    verdict = submit(kata, {"answer.py": code.encode()}, tmp_path, Way(child))

    assert (verdict.outcome, verdict.message) == (Outcome.PASSED, ""), verdict.checks


ORACLE = """\
import numpy as np
import random
from kata_runner.checking import assert_equal, learner
work = learner("answer")
random.seed(0)
FIRST = random.random()
def test_first() -> None:
    "one() is 1."
    assert_equal(work.one(), 1)
def test_second() -> None:
    "The oracle is as usual."
    {oracle}
    assert_equal(work.one(), 1)
"""


def test_settings_of_the_answer_are_in_force_in_its_own_calls(child: launch.Child, tmp_path: Path) -> None:
    """A function and a method that rest on `np.seterr` and on a list of print options get them."""
    code = """\
import numpy as np
np.seterr(divide="raise")
def one():
    try:
        return np.ones(1) / 0
    except FloatingPointError:
        return 1
class Model:
    def __init__(self):
        self.found = one()
    def one(self):
        return one()
"""
    test = ORACLE.format(oracle="np.ones(1) / 0; assert_equal(work.Model().one(), 1)")

    verdict = submit(toy_like(tmp_path / "kata", test), {"answer.py": code.encode()}, tmp_path, Way(child))

    assert (verdict.outcome, verdict.message) == (Outcome.PASSED, ""), verdict.checks


def test_a_setting_that_the_check_makes_stays_for_the_next_call(child: launch.Child, tmp_path: Path) -> None:
    oracle = "import contextlib, io, numpy\n    with contextlib.redirect_stdout(io.StringIO()) as out,"
    oracle += (
        " numpy.errstate(all='raise'):\n        work.one(); work.one()\n    assert_equal(out.getvalue(), 'hey\\n' * 2)"
    )
    code = b"def one():\n    print('hey')\n    return 1\n"

    verdict = submit(
        toy_like(tmp_path / "kata", ORACLE.format(oracle=oracle)), {"answer.py": code}, tmp_path, Way(child)
    )

    assert (verdict.outcome, verdict.message) == (Outcome.PASSED, ""), verdict.checks


def test_check_that_stumbles_names_the_settings_that_were_changed(child: launch.Child, tmp_path: Path) -> None:
    code = b"import sys\nsys.setrecursionlimit(900)\ndef one():\n    return 1\n"
    kata = toy_like(tmp_path / "kata", ORACLE.format(oracle="{}['w']"))

    verdict = submit(kata, {"answer.py": code}, tmp_path, Way(child))

    assert verdict.outcome is Outcome.FAULT
    assert "your code has changed sys.setrecursionlimit" in verdict.message


COSTLY = """\
from kata_runner.checking import assert_equal, assert_faster, assert_memory, learner, not_tried
work = learner("answer")
def test_cost() -> None:
    "It takes little."
    not_tried("something")
    assert_faster(work.one, lambda: sum(range(20_000)), at_least=1)
    assert_equal(assert_memory(work.one, 10), 1)
"""


def test_a_pass_says_what_the_answer_costs_beside_the_reference(child: launch.Child, tmp_path: Path) -> None:
    kata = toy_like(tmp_path / "kata", COSTLY)
    (kata.folder / "solution.py").write_text("def one() -> int:\n    bytearray(2_000_000)\n    return 1\n")
    spends = b"def one():\n    bytearray(6_000_000)\n    return sum([1 for _ in range(1000)]) // 1000\n"

    passed, failed = (
        submit(kata, {"answer.py": code}, tmp_path, Way(child)) for code in (spends, b"def one():\n    return 2\n")
    )

    assert passed.passed, passed
    assert re.fullmatch(r"[\d.]+ × the reference's time, 3\.0 × its memory", passed.cost)
    assert passed.notes.count("something") == 1, passed.notes  # a busy machine may add that it could not measure
    assert failed.cost == ""


def test_a_machine_that_is_stuck_after_the_last_check_is_not_the_answers_fault(
    child: launch.Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kata = toy_like(tmp_path / "kata", COSTLY)
    (kata.folder / "solution.py").write_text("import time\ntime.sleep(1000)\n")
    monkeypatch.setattr(run, "WAITING_S", 1.0)

    with pytest.raises(MachineError, match="every check had passed"):
        submit(kata, {"answer.py": b"def one():\n    return 1\n"}, tmp_path, Way(child))


def test_a_reference_that_does_not_run_leaves_the_verdict_alone(child: launch.Child, tmp_path: Path) -> None:
    kata = toy_like(tmp_path / "kata", COSTLY)
    (kata.folder / "solution.py").write_text("import sys\nsys.exit(3)\n")

    verdict = submit(kata, {"answer.py": b"def one():\n    return 1\n"}, tmp_path, Way(child))

    assert (verdict.outcome, verdict.cost) == (Outcome.PASSED, "")


def test_flood_of_output_is_cut_in_the_middle(toy: Kata, path: Way, tmp_path: Path) -> None:
    verdict = submit(toy, answer("prints_a_flood"), tmp_path, path)

    assert len(verdict.log) < 2 * toy.limits.output_kb * 1000
    assert "lines left out" in verdict.log


def test_two_saves_of_one_size_within_a_second_are_judged_by_what_they_say(
    toy: Kata, path: Way, tmp_path: Path
) -> None:
    right = answer_files(toy, solution_path(toy))["answer.py"]
    wrong = right.replace(b"2 * x", b"3 * x")
    folder = tmp_path / toy.id
    outcomes = [submit(toy, {"answer.py": content}, tmp_path, path).outcome for content in (right, wrong, right, wrong)]

    assert outcomes == [Outcome.PASSED, Outcome.FAILED] * 2
    assert not list(folder.rglob("__pycache__"))


def test_byte_code_of_an_earlier_save_is_not_judged(toy: Kata, tmp_path: Path) -> None:
    """Python takes byte code for current when size and second of the source are the same."""
    import os
    import py_compile

    right = answer_files(toy, solution_path(toy))["answer.py"]
    wrong = right.replace(b"2 * x", b"3 * x")
    folder = tmp_path / toy.id
    folder.mkdir()
    file = folder / "answer.py"
    file.write_bytes(right)
    os.utime(file, (1e9, 1e9))
    py_compile.compile(str(file))
    file.write_bytes(wrong)
    os.utime(file, (1e9, 1e9))

    verdict = judge.judge(toy, make_submission(toy, folder, {"answer.py": wrong}))

    assert verdict.outcome is Outcome.FAILED


def test_packages_may_replace_functions_of_the_standard_library(
    make_kata: Callable[..., Path], path: Way, tmp_path: Path
) -> None:
    """As PyTorch does with `inspect.getfile` when it is imported; by then, nothing of the learner's has run."""
    folder = make_kata(tmp_path / "catalogue", "p900_toy")
    test = folder / "hidden_test.py"
    test.write_text("import inspect\n\ninspect.getfile = lambda thing: 'replaced'\n" + test.read_text())
    kata = load.load(tmp_path / "catalogue").find("p900")
    files = answer_files(kata, solution_path(kata))

    verdict = submit(kata, dict(files), tmp_path, path)

    assert (verdict.outcome, verdict.message) == (Outcome.PASSED, "")


def test_worker_that_was_killed_while_it_waited_is_replaced(
    toy: Kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KATA_NO_FORK", raising=False)
    files = answer_files(toy, solution_path(toy))
    folder = tmp_path / toy.id
    folder.mkdir()
    (folder / "answer.py").write_bytes(files["answer.py"])
    child = launch.start_child()
    assert child is not None
    with child, judge.KataJudge(toy, child=child) as kata_judge:
        kata_judge.fork_ahead()
        while not (waiting := psutil.Process(child.pid).children()):
            time.sleep(0.01)
        waiting[0].kill()

        assert kata_judge.check(make_submission(toy, folder, files)).outcome is Outcome.PASSED


@pytest.mark.parametrize("way", ["forked", "alone"])
def test_cancelled_run_ends_before_its_limit(
    way: str, toy: Kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KATA_NO_FORK", "1" if way == "alone" else "")
    files = answer("loops")
    folder = tmp_path / toy.id
    folder.mkdir()
    (folder / "answer.py").write_bytes(files["answer.py"])
    cancelled = threading.Event()
    with judge.KataJudge(with_seconds(toy, 600)) as kata_judge:

        def cancel_in_first_check(event: launch.Event) -> None:
            if event["event"] == "start":
                cancelled.set()
                threading.Thread(target=kata_judge.cancel).start()

        verdict = kata_judge.check(make_submission(toy, folder, files), cancel_in_first_check, cancelled)

    assert verdict.outcome is Outcome.BROKE
    assert "still running" not in verdict.message


# --- a child that serves several katas ---------------------------------------------------------------------------


def toy_like(folder: Path, test: str) -> Kata:
    """A kata of its own folder, with the module of the toy and the given hidden test."""
    toy = load.load(HERE / "catalogue").find("p000")
    folder.mkdir(parents=True)
    (folder / "hidden_test.py").write_text(test)
    (folder / "stub.py").write_text("def one() -> int:\n    raise NotImplementedError\n")
    return replace(toy, folder=folder)


ONE = """\
from kata_runner.checking import assert_equal, learner
work = learner("answer")
def test_one() -> None:
    '''one() is {expected}.'''
    assert_equal(work.one(), {expected})
"""


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[launch.Child]:
    monkeypatch.delenv("KATA_NO_FORK", raising=False)
    child = launch.start_child()
    assert child is not None
    with child:
        yield child


def test_one_child_judges_katas_in_turn(child: launch.Child, tmp_path: Path) -> None:
    first, second = (toy_like(tmp_path / f"k{n}", ONE.format(expected=n)) for n in (1, 2))
    files = {"answer.py": b"def one() -> int:\n    return 1\n"}

    outcomes = [submit(kata, files, tmp_path, Way(child)).outcome for kata in (first, second, first, second)]

    assert outcomes == [Outcome.PASSED, Outcome.FAILED] * 2


def test_worker_forked_ahead_for_one_kata_survives_a_job_for_another(child: launch.Child, tmp_path: Path) -> None:
    first, second = (toy_like(tmp_path / f"k{n}", ONE.format(expected=n)) for n in (1, 2))
    files = {"answer.py": b"def one() -> int:\n    return 1\n"}
    folder = tmp_path / first.id
    folder.mkdir()
    with judge.KataJudge(first, child=child) as kata_judge:
        kata_judge.fork_ahead()
        between = submit(second, files, tmp_path, Way(child))
        (folder / "answer.py").write_bytes(files["answer.py"])

        assert kata_judge.check(make_submission(first, folder, files)).passed
        assert between.outcome is Outcome.FAILED


def test_child_outlives_a_kata_whose_folder_is_gone(child: launch.Child, tmp_path: Path, toy: Kata) -> None:
    gone = toy_like(tmp_path / "gone", ONE.format(expected=1))
    files = {"answer.py": b"def one() -> int:\n    return 1\n"}
    assert submit(gone, files, tmp_path, Way(child)).passed
    shutil.rmtree(gone.folder)
    lost = replace(gone, folder=gone.folder.parent / "never")

    with pytest.raises(MachineError, match="was not judged"):
        submit(lost, files, tmp_path, Way(child))
    assert submit(toy, dict(answer_files(toy, solution_path(toy))), tmp_path, Way(child)).passed
    assert child.is_alive


def test_messages_that_nobody_asks_for_do_not_fill_the_socket() -> None:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with subprocess.Popen(["sleep", "60"]) as process, ours, theirs, open(os.devnull) as nowhere:
        child = launch.Child(process, ours)
        for _ in range(1000):  # more messages than the socket takes; then sending one raises an error
            number = child.begin({}, nowhere.fileno(), nowhere.fileno())
            for fd in socket.recv_fds(theirs, 1000, 2)[1]:
                os.close(fd)
            theirs.send(f'{{"ended": 0, "run": {number}}}\n'.encode())

        process.kill()

    assert number == 1000


def test_verdict_does_not_wait_for_a_program_that_holds_the_output(
    child: launch.Child, toy: Kata, tmp_path: Path
) -> None:
    """What is left running is ended with the run, and what was printed before is kept."""
    right = answer_files(toy, solution_path(toy))["answer.py"]
    held = b"import subprocess, sys\nprint('printed', flush=True)\n"
    held += f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {LEFTOVER!r}])\n".encode()

    verdict = submit(toy, {"answer.py": held + right}, tmp_path, Way(child))

    assert verdict.passed
    assert "printed" in verdict.log
    deadline = time.monotonic() + 5
    while leftovers() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert leftovers() == []


# --- whose fault it is -------------------------------------------------------------------------------------------

RIGHT = b"def one():\n    return 1\n"


@pytest.fixture
def simple(tmp_path: Path) -> Kata:
    return toy_like(tmp_path / "kata", ONE.format(expected=1))


def test_settings_for_pytest_of_another_project_do_not_count(
    simple: Kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_PLUGINS", "my_project.fixtures")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")

    assert submit(simple, {"answer.py": RIGHT}, tmp_path, Way()).passed


@pytest.mark.parametrize("no_fork", ["", "1"])
def test_packages_that_are_only_on_pythonpath_are_found(
    no_fork: str, simple: Kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "only_there.py").write_text("ONE = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", ":.:elsewhere")
    monkeypatch.setenv("KATA_NO_FORK", no_fork)
    (tmp_path / "json.py").write_text("the current folder, which may be the learner's\n")

    verdict = submit(
        simple, {"answer.py": b"from only_there import ONE\ndef one():\n    return ONE\n"}, tmp_path, Way()
    )

    assert (verdict.outcome, verdict.message) == (Outcome.PASSED, "")


@pytest.mark.parametrize("no_fork", ["", "1"])
def test_run_that_does_not_come_to_the_learners_code_is_not_the_learners_fault(
    no_fork: str, simple: Kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pytest.py").write_text("raise ImportError('half installed')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "broken"))
    monkeypatch.setenv("KATA_NO_FORK", no_fork)

    with pytest.raises(MachineError, match="Nothing was recorded"):
        submit(simple, {"answer.py": RIGHT}, tmp_path, Way())


def test_a_child_that_was_stopped_says_so_and_is_ended(simple: Kata, tmp_path: Path, child: launch.Child) -> None:
    files = {"answer.py": RIGHT}
    assert submit(simple, files, tmp_path, Way(child)).passed
    process = psutil.Process(child.pid)
    process.suspend()

    with pytest.raises(MachineError):
        submit(simple, files, tmp_path, Way(child))
    child.close()

    assert not process.is_running()


def test_a_stopped_child_under_a_watch_is_replaced(
    simple: Kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KATA_NO_FORK", raising=False)
    events: queue.Queue[on.Event] = queue.Queue()
    folder = tmp_path / simple.id
    folder.mkdir()
    (folder / "answer.py").write_bytes(RIGHT)
    submission = make_submission(simple, folder, {"answer.py": RIGHT})
    thread = JudgeThread(lambda kata: UsedKatas({}), events.put)
    try:
        thread.get_ready(simple)
        outcomes = []
        for ticket in range(2):
            thread.judge(ticket, simple, submission)
            outcomes.append(events.get(timeout=60))
            assert thread._child is not None
            psutil.Process(thread._child.pid).suspend()
    finally:
        thread.stop(10)

    assert [isinstance(one, on.Judged) and one.verdict.outcome for one in outcomes] == [Outcome.PASSED] * 2


# --- limits; see also test_limits.py -----------------------------------------------------------------------------

SLOW = """\
def double(x):
    while x == 3:
        x = x
    return 2 * x


def items(n):
    return list(range(n))
"""


def test_checks_after_one_that_hangs_run_too_and_the_line_is_shown(
    toy: Kata, child: launch.Child, tmp_path: Path
) -> None:
    verdict = submit(with_seconds(toy, 1), {"answer.py": SLOW.encode()}, tmp_path, Way(child))

    assert [check.status for check in verdict.checks] == [Status.PASSED, Status.BROKE, Status.PASSED]
    assert verdict.message.startswith("too slow: still running after 1 s of computing")
    assert verdict.message.endswith("look for a loop that never ends")
    assert verdict.where is not None
    assert verdict.log == ""


def test_nothing_is_guessed_where_no_loop_hangs(toy: Kata, child: launch.Child, tmp_path: Path) -> None:
    code = SLOW.replace("while x == 3:\n        x = x", "if x == 3:\n        sum(range(10**12))")

    verdict = submit(with_seconds(toy, 1), {"answer.py": code.encode()}, tmp_path, Way(child))

    assert verdict.message == 'too slow: still running after 1 s of computing in "Three doubled is six."'
    assert verdict.where is not None
    assert verdict.where.text == "sum(range(10**12))"


def test_only_what_the_code_printed_is_shown_after_a_crash(toy: Kata, path: Way, tmp_path: Path) -> None:
    code = b"print('mine')\n" + answer("segfaults")["answer.py"]

    assert submit(toy, {"answer.py": code}, tmp_path, path).log == "mine\n"


def test_memory_that_the_kernel_does_not_count_is_watched(simple: Kata, path: Way, tmp_path: Path) -> None:
    kata = replace(simple, limits=replace(simple.limits, memory_mb=50))
    code = b"""\
import mmap, time
def one():
    memory = mmap.mmap(-1, 200_000_000)
    for place in range(0, len(memory), 4096):
        memory[place] = 1
    time.sleep(60)
"""
    verdict = submit(kata, {"answer.py": code}, tmp_path, path)

    assert verdict.outcome is Outcome.BROKE
    assert verdict.message == 'ran out of memory; 50 MB are allowed, in "one() is 1."'


def test_copies_that_the_code_forks_end_when_they_return(tmp_path: Path, child: launch.Child) -> None:
    """Else there would be 2**40 of them."""
    test = ONE.format(expected=1).replace("    assert", "    for _ in range(40):\n        work.one()\n    assert")
    code = b"import os\ndef one():\n    os.fork()\n    return 1\n"

    assert submit(toy_like(tmp_path / "kata", test), {"answer.py": code}, tmp_path, Way(child)).passed
