"""Hidden test of p086_quantization."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kata_runner.checking import (
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
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

work = learner("quantization")
Array = NDArray[Any]
INF, NAN = float("inf"), float("nan")


def floats(*values: float) -> Array:
    return np.array(values, dtype=np.float32)


def plain_parameters(x: Array, symmetric: bool = False) -> tuple[float, int]:
    """Scale and zero point of one grid, in exact fractions."""
    values = [Fraction(0), *map(Fraction, x.ravel().tolist())]
    if symmetric:
        return float(max(map(abs, values)) / 127), 0
    scale = (max(values) - min(values)) / 255
    return float(scale), -128 - round(min(values) / scale)


def plain_quantize(x: Array, scale: float, zero_point: int) -> list[int]:
    steps = [round(Fraction(value) / Fraction(scale)) + zero_point for value in x.tolist()]
    return [max(-128, min(127, step)) for step in steps]


def assert_parameters(x: Array, **options: Any) -> None:
    expected, expected_zero = plain_parameters(x, **options)
    scale, zero_point = parameters(x.copy(), **options)
    assert_close(scale, expected, rtol=1e-6, atol=0.0, what="scale")
    assert_equal(int(as_array(zero_point)), expected_zero, what="zero_point")
    assert_dtype(as_array(zero_point), "integer", what="zero_point")


def parameters(x: Array, **options: Any) -> tuple[Any, Any]:
    got = work.parameters(x, **options)
    is_pair = isinstance(got, tuple | list) and len(got) == 2
    require(is_pair, "parameters has to return two things, scale and zero_point", got=got)
    scale, zero_point = as_array(got[0], what="scale"), as_array(got[1], what="zero_point")
    shape = () if options.get("axis") is None else (x.shape[options["axis"]],)
    assert_shape(scale, shape, what="scale")
    assert_shape(zero_point, shape, what="zero_point")
    whole = bool(np.all(zero_point == np.round(zero_point)) and np.all(abs(zero_point + 0.5) <= 127.5))
    require(whole, "zero_point has to be an integer from -128 to 127", got=zero_point)
    return got[0], got[1]


def assert_quantizes(x: Array, scale: Any, zero_point: Any, expected: Any, **options: Any) -> None:
    got = as_array(work.quantize(x.copy(), scale, zero_point, **options))
    assert_equal(got, expected, what="quantize")
    assert_dtype(got, np.int8, what="quantize")


def there_and_back(x: Array, scale: Any, zero_point: Any, axis: int | None = None) -> Array:
    q = work.quantize(x.copy(), scale, zero_point, axis=axis)
    return as_array(work.dequantize(q, scale, zero_point, axis=axis))


def tensors() -> Iterator[Array]:
    """One tensor of each kind: signs, sizes, and numbers of axes."""
    yield floats(0.5, 1.0)
    yield floats(-3.0, 0.0)
    yield floats(5.0, 6.0)
    yield floats(-6.0, -5.5, -5.0)
    yield floats(-0.3, 1.0)
    yield floats(-100.0, 0.0, 0.1)
    for stream, (middle, shape) in enumerate([(0.0, (20,)), (0.7, (4, 5)), (-9.0, (2, 3, 4))]):
        yield rng(10 + stream).normal(middle, 1.0, shape).astype(np.float32)


def test_rounding() -> None:
    """1. quantize divides by scale, rounds to the nearest integer, a tie to the even one, and adds zero_point."""
    assert_quantizes(floats(1.0), 0.5, 0, [2])
    assert_quantizes(floats(1.0), 0.5, 10, [12])
    assert_quantizes(floats(0.3), 0.5, 0, [1])
    assert_quantizes(floats(0.0, 0.2, 0.3, 0.9, -0.2, -0.3, -0.9), 0.5, 0, [0, 0, 1, 2, 0, -1, -2])
    assert_quantizes(floats(0.2, 0.3, -0.2, -0.3), 0.5, -101, [-101, -100, -101, -102])
    assert_quantizes(floats(0.25, 0.75, 1.25, -0.25, -0.75), 0.5, 0, [0, 2, 2, 0, -2])
    assert_quantizes(floats(0.25, 0.75, 1.25, -0.25, -0.75), 0.5, -40, [-40, -38, -38, -40, -42])
    for stream, (scale, zero_point) in enumerate([(0.013, -58), (3.7, 60), (1e-4, 5), (2.5e7, -60)]):
        random = rng(20 + stream)
        x = (scale * (random.integers(-60, 61, 40) + random.uniform(-0.49, 0.49, 40))).astype(np.float32)
        expected = plain_quantize(x, scale, zero_point)
        assert_quantizes(x, scale, zero_point, expected)


def test_dequantize() -> None:
    """2. dequantize subtracts zero_point from q and multiplies by scale, however zero_point is stored."""
    for zero_point in (0, 3, -128, 127):
        for q in ([5], [-128, -1, 0, 1, 127]):
            expected = [0.25 * (number - zero_point) for number in q]
            for kind in (int, np.int8, np.int32):
                got = as_array(work.dequantize(np.array(q, dtype=np.int8), 0.25, kind(zero_point)))
                assert_close(got, expected, rtol=1e-6, atol=0.0, what="dequantize")
                assert_dtype(got, np.float32, what="dequantize")
    q = rng(30).integers(-128, 128, (3, 5)).astype(np.int8)
    expected_floats = 0.013 * (q.astype(float) + 77)
    assert_close(work.dequantize(q.copy(), 0.013, -77), expected_floats, rtol=1e-6, atol=0.0)


def test_saturation() -> None:
    """7. What lies beyond the grid, infinities too, becomes -128 or 127."""
    assert_quantizes(floats(64.0), 0.5, 0, [127])
    assert_quantizes(floats(-64.5), 0.5, 0, [-128])
    assert_quantizes(floats(63.5, -64.0, 65.0, -65.0), 0.5, 0, [127, -128, 127, -128])
    assert_quantizes(floats(1e6, -1e6, 3e38, -3e38), 0.5, 3, [127, -128, 127, -128])
    assert_quantizes(floats(INF, -INF, 0.0), 0.5, 3, [127, -128, 3])
    assert_quantizes(floats(1.0, -1.0, 140.0), 0.5, -128, [-126, -128, 127])
    assert_quantizes(floats(3e38, -3e38), 1e-3, 127, [127, -128])


def test_affine_grid() -> None:
    """3. scale is the range of x and 0, divided by 255; zero_point is -128 - smallest / scale, rounded."""
    for ends in ((0.0, 255.0), (-5.0, 58.75), (-20.0, 0.5, 235.0), (2.0, 51.0), (-51.0, -2.0)):
        assert_parameters(floats(*ends))
    for low in (-100.25, -100.75, -99.5, -0.25):  # smallest / scale is not a whole number; a tie goes to the even one
        assert_parameters(floats(low, 255.0 + low))
    for x in tensors():
        scale, _ = parameters(x.copy())
        assert_close(scale, plain_parameters(x)[0], rtol=1e-6, atol=0.0, what="scale")
        assert_dtype(as_array(scale), np.float64, what="scale")


def test_symmetric_grid() -> None:
    """4. With symmetric=True scale is the largest absolute value divided by 127, and zero_point is 0."""
    for x in (floats(127.0, 1.0), floats(-254.0, 3.0), floats(1.0, -3.0), floats(3.0, -1.0, 2.0), *tensors()):
        assert_parameters(x, symmetric=True)
        scale, zero_point = parameters(x.copy(), symmetric=True)
        q = as_array(work.quantize(x.copy(), scale, zero_point))
        require(int(q.min()) >= -127, "-128 is not used for x itself on a symmetric grid", got=q)
        assert_dtype(as_array(scale), np.float64, what="scale")


def test_zero_stays_zero() -> None:
    """5. 0.0 comes back as exactly 0.0, whatever x the grid was made from."""
    for x in (*tensors(), floats(1e-40, 2e-40), floats(1e8 + 8, 1e8), floats(-3e38, -2e38)):
        for symmetric in (False, True):
            scale, zero_point = parameters(x.copy(), symmetric=symmetric)
            with calling(
                f"x = {shorten(x, 60)}, parameters(x, symmetric={symmetric}), then quantize and dequantize 0.0"
            ):
                assert_equal(there_and_back(floats(0.0), scale, zero_point), [0.0], what="0.0")


def assert_half_a_step(x: Array, axis: int | None, **options: Any) -> None:
    scale, zero_point = parameters(x.copy(), axis=axis, **options)
    given = ", ".join(f"{name}={value}" for name, value in {**options, "axis": axis}.items())
    with calling(f"x = {shorten(x, 80)}, parameters(x, {given}), then quantize and dequantize x"):
        got = there_and_back(x, scale, zero_point, axis)
        assert_shape(got, x.shape, what="dequantize")
        slices = [x] if axis is None else np.moveaxis(x, axis, 0)
        backs = [got] if axis is None else np.moveaxis(got, axis, 0)
        for values, back in zip(slices, backs, strict=True):
            step, _ = plain_parameters(values, **options)
            with np.errstate(all="ignore"):
                errors = np.abs(values.astype(float) - back.astype(float)) / step
            if not errors.max(initial=0) <= 0.51:  # in this form NaN fails too
                worst = np.unravel_index(np.argmax(np.nan_to_num(errors, nan=INF)), errors.shape)
                message = f"a value comes back with an error of {errors[worst]:.4g} steps of {step:.4g}"
                fail(message, got=back[worst], expected=values[worst])


def test_half_a_step() -> None:
    """6. On its own grid every value comes back with an error of at most half a step."""
    for symmetric in (False, True):
        for x in tensors():
            assert_half_a_step(x, None, symmetric=symmetric)
        for stream in range(8):
            x = rng(40 + stream).normal(rng(60 + stream).normal(0.0, 2.0), 1.0, 60).astype(np.float32)
            assert_half_a_step(x, None, symmetric=symmetric)


def test_channels() -> None:
    """8. With an axis, each index along it has a grid of its own, made from its values alone."""
    x = np.array([[0.0, 255.0], [-5.0, 58.75]], dtype=np.float32)
    for axis in (0, 1):
        grids = [plain_parameters(values) for values in np.moveaxis(x, axis, 0)]
        scale, zero_point = parameters(x.copy(), axis=axis)
        assert_close(scale, [grid[0] for grid in grids], rtol=1e-6, atol=0.0, what="scale")
        assert_equal(as_array(zero_point), [grid[1] for grid in grids], what="zero_point")

    def grids_of_two() -> tuple[Array, Array]:
        return np.array([0.5, 2.0]), np.array([0, 10], dtype=np.int8)

    assert_quantizes(floats(8.0, 8.0), *grids_of_two(), [16, 14], axis=0)
    square = np.array([[4.0, 8.0], [4.0, 8.0]], dtype=np.float32)
    assert_quantizes(square, *grids_of_two(), [[8, 16], [12, 14]], axis=0)
    assert_quantizes(square, *grids_of_two(), [[8, 14], [8, 14]], axis=1)
    q = np.array([[8, 16], [12, 14]], dtype=np.int8)
    assert_close(work.dequantize(q.copy(), *grids_of_two(), axis=0), [[4.0, 8.0], [4.0, 8.0]])
    assert_close(work.dequantize(q.copy(), *grids_of_two(), axis=1), [[4.0, 12.0], [6.0, 8.0]])
    for stream, shape in enumerate([(3, 3), (2, 3, 4), (4, 1, 3, 2)]):
        sizes = 10.0 ** rng(70 + stream).integers(-3, 4, shape[1])
        x = rng(80 + stream).normal(0.3, 1.0, shape)
        x = np.moveaxis(np.moveaxis(x, 1, -1) * sizes, -1, 1).astype(np.float32)
        for axis in range(-len(shape), len(shape)):
            for symmetric in (False, True):
                scale, _ = parameters(x.copy(), symmetric=symmetric, axis=axis)
                expected = [plain_parameters(values, symmetric)[0] for values in np.moveaxis(x, axis, 0)]
                assert_close(scale, expected, rtol=1e-6, atol=0.0, what="scale")
                assert_half_a_step(x, axis, symmetric=symmetric)


edges()


def test_small_and_large() -> None:
    """6. The error is at most half a step also for x as small as 1e-40 and as large as 3e38."""
    for size in (1e-40, 1e-6, 1e8, 3e38):
        for x in (floats(0.0, size), floats(-size, size), (size * rng(50).uniform(-1.0, 1.0, 30)).astype(np.float32)):
            for symmetric in (False, True):
                assert_half_a_step(x, None, symmetric=symmetric)


def test_zeros_constants_and_nothing() -> None:
    """9. For zeros alone, and for no values, scale is above 0 and finite, without a warning."""
    shapes: list[tuple[tuple[int, ...], int | None]] = [((1,), None), ((2, 3), None), ((2, 3), 0), ((0,), None)]
    shapes += [((3, 0), 0), ((3, 0), 1), ((0, 2), None), ((0, 2), -1)]
    for shape, axis in shapes:
        x = np.zeros(shape, dtype=np.float32)
        for symmetric in (False, True):
            with no_warnings():
                scale, zero_point = parameters(x.copy(), symmetric=symmetric, axis=axis)
                steps = as_array(scale)
                is_good = bool(np.all(np.isfinite(steps)) and np.all(steps > 0))
                require(is_good, "scale has to be above 0 and finite", got=scale)
                with calling(f"quantize and dequantize of zeros of shape {shape} on their own grid, axis={axis}"):
                    got = there_and_back(x, scale, zero_point, axis)
                    assert_shape(got, shape, what="dequantize")
                    assert_equal(got, x, what="dequantize")
    x = np.array([[0.0, 0.0], [1.0, -2.0]], dtype=np.float32)
    with no_warnings():
        scale, zero_point = parameters(x.copy(), axis=0)
        require(float(scale[0]) > 0, "scale of a channel of zeros has to be above 0", got=scale)
        assert_close(scale[1], 3.0 / 255, rtol=1e-6, what="scale[1]")
        assert_close(there_and_back(x, scale, zero_point, 0)[0], [0.0, 0.0], what="the channel of zeros")


def test_constants() -> None:
    """9. A constant other than 0 is no special case."""
    for value in (0.3, -7.0, 1000.0, 1e-12):
        for shape in ((1,), (2, 2)):
            x = np.full(shape, value, dtype=np.float32)
            for symmetric in (False, True):
                expected, _ = plain_parameters(x, symmetric)
                scale, _ = parameters(x.copy(), symmetric=symmetric)
                assert_close(scale, expected, rtol=1e-6, atol=0.0, what="scale")
                assert_half_a_step(x, None, symmetric=symmetric)


def test_inputs_stay_as_they_were() -> None:
    """10. x, q, scale and zero_point are left as they were, also when they are views of other arrays."""
    base = rng(90).normal(0.3, 1.0, (6, 8)).astype(np.float32)
    for x in (base, base[::2, ::-1], base[1:4].T):
        for axis in (None, 0):
            with unchanged(x=x, base=base):
                scale, zero_point = parameters(x, axis=axis)
            with unchanged(x=x, base=base, scale=scale, zero_point=zero_point):
                q = work.quantize(x, scale, zero_point, axis=axis)
            with unchanged(q=q, scale=scale, zero_point=zero_point):
                work.dequantize(q, scale, zero_point, axis=axis)
    x = np.array([np.inf, -np.inf, 1.0, 300.0], dtype=np.float32)
    with unchanged(x=x):
        work.quantize(x, 0.5, 0)


def test_no_numbers() -> None:
    """11. ValueError for NaN in x, in parameters and quantize, and for infinity in parameters."""
    for x in (floats(NAN), floats(1.0, NAN, 2.0)):
        assert_raises(ValueError, work.parameters, x.copy())
        assert_raises(ValueError, work.parameters, x.copy(), symmetric=True)
        assert_raises(ValueError, work.quantize, x.copy(), 0.5, 0)
    for x in (floats(INF), floats(1.0, -INF)):
        assert_raises(ValueError, work.parameters, x.copy())
        assert_raises(ValueError, work.parameters, x.copy(), symmetric=True)
    x = np.array([[1.0, 2.0], [NAN, 1.0]], dtype=np.float32)
    assert_raises(ValueError, work.parameters, x.copy(), axis=0)
    assert_raises(ValueError, work.quantize, x.copy(), np.array([0.5, 2.0]), np.array([0, 10]), axis=1)
