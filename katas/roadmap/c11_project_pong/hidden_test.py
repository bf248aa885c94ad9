"""Hidden test of c11_project_pong."""

import importlib
import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    Ran,
    Shown,
    answer_path,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_raises,
    assert_shape,
    calling,
    edges,
    fail,
    global_random_state_kept,
    learner,
    learner_environment,
    no_warnings,
    not_tried,
    require,
    rng,
    seed,
    temporary_folder,
    todo,
    unchanged,
)
from kata_runner.checking.images import keep_images

work = learner("pong")
Array = NDArray[Any]
Pair = tuple[Array, Array]  # W and v
# The small Pong as it was shipped, whatever has become of the learner's copy.
SPEC = importlib.util.spec_from_file_location("shipped_pong", Path(__file__).parent / "stub" / "small_pong.py")
shipped: Any = importlib.util.module_from_spec(SPEC)  # type: ignore[arg-type]
SPEC.loader.exec_module(shipped)  # type: ignore[union-attr]


def drawn(n_inputs: int, n_hidden: int, stream: int, scale: float = 1.0) -> Pair:
    g = rng(stream)
    return g.normal(0, scale, (n_hidden, n_inputs)), g.normal(0, scale, n_hidden)


def policy_of(pair: Pair) -> Any:
    return work.Policy(pair[0].copy(), pair[1].copy())


def assert_pair(got: Any, expected: Pair, what: str, rtol: float, atol: float) -> None:
    for name, wanted in zip(("W", "v"), expected, strict=True):
        assert_close(getattr(got, name, None), wanted, what=f"{name} of {what}", rtol=rtol, atol=atol)


def plain_picture(frame: Array, field: slice) -> Array:
    rows = frame[field].astype(float).tolist()
    grey = [[0.299 * r + 0.587 * g + 0.114 * b for r, g, b in row] for row in rows]
    return np.array(
        [
            [
                (grey[y][x] + grey[y][x + 1] + grey[y + 1][x] + grey[y + 1][x + 1]) / 4 / 255
                for x in range(0, len(grey[0]), 2)
            ]
            for y in range(0, len(grey), 2)
        ]
    )


def plain_p(pair: Pair, X: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-(np.maximum(X @ pair[0].T, 0) @ pair[1]))))


def plain_gradient(pair: Pair, X: Array, up: Array, weights: Array) -> Pair:
    dW, dv = np.zeros_like(pair[0]), np.zeros_like(pair[1])
    for x, u, weight in zip(X, up, weights, strict=True):
        z = pair[0] @ x
        back = weight * (u - plain_p(pair, x))
        dv += back * np.maximum(z, 0)
        dW += np.outer(back * pair[1] * (z > 0), x)
    return dW, dv


def plain_discount(rewards: Any, gamma: float) -> Array:
    result, following = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        following = rewards[t] + gamma * (0.0 if rewards[t] != 0 else following)
        result[t] = following
    return result


def test_frames_become_small_grey_pictures() -> None:
    """1. preprocess crops a frame to the field, makes it grey and halves it by means of 2 x 2: float32 from 0 to 1."""
    g = rng(1)
    tiny = np.zeros((3, 2, 3), np.uint8)
    tiny[1] = [[255, 0, 0], [0, 255, 0]]
    cases = [(tiny, slice(1, 3))]
    cases += [
        (g.integers(0, 256, (h, w, 3)).astype(np.uint8), field)
        for h, w, field in [(4, 2, slice(0, 2)), (4, 6, slice(0, 4)), (9, 4, slice(1, 7)), (210, 160, slice(34, 194))]
    ]
    cases.append((np.full((6, 4, 3), 255, np.uint8), slice(2, 6)))
    for frame, field in cases:
        expected = plain_picture(frame, field)
        given = frame.copy()
        with unchanged(frame=given):
            got = work.preprocess(given, field)
        assert_close(got, expected, rtol=1e-5, atol=1e-6)
        assert_dtype(got, np.float32)


