// src/testing/in_words.hpp: an exception as a text.
#pragma once

#include <exception>
#include <string>

namespace torus::inline v0::testing {

inline std::string in_words(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "not a std::exception";
    }
}

}  // namespace torus::inline v0::testing
