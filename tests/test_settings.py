"""Settings that the learner's code makes stay with it; see kata_runner/checking/settings.py."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from kata_runner.checking.settings import Settings


@pytest.fixture
def settings() -> Iterator[Settings]:
    settings = Settings()
    settings.begin()
    yield settings
    settings.put_back()


def over() -> str:
    return str(np.geterr()["over"])


def test_what_was_changed_is_put_back_and_in_force_in_calls_again(settings: Settings) -> None:
    before = over()
    np.seterr(over="raise")

    settings.put_back()

    for _ in range(3):
        assert (over(), settings.in_call(over, (), {}), over()) == (before, "raise", before)
    assert list(settings.changed) == ["np.seterr"]


def test_what_a_call_changes_stays_with_later_calls(settings: Settings) -> None:
    before = over()

    settings.in_call(np.seterr, (), {"over": "raise"})

    assert (over(), settings.in_call(over, (), {}), over()) == (before, "raise", before)


def test_what_the_learners_code_takes_back_is_its_own_no_longer(settings: Settings) -> None:
    before = np.geterr()
    settings.in_call(np.seterr, (), {"over": "raise"})

    settings.in_call(np.seterr, (), before)

    assert not settings.are_changed


def test_what_a_check_sets_around_a_call_is_left_alone(settings: Settings) -> None:
    with np.errstate(over="raise"):
        assert settings.in_call(over, (), {}) == "raise"
        assert over() == "raise"

    assert not settings.are_changed


def test_a_call_that_raises_leaves_the_settings_of_the_checks(settings: Settings) -> None:
    before = over()

    def change_and_raise() -> None:
        np.seterr(over="raise")
        raise OSError

    with pytest.raises(OSError):
        settings.in_call(change_and_raise, (), {})

    assert over() == before


def test_warnings_are_put_back_and_not_silenced_in_calls(settings: Settings) -> None:
    before = list(warnings.filters)
    warnings.simplefilter("ignore")

    settings.put_back()

    assert list(warnings.filters) == before
    assert settings.in_call(lambda: list(warnings.filters), (), {}) == before


def test_defaults_of_torch_and_matplotlib_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = SimpleNamespace(dtype="float32", get_default_dtype=lambda: torch.dtype, is_grad_enabled=lambda: True)
    torch.set_default_dtype = lambda dtype: setattr(torch, "dtype", dtype)
    matplotlib = SimpleNamespace(rcParams={"figure.dpi": 100})
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "matplotlib", matplotlib)
    settings = Settings()
    settings.begin()
    torch.dtype = "float64"
    matplotlib.rcParams["figure.dpi"] = 300

    settings.put_back()

    assert (torch.dtype, matplotlib.rcParams["figure.dpi"]) == ("float32", 100)
    assert settings.in_call(lambda: (torch.dtype, matplotlib.rcParams["figure.dpi"]), (), {}) == ("float64", 300)