def test_the_policy_is_a_sigmoid_over_relus() -> None:
    """2. probability returns sigmoid(v . ReLU(W x)), for rows X and for one x."""
    pair = (np.array([[1.0], [-1.0]]), np.array([1.0, 2.0]))
    assert_close(work.probability(policy_of(pair), np.array([[1.0], [-1.0]])), 1 / (1 + np.exp([-1.0, -2.0])))
    large = (np.array([[20.0], [50.0]]), np.array([0.1, -0.02]))
    assert_close(work.probability(policy_of(large), np.array([[1.0]])), 1 / (1 + np.exp([-1.0])))
    for n, n_inputs, n_hidden in [(1, 2, 1), (5, 3, 4), (4, 1, 6)]:
        pair, X = drawn(n_inputs, n_hidden, 2), rng(3 + n).normal(size=(n, n_inputs))
        assert_close(work.probability(policy_of(pair), X.copy()), plain_p(pair, X))
        assert_close(work.probability(policy_of(pair), X[-1].copy()), plain_p(pair, X[-1]))


def log_p(pair: Pair, X: Array, up: Array, weights: Array) -> float:
    p = plain_p(pair, X)
    return float(np.sum(weights * np.log(np.where(up == 1, p, 1 - p))))


def differences(pair: Pair, X: Array, up: Array, weights: Array) -> Pair:
    """The gradient by central differences, one weight after the other."""
    result = np.zeros_like(pair[0]), np.zeros_like(pair[1])
    for k in range(2):
        for place in np.ndindex(pair[k].shape):
            values = []
            for sign in (1, -1):
                moved = pair[0].copy(), pair[1].copy()
                moved[k][place] += sign * 1e-5
                values.append(log_p(moved, X, up, weights))
            result[k][place] = (values[0] - values[1]) / 2e-5
    return result


def away_from_kinks(n: int, pair: Pair, stream: int) -> Array:
    """Rows at which no ReLU is within 0.01 of its kink, where there is no derivative."""
    g = rng(stream)
    rows: list[Array] = []
    while len(rows) < n:
        x: Array = np.asarray(g.normal(size=pair[0].shape[1]))
        if np.abs(pair[0] @ x).min() > 0.01:
            rows.append(x)
    return np.array(rows)


def test_the_gradient_agrees_with_finite_differences() -> None:
    """3. gradient returns the derivatives of the sum of weights[t] * log p(move t) with respect to W and v."""
    one = (np.array([[0.5]]), np.array([2.0]))
    cases = [(one, np.array([[1.0]]), np.array([up]), np.array([1.0])) for up in (1.0, 0.0)]
    for i, (n, n_inputs, n_hidden) in enumerate([(1, 2, 3), (2, 3, 2), (7, 4, 5)]):
        pair, g = drawn(n_inputs, n_hidden, 10 + i), rng(20 + i)
        up = (g.random(n) < 0.5).astype(float)
        cases.append((pair, away_from_kinks(n, pair, 30 + i), up, g.normal(size=n) * 3))
    for pair, X, up, weights in cases:
        expected = differences(pair, X, up, weights)
        policy, given = policy_of(pair), (X.copy(), up.copy(), weights.copy())
        with unchanged(W=policy.W, v=policy.v, X=given[0], up=given[1], weights=given[2]):
            got = work.gradient(policy, *given)
        assert_pair(got, expected, "the gradient", rtol=1e-5, atol=1e-7)


def test_a_point_ends_what_is_discounted() -> None:
    """4. discount adds gamma times the return of the next step, but nothing across a point."""
    cases = [([0.0, 1.0], 0.5), ([1.0, 0.0, -1.0], 0.5), ([0.0, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0], 0.9)]
    cases += [([0.0], 0.9), ([-1.0, 1.0, -1.0], 0.9), ([0.0, -2.0, 0.0, 0.5], 1.0)]
    g = rng(40)
    cases += [(g.choice([-1.0, 0.0, 1.0], n, p=[0.1, 0.8, 0.1]).tolist(), 0.99) for n in (31, 64)]
    for rewards, gamma in cases:
        given = np.array(rewards)
        with unchanged(rewards=given):
            got = work.discount(given, gamma)
        assert_close(got, plain_discount(rewards, gamma))
    assert_close(work.discount(np.array([0, 0, 1, 0, -1]), 0.5), [0.25, 0.5, 1.0, -0.5, -1.0])


