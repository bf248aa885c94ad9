"""Entity first: two lists for each feature, a lock that the same thread may take again, values as pickles."""
import pickle
import threading
import time
from bisect import bisect_right
from collections import defaultdict


class FeatureStore:
    def __init__(self, clock=time.time):
        self.clock = clock
        self.defaults = {}
        self.ttls = {}
        self.entities = {}
        self.lock = threading.RLock()

    def define(self, name, default=None, ttl=None):
        if ttl is not None and not ttl > 0:
            raise ValueError("ttl")
        with self.lock:
            self.defaults[name] = pickle.dumps(default)
            self.ttls[name] = float("inf") if ttl is None else ttl

    def write(self, entity, values, at=None):
        with self.lock:
            if at is None:
                at = self.clock()
            for name in values:
                self.defaults[name]
            features = self.entities.setdefault(entity, defaultdict(lambda: ([], [])))
            for name, value in values.items():
                times, pickles = features[name]
                i = bisect_right(times, at)
                times.insert(i, at)
                pickles.insert(i, pickle.dumps(value))

    def read(self, entity, names, at=None):
        with self.lock:
            if at is None:
                at = self.clock()
            row = {}
            for name in names:
                found, ttl = self.defaults[name], self.ttls[name]
                times, pickles = self.entities.get(entity, {}).get(name, ([], []))
                i = bisect_right(times, at) - 1
                if i >= 0 and at - times[i] <= ttl:
                    found = pickles[i]
                row[name] = pickle.loads(found)
            return row

    def read_batch(self, rows, names):
        with self.lock:
            now = self.clock()
            return [self.read(entity, names, now if at is None else at) for entity, at in rows]
