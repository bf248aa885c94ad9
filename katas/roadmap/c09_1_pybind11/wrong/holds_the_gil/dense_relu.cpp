#include <string>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace py = pybind11;

using Floats = py::array_t<float, 0>;

void require(bool fits, const std::string& message) {
    if (!fits) throw py::value_error(message);
}

void forward_into(const Floats& x_array, const Floats& w_array, const Floats& b_array, Floats& out_array) {
    require(x_array.ndim() == 2, "x must have two axes");
    require(w_array.ndim() == 2, "w must have two axes");
    require(b_array.ndim() == 1, "b must have one axis");
    require(out_array.ndim() == 2, "out must have two axes");
    const py::ssize_t n = x_array.shape(0), d = x_array.shape(1), h = w_array.shape(1);
    require(w_array.shape(0) == d, "w must have as many rows as x has columns");
    require(b_array.shape(0) == h, "b must be as long as w has columns");
    require(out_array.shape(0) == n && out_array.shape(1) == h, "out must have the rows of x and the columns of w");
    require(out_array.writeable(), "out is read-only");

    const auto x = x_array.unchecked<2>();
    const auto w = w_array.unchecked<2>();
    const auto b = b_array.unchecked<1>();
    auto out = out_array.mutable_unchecked<2>();

    std::vector<float> row(static_cast<std::size_t>(h));
    for (py::ssize_t i = 0; i < n; ++i) {
        for (py::ssize_t j = 0; j < h; ++j) row[j] = b(j);
        for (py::ssize_t k = 0; k < d; ++k) {
            const float value = x(i, k);
            for (py::ssize_t j = 0; j < h; ++j) row[j] += value * w(k, j);
        }
        for (py::ssize_t j = 0; j < h; ++j) out(i, j) = row[j] < 0.0f ? 0.0f : row[j];
    }
}

py::array_t<float> forward(const Floats& x, const Floats& w, const Floats& b) {
    require(x.ndim() == 2, "x must have two axes");
    require(w.ndim() == 2, "w must have two axes");
    Floats out(std::vector<py::ssize_t>{x.shape(0), w.shape(1)});
    forward_into(x, w, b, out);
    return out;
}

PYBIND11_MODULE(dense_relu, m) {
    m.def("forward", &forward, py::arg("x").noconvert(), py::arg("w").noconvert(), py::arg("b").noconvert());
    m.def("forward_into", &forward_into, py::arg("x").noconvert(), py::arg("w").noconvert(),
          py::arg("b").noconvert(), py::arg("out").noconvert());
}
