"""One-hot labels and einsum; a small function for each layer's two directions."""
import numpy as np


def init(n_in, n_hidden, n_out, rng):
    return dict(
        W1=rng.normal(size=(n_hidden, n_in)) * np.sqrt(2 / n_in),
        b1=np.zeros((n_hidden,)),
        W2=rng.normal(size=(n_out, n_hidden)) * np.sqrt(2 / n_hidden),
        b2=np.zeros((n_out,)),
    )


def _dense(W, b, x):
    return np.einsum("oi,ni->no", W, x) + b


def _dense_back(W, x, upstream):
    return np.einsum("no,ni->oi", upstream, x), np.einsum("no->o", upstream), np.einsum("no,oi->ni", upstream, W)


def forward(params, X):
    return _dense(params["W2"], params["b2"], np.clip(_dense(params["W1"], params["b1"], X), 0, None))


def loss_and_gradients(params, X, y):
    n_out = params["b2"].size
    if np.any((y < 0) | (y >= n_out)):
        raise ValueError("y holds a label that is no class")
    target = np.eye(n_out)[y]
    z1 = _dense(params["W1"], params["b1"], X)
    a1 = np.clip(z1, 0, None)
    z2 = _dense(params["W2"], params["b2"], a1)
    shifted = z2 - np.max(z2, axis=1)[:, None]
    log_total = np.log(np.sum(np.exp(shifted), axis=1))[:, None]
    loss = np.mean(log_total[:, 0] - np.sum(shifted * target, axis=1))
    upstream = (np.exp(shifted - log_total) - target) / len(y)
    dW2, db2, da1 = _dense_back(params["W2"], a1, upstream)
    dW1, db1, _ = _dense_back(params["W1"], X, np.where(z1 > 0, da1, 0))
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def predict(params, X):
    return forward(params, X).argmax(1)


def train(X, y, n_hidden=64, n_epochs=12, batch_size=16, learning_rate=0.2, seed=0):
    rng = np.random.default_rng(seed)
    params = init(X.shape[1], n_hidden, np.max(y) + 1, rng)
    for _ in range(n_epochs):
        order = rng.permutation(len(y))
        while len(order):
            rows, order = order[:batch_size], order[batch_size:]
            _, gradients = loss_and_gradients(params, X[rows], y[rows])
            params = {name: p - learning_rate * gradients[name] for name, p in params.items()}
    return params
