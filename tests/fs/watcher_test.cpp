// tests/fs/watcher_test.cpp: hearing of what happens to files.
#include "fs/disk.hpp"

#include <unistd.h>

namespace torus::testing {
namespace {

using fs::change;

async<std::optional<fs::watch_event>> next_of(fs::watcher& of) { co_return co_await of.next(); }

/// The next event that isn't a mere change of attributes, which file systems report at will.
async<fs::watch_event> next_change(fs::watcher& of) {
    for (;;) {
        const auto event = co_await of.next();
        if (!event) throw std::runtime_error("nothing is watched any more");
        if (event->what != change::attributes) co_return *event;
    }
}

#define EXPECT_CHANGE(watcher, expected, expected_path)              \
    do {                                                             \
        const fs::watch_event event = co_await next_change(watcher); \
        EXPECT_EQ(event.what, expected);                             \
        EXPECT_EQ(event.path, expected_path);                        \
    } while (false)

TORUS_IO_TEST(fs_watcher, S382_reports_what_happens_in_a_directory) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::watcher w(folder.path());
    folder.write("a", "content");
    EXPECT_CHANGE(w, change::created, folder / "a");
    EXPECT_CHANGE(w, change::modified, folder / "a");
    EXPECT_CHANGE(w, change::written, folder / "a");
    std::filesystem::create_directory(folder / "d");
    const fs::watch_event made = co_await next_change(w);
    EXPECT_EQ(made.what, change::created);
    EXPECT_TRUE(made.is_directory);
    ::unlink((folder / "a").c_str());
    EXPECT_CHANGE(w, change::removed, folder / "a");
}

TORUS_IO_TEST(fs_watcher, S382_reports_changes_of_a_file) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "");
    fs::watcher w(path);
    ::chmod(path.c_str(), 0600);
    const auto event = co_await w.next();
    EXPECT_EQ(event->what, change::attributes);
    EXPECT_EQ(event->path, path);
    EXPECT_FALSE(event->is_directory);
}

TORUS_IO_TEST(fs_watcher, S382_waits_until_something_happens) {
    if (without_disk()) co_return;
    const scratch_folder folder, other;
    fs::watcher w(folder.path(), other.path());
    task<std::optional<fs::watch_event>> waiting = create_task(next_of, std::ref(w));
    co_await let_kernel_run();
    EXPECT_FALSE(waiting.done());
    other.write("b", "");
    const auto event = co_await waiting;
    EXPECT_EQ(event->path, other / "b");
}

TORUS_IO_TEST(fs_watcher, S383_reports_a_renaming_as_one_event) {
    if (without_disk()) co_return;
    const scratch_folder folder, other;
    folder.write("a", "");
    fs::watcher w(folder.path(), other.path());
    std::filesystem::rename(folder / "a", other / "b");
    const fs::watch_event event = co_await next_change(w);
    EXPECT_EQ(event.what, change::renamed);
    EXPECT_EQ(event.former_path, folder / "a");
    EXPECT_EQ(event.path, other / "b");
}

TORUS_IO_TEST(fs_watcher, S383_reports_half_a_renaming_as_what_it_looks_like) {
    if (without_disk()) co_return;
    const scratch_folder folder, elsewhere;
    folder.write("a", "");
    elsewhere.write("b", "");
    fs::watcher w(folder.path());
    std::filesystem::rename(folder / "a", elsewhere / "a");
    EXPECT_CHANGE(w, change::removed, folder / "a");
    std::filesystem::rename(elsewhere / "b", folder / "b");
    EXPECT_CHANGE(w, change::created, folder / "b");
    std::filesystem::rename(folder / "b", elsewhere / "b");
    folder.write("c", "");
    EXPECT_CHANGE(w, change::removed, folder / "b");
    EXPECT_CHANGE(w, change::created, folder / "c");
}

TORUS_IO_TEST(fs_watcher, S383_puts_renamings_together_that_are_read_apart) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::watcher w(folder.path());
    // More events than are read at once, so that halves of renamings end reads.
    const std::string name(200, 'n');
    folder.write(name, "");
    constexpr int count = 500;
    for (int i = 0; i < count; ++i)
        std::filesystem::rename(folder / (name + (i % 2 == 0 ? "" : "x")), folder / (name + (i % 2 == 0 ? "x" : "")));
    folder.write("last", "");
    int renamed = 0;
    for (;;) {
        const fs::watch_event event = co_await next_change(w);
        EXPECT_NE(event.what, change::removed);
        if (event.what == change::renamed) ++renamed;
        if (event.path == folder / "last") break;
    }
    EXPECT_EQ(renamed, count);
}

