"""Layers in a ModuleList, batches by DataLoader-like slicing, pyplot for the picture."""

import matplotlib.pyplot as plt
import torch
from torch import nn


def prepare(images, labels):
    X = torch.from_numpy(images.astype("float32") / 255.0).flatten(1)
    return X, torch.from_numpy(labels.astype("int64"))


class MLP(nn.Module):
    def __init__(self, sizes, dropout=0.2):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(sizes[k], sizes[k + 1]) for k in range(len(sizes) - 1))
        self.dropouts = nn.ModuleList(nn.Dropout(dropout) for _ in range(len(sizes) - 2))

    def forward(self, x):
        for linear, dropout in zip(self.linears, self.dropouts, strict=False):
            x = dropout(torch.relu(linear(x)))
        return self.linears[-1](x)


def train_epoch(model, X, y, optimizer, batch_size, generator):
    data = torch.utils.data.TensorDataset(X, y)
    loader = torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=True, generator=generator)
    criterion = nn.CrossEntropyLoss(reduction="sum")
    model.train()
    losses = 0.0
    for x, t in loader:
        model.zero_grad()
        loss = criterion(model(x), t)
        (loss / len(x)).backward()
        optimizer.step()
        losses += float(loss.detach())
    return losses / len(y)


@torch.inference_mode()
def evaluate(model, X, y):
    before = model.training
    model.train(False)
    log_p = torch.log_softmax(model(X), dim=1)
    model.train(before)
    right = sum(int(a == b) for a, b in zip(log_p.argmax(1).tolist(), y.tolist(), strict=True))
    return float(-log_p[torch.arange(len(y)), y].mean()), right / len(y)


def fit(X, y, X_new, y_new, hidden=(64,), epochs=5, batch_size=32, learning_rate=0.003, seed=0):
    before = torch.get_rng_state()
    torch.manual_seed(seed)
    model = MLP([X.shape[1]] + list(hidden) + [y.max().item() + 1])
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    generator = torch.Generator()
    generator.manual_seed(seed + 1)
    train_loss, loss, accuracy = [], [], []
    for _ in range(epochs):
        train_loss.append(train_epoch(model, X, y, optimizer, batch_size, generator))
        new = evaluate(model, X_new, y_new)
        loss.append(new[0])
        accuracy.append(new[1])
    torch.set_rng_state(before)
    return model.eval(), {"train_loss": train_loss, "loss": loss, "accuracy": accuracy}


def draw_curves(history):
    figure, axes = plt.subplots(ncols=2)
    epochs = [k + 1 for k in range(len(history["loss"]))]
    for name, label in (("loss", "new"), ("train_loss", "train")):
        axes[0].plot(epochs, history[name], label=label)
    axes[0].legend()
    axes[1].plot(epochs, history["accuracy"], color="green")
    for one, label in zip(axes, ("cross-entropy loss", "accuracy"), strict=True):
        one.set_xlabel("epoch")
        one.set_ylabel(label)
    return figure
