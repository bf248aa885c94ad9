"""Processes of its own, each with a pipe; file i goes to worker i mod n."""

import itertools
import multiprocessing

import numpy
import PIL.Image


class LoadError(Exception):
    def __init__(self, path, reason):
        super().__init__(f"{path}: {reason}")
        self.path = path


def read_image(path, size):
    with PIL.Image.open(path) as image:
        image = image.convert("RGB")
    return numpy.asarray(image.resize((size, size)), dtype=numpy.uint8)


def serve(connection):
    while True:
        try:
            load, path = connection.recv()
        except EOFError:
            return
        try:
            answer = "fine", load(path)
        except Exception as error:
            answer = "failed", f"{type(error).__name__}: {error}"
        connection.send(answer)


def load_all(load, paths, n_workers=2):
    workers = []
    for _ in range(n_workers):
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        workers.append((process, ours))
    paths = iter(paths)
    sent = []
    turns = itertools.cycle(range(n_workers))

    def send():
        for path in itertools.islice(paths, 1):
            i = next(turns)
            workers[i][1].send((load, path))
            sent.append((path, i))

    try:
        for _ in range(2 * n_workers):
            send()
        while sent:
            path, i = sent.pop(0)
            try:
                outcome, value = workers[i][1].recv()
            except (EOFError, OSError):
                raise LoadError(path, "its worker died") from None
            if outcome == "failed":
                raise LoadError(path, value)
            send()
            yield value
    finally:
        for process, connection in workers:
            connection.close()
            process.terminate()
        for process, _ in workers:
            process.join()
