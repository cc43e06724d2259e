// tests/core/watchdog_test.cpp: who is told that a loop is blocked, and when nobody is.
#include <torus/core/run.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <torus/testing/test.hpp>

#include <sys/mman.h>
#include <unistd.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// What is written to standard error as long as it lives, by whatever thread.
class written {
public:
    written() : kept_(::dup(STDERR_FILENO)), file_(::memfd_create("stderr", MFD_CLOEXEC)) {
        ::dup2(file_, STDERR_FILENO);
    }
    ~written() {
        ::dup2(kept_, STDERR_FILENO);
        ::close(kept_);
        ::close(file_);
    }
    written(const written&) = delete;
    written& operator=(const written&) = delete;

    bool has(const std::string& word) const { return text().find(word) != std::string::npos; }
    std::string text() const {
        std::string all;
        char part[4096];
        ssize_t size = 0;
        while ((size = ::pread(file_, part, sizeof part, static_cast<off_t>(all.size()))) > 0)
            all.append(part, static_cast<std::size_t>(size));
        return all;
    }

private:
    const int kept_;
    const int file_;
};

async<> block_in_a_call(written& seen) {
    co_await yield_now();
    while (!seen.has("blocked for")) std::this_thread::sleep_for(1ms);  // not co_await: that is the mistake
}

TEST(watchdog, S465_names_what_blocks_the_loop_while_it_does) {
    written seen;
    auto main = [&]() -> async<> { co_await create_task(block_in_a_call(seen), {.name = "the culprit"}); };
    run(main(), {.blocked_after = 20ms});
    for (const char* word : {"the culprit", "watchdog_test.cpp", "block_in_a_call"})
        EXPECT_NE(seen.text().find(word), std::string::npos) << word << " in " << seen.text();
}

TEST(watchdog, S465_sees_a_loop_that_keeps_its_processor_busy) {
    written seen;
    auto main = [&]() -> async<> {
        std::atomic<int> sum = 0;
        while (!seen.has("blocked for"))
            for (int i = 0; i < 100'000; ++i) sum += i;
        co_return;
    };
    run(main(), {.blocked_after = 20ms});
    EXPECT_NE(seen.text().find("main"), std::string::npos) << seen.text();
}

TEST(watchdog, S480_names_the_function_in_which_the_thread_waits_for_the_kernel) {
    written seen;
    auto main = [&]() -> async<> {
        while (!seen.has("waits in") || !seen.has("nanosleep")) {
            std::this_thread::sleep_for(100ms);
            co_await yield_now();
        }
    };
    run(main(), {.blocked_after = 20ms});
}

TEST(watchdog, S480_shows_the_native_stack_of_a_thread_that_runs) {
    written seen;
    auto main = [&]() -> async<> {
        while (!seen.has("runs\n    ")) {
            const auto until = std::chrono::steady_clock::now() + 100ms;
            while (std::chrono::steady_clock::now() < until) {}
            co_await yield_now();
        }
    };
    run(main(), {.blocked_after = 20ms});
    EXPECT_NE(seen.text().find("+0x"), std::string::npos) << seen.text();
}

TEST(watchdog, S481_a_loop_that_is_blocked_again_and_again_is_reported_once_a_second) {
    const auto before = std::chrono::steady_clock::now();
    written seen;
    auto main = [&]() -> async<> {
        while (!seen.has("blocked for")) std::this_thread::sleep_for(1ms);
        for (int i = 0; i < 5; ++i) {
            co_await yield_now();
            std::this_thread::sleep_for(60ms);
        }
    };
    run(main(), {.blocked_after = 10ms});
    const auto took = std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - before);
    long reports = 0;
    const std::string all = seen.text();
    for (std::size_t at = 0; (at = all.find("blocked for", at)) != std::string::npos; ++at) ++reports;
    EXPECT_LE(reports, 1 + took.count()) << seen.text();
}

/// Keeps what it is told.
class listener final : public error_handler {
public:
    explicit listener(std::string& heard) : heard_(heard) {}
    void handle(const error_context& context) override { heard_ += context.message; }

private:
    std::string& heard_;
};

TEST(watchdog, S466_the_error_handler_is_told_when_the_loop_goes_on) {
    written seen;
    std::string heard;
    auto main = [&]() -> async<> {
        event_loop::current().set_error_handler(std::make_unique<listener>(heard));
        co_await block_in_a_call(seen);
        EXPECT_EQ(heard, "");
        while (heard.empty()) co_await sleep(1ms);
    };
    run(main(), {.blocked_after = 20ms});
    EXPECT_NE(heard.find("block_in_a_call"), std::string::npos) << heard;
}

/// The thread of the watchdog, by the directory of its state; empty if there is none.
std::filesystem::path thread_of_the_watchdog() {
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        std::ifstream(each.path() / "comm") >> name;
        if (name == "torus-watchdog") return each.path();
    }
    return {};
}

std::string sleeps_of(const std::filesystem::path& thread) {
    std::ifstream status(thread / "status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("voluntary_ctxt_switches")) return line;
    return {};
}

TEST(watchdog, S467_sleeps_while_all_loops_sleep_and_says_nothing) {
    written seen;
    auto main = []() -> async<> {
        event_loop& loop = event_loop::current();
        task<> sleeping = create_task([]() -> async<> { co_await sleep_forever(); });
        std::thread observer([&] {
            std::filesystem::path thread;
            while (thread.empty()) thread = thread_of_the_watchdog();
            // For ever, if it looked at the loops every quarter of the limit.
            for (std::string before = "?"; before != sleeps_of(thread);) {
                before = sleeps_of(thread);
                std::this_thread::sleep_for(100ms);
            }
            loop.call_soon_threadsafe([&] { sleeping.cancel(); });
        });
        co_await expect_throws<cancelled_error>(sleeping);
        observer.join();
    };
    run(main(), {.blocked_after = 4ms});
    EXPECT_FALSE(seen.has("blocked")) << seen.text();
}

TEST(watchdog, S467_wakes_for_a_loop_that_was_asleep) {
    written seen;
    auto main = [&]() -> async<> {
        co_await sleep(50ms);  // long enough for it to fall asleep, as a rule; it has to see what follows in any case
        co_await block_in_a_call(seen);
    };
    run(main(), {.blocked_after = 4ms});
    EXPECT_NE(seen.text().find("block_in_a_call"), std::string::npos) << seen.text();
}

TEST(watchdog, S468_is_not_there_where_nobody_wants_it) {
    auto main = []() -> async<> {
        EXPECT_EQ(thread_of_the_watchdog(), "");
        co_return;
    };
    run(main(), {.blocked_after = 0s});
}

TEST(watchdog, S468_ends_with_the_last_loop) {
    auto main = []() -> async<> {
        while (thread_of_the_watchdog().empty()) co_await sleep(1ms);  // it may be on its way
    };
    run(main());
    EXPECT_EQ(thread_of_the_watchdog(), "");
    run(main());
    EXPECT_EQ(thread_of_the_watchdog(), "");
}

TEST(watchdog, S468_looks_after_loops_that_come_and_go_on_many_threads) {
    std::vector<std::thread> threads;
    for (int each = 0; each < 4; ++each)
        threads.emplace_back([] {
            for (int i = 0; i < 50; ++i) run([]() -> async<> { co_await yield_now(); }());
        });
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(thread_of_the_watchdog(), "");
}

}  // namespace
