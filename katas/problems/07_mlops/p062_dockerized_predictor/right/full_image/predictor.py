"""Serves a small classifier over HTTP; this is what the container runs."""

from __future__ import annotations

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import torch
from torch import nn


def make_net() -> nn.Module:
    """The classifier whose weights lie in model.pt: 4 numbers in, 3 scores out. Given; leave it as it is."""
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


def load_net(path: str) -> nn.Module:
    net = make_net()
    # weights_only: a pickle may run any code it likes when it is loaded.
    net.load_state_dict(torch.load(path, weights_only=True))
    # Dropout is for training; left on, the same input would get another answer each time.
    return net.eval()


def read_inputs(body: bytes) -> torch.Tensor:
    """Return the inputs as (n, 4) float32; raises ValueError that says what is wrong with them."""
    try:
        x = torch.tensor(json.loads(body)["inputs"], dtype=torch.float32)
    except (KeyError, TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ValueError('send {"inputs": [[a, b, c, d], ...]} with numbers') from error
    # json.loads accepts NaN and Infinity, and 1e39 is infinite in float32.
    if x.ndim != 2 or x.shape[1] != 4 or len(x) == 0 or not x.isfinite().all():
        raise ValueError("inputs must be one row or more of 4 finite numbers each")
    return x


def predict(net: nn.Module, x: torch.Tensor) -> dict[str, Any]:
    with torch.inference_mode():  # nothing is learned here, so no graph is kept
        probabilities = net(x).softmax(dim=1)  # (n, 3)
    return {"classes": probabilities.argmax(dim=1).tolist(), "probabilities": probabilities.tolist()}


class Handler(BaseHTTPRequestHandler):
    net: nn.Module

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        else:
            self.answer(404, {"error": f"no {self.path} here"})

    def do_POST(self) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
            self.answer(200, predict(self.net, read_inputs(self.rfile.read(length))))
        except ValueError as error:  # theirs to mend, so 400; the server lives on
            self.answer(400, {"error": str(error)})

    def answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Load the weights once, then answer requests on 0.0.0.0, at the port that PORT names, until SIGTERM comes."""
    Handler.net = load_net("model.pt")
    # 127.0.0.1 would be the container's own loopback, out of reach of everybody else. A thread for each client, so
    # that a silent one holds up nobody; they are daemons, so that none of them holds up the end.
    server = ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8000"))), Handler)
    # Process 1 of a container has no default reaction to SIGTERM: without this line `docker stop` waits ten seconds
    # and then kills, in the middle of whatever is being answered.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()


if __name__ == "__main__":
    main()

# In real life the server is uvicorn with FastAPI, or a ready one such as Triton or TorchServe, which also gather
# requests into batches; the outline of the container stays the same.
