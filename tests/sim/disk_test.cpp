// tests/sim/disk_test.cpp: what crashes, faults and full disks do to files.
#include <torus/sim/world.hpp>

#include <functional>
#include <set>
#include <string>

#include <torus/fs/fs.hpp>
#include <torus/sim/network.hpp>
#include <torus/testing/sim_test.hpp>

namespace torus::testing {
namespace {

using namespace std::literals;

/// A host that runs two programs, and what ends the first.
class two_lives {
public:
    explicit two_lives(const sim::disk_options& disk = {}, std::uint64_t seed = 1)
        : world_({.seed = seed}), host_(world_.add_host("a", [this] { return live(); }, {.disk = disk})) {}

    /// Runs the first one for an hour, ends it as told, and runs the second one.
    void run(const std::function<async<>()>& first, const std::function<async<>()>& second,
             void (sim::host::*end)() = &sim::host::crash) {
        life_ = &first;
        world_.run([&]() -> async<> {
            co_await sleep(1h);
            (host_.*end)();
            life_ = &second;
            host_.start();
            co_await host_.ended();
        });
    }

    void set_disk(const sim::disk_options& disk) { host_.set_disk(disk); }

private:
    async<> live() { return (*life_)(); }

    const std::function<async<>()>* life_ = nullptr;
    sim::world world_;
    sim::host& host_;
};

async<> write_without_sync(std::string path, std::string text) {
    co_await fs::write_text(std::move(path), text, {.atomic = false, .durable = false});
}

async<> sync(std::string path) {
    fs::file opened = co_await fs::open(std::move(path));
    co_await opened.sync();
}

async<std::string> names_in(std::string folder) {
    std::string all;
    for (const std::string& each : co_await fs::list(std::move(folder))) all += each + " ";
    co_return all;
}

async<> stay() { co_await sleep(24h); }

TEST(simulated_disk, S609_a_crash_loses_what_was_not_synced) {
    two_lives host;
    const auto first = []() -> async<> {
        co_await write_without_sync("/kept", "first");
        co_await sync("/kept");
        co_await sync("/");
        co_await fs::append("/kept", " second");
        co_await write_without_sync("/lost", "text");
        EXPECT_EQ(co_await fs::read_text("/kept"), "first second");
        co_await stay();
    };
    const auto second = []() -> async<> {
        EXPECT_EQ(co_await fs::read_text("/kept"), "first");
        EXPECT_FALSE(co_await fs::exists("/lost"));
    };
    host.run(first, second);
}

TEST(simulated_disk, S609_a_name_is_kept_when_its_directory_was_synced) {
    two_lives host;
    const auto first = []() -> async<> {
        co_await write_without_sync("/nameless", "text");
        co_await sync("/nameless");
        co_await fs::create_directory("/d");
        co_await write_without_sync("/d/empty", "text");
        co_await sync("/d");
        co_await fs::create_directory("/e");
        co_await sync("/");
        co_await write_without_sync("/e/lost", "text");
        co_await sync("/e/lost");
        co_await stay();
    };
    const auto second = []() -> async<> {
        EXPECT_EQ(co_await names_in("/"), "d e nameless tmp ");
        EXPECT_EQ(co_await fs::read_text("/nameless"), "text");
        EXPECT_EQ(co_await fs::read_text("/d/empty"), "");  // its name was synced, but not its bytes
        EXPECT_EQ(co_await names_in("/e"), "");
    };
    host.run(first, second);
}

TEST(simulated_disk, S609_what_is_replaced_is_there_whole_before_and_after) {
    two_lives host;
    const auto first = []() -> async<> {
        co_await fs::write_text("/tmp/file", "old");
        co_await fs::write_text("/tmp/file", "lost", {.durable = false});
        EXPECT_EQ(co_await fs::read_text("/tmp/file"), "lost");
        co_await stay();
    };
    const auto second = []() -> async<> {
        EXPECT_EQ(co_await fs::read_text("/tmp/file"), "old");
        EXPECT_EQ(co_await names_in("/tmp"), "file ");
    };
    host.run(first, second);
}

TEST(simulated_disk, S609_who_is_killed_loses_nothing_but_cleans_nothing_up) {
    two_lives host;
    const auto first = []() -> async<> {
        co_await write_without_sync("/file", "text");
        const fs::named_temporary_file left = co_await fs::make_named_temporary_file("/tmp", "left");
        const fs::temporary_directory folder = co_await fs::make_temporary_directory("/tmp", "left");
        co_await write_without_sync(folder.path() + "/a", "text");
        co_await stay();
    };
    const auto second = []() -> async<> {
        EXPECT_EQ(co_await fs::read_text("/file"), "text");
        EXPECT_EQ((co_await fs::list("/tmp")).size(), 2U);
    };
    host.run(first, second, &sim::host::kill);
}

TEST(simulated_disk, S609_who_is_stopped_cleans_up) {
    two_lives host;
    const auto first = []() -> async<> {
        const fs::named_temporary_file gone = co_await fs::make_named_temporary_file("/tmp", "gone");
        const fs::temporary_directory folder = co_await fs::make_temporary_directory("/tmp", "gone");
        co_await write_without_sync(folder.path() + "/a", "text");
    };
    const auto second = []() -> async<> { EXPECT_EQ(co_await names_in("/tmp"), ""); };
    host.run(first, second, &sim::host::stop);
}

/// What is left of two pages that were written, but not synced: 'a' and 'b' where they were, '.' where not.
std::string left_of_two_pages(const sim::disk_options& disk, std::uint64_t seed) {
    two_lives host(disk, seed);
    std::string left;
    const auto first = []() -> async<> {
        fs::file opened = co_await fs::open("/file", fs::mode::create);
        co_await opened.truncate(2048);
        co_await opened.sync();
        co_await sync("/");
        co_await opened.write_at(0, std::string(1024, 'a'));
        co_await opened.write_at(1024, std::string(1024, 'b'));
        co_await stay();
    };
    const auto second = [&]() -> async<> {
        const std::string text = co_await fs::read_text("/file");
        for (std::size_t at = 0; at < text.size(); at += 512) left += text[at] ? text[at] : '.';
    };
    host.run(first, second);
    return left;
}

TEST(simulated_disk, S610_a_crash_may_leave_some_of_what_was_not_synced_and_tear_it) {
    std::set<std::string> whole;
    std::set<std::string> torn;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        whole.insert(left_of_two_pages({.survival = 0.5}, seed));
        torn.insert(left_of_two_pages({.survival = 0.5, .torn = 1}, seed));
    }
    EXPECT_EQ(whole, (std::set<std::string>{"....", "aa..", "..bb", "aabb"}));
    EXPECT_EQ(torn.size(), 16U);
    EXPECT_EQ(left_of_two_pages({.survival = 0.5}, 7), left_of_two_pages({.survival = 0.5}, 7));
}

/// Writes version after version of a file, each as long as its number says, until somebody ends it.
async<> keep_writing(fs::write_options how, std::size_t& done) {
    for (;;) {
        co_await fs::write_text("/tmp/file", std::string(1000 * (done + 1), static_cast<char>('a' + done)), how);
        ++done;
    }
}

TORUS_SIM_TEST_WITH(simulated_disk, S613_a_file_that_was_replaced_is_whole_after_any_crash,
                    (seed_options{.runs = 200})) {
    std::size_t done = 0;
    bool is_second = false;
    const auto life = [&]() -> async<> {
        if (!is_second) co_return co_await keep_writing({}, done);
        if (done == 0 && !co_await fs::exists("/tmp/file")) co_return;
        const std::string text = co_await fs::read_text("/tmp/file");
        EXPECT_EQ(text, std::string(text.size(), text.at(0)));
        const std::size_t version = text.size() / 1000;
        EXPECT_EQ(text.size(), version * 1000);
        EXPECT_TRUE(version == done || version == done + 1) << version << " of " << done;
    };
    const sim::disk_options disk{.latency = 10us, .most_latency = 5ms, .split = 0.2, .survival = 0.5, .torn = 0.5};
    sim::host& a = w.add_host("a", life, {.disk = disk});
    w.run([&]() -> async<> {
        co_await sleep(std::chrono::microseconds(w.random(300'000)));
        a.crash();
        is_second = true;
        a.start();
        co_await a.ended();
    });
}

TEST(simulated_disk, S613_a_new_file_that_was_written_in_place_is_there_after_a_crash) {
    two_lives host;
    const auto first = []() -> async<> {
        const fs::write_options in_place{.atomic = false};
        co_await fs::create_directory("/tmp/d");
        co_await sync("/tmp");
        co_await fs::create_symlink("d/other", "/tmp/link");
        co_await fs::write_text("/tmp/d/new", "text", in_place);
        co_await fs::write_text("/tmp/link", "text", in_place);
    };
    const auto second = []() -> async<> {
        EXPECT_EQ(co_await fs::read_text("/tmp/d/new"), "text");
        EXPECT_EQ(co_await fs::read_text("/tmp/d/other"), "text");
    };
    host.run(first, second);
}

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
