// tests/fs/directory_test.cpp: what is in directories.
#include "fs/disk.hpp"

#include <set>

namespace torus::testing {
namespace {

async<std::optional<fs::directory_entry>> next_of(fs::directory& of) { co_return co_await of.next(); }

TORUS_IO_TEST(fs_directory, S371_gives_each_name_with_its_kind_and_no_dots) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("file", "");
    std::filesystem::create_directory(folder / "below");
    std::filesystem::create_symlink("below", folder / "link");
    make_fifo(folder);
    fs::directory d(folder.path());
    std::set<std::pair<std::string, fs::kind>> seen;
    while (auto entry = co_await d.next()) seen.emplace(entry->name, entry->kind);
    const std::set<std::pair<std::string, fs::kind>> expected{{"file", fs::kind::file},
                                                              {"below", fs::kind::directory},
                                                              {"link", fs::kind::symlink},
                                                              {"fifo", fs::kind::fifo}};
    EXPECT_EQ(seen, expected);
    const auto after = co_await d.next();
    EXPECT_FALSE(after);
    EXPECT_EQ(d.path(), folder.path());
}

TORUS_IO_TEST(fs_directory, S371_gives_thousands_of_names_once_each) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::set<std::string> expected, seen;
    for (int i = 0; i < 3000; ++i) expected.insert("a name that is not so short " + std::to_string(i));
    for (const std::string& each : expected) folder.write(each, "");
    fs::directory d(folder.path());
    std::size_t count = 0;
    for (; auto entry = co_await d.next(); ++count) seen.insert(entry->name);
    EXPECT_EQ(count, expected.size());
    EXPECT_EQ(seen, expected);
}

TORUS_IO_TEST(fs_directory, S371_that_is_none_is_an_error) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::directory absent(folder / "absent"), file(folder.write("file", ""));
    EXPECT_EQ(co_await errno_of(absent.next()), ENOENT);
    EXPECT_EQ(co_await errno_of(file.next()), ENOTDIR);
    EXPECT_EQ(co_await errno_of(absent.next()), ENOENT);
}

TORUS_IO_TEST(fs_directory, S372_loses_no_entry_to_a_cancel) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::set<std::string> seen;
    for (int i = 0; i < 20; ++i) folder.write(std::to_string(i), "");
    fs::directory d(folder.path());
    for (int passes = 0;; ++passes) {
        task<std::optional<fs::directory_entry>> next = create_task(next_of, std::ref(d));
        co_await let_kernel_run(passes % 4);
        next.cancel();
        try {
            const auto entry = co_await std::move(next);
            if (!entry) break;
            EXPECT_TRUE(seen.insert(entry->name).second);
        } catch (const cancelled_error&) {}
    }
    EXPECT_EQ(seen.size(), 20u);
}

TORUS_IO_TEST(fs_directory, S372_serves_one_task_at_a_time) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("file", "");
    fs::directory d(folder.path());
    task<std::optional<fs::directory_entry>> first = create_task(next_of, std::ref(d));
    co_await yield_now();
    co_await expect_throws<std::runtime_error>(d.next());
    const auto entry = co_await first;
    EXPECT_TRUE(entry);
}

TORUS_IO_TEST(fs_directory, S372_may_go_while_a_task_waits_for_it) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("file", "");
    const std::size_t before = open_descriptors();
    std::optional<fs::directory> d(folder.path());
    task<std::optional<fs::directory_entry>> next = create_task(next_of, std::ref(*d));
    co_await yield_now();
    d.reset();
    const auto entry = co_await std::move(next);
    EXPECT_TRUE(entry);
    EXPECT_EQ(open_descriptors(), before);
}

TORUS_IO_TEST(fs_list, S373_gives_the_names_in_order) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    for (const char* each : {"c", "a", "B", "b"}) folder.write(each, "");
    const std::vector<std::string> expected{"B", "a", "b", "c"};
    EXPECT_EQ(co_await fs::list(folder.path()), expected);
    EXPECT_EQ(co_await errno_of(fs::list(folder / "absent")), ENOENT);
}

}  // namespace
}  // namespace torus::testing
