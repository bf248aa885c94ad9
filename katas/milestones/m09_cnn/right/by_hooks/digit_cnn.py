"""Named layers, forward hooks for the maps, pyplot for the picture."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn


def output_size(size, kernel, stride=1, padding=0):
    starts = range(-padding, size + padding - kernel + 1, stride)
    if not starts:
        raise ValueError("the kernel is too large")
    return len(starts)


class CNN(nn.Module):
    def __init__(self, side=28, channels=(8, 16), n_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels[0], kernel_size=5)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(channels[0], channels[1], kernel_size=3)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2, 2)
        side = output_size(output_size(side, 5), 2, 2)
        side = output_size(output_size(side, 3), 2, 2)
        self.linear = nn.Linear(channels[1] * side**2, n_classes)

    def forward(self, x):
        x = self.pool1(self.relu1(self.conv1(x)))
        x = self.pool2(self.relu2(self.conv2(x)))
        return self.linear(torch.flatten(x, 1))


def to_images(images):
    side = round(images[0].size ** 0.5)
    return torch.from_numpy(images.reshape(len(images), 1, side, side).astype("float32") / 255.0)


@torch.inference_mode()
def accuracy(model, X, y):
    before = model.training
    right = sum(int(a == b) for a, b in zip(model.eval()(X).argmax(1).tolist(), y.tolist(), strict=True))
    model.train(before)
    return right / len(y)


def train(X, y, epochs=4, batch_size=32, learning_rate=0.005, seed=0):
    before = torch.get_rng_state()
    torch.manual_seed(seed)
    model = CNN(X.shape[2], n_classes=y.max().item() + 1)
    torch.set_rng_state(before)
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    data = torch.utils.data.TensorDataset(X, y)
    generator = torch.Generator().manual_seed(seed)
    loader = torch.utils.data.DataLoader(data, batch_size, shuffle=True, generator=generator)
    model.train()
    for _ in range(epochs):
        for x, t in loader:
            optimizer.zero_grad()
            F.cross_entropy(model(x), t).backward()
            optimizer.step()
    model.eval()
    return model


def feature_maps(model, image):
    found = []
    relus = [layer for layer in model.modules() if isinstance(layer, nn.ReLU)]
    hooks = [layer.register_forward_hook(lambda _, x, out: found.append(out.detach()[0])) for layer in relus]
    with torch.no_grad():
        model(image.unsqueeze(0))
    for hook in hooks:
        hook.remove()
    return found


def draw_feature_maps(model, image):
    layers = feature_maps(model, image)
    n = 1 + sum(len(maps) for maps in layers)
    figure, axes = plt.subplots(1, n, figsize=(n, 1))
    axes[0].imshow(image.squeeze())
    axes[0].set_title("input")
    place = 1
    for k, maps in enumerate(layers):
        for channel in range(len(maps)):
            axes[place].imshow(maps[channel], clim=(0, float(maps.max())))
            axes[place].set_title(f"conv {k + 1}, channel {channel}")
            place += 1
    return figure
