"""A Pool whose results are asked for now and then, so that a dead worker is noticed."""

import multiprocessing
from multiprocessing import TimeoutError as NotYet

import numpy as np
from PIL import Image


class LoadError(Exception):
    def __init__(self, path, reason):
        super().__init__(f"{path}: {reason}")
        self.path = path


def read_image(path, size):
    return np.array(Image.open(path).convert("RGB").resize((size, size)))


class Safely:
    def __init__(self, load):
        self.load = load

    def __call__(self, path):
        try:
            return True, self.load(path)
        except Exception as error:
            return False, f"{type(error).__name__}: {error}"


def load_all(load, paths, n_workers=2):
    context = multiprocessing.get_context("spawn")
    before = set(multiprocessing.active_children())
    paths = iter(paths)
    with context.Pool(n_workers) as pool:
        workers = set(multiprocessing.active_children()) - before
        waiting = []
        more = True
        while True:
            while more and len(waiting) < 2 * n_workers:
                try:
                    path = next(paths)
                except StopIteration:
                    more = False
                else:
                    waiting.append((path, pool.apply_async(Safely(load), (path,))))
            if not waiting:
                break
            path, job = waiting.pop(0)
            while True:
                try:
                    fine, value = job.get(0.05)
                    break
                except NotYet:
                    if not workers <= set(multiprocessing.active_children()):
                        raise LoadError(path, "a worker died") from None
            if not fine:
                raise LoadError(path, value)
            yield value
            # Close may raise at the yield; leaving the block terminates the pool.
    pool.join()
