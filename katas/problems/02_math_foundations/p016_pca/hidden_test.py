"""Hidden test of p016_pca."""

import importlib
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    assert_shape,
    calling,
    fail,
    learner,
    no_warnings,
    require,
    rng,
    shorten,
    unchanged,
)

work = learner("pca")

Floats = NDArray[np.float64]
SMALL = np.array([[2.0, 0.0], [0.0, 2.0], [4.0, 2.0], [2.0, 4.0], [7.0, 7.0]])


def plain_covariance(x: NDArray[Any]) -> Floats:
    """Two columns after the other, divided by n - 1."""
    columns = x.astype(float).T.tolist()
    means = [sum(column) / len(column) for column in columns]
    return np.array([
        [sum((u - p) * (v - q) for u, v in zip(one, other, strict=True)) / (len(one) - 1)
         for other, q in zip(columns, means, strict=True)]
        for one, p in zip(columns, means, strict=True)
    ])  # fmt: skip


def cloud(stream: int, n: int, d: int) -> Floats:
    """Points around a mean well away from 0, whose variances along the directions are far apart."""
    draw = rng(stream)
    turned = np.linalg.qr(draw.normal(size=(d, d)))[0]
    return draw.normal(size=(n, d)) * 2.5 ** np.arange(d, 0, -1.0) @ turned + draw.uniform(5.0, 20.0, d)


def fitted(x: NDArray[Any], k: int) -> Any:
    """A PCA that has learned x, known to be one."""
    with calling(f"PCA({k}).fit({shorten(x, 80)})"):
        model = work.PCA(k)
        if model.fit(x) is not model:
            fail("fit must give the PCA itself, so that PCA(k).fit(x).transform(x) works")
    return model


def learned(model: Any, name: str, call: str = "") -> Floats:
    """One of the attributes that fit leaves behind, as an array of floats."""
    value = getattr(model, name, None)
    if value is None:
        fail(f"after fit there is no {name}", call=call)
    array = as_array(value, name)
    assert_dtype(array, "floating", what=name)
    return array


def done(model: Any, method: str, values: NDArray[Any]) -> Floats:
    with calling(f"{method}({shorten(values, 80)})"):
        return as_array(getattr(model, method)(values), method)


def same_directions(got: Floats, expected: Floats) -> None:
    """Each row is the expected direction or its opposite."""
    assert_shape(got, expected.shape, what="components_")
    for index, (one, other) in enumerate(zip(got, expected, strict=True)):
        sign = 1.0 if float(one @ other) >= 0 else -1.0
        assert_close(sign * one, other, rtol=1e-5, atol=1e-6, what=f"component {index} (its sign is free)")


def test_direction_of_a_small_cloud() -> None:
    """Five points along a diagonal have it as their first component, with variance 12; across it is 2."""
    model = fitted(SMALL.copy(), 2)
    half = 0.5**0.5
    assert_close(learned(model, "mean_"), [3.0, 3.0], what="mean_")
    assert_close(learned(model, "explained_variance_"), [12.0, 2.0], rtol=1e-9, what="explained_variance_")
    same_directions(learned(model, "components_"), np.array([[half, half], [half, -half]]))


def test_eigenvectors_of_the_covariance() -> None:
    """Components are orthonormal eigenvectors of the covariance (n - 1), one per row, largest variance first."""
    for stream, (n, d, k) in enumerate([(2, 1, 1), (7, 2, 2), (40, 3, 2), (129, 5, 5), (30, 4, 1)]):
        x = cloud(stream, n, d)
        covariance = plain_covariance(x)
        model = fitted(x.copy(), k)
        components, variances = learned(model, "components_"), learned(model, "explained_variance_")
        assert_shape(components, (k, d), what="components_")
        assert_shape(variances, (k,), what="explained_variance_")
        scale = float(np.trace(covariance))
        assert_close(components @ components.T, np.eye(k), atol=1e-9, what="components_ times its transpose")
        require(np.all(np.diff(variances) <= 0), "explained_variance_ must fall from first to last", got=variances)
        along, wanted = components @ covariance, variances[:, None] * components
        assert_close(along, wanted, rtol=1e-6, atol=1e-9 * scale, what="covariance times component")
        expected = sorted(np.linalg.eigvalsh(covariance).tolist(), reverse=True)[:k]
        assert_close(variances, expected, rtol=1e-6, what="explained_variance_")


def test_coordinates_are_centred() -> None:
    """The coordinates of the training data have mean 0, the explained variances, and no correlation."""
    for stream, (n, d, k) in enumerate([(7, 2, 2), (40, 3, 2), (128, 5, 3)]):
        x = cloud(20 + stream, n, d)
        model = fitted(x.copy(), k)
        variances = learned(model, "explained_variance_")
        z = done(model, "transform", x.copy())
        assert_shape(z, (n, k), what="transform")
        scale = float(np.abs(z).max())
        assert_close(z.mean(axis=0), np.zeros(k), atol=1e-9 * scale, what="the mean of the coordinates")
        found, tiny = plain_covariance(z), 1e-9 * scale**2
        assert_close(found, np.diag(variances), rtol=1e-6, atol=tiny, what="the covariance of the coordinates")


