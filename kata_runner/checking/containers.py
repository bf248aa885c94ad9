"""The image of a Dockerfile without an engine, and its container as a process of this machine.

What COPY brings is laid out in a folder for each stage; what RUN would do is only read. The command runs on these files
with this Python and its packages, so that nothing is downloaded and a build takes milliseconds.
"""

from __future__ import annotations

import http.client
import json
import os
import posixpath
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

import dockerfile
import psutil

from kata_runner.checking.failure import CheckFailed, NotDone, fail, not_tried, todo
from kata_runner.checking.learner import answer_path, answer_text
from kata_runner.checking.values import Shown
from kata_runner.processes import kill_session

BUILD_VARIABLE = "KATA_DOCKER_BUILD"
_START_LIMIT_S = 60.0
_ANSWER_LIMIT_S = 20.0
_PYTHON = re.compile(r"python(\d(\.\d+)?)?")
# They start what follows them as it is, and hand signals on.
_INITS = ("tini", "dumb-init", "catatonit", "--", "-s", "-g")
_NOT_SENT = {".git", ".venv", "venv", "pictures"}


# --- the image ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """A RUN instruction: its line, its text with heredocs, and the files of the learner's that it can see.

    files: names in the image of what was copied before, and of what is mounted from the build context.
    """

    line: int
    text: str
    files: tuple[str, ...]


@dataclass
class Stage:
    """A stage of the build: what its instructions have brought and set.

    base: the image that it starts from in the end.
    root: the folder that stands for "/".
    entrypoint, cmd, health: the instruction as the package `dockerfile` reads it, or None.
    """

    base: str
    root: Path
    name: str = ""
    workdir: str = "/"
    user: str = ""
    env: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    entrypoint: Any = None
    cmd: Any = None
    health: Any = None

    def path(self, name: str) -> Path:
        """Return where a path of the image lies here."""
        return self.root / posixpath.normpath(posixpath.join(self.workdir, name)).lstrip("/")

    def here(self, text: str) -> str:
        """Return the text with each absolute path of the image turned to where its file lies here."""
        return re.sub(r"(?<![\w.:/])/[\w./-]+", lambda m: str(p) if (p := self.path(m[0])).exists() else m[0], text)

    def command(self) -> list[str]:
        """Return the words that the container runs, of ENTRYPOINT and CMD; a shell form is run by /bin/sh."""
        found = [part for part in (self.entrypoint, self.cmd) if part is not None]
        if not found:
            fail("the Dockerfile has neither CMD nor ENTRYPOINT", call=" ")
        words = [word for part in found for word in (part.value if part.json else ["/bin/sh", "-c", *part.value])]
        while len(words) > 1 and posixpath.basename(words[0]) in _INITS:
            words.pop(0)
        return words


@dataclass
class Image:
    """The learner's image, as far as it is made without running anything.

    context: the folder that .dockerignore leaves of the learner's.
    bases: (name, line) of each image that is pulled.
    """

    folder: Path
    context: Path
    stages: list[Stage] = field(default_factory=list)
    bases: list[tuple[str, int]] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    def stage(self, name: str) -> Stage | None:
        """Return the stage of this name or number."""
        found = [s for number, s in enumerate(self.stages) if name.lower() in (s.name.lower(), str(number))]
        return found[-1] if found else None


def read_image(folder: Path, files: Mapping[str, bytes]) -> Image:
    """Lay out the image of the learner's Dockerfile below an empty `folder`, and return it.

    files: name -> content of what lies in the learner's folder too, or in place of what is there.

    Fails where an engine would: at what cannot be parsed, and where COPY finds nothing.

    >>> image = read_image(folder, {"model.pt": weights, ".env": b"SECRET=1"})
    >>> image.final.user
    """
    image = Image(folder, _context(folder / "context", files))
    for command in _instructions():
        kind = command.cmd.upper()
        stage = image.stages[-1] if image.stages else None
        names = {**image.arguments, **(stage.env if stage else {})}
        words = [_filled(word, names) for word in command.value]
        if kind == "FROM":
            _begin(image, command, words)
        elif kind == "ARG":
            name, _, value = words[0].partition("=")
            image.arguments.setdefault(name, value.strip("'\""))
        elif stage is None:
            fail(f"line {command.start_line}: {kind} comes before the first FROM", call=" ")
        elif kind in ("COPY", "ADD"):
            _copy(image, stage, command, words)
        elif kind == "RUN":
            _run(image, stage, command)
        else:
            _set(stage, kind, command, words)
    return image


def _instructions() -> list[Any]:
    text = answer_text("Dockerfile")
    if not re.search(r"^\s*FROM\b", text, re.MULTILINE | re.IGNORECASE):
        todo("the Dockerfile has no FROM yet")
    try:
        return list(dockerfile.parse_string(text))
    except ValueError as error:
        fail(f"the Dockerfile cannot be parsed: {error}", call=" ")


def _filled(text: str, names: Mapping[str, str]) -> str:
    """The text with $NAME, ${NAME} and ${NAME:-default} put in."""
    return re.sub(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))", lambda m: names.get(m[1] or m[3]) or m[2] or "", text)


def _begin(image: Image, command: Any, words: list[str]) -> None:
    root = image.folder / f"stage{len(image.stages)}"
    name = words[2] if len(words) == 3 else ""
    if parent := image.stage(words[0]):
        shutil.copytree(parent.root, root)
        image.stages.append(replace(parent, root=root, name=name, env=dict(parent.env), runs=list(parent.runs)))
    else:
        root.mkdir()
        image.bases.append((words[0], command.start_line))
        image.stages.append(Stage(words[0], root, name))


def _set(stage: Stage, kind: str, command: Any, words: list[str]) -> None:
    plain = [word.strip("'\"") for word in words]
    if kind == "WORKDIR":
        stage.workdir = posixpath.normpath(posixpath.join(stage.workdir, plain[0]))
        stage.path(".").mkdir(parents=True, exist_ok=True)
    elif kind == "USER":
        stage.user = plain[0]
    elif kind == "ENV":
        stage.env |= dict(zip(plain[::2], plain[1::2], strict=False))
    elif kind == "HEALTHCHECK":
        stage.health = command if words[0].upper() == "CMD" else None
    elif kind in ("CMD", "ENTRYPOINT"):
        setattr(stage, kind.lower(), command)


def _run(image: Image, stage: Stage, command: Any) -> None:
    text = "\n".join([*command.value, *(part.content for part in command.heredocs)])
    files = [p.relative_to(stage.root).as_posix() for p in stage.root.rglob("*") if p.is_file()]
    for flag in command.flags:
        options = dict(part.partition("=")[::2] for part in flag.partition("=")[2].split(","))
        if options.get("from") and not image.stage(options["from"]):
            image.bases.append((options["from"], command.start_line))
        elif options.get("type") == "bind" and "from" not in options:
            mounted = _found(image.context, options.get("source") or options.get("src") or ".")
            files += [p.name for top in mounted for p in (top.rglob("*") if top.is_dir() else [top])]
    stage.runs.append(Run(command.start_line, text, tuple(sorted(files))))


def _copy(image: Image, stage: Stage, command: Any, words: list[str]) -> None:
    *sources, target = words
    root, origin = image.context, next((f[7:] for f in command.flags if f.startswith("--from=")), "")
    if origin:
        other = image.stage(_filled(origin, image.arguments))
        if other is None:
            image.bases.append((origin, command.start_line))
            return
        root = other.root
    is_folder = target.endswith(("/", ".")) or len(sources) > 1 or stage.path(target).is_dir()
    for source in (s for s in sources if not s.startswith("<<") and "://" not in s):
        found = _found(root, source)
        if not found and not origin:  # what a RUN has made in another stage is not here
            why = "is it missing, or does .dockerignore keep it out?"
            fail(f"line {command.start_line}: COPY finds no {source} in the build context; {why}", call=" ")
        for path in found:
            _put(path, stage.path(target), is_folder or len(found) > 1)


def _found(root: Path, source: str) -> list[Path]:
    relative = posixpath.normpath(source.lstrip("/") or ".")
    return [root] if relative == "." else sorted(root.glob(relative))


def _put(source: Path, target: Path, is_folder: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
        return
    target = target / source.name if is_folder else target
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


# --- the build context -------------------------------------------------------------------------------------------


def _context(context: Path, files: Mapping[str, bytes]) -> Path:
    """Make the folder that the build sees: the learner's files and ours, without what .dockerignore keeps out."""
    home = answer_path("Dockerfile").parent
    theirs = [p for p in home.rglob("*") if p.is_file() and not _NOT_SENT & set(p.relative_to(home).parts)]
    everything = {p.relative_to(home).as_posix(): p.read_bytes() for p in theirs} | dict(files)
    lines = everything.get(".dockerignore", b"").decode("utf-8", "replace").splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    context.mkdir()
    for name in (n for n in everything if not _is_ignored(n, patterns)):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_bytes(everything[name])
    return context


