"""One step of the chain rule after the other, as in the paper."""
import numpy as np


class BatchNorm:
    def __init__(self, n_features, momentum=0.1, eps=1e-5):
        self.gamma = np.ones(n_features)
        self.beta = np.zeros(n_features)
        self.running_mean = np.zeros(n_features)
        self.running_var = np.ones(n_features)
        self.m = momentum
        self.eps = eps

    def forward(self, x, training=True):
        if x.ndim != 2 or x.shape[1] != self.gamma.size:
            raise ValueError(f"shape {x.shape}")
        x = np.float64(x)
        N = x.shape[0]
        if not training:
            std = np.sqrt(self.running_var + self.eps)
            self.cache = (None, std, (x - self.running_mean) / std)
            return (x - self.running_mean) / std * self.gamma + self.beta
        if N < 2:
            raise ValueError("at least two rows")
        mu = x.mean(0, keepdims=True)
        xmu = x - mu
        var = (xmu**2).mean(0)
        self.running_mean *= 1 - self.m
        self.running_mean += self.m * mu[0]
        self.running_var *= 1 - self.m
        self.running_var += self.m * x.var(axis=0, ddof=1)
        std = np.sqrt(var + self.eps)
        self.cache = (xmu, std, xmu / std)
        return xmu / std * self.gamma + self.beta

    def backward(self, upstream):
        xmu, std, xhat = self.cache
        upstream = np.float64(upstream)
        N = len(upstream)
        dbeta = upstream.sum(0)
        dgamma = (upstream * xhat).sum(0)
        dxhat = upstream * self.gamma
        if xmu is None:
            return dxhat / std, dgamma, dbeta
        dvar = (dxhat * xmu).sum(0) * -0.5 * std**-3
        dxmu = dxhat / std + dvar * 2 * xmu / N
        dmu = -dxmu.sum(0)
        dx = dxmu + dmu / N
        return dx, dgamma, dbeta