def test_returns_are_standardized() -> None:
    """5. standardize moves the values to mean 0 and standard deviation 1."""
    for values in [np.array([1.0, 3.0]), np.array([0.0, 0.0, 3.0]), rng(41).normal(5.0, 0.01, 50)]:
        expected = (values - np.mean(values)) / np.sqrt(np.mean((values - np.mean(values)) ** 2))
        given = values.copy()
        with unchanged(values=given):
            got = work.standardize(given)
        assert_close(got, expected, rtol=1e-4, atol=1e-6)


class Noise:
    """An environment of random frames (7, 6, 3) and rewards, all of which come from the seed of the reset.

    length: the steps of a game; None draws one of 1 to 6. truncates: whether a game is cut off rather than over.
    """

    FIELD = slice(2, 6)

    def __init__(self, length: int | None = None, truncates: bool = False) -> None:
        self.length = length
        self.truncates = truncates
        self.seeds: list[Any] = []
        self.actions: list[list[int]] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Array, dict[str, Any]]:
        require(seed is not None, "reset was called without a seed")
        require(isinstance(seed, int), "the seed of the reset is not a Python int: Gymnasium refuses it", got=seed)
        self.seeds.append(int(str(seed)))
        self.actions.append([])
        self.rng = np.random.default_rng(self.seeds[-1])
        self.left = self.length or int(self.rng.integers(1, 7))
        return self._frame(), {}

    def _frame(self) -> Array:
        return self.rng.integers(0, 256, (7, 6, 3)).astype(np.uint8)

    def step(self, action: Any) -> tuple[Array, float, bool, bool, dict[str, Any]]:
        require(self.left > 0, "step was called after the game was over")
        self.left -= 1
        self.actions[-1].append(int(action))
        reward = float(self.rng.choice([-1.0, 0.0, 1.5]))
        is_over = self.left == 0
        return self._frame(), reward, is_over and not self.truncates, is_over and self.truncates, {}


def plain_game(env: Noise, pair: Pair, generator: np.random.Generator) -> tuple[Array, Array, Array]:
    frame, _ = env.reset(seed=int(generator.integers(2**31)))
    pictures = [plain_picture(frame, env.FIELD)] * 2
    X, up, rewards = [], [], []
    is_over = False
    while not is_over:
        X.append((pictures[-1] - pictures[-2]).ravel())
        up.append(float(generator.random() < plain_p(pair, X[-1])))
        frame, reward, terminated, truncated, _ = env.step(2 if up[-1] else 3)
        rewards.append(reward)
        pictures.append(plain_picture(frame, env.FIELD))
        is_over = terminated or truncated
    return np.array(X), np.array(up), np.array(rewards)


class Half(np.random.Generator):
    """A generator whose numbers are all one half."""

    def random(self, *_: Any, **__: Any) -> Any:
        return 0.5


def judged_game(length: int, truncates: bool, stream: int) -> None:
    pair, env, plain = drawn(6, 3, stream, 2.0), Noise(length, truncates), Noise(length, truncates)
    X, up, rewards = plain_game(plain, pair, np.random.default_rng(stream))
    how = "truncated" if truncates else "terminated"
    with calling(f"play(env, policy, slice(2, 6), rng), where a game is {how} after {length} steps"):
        got = work.play(env, policy_of(pair), Noise.FIELD, np.random.default_rng(stream))
        assert_equal(env.seeds, plain.seeds, what="the seeds of the resets")
        assert_equal(len(env.actions[0]), length, what="the number of steps")
        assert_close(getattr(got, "X", None), X, what="X", rtol=1e-4, atol=1e-5)
        assert_equal(env.actions, plain.actions, what="the actions")
        assert_close(getattr(got, "up", None), up, what="up")
        assert_close(getattr(got, "rewards", None), rewards, what="rewards")


