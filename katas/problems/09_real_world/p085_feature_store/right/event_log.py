"""A log that is replaced, never changed: who reads takes the log of that instant and needs no lock."""
import threading
import time
from copy import deepcopy


class FeatureStore:
    def __init__(self, clock=time.time):
        self.clock, self.features, self.log, self.writing = clock, {}, (), threading.Lock()

    def define(self, name, default=None, ttl=None):
        if ttl is not None and ttl <= 0:
            raise ValueError(f"ttl = {ttl}")
        self.features = {**self.features, name: (deepcopy(default), ttl)}

    def write(self, entity, values, at=None):
        if not values.keys() <= self.features.keys():
            raise KeyError(*values.keys() - self.features.keys())
        event = (self.clock() if at is None else at, entity, deepcopy(dict(values)))
        with self.writing:
            self.log = (*self.log, event)

    def read(self, entity, names, at=None):
        (row,) = self.read_batch([(entity, at)], names)
        return row

    def read_batch(self, rows, names):
        log, features, now = self.log, self.features, self.clock()
        out = []
        for entity, at in rows:
            at = now if at is None else at
            row = {}
            for name in names:
                default, ttl = features[name]
                known = [(t, v[name]) for t, e, v in log if e == entity and t <= at and name in v]
                since, value = max(known, key=lambda item: item[0], default=(at, default))
                last = [v for t, v in known if t == since]
                value = last[-1] if last else value
                row[name] = deepcopy(default if ttl is not None and at - since > ttl else value)
            out.append(row)
        return out
