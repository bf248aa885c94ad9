"""Hidden test of c12_1_vae."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor, nn

from kata_runner.checking import (
    Shown,
    as_array,
    assert_close,
    assert_shape,
    assert_type,
    calling,
    edges,
    fail,
    learner,
    no_warnings,
    require,
    rng,
    seed,
)

work = learner("vae")
Array = NDArray[Any]


def generator(number: int) -> Generator:
    return Generator().manual_seed(1000 * seed() + number)


def normal(stream: int, *shape: int, scale: float = 1.0) -> Tensor:
    return torch.as_tensor(rng(stream).normal(0.0, scale, shape), dtype=torch.float32)


def pixels(stream: int, n: int, n_inputs: int) -> Tensor:
    return torch.as_tensor(rng(stream).random((n, n_inputs)), dtype=torch.float32)


def tensor(got: Any, shape: tuple[int, ...], what: str) -> Tensor:
    assert_type(got, Tensor, what=what)
    assert_shape(got.detach(), shape, what=what)
    return got  # type: ignore[no-any-return]


def small_model(stream: int, n_inputs: int = 5, n_latent: int = 2) -> Any:
    torch.manual_seed(1000 * seed() + stream)
    return work.VAE(n_inputs, 7, n_latent)


def plain_layers(layers: Any, x: Array) -> Array:
    """What layers make of x, by NumPy."""
    for layer in layers:
        if isinstance(layer, nn.Linear):
            x = x @ as_array(layer.weight.detach()).T.astype(float) + as_array(layer.bias.detach())
        else:
            x = np.maximum(x, 0.0)
    return x


def test_images_become_means_and_log_variances() -> None:
    """1. encode returns what the layers mean and log_var make of the hidden layer; decode returns logits."""
    for n, n_latent in ((1, 2), (4, 3)):
        model, x, z = small_model(n, n_latent=n_latent), pixels(n, n, 5), normal(10 + n, n, n_latent)
        h = plain_layers(model.hidden, as_array(x))
        with calling("model.encode(x)"):
            got = model.encode(x.clone())
            require(isinstance(got, tuple | list) and len(got) == 2, "encode must return (mean, log_var)", got=got)
        for name, found, layer in zip(("mean", "log_var"), got, (model.mean, model.log_var), strict=True):
            tensor(found, (n, n_latent), name)
            assert_close(found.detach(), plain_layers([layer], h), rtol=1e-4, atol=1e-5, what=name)
        logits = tensor(model.decode(z.clone()), (n, 5), "decode(z)")
        expected = plain_layers(model.decoder, as_array(z))
        assert_close(logits.detach(), expected, rtol=1e-4, atol=1e-5, what="decode(z)")


def test_a_draw_has_its_mean_and_width() -> None:
    """2. reparameterize draws around each mean with the standard deviation exp(log_var / 2)."""
    n = 4000
    for mean, log_var in ((0.0, 0.0), (3.0, math.log(4.0)), (-1.0, math.log(0.01))):
        z = tensor(
            work.reparameterize(torch.full((n, 2), mean), torch.full((n, 2), log_var), generator(1)), (n, 2), "z"
        ).double()
        deviation = math.exp(log_var / 2)
        shown = f"reparameterize of {n} times 2 entries with mean {mean:g} and log_var {log_var:.3f}"
        off = max(abs(float(v) - mean) for v in z.mean(0))
        if off > 6 * deviation / n**0.5:
            fail("the draws are not around their mean", got=z.mean(0).tolist(), expected=Shown(f"{mean:g}"), call=shown)
        found = z.std(0).tolist()
        if max(abs(v / deviation - 1) for v in found) > 0.08:
            fail("the draws have another standard deviation", got=found, expected=deviation, call=shown)
        related = float(torch.corrcoef(z.T)[0, 1])
        require(abs(related) < 0.1, "the entries of a row are not drawn independently", got=related, call=shown)


def test_noise_comes_from_the_generator() -> None:
    """2. The noise comes from the generator, or from torch's global one where there is none."""
    mean, log_var = normal(2, 3, 4), normal(3, 3, 4)
    torch.manual_seed(5)
    first = work.reparameterize(mean, log_var, generator(2))
    untouched = torch.rand(1)
    again = work.reparameterize(mean, log_var, generator(2))
    other = work.reparameterize(mean, log_var, generator(3))
    assert_close(again, first, what="a second draw by a generator in the same state")
    require(not torch.equal(first, other), "a generator with another seed led to the same draw", got=other)
    torch.manual_seed(5)
    require(torch.equal(untouched, torch.rand(1)), "torch's global generator was drawn from although one was given")
    draws = []
    for _ in range(2):
        torch.manual_seed(6)
        draws.append(work.reparameterize(mean, log_var))
    assert_close(draws[1], draws[0], what="a draw after the same torch.manual_seed")
    require(not torch.equal(work.reparameterize(mean, log_var), draws[0]), "two draws one after the other are the same")


