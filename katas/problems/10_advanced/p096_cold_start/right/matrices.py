"""One matrix of cosines and one vector of scores; picks by argmax."""
import numpy as np


class ColdStart:
    def __init__(self, features, damping=5.0, blend=3.0):
        self.items = list(features)
        self.index = {item: i for i, item in enumerate(self.items)}
        table = np.array([list(features[item]) for item in self.items], dtype=float).reshape(len(self.items), -1)
        norms = np.sqrt((table**2).sum(axis=1))
        table = table / np.where(norms == 0, 1, norms)[:, None]
        self.cosines = table @ table.T
        self.damping, self.blend = damping, blend

    def fit(self, ratings):
        known = []
        for user, item, rating in ratings:
            if np.isnan(rating) or np.isinf(rating):
                raise ValueError("ratings must be finite")
            if item in self.index:
                known.append((user, self.index[item], float(rating)))
        self.mu = np.mean([r for _, _, r in known]) if known else 0.0
        sums, counts = np.zeros(len(self.items)), np.zeros(len(self.items))
        self.users = {}
        for user, i, rating in known:
            sums[i] += rating
            counts[i] += 1
            self.users.setdefault(user, {})[i] = rating
        below = counts + self.damping
        self.popular = np.where(counts == 0, self.mu, (sums + self.damping * self.mu) / np.where(below == 0, 1, below))
        return self

    def _scores(self, user):
        seen = self.users.get(user)
        if not seen:
            return self.popular.copy()
        indices, values = list(seen), np.array(list(seen.values()))
        n = len(indices)
        taste = (self.cosines[:, indices] * (values - self.mu)).mean(axis=1)
        return self.popular + n / (n + self.blend) * taste

    def popularity(self, item):
        return self.popular[self.index[item]]

    def score(self, user, item):
        return float(self._scores(user)[self.index[item]])

    def recommend(self, user, k, diversity=0.0):
        scores = self._scores(user)
        scores[list(self.users.get(user, {}))] = -np.inf
        picked = []
        for _ in range(min(k, int(np.isfinite(scores).sum()))):
            values = scores - diversity * self.cosines[:, picked].max(axis=1) if picked else scores
            best = int(np.argmax(values))
            picked.append(best)
            scores[best] = -np.inf
        return [self.items[i] for i in picked]
