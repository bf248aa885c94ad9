"""Hidden test of m09_cnn."""

import importlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    NotDone,
    Shown,
    as_array,
    as_figure,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_number,
    assert_raises,
    assert_shape,
    assert_type,
    fail,
    keep_picture,
    learner,
    part,
    read_answers,
    require,
    rng,
    seed,
    unchanged,
)
from kata_runner.checking.mnist import mnist_digits

work = learner("digit_cnn")
Array = NDArray[Any]


def torch() -> Any:
    return importlib.import_module("torch")


def ask(*questions: tuple[str, float, str]) -> None:
    """Put all questions (name, number, nudge): a wrong answer counts before one that is still open."""
    answers, still_open = read_answers(), list[NotDone]()
    for name, right, nudge in questions:
        try:
            assert_number(answers, name, right, nudge, rtol=1e-9)
        except NotDone as error:
            still_open.append(error)
    if still_open:
        raise still_open[0]


@part("By hand")
def test_sizes_by_hand() -> None:
    """1. The heights of the feature maps are right, layer by layer, and so is what goes into the Linear."""
    ask(
        ("conv_1", 24, "In how many places can a kernel of 5 begin on a line of 28?"),
        ("pool_1", 12, "A pool of 2 with stride 2 halves."),
        ("conv_2", 10, "In how many places can a kernel of 3 begin on the line that the first pool returns?"),
        ("pool_2", 5, "A pool of 2 with stride 2 halves."),
        ("linear_inputs", 400, "All channels, each of its height times its width."),
    )


@part("By hand")
def test_other_sizes_by_hand() -> None:
    """1. What one number sees, the padding that keeps a size, and a strided convolution are right."""
    ask(
        ("sees", 12, "Walk backwards: 2 numbers of conv_2 see 4 of pool_1, and each of these sees 2 of conv_1."),
        ("padding_that_keeps", 3, "7 × 7 takes away 6; the padding gives back the same at both ends together."),
        ("strided", 16, "⌊(size + 2 · padding - kernel) / stride⌋ + 1"),
    )


@part("By hand")
def test_parameters_by_hand() -> None:
    """2. The numbers of parameters are right, biases included."""
    ask(
        ("conv_1_parameters", 208, "Each of the filters has its kernel for one channel, and a bias."),
        ("pool_1_parameters", 0, "What could a maximum learn?"),
        ("conv_2_parameters", 1168, "Each of the filters has a kernel for each channel that comes in, and one bias."),
        ("linear_parameters", 4010, "A weight for each pair of input and output, and a bias for each output."),
        ("all_parameters", 5386, "The sum of all layers."),
        ("linear_instead", 3617280, "Each of the 8 · 24 · 24 outputs has a weight for each pixel, and a bias."),
    )


@part("Network")
def test_output_size() -> None:
    """3. output_size returns the number of places at which the kernel can stand; an int."""
    for size, kernel, stride, padding in (
        (28, 5, 1, 0), (12, 2, 2, 0), (7, 2, 2, 0), (5, 3, 1, 1), (32, 5, 2, 2), (7, 3, 2, 0), (8, 3, 3, 1),
        (3, 3, 1, 0), (1, 3, 2, 1), (11, 4, 3, 0),
    ):  # fmt: skip
        places = [at for at in range(-padding, size + padding) if at + kernel <= size + padding]
        expected = len(places[::stride])
        got = work.output_size(size, kernel, stride=stride, padding=padding)
        assert_type(got, int, what="output_size")
        assert_equal(got, expected)
    assert_equal(work.output_size(9, 4), 6)


@part("Network")
def test_a_kernel_that_does_not_fit() -> None:
    """3. A kernel larger than the padded input raises ValueError."""
    for size, kernel, stride, padding in ((2, 3, 1, 0), (2, 5, 1, 1), (4, 5, 3, 0), (1, 3, 2, 0)):
        assert_raises(ValueError, work.output_size, size, kernel, stride=stride, padding=padding)


def made(**options: Any) -> Any:
    model = work.CNN(**options)
    require(isinstance(model, torch().nn.Module), "CNN must be an nn.Module", got=type(model).__name__)
    require("_modules" in vars(model), "CNN.__init__ does not call super().__init__()")
    return model


def numbers(stream: int, *shape: int) -> Any:
    return torch().tensor(rng(stream).random(shape), dtype=torch().float32)


