"""pytest without the parts that no check needs: what is left works, and what was left out can be had."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kata_runner.judging.child import slim_pytest


def run_fresh(code: str) -> str:
    """What a Python in which nothing is imported yet prints for some code."""
    command = [sys.executable, "-c", f"import sys\nfrom kata_runner.judging.child import slim_pytest\n{code}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_parts_that_no_check_needs_are_not_loaded() -> None:
    printed = run_fresh(
        "slim_pytest.import_pytest()\n"
        "left_out = sorted(slim_pytest.STOOD_IN_FOR | slim_pytest.LATER)\n"
        "print([name for name in left_out if name in sys.modules], 'email' in sys.modules)"
    )

    assert printed == "[] False"


def test_what_a_hidden_test_uses_of_pytest_is_there() -> None:
    printed = run_fresh(
        "slim_pytest.import_pytest()\n"
        "import pytest\n"
        "with pytest.raises(ValueError, match='bad'):\n    raise ValueError('bad')\n"
        "print(pytest.approx(0.3) == 0.1 + 0.2, pytest.fixture is not None, pytest.TestReport.__name__)"
    )

    assert printed == "True True TestReport"


@pytest.mark.parametrize(
    "code",
    [
        "import importlib.metadata; print(importlib.metadata.version('pytest').split('.')[0].isdigit())",
        "import _pytest.config as c; print(callable(c.importlib.metadata.distributions))",
        "import pygments.lexers.python as p; print(p.PythonLexer.__module__ == 'pygments.lexers.python')",
        "from _pytest.assertion.util import assertrepr_compare as f; print(f.__module__ == '_pytest.assertion.util')",
        "import pytest; pytest.register_assert_rewrite('some_package'); print(True)",
    ],
)
def test_what_was_left_out_is_the_real_thing_afterwards(code: str) -> None:
    assert run_fresh(f"slim_pytest.import_pytest()\n{code}") == "True"


def test_release_that_cannot_do_without_a_part_is_imported_whole() -> None:
    printed = run_fresh(
        "def refuse(self, module):\n    raise ImportError(f'{module} is not what was expected')\n"
        "slim_pytest._Finder.exec_module = refuse\n"
        "slim_pytest.import_pytest()\n"
        "import pytest, _pytest.logging\n"
        "print(pytest.LogCaptureFixture is _pytest.logging.LogCaptureFixture)"
    )

    assert printed == "True"


def test_every_plugin_that_is_stood_in_for_is_switched_off() -> None:
    plugins = {name.removeprefix("_pytest.") for name in slim_pytest.STOOD_IN_FOR if name.startswith("_pytest.")}
    not_plugins = {"pytester", "assertion.rewrite", "assertion.truncate", "assertion.util"}

    assert plugins - not_plugins <= set(slim_pytest.UNNEEDED)
