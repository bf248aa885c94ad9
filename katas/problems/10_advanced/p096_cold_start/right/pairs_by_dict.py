"""Plain Python: cosines by math, Counters for the votes, and a list that is sorted anew for each pick."""
import math
from collections import defaultdict


def cosine(a, b):
    below = math.sqrt(sum(x * x for x in a)) * math.sqrt(sum(y * y for y in b))
    return sum(x * y for x, y in zip(a, b)) / below if below else 0.0


class ColdStart:
    def __init__(self, features, damping=5.0, blend=3.0):
        self.features = {item: tuple(values) for item, values in features.items()}
        self.damping = damping
        self.blend = blend

    def fit(self, ratings):
        if not all(math.isfinite(rating) for _, _, rating in ratings):
            raise ValueError("a rating is not finite")
        self.by_item, self.by_user = defaultdict(list), defaultdict(dict)
        total = count = 0
        for user, item, rating in ratings:
            if item not in self.features:
                continue
            self.by_item[item].append(rating)
            self.by_user[user][item] = rating
            total, count = total + rating, count + 1
        self.mu = total / count if count else 0.0
        return self

    def popularity(self, item):
        if item not in self.features:
            raise KeyError(item)
        votes = self.by_item.get(item, [])
        weight = len(votes) + self.damping
        return (sum(votes) + self.damping * self.mu) / weight if weight else self.mu

    def score(self, user, item):
        base = self.popularity(item)
        seen = self.by_user.get(user, {})
        n = len(seen)
        if n == 0:
            return base
        mean = sum(cosine(self.features[item], self.features[j]) * (r - self.mu) for j, r in seen.items()) / n
        return base + n / (n + self.blend) * mean

    def recommend(self, user, k, diversity=0.0):
        seen = self.by_user.get(user, {})
        left = [(item, self.score(user, item)) for item in self.features if item not in seen]
        picked = []
        for _ in range(min(k, len(left))):

            def rank(pair):
                likeness = [cosine(self.features[pair[0]], self.features[p]) for p in picked]
                return pair[1] - diversity * (max(likeness) if likeness else 0.0)

            left.sort(key=rank, reverse=True)
            picked.append(left.pop(0)[0])
            order = list(self.features)
            left.sort(key=lambda pair: order.index(pair[0]))
        return picked