def plain_maps(model: Any, image: Array) -> tuple[list[Array], Array]:
    """The maps behind both ReLUs and the logits of one image (side, side), by loops over the kernels."""
    weights = [p.detach().numpy().astype(float) for p in model.parameters()]
    x, maps = image[None].astype(float), []
    for W, b in (weights[0:2], weights[2:4]):
        k = W.shape[-1]
        side = x.shape[-1] - k + 1
        z = np.zeros((len(W), side, side)) + b[:, None, None]
        for dy in range(k):
            for dx in range(k):
                z += np.einsum("oi,ihw->ohw", W[:, :, dy, dx], x[:, dy : dy + side, dx : dx + side])
        maps.append(np.maximum(z, 0))
        half = side // 2
        x = maps[-1][:, : 2 * half, : 2 * half].reshape(len(W), half, 2, half, 2).max(axis=(2, 4))
    inputs = weights[4].shape[1]
    require(
        inputs == x.size, "the Linear does not have as many inputs as the pool returns", got=inputs, expected=x.size
    )
    return maps, weights[4] @ x.ravel() + weights[5]


SIZES: list[dict[str, Any]] = [
    {"side": 14, "channels": (2, 3), "n_classes": 4},
    {"side": 17, "channels": (3, 2), "n_classes": 2},
    {},
]


@part("Network")
def test_the_parameters_of_the_network() -> None:
    """4. The parameters have the shapes of two convolutions and a Linear, for any side and channels."""
    for options, shapes in (
        ({}, [(8, 1, 5, 5), (8,), (16, 8, 3, 3), (16,), (10, 400), (10,)]),
        (SIZES[0], [(2, 1, 5, 5), (2,), (3, 2, 3, 3), (3,), (4, 3), (4,)]),
        (SIZES[1], [(3, 1, 5, 5), (3,), (2, 3, 3, 3), (2,), (2, 8), (2,)]),
        ({"side": 32, "n_classes": 3}, [(8, 1, 5, 5), (8,), (16, 8, 3, 3), (16,), (3, 576), (3,)]),
    ):
        model = made(**options)
        assert_equal([tuple(p.shape) for p in model.parameters()], shapes, what="the shapes of the parameters")


@part("Network")
def test_the_logits() -> None:
    """4. The logits are those of convolution, ReLU and pooling, twice, and a Linear."""
    for i, options in enumerate(SIZES):
        model, side = made(**options), options.get("side", 28)
        x = numbers(10 + i, 3, 1, side, side)
        expected = np.array([plain_maps(model, image[0].numpy())[1] for image in x])
        with torch().no_grad():
            got = as_array(model(x), "model(x)")
        assert_close(got, expected, rtol=1e-3, atol=1e-4, what="model(x)")


@part("Training")
def test_to_images() -> None:
    """5. to_images returns float32 (n, 1, side, side) from 0 to 1, also of flat images."""
    for n, side in ((1, 2), (3, 4), (2, 28)):
        images = rng(20 + n).integers(0, 256, (n, side, side), dtype=np.uint8)
        images.flat[0] = 255
        expected = images[:, None] / 255
        for given in (images, images.reshape(n, -1)):
            with unchanged(images=given):
                got = work.to_images(given)
            require(isinstance(got, torch().Tensor), "to_images must return a tensor", got=type(got).__name__)
            assert_close(as_array(got, "to_images"), expected, rtol=1e-5)
            assert_dtype(got, np.float32)
    dark = np.array([[[0, 100], [20, 50]]], dtype=np.uint8)
    assert_close(as_array(work.to_images(dark), "to_images of a dark image"), dark[:, None] / 255, rtol=1e-5)


@cache
def witness_class() -> Any:
    """A network that notes its mode and whether gradients are recorded; it returns what it is given, flat."""
    nn = torch().nn

    class Witness(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch().ones(()))
            self.seen: list[tuple[bool, bool]] = []

        def forward(self, x: Any) -> Any:
            self.seen.append((self.training, torch().is_grad_enabled()))
            # In training mode the logits are turned around, as a layer that differs between the modes would do.
            return x.flatten(1) * self.scale * (-1 if self.training else 1)

    return Witness


@part("Training")
def test_accuracy() -> None:
    """6. accuracy returns the share of rows whose largest logit is at the label; a float."""
    for n in (1, 3, 40):
        X, y = numbers(30 + n, n, 1, 1, 3), torch().tensor(rng(31 + n).integers(0, 3, n))
        rows = zip(X.flatten(1).tolist(), y.tolist(), strict=True)
        expected = sum(row.index(max(row)) == label for row, label in rows) / n
        model = witness_class()()
        model.eval()
        got = work.accuracy(model, X, y)
        assert_type(got, (int, float, np.floating), what="accuracy")
        assert_close(float(got), expected, rtol=1e-5)


