// Views of NumPy arrays for C++: no copy, any strides, and errors that name the argument.
//
//     auto x = kata::matrix<const float>(x_array, "x");
//     auto out = kata::vector<float>(out_array, "out", x.rows());
//     out(i) = x(i, j);
//
// A view borrows the array's memory: keep the array alive, and hold no view longer than the call. Making a view needs
// the GIL; reading and writing through one does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace kata {

namespace py = pybind11;

constexpr py::ssize_t any_size = -1;

inline std::string shape_text(const py::array& array) {
    std::string text = "(";
    for (py::ssize_t axis = 0; axis < array.ndim(); ++axis) {
        text += (axis ? ", " : "") + std::to_string(array.shape(axis));
    }
    return text + (array.ndim() == 1 ? ",)" : ")");
}

inline bool is_c_contiguous(const py::array& array) {
    return (array.flags() & py::array::c_style) == py::array::c_style;
}

// Throws TypeError unless the elements are exactly of type T in this machine's byte order: nothing is converted.
template <typename T>
void require_dtype(const py::array& array, const char* name) {
    const auto wanted = py::dtype::of<std::remove_const_t<T>>();
    if (!array.dtype().equal(wanted)) {
        throw py::type_error(std::string(name) + " must be " + std::string(py::str(wanted)) + ", got " +
                             std::string(py::str(array.dtype())));
    }
}

// Throws ValueError unless the array has this many axes.
inline void require_ndim(const py::array& array, const char* name, py::ssize_t ndim) {
    if (array.ndim() != ndim) {
        throw py::value_error(std::string(name) + " must have " + std::to_string(ndim) +
                              (ndim == 1 ? " axis" : " axes") + ", got shape " + shape_text(array));
    }
}

// Throws ValueError unless the axis is `size` long; any_size lets every length pass.
inline void require_size(const py::array& array, const char* name, py::ssize_t axis, py::ssize_t size) {
    if (size != any_size && array.shape(axis) != size) {
        throw py::value_error(std::string(name) + " must be " + std::to_string(size) + " long along axis " +
                              std::to_string(axis) + ", got shape " + shape_text(array));
    }
}

// Throws ValueError unless the elements lie row after row without gaps.
inline void require_c_contiguous(const py::array& array, const char* name) {
    if (!is_c_contiguous(array)) {
        throw py::value_error(std::string(name) + " must be C-contiguous; numpy.ascontiguousarray makes such a copy");
    }
}

namespace detail {

// The first byte, for reading or writing; asking to write to a read-only array is a ValueError.
template <typename T>
auto first_byte(const py::array& array, const char* name) {
    using byte = std::conditional_t<std::is_const_v<T>, const char, char>;
    if constexpr (!std::is_const_v<T>) {
        if (!array.writeable()) {
            throw py::value_error(std::string(name) + " is read-only");
        }
    }
    // Strides may be anything, but an element that is not aligned cannot be read through a T*.
    if (reinterpret_cast<std::uintptr_t>(array.data()) % alignof(T) != 0) {
        throw py::value_error(std::string(name) + " is not aligned in memory; pass a copy");
    }
    return const_cast<byte*>(static_cast<const char*>(array.data()));
}

}  // namespace detail

// One axis of T at any stride. Sizes and strides are 64 bits wide: an int overflows past 2 GB.
template <typename T>
class Vector {
  public:
    Vector(const py::array& array, const char* name)
        : first_(detail::first_byte<T>(array, name)), size_(array.shape(0)), stride_(array.strides(0)) {}

    py::ssize_t size() const { return size_; }
    T& operator()(py::ssize_t i) const { return *reinterpret_cast<T*>(first_ + i * stride_); }

  private:
    std::conditional_t<std::is_const_v<T>, const char*, char*> first_;
    py::ssize_t size_;
    py::ssize_t stride_;
};

// Two axes of T at any strides.
template <typename T>
class Matrix {
  public:
    Matrix(const py::array& array, const char* name)
        : first_(detail::first_byte<T>(array, name)),
          rows_(array.shape(0)),
          columns_(array.shape(1)),
          row_stride_(array.strides(0)),
          column_stride_(array.strides(1)) {}

    py::ssize_t rows() const { return rows_; }
    py::ssize_t columns() const { return columns_; }
    T& operator()(py::ssize_t i, py::ssize_t j) const {
        return *reinterpret_cast<T*>(first_ + i * row_stride_ + j * column_stride_);
    }

  private:
    std::conditional_t<std::is_const_v<T>, const char*, char*> first_;
    py::ssize_t rows_, columns_, row_stride_, column_stride_;
};

// View a one-dimensional array of T; `const T` views may be read-only.
// Throws TypeError for another dtype, ValueError for another shape.
template <typename T>
Vector<T> vector(const py::array& array, const char* name, py::ssize_t size = any_size) {
    require_dtype<T>(array, name);
    require_ndim(array, name, 1);
    require_size(array, name, 0, size);
    return Vector<T>(array, name);
}

// View a two-dimensional array of T; `const T` views may be read-only.
// Throws TypeError for another dtype, ValueError for another shape.
template <typename T>
Matrix<T> matrix(const py::array& array, const char* name, py::ssize_t rows = any_size,
                 py::ssize_t columns = any_size) {
    require_dtype<T>(array, name);
    require_ndim(array, name, 2);
    require_size(array, name, 0, rows);
    require_size(array, name, 1, columns);
    return Matrix<T>(array, name);
}

}  // namespace kata
