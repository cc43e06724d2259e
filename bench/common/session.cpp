// bench/common/session.cpp: measuring, and saying what was found.
#include "common/session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>
#include <time.h>

namespace bench {

namespace {

std::int64_t time_of(clockid_t clock) noexcept {
    timespec now{};
    clock_gettime(clock, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

double median_of(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double microseconds_at(const std::vector<std::int64_t>& sorted, double share) {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return static_cast<double>(sorted[std::min(index, sorted.size() - 1)]) / 1000;
}

}  // namespace

std::int64_t processor_time() noexcept { return time_of(CLOCK_PROCESS_CPUTIME_ID); }
std::int64_t wall_time() noexcept { return time_of(CLOCK_MONOTONIC); }

std::int64_t peak_memory() noexcept {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return std::int64_t{used.ru_maxrss} * 1024;
}

// ---- sampler -------------------------------------------------------------------------------------------------------

void sampler::begin() noexcept {
    allocations_before_ = allocations();
    running_ = true;
    begun_ = time();
}

void sampler::end() noexcept {
    if (!running_) return;
    last_ = static_cast<double>(time() - begun_) * 1e-9;
    running_ = false;
    take();
}

void sampler::take() noexcept {
    const auto count = static_cast<double>(count_);
    allocations_each_ = static_cast<double>(allocations() - allocations_before_) / count;
    if (!calibrated_) return;
    spent_ += last_;
    samples_.push_back(last_ * 1e9 / count);
}

std::size_t sampler::next() {
    end();
    if (fixed_) {
        count_ = count_ ? 0 : fixed_;
        if (count_) begin();
        return count_;
    }
    if (count_ == 0) {
        samples_.reserve(samples_wanted * 2);
        count_ = 1;
    } else if (!calibrated_) {
        const double wanted = seconds_ / samples_wanted;
        // Anything above half of what is wanted will do; below, it is approached in steps of at most ten.
        const bool reached_before = std::exchange(reached_, last_ > wanted / 2);
        if (reached_) calibrated_ = reached_before;
        else count_ = static_cast<std::size_t>(static_cast<double>(count_) * std::min(10.0, wanted / last_)) + 1;
    }
    if (spent_ >= seconds_ || samples_.size() >= samples_wanted * 2) return 0;
    begin();
    return count_;
}

double sampler::nanoseconds() const { return median_of(samples_) / operations_; }
double sampler::least() const { return *std::min_element(samples_.begin(), samples_.end()) / operations_; }
double sampler::most() const { return *std::max_element(samples_.begin(), samples_.end()) / operations_; }

// ---- session -------------------------------------------------------------------------------------------------------

bool session::parse(std::span<const benchmark_case> cases, int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const auto is_it = [&](const benchmark_case& c) { return c.name == argument; };
        if (argument == "--list") list_ = true;
        else if (argument == "--seconds" && i + 1 < argc) seconds_ = std::strtod(argv[++i], nullptr);
        else if (argument == "--operations" && i + 1 < argc) operations_ = std::strtoull(argv[++i], nullptr, 10);
        else if (std::any_of(cases.begin(), cases.end(), is_it)) wanted_.emplace_back(argument);
        else return false;
    }
    return seconds_ > 0;
}

int session::run(std::initializer_list<std::span<const benchmark_case>> lists, int argc, char** argv) {
    std::vector<benchmark_case> cases;
    for (const auto& list : lists) cases.insert(cases.end(), list.begin(), list.end());
    if (!parse(cases, argc, argv)) {
        std::fprintf(stderr, "usage: %s [--list] [--seconds S] [--operations N] [CASE...]\n", argv[0]);
        return 2;
    }
    for (const benchmark_case& c : cases) {
        if (list_) {
            std::printf("%.*s\n", static_cast<int>(c.name.size()), c.name.data());
        } else if (wanted_.empty() || std::find(wanted_.begin(), wanted_.end(), c.name) != wanted_.end()) {
            case_ = c.name;
            c.run(*this);
        }
    }
    return 0;
}

void session::report(const sampler& taken) const {
    if (operations_) return;
    report(case_, taken.nanoseconds(), "ns",
           {{"allocations", taken.allocations_each()}, {"least", taken.least()}, {"most", taken.most()}});
}

void session::report(std::string_view what, double value, std::string_view unit,
                     std::initializer_list<extra> extras) const {
    const auto text = [](std::string_view s) { return static_cast<int>(s.size()); };
    std::printf(R"({"what": "%.*s", "who": "%.*s", "value": %.6g, "unit": "%.*s")", text(what), what.data(), text(who_),
                who_.data(), value, text(unit), unit.data());
    for (const extra& e : extras) std::printf(R"(, "%.*s": %.6g)", text(e.name), e.name.data(), e.value);
    std::printf("}\n");
    std::fflush(stdout);
}

void session::report_delays(std::string_view what, std::vector<std::int64_t> delays) const {
    std::sort(delays.begin(), delays.end());
    report(what, microseconds_at(delays, 0.5), "us",
           {{"p99", microseconds_at(delays, 0.99)}, {"least", microseconds_at(delays, 0)}});
}

}  // namespace bench