def test_a_game_is_played_from_differences() -> None:
    """6. play draws each move from the policy, which sees the latest picture minus the one before, and notes it all."""
    with global_random_state_kept():
        judged_game(1, False, 50)
        judged_game(2, False, 51)
        judged_game(30, False, 52)
    env = Noise(1)
    with calling("play(env, policy, slice(2, 6), rng), where rng.random() is 0.5, and so is the probability"):
        work.play(env, policy_of(drawn(6, 3, 55)), Noise.FIELD, Half(np.random.PCG64(1)))
        assert_equal(env.actions, [[3]], what="the actions")


def test_a_game_may_be_truncated() -> None:
    """6. A game ends when it is truncated as well."""
    judged_game(1, True, 53)
    judged_game(4, True, 54)


def settings_of(n_games: int) -> Any:
    return work.Settings(Noise.FIELD, n_hidden=3, n_games=n_games, gamma=0.8, learning_rate=0.01, decay=0.7)


def plain_batch(n_games: int, number: int, memory: Pair, pair: Pair, first: int) -> tuple[Pair, Pair, list[float]]:
    """Policy, memory and scores after the games `first`, `first` + 1, ... of the training with the seed `number`."""
    played = [plain_game(Noise(), pair, np.random.default_rng([number, first + i])) for i in range(n_games)]
    gains = np.concatenate([plain_discount(rewards, 0.8) for *_, rewards in played])
    gains = (gains - gains.mean()) / (gains.std() or 1.0)
    X, up = (np.concatenate([game[k] for game in played]) for k in range(2))
    slopes = plain_gradient(pair, X, up, gains)
    kept = tuple(0.7 * m + 0.3 * s**2 for m, s in zip(memory, slopes, strict=True))
    moved = tuple(w + 0.01 * s / (np.sqrt(m) + 1e-5) for w, s, m in zip(pair, slopes, kept, strict=True))
    return (moved[0], moved[1]), (kept[0], kept[1]), [float(rewards.sum()) for *_, rewards in played]


def judged_batch(n_games: int, scores: list[float], number: int, fresh: bool, scale: float = 1.0) -> None:
    W, v = drawn(6, 3, 60 + n_games, 2.0)
    pair = W, scale * v
    memory = (np.zeros((3, 6)), np.zeros(3)) if fresh else tuple(m**2 for m in drawn(6, 3, 70))
    expected = plain_batch(n_games, number, (memory[0], memory[1]), pair, len(scores))
    training = work.Training(number, policy_of(pair), policy_of((memory[0], memory[1])), tuple(scores))
    text = f"train_batch(env, training, settings), n_games={n_games}, seed {number}, {len(scores)} games played before"
    with calling(text):
        before = [training.policy.W, training.policy.v, training.memory.W, training.memory.v]
        with unchanged(**{f"array_{i}_of_the_given_training": array for i, array in enumerate(before)}):
            got = work.train_batch(Noise(), training, settings_of(n_games))
        assert_equal(getattr(got, "seed", None), number, what="the seed")
        assert_close(as_array(getattr(got, "scores", None)), [*scores, *expected[2]], what="the scores")
        assert_pair(getattr(got, "memory", None), expected[1], "the memory", rtol=1e-3, atol=1e-5)
        assert_pair(getattr(got, "policy", None), expected[0], "the policy", rtol=1e-3, atol=1e-4)
        require(len(training.scores) == len(scores), "the training that was given has changed", got=training.scores)


