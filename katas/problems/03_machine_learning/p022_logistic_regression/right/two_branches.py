"""Masks and log1p in place of one formula, and the bias as a column of ones."""

import numpy as np


def sigmoid(z):
    z = np.array(z, dtype=float)
    out = np.empty_like(z)
    up = z >= 0
    out[up] = 1 / (1 + np.exp(-z[up]))
    small = np.exp(z[~up])
    out[~up] = small / (1 + small)
    return out


def log_loss(X, y, w, b, l2=0.0):
    z = X.dot(w) + b
    signed = np.where(y.astype(bool), -z, z)
    return (np.maximum(signed, 0) + np.log1p(np.exp(-np.abs(signed)))).mean() + 0.5 * l2 * (w @ w)


def gradient(X, y, w, b, l2=0.0):
    wide = np.column_stack([X, np.ones(len(X))])
    full = wide.T @ (sigmoid(X @ w + b) - y) / len(X)
    return full[:-1] + l2 * w, full[-1]


class LogisticRegression:
    def __init__(self, learning_rate=0.1, n_steps=1000, l2=0.0):
        self.rate, self.n_steps, self.l2 = learning_rate, n_steps, l2

    def fit(self, X, y):
        if not np.all(np.isfinite(X)) or y.shape != X.shape[:1] or any(v not in (0, 1) for v in y.tolist()):
            raise ValueError("X must be finite, and y hold one 0 or 1 for each row")
        self.coef_ = np.zeros(X.shape[1])
        self.intercept_ = np.float64(0)
        losses = [log_loss(X, y, self.coef_, self.intercept_, self.l2)]
        while len(losses) <= self.n_steps:
            gw, gb = gradient(X, y, self.coef_, self.intercept_, self.l2)
            self.coef_ = self.coef_ - self.rate * gw
            self.intercept_ = self.intercept_ - self.rate * gb
            losses.append(log_loss(X, y, self.coef_, self.intercept_, self.l2))
        self.losses_ = np.array(losses)
        return self

    def predict_proba(self, X):
        return sigmoid(X @ self.coef_ + self.intercept_)

    def predict(self, X):
        return np.where(X @ self.coef_ + self.intercept_ >= 0, 1, 0)
