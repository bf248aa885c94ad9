// x times w transposed, for float64 arrays.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace py = pybind11;

// Returns x @ w.T as a new (n, h) array; x: (n, d), w: (h, d), at any strides.
// TypeError for another dtype or no array; ValueError for shapes that do not fit.
py::object product(py::object, py::object) {
    // Raises Python's NotImplementedError; goes away when you write the function.
    PyErr_SetString(PyExc_NotImplementedError, "not written yet");
    throw py::error_already_set();
}

PYBIND11_MODULE(fast_dense, m) {
    m.def("product", &product, py::arg("x"), py::arg("w"));
}
