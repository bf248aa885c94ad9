"""Hidden test of p089_config_manager."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kata_runner.checking import (
    assert_equal,
    assert_raises,
    assert_type,
    calling,
    edges,
    learner,
    require,
    temporary_folder,
)

work = learner("config")

DEFAULTS: dict[str, Any] = {
    "run_name": "first",
    "seed": 0,
    "debug": False,
    "train": {"lr": 0.1, "epochs": 3, "optimizer": {"kind": "adam", "decay": 0.0}},
}


@contextmanager
def yaml_file(text: str) -> Iterator[Path]:
    with temporary_folder() as folder:
        path = folder / "settings.yaml"
        path.write_text(text, encoding="utf-8")
        yield path


def load(text: str | None = None, environ: dict[str, str] | None = None, arguments: list[str] | None = None) -> Any:
    """The settings, with a file of that text if there is one."""
    given = copy.deepcopy(DEFAULTS), dict(environ or {}), list(arguments or [])
    told = [] if text is None else [f"a file with {text!r}"]
    told += [f"environ={environ}"] if environ else []
    told += [f"arguments={arguments}"] if arguments else []
    with calling(f"load_config(defaults, {', '.join(told)})" if told else "load_config(defaults)"):
        if text is None:
            return work.load_config(given[0], None, given[1], given[2])
        with yaml_file(text) as path:
            return work.load_config(given[0], path, given[1], given[2])


def settings(
    text: str | None = None, environ: dict[str, str] | None = None, arguments: list[str] | None = None
) -> dict[str, Any]:
    """What as_dict() returns of them."""
    config = load(text, environ, arguments)
    with calling(""):
        got = config.as_dict()
    assert_type(got, dict, what="config.as_dict()")
    return dict(got)


def changed(**paths: Any) -> dict[str, Any]:
    """The defaults with other values: train__lr=0.5."""
    tree = copy.deepcopy(DEFAULTS)
    for path, value in paths.items():
        *parents, key = path.split("__")
        place = tree
        for parent in parents:
            place = place[parent]
        place[key] = value
    return tree


def refused(text: str | None = None, *mentions: str, **sources: Any) -> None:
    with calling(""):
        assert_raises(ValueError, load, text, mentions=mentions, **sources)


def test_attributes() -> None:
    """3. The settings have attributes; as_dict() returns them as new, plain dicts."""
    with calling("config = load_config(defaults)"):
        config = load()
        assert_equal([config.run_name, config.seed, config.debug], ["first", 0, False], what="run_name, seed and debug")
        assert_equal(config.train.lr, 0.1, what="config.train.lr")
        assert_equal(config.train.optimizer.kind, "adam", what="config.train.optimizer.kind")
        got = config.as_dict()
        assert_equal(got, DEFAULTS, what="config.as_dict()")
        assert_type(got, dict, what="config.as_dict()")
        assert_type(got["train"], dict, what='config.as_dict()["train"]')
        got["train"]["lr"] = 5.0
        assert_equal(
            [config.train.lr, config.as_dict()["train"]["lr"]], [0.1, 0.1], what="lr after the dict was changed"
        )


def test_later_sources_win() -> None:
    """1. Defaults give way to the file, the file to the environment, that to arguments; of these the last one wins."""
    file, environ = "run_name: b", {"MODEL_RUN_NAME": "c"}
    assert_equal(settings(file), changed(run_name="b"))
    assert_equal(settings(None, environ), changed(run_name="c"))
    assert_equal(settings(None, None, ["run_name=d"]), changed(run_name="d"))
    assert_equal(settings(file, environ), changed(run_name="c"))
    assert_equal(settings(file, environ, ["run_name=d"]), changed(run_name="d"))
    assert_equal(settings(file, None, ["run_name=d"]), changed(run_name="d"))
    assert_equal(settings(None, None, ["run_name=d", "run_name=e"]), changed(run_name="e"))


def test_texts_become_values() -> None:
    """4. Texts become values of the default's type; for a bool they are true or false, a string may hold anything."""
    for key, text, expected in (
        ("train.epochs", "12", 12),
        ("train.epochs", "-1", -1),
        ("train.lr", "0.5", 0.5),
        ("train.lr", "1e-3", 0.001),
        ("train.lr", "2", 2.0),
        ("debug", "true", True),
        ("debug", "false", False),
        ("run_name", "12", "12"),
        ("run_name", "true", "true"),
        ("run_name", "a=b=c", "a=b=c"),
        ("run_name", "", ""),
        ("run_name", "Ärger: [1", "Ärger: [1"),
        ("run_name", "  a ", "  a "),
    ):
        wanted = changed(**{key.replace(".", "__"): expected})
        variable = "MODEL_" + key.upper().replace(".", "__")
        for got in (settings(None, None, [f"{key}={text}"]), settings(None, {variable: text})):
            assert_equal(got, wanted)
            if key == "train.lr":
                assert_type(got["train"]["lr"], float, what=key)
    others = {"SEED": "7", "TRAIN__LR": "7", "MODELSEED": "7", "PATH": "/bin", "XMODEL_SEED": "7", "model_seed": "7"}
    assert_equal(settings(None, others), DEFAULTS)


