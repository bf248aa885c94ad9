"""Hidden test of p016_pca."""

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
    edges,
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
            fail("fit must return the PCA itself, so that PCA(k).fit(x).transform(x) works")
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
    """1. Five points along a diagonal have it as their first component, with variance 12; across it is 2."""
    model = fitted(SMALL.copy(), 2)
    half = 0.5**0.5
    assert_close(learned(model, "mean_"), [3.0, 3.0], what="mean_")
    assert_close(learned(model, "explained_variance_"), [12.0, 2.0], rtol=1e-9, what="explained_variance_")
    same_directions(learned(model, "components_"), np.array([[half, half], [half, -half]]))


def test_eigenvectors_of_the_covariance() -> None:
    """1. Components are orthonormal eigenvectors of the covariance (n - 1), one per row, largest variance first."""
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


def test_other_data_meet_the_training_mean() -> None:
    """4. transform uses mean and components of fit for any data, one row too."""
    for other in (np.array([[5.0, 3.0]]), SMALL[:3] + 100.0, rng(41).normal(size=(20, 2))):
        model = fitted(SMALL.copy(), 2)
        assert_close(learned(model, "mean_"), [3.0, 3.0], what="mean_")
        components = learned(model, "components_")
        expected = np.array([[float(np.sum((row - [3.0, 3.0]) * c)) for c in components] for row in other])
        assert_close(done(model, "transform", other.copy()), expected, rtol=1e-9, atol=1e-9)


def test_coordinates_are_centred() -> None:
    """4. The coordinates of the training data have mean 0, the explained variances, and no correlation."""
    for stream, (n, d, k) in enumerate([(7, 2, 2), (40, 3, 2), (128, 5, 3)]):
        x = cloud(20 + stream, n, d)
        model = fitted(x.copy(), k)
        variances = learned(model, "explained_variance_")
        z = done(model, "transform", x.copy())
        assert_shape(z, (n, k), what="transform")
        scale = float(np.abs(z).max())
        assert_close(z.mean(axis=0), np.zeros(k), atol=1e-5 * scale, what="the mean of the coordinates")
        found, tiny = plain_covariance(z), 1e-5 * scale**2
        assert_close(found, np.diag(variances), rtol=1e-5, atol=tiny, what="the covariance of the coordinates")


def test_ratio_of_the_whole_variance() -> None:
    """3. The ratios are shares of the variance of all columns, kept or not, in whatever unit."""
    # A whole variance of 5e-15, and one of 1.4e-23, are small, but not 0.
    for x, share in ((np.array([[0.0], [1e-7]]), 1.0), (SMALL, 12.0 / 14.0), (SMALL * 1e-12, 12.0 / 14.0)):
        ratio = learned(fitted(x.copy(), 1), "explained_variance_ratio_")
        assert_close(ratio, [share], what="explained_variance_ratio_")
    for stream, d in enumerate([1, 3, 5]):
        x = cloud(30 + stream, 50, d)
        values = np.linalg.eigvalsh(plain_covariance(x))[::-1]
        for k in {1, d}:
            ratio = learned(fitted(x.copy(), k), "explained_variance_ratio_")
            assert_close(ratio, values[:k] / values.sum(), rtol=1e-6, what="explained_variance_ratio_")


def test_there_and_back() -> None:
    """5. With k = d every point is restored; with fewer, what is lost is the variance of the directions left out."""
    x = cloud(50, 40, 4)
    values = np.linalg.eigvalsh(plain_covariance(x))
    for k in (4, 3, 1):
        model = fitted(x.copy(), k)
        z = done(model, "transform", x.copy())
        back = done(model, "inverse_transform", z.copy())
        assert_shape(back, x.shape, what="inverse_transform")
        lost = float(((x - back) ** 2).sum()) / 39
        assert_close(lost, values[: 4 - k].sum(), rtol=1e-6, atol=1e-9, what=f"the variance lost with k = {k} of 4")


def test_agrees_with_singular_values() -> None:
    """1. Up to the signs, all agrees with the singular values of the centred data, as scikit-learn's PCA has them."""
    for stream, (n, d, k) in enumerate([(30, 4, 3), (129, 6, 6)]):
        x = cloud(60 + stream, n, d)
        _, singular, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
        model = fitted(x.copy(), k)
        same_directions(learned(model, "components_"), directions[:k])
        variances = learned(model, "explained_variance_")
        assert_close(variances, singular[:k] ** 2 / (n - 1), rtol=1e-6, what="explained_variance_")
        z, wanted = done(model, "transform", x.copy()), (x - x.mean(axis=0)) @ directions[:k].T
        assert_close(np.abs(z), np.abs(wanted), rtol=1e-5, atol=1e-5 * np.abs(z).max(), what="transform, signs aside")


edges()


