"""Serves a small classifier over HTTP; this is what the container runs."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import torch
from torch import nn

MAX_BODY = 64 * 1024 * 1024


def make_net() -> nn.Module:
    """The classifier whose weights lie in model.pt: 4 numbers in, 3 scores out. Given; leave it as it is."""
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


def load_net(path: str) -> nn.Module:
    """The net with its trained weights, ready to predict (no dropout)."""
    net = make_net()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return net.eval()


def read_rows(raw: bytes) -> list[list[float]]:
    """The inputs that a body holds. ValueError, with a message for the client, when there are none."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ValueError("the body is not JSON") from error
    if not isinstance(body, dict) or "inputs" not in body:
        raise ValueError("the body has no inputs")
    rows = body["inputs"]
    if not isinstance(rows, list) or not rows:
        raise ValueError("inputs must be a list of one row or more")
    return [read_row(row) for row in rows]


def read_row(row: Any) -> list[float]:
    """One row as floats. ValueError unless it is 4 finite numbers."""
    if not isinstance(row, list) or len(row) != 4:
        raise ValueError("each row of inputs must be a list of 4 numbers")
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in row):
        raise ValueError("inputs must hold numbers only")
    try:
        values = [float(value) for value in row]
    except OverflowError as error:
        raise ValueError("inputs must be finite") from error
    if not all(math.isfinite(value) for value in values):
        raise ValueError("inputs must be finite")
    return values


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    net: nn.Module
    timeout = 30

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        else:
            self.answer(404, {"error": f"there is no {self.path}"})

    def do_POST(self) -> None:
        try:
            length = int(self.headers.get("Content-Length", 0))
        except ValueError:
            length = 0
        raw = self.rfile.read(length) if 0 < length <= MAX_BODY else b""
        if self.path != "/predict":
            self.answer(404, {"error": f"there is no {self.path}"})
            return
        try:
            rows = read_rows(raw)
        except ValueError as error:
            self.answer(400, {"error": str(error)})
            return
        with torch.inference_mode():
            probabilities = self.net(torch.tensor(rows, dtype=torch.float32)).softmax(dim=1)
        if not torch.isfinite(probabilities).all():
            self.answer(400, {"error": "inputs are too large"})
            return
        self.answer(200, {"classes": probabilities.argmax(dim=1).tolist(), "probabilities": probabilities.tolist()})

    def answer(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    """A thread for each connection; none of them holds up the end."""

    daemon_threads = True


def stop(*_: object) -> None:
    """SIGTERM: leave serve_forever."""
    sys.exit(0)


def main() -> None:
    """Load the weights once, then answer requests on 0.0.0.0, at the port that PORT names, until SIGTERM comes."""
    signal.signal(signal.SIGTERM, stop)
    Handler.net = load_net(os.environ.get("MODEL_PATH", "model.pt"))
    with Server(("0.0.0.0", int(os.environ.get("PORT", "8000"))), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
