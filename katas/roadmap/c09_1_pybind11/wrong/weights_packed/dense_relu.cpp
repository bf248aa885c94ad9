// relu(x @ w + b) for NumPy arrays, without copies.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

namespace py = pybind11;

namespace {

// The array behind an argument, just as it lies in memory. TypeError unless it is a float32 array.
py::array as_float32(const py::object& value, const char* name) {
    if (!py::isinstance<py::array>(value)) {
        throw py::type_error(std::string(name) + " must be a NumPy array");
    }
    py::array array = py::reinterpret_borrow<py::array>(value);
    if (!py::isinstance<py::array_t<float>>(value)) {
        throw py::type_error(std::string(name) + " must have dtype float32");
    }
    return array;
}

void need_axes(const py::array& array, py::ssize_t axes, const char* name) {
    if (array.ndim() != axes) {
        throw py::value_error(std::string(name) + " must have " + std::to_string(axes) + " axes, got " +
                              std::to_string(array.ndim()));
    }
}

// Relu that lets a NaN through: every comparison with NaN is false.
inline float relu(float value) { return value < 0.0f ? 0.0f : value; }

struct Arguments {
    py::array x, w, b;
};

Arguments check(const py::object& x_, const py::object& w_, const py::object& b_) {
    Arguments a{as_float32(x_, "x"), as_float32(w_, "w"), as_float32(b_, "b")};
    need_axes(a.x, 2, "x");
    need_axes(a.w, 2, "w");
    need_axes(a.b, 1, "b");
    if (a.w.shape(0) != a.x.shape(1)) {
        throw py::value_error("w must have as many rows as x has columns");
    }
    if (a.b.shape(0) != a.w.shape(1)) {
        throw py::value_error("b must have as many numbers as w has columns");
    }
    return a;
}

// Strides are in bytes and may be negative or 0.
void compute(const Arguments& a, char* out, py::ssize_t out_row, py::ssize_t out_column) {
    const py::ssize_t n = a.x.shape(0), d = a.x.shape(1), h = a.w.shape(1);
    const char* x = static_cast<const char*>(a.x.data());
    const char* w = static_cast<const char*>(a.w.data());
    const char* b = static_cast<const char*>(a.b.data());
    const py::ssize_t x_row = a.x.strides(0), x_column = a.x.strides(1);
    const py::ssize_t w_row = a.w.strides(0), w_column = a.w.strides(1);
    const py::ssize_t b_step = a.b.strides(0);
    py::gil_scoped_release release;
    // w with its columns one behind the other, so that the inner loop runs over neighbours in memory.
    std::vector<float> columns(static_cast<size_t>(h) * static_cast<size_t>(d));
    for (py::ssize_t j = 0; j < h; ++j) {
        for (py::ssize_t k = 0; k < d; ++k) {
            columns[j * d + k] = *reinterpret_cast<const float*>(w + k * w_row + j * w_column);
        }
    }
    std::vector<float> values(static_cast<size_t>(d));
    for (py::ssize_t i = 0; i < n; ++i) {
        for (py::ssize_t k = 0; k < d; ++k) {
            values[k] = *reinterpret_cast<const float*>(x + i * x_row + k * x_column);
        }
        for (py::ssize_t j = 0; j < h; ++j) {
            float sum = *reinterpret_cast<const float*>(b + j * b_step);
            const float* weights = columns.data() + j * d;
            for (py::ssize_t k = 0; k < d; ++k) {
                sum += values[k] * weights[k];
            }
            *reinterpret_cast<float*>(out + i * out_row + j * out_column) = relu(sum);
        }
    }
}

}  // namespace

// Writes relu(x @ w + b) into out.
void forward_into(py::object x, py::object w, py::object b, py::object out) {
    const Arguments a = check(x, w, b);
    py::array target = as_float32(out, "out");
    need_axes(target, 2, "out");
    if (target.shape(0) != a.x.shape(0) || target.shape(1) != a.w.shape(1)) {
        throw py::value_error("out must have the rows of x and the columns of w");
    }
    if (!target.writeable()) {
        throw py::value_error("out is read-only");
    }
    compute(a, static_cast<char*>(target.mutable_data()), target.strides(0), target.strides(1));
}

// Returns relu(x @ w + b) as a new (n, h) float32 array.
py::object forward(py::object x, py::object w, py::object b) {
    const Arguments a = check(x, w, b);
    py::array_t<float> out({a.x.shape(0), a.w.shape(1)});
    compute(a, reinterpret_cast<char*>(out.mutable_data()), out.strides(0), out.strides(1));
    return std::move(out);
}

PYBIND11_MODULE(dense_relu, m) {
    m.def("forward", &forward, py::arg("x"), py::arg("w"), py::arg("b"));
    m.def("forward_into", &forward_into, py::arg("x"), py::arg("w"), py::arg("b"), py::arg("out"));
}
