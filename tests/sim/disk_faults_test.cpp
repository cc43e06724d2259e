// tests/sim/disk_faults_test.cpp: disks that are full, slow, failing, or somebody else's.
#include <algorithm>
#include <set>
#include <string>

#include <torus/sim/network.hpp>

#include "sim/two_lives.hpp"

namespace torus::testing {
namespace {

using namespace std::literals;

TEST(simulated_disk, S611_a_full_disk_takes_what_there_is_room_for_and_says_so) {
    const sim::network on({.disk = {.capacity = 3 * 4096}});
    const auto main = []() -> async<> {
        const auto full = co_await expect_throws<fs::error>(write_without_sync("/tmp/file", std::string(20'000, 'x')));
        EXPECT_EQ(full.code().value(), ENOSPC);
        EXPECT_EQ((co_await fs::status("/tmp/file")).size, 12'288U);
        const auto still = co_await expect_throws<fs::error>(fs::append("/tmp/other", "x"));
        EXPECT_EQ(still.code().value(), ENOSPC);
        fs::file opened = co_await fs::open("/tmp/file", fs::mode::update);
        const auto no_room = co_await expect_throws<fs::error>(opened.allocate(0, 12'289));
        EXPECT_EQ(no_room.code().value(), ENOSPC);
        co_await fs::remove("/tmp/file");
        const auto open_still = co_await expect_throws<fs::error>(fs::append("/tmp/other", "x"));
        EXPECT_EQ(open_still.code().value(), ENOSPC);
        co_await opened.close();
        co_await fs::append("/tmp/other", "x");
    };
    run(main(), {.world = &on});
}

TEST(simulated_disk, S611_what_a_failed_sync_was_to_keep_is_read_until_the_crash) {
    two_lives host;
    const auto first = [&]() -> async<> {
        co_await write_without_sync("/file", "first");
        co_await sync("/file");
        co_await sync("/");
        fs::file opened = co_await fs::open("/file", fs::mode::append);
        co_await opened.write(" second");
        host.set_disk({.failures = 1});
        const auto failed = co_await expect_throws<fs::error>(opened.sync());
        EXPECT_EQ(failed.code().value(), EIO);
        const auto unread = co_await expect_throws<fs::error>(fs::read_text("/file"));
        EXPECT_EQ(unread.code().value(), EIO);
        host.set_disk({});
        co_await opened.sync();  // has nothing to do any more
        EXPECT_EQ(co_await fs::read_text("/file"), "first second");
    };
    const auto second = []() -> async<> { EXPECT_EQ(co_await fs::read_text("/file"), "first"); };
    host.run(first, second);
}

TEST(simulated_disk, S611_a_slow_disk_takes_its_time_and_what_is_cancelled_has_not_happened) {
    const sim::network on({.disk = {.latency = 10ms}});
    const auto main = []() -> async<> {
        const time_point before = clock::now();
        co_await fs::create_directory("/tmp/d");
        EXPECT_EQ(clock::now() - before, 10ms);
        co_await expect_throws<timeout_error>(timeout(5ms, fs::create_directory("/tmp/e")));
        co_await sleep(1s);
        EXPECT_FALSE(co_await fs::exists("/tmp/e"));
    };
    run(main(), {.world = &on});
}

TEST(simulated_disk, S611_a_crash_comes_before_a_slow_write) {
    two_lives host({.latency = 2h});
    const auto first = []() -> async<> { co_await fs::create_directory("/d"); };
    const auto second = []() -> async<> { EXPECT_FALSE(co_await fs::exists("/d")); };
    host.run(first, second);
}

TEST(simulated_disk, S611_reads_and_writes_may_move_less_than_they_could) {
    const sim::network on({.disk = {.split = 0.5}});
    const auto main = []() -> async<> {
        const std::string text(100'000, 'x');
        co_await fs::write_text("/tmp/file", text);
        EXPECT_EQ(co_await fs::read_text("/tmp/file"), text);
        EXPECT_EQ(co_await fs::copy_file("/tmp/file", "/tmp/copy"), text.size());
        EXPECT_EQ(co_await fs::read_text("/tmp/copy"), text);
        fs::file opened = co_await fs::open("/tmp/file");
        std::string some(1000, '\0');
        std::size_t least = some.size();
        for (int i = 0; i < 50; ++i) least = std::min(least, co_await opened.read_at(0, some));
        EXPECT_LT(least, some.size());
    };
    run(main(), {.world = &on});
}

TEST(simulated_disk, S611_who_is_killed_before_a_slow_write_has_not_written) {
    two_lives host({.latency = 2h});
    const auto first = []() -> async<> { co_await fs::create_directory("/d"); };
    const auto second = []() -> async<> { EXPECT_FALSE(co_await fs::exists("/d")); };
    host.run(first, second, &sim::host::kill);
}

/// The names of a directory as it gives them, and of a temporary file.
async<std::string> names_by_chance() {
    for (const char* each : {"/tmp/a", "/tmp/b", "/tmp/c"}) co_await fs::create_directory(each);
    std::string names;
    fs::directory all("/tmp");
    while (const auto each = co_await all.next()) names += each->name;
    const fs::named_temporary_file made = co_await fs::make_named_temporary_file();
    co_return names + made.path();
}

TEST(simulated_disk, S608_what_chance_decides_the_seed_decides) {
    std::set<std::string> orders;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const sim::network on({.seed = seed});
        const std::string names = run(names_by_chance(), {.world = &on});
        EXPECT_EQ(run(names_by_chance(), {.world = &on}), names);
        orders.insert(names.substr(0, 3));
    }
    EXPECT_EQ(orders.size(), 6U);
}

TEST(simulated_disk, S608_files_have_the_times_of_the_simulated_clock) {
    const sim::network on;
    const auto main = []() -> async<> {
        co_await fs::append("/tmp/file", "a");
        const fs::file_status before = co_await fs::status("/tmp/file");
        co_await sleep(1h);
        co_await fs::append("/tmp/file", "b");
        const fs::file_status after = co_await fs::status("/tmp/file");
        EXPECT_EQ(after.modified - before.modified, 1h);
        EXPECT_EQ(after.created, before.created);
    };
    run(main(), {.world = &on});
}

TEST(simulated_disk, S612_each_host_and_each_network_run_has_its_own) {
    sim::world w;
    const auto leave = []() -> async<> {
        EXPECT_FALSE(co_await fs::exists("/tmp/x"));
        co_await fs::write_text("/tmp/x", "");
    };
    sim::host& a = w.add_host("a", leave);
    sim::host& b = w.add_host("b", leave);
    w.run([&]() -> async<> {
        co_await a.ended();
        co_await b.ended();
        co_await leave();  // the scenario has one, too
    });
    const sim::network on;
    run(leave(), {.world = &on});
    run(leave(), {.world = &on});
}

TEST(simulated_disk, S612_watchers_say_that_they_are_not_simulated) {
    const sim::network on;
    const auto main = []() -> async<> {
        EXPECT_THROW(fs::watcher("/tmp"), fs::error);
        co_return;
    };
    run(main(), {.world = &on});
}

}  // namespace
}  // namespace torus::testing
