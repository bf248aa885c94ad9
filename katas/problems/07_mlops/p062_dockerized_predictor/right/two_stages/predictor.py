"""A server that is stopped from another thread, and can ask itself how it is."""

import json
import os
import signal
import socketserver
import sys
import threading
import urllib.request
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer

import torch
from torch import nn


def make_net():
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))


class Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True


class BadRequest(Exception):
    pass


def rows_of(body):
    try:
        document = json.loads(body.decode())
    except ValueError:
        raise BadRequest("not JSON")
    rows = document.get("inputs") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not rows:
        raise BadRequest("no inputs")
    for row in rows:
        if not isinstance(row, list) or len(row) != 4:
            raise BadRequest("a row needs four numbers")
        for value in row:
            if type(value) not in (int, float) or not abs(value) < 3.4e38:
                raise BadRequest("not a finite number")
    return rows


def handler_for(net):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def reply(self, status, document):
            data = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self):
            known = self.path == "/health"
            self.reply(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND, {"status": "ok"} if known else {})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            if self.path != "/predict":
                return self.reply(404, {})
            try:
                rows = rows_of(body)
            except BadRequest as error:
                return self.reply(400, {"error": str(error)})
            with torch.no_grad():
                p = torch.softmax(net(torch.tensor(rows, dtype=torch.float)), -1)
            self.reply(200, {"probabilities": p.tolist(), "classes": p.max(-1).indices.tolist()})

    return Handler


def serve():
    net = make_net()
    net.load_state_dict(torch.load(os.getenv("MODEL_PATH", "model.pt")))
    net.train(False)
    server = Server(("", int(os.getenv("PORT", 8000))), handler_for(net))
    signal.signal(signal.SIGTERM, lambda *a: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    if "--health" in sys.argv:
        urllib.request.urlopen(f"http://localhost:{os.environ['PORT']}/health", timeout=3)
    else:
        serve()
