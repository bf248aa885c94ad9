"""Sources become a module once, however often they are asked for; a compile error is reported at its line."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from kata_runner.catalogue import needs
from kata_runner.errors import BuildError, MachineError
from kata_runner.judging import judge, native
from kata_runner.model import Kata, Submission

pytestmark = pytest.mark.audit  # a compiler at work

posix = pytest.mark.skipif(os.name == "nt", reason="stands a shell script in for the compiler")

# Python's own interface compiles in a tenth of the time that pybind11 takes.
ANSWER = """\
#include <Python.h>
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "answer", nullptr, -1, nullptr};
PyMODINIT_FUNC PyInit_answer() {
    PyObject* module = PyModule_Create(&definition);
    PyModule_AddIntConstant(module, "value", 42);
    return module;
}
"""


def kata(build: str = "pybind11", module: str = "answer") -> Kata:
    return Kata("p001_answer", "p001", Path("."), "problems", "Phase 1", "X", 1, 5, module, "something", build=build)


def submission(files: Mapping[str, str]) -> Submission:
    return Submission("p001_answer", Path("."), {name: text.encode() for name, text in files.items()}, "digest")


def built(files: Mapping[str, str], build: str = "pybind11", module: str = "answer") -> Path:
    path = native.build(kata(build, module), submission(files))
    assert path is not None
    return path


def value_of(path: Path, expression: str) -> str:
    """The value of `expression` in a fresh Python that finds the module at `path`."""
    module = path.name.partition(".")[0]
    script = f"import sys; sys.path.insert(0, {str(path.parent)!r}); import numpy as np; import {module} as m"
    ran = subprocess.run(
        [sys.executable, "-c", f"{script}; print({expression})"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


class CountingCompiler:
    """Stands before the real compiler and writes down each time it is called."""

    def __init__(self, folder: Path, before: str = "") -> None:
        self.calls = folder / "calls"
        self.path = folder / "counting-c++"
        real = shlex.join(needs.cxx_command() or [])
        self.path.write_text(f'#!/bin/sh\necho call >> {self.calls}\n{before}\nexec {real} "$@"\n')
        self.path.chmod(0o755)

    @property
    def count(self) -> int:
        return len(self.calls.read_text().splitlines()) if self.calls.exists() else 0


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CountingCompiler:
    counting = CountingCompiler(tmp_path)
    monkeypatch.setenv("CXX", str(counting.path))
    return counting


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where modules are kept."""
    monkeypatch.setenv("KATA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "built"


def test_a_kata_in_python_builds_nothing(cache: Path) -> None:
    assert native.build(kata(build=""), submission({"answer.py": "value = 42"})) is None
    assert not cache.exists()


@pytest.mark.slow
@posix
def test_an_unchanged_check_compiles_nothing(compiler: CountingCompiler) -> None:
    first = built({"answer.cpp": ANSWER})
    after_first = compiler.count
    second = built({"answer.cpp": ANSWER})

    assert value_of(second, "m.value") == "42"
    assert first == second
    assert after_first > 0
    assert compiler.count == after_first


@pytest.mark.slow
@posix
def test_only_what_is_compiled_counts(compiler: CountingCompiler, monkeypatch: pytest.MonkeyPatch) -> None:
    built({"answer.cpp": ANSWER, "notes.py": "1"})
    first = compiler.count
    built({"answer.cpp": ANSWER, "notes.py": "2", "task.md": "# X"})
    other_files = compiler.count
    changed = built({"answer.cpp": ANSWER.replace("42", "43")})
    other_source = compiler.count
    monkeypatch.setenv("CXXFLAGS", "-DOTHER")
    built({"answer.cpp": ANSWER})

    assert value_of(changed, "m.value") == "43"
    assert other_files == first
    assert other_source > first
    assert compiler.count > other_source


@pytest.mark.slow
def test_two_processes_may_build_at_once(tmp_path: Path, cache: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tests_files import *\nprint(native.build(kata, submission))"
    )
    (tmp_path / "tests_files.py").write_text(
        "from pathlib import Path\n"
        "from kata_runner.judging import native\nfrom kata_runner.model import Kata, Submission\n"
        "kata = Kata('p', 'p', Path('.'), 't', 'g', 'T', 1, 5, 'answer', 'x', build='pybind11')\n"
        f"submission = Submission('p', Path('.'), {{'answer.cpp': {ANSWER.encode()!r}}}, 'd')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(native.__file__).parents[2])}
    command = [sys.executable, "-c", script, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    printed = [process.communicate(timeout=120)[0].strip() for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert printed[0] == printed[1]
    assert value_of(Path(printed[0]), "m.value") == "42"
    assert [path.name for path in cache.iterdir()] == [Path(printed[0]).parent.name]


@pytest.mark.slow
def test_files_that_are_no_sources_cannot_disturb_the_build() -> None:
    hostile = dict.fromkeys(("setuptools.py", "json.py", "setup.py", "sitecustomize.py"), "raise SystemExit('not me')")

    path = built({"answer.cpp": ANSWER, "setup.cfg": "[build_ext]\ninclude_dirs=/nowhere", **hostile})

    assert value_of(path, "m.value") == "42"


@pytest.mark.slow
def test_a_damaged_entry_is_built_again() -> None:
    path = built({"answer.cpp": ANSWER})
    path.unlink()

    assert value_of(built({"answer.cpp": ANSWER}), "m.value") == "42"


# --- what does not compile ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_compile_error_names_the_learners_line(cache: Path) -> None:
    broken = ANSWER.replace('"value", 42', '"value", fortytwo')

    with pytest.raises(BuildError) as caught:
        built({"answer.cpp": broken})

    assert (caught.value.file, caught.value.line) == ("answer.cpp", 5)
    assert "fortytwo" in str(caught.value)
    assert "fortytwo" in caught.value.log
    assert str(cache) not in str(caught.value)
    assert list(cache.iterdir()) == []


@pytest.mark.slow
def test_a_fault_in_a_header_of_ours_is_reported_at_the_learners_line() -> None:
    use = 'int f(pybind11::array a) { return kata::vector<pybind11::str>(a, "a")(0); }'
    source = f'#include "kata_array.h"\n\n\n{use}\n'

    with pytest.raises(BuildError) as caught:
        built({"answer.cpp": source})

    assert caught.value.file == "answer.cpp"
    assert caught.value.line == 4


@pytest.mark.slow
def test_a_module_of_another_name_is_refused() -> None:
    source = '#include <pybind11/pybind11.h>\n\nPYBIND11_MODULE(anwser, m) { m.attr("value") = 42; }\n'

    with pytest.raises(BuildError, match=r"the source must bind the module as PYBIND11_MODULE\(answer, m\)"):
        built({"answer.cpp": source})


@pytest.mark.parametrize(
    ("log", "file", "line", "message"),
    [
        ("answer.cpp: In function 'f':\nanswer.cpp:7:5: error: 'x' was not declared\n", "answer.cpp", 7, "'x' was not"),
        ("answer.cpp:2:10: fatal error: eigen.h: No such file\n", "answer.cpp", 2, "eigen.h: No such file"),
        ("answer.cpp:3:1: warning: unused\nanswer.cpp:9:2: error: expected ';'\n", "answer.cpp", 9, "expected ';'"),
        ("answer.cpp\nanswer.cpp(12): error C2065: 'x': undeclared\n", "answer.cpp", 12, "C2065: 'x'"),
        ("answer.cpp(12,7): fatal error C1083: Cannot open\n", "answer.cpp", 12, "C1083: Cannot open"),
        (
            "performance hint: answer.pyx:3:0: exception check\nwarning: answer.pyx:4:1: deprecated\n"
            "Error compiling Cython file:\n----\n    x\n    ^\n----\n\n"
            "answer.pyx:10:4: undeclared name not builtin: x\n",
            "answer.pyx",
            10,
            "undeclared name",
        ),
        (
            "CMake Error at CMakeLists.txt:3 (kata_add_modul):\n  Unknown command\n",
            "CMakeLists.txt",
            3,
            "Unknown command",
        ),
        (
            "In file included from answer.cpp:4:\n/usr/include/pybind11/cast.h:99:3: error: static assertion failed\n",
            "answer.cpp",
            4,
            "static assertion failed (in cast.h)",
        ),
        ("/usr/bin/ld: cannot find -lblas\ncollect2: error: ld returned 1\n", "", 0, "collect2: error"),
    ],
)
def test_every_compilers_first_message_is_understood(log: str, file: str, line: int, message: str) -> None:
    files = {"answer.cpp": b"", "answer.pyx": b"", "CMakeLists.txt": b""}

    error = native._why_it_failed(native._Recipe("pybind11", "answer", files), log)

    assert isinstance(error, BuildError)
    assert (error.file, error.line) == (file, line)
    assert message in str(error)


@pytest.mark.parametrize(
    "log",
    ["answer.cpp:1:10: fatal error: Python.h: No such file or directory\n", "cc1plus: No space left on device\n"],
)
def test_what_the_machine_lacks_is_not_the_learners_fault(log: str) -> None:
    error = native._why_it_failed(native._Recipe("pybind11", "answer", {"answer.cpp": b""}), log)

    assert isinstance(error, MachineError)


@pytest.mark.parametrize(("build", "wanted"), [("pybind11", "C[+][+] file"), ("cython", "answer.pyx")])
def test_an_answer_without_sources_is_refused(build: str, wanted: str) -> None:
    with pytest.raises(BuildError, match=wanted):
        built({"notes.txt": ""}, build)


@posix
def test_without_a_compiler_the_machine_is_at_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.delenv("CC", raising=False)

    with pytest.raises(MachineError) as caught:
        built({"answer.cpp": ANSWER})

    assert str(caught.value) == needs.tool_advice("compiler")


@pytest.mark.slow
@posix
def test_a_compiler_that_does_not_end_is_ended_with_all_it_started(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeper = tmp_path / "sleeper"
    compiler = CountingCompiler(tmp_path, before=f"sh -c 'echo $$ > {sleeper}; exec sleep 60'")
    monkeypatch.setenv("CXX", str(compiler.path))
    monkeypatch.setattr(native, "BUILD_LIMIT_S", 10.0)

    with pytest.raises(BuildError, match="still at work after 10 s"):
        built({"answer.cpp": ANSWER})

    _wait_until_gone(int(sleeper.read_text()))
    assert list(cache.iterdir()) == []


@posix
def test_a_build_that_is_cancelled_leaves_no_compiler(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where each compiler is started in a group of its own, as Ninja does it."""
    sleeper = tmp_path / "sleeper"
    script = tmp_path / "sleeps.py"
    script.write_text(
        f"import os, time\nos.setpgid(0, 0)\nopen('{sleeper}.new', 'w').write(str(os.getpid()))\n"
        f"os.rename('{sleeper}.new', '{sleeper}')\ntime.sleep(120)\n"
    )
    compiler = CountingCompiler(tmp_path, before=f"exec {sys.executable} {script}")
    monkeypatch.setenv("CXX", str(compiler.path))
    cancelled = threading.Event()
    with judge.KataJudge(kata()) as kata_judge:

        def cancel() -> None:
            while not sleeper.exists():
                time.sleep(0.01)
            cancelled.set()
            kata_judge.cancel()

        threading.Thread(target=cancel, daemon=True).start()
        kata_judge.check(submission({"answer.cpp": ANSWER}), cancelled=cancelled)

    _wait_until_gone(int(sleeper.read_text()))
    assert list(cache.iterdir()) == []


def _wait_until_gone(pid: int) -> None:
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        psutil.Process(pid).wait(5)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


# --- the cache ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_was_not_used_for_long_is_dropped_at_the_next_build(cache: Path) -> None:
    ages_days = {"unused-1": 40, "building-2": 40, "used-3": 20}
    for name, days in ages_days.items():
        (cache / name).mkdir(parents=True)
        os.utime(cache / name, (time.time() - days * 86_400,) * 2)

    path = built({"answer.cpp": ANSWER})

    assert {path.parent.name, "used-3"} == {entry.name for entry in cache.iterdir()}


def test_a_cache_that_cannot_be_written_is_the_machines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KATA_CACHE", str(tmp_path / "file"))

    with pytest.raises(MachineError, match="set KATA_CACHE to a folder you can write to"):
        built({"answer.cpp": ANSWER})


# --- each kind ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_cython_is_built_and_its_errors_name_the_line() -> None:
    pytest.importorskip("Cython")
    good = built({"half.pyx": "def half(double x):\n    return x / 2\n"}, "cython", "half")

    with pytest.raises(BuildError) as caught:
        built({"half.pyx": "def half(double x):\n    return x / two\n"}, "cython", "half")

    assert value_of(good, "m.half(3)") == "1.5"
    assert (caught.value.file, caught.value.line) == ("half.pyx", 2)
    assert "two" in str(caught.value)


@pytest.mark.slow
def test_cmake_uses_the_learners_own_lists_where_there_are_some() -> None:
    if needs.program("cmake") is None:
        pytest.skip("needs cmake")
    files = {
        "CMakeLists.txt": "kata_add_module(answer parts/one.cpp)\ntarget_compile_definitions(answer PRIVATE VALUE=7)\n",
        "parts/one.cpp": ANSWER.replace("42", "VALUE"),
    }

    assert value_of(built(files, "cmake"), "m.value") == "7"
    with pytest.raises(BuildError, match=r"parts/one\.cpp line 5") as caught:
        built({**files, "parts/one.cpp": ANSWER.replace("42", "forty")}, "cmake")
    assert (caught.value.file, caught.value.line) == ("parts/one.cpp", 5)


SCALED = """\
#include "kata_array.h"

// out = x * factor, row by row; x: (n, d), factor: (d,), out: (n, d), all float32.
void scale(const pybind11::array& x_array, const pybind11::array& factor_array, pybind11::array& out_array) {
    const auto x = kata::matrix<const float>(x_array, "x");
    const auto factor = kata::vector<const float>(factor_array, "factor", x.columns());
    kata::require_c_contiguous(out_array, "out");
    const auto out = kata::matrix<float>(out_array, "out", x.rows(), x.columns());
    for (pybind11::ssize_t i = 0; i < x.rows(); ++i)
        for (pybind11::ssize_t j = 0; j < x.columns(); ++j) out(i, j) = x(i, j) * factor(j);
}

PYBIND11_MODULE(scaled, m) { m.def("scale", &scale); }
"""


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module whose only function reads and writes arrays through the views of kata_array.h."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KATA_CACHE", str(tmp_path_factory.mktemp("scaled")))
        return built({"scaled.cpp": SCALED}, module="scaled")


@pytest.mark.slow
def test_views_read_and_write_arrays_of_any_strides(scaled: Path) -> None:
    script = (
        "x = np.arange(24, dtype='f4').reshape(4, 6)[::-1, ::2]; factor = np.arange(6, dtype='f4')[::-2]\n"
        "out = np.empty((4, 3), 'f4'); m.scale(x, factor, out)\n"
        "assert np.array_equal(x * factor, out)\n"
    )

    assert value_of(scaled, f"exec({script!r}) or 'agreed'") == "agreed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("np.ones((2, 3)), F, OUT", "TypeError: x must be float32, got float64"),
        ("X[0], F, OUT", "ValueError: x must have 2 axes, got shape (3,)"),
        ("X, F[:2], OUT", "ValueError: factor must be 3 long along axis 0, got shape (2,)"),
        ("X, F, OUT[:1]", "ValueError: out must be 2 long along axis 0, got shape (1, 3)"),
        ("X, F, np.ones((3, 2), 'f4').T", "ValueError: out must be C-contiguous"),
        ("np.frombuffer(bytes(25), 'f4', 6, 1).reshape(2, 3), F, OUT", "ValueError: x is not aligned"),
        ("X, F, np.frombuffer(bytes(24), 'f4').reshape(2, 3)", "ValueError: out is read-only"),
    ],
)
def test_views_name_the_argument_that_does_not_fit(arguments: str, message: str, scaled: Path) -> None:
    script = (
        "X, F, OUT = (np.ones(s, 'f4') for s in [(2, 3), (3,), (2, 3)])\n"
        f"try: m.scale({arguments})\n"
        "except Exception as error: print(type(error).__name__ + ':', error)\n"
    )

    assert value_of(scaled, f"exec({script!r}) or ''").startswith(message)


def test_what_is_shared_stands_where_the_build_looks_for_it() -> None:
    root = native.native_root()

    names = ["CMakeLists.txt", "build_extension.py", "kata_array.h", "warnings-gnu.txt", "warnings-msvc.txt"]
    assert [name for name in names if not (root / name).is_file()] == []
    assert json.dumps(native._compile_args())
