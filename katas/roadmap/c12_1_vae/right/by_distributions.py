"""With torch.distributions and a DataLoader."""

import torch
from torch import nn
from torch.distributions import Normal, kl
from torch.utils.data import DataLoader


def reparameterize(mean, log_var, generator=None):
    return torch.empty_like(mean).normal_(generator=generator) * log_var.exp().sqrt() + mean


def kl_divergence(mean, log_var):
    return kl.kl_divergence(Normal(mean, torch.exp(log_var / 2)), Normal(0.0, 1.0)).sum(-1)


class VAE(nn.Module):
    def __init__(self, n_inputs=64, n_hidden=128, n_latent=2):
        super().__init__()
        self.n_latent = n_latent
        self.hidden = nn.Sequential(nn.Linear(n_inputs, n_hidden), nn.ReLU())
        self.mean = nn.Linear(n_hidden, n_latent)
        self.log_var = nn.Linear(n_hidden, n_latent)
        self.decoder = nn.Sequential(nn.Linear(n_latent, n_hidden), nn.ReLU(), nn.Linear(n_hidden, n_inputs))

    def encode(self, x):
        h = self.hidden(x)
        return self.mean(h), self.log_var(h)

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x, generator=None):
        mean, log_var = self.encode(x)
        return self.decode(reparameterize(mean, log_var, generator)), mean, log_var


def vae_loss(logits, x, mean, log_var, beta=1.0):
    pixels = nn.BCEWithLogitsLoss(reduction="sum")(logits, x)
    return pixels / len(x) + beta * kl_divergence(mean, log_var).mean()


def train(model, x, epochs, generator, batch_size=64, learning_rate=3e-3):
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in DataLoader(x, batch_size, shuffle=True, generator=generator):
            logits, mean, log_var = model(batch, generator)
            loss = vae_loss(logits, batch, mean, log_var)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss) * len(batch)
        losses.append(total / len(x))
    return losses


def sample(model, n, generator):
    zeros = torch.zeros(n, model.n_latent)
    return torch.sigmoid(model.decode(reparameterize(zeros, zeros, generator))).detach()


def interpolate(model, a, b, steps):
    (start, _), (end, _) = model.encode(a[None]), model.encode(b[None])
    points = [start + (end - start) * i / (steps - 1) for i in range(steps)]
    return torch.sigmoid(model.decode(torch.cat(points))).detach()