def test_ratio_of_the_whole_variance() -> None:
    """The ratios are shares of the variance of all columns, also of those directions that are not kept."""
    model = fitted(SMALL.copy(), 1)
    ratio = learned(model, "explained_variance_ratio_")
    assert_close(ratio, [12.0 / 14.0], what="explained_variance_ratio_")
    for stream, d in enumerate([1, 3, 5]):
        x = cloud(30 + stream, 50, d)
        total = float(np.trace(plain_covariance(x)))
        for k in range(1, d + 1):
            model = fitted(x.copy(), k)
            expected = learned(model, "explained_variance_") / total
            ratio = learned(model, "explained_variance_ratio_")
            assert_close(ratio, expected, rtol=1e-9, what="explained_variance_ratio_")
        assert_close(ratio.sum(), 1.0, rtol=1e-9, what="the sum of all ratios")


def test_other_data_meet_the_training_mean() -> None:
    """transform uses mean and components of fit for any data, and learns nothing from them."""
    x = cloud(40, 50, 3)
    model = fitted(x.copy(), 2)
    mean, components = learned(model, "mean_").copy(), learned(model, "components_").copy()
    assert_shape(components, (2, 3), what="components_")
    assert_close(mean, [sum(column) / 50 for column in x.T.tolist()], what="mean_")
    for other in (x[:1], x[:7] + 100.0, rng(41).normal(size=(20, 3)), np.zeros((1, 3))):
        expected = np.array([[float(np.sum((row - mean) * c)) for c in components] for row in other])
        assert_close(done(model, "transform", other.copy()), expected, rtol=1e-9, atol=1e-9)
    assert_shape(done(model, "transform", np.zeros((0, 3))), (0, 2), what="transform")
    assert_close(learned(model, "mean_"), mean, what="mean_ after transform")
    assert_close(learned(model, "components_"), components, what="components_ after transform")


def test_there_and_back() -> None:
    """With k = d every point is restored; with fewer, what is lost is the variance of the directions left out."""
    x = cloud(50, 40, 4)
    values = np.linalg.eigvalsh(plain_covariance(x))
    for k in (4, 3, 1):
        model = fitted(x.copy(), k)
        z = done(model, "transform", x.copy())
        back = done(model, "inverse_transform", z.copy())
        assert_shape(back, x.shape, what="inverse_transform")
        lost = float(((x - back) ** 2).sum()) / 39
        assert_close(lost, values[: 4 - k].sum(), rtol=1e-6, atol=1e-9, what=f"the variance lost with k = {k} of 4")
    model = fitted(x.copy(), 4)
    other = x[:3] * 2.0 + 1.0
    back = done(model, "inverse_transform", done(model, "transform", other.copy()))
    assert_close(back, other, rtol=1e-9, what="inverse_transform(transform(x)) with k = d")


def test_agrees_with_singular_values() -> None:
    """Up to the signs, all agrees with the singular values of the centred data, and with scikit-learn where it is."""
    for stream, (n, d, k) in enumerate([(30, 4, 3), (129, 6, 6)]):
        x = cloud(60 + stream, n, d)
        _, singular, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
        model = fitted(x.copy(), k)
        same_directions(learned(model, "components_"), directions[:k])
        variances = learned(model, "explained_variance_")
        assert_close(variances, singular[:k] ** 2 / (n - 1), rtol=1e-6, what="explained_variance_")
        if other := scikit_learn_pca(k):
            other.fit(x)
            same_directions(learned(model, "components_"), other.components_)
            ratio = learned(model, "explained_variance_ratio_")
            assert_close(ratio, other.explained_variance_ratio_, rtol=1e-6, what="explained_variance_ratio_")
            z = done(model, "transform", x.copy())
            assert_close(np.abs(z), np.abs(other.transform(x)), rtol=1e-5, atol=1e-6, what="transform, signs aside")


def scikit_learn_pca(k: int) -> Any:
    try:
        return importlib.import_module("sklearn.decomposition").PCA(k)
    except ImportError:
        return None


def test_more_columns_than_rows() -> None:
    """With fewer rows than columns the variances are real, sorted and not negative, down to zeros."""
    x = cloud(70, 4, 12)
    model = fitted(x.copy(), 12)
    variances, components = learned(model, "explained_variance_"), learned(model, "components_")
    expected = sorted(np.linalg.eigvalsh(plain_covariance(x)).tolist(), reverse=True)
    scale = expected[0]
    assert_close(variances, expected, rtol=1e-6, atol=1e-9 * scale, what="explained_variance_")
    require(np.all(variances >= 0), "a variance is negative", got=variances)
    assert_shape(components, (12, 12), what="components_")
    assert_close(components @ components.T, np.eye(12), atol=1e-9, what="components_ times its transpose")