def test_dicts_are_merged() -> None:
    """2. Dicts are merged key by key, however deep: what the file does not name is left alone."""
    assert_equal(settings("train: {lr: 0.5}"), changed(train__lr=0.5))
    assert_equal(settings("train:\n  optimizer:\n    decay: 0.5\n"), changed(train__optimizer__decay=0.5))
    expected = changed(train__lr=0.5, train__epochs=9, train__optimizer__kind="sgd", train__optimizer__decay=0.25)
    file, environ = "train: {lr: 0.5, optimizer: {kind: sgd}}", {"MODEL_TRAIN__EPOCHS": "9"}
    assert_equal(settings(file, environ, ["train.optimizer.decay=0.25"]), expected)


edges()


def test_types_of_the_file() -> None:
    """5. An int, or a text such as 1e-3, becomes a float; no other type than the default's may stand in the file."""
    for text, expected in (("train: {lr: 2}", 2.0), ("train: {lr: 1e-3}", 0.001), ("train: {lr: 1.0e-3}", 0.001)):
        got = settings(text)
        assert_equal(got, changed(train__lr=expected))
        assert_type(got["train"]["lr"], float, what="train.lr")
    for line, path in (
        ("seed: 2.5", "seed"),
        ("seed: 2.0", "seed"),
        ("seed: true", "seed"),
        ('seed: "3"', "seed"),
        ("run_name: 3", "run_name"),
        ("run_name: true", "run_name"),
        ("debug: 1", "debug"),
        ('debug: "true"', "debug"),
        ("seed: null", "seed"),
        ("seed: [1]", "seed"),
        ("train: {lr: true}", "train.lr"),
        ("train: {lr: fast}", "train.lr"),
        ("train: {lr: 1" + "0" * 400 + "}", "train.lr"),
    ):
        refused(line, path)


def test_empty_file() -> None:
    """6. An empty file changes nothing."""
    for text in ("", "\n\n", "# nothing\n", "{}", "train: {}"):
        assert_equal(settings(text), DEFAULTS)


def test_read_only() -> None:
    """7. Setting or deleting an attribute raises AttributeError, at each level."""
    config = load("train: {lr: 0.5}")

    def change(place: Any, name: str) -> None:
        setattr(place, name, 1)

    def remove(place: Any, name: str) -> None:
        delattr(place, name)

    with calling("config.train.optimizer"):
        top, middle, bottom = config, config.train, config.train.optimizer
    for place, name in ((top, "seed"), (top, "new"), (top, "train"), (middle, "lr"), (middle, "new")):
        assert_raises(AttributeError, change, place, name, call=f"config….{name} = 1")
    for place, name in ((top, "seed"), (bottom, "kind")):
        assert_raises(AttributeError, remove, place, name, call=f"del config….{name}")
    with calling("config.as_dict()"):
        assert_equal(config.as_dict(), changed(train__lr=0.5), what="config.as_dict() afterwards")


