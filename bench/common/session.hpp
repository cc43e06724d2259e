// bench/common/session.hpp: what every benchmark program in C++ begins with: its command line, its clock, its output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// Makes the compiler believe that `value` is looked at, and that it may have changed.
template <class T> inline void keep(T& value) noexcept { asm volatile("" : "+m"(value) : : "memory"); }

/// Calls of malloc and its kin on this thread so far, by anybody: counted by bench/common/allocations.cpp.
std::uint64_t allocations() noexcept;

/// Processor time of the whole process, in nanoseconds.
std::int64_t processor_time() noexcept;

/// The monotonic clock, in nanoseconds.
std::int64_t wall_time() noexcept;

/// The most memory that the process has had resident, in bytes.
std::int64_t peak_memory() noexcept;

/// How often a case is repeated, and how long that took.
///
///     while (const std::size_t n = samples.next())
///         for (std::size_t i = 0; i < n; ++i) co_await answer();
///
/// The number grows until a sample takes about a tenth of the time given, twice in a row, as once may be chance; then
/// samples are taken until the time is used up.
///
/// Time is the processor time of the process: on a quiet machine that of the wall clock, on a busy one not falsified by
/// the others. What waits for other threads asks for the wall clock.
class sampler {
public:
    static constexpr int samples_wanted = 10;

    sampler(double seconds, std::size_t fixed) noexcept : seconds_(seconds), fixed_(fixed) {}

    void use_wall_clock() noexcept { wall_clock_ = true; }

    /// Ends the sample that runs, and begins the next: how many repetitions; 0 when there are enough.
    std::size_t next();

    /// Each repetition is so many operations; figures are per operation.
    void each_is(double operations) noexcept { operations_ = operations; }

    double nanoseconds() const;  // per operation, the median of the samples
    double least() const;
    double most() const;
    double allocations_each() const noexcept { return allocations_each_ / operations_; }

private:
    std::int64_t time() const noexcept { return wall_clock_ ? wall_time() : processor_time(); }
    void begin() noexcept;
    void end() noexcept;
    void take() noexcept;

    double seconds_;
    std::size_t fixed_;
    std::size_t count_ = 0;
    double operations_ = 1;
    bool wall_clock_ = false;
    bool running_ = false;
    bool reached_ = false;  // the last sample was long enough
    bool calibrated_ = false;
    double spent_ = 0;  // seconds in samples
    double last_ = 0;  // seconds of the last sample
    double allocations_each_ = 0;
    std::uint64_t allocations_before_ = 0;
    std::int64_t begun_ = 0;
    std::vector<double> samples_;  // ns per repetition
};

/// A named number beside a figure.
struct extra {
    std::string_view name;
    double value;
};

class session;

struct benchmark_case {
    std::string_view name;
    void (*run)(session&);
};

/// One run of a benchmark program.
///
///     micro_torus --list                        the cases it has, one a line
///     micro_torus [--seconds S] [CASE…]         measures them, S seconds each: one line of JSON for each figure
///     micro_torus --operations N CASE           repeats it N times, measures nothing: for callgrind
class session {
public:
    explicit session(std::string_view who) noexcept : who_(who) {}

    /// Does what the command line asks for, of the cases in these lists; gives the program's exit status.
    int run(std::initializer_list<std::span<const benchmark_case>> lists, int argc, char** argv);

    /// How long each case may take: short runs are for checking, and for `--quick`.
    double seconds() const noexcept { return seconds_; }
    sampler samples() const noexcept { return {seconds_, operations_}; }

    /// Whether somebody counts what happens, and nothing is measured.
    bool counts_only() const noexcept { return operations_ > 0; }

    /// Prints what the current case has found: the time of an operation, and its allocations.
    void report(const sampler& taken) const;

    /// Prints another figure.
    void report(std::string_view what, double value, std::string_view unit,
                std::initializer_list<extra> extras = {}) const;

    /// Prints the median of delays in nanoseconds as microseconds, with their tail.
    void report_delays(std::string_view what, std::vector<std::int64_t> delays) const;

private:
    bool parse(std::span<const benchmark_case> cases, int argc, char** argv);

    std::string_view who_;
    std::string_view case_;
    double seconds_ = 0.5;
    std::size_t operations_ = 0;
    bool list_ = false;
    std::vector<std::string> wanted_;
};

}  // namespace bench
