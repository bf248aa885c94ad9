"""Three small worlds to try your agents in. Given: there is nothing to write here."""

import numpy as np


class GridWorld:
    """A map of cells: S is the start, # a wall, G the goal (reward 1), X a pit (reward -1); G and X end the episode.

    Actions: 0 up, 1 right, 2 down, 3 left. A step into a wall or off the map stays where it is. Any other step costs
    0.04. A state is a cell's number, row by row.
    """

    def __init__(self, rows: tuple[str, ...] = ("S....", ".##.X", "....#", ".#..G")) -> None:
        self.rows = rows
        self.width = len(rows[0])
        self.n_states = len(rows) * self.width
        self.n_actions = 4
        self.state = 0

    def reset(self) -> int:
        """Go to the start and return its state."""
        self.state = "".join(self.rows).index("S")
        return self.state

    def step(self, action: int) -> tuple[int, float, bool]:
        """Take a step; return the state it leads to, the reward, and whether the episode has ended there."""
        row, column = divmod(self.state, self.width)
        down, right = ((-1, 0), (0, 1), (1, 0), (0, -1))[action]
        inside = 0 <= row + down < len(self.rows) and 0 <= column + right < self.width
        if inside and self.rows[row + down][column + right] != "#":
            self.state = (row + down) * self.width + column + right
        cell = "".join(self.rows)[self.state]
        return self.state, {"G": 1.0, "X": -1.0}.get(cell, -0.04), cell in "GX"


class Bandit:
    """A row of slot machines, each with its mean reward; an episode is one pull, and there is one state."""

    def __init__(self, means: tuple[float, ...], rng: np.random.Generator) -> None:
        self.means = means
        self.rng = rng
        self.n_states = 1
        self.n_actions = len(means)

    def reset(self) -> int:
        """Return the only state."""
        return 0

    def step(self, action: int) -> tuple[int, float, bool]:
        """Pull one machine."""
        return 0, float(self.rng.normal(self.means[action], 1.0)), True


class Corridor:
    """A corridor of n cells from left to right; actions 0 left, 1 right; each step costs 1, the last cell ends it."""

    def __init__(self, n: int = 6) -> None:
        self.n_states = n
        self.n_actions = 2
        self.state = 0

    def reset(self) -> int:
        """Go to the leftmost cell."""
        self.state = 0
        return self.state

    def step(self, action: int) -> tuple[int, float, bool]:
        """Go one cell to the left or to the right; at the left end there is a wall."""
        self.state = max(self.state + (1 if action == 1 else -1), 0)
        return self.state, -1.0, self.state == self.n_states - 1