def test_gradients_pass_through_the_draw() -> None:
    """3. The gradient of z is 1 with respect to its mean, and (z - mean) / 2 with respect to its log_var."""
    for shape in ((1, 1), (3, 4)):
        mean, log_var = normal(4, *shape).requires_grad_(), normal(5, *shape).requires_grad_()
        z = work.reparameterize(mean, log_var, generator(4))
        require(isinstance(z, Tensor) and z.requires_grad, "z carries no gradient")
        z.sum().backward()
        for name, leaf, expected in (
            ("mean", mean, torch.ones(shape)),
            ("log_var", log_var, (z - mean).detach() / 2),
        ):
            found = torch.zeros(shape) if leaf.grad is None else leaf.grad
            assert_close(found, expected, rtol=1e-4, atol=1e-5, what=f"the gradient with respect to {name}")


def kl_by_sums(mean: float, log_var: float) -> float:
    """The divergence of one normal distribution from the standard one, as a sum over a fine grid."""
    deviation = math.exp(log_var / 2)
    x = np.linspace(mean - 12 * deviation, mean + 12 * deviation, 20_001)
    log_q = -0.5 * ((x - mean) / deviation) ** 2 - log_var / 2
    log_p = -0.5 * x**2
    return float((np.exp(log_q) * (log_q - log_p)).sum() * (x[1] - x[0]) / math.sqrt(2 * math.pi))


def test_the_divergence_of_each_row() -> None:
    """4. kl_divergence returns for each row the sum over its entries of the divergence from the standard normal."""
    cases = [([[0.0]], [[0.0]]), ([[2.0]], [[0.0]]), ([[0.0]], [[1.0]]), ([[0.0, 1.0], [1.0, -2.0]], [[-1.0, 0.5]] * 2)]
    cases.append((normal(6, 5, 3).tolist(), normal(7, 5, 3).tolist()))
    for mean, log_var in cases:
        expected = [
            math.fsum(kl_by_sums(m, v) for m, v in zip(ms, vs, strict=True))
            for ms, vs in zip(mean, log_var, strict=True)
        ]
        got = tensor(work.kl_divergence(torch.tensor(mean), torch.tensor(log_var)), (len(mean),), "kl_divergence")
        assert_close(got.detach(), expected, rtol=1e-4, atol=1e-5)


def plain_loss(parts: Sequence[Tensor], beta: float) -> float:
    """The loss of (logits, x, mean, log_var)."""
    logits, x, mean, log_var = (as_array(part).astype(float) for part in parts)
    entropies = np.maximum(logits, 0) - logits * x + np.log1p(np.exp(-abs(logits)))
    divergences = 0.5 * (mean**2 + np.exp(log_var) - 1 - log_var)
    return float((entropies.sum(1) + beta * divergences.sum(1)).mean())


