// examples/timeline.hpp: a picture in the terminal of what ran when, and when it waited.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <torus/core/awaitable.hpp>

/// One call of a function, from its construction to its destruction: a bar of the picture.
///
///     step brewing("brew_coffee");               // runs
///     co_await brewing.wait(torus::sleep(3s));   // waits, then runs again
class step {
public:
    explicit step(std::string_view function);
    ~step();
    step(const step&) = delete;
    step& operator=(const step&) = delete;

    /// Awaits `what`, and shows it.
    /// @cancel passes through
    template <class Awaitable> torus::async<torus::await_result_t<Awaitable>> wait(Awaitable what) {
        const waiting until_the_end(*this);
        co_return co_await std::move(what);
    }

private:
    class waiting {
    public:
        explicit waiting(step& of) : of_(of) { of_.begin_waiting(); }
        ~waiting() { of_.end_waiting(); }
        waiting(const waiting&) = delete;
        waiting& operator=(const waiting&) = delete;

    private:
        step& of_;
    };

    void begin_waiting();
    void end_waiting();

    std::size_t bar_;
};

/// Runs `breakfast`, and draws the steps in it and the time it took under `title`.
void draw(std::string_view title, void (*breakfast)());

/// What is ready goes under the picture.
void serve(std::string_view first, std::string_view second);