def _is_ignored(name: str, patterns: list[str]) -> bool:
    """Whether a file stays outside: the last line that matches it, or a folder that holds it, decides."""
    ways = [name, *(str(folder) for folder in PurePosixPath(name).parents)]
    ignored = False
    for pattern in patterns:
        regex = _as_regex(posixpath.normpath(pattern.removeprefix("!").strip("/ ")))
        if any(re.fullmatch(regex, way) for way in ways[:-1]):
            ignored = not pattern.startswith("!")
    return ignored


def _as_regex(pattern: str) -> str:
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    return "".join(wild.get(part) or (part if part.startswith("[") else re.escape(part)) for part in parts)


# --- the container -----------------------------------------------------------------------------------------------


@dataclass
class Server:
    """A container that listens, at a free port of this machine.

    process: the process that the command has started.
    call: how a message shows the start.
    """

    stage: Stage
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    call: str

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Return status and content of the answer, as `ask` does."""
        return ask(self.port, method, path, body, log=self.log)

    def listens_at(self) -> list[tuple[str, int]]:
        """Return (address, port) of each socket at which the process, or a child of it, listens."""
        with suppress(psutil.Error):
            ours = psutil.Process(self.process.pid)
            sockets = [s for p in (ours, *ours.children(recursive=True)) for s in p.net_connections("tcp")]
            return [(s.laddr.ip, s.laddr.port) for s in sockets if s.status == psutil.CONN_LISTEN]
        return []

    def health(self, port: int) -> tuple[int, str]:
        """Run the HEALTHCHECK with PORT set to `port`; return its exit code and the last line that it writes."""
        words = self.stage.health.value[1:]
        call = " ".join(words)
        command = _as_run(self.stage, words if self.stage.health.json else ["/bin/sh", "-c", *words])
        how: dict[str, Any] = {"cwd": self.stage.path("."), "env": _environment(self.stage, port)}
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_START_LIMIT_S, **how)
        except subprocess.TimeoutExpired:
            fail(f"the health check did not end within {_START_LIMIT_S:g} s", call=call)
        except OSError as error:
            fail(f"the health check cannot be started: {error}", call=call)
        return done.returncode, _last_line(done.stderr or done.stdout)

    def kill(self) -> None:
        if self.process.poll() is None:
            kill_session(self.process.pid)
            self.process.wait()


def start(image: Image) -> Server:
    """Run the command of the image on its files, at a free port named by PORT; return the server once it listens.

    Fails when the process ends, listens at another port, or at none within a minute.

    >>> server = start(image)
    >>> server.ask("GET", "/health")
    """
    stage, words = image.final, image.final.command()
    port = _free_port()
    log, call = image.folder / f"log{port}", f"PORT={port} {' '.join(words)}  # in {stage.workdir}"
    stage.path(".").mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        how: dict[str, Any] = {"cwd": stage.path("."), "env": _environment(stage, port), "start_new_session": True}
        try:
            process = subprocess.Popen(
                _as_run(stage, words), stdin=subprocess.DEVNULL, stdout=output, stderr=output, **how
            )
        except OSError as error:
            fail(f"the command of the image cannot be started: {error}", call=call)
    server = Server(stage, port, process, log, call)
    try:
        _wait_until_it_listens(server)
    except BaseException:
        server.kill()
        raise
    return server


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_listens(server: Server) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline:
        ended = server.process.poll()
        if ended is not None:
            text = server.log.read_text(errors="replace")
            if "NotImplementedError" in text:
                todo("the server is still the stub")
            why = f"the command of the image ended at once, with exit code {ended}"
            fail(why, got=Shown(_last_line(text)), call=server.call)
        ports = {port for _, port in server.listens_at()}
        if server.port in ports:
            return
        if ports:
            got, expected = Shown(f"port {min(ports)}"), Shown(f"port {server.port}")
            fail("the server listens at another port than PORT names", got=got, expected=expected, call=server.call)
        time.sleep(0.05)
    last = Shown(_last_line(server.log.read_text(errors="replace")))
    fail(
        f"nothing listens at the port that PORT names, {_START_LIMIT_S:g} s after the start", got=last, call=server.call
    )


def _as_run(stage: Stage, words: list[str]) -> list[str]:
    """The words as they run here: this Python, programs of its packages, and paths of the image where its files lie."""
    name = posixpath.basename(words[0])
    beside = Path(sys.executable).with_name(name)
    program = sys.executable if _PYTHON.fullmatch(name) else str(beside) if beside.exists() else words[0]
    return [program, *map(stage.here, words[1:])]


def _environment(stage: Stage, port: int) -> dict[str, str]:
    """What the container sees: what the image sets, PORT, and of this machine what programs cannot do without."""
    # By KATA_RUN the judge finds what a run has left behind.
    needed = ("HOME", "KATA_RUN", "LANG", "SYSTEMROOT", "TMPDIR")
    ours = {name: os.environ[name] for name in needed if name in os.environ}
    theirs = {name: stage.here(value) for name, value in stage.env.items() if name != "PATH"}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**ours, **theirs, "PATH": path, "PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"}


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if re.search(r"\w", line)]  # http.server ends a traceback with dashes
    return lines[-1] if lines else "no output"


def ask(
    port: int, method: str, path: str, body: bytes | None = None, *, log: Path | None = None, patience_s: float = 0.0
) -> tuple[int, Any]:
    """Return the status and the JSON content of an answer of the server at `port`; fails when there is none.

    body: None sends no Content-Length either.
    log: what the server writes, whose last line is shown when no answer comes.
    patience_s: how long to try again until the first answer comes.
    """
    shown = f"{method} {path}" + ("" if body is None else f" with the body {_shown_body(body)}")
    deadline = time.monotonic() + patience_s
    while True:
        try:
            status, content = _exchange(port, method, path, body)
            break
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > deadline:
                last = _last_line(log.read_text(errors="replace")) if log else str(error)
                fail(f"no answer came ({type(error).__name__})", got=Shown(last), call=shown)
            time.sleep(0.2)
    try:
        return status, json.loads(content, parse_constant=_refuse)
    except ValueError:
        fail(f"the answer ({status}) is not JSON", got=content.decode("utf-8", "replace"), call=shown)


def _exchange(port: int, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_LIMIT_S)) as connection:
        if body is None:
            connection.putrequest(method, path)
            connection.endheaders()
        else:
            connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def _shown_body(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return (text if len(text) <= 80 else f"{text[:60]}… ({len(text)} characters)") or "(empty)"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON has no {constant}")


# --- what the checks of a run share ------------------------------------------------------------------------------


class Bench:
    """The image and the server that the checks of one run share, each made when it is first asked for.

    files: as for `read_image`.

    >>> bench = Bench({"model.pt": weights})
    >>> bench.server().ask("GET", "/health")
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._folder = tempfile.TemporaryDirectory(prefix="kata-image-", ignore_cleanup_errors=True)
        self._server: Server | None = None
        self._failed: Exception | None = None

    @cached_property
    def image(self) -> Image:
        return read_image(Path(tempfile.mkdtemp(dir=self._folder.name)), self._files)

    def server(self) -> Server:
        """Return a server that listens, another when the last has ended; one that never came up is not tried again."""
        if self._failed is not None:
            raise self._failed
        if self._server is None or self._server.process.poll() is not None:
            try:
                self._server = start(self.image)
            except (CheckFailed, NotDone) as error:
                self._failed = error
                raise
        return self._server

    def close(self) -> None:
        """End the server and remove the files."""
        if self._server is not None:
            self._server.kill()
        self._folder.cleanup()


