// Four sums side by side, on the views of plain pointers and strides in bytes.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace py = pybind11;

py::array product(py::array x, py::array w) {
    for (const py::array& one : {x, w}) {
        if (!py::dtype::of<double>().equal(one.dtype())) throw py::type_error("float64 is needed");
        if (one.ndim() != 2) throw py::value_error("two axes are needed");
    }
    const py::ssize_t n = x.shape(0), d = x.shape(1), h = w.shape(0);
    if (d != w.shape(1)) throw py::value_error("the columns differ");
    py::array_t<double> out({n, h});
    double* to = out.mutable_data();
    const char* from_x = static_cast<const char*>(x.data());
    const char* from_w = static_cast<const char*>(w.data());
    const py::ssize_t sx = x.strides(1), sw = w.strides(1);
    const auto at = [](const char* p) { return *reinterpret_cast<const double*>(p); };
    for (py::ssize_t i = 0; i < n; ++i) {
        for (py::ssize_t j = 0; j < h; ++j) {
            const char* p = from_x + i * x.strides(0);
            const char* q = from_w + j * w.strides(0);
            double s[4] = {0.0, 0.0, 0.0, 0.0};
            for (py::ssize_t k = 0; k < d; ++k) s[k % 4] += at(p + k * sx) * at(q + k * sw);
            *to++ = (s[0] + s[1]) + (s[2] + s[3]);
        }
    }
    return std::move(out);
}

PYBIND11_MODULE(fast_dense, m) {
    m.def("product", &product, py::arg("x").noconvert(), py::arg("w").noconvert());
}
