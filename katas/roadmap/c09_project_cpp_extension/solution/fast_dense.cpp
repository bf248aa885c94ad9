// x times w transposed, for float64 arrays.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace py = pybind11;

// 0: any strides are welcome, nothing is copied to make them contiguous.
using Doubles = py::array_t<double, 0>;

// Returns x @ w.T as a new (n, h) array; x: (n, d), w: (h, d), at any strides.
// TypeError for another dtype or no array; ValueError for shapes that do not fit.
py::array_t<double> product(const Doubles& x_array, const Doubles& w_array) {
    if (x_array.ndim() != 2 || w_array.ndim() != 2) throw py::value_error("x and w must have two axes each");
    const py::ssize_t n = x_array.shape(0), d = x_array.shape(1), h = w_array.shape(0);
    if (w_array.shape(1) != d) throw py::value_error("x and w must have as many columns as each other");

    py::array_t<double> out_array({n, h});
    const auto x = x_array.unchecked<2>();
    const auto w = w_array.unchecked<2>();
    auto out = out_array.mutable_unchecked<2>();
    // The views need no Python: other threads may run meanwhile.
    const py::gil_scoped_release release;
    for (py::ssize_t i = 0; i < n; ++i) {
        for (py::ssize_t j = 0; j < h; ++j) {
            // Both run along a row, from one number to its neighbour: a layer keeps its weights as (outputs, inputs).
            double total = 0.0;
            for (py::ssize_t k = 0; k < d; ++k) total += x(i, k) * w(j, k);
            out(i, j) = total;
        }
    }
    return out_array;
}

PYBIND11_MODULE(fast_dense, m) {
    // noconvert: an array of another dtype is refused, not copied without a word.
    m.def("product", &product, py::arg("x").noconvert(), py::arg("w").noconvert());
}
