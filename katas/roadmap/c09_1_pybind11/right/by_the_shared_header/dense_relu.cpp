// relu(x @ w + b) for NumPy arrays, by the views of kata_array.h; one output at a time.
#include "kata_array.h"

namespace py = pybind11;

void forward_into(const py::array& x_array, const py::array& w_array, const py::array& b_array, py::array& out_array) {
    const auto x = kata::matrix<const float>(x_array, "x");
    const auto w = kata::matrix<const float>(w_array, "w", x.columns());
    const auto b = kata::vector<const float>(b_array, "b", w.columns());
    const auto out = kata::matrix<float>(out_array, "out", x.rows(), w.columns());

    const py::gil_scoped_release release;
    for (py::ssize_t i = 0; i < out.rows(); ++i) {
        for (py::ssize_t j = 0; j < out.columns(); ++j) {
            float total = b(j);
            for (py::ssize_t k = 0; k < x.columns(); ++k) total += x(i, k) * w(k, j);
            out(i, j) = total < 0.0f ? 0.0f : total;
        }
    }
}

py::array forward(const py::array& x, const py::array& w, const py::array& b) {
    kata::require_ndim(x, "x", 2);
    kata::require_ndim(w, "w", 2);
    py::array out = py::array_t<float>({x.shape(0), w.shape(1)});
    forward_into(x, w, b, out);
    return out;
}

PYBIND11_MODULE(dense_relu, m) {
    m.def("forward", &forward, py::arg("x").noconvert(), py::arg("w").noconvert(), py::arg("b").noconvert());
    m.def("forward_into", &forward_into, py::arg("x").noconvert(), py::arg("w").noconvert(), py::arg("b").noconvert(),
          py::arg("out").noconvert());
}