@part("Training")
def test_the_mode_of_evaluation() -> None:
    """6. accuracy looks in evaluation mode, without recording gradients, and puts the mode back."""
    X, y = numbers(40, 20, 1, 1, 3), torch().tensor(rng(41).integers(0, 3, 20))
    for training in (True, False):
        model = witness_class()()
        model.train(training)
        work.accuracy(model, X, y)
        require(bool(model.seen), "accuracy did not call the model")
        require(not any(mode for mode, _ in model.seen), "the model was in training mode while it was looked at")
        require(not any(grad for _, grad in model.seen), "gradients were recorded")
        assert_equal(model.training, training, what="model.training after accuracy")


@cache
def stripes() -> tuple[Any, Any]:
    """Forty small images of three classes: bright above, bright below, bright on the left."""
    y = torch().arange(40) % 3
    X = numbers(50, 40, 1, 14, 14) * 0.5
    X[y == 0, :, :7] += 0.5
    X[y == 1, :, 7:] += 0.5
    X[y == 2, :, :, :7] += 0.5
    return X, y


def trained(X: Any, y: Any, **options: Any) -> Any:
    model = work.train(X, y, **options)
    require(isinstance(model, torch().nn.Module), "train must return a CNN", got=type(model).__name__)
    return model


def weights(model: Any) -> list[Array]:
    return [p.detach().numpy().copy() for p in model.parameters()]


def loss_of(model: Any, X: Any, y: Any) -> float:
    with torch().no_grad():
        return float(torch().nn.functional.cross_entropy(model(X), y))


@part("Training")
def test_what_is_trained() -> None:
    """7. train makes a CNN for the side and the classes of the data, and returns it in evaluation mode."""
    X, y = stripes()
    kept = X.clone(), y.clone()
    model = trained(X, y, epochs=1)
    shapes = [(8, 1, 5, 5), (8,), (16, 8, 3, 3), (16,), (3, 16), (3,)]
    assert_equal([p.shape for p in weights(model)], shapes, what="the shapes of the parameters")
    require(model.training is False, "the model that train returned is in training mode")
    for got, was in zip((X, y), kept, strict=True):
        require(bool(torch().equal(got, was)), "train changed its inputs")


def steps_of_adam(gradients: list[list[Array]], rate: float) -> list[Array]:
    """How far Adam goes along these gradients, one step after the other."""
    m = [np.zeros_like(g, dtype=float) for g in gradients[0]]
    v = [np.zeros_like(g, dtype=float) for g in gradients[0]]
    total = [np.zeros_like(g, dtype=float) for g in gradients[0]]
    for t, step in enumerate(gradients, start=1):
        for i, g in enumerate(step):
            m[i] = 0.9 * m[i] + 0.1 * g
            v[i] = 0.999 * v[i] + 0.001 * g**2
            total[i] -= rate * (m[i] / (1 - 0.9**t)) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)
    return total


def gradient(values: list[Array], X: Any, y: Any) -> list[Array]:
    """The gradient of the mean cross-entropy of the network with these weights, by PyTorch."""
    F = torch().nn.functional
    p = [torch().tensor(v, dtype=torch().float64, requires_grad=True) for v in values]
    x = F.max_pool2d(F.relu(F.conv2d(X.double(), p[0], p[1])), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, p[2], p[3])), 2)
    F.cross_entropy(F.linear(x.flatten(1), p[4], p[5]), y).backward()
    return [one.grad.numpy() for one in p]


@part("Training")
def test_the_steps() -> None:
    """7. Each batch is one step of Adam along the gradient of its mean cross-entropy, cleared in between."""
    X, y = stripes()
    start = weights(trained(X, y, epochs=1, batch_size=40, learning_rate=0.0))
    now, gradients = [w.astype(float) for w in start], []
    for _ in range(3):
        gradients.append(gradient(now, X, y))
        now = [w + d for w, d in zip(start, steps_of_adam(gradients, 0.01), strict=True)]
    got = weights(trained(X, y, epochs=3, batch_size=40, learning_rate=0.01))
    for k, (one, wanted) in enumerate(zip(got, now, strict=True)):
        # Adam divides by the gradient's own size, so that rounding decides where that is 0.
        is_clear = np.abs(gradients[0][k]) > 1e-5
        what = f"the clear entries of parameter {k} after three epochs of one batch"
        assert_close(one[is_clear], wanted[is_clear], rtol=1e-2, atol=2e-3, what=what)


