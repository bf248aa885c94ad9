// relu(x @ w + b) for NumPy arrays, without copies.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace py = pybind11;

// Raises Python's NotImplementedError; goes away when you write the functions.
[[noreturn]] void not_written() {
    PyErr_SetString(PyExc_NotImplementedError, "not written yet");
    throw py::error_already_set();
}

// Writes relu(x @ w + b) into out.
// x: (n, d), w: (d, h), b: (h,), out: (n, h), float32 at any strides; x, w and b may be read-only. A NaN stays NaN.
// TypeError for another dtype or no array; ValueError for shapes that do not fit and a read-only out.
void forward_into(py::object, py::object, py::object, py::object) {
    not_written();
}

// Returns relu(x @ w + b) as a new (n, h) float32 array.
py::object forward(py::object, py::object, py::object) {
    not_written();
}

PYBIND11_MODULE(dense_relu, m) {
    m.def("forward", &forward, py::arg("x"), py::arg("w"), py::arg("b"));
    m.def("forward_into", &forward_into, py::arg("x"), py::arg("w"), py::arg("b"), py::arg("out"));
}
