// tests/sim/disk_test.cpp: what crashes leave on a disk.
#include <torus/sim/disk.hpp>

#include <set>
#include <string>

#include <torus/testing/sim_test.hpp>

#include "sim/two_lives.hpp"

namespace torus::testing {
namespace {

using namespace std::literals;

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

TEST(simulated_disk, S609_permissions_are_kept_when_their_file_was_synced) {
    two_lives host;
    const auto first = []() -> async<> {
        co_await fs::write_text("/file", "text");
        co_await fs::set_permissions("/file", 0600);
        co_await sync("/file");
        co_await fs::set_permissions("/file", 0640);
    };
    const auto second = []() -> async<> { EXPECT_EQ((co_await fs::status("/file")).permissions, 0600U); };
    host.run(first, second);
}

TEST(simulated_disk, S609_what_is_written_synchronously_is_kept) {
    two_lives host;
    const auto first = []() -> async<> {
        fs::file opened = co_await fs::open("/file", fs::mode::create, {.synchronous = true});
        co_await sync("/");
        co_await opened.write("text");
    };
    const auto second = []() -> async<> { EXPECT_EQ(co_await fs::read_text("/file"), "text"); };
    host.run(first, second);
}

TEST(simulated_disk, S609_a_directory_that_was_moved_lies_in_one_place) {
    two_lives host;
    const auto first = []() -> async<> {
        co_await fs::create_directories("/d/e/f/g");
        co_await fs::create_directory("/x");
        for (const char* each : {"/d/e/f", "/d/e", "/d", "/"}) co_await sync(each);
        co_await fs::rename("/d/e/f", "/x/f");
        co_await fs::rename("/d", "/x/f/g/d");
        co_await sync("/x/f/g");
    };
    const auto second = []() -> async<> {
        EXPECT_EQ(co_await names_in("/"), "tmp x ");
        EXPECT_EQ(co_await names_in("/x/f/g/d/e"), "");
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

TEST(simulated_disk, S610_of_changes_of_names_a_crash_leaves_the_first_so_many) {
    std::set<std::string> left;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        two_lives host({.survival = 0.5}, seed);
        const auto first = []() -> async<> {
            for (const char* each : {"/a", "/b", "/c"}) co_await fs::create_directory(each);
        };
        const auto second = [&]() -> async<> { left.insert(co_await names_in("/")); };
        host.run(first, second);
    }
    EXPECT_EQ(left, (std::set<std::string>{"tmp ", "a tmp ", "a b tmp ", "a b c tmp "}));
}

}  // namespace
}  // namespace torus::testing