def test_defaults_stay() -> None:
    """8. defaults stay as they were, and later changes of them change no settings."""
    defaults = copy.deepcopy(DEFAULTS)
    with yaml_file("train: {lr: 0.5, optimizer: {decay: 0.5}}") as path:
        config = work.load_config(defaults, path, {"MODEL_SEED": "2"}, ["debug=true"])
    assert_equal(defaults, DEFAULTS, what="defaults afterwards")
    defaults["train"]["epochs"] = 99
    with calling("config, after defaults was changed"):
        assert_equal(config.train.epochs, 3, what="config.train.epochs after defaults was changed")
        plain = config.as_dict()
        plain["train"]["optimizer"]["kind"] = "x"
    assert_equal(defaults["train"]["optimizer"]["kind"], "adam", what="defaults after the dict was changed")


def test_unknown_keys() -> None:
    """9. An unknown key raises ValueError with its dotted path and the nearest known path, if there is one."""
    for key, near in (("train.lrr", "train.lr"), ("sed", "seed"), ("train.optimizer.dekay", "train.optimizer.decay")):
        steps = key.split(".")
        nested = ": {".join(steps) + ": 1" + "}" * (len(steps) - 1)
        refused(nested, key, f"did you mean {near}?")
        refused(None, key, f"did you mean {near}?", arguments=[f"{key}=1"])
        refused(None, key, f"did you mean {near}?", environ={"MODEL_" + key.upper().replace(".", "__"): "1"})
    for path, place in (("trian.lr", "trian"), ("train.optimiser.decay", "train.optimiser")):  # a dict that is unknown
        refused(": {".join(path.split(".")) + ": 1" + "}" * path.count("."), place)
        refused(None, place, arguments=[f"{path}=1"])
        refused(None, place, environ={"MODEL_" + path.upper().replace(".", "__"): "1"})
    with calling('load_config(defaults, arguments=["zzz=1"])'):
        error = assert_raises(ValueError, load, None, None, ["zzz=1"], mentions="zzz")
        require("did you mean" not in str(error), "nothing is near to zzz", got=str(error))


def test_wrong_values() -> None:
    """10. A value that cannot be read, a value for a dict, a dict for a value: the message has the dotted path."""
    for key, text in (
        ("train.epochs", "2.5"),
        ("train.epochs", "many"),
        ("train.epochs", ""),
        ("train.lr", "fast"),
        ("debug", "1"),
        ("debug", "yes"),
        ("train", "5"),
        ("train.optimizer", "sgd"),
    ):
        refused(None, key, arguments=[f"{key}={text}"])
        refused(None, key, environ={"MODEL_" + key.upper().replace(".", "__"): text})
    for text, key in (("train: 5", "train"), ("train: {optimizer: sgd}", "train.optimizer")):
        refused(text, key)
    refused("seed: {value: 1}", "seed")
    refused(None, "seed", arguments=["seed.value=1"])


def test_files_and_arguments_that_are_none() -> None:
    """11. A file that is not YAML, or not a mapping, or asks for Python objects, raises ValueError and runs nothing."""
    for text in ("seed: [1", "a: b: c", "- seed", "5", "seed", "{seed: 1", "[]", "false", "0"):
        refused(text)
    with temporary_folder() as folder:
        trace = folder / "trace"
        for hostile in (
            f"seed: !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{trace}']]",
            f"run_name: !!python/object/apply:builtins.open ['{trace}', 'w']",
            "seed: !!python/name:os.system ''",
            "train: !!python/tuple [1, 2]",
        ):
            refused(hostile)
            require(not trace.exists(), "the file was able to run Python code", call=f"a file with {hostile!r}")
    for argument in ("seed", "train.lr", ""):
        refused(None, arguments=[argument])