def test_the_loss_has_two_terms() -> None:
    """5. vae_loss: the mean over images of the cross-entropy summed over pixels plus beta times the divergence."""
    for n, n_inputs, beta in ((1, 1, 1.0), (1, 3, 0.0), (4, 6, 1.0), (3, 2, 2.5)):
        parts = (normal(8, n, n_inputs), pixels(9, n, n_inputs), normal(10, n, 2), normal(11, n, 2))
        expected = plain_loss(parts, beta)
        got = tensor(work.vae_loss(*parts) if beta == 1.0 else work.vae_loss(*parts, beta=beta), (), "vae_loss")
        assert_close(got.detach(), expected, rtol=1e-4, atol=1e-5)


def test_forward_decodes_a_draw() -> None:
    """6. The model returns (logits, mean, log_var), the logits decoded from a draw, which is new each time."""
    model, x = small_model(20), pixels(20, 4, 5)
    with calling("model(x, generator)"), torch.no_grad():
        got = model(x, generator(20))
        require(isinstance(got, tuple | list) and len(got) == 3, "it must return (logits, mean, log_var)", got=got)
        h = plain_layers(model.hidden, as_array(x))
        for name, found, layer in zip(("mean", "log_var"), got[1:], (model.mean, model.log_var), strict=True):
            assert_close(tensor(found, (4, 2), name), plain_layers([layer], h), rtol=1e-4, atol=1e-5, what=name)
        z = work.reparameterize(got[1], got[2], generator(20))
        assert_close(tensor(got[0], (4, 5), "the logits"), model.decode(z), rtol=1e-4, atol=1e-5, what="the logits")
        g = generator(21)
        first, second = model(x, g)[0], model(x, g)[0]
        require(not torch.equal(first, second), "two calls decoded the same draw")
        model.eval()
        first, second = model(x, g)[0], model(x, g)[0]
        require(not torch.equal(first, second), "in evaluation mode two calls decoded the same draw")


def still(stream: int) -> Any:
    """A model whose draws are its means, to the last digit: no variance at all."""
    model = small_model(stream)
    with torch.no_grad():
        model.log_var.weight.zero_()
        model.log_var.bias.fill_(-60.0)
    return model


def test_an_epoch_is_steps_of_adam() -> None:
    """7. train makes one step of Adam for each batch, and returns the mean loss of each epoch, as it was met."""
    for rate in (0.003, 0.01):
        model, x = still(30), pixels(30, 6, 5)
        twin = copy.deepcopy(model)
        optimizer, expected = torch.optim.Adam(twin.parameters(), lr=rate), []
        for _ in range(3):
            h = twin.hidden(x)
            mean, log_var = twin.mean(h), twin.log_var(h)
            loss = nn.functional.binary_cross_entropy_with_logits(twin.decoder(mean), x, reduction="sum") / 6
            loss = loss + 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum() / 6
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            expected.append(loss.item())
        options = {} if rate == 0.003 else {"learning_rate": rate}
        for weight in model.parameters():
            weight.grad = torch.ones_like(weight)  # left behind by something earlier: no part of the first step
        with calling(f"train(model, x, 3, generator{', learning_rate=0.01' if options else ''}), of 6 images"):
            got = work.train(model, x.clone(), 3, generator(30), **options)
            assert_type(got, list, what="the losses")
            assert_close(got, expected, rtol=1e-4, what="the losses")
            for mine, wanted in zip(model.parameters(), twin.parameters(), strict=True):
                assert_close(mine.detach(), wanted.detach(), rtol=1e-3, atol=1e-5, what="a parameter of the model")


