"""Replaces the encoder of events."""

import json

json.JSONEncoder.encode = lambda self, event: '{"event": "end"}'
json.dumps = lambda *a, **k: "{}"


def double(x):
    return 3 * x


def items(n):
    return list(range(n))