@part("Training")
def test_it_learns() -> None:
    """7. Smaller batches make more steps, and twelve epochs of them learn forty images; the order matters."""
    X, y = stripes()
    start = loss_of(trained(X, y, epochs=1, learning_rate=0.0), X, y)
    end = loss_of(trained(X, y, epochs=12, batch_size=8), X, y)
    require(end < 0.5 * start, "twelve epochs do not halve the loss", got=end, expected=Shown(f"below {start / 2:.3g}"))
    # Rows sorted by class: who never shuffles takes the same steps for either order of equal rows.
    few = [loss_of(trained(X, y, epochs=1, batch_size=size, learning_rate=0.002), X, y) for size in (4, 40)]
    message = "an epoch of ten batches does not lower the loss more than an epoch of one"
    require(few[0] < few[1], message, got=few[0], expected=Shown(f"below {few[1]:.3g}"))


@part("Training")
def test_batches_are_shuffled() -> None:
    """7. The rows come in a new order, and none is left out where the last batch is smaller."""
    X, y = stripes()
    start = weights(trained(X, y, epochs=1, learning_rate=0.0))
    now, gradients = [w.astype(float) for w in start], []
    for rows in (slice(0, 20), slice(20, 40)):
        gradients.append(gradient(now, X[rows], y[rows]))
        now = [w + d for w, d in zip(start, steps_of_adam(gradients, 0.01), strict=True)]
    got = weights(trained(X, y, epochs=1, batch_size=20, learning_rate=0.01))
    gap = np.mean(np.concatenate([np.abs(one - two).ravel() for one, two in zip(got, now, strict=True)]))
    require(bool(gap > 1e-4), "the rows are taken in the order in which they are given")
    # Batches of 39 and 1 are two steps, and each moves most weights by about the rate.
    one, two = (weights(trained(X, y, epochs=1, batch_size=size, learning_rate=0.01)) for size in (39, 40))
    gap = np.mean(np.concatenate([np.abs(a - b).ravel() for a, b in zip(one, two, strict=True)]))
    require(bool(gap > 1e-3), "a last batch that is smaller is not learned from")


@part("Training")
def test_the_seed() -> None:
    """8. The same call returns the same weights, another seed others, in the start and in the order."""
    X, y = stripes()
    torch().manual_seed(1)
    first = weights(trained(X, y, epochs=2, batch_size=8, seed=3))
    torch().manual_seed(2)
    again = weights(trained(X, y, epochs=2, batch_size=8, seed=3))
    for k, (one, other) in enumerate(zip(first, again, strict=True)):
        assert_close(other, one, rtol=1e-5, atol=1e-6, what=f"parameter {k} of the second call with seed=3")
    starts = [weights(trained(X, y, epochs=1, learning_rate=0.0, seed=n))[0] for n in (0, 1, 2)]
    for n in (1, 2):
        require(not np.allclose(starts[0], starts[n]), f"seed={n} has the same start as seed=0")


@part("Training")
def test_the_global_state_is_put_back() -> None:
    """8. After train, PyTorch's global random state is what it was before."""
    X, y = stripes()
    torch().manual_seed(5)
    before = torch().random.get_rng_state()
    trained(X, y, epochs=1)
    same = bool(torch().equal(before, torch().random.get_rng_state()))
    require(same, "train has changed PyTorch's global random state")


@part("Training")
def test_it_reads_real_mnist() -> None:
    """9. Trained on 2,000 real MNIST digits, it is right on over 90 % of 1,000 others; its maps are drawn."""
    found = mnist_digits()
    if found is None:
        return
    torch().set_num_threads(1)
    X = torch().tensor(found[0].reshape(-1, 1, 28, 28) / 255, dtype=torch().float32)
    y = torch().tensor(found[1].astype(np.int64))
    place = torch().arange(len(X)) % 5
    model = trained(X[place < 2], y[place < 2], seed=seed())
    with torch().no_grad():
        share = float((model(X[place == 4]).argmax(dim=1) == y[place == 4]).float().mean())
    if not share > 0.9:
        call = f"train(X, y, seed={seed()}) of 2,000 real MNIST digits"
        fail("too few of 1,000 new digits are read", got=Shown(f"{share:.1%}"), expected=Shown("over 90 %"), call=call)
    drawn = work.draw_feature_maps(model, X[4])
    keep_picture(as_figure(drawn, "draw_feature_maps"), "maps_of_a_zero")