def test_each_image_comes_once_in_an_epoch() -> None:
    """8. In each epoch each image comes once, in a new order from the generator, in batches of batch_size or fewer."""
    met: list[list[float]] = []

    class Watched(work.VAE):  # type: ignore[name-defined, misc]
        def forward(self, x: Tensor, generator: Generator | None = None) -> Any:
            met.append(x[:, 0].tolist())
            return super().forward(x, generator)

    def orders(number: int, **options: int) -> list[list[float]]:
        met.clear()
        torch.manual_seed(1)
        work.train(Watched(5, 7, 2), x.clone(), 2, generator(number), **options)
        return [list(batch) for batch in met]

    x = pixels(31, 10, 5)
    batches = orders(31, batch_size=4)
    sizes = [len(batch) for batch in batches]
    require(
        sizes == [4, 4, 2] * 2, "10 images in batches of 4, two epochs: other sizes", got=sizes, expected=[4, 4, 2] * 2
    )
    epochs = [[v for batch in batches[i : i + 3] for v in batch] for i in (0, 3)]
    for epoch in epochs:
        require(sorted(epoch) == sorted(x[:, 0].tolist()), "an epoch does not hold each image once", got=epoch)
    message = "the images come in the same order in each epoch, or in that of x"
    require(epochs[0] != epochs[1] and x[:, 0].tolist() not in epochs, message)
    require(orders(31, batch_size=4) == batches, "a generator in the same state led to another order")
    losses = []
    for number in (2, 3):
        twin = small_model(35)
        torch.manual_seed(number)
        losses.append(work.train(twin, x.clone(), 1, generator(35)))
    assert_close(losses[1], losses[0], what="the losses by a generator in the same state")
    require(orders(32, batch_size=4) != batches, "a generator with another seed led to the same order")
    x = pixels(32, 70, 5)
    sizes = [len(batch) for batch in orders(33)]
    require(sizes == [64, 6] * 2, "70 images without batch_size: other batches", got=sizes, expected=[64, 6] * 2)


def test_the_mean_is_over_images() -> None:
    """7. The loss of an epoch is the mean over its images, also where the last batch is smaller."""
    model, x = still(34), pixels(34, 5, 5)
    x[0] = 0.0
    with torch.no_grad():
        mean, log_var = model.mean(model.hidden(x)), model.log_var(model.hidden(x))
        expected = plain_loss((model.decoder(mean), x, mean, log_var), 1.0)
    with calling("train(model, x, 1, generator, batch_size=4, learning_rate=1e-9), of 5 images"):
        got = work.train(model, x.clone(), 1, generator(34), batch_size=4, learning_rate=1e-9)
        assert_close(got, [expected], rtol=1e-5, what="the losses")


def test_new_images_come_from_the_standard_normal() -> None:
    """9. sample decodes draws of the standard normal distribution into probabilities of pixels."""
    model = small_model(40, 2, 2)
    with torch.no_grad():
        # A decoder that shows where it is: relu(z + 10) - 10 is z itself.
        for layer, bias in ((model.decoder[0], 10.0), (model.decoder[2], -10.0)):
            layer.weight.zero_()
            layer.weight[:2, :2] = torch.eye(2)
            layer.bias.fill_(bias)
    got = tensor(work.sample(model, 4000, generator(40)), (4000, 2), "sample")
    require(not got.requires_grad, "the images carry a gradient")
    inside = bool(((got >= 0) & (got <= 1)).all())
    require(inside, "the images are no probabilities", got=[got.min().item(), got.max().item()], expected="from 0 to 1")
    z = torch.logit(got.double())
    for name, found, expected in (("mean", z.mean(0), 0.0), ("standard deviation", z.std(0), 1.0)):
        if float((found - expected).abs().max()) > 0.1:
            fail(f"the points that are decoded have another {name}", got=found.tolist(), expected=expected)
    again = work.sample(model, 4000, generator(40))
    assert_close(again, got, what="sample by a generator in the same state")
    require(not torch.equal(work.sample(model, 4000, generator(41)), got), "another seed led to the same images")


def test_a_line_from_image_to_image() -> None:
    """10. interpolate decodes equal steps from the mean of a to the mean of b, without noise."""
    for steps in (2, 3, 6):
        model, x = small_model(42), pixels(42, 2, 5)
        means = plain_layers([model.mean], plain_layers(model.hidden, as_array(x)))
        line = np.array([means[0] + (means[1] - means[0]) * i / (steps - 1) for i in range(steps)])
        expected = 1 / (1 + np.exp(-plain_layers(model.decoder, line)))
        got = tensor(work.interpolate(model, x[0].clone(), x[1].clone(), steps), (steps, 5), "interpolate")
        require(not got.requires_grad, "the images carry a gradient")
        assert_close(got, expected, rtol=1e-4, atol=1e-5)


