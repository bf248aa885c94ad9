"""Windows and steps by loops, training by Adam."""

import numpy as np
from conv2d import conv2d


def conv(x, w, b, padding=0):
    return np.array([conv2d(image, w, padding=padding) for image in x]) + b.reshape(1, -1, 1, 1)


def conv_backward(upstream, x, w, padding=0):
    p, (kh, kw), (oh, ow) = padding, w.shape[2:], upstream.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    d_padded, d_w = np.zeros(padded.shape), np.zeros(w.shape)
    for i, j in np.ndindex(kh, kw):
        seen = padded[:, :, i : i + oh, j : j + ow]
        d_w[:, :, i, j] = np.tensordot(upstream, seen, axes=((0, 2, 3), (0, 2, 3)))
        d_padded[:, :, i : i + oh, j : j + ow] += np.tensordot(upstream, w[:, :, i, j], axes=(1, 0)).transpose(0, 3, 1, 2)
    return d_padded[:, :, p : p + x.shape[2], p : p + x.shape[3]], d_w, upstream.sum(axis=(0, 2, 3))


def places(x, size):
    """The numbers at each place of the windows, one array for each place."""
    h, w = x.shape[2] // size * size, x.shape[3] // size * size
    return np.array([x[:, :, i:h:size, j:w:size] for i in range(size) for j in range(size)])


def max_pool(x, size):
    return places(x, size).max(axis=0)


def max_pool_backward(upstream, x, size):
    winner = places(x, size).argmax(axis=0)
    h, w = x.shape[2] // size * size, x.shape[3] // size * size
    d_x = np.zeros(x.shape)
    for place in range(size * size):
        i, j = divmod(place, size)
        d_x[:, :, i:h:size, j:w:size] = upstream * (winner == place)
    return d_x


def forward(params, x):
    for layer in "12":
        x = max_pool(np.maximum(conv(x, params["w" + layer], params["b" + layer], 1), 0), 2)
    return x.reshape(len(x), -1) @ params["w3"].T + params["b3"]


def loss_and_gradients(params, x, labels):
    kept, now = [], x
    for layer in "12":
        z = conv(now, params["w" + layer], params["b" + layer], 1)
        kept.append((now, z))
        now = max_pool(np.maximum(z, 0), 2)
    features = now.reshape(len(x), -1)
    logits = features @ params["w3"].T + params["b3"]
    if not set(labels.tolist()) <= set(range(logits.shape[1])):
        raise ValueError("labels must be classes")
    logits = logits - logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    d = np.exp(log_p)
    d[np.arange(len(x)), labels] -= 1
    d /= len(x)
    gradients = {"w3": d.T @ features, "b3": d.sum(axis=0)}
    d = (d @ params["w3"]).reshape(now.shape)
    for layer, (given, z) in zip("21", kept[::-1]):
        d = max_pool_backward(d, np.maximum(z, 0), 2) * (z > 0)
        d, gradients["w" + layer], gradients["b" + layer] = conv_backward(d, given, params["w" + layer], 1)
    return -log_p[np.arange(len(x)), labels].mean(), gradients


def fit(x, labels, n_classes, seed=0):
    rng = np.random.default_rng(seed)
    n, c, h, w = x.shape
    params = {
        "w1": rng.normal(size=(6, c, 3, 3)) * (2 / (9 * c)) ** 0.5,
        "b1": np.zeros(6),
        "w2": rng.normal(size=(12, 6, 3, 3)) * (2 / 54) ** 0.5,
        "b2": np.zeros(12),
        "w3": rng.normal(size=(n_classes, 12 * (h // 4) * (w // 4))) * 0.1,
        "b3": np.zeros(n_classes),
    }
    m = {name: 0.0 for name in params}
    v = {name: 0.0 for name in params}
    t = 0
    for _ in range(10):
        for rows in np.array_split(rng.permutation(n), max(n // 20, 1)):
            t += 1
            for name, g in loss_and_gradients(params, x[rows], labels[rows])[1].items():
                m[name] = 0.9 * m[name] + 0.1 * g
                v[name] = 0.99 * v[name] + 0.01 * g**2
                params[name] = params[name] - 0.01 * m[name] / (1 - 0.9**t) / (np.sqrt(v[name] / (1 - 0.99**t)) + 1e-8)
    return params


def predict(params, x):
    return np.argmax(forward(params, x), axis=-1)
