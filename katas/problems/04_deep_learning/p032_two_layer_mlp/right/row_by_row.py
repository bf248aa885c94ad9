"""Gradients as sums over single rows, by outer products; training with momentum."""
import numpy as np


def init(n_in, n_hidden, n_out, rng):
    def weights(rows, columns):
        return rng.standard_normal((rows, columns)) * (2 / columns) ** 0.5

    return {
        "b1": np.zeros(n_hidden),
        "b2": np.zeros(n_out),
        "W1": weights(n_hidden, n_in),
        "W2": weights(n_out, n_hidden),
    }


def forward(params, X):
    h = params["W1"] @ X.T + params["b1"][:, None]
    return (params["W2"] @ (h * (h > 0)) + params["b2"][:, None]).T


def loss_and_gradients(params, X, y):
    total, grads = 0.0, {k: np.zeros_like(v) for k, v in params.items()}
    for x, label in zip(X, y, strict=True):
        if not 0 <= label < params["W2"].shape[0]:
            raise ValueError(f"label {label}")
        z = params["W1"] @ x + params["b1"]
        a = np.where(z > 0, z, 0)
        s = params["W2"] @ a + params["b2"]
        s = s - s.max()
        log_sum = np.log(np.exp(s).sum())
        total += log_sum - s[label]
        ds = np.exp(s - log_sum)
        ds[label] -= 1
        dz = np.where(z > 0, params["W2"].T @ ds, 0)
        grads["W2"] += np.outer(ds, a)
        grads["b2"] += ds
        grads["W1"] += np.outer(dz, x)
        grads["b1"] += dz
    return total / len(X), {k: g / len(X) for k, g in grads.items()}


def predict(params, X):
    return np.argmax(forward(params, X), axis=-1)


def train(X, y, n_hidden=64, n_epochs=12, batch_size=16, learning_rate=0.2, seed=0):
    rng = np.random.default_rng(seed)
    params = init(X.shape[1], n_hidden, 1 + max(y.tolist()), rng)
    speed = {k: np.zeros_like(v) for k, v in params.items()}
    # A smaller rate and fewer passes, as momentum makes ten steps of one.
    for _ in range(max(1, n_epochs // 2)):
        order = rng.permutation(len(X))
        for rows in np.array_split(order, max(1, len(X) // batch_size)):
            _, grads = loss_and_gradients(params, X[rows], y[rows])
            for k in params:
                speed[k] = 0.9 * speed[k] - 0.2 * learning_rate * grads[k]
                params[k] = params[k] + speed[k]
    return params
