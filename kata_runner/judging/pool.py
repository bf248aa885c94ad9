"""Many katas at once, on several children."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

from kata_runner.catalogue import needs
from kata_runner.judging.launch import ALWAYS_PRELOADED, Child, start_child
from kata_runner.model import Kata

T = TypeVar("T")


def in_parallel(katas: Sequence[Kata], work: Callable[[Kata, Child | None], T], n_workers: int) -> list[T]:
    """What `work` returns for each kata, in their order, in which they also begin.

    work: called with a kata and the child to ask, which has imported what the kata needs; None where there is no fork.
    Raises the error of a kata that raises one; those not yet begun are then left out.
    """
    of_thread = threading.local()
    with ExitStack() as children, ThreadPoolExecutor(max(1, n_workers)) as executor:

        def run(kata: Kata) -> T:
            modules = needs.preloads_of(kata)
            child: Child | None = getattr(of_thread, "child", None)
            if child is None or not child.is_alive or of_thread.modules != modules:
                if child is not None:
                    child.close()
                child = start_child()
                if child is not None:
                    children.enter_context(child)
                    child.preload([*ALWAYS_PRELOADED, *modules])
                of_thread.child, of_thread.modules = child, modules
            return work(kata, child)

        return list(executor.map(run, katas))
