"""Starting weights that keep the size of a signal: Xavier's and He's."""

import math

import numpy as np
from numpy.typing import NDArray


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (fan_in, fan_out) of weights of the shape (n_out, n_in) or (n_out, n_in, *kernel).

    Raises ValueError for a shape with fewer than two axes.
    """
    if len(shape) < 2:
        raise ValueError(f"shape must have at least two axes, got {shape}")
    n_out, n_in, *kernel = shape
    places = math.prod(kernel)  # 1 for a dense layer: the product of no numbers
    return n_in * places, n_out * places


def xavier(shape: tuple[int, ...], rng: np.random.Generator, kind: str = "normal") -> NDArray[np.float64]:
    """Draw weights with mean 0 and variance 2 / (fan_in + fan_out), float64.

    kind: "normal" or "uniform".
    Raises ValueError for another kind, and as fans does.
    """
    # A neuron adds up fan_in products, so 1 / fan_in keeps the variance forward; backward it is 1 / fan_out. One number
    # cannot be both, and this one lies between.
    fan_in, fan_out = fans(shape)
    return _draw(shape, rng, kind, 2 / (fan_in + fan_out))


def he(
    shape: tuple[int, ...], rng: np.random.Generator, kind: str = "normal", mode: str = "fan_in"
) -> NDArray[np.float64]:
    """Draw weights with mean 0 and variance 2 / fan, for layers with ReLU, float64.

    kind: "normal" or "uniform". mode: which fan, "fan_in" or "fan_out".
    Raises ValueError for another kind or mode, and as fans does.
    """
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode must be "fan_in" or "fan_out", got {mode!r}')
    fan_in, fan_out = fans(shape)
    # ReLU sets half of a symmetric signal to zero, and with it half of the mean square: twice the variance restores it.
    return _draw(shape, rng, kind, 2 / (fan_in if mode == "fan_in" else fan_out))


def _draw(shape: tuple[int, ...], rng: np.random.Generator, kind: str, variance: float) -> NDArray[np.float64]:
    """Draw independent numbers with mean 0 and this variance."""
    if kind == "normal":
        return rng.normal(0.0, math.sqrt(variance), shape)
    if kind == "uniform":
        # Evenly between -b and b, the mean of x² is b² / 3.
        bound = math.sqrt(3 * variance)
        return rng.uniform(-bound, bound, shape)
    raise ValueError(f'kind must be "normal" or "uniform", got {kind!r}')


# torch.nn.init has both as xavier_normal_, kaiming_uniform_ and so on: they fill a tensor in place, and take a gain for
# other activations (5/3 for tanh). Biases start as zeros. Normalization layers and residual connections have made
# networks less sensitive to this choice, but a model without them still does not train when it is wrong.
