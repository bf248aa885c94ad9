"""One number: each variant owns a range as long as its share, of which the ramp opens the first part."""

import hashlib


def assign(user, experiment, weights, ramp=1.0):
    if not 0 <= ramp <= 1:
        raise ValueError(f"{ramp=}")
    total = float(sum(weights.values()))
    if any(not weight >= 0 for weight in weights.values()) or total <= 0:
        raise ValueError(f"{weights=}")
    key = hashlib.sha1(experiment.encode()).digest()
    digest = hashlib.blake2s(user.encode(), key=key, digest_size=6).digest()
    place = int.from_bytes(digest, "little") / 2**48
    start = 0.0
    for name, weight in sorted(weights.items()):
        share = weight / total
        if start <= place < start + share:
            return name if place < start + ramp * share else None
        start += share
    return None