def test_a_batch_is_one_step_of_rmsprop() -> None:
    """7. train_batch plays its games by one policy, standardizes their returns together, and makes one step upward."""
    judged_batch(1, [], 0, fresh=True)
    judged_batch(3, [], 0, fresh=True)
    judged_batch(4, [], 0, fresh=False)
    judged_batch(2, [], 0, fresh=True, scale=0.001)  # a small gradient of W, for which 1e-5 counts


def test_games_draw_from_their_number() -> None:
    """8. Game number i, from 0 on over the whole training, is played with default_rng([seed, i])."""
    with global_random_state_kept():
        judged_batch(2, [], 7, fresh=True)
        judged_batch(1, [1.0], 7, fresh=True)
        judged_batch(2, [1.0, -2.0, 0.0], 8, fresh=False)


def training_of(stream: int, n_scores: int, n_hidden: int = 3) -> Any:
    first, second = drawn(4, n_hidden, stream), drawn(4, n_hidden, stream + 1)
    scores = tuple(float(score) for score in rng(stream + 2).normal(0.0, 2.0, n_scores))
    return work.Training(stream, policy_of(first), policy_of(second), scores)


def assert_same_training(got: Any, expected: Any) -> None:
    """Fail unless two trainings are equal to the last bit."""
    assert_equal(getattr(got, "seed", None), expected.seed, what="the seed")
    scores = as_array(getattr(got, "scores", None))
    assert_close(scores, np.array(expected.scores), what="the scores")
    same = bool(np.array_equal(scores, np.array(expected.scores)))
    require(same, "the scores are close, but not equal to the last bit", got=scores)
    for part in ("policy", "memory"):
        for name in ("W", "v"):
            found = as_array(getattr(getattr(got, part, None), name, None), f"{name} of the {part}")
            wanted = getattr(getattr(expected, part), name)
            assert_close(found, wanted, what=f"{name} of the {part}")
            message = f"{name} of the {part} is close, but not equal to the last bit"
            require(bool(np.array_equal(found, wanted)) and found.dtype == wanted.dtype, message, got=found)


def test_a_checkpoint_brings_back_everything() -> None:
    """9. load returns the training that save has written to that very path, to the last bit."""
    with temporary_folder() as folder:
        for i, (name, n_scores, n_hidden) in enumerate([("a.npz", 2, 1), ("checkpoint", 130, 2), ("b.npz", 0, 3)]):
            training = training_of(80 + i, n_scores, n_hidden)
            with calling(f"save({name!r}, training), load({name!r})"):
                work.save(folder / name if i else str(folder / name), training)
                require((folder / name).is_file(), f"save has not written {name}", got=os.listdir(folder))
                got = work.load(str(folder / name) if i else folder / name)
                require(isinstance(got.scores, tuple), "scores must be a tuple, as in Training", got=got.scores)
                assert_same_training(got, training)


DIES = """
import os, runpy, small_pong, sys
step, n_games = small_pong.SmallPong.step, 0
def mortal(self, action):
    global n_games
    result = step(self, action)
    n_games += result[2] or result[3]
    if n_games == 13:
        os._exit(9)
    return result
small_pong.SmallPong.step = mortal
sys.argv = ["pong.py", *sys.argv[1:]]
runpy.run_path("pong.py", run_name="__main__")
"""
CALLS = """
import pong, sys
arguments, sys.argv[1:] = sys.argv[1:], ["--games", "none"]
code = pong.main(arguments)
sys.exit(7 if code is not None and code == 0 else f"main has returned {code!r}")
"""
SHORT = """
import gymnasium, numpy, runpy, sys
class Pong:
    def reset(self, *, seed=None, options=None):
        return numpy.zeros((210, 160, 3), numpy.uint8), {}
    def step(self, action):
        return numpy.full((210, 160, 3), 99, numpy.uint8), -1.0, True, False, {}
gymnasium.make = lambda *args, **options: Pong()
sys.argv = ["pong.py", *sys.argv[1:]]
runpy.run_path("pong.py", run_name="__main__")
"""


