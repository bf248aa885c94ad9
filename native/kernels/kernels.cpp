// Reference kernels: what plain, careful C++ reaches, for benchmarks to compare with.
//
// They are written to be read: no intrinsics, no threads, no blocking for a particular cache. Whatever beats them by
// much (a BLAS) does one of those three.
#include <cmath>
#include <vector>

#include "kata_array.h"

namespace py = pybind11;

// out = max(x @ w + b, 0); x: (n, d), w: (d, h), b: (h,), out: (n, h), all float32. A NaN stays NaN.
void dense_relu(const py::array& x_array, const py::array& w_array, const py::array& b_array, py::array& out_array) {
    const auto x = kata::matrix<const float>(x_array, "x");
    const auto w = kata::matrix<const float>(w_array, "w", x.columns());
    const auto b = kata::vector<const float>(b_array, "b", w.columns());
    kata::require_c_contiguous(out_array, "out");
    const auto out = kata::matrix<float>(out_array, "out", x.rows(), w.columns());

    const py::gil_scoped_release release;
    const auto hidden = static_cast<std::size_t>(w.columns());
    std::vector<float> row(hidden);
    for (py::ssize_t i = 0; i < x.rows(); ++i) {
        for (std::size_t j = 0; j < hidden; ++j) row[j] = b(static_cast<py::ssize_t>(j));
        // Input by input, so that the innermost loop walks along one row of w and the compiler can widen it.
        for (py::ssize_t k = 0; k < x.columns(); ++k) {
            const float value = x(i, k);
            for (std::size_t j = 0; j < hidden; ++j) row[j] += value * w(k, static_cast<py::ssize_t>(j));
        }
        for (std::size_t j = 0; j < hidden; ++j) out(i, static_cast<py::ssize_t>(j)) = row[j] < 0.0f ? 0.0f : row[j];
    }
}

// Euclidean distances of every row of a from every row of b; a: (n, d), b: (m, d), out: (n, m), all float64.
void euclidean(const py::array& a_array, const py::array& b_array, py::array& out_array) {
    const auto a = kata::matrix<const double>(a_array, "a");
    const auto b = kata::matrix<const double>(b_array, "b", kata::any_size, a.columns());
    const auto out = kata::matrix<double>(out_array, "out", a.rows(), b.rows());

    const py::gil_scoped_release release;
    for (py::ssize_t i = 0; i < a.rows(); ++i) {
        for (py::ssize_t j = 0; j < b.rows(); ++j) {
            double total = 0.0;
            for (py::ssize_t k = 0; k < a.columns(); ++k) {
                const double difference = a(i, k) - b(j, k);
                total += difference * difference;
            }
            out(i, j) = std::sqrt(total);
        }
    }
}

PYBIND11_MODULE(kata_kernels, m) {
    m.doc() = "Reference kernels for benchmarks; each writes into `out`, without a copy of its inputs.";
    m.def("dense_relu", &dense_relu, py::arg("x"), py::arg("w"), py::arg("b"), py::arg("out"));
    m.def("euclidean", &euclidean, py::arg("a"), py::arg("b"), py::arg("out"));
}
