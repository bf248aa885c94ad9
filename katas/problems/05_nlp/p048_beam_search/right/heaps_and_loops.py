"""Plain loops and heapq; stops once nothing that is live can enter the result any more."""

import heapq
import math


def beam_search(model, end, width, max_length, alpha=0.0):
    """See the task."""
    if width < 1:
        raise ValueError("width")
    if max_length < 1:
        raise ValueError("max_length")
    beam = [(0.0, ())]
    done = []
    for n in range(1, max_length + 1):
        candidates = []
        for total, tokens in beam:
            for token, log_p in enumerate(model(tokens).tolist()):
                if log_p != -math.inf:
                    candidates.append((total + log_p, tokens + (token,)))
        beam = []
        for total, tokens in heapq.nlargest(width, candidates):
            if tokens[-1] == end or n == max_length:
                heapq.heappush(done, (total / n**alpha, tokens))
                if len(done) > width:
                    heapq.heappop(done)
            else:
                beam.append((total, tokens))
        if not beam:
            break
        # From here on log p can only fall, and n only grow.
        if len(done) == width and beam[0][0] / max_length**alpha < done[0][0]:
            break
    return [(tokens, score) for score, tokens in sorted(done, reverse=True)]
