// torus/core/exception_group.hpp: several errors as one, for those who want all of them.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace torus::inline v0 {

/// What a task group with `strict_groups` throws: the errors of its closure and its children, in the order in which
/// they happened. Groups within groups nest.
///
///     } catch (exception_group& all) {
///         all.handle<std::invalid_argument>([](auto& e) { print("bad value: ", e.what()); });
///         all.rethrow_rest();
///     }
///
/// Copies share what they hold.
/// @source Python's ExceptionGroup and except*
class exception_group : public std::exception {
public:
    /// @throws std::invalid_argument  there is no error, or one of them is null
    explicit exception_group(std::vector<std::exception_ptr> errors);

    /// How many errors there are and what the first one says, as they were when it was made.
    const char* what() const noexcept override { return held_->what.c_str(); }

    /// Those that nobody has handled.
    const std::vector<std::exception_ptr>& exceptions() const noexcept { return held_->errors; }
    bool empty() const noexcept { return held_->errors.empty(); }

    /// Calls `handler` with each `Error`, those of nested groups too, and takes it out. Returns how many there were.
    /// What the handler throws passes through; the error that it was called with, and those after it, stay.
    template <class Error, class Handler> std::size_t handle(Handler&& handler);

    /// Throws the errors that nobody has handled, as a group; returns if there are none.
    void rethrow_rest() const;

private:
    struct nothing {};
    struct held {
        std::vector<std::exception_ptr> errors;
        std::string what;
    };
    std::shared_ptr<held> held_;
};

// ------------------------------------------------------------------------------------------------------------------

template <class Error, class Handler> std::size_t exception_group::handle(Handler&& handler) {
    constexpr bool groups = std::is_same_v<std::remove_const_t<Error>, exception_group>;
    std::size_t handled = 0;
    for (std::size_t i = 0; i < held_->errors.size();) {
        const std::exception_ptr each = held_->errors[i];
        bool done = true;
        try {
            std::rethrow_exception(each);
        } catch (std::conditional_t<groups, Error, exception_group>& nested) {
            if constexpr (groups) {
                handler(nested);
                ++handled;
            } else {
                handled += nested.template handle<Error>(handler);
                done = nested.empty();
            }
        } catch (std::conditional_t<groups, nothing, Error>& error) {
            if constexpr (!groups) {
                handler(error);
                ++handled;
            }
        } catch (...) {
            done = false;  // somebody else's
        }
        if (done) held_->errors.erase(held_->errors.begin() + static_cast<std::ptrdiff_t>(i));
        else ++i;
    }
    return handled;
}

}  // namespace torus::inline v0
