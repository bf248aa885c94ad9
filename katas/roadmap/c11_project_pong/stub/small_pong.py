"""A small Pong, learned in seconds. Given: there is nothing to write here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SCORE_ROWS, HEIGHT, WIDTH = 4, 12, 14  # the field lies below the score
PADDLE, BALL = 6, 2  # their heights; both are 2 wide


class SmallPong:
    """Pong on 12 by 14 pixels, with the methods of a Gymnasium environment. The right paddle is yours.

    Action 2 moves it up by 2 pixels, 3 down by 2; others leave it where it is. The left one follows the ball at a
    sixth of this speed. A point for you is a reward of 1, a point for the other side -1. A game terminates when one
    side has three points, and is truncated after max_steps steps.
    """

    def __init__(self, max_steps: int = 1000) -> None:
        self.max_steps = max_steps
        self.rng = np.random.default_rng()

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Begin a game; return the first frame, uint8 (16, 14, 3), and an empty dict."""
        if seed is not None:
            self.rng = np.random.default_rng(seed)
        self.points = {1.0: 0, -1.0: 0}
        self.n_steps = 0
        self.left = self.right = (HEIGHT - PADDLE) // 2
        self._serve()
        return self._frame(), {}

    def step(self, action: int) -> tuple[NDArray[np.uint8], float, bool, bool, dict[str, Any]]:
        """Take a step; return the frame, the reward, terminated, truncated and an empty dict."""
        self.n_steps += 1
        lowest = HEIGHT - PADDLE
        self.right = min(max(self.right + {2: -2, 3: 2}.get(int(action), 0), 0), lowest)
        if self.n_steps % 3 == 0:
            off = self._off(self.left)
            self.left = min(max(self.left + (off > 0) - (off < 0), 0), lowest)
        reward = self._move_ball()
        terminated = 3 in self.points.values()
        return self._frame(), reward, terminated, not terminated and self.n_steps >= self.max_steps, {}

    def _serve(self) -> None:
        self.x, self.y = 2, int(self.rng.integers(HEIGHT - BALL + 1))
        self.dx, self.dy = 2, int(self.rng.integers(-1, 2))

    def _off(self, paddle: int) -> int:
        """How far the middle of the ball is below that of a paddle."""
        return self.y + BALL // 2 - paddle - PADDLE // 2

    def _move_ball(self) -> float:
        self.x += self.dx
        self.y += self.dy
        bottom = HEIGHT - BALL
        if not 0 <= self.y <= bottom:
            self.y = -self.y if self.y < 0 else 2 * bottom - self.y
            self.dy = -self.dy
        if 2 <= self.x <= WIDTH - 2 - BALL:
            return 0.0
        if abs(self._off(self.right if self.dx > 0 else self.left)) <= PADDLE // 2:
            self.dx = -self.dx
            self.x += self.dx
            self.dy = int(self.rng.integers(-2, 3))
            return 0.0
        reward = -1.0 if self.dx > 0 else 1.0
        self.points[reward] += 1
        self._serve()
        return reward

    def _frame(self) -> NDArray[np.uint8]:
        frame = np.zeros((SCORE_ROWS + HEIGHT, WIDTH, 3), np.uint8)
        for row, reward in enumerate((1.0, -1.0)):
            frame[2 * row, : 2 * self.points[reward]] = (200, 200, 40)
        field = frame[SCORE_ROWS:]
        field[self.left : self.left + PADDLE, :2] = (255, 160, 120)
        field[self.right : self.right + PADDLE, -2:] = (160, 255, 160)
        field[self.y : self.y + BALL, self.x : self.x + BALL] = 255
        return frame