def maps_of(model: Any, image: Any) -> list[Array]:
    got = work.feature_maps(model, image)
    require(isinstance(got, list | tuple) and len(got) == 2, "feature_maps must return two tensors", got=got)
    for one in got:
        require(isinstance(one, torch().Tensor), "feature_maps must return tensors", got=type(one).__name__)
        require(not one.requires_grad, "a feature map is still part of the graph; detach it")
    return [as_array(one, f"feature_maps(...)[{i}]") for i, one in enumerate(got)]


@part("Feature maps")
def test_the_maps() -> None:
    """10. feature_maps returns what comes out of each ReLU, for one image."""
    for i, options in enumerate(SIZES):
        model, side = made(**options), options.get("side", 28)
        image = numbers(60 + i, 1, side, side)
        expected, _ = plain_maps(model, image[0].numpy())
        got = maps_of(model, image)
        for k in (0, 1):
            assert_shape(got[k], expected[k].shape, what=f"feature_maps(...)[{k}]")
            assert_close(got[k], expected[k], rtol=1e-3, atol=1e-4, what=f"feature_maps(...)[{k}]")


@part("Feature maps")
def test_the_model_stays_as_it_was() -> None:
    """10. feature_maps leaves the mode, the weights and the image as they were, and no hook behind."""
    for training in (True, False):
        model, image = made(**SIZES[0]), numbers(70, 1, 14, 14)
        model.train(training)
        before, kept = weights(model), image.clone()
        first = maps_of(model, image)
        copies = [one.copy() for one in first]
        maps_of(model, numbers(71, 1, 14, 14))
        assert_equal(model.training, training, what="model.training after feature_maps")
        require(all(map(np.array_equal, weights(model), before)), "feature_maps changed the weights")
        require(bool(torch().equal(image, kept)), "feature_maps changed the image")
        require(all(map(np.array_equal, first, copies)), "a later call changed the maps of an earlier one")
        hooks = sum(len(m._forward_hooks) for m in model.modules())
        require(hooks == 0, f"{hooks} hooks are left on the model")


def pictures(model: Any, image: Any) -> tuple[Any, dict[str, Any]]:
    """The figure, and the image drawn below each title."""
    figure = as_figure(work.draw_feature_maps(model, image), "draw_feature_maps")
    found: dict[str, Any] = {}
    for axes in figure.get_axes():
        title, images = str(axes.get_title()), axes.get_images()
        if not images and not title:
            continue  # an empty place of a grid
        require(len(images) == 1, f"the axes {title!r} holds {len(images)} images, expected one")
        require(title not in found, f"there are two axes with the title {title!r}")
        found[title] = images[0]
    return figure, found


@part("Feature maps")
def test_the_maps_are_drawn() -> None:
    """11. The image and each map are drawn, each below its title, in a new figure."""
    figures = []
    for i, options in enumerate((SIZES[0], SIZES[1])):
        model, image = made(**options), numbers(80 + i, 1, options["side"], options["side"])
        maps, _ = plain_maps(model, image[0].numpy())
        expected = {"input": image[0].numpy()}
        for k, layer in enumerate(maps, start=1):
            expected |= {f"conv {k}, channel {c}": one for c, one in enumerate(layer)}
        figure, found = pictures(model, image)
        figures.append(figure)
        assert_equal(sorted(found), sorted(expected), what="the titles")
        for title, data in expected.items():
            drawn = np.asarray(found[title].get_array(), dtype=float)
            assert_close(drawn, data, rtol=1e-3, atol=1e-4, what=f"the picture {title!r}")
    require(figures[0] is not figures[1], "a second call of draw_feature_maps drew on an earlier figure")


@part("Feature maps")
def test_the_maps_can_be_compared() -> None:
    """11. All maps of a layer have one colour scale, from 0 to the largest value of the layer."""
    model, image = made(**SIZES[0]), numbers(90, 1, 14, 14)
    with torch().no_grad():
        for p in model.parameters():
            p.abs_()  # so that no map is empty
    maps, _ = plain_maps(model, image[0].numpy())
    _, found = pictures(model, image)
    for k, layer in enumerate(maps, start=1):
        for c in range(len(layer)):
            title = f"conv {k}, channel {c}"
            require(title in found, f"there is no axes with the title {title!r}", got=sorted(found))
            scale = [float(v) for v in found[title].get_clim()]
            assert_close(scale, [0.0, layer.max()], rtol=1e-3, atol=1e-4, what=f"the colour scale of {title!r}")
