"""Column by column: builds the matrix of derivatives of each column and multiplies by it."""
import numpy as np


class BatchNorm:
    def __init__(self, n_features, momentum=0.1, eps=1e-5):
        self.n_features, self.momentum, self.eps = n_features, momentum, eps
        self.gamma, self.beta = np.full(n_features, 1.0), np.full(n_features, 0.0)
        self.running_mean, self.running_var = np.full(n_features, 0.0), np.full(n_features, 1.0)
        self.jacobians = None

    def forward(self, x, training=True):
        if x.ndim != 2 or x.shape[1] != self.n_features:
            raise ValueError("x must be (n, n_features)")
        n = x.shape[0]
        if training and n == 1:
            raise ValueError("one row")
        out = np.zeros(x.shape)
        self.hats, self.jacobians = np.zeros(x.shape), []
        for j in range(self.n_features):
            column = np.array(x[:, j], dtype=np.float64)
            if training:
                mean = np.sum(column) / n
                centred = column - mean
                var = np.dot(centred, centred) / n
                self.running_mean[j] = (1 - self.momentum) * self.running_mean[j] + self.momentum * mean
                unbiased = np.var(column, ddof=1)
                self.running_var[j] = (1 - self.momentum) * self.running_var[j] + self.momentum * unbiased
            else:
                centred = column - self.running_mean[j]
                var = self.running_var[j]
            scale = (var + self.eps) ** -0.5
            hat = centred * scale
            jacobian = np.eye(n)
            if training:
                jacobian = jacobian - 1 / n - np.outer(hat, hat) / n
            self.jacobians.append(jacobian * scale)
            self.hats[:, j] = hat
            out[:, j] = self.gamma[j] * hat + self.beta[j]
        return out

    def backward(self, upstream):
        upstream = np.asarray(upstream, dtype=float)
        d_x = np.zeros(upstream.shape)
        for j, jacobian in enumerate(self.jacobians):
            d_x[:, j] = jacobian.T @ upstream[:, j] * self.gamma[j]
        d_gamma = np.einsum("nd,nd->d", upstream, self.hats)
        return d_x, d_gamma, np.einsum("nd->d", upstream)
