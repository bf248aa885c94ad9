"""A variational autoencoder for small grey images: encoder, reparameterisation, loss, training and sampling."""

import torch
from torch import Generator, Tensor, nn


def reparameterize(mean: Tensor, log_var: Tensor, generator: Generator | None = None) -> Tensor:
    """Return a draw from the normal distributions of these means and log variances, as a function of both.

    mean, log_var: any shape, that of the result. generator: where the noise comes from, by default torch's global one.
    """
    # A draw itself has no derivative. With the randomness in eps alone, z is a plain function of mean and log_var.
    eps = torch.randn(mean.shape, generator=generator, dtype=mean.dtype)
    return mean + torch.exp(0.5 * log_var) * eps


def kl_divergence(mean: Tensor, log_var: Tensor) -> Tensor:
    """Return for each row the KL divergence of its normal distribution from the standard normal one: (B,).

    mean, log_var: (B, n_latent).
    """
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(dim=1)


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
        h = self.hidden(x)  # (B, n_hidden)
        # A logarithm may be any number, so a plain linear layer can make it, and the variance is positive.
        return self.mean(h), self.log_var(h)

    def decode(self, z: Tensor) -> Tensor:
        """Return the logits of pixels (B, n_inputs) for points of the latent space (B, n_latent)."""
        logits: Tensor = self.decoder(z)
        return logits

    def forward(self, x: Tensor, generator: Generator | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return (logits, mean, log_var) of images (B, n_inputs), decoded from one draw each."""
        mean, log_var = self.encode(x)
        return self.decode(reparameterize(mean, log_var, generator)), mean, log_var


def vae_loss(logits: Tensor, x: Tensor, mean: Tensor, log_var: Tensor, beta: float = 1.0) -> Tensor:
    """Return the mean over images of cross-entropy, summed over pixels, plus beta times the KL divergence: a scalar.

    x: pixels from 0 to 1, of the shape of logits (B, n_inputs).
    """
    # From logits: log(sigmoid(x)) as two steps is log(0) for a logit of -1000.
    pixels = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")  # (B, n_inputs)
    # Summed, as both terms are logarithms of probabilities of one whole image; a mean would weaken the pixels 64-fold.
    return (pixels.sum(dim=1) + beta * kl_divergence(mean, log_var)).mean()


def train(
    model: VAE, x: Tensor, epochs: int, generator: Generator, batch_size: int = 64, learning_rate: float = 3e-3
) -> list[float]:
    """Train by Adam on shuffled batches and return for each epoch the mean loss of its images, as they were met.

    x: (n, n_inputs). Each image comes once in an epoch; the last batch may be smaller.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        order = torch.randperm(len(x), generator=generator)
        for start in range(0, len(x), batch_size):
            batch = x[order[start : start + batch_size]]  # (batch_size, n_inputs), the last one maybe fewer
            logits, mean, log_var = model(batch, generator)
            loss = vae_loss(logits, batch, mean, log_var)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(x))
    return losses


@torch.no_grad()
def sample(model: VAE, n: int, generator: Generator) -> Tensor:
    """Return n new images, probabilities of pixels (n, n_inputs), decoded from draws of the standard normal."""
    z = torch.randn(n, model.n_latent, generator=generator)
    return model.decode(z).sigmoid()


@torch.no_grad()
def interpolate(model: VAE, a: Tensor, b: Tensor, steps: int) -> Tensor:
    """Return images (steps, n_inputs) decoded from equal steps on the line between the means of images a and b.

    a, b: (n_inputs,). The first image is decoded from the mean of a, the last from that of b.
    """
    means, _ = model.encode(torch.stack([a, b]))  # (2, n_latent)
    share = torch.linspace(0, 1, steps)[:, None]  # (steps, 1)
    return model.decode(torch.lerp(means[0], means[1], share)).sigmoid()


# On faces or landscapes encoder and decoder are convolutional, and beta is raised slowly from 0, lest the decoder learn
# to do without z. Latent diffusion runs in the space of such an autoencoder.