TORUS_IO_TEST(fs_watcher, S384_says_that_a_path_is_gone_and_ends_when_all_are) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::filesystem::create_directory(folder / "d");
    std::filesystem::create_directory(folder / "e");
    fs::watcher w(folder / "d", folder / "e");
    std::filesystem::remove(folder / "d");
    EXPECT_CHANGE(w, change::ended, folder / "d");
    std::filesystem::rename(folder / "e", folder / "f");
    EXPECT_CHANGE(w, change::ended, folder / "e");
    const auto after = co_await w.next();
    EXPECT_FALSE(after);
    fs::watcher empty;
    const auto nothing = co_await empty.next();
    EXPECT_FALSE(nothing);
}

TORUS_IO_TEST(fs_watcher, S384_forgets_what_is_removed_from_it) {
    if (without_disk()) co_return;
    const scratch_folder folder, other;
    fs::watcher w(folder.path(), other.path());
    folder.write("a", "");
    w.remove(folder.path());
    w.remove("/never/watched");
    other.write("b", "");
    EXPECT_CHANGE(w, change::created, other / "b");
    task<std::optional<fs::watch_event>> waiting = create_task(
        [](fs::watcher& of) -> async<std::optional<fs::watch_event>> {
            for (;;) {
                auto event = co_await of.next();
                if (!event || event->path.ends_with("never")) co_return event;
            }
        },
        std::ref(w));
    co_await let_kernel_run();
    w.remove(other.path());
    const auto after = co_await waiting;
    EXPECT_FALSE(after);
}

TORUS_IO_TEST(fs_watcher, S385_says_that_events_were_lost) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::watcher w(folder.path());
    const std::string path = folder.write("a", "");
    std::ifstream limit_file("/proc/sys/fs/inotify/max_queued_events");
    int limit = 0;
    limit_file >> limit;
    if (limit > 100'000) co_return;  // it would take too long
    for (int i = 0; i <= limit; ++i) ::chmod(path.c_str(), i % 2 == 0 ? 0600 : 0644), ::truncate(path.c_str(), i % 2);
    change last = change::created;
    std::string last_path;
    for (int i = 0; i <= limit && last != change::overflow; ++i) {
        const auto event = co_await w.next();
        last = event->what;
        last_path = event->path;
    }
    EXPECT_EQ(last, change::overflow);
    EXPECT_EQ(last_path, "");
    folder.write("later", "");
    EXPECT_CHANGE(w, change::created, folder / "later");
}

TORUS_IO_TEST(fs_watcher, S386_loses_no_event_to_a_cancel) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::watcher w(folder.path());
    int seen = 0;
    for (int i = 0; i < 20; ++i) {
        task<std::optional<fs::watch_event>> waiting = create_task(next_of, std::ref(w));
        co_await let_kernel_run(i % 4);
        std::filesystem::create_directory(folder / std::to_string(i));
        if (i % 2 == 0) co_await let_kernel_run(1);
        waiting.cancel();
        try {
            const auto event = co_await std::move(waiting);
            EXPECT_EQ(event->path, folder / std::to_string(seen++));
        } catch (const cancelled_error&) {}
    }
    for (; seen < 20; ++seen) EXPECT_CHANGE(w, change::created, folder / std::to_string(seen));
}

TORUS_IO_TEST(fs_watcher, S386_that_is_closed_ends_a_wait) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::size_t before = open_descriptors();
    auto w = std::make_unique<fs::watcher>(folder.path());
    task<std::optional<fs::watch_event>> waiting = create_task(next_of, std::ref(*w));
    co_await let_kernel_run();
    co_await expect_throws<std::runtime_error>(w->next());
    w.reset();
    const auto after = co_await std::move(waiting);
    EXPECT_FALSE(after);
    EXPECT_EQ(open_descriptors(), before);
}

TORUS_IO_TEST(fs_watcher, S386_refuses_what_is_not_there) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::watcher w;
    try {
        w.add(folder / "absent");
        ADD_FAILURE();
    } catch (const fs::error& e) {
        EXPECT_EQ(e.code().value(), ENOENT);
        EXPECT_EQ(e.path(), folder / "absent");
    }
}

}  // namespace
}  // namespace torus::testing