def test_more_columns_than_rows() -> None:
    """6. With fewer rows than columns the variances are real, sorted and not negative, down to zeros."""
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
    """7. Constant columns take no part; where all rows are equal, variances and ratios are 0, without a warning."""
    x = np.array([[1.0, 5.0, 0.0], [2.0, 5.0, 0.0], [6.0, 5.0, 0.0]])
    model = fitted(x.copy(), 3)
    assert_close(learned(model, "explained_variance_"), [7.0, 0.0, 0.0], what="explained_variance_")
    same_directions(learned(model, "components_")[:1], np.array([[1.0, 0.0, 0.0]]))
    with no_warnings():
        model = fitted(np.full((4, 2), 3.0), 2)
        assert_close(learned(model, "explained_variance_"), [0.0, 0.0], what="explained_variance_")
        assert_close(learned(model, "explained_variance_ratio_"), [0.0, 0.0], what="explained_variance_ratio_")


def test_integers() -> None:
    """8. Integers of any type count with their true values, in fit and in transform."""
    values = [[1, 200, 7], [250, 3, 90], [40, 60, 255], [3, 0, 1], [100, 120, 130]]
    expected = np.linalg.eigvalsh(plain_covariance(np.array(values)))[::-1]
    for dtype in (np.uint8, np.int16, np.int64):
        x = np.array(values, dtype=dtype)
        model = fitted(x.copy(), 3)
        assert_close(learned(model, "explained_variance_"), expected, rtol=1e-6, what="explained_variance_")
        back = done(model, "inverse_transform", done(model, "transform", x.copy()))
        assert_close(back, np.array(values, dtype=float), rtol=1e-9, atol=1e-9, what="there and back")


def test_far_from_zero() -> None:
    """8. Columns around 1e8 with a spread of about 1, and float32 around 1e5, keep their digits."""
    single = np.array([[100_000, 0], [100_001, 2], [100_003, 1]], dtype=np.float32)
    for x in (single, SMALL + 1e8, cloud(80, 60, 3) / 5.0 + 1e8):
        centre = x[0].astype(float)  # exact to subtract, and the covariance does not change
        values, vectors = np.linalg.eigh(plain_covariance(x - centre))
        model = fitted(x.copy(), x.shape[1])
        mean = [sum(column) / len(x) for column in (x - centre).T.tolist()]
        assert_close(learned(model, "mean_") - centre, mean, rtol=1e-4, atol=1e-5, what=f"mean_ - {shorten(centre)}")
        assert_close(learned(model, "explained_variance_"), values[::-1], rtol=1e-5, what="explained_variance_")
        same_directions(learned(model, "components_"), vectors.T[::-1])


def test_nothing_is_kept_between_calls() -> None:
    """9. A second fit forgets the first, and transform learns nothing."""
    model = fitted(SMALL * 3.0 + 1.0, 1)
    with calling("pca.fit(x), after another fit"):
        model.fit(SMALL.copy())
    assert_close(learned(model, "mean_"), [3.0, 3.0], what="mean_ of the second fit")
    assert_close(learned(model, "explained_variance_"), [12.0], what="explained_variance_ of the second fit")
    other = SMALL[:2] + 100.0
    first = done(model, "transform", other.copy()).copy()
    assert_close(done(model, "transform", other.copy()), first, what="transform, a second time")
    assert_close(learned(model, "mean_"), [3.0, 3.0], what="mean_ after transform")


def test_inputs_stay_as_they_were() -> None:
    """9. Inputs are left as they were, also where they are views."""
    base = cloud(90, 24, 6)
    for x in (base.copy(), base[::2, ::-2], base[:5].T):
        with unchanged(x=x, base=base):
            model = fitted(x, 2)
            z = done(model, "transform", x)
        with unchanged(z=z):
            done(model, "inverse_transform", z)


def test_fit_refuses() -> None:
    """10. fit raises ValueError for an x that is flat or has fewer than 2 rows, and an n_components outside 1 to d."""
    for bad in (SMALL[0], SMALL[:1], SMALL[:0], np.ones((3, 2, 2))):
        with calling(f"PCA(1).fit(x), x of shape {bad.shape}"):
            model = work.PCA(1)
            assert_raises(ValueError, model.fit, bad, call=f"PCA(1).fit(x), x of shape {bad.shape}")
    for k in (0, -1, 3):
        call = f"PCA({k}).fit(x), x of 2 columns"
        with calling(call):
            assert_raises(ValueError, lambda k=k: work.PCA(k).fit(SMALL.copy()), call=call)


def test_other_columns_are_refused() -> None:
    """11. transform and inverse_transform raise ValueError for another number of columns than d or k, one too."""
    x = cloud(100, 6, 3)
    model = fitted(x.copy(), 2)
    for bad in (x[:, :1], x[:, :2]):
        call = f"transform(x), x of shape {bad.shape} after 3 columns in fit"
        assert_raises(ValueError, model.transform, bad, call=call)
    for bad in (x[:, :1], x):
        call = f"inverse_transform(z), z of shape {bad.shape} with k = 2"
        assert_raises(ValueError, model.inverse_transform, bad, call=call)
