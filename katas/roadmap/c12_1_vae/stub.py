"""A variational autoencoder for small grey images: encoder, reparameterisation, loss, training and sampling."""

from torch import Generator, Tensor, nn


def reparameterize(mean: Tensor, log_var: Tensor, generator: Generator | None = None) -> Tensor:
    """Return a draw from the normal distributions of these means and log variances, as a function of both.

    mean, log_var: any shape, that of the result. generator: where the noise comes from, by default torch's global one.
    """
    raise NotImplementedError


def kl_divergence(mean: Tensor, log_var: Tensor) -> Tensor:
    """Return for each row the KL divergence of its normal distribution from the standard normal one: (B,).

    mean, log_var: (B, n_latent).
    """
    raise NotImplementedError


class VAE(nn.Module):
    """An encoder to a normal distribution over a latent space, and a decoder from there to the logits of pixels."""

    def __init__(self, n_inputs: int = 64, n_hidden: int = 128, n_latent: int = 2) -> None:
        """Given: the layers."""
        super().__init__()
        self.n_latent = n_latent
        self.hidden = nn.Sequential(nn.Linear(n_inputs, n_hidden), nn.ReLU())
        self.mean = nn.Linear(n_hidden, n_latent)
        self.log_var = nn.Linear(n_hidden, n_latent)
        self.decoder = nn.Sequential(nn.Linear(n_latent, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_inputs))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the means and log variances of images (B, n_inputs): twice (B, n_latent)."""
        raise NotImplementedError

    def decode(self, z: Tensor) -> Tensor:
        """Return the logits of pixels (B, n_inputs) for points of the latent space (B, n_latent)."""
        raise NotImplementedError

    def forward(self, x: Tensor, generator: Generator | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return (logits, mean, log_var) of images (B, n_inputs), decoded from one draw each."""
        raise NotImplementedError


def vae_loss(logits: Tensor, x: Tensor, mean: Tensor, log_var: Tensor, beta: float = 1.0) -> Tensor:
    """Return the mean over images of cross-entropy, summed over pixels, plus beta times the KL divergence: a scalar.

    x: pixels from 0 to 1, of the shape of logits (B, n_inputs).
    """
    raise NotImplementedError


def train(
    model: VAE, x: Tensor, epochs: int, generator: Generator, batch_size: int = 64, learning_rate: float = 3e-3
) -> list[float]:
    """Train by Adam on shuffled batches and return for each epoch the mean loss of its images, as they were met.

    x: (n, n_inputs). Each image comes once in an epoch; the last batch may be smaller.
    """
    raise NotImplementedError


def sample(model: VAE, n: int, generator: Generator) -> Tensor:
    """Return n new images, probabilities of pixels (n, n_inputs), decoded from draws of the standard normal."""
    raise NotImplementedError


def interpolate(model: VAE, a: Tensor, b: Tensor, steps: int) -> Tensor:
    """Return images (steps, n_inputs) decoded from equal steps on the line between the means of images a and b.

    a, b: (n_inputs,). The first image is decoded from the mean of a, the last from that of b.
    """
    raise NotImplementedError