def ran(*arguments: str | Path) -> Ran:
    """What the program leaves behind; `arguments` begin with its name, or with -c and what runs it."""
    # Rich draws its bar in characters that not every encoding has.
    environment = learner_environment() | {"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}
    try:
        process = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=answer_path("pong.py").parent,
            env=environment,
            capture_output=True,
            timeout=50,
        )
    except subprocess.TimeoutExpired:
        fail("the program does not end", call="python pong.py PATH")
    result = Ran(process.returncode, process.stdout.decode(errors="replace"), process.stderr.decode(errors="replace"))
    if "NotImplementedError" in result.stderr:
        todo("a part of the program is still the stub")
    return result


def trained(number: int, n_games: int) -> Any:
    """The training of the small Pong that was never interrupted."""
    training, env = work.begin(42, 20, number), shipped.SmallPong()
    settings = work.Settings(slice(4, 16), n_hidden=20, n_games=5, gamma=0.9, learning_rate=0.03, decay=0.9)
    for _ in range(n_games // 5):
        training = work.train_batch(env, training, settings)
    return training


def test_a_killed_training_goes_on() -> None:
    """10. The program saves each batch; killed and started again, it ends where an uninterrupted one does."""
    parts_hold()
    wanted = {n: trained(5, n) for n in (10, 25)}
    with temporary_folder() as folder:
        path = folder / "checkpoint"
        call = "python pong.py checkpoint --games 50 --seed 5, killed at the end of its 13th game"
        result = ran("-c", DIES, path, "--games", "50", "--seed", "5")
        require(result.code == 9, "the program has ended in another way", got=Shown(result.stderr[-500:]), call=call)
        require(path.is_file(), "there is no checkpoint", call=call)
        with calling(call):
            assert_same_training(work.load(path), wanted[10])
        call = "python pong.py checkpoint --games 22, from a checkpoint of 10 games with the seed 5"
        result = ran("pong.py", path, "--games", "22")
        require(result.code == 0, f"exit code {result.code}", got=Shown(result.stderr[-500:]), call=call)
        with calling(call):
            assert_same_training(work.load(path), wanted[25])


def test_the_program_shows_its_progress() -> None:
    """10. The program goes up to 300 games by default, shows a progress bar by rich, and ends with the line asked."""
    parts_hold()
    begun = replace(work.begin(42, 20, 1), scores=tuple(rng(90).integers(0, 4, 298).astype(float).tolist()))
    with temporary_folder() as folder:
        path = folder / "checkpoint"
        work.save(path, begun)
        result = ran("pong.py", path)
        call = "python pong.py checkpoint, from a checkpoint of 298 games"
        require(result.code == 0, f"exit code {result.code}", got=Shown(result.stderr[-500:]), call=call)
        scores = work.load(path).scores
    bar = any(mark in result.stdout + result.stderr for mark in "━╸╺")
    require(bar, "no progress bar of rich's is drawn", got=Shown(result.stdout[-300:]), call=call)
    expected = f"303 games; the last 100: {np.mean(scores[-100:]):+.2f} points a game"
    lines = result.stdout.strip().splitlines() or [""]
    assert_equal(lines[-1].strip(), expected, what="the last line", call=call)


def test_main_takes_arguments() -> None:
    """10. main trains by the arguments it is given, with the seed 0 where none is named, and returns 0."""
    parts_hold()
    with temporary_folder() as folder:
        path = folder / "checkpoint"
        call = "main([path, '--games', '1']), where no checkpoint is there"
        result = ran("-c", CALLS, path, "--games", "1")
        require(result.code == 7, "main did not return 0", got=Shown(result.stderr[-500:]), call=call)
        require(path.is_file(), "there is no checkpoint", call=call)
        with calling(call):
            assert_same_training(work.load(path), trained(0, 5))


def parts_hold() -> None:
    """Fail where a part is wrong: a training with it says nothing new, and takes long or never ends."""
    for check in PARTS:
        check()


def test_small_pong_is_learned() -> None:
    """11. After 300 games of the small Pong the last 100 are won by more than half a point on average."""
    parts_hold()
    for number in (seed() + 1, seed() + 2):
        with calling(f"300 games of train_batch from begin(42, 20, {number}), with the settings of SMALL"):
            mean = float(np.mean(trained(number, 300).scores[-100:]))
            require(
                mean > 0.5,
                "the agent has not learned to win",
                got=Shown(f"{mean:+.2f} points a game"),
                expected=Shown("above +0.50; without learning it is about -1.5"),
            )


def has_atari() -> bool:
    if importlib.util.find_spec("ale_py") is not None:
        return True
    not_tried("ale-py is not installed: Atari's Pong was not played (pip install ale-py; its licence is the GPL)")
    return False


def test_real_pong_is_played() -> None:
    """12. atari returns Gymnasium's ALE/Pong-v5, and play plays it."""
    if not has_atari():
        return
    gymnasium = importlib.import_module("gymnasium")
    importlib.import_module("ale_py")
    pair, field = drawn(6400, 4, 95, 0.1), slice(34, 194)
    generator = np.random.default_rng(3)
    plain = gymnasium.make("ALE/Pong-v5")
    frame, _ = plain.reset(seed=int(generator.integers(2**31)))
    with calling("play(atari(), policy, slice(34, 194), rng), cut off after 100 steps"):
        env = work.atari()
        require(isinstance(env, gymnasium.Env), "atari has to return a Gymnasium environment", got=env)
        env = gymnasium.wrappers.TimeLimit(env, 100)
        got = work.play(env, policy_of(pair), field, np.random.default_rng(3))
        X, up = as_array(getattr(got, "X", None), "X"), as_array(getattr(got, "up", None), "up")
        assert_shape(X, (100, 6400), what="X")
        assert_shape(up, (100,), what="up")
        pictures, rewards = [frame[field]] * 2, []
        for t in range(100):
            # The plain picture, with arrays, as these are large.
            now, before = (p.astype(float) @ [0.299, 0.587, 0.114] / 1020 for p in pictures[-1:-3:-1])
            moved = now - before
            seen = moved[::2, ::2] + moved[1::2, ::2] + moved[::2, 1::2] + moved[1::2, 1::2]
            assert_close(X[t], seen.ravel(), what=f"X[{t}]", rtol=1e-4, atol=1e-5)
            frame, reward, *_ = plain.step(2 if up[t] else 3)
            pictures.append(frame[field])
            rewards.append(reward)
        assert_close(getattr(got, "rewards", None), rewards, what="rewards")
    keep_images(frame, np.clip(np.kron(0.5 + X[-1].reshape(80, 80) / 2, np.ones((2, 2))), 0, 1), name="atari_pong")


def test_the_program_trains_on_atari() -> None:
    """12. With --world atari the program trains on what atari returns, by the settings ATARI."""
    if not has_atari():
        return
    parts_hold()
    with temporary_folder() as folder:
        call = "python pong.py checkpoint --world atari --games 1, where a game lasts one step"
        result = ran("-c", SHORT, folder / "checkpoint", "--world", "atari", "--games", "1")
        require(result.code == 0, f"exit code {result.code}", got=Shown(result.stderr[-500:]), call=call)
        with calling(call):
            got = work.load(folder / "checkpoint")
            assert_equal(list(got.scores), [-1.0] * 10, what="the scores")
            assert_shape(got.policy.W, (200, 6400), what="W of the policy")


edges()


def test_large_logits_do_no_harm() -> None:
    """2. Logits of 1000 and -1000 lead to probabilities, without a warning."""
    policy = policy_of((np.array([[1.0], [-1.0]]), np.array([1000.0, -1000.0])))
    with no_warnings():
        got = as_array(work.probability(policy, np.array([[1.0], [-1.0], [0.0]])))
    assert_close(got, [1.0, 0.0, 0.5])


def test_equal_returns_become_zeros() -> None:
    """5. Where all values are equal, standardize returns zeros, without a warning."""
    for values in (np.zeros(3), np.array([-1.0]), np.full(4, -1.0), np.full(7, 0.1), np.full(14, 0.1)):
        with no_warnings():
            assert_close(work.standardize(values.copy()), np.zeros(len(values)), atol=1e-6)


def test_the_old_checkpoint_stays_until_the_new_one_is_whole() -> None:
    """9. save writes beside the old checkpoint and replaces it at once: it is never half written."""
    with temporary_folder() as folder:
        path, link = folder / "checkpoint", folder / "link"
        gone: list[str] = []

        def note(event: str, arguments: tuple[Any, ...]) -> None:
            if event in ("os.remove", "os.rename") and isinstance(arguments[0], (str, Path)):
                gone.extend([event] if Path(arguments[0]).absolute() == path.absolute() else [])

        sys.addaudithook(note)
        with calling("save(path, first), save(path, second)"):
            work.save(path, training_of(100, 2))
            require(path.is_file(), "save writes no file at the path")
            first = path.read_bytes()
            # A second name of the same file: what is written into the file would show in it.
            try:
                os.link(path, link)
            except OSError:
                not_tried("this file system has no hard links: whether save replaces the file was not tried")
                return
            gone.clear()
            work.save(path, training_of(110, 4))
            require(not gone, "the old file was removed before the new one took its place", got=gone)
            assert_same_training(work.load(path), training_of(110, 4))
            kept = link.read_bytes() == first
        require(kept, "the old file was overwritten: a program killed meanwhile leaves a broken one")
        require(
            sorted(os.listdir(folder)) == ["checkpoint", "link"], "save leaves another file", got=os.listdir(folder)
        )


def test_what_is_no_checkpoint_is_refused() -> None:
    """13. load raises ValueError with the path for a file that is no checkpoint, or is damaged."""
    with temporary_folder() as folder:
        path = folder / "saved-7"
        work.save(path, training_of(120, 3))
        require(path.is_file(), "save writes no file at the path", call="save(path, training)")
        whole = path.read_bytes()
        np.savez(folder / "others.npz", a=np.zeros(3))
        np.save(folder / "array.npy", np.zeros(3))
        middle = len(whole) // 2
        cases = {
            "of the bytes b'pong'": b"pong",
            "without a byte": b"",
            "that is cut off": whole[:middle],
            "with other arrays": (folder / "others.npz").read_bytes(),
            "with one array": (folder / "array.npy").read_bytes(),
        }
        for name, content in cases.items():
            path.write_bytes(content)
            assert_raises(ValueError, work.load, path, mentions="saved-7", call=f"load of a file {name}")


def test_the_program_refuses_a_broken_checkpoint() -> None:
    """13. The program does not begin anew over a broken checkpoint: one line on standard error, exit code not 0."""
    with temporary_folder() as folder:
        path = folder / "checkpoint"
        path.write_bytes(b"pong")
        result = ran("pong.py", path, "--games", "5")
        call = "python pong.py checkpoint, where the checkpoint is broken"
        require(result.code != 0, "the exit code is 0", got=Shown(result.stdout[-300:]), call=call)
        require(path.read_bytes() == b"pong", "the checkpoint was overwritten", call=call)
        lines = result.stderr.strip().splitlines()
        require(len(lines) == 1, "standard error has to hold one line", got=Shown(result.stderr[-500:]), call=call)
        require(str(path) in lines[0], "the line does not name the path", got=Shown(lines[0]), call=call)


PARTS = (
    test_frames_become_small_grey_pictures,
    test_the_policy_is_a_sigmoid_over_relus,
    test_the_gradient_agrees_with_finite_differences,
    test_a_point_ends_what_is_discounted,
    test_returns_are_standardized,
    test_a_game_is_played_from_differences,
    test_a_game_may_be_truncated,
    test_a_batch_is_one_step_of_rmsprop,
    test_games_draw_from_their_number,
)
