// src/sql/parameters.cpp: many rows of parameters have one width.
#include <torus/sql/parameters.hpp>

#include <string>

#include <torus/sql/error.hpp>

namespace torus::inline v0::sql {

void parameter_rows::end_row() {
    if (size_ == 0) width_ = cells_.size();
    ++size_;
    const std::size_t added = cells_.size() - width_ * (size_ - 1);
    if (added != width_)
        throw type_error(error_kind::out_of_range, 0,
                         "row " + std::to_string(size_ - 1) + " has " + std::to_string(added) +
                             " values, the rows before it " + std::to_string(width_));
}

}  // namespace torus::inline v0::sql