def test_columns_that_do_not_vary() -> None:
    """Constant columns take no part; where nothing varies, variances and ratios are 0, without a warning."""
    x = np.array([[1.0, 5.0, 0.0], [2.0, 5.0, 0.0], [6.0, 5.0, 0.0]])
    model = fitted(x.copy(), 3)
    assert_close(learned(model, "explained_variance_"), [7.0, 0.0, 0.0], what="explained_variance_")
    same_directions(learned(model, "components_")[:1], np.array([[1.0, 0.0, 0.0]]))
    same = np.full((4, 2), 3.0)
    with no_warnings():
        model = fitted(same.copy(), 2)
        assert_close(learned(model, "explained_variance_"), [0.0, 0.0], what="explained_variance_")
        assert_close(learned(model, "explained_variance_ratio_"), [0.0, 0.0], what="explained_variance_ratio_")
        assert_close(done(model, "transform", same.copy()), np.zeros((4, 2)), what="transform")


def test_far_from_zero() -> None:
    """Columns around 1e6 with a spread of about 1 give the same directions and variances as around 0."""
    x = cloud(80, 60, 3) / 5.0
    values, vectors = np.linalg.eigh(plain_covariance(x))
    model = fitted(x + 1e6, 3)
    assert_close(learned(model, "explained_variance_"), values[::-1], rtol=1e-5, what="explained_variance_")
    same_directions(learned(model, "components_"), vectors.T[::-1])


def test_integers() -> None:
    """Integers of any type count with their true values, in fit and in transform."""
    values = [[1, 200, 7], [250, 3, 90], [40, 60, 255], [3, 0, 1], [100, 120, 130]]
    expected = sorted(np.linalg.eigvalsh(plain_covariance(np.array(values))).tolist(), reverse=True)
    for dtype in (np.uint8, np.int16, np.int64):
        x = np.array(values, dtype=dtype)
        model = fitted(x.copy(), 3)
        assert_close(learned(model, "explained_variance_"), expected, rtol=1e-6, what="explained_variance_")
        z = done(model, "transform", x.copy())
        back = done(model, "inverse_transform", z)
        assert_close(back, np.array(values, dtype=float), rtol=1e-9, atol=1e-9, what="there and back")
        exact = done(model, "inverse_transform", np.array([[1, 2, 250]], dtype=dtype))
        components = learned(model, "components_")
        assert_shape(components, (3, 3), what="components_")
        wanted = learned(model, "mean_") + np.array([1.0, 2.0, 250.0]) @ components
        assert_close(exact[0], wanted, what="inverse_transform of integers")


def test_inputs_stay_as_they_were() -> None:
    """Inputs are left as they were, views too, and a second fit forgets the first."""
    base = cloud(90, 24, 6)
    for x in (base.copy(), base[::2, ::-2], base[:5].T):
        expected = sorted(np.linalg.eigvalsh(plain_covariance(x)).tolist(), reverse=True)[:2]
        model = fitted(base[:10] * 3.0 + 1.0, 2)
        with unchanged(x=x, base=base):
            with calling("pca.fit(x), after another fit"):
                model.fit(x)
            z = done(model, "transform", x)
        variances = learned(model, "explained_variance_")
        assert_close(variances, expected, rtol=1e-6, what="explained_variance_ of the second fit")
        kept = z.copy()
        with unchanged(z=z):
            back = done(model, "inverse_transform", z)
        assert_close(done(model, "transform", back), kept, rtol=1e-6, atol=1e-6, what="transform of the way back")


def named(argument: str, method: Any, values: NDArray[Any], call: str) -> None:
    error = assert_raises(ValueError, method, values, call=call)
    if not re.search(rf"\b{argument}\b", str(error)):
        fail(f"the message of the ValueError does not name {argument}", got=str(error), call=call)


def test_bad_arguments_are_refused() -> None:
    """Shapes that do not fit and an impossible n_components raise ValueError by name; no fit yet, RuntimeError."""
    x = cloud(100, 6, 3)
    for bad in (x[0], x[None], x[:1], x[:0]):
        with calling(f"PCA(1).fit(x), x of shape {bad.shape}"):
            named("x", work.PCA(1).fit, bad, f"PCA(1).fit(x), x of shape {bad.shape}")
    for k in (0, -1, 4):
        with calling(f"PCA({k}).fit(x), x of 3 columns"):
            named("n_components", lambda x, k=k: work.PCA(k).fit(x), x, f"PCA({k}).fit(x), x of 3 columns")
    with calling("PCA(2) before fit"):
        fresh = work.PCA(2)
        assert_raises(RuntimeError, fresh.transform, x, call="PCA(2).transform(x) before fit")
        assert_raises(RuntimeError, fresh.inverse_transform, x[:, :2], call="PCA(2).inverse_transform(z) before fit")
    model = fitted(x.copy(), 2)
    for bad in (x[0], x[:, :2], x[:, :1], x[None]):
        named("x", model.transform, bad, f"transform(x), x of shape {bad.shape} after 3 columns in fit")
    for bad in (x[0, :2], x, x[:, :1], x[None, :, :2]):
        named("z", model.inverse_transform, bad, f"inverse_transform(z), z of shape {bad.shape} with k = 2")
