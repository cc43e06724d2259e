// src/core/exception_group.cpp: several errors in one line of words.
#include <torus/core/exception_group.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/describe.hpp"

namespace torus::inline v0 {

exception_group::exception_group(std::vector<std::exception_ptr> errors) : held_(std::make_shared<held>()) {
    if (errors.empty() || std::find(errors.begin(), errors.end(), nullptr) != errors.end())
        throw std::invalid_argument("torus: an exception group without exceptions");
    held_->what = std::to_string(errors.size()) + (errors.size() == 1 ? " error: " : " errors, the first: ");
    held_->what += describe(errors.front());
    held_->errors = std::move(errors);
}

void exception_group::rethrow_rest() const {
    if (!empty()) throw exception_group(*this);
}

}  // namespace torus::inline v0