# --- an engine, where somebody asks for it -----------------------------------------------------------------------


@contextmanager
def real_container(image: Image, container_port: int) -> Generator[int | None]:
    """Yield the port of a container that Docker has built and started; None, with a note, unless that is asked for.

    It is asked for by the environment variable KATA_DOCKER_BUILD=1, as it downloads packages and takes minutes.
    """
    if os.environ.get(BUILD_VARIABLE) != "1":
        not_tried(f"the image was laid out, not built: {BUILD_VARIABLE}=1 builds it too, where Docker runs")
        yield None
        return
    tag, port = f"kata-{os.getpid()}", _free_port()
    shutil.copyfile(answer_path("Dockerfile"), image.context / "Dockerfile")
    try:
        _docker("build", "--quiet", "--tag", tag, str(image.context))
        _docker("run", "--detach", "--name", tag, "--publish", f"127.0.0.1:{port}:{container_port}", tag)
        yield port
    finally:
        for command in (["rm", "--force", tag], ["rmi", "--force", tag]):
            subprocess.run(["docker", *command], capture_output=True, check=False)


def _docker(*arguments: str) -> None:
    call = f"docker {arguments[0]}"
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    except OSError as error:
        fail(f"{call} cannot be started: {error}", call=call)
    if done.returncode != 0:
        fail(f"{call} failed", got=Shown(_last_line(done.stderr)), call=call)
