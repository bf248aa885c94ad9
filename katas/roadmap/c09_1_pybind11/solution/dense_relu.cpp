// relu(x @ w + b) for NumPy arrays, without copies.
#include <string>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace py = pybind11;

// 0 instead of the default c_style | forcecast: any strides are welcome, and pybind11 has no reason to make a copy
// that is contiguous. Together with noconvert() below, the array that arrives here is the caller's own.
using Floats = py::array_t<float, 0>;

// Past this point nothing checks an index, so every shape is compared here, and the message names the argument.
void require(bool fits, const std::string& message) {
    if (!fits) throw py::value_error(message);
}

// Writes relu(x @ w + b) into out.
// x: (n, d), w: (d, h), b: (h,), out: (n, h), float32 at any strides; x, w and b may be read-only. A NaN stays NaN.
void forward_into(const Floats& x_array, const Floats& w_array, const Floats& b_array, Floats& out_array) {
    require(x_array.ndim() == 2, "x must have two axes");
    require(w_array.ndim() == 2, "w must have two axes");
    require(b_array.ndim() == 1, "b must have one axis");
    require(out_array.ndim() == 2, "out must have two axes");
    // ssize_t, not int: an int overflows where an array passes 2 GB.
    const py::ssize_t n = x_array.shape(0), d = x_array.shape(1), h = w_array.shape(1);
    require(w_array.shape(0) == d, "w must have as many rows as x has columns");
    require(b_array.shape(0) == h, "b must be as long as w has columns");
    require(out_array.shape(0) == n && out_array.shape(1) == h, "out must have the rows of x and the columns of w");
    require(out_array.writeable(), "out is read-only");

    // Views know pointer, shape and strides; they need no Python, so the GIL can go while they are used.
    const auto x = x_array.unchecked<2>();
    const auto w = w_array.unchecked<2>();
    const auto b = b_array.unchecked<1>();
    auto out = out_array.mutable_unchecked<2>();
    const py::gil_scoped_release release;

    std::vector<float> row(static_cast<std::size_t>(h));
    for (py::ssize_t i = 0; i < n; ++i) {
        for (py::ssize_t j = 0; j < h; ++j) row[j] = b(j);
        // Input by input: the innermost loop then walks along one row of w, and not down a column of it, where every
        // step would fetch another cache line.
        for (py::ssize_t k = 0; k < d; ++k) {
            const float value = x(i, k);
            for (py::ssize_t j = 0; j < h; ++j) row[j] += value * w(k, j);
        }
        // "Negative becomes 0", not "positive stays": no comparison with NaN is true, so it passes through.
        for (py::ssize_t j = 0; j < h; ++j) out(i, j) = row[j] < 0.0f ? 0.0f : row[j];
    }
}

// Returns relu(x @ w + b) as a new (n, h) float32 array.
py::array_t<float> forward(const Floats& x, const Floats& w, const Floats& b) {
    require(x.ndim() == 2, "x must have two axes");
    require(w.ndim() == 2, "w must have two axes");
    Floats out(std::vector<py::ssize_t>{x.shape(0), w.shape(1)});
    forward_into(x, w, b, out);
    return out;
}

PYBIND11_MODULE(dense_relu, m) {
    // noconvert: a float16 array or a list is refused instead of being copied, call after call, unnoticed.
    m.def("forward", &forward, py::arg("x").noconvert(), py::arg("w").noconvert(), py::arg("b").noconvert());
    m.def("forward_into", &forward_into, py::arg("x").noconvert(), py::arg("w").noconvert(),
          py::arg("b").noconvert(), py::arg("out").noconvert());
}