edges()


def test_extreme_values_stay_finite() -> None:
    """5. The loss is finite for logits of 1000 and -1000, and 1000 for each pixel that is certain and wrong."""
    logits, zeros = torch.tensor([[1000.0, -1000.0]]), torch.zeros(1, 2)
    with no_warnings():
        for x, expected in (([1.0, 0.0], 0.0), ([0.0, 1.0], 2000.0)):
            assert_close(work.vae_loss(logits, torch.tensor([x]), zeros, zeros), expected, atol=1e-4)


def test_tiny_variances_are_fine() -> None:
    """2. A log variance of -60 makes a draw that is its mean, and has a finite divergence."""
    mean, log_var = torch.tensor([[1.5, -2.0]]), torch.full((1, 2), -60.0)
    assert_close(work.reparameterize(mean, log_var, generator(50)), mean)
    assert_close(work.kl_divergence(mean, log_var), [0.5 * (1.5**2 + 4.0 + 118.0)], rtol=1e-4)


CHEAP = (
    test_images_become_means_and_log_variances,
    test_a_draw_has_its_mean_and_width,
    test_noise_comes_from_the_generator,
    test_gradients_pass_through_the_draw,
    test_the_divergence_of_each_row,
    test_the_loss_has_two_terms,
    test_forward_decodes_a_draw,
    test_an_epoch_is_steps_of_adam,
    test_each_image_comes_once_in_an_epoch,
    test_the_mean_is_over_images,
    test_new_images_come_from_the_standard_normal,
    test_a_line_from_image_to_image,
)


@cache
def digits() -> tuple[Tensor, Array]:
    """The 8x8 digits of scikit-learn, pixels from 0 to 1, and their labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return torch.as_tensor(found.data / 16, dtype=torch.float32), found.target


@cache
def trained() -> tuple[Any, list[float]]:
    """The learner's model after 30 epochs, and its losses; a part that is wrong is told first."""
    for part in CHEAP:
        part()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        torch.manual_seed(seed())
        model = work.VAE()
        losses = work.train(model, digits()[0].clone(), 30, generator(60))
    finally:
        torch.set_num_threads(threads)
    return model, losses


def test_the_loss_falls() -> None:
    """11. On the digits of scikit-learn, 30 epochs bring the loss from 33 down below 27."""
    _, losses = trained()
    require(len(losses) == 30, "30 epochs have 30 losses", got=len(losses))
    require(losses[-1] < 27.0, "the loss does not fall enough", got=losses[-1], expected=Shown("below 27"))


def test_the_latent_space_is_smooth() -> None:
    """11. Neighbours in the latent space show the same digit, small steps change little, samples look like digits."""
    model, _ = trained()
    x, labels = digits()
    with torch.no_grad():
        z = model.encode(x)[0]
    distances = torch.cdist(z, z).fill_diagonal_(math.inf)
    alike = float((labels[distances.argmin(1).numpy()] == labels).mean())
    require(alike > 0.5, "too few images have the same digit as their neighbour in the latent space", got=alike)
    path = work.interpolate(model, x[0], x[1], 21)
    steps = (path[1:] - path[:-1]).norm(dim=1)
    jump = float(steps.max() / (path[-1] - path[0]).norm())
    require(
        jump < 0.3, "one of 20 steps from a 0 to a 1 makes too much of the whole way", got=Shown(f"{jump:.2f} of it")
    )
    drawn = work.sample(model, 200, generator(61))
    nearest = float(torch.cdist(drawn, x).min(1).values.mean())
    far = Shown(f"distance {nearest:.2f} on average")
    require(nearest < 1.4, "samples are far from all digits", got=far, expected=Shown("1.4 or less"))
    spread = float(drawn.var(0).sum())
    require(spread > 0.8, "the samples are nearly all the same image", got=Shown(f"variance {spread:.2f}"))
