// tests/fs/names_test.cpp: names, made, changed and taken away.
#include "fs/disk.hpp"

#include <unistd.h>

namespace torus::testing {
namespace {

bool is_there(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::symlink_status(path, ignored).type() != std::filesystem::file_type::not_found;
}

TORUS_IO_TEST(fs_rename, S366_replaces_a_file_or_refuses_to) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("a", "new");
    folder.write("b", "old");
    EXPECT_EQ(co_await errno_of(fs::rename(folder / "a", folder / "b", fs::existing::refused)), EEXIST);
    EXPECT_EQ(content_of(folder / "b"), "old");
    co_await fs::rename(folder / "a", folder / "b");
    EXPECT_EQ(content_of(folder / "b"), "new");
    EXPECT_FALSE(is_there(folder / "a"));
    co_await fs::rename(folder / "b", folder / "c", fs::existing::refused);
    EXPECT_EQ(content_of(folder / "c"), "new");
}

TORUS_IO_TEST(fs_remove, S367_takes_away_files_and_links_but_no_directories) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("a", "content");
    std::filesystem::create_symlink("a", folder / "link");
    std::filesystem::create_directory(folder / "directory");
    co_await fs::remove(folder / "link");
    EXPECT_TRUE(is_there(folder / "a"));
    co_await fs::remove(folder / "a");
    EXPECT_FALSE(is_there(folder / "a"));
    EXPECT_EQ(co_await errno_of(fs::remove(folder / "a")), ENOENT);
    EXPECT_EQ(co_await errno_of(fs::remove(folder / "directory")), EISDIR);
}

TORUS_IO_TEST(fs_remove_directory, S367_takes_away_empty_directories_only) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::filesystem::create_directory(folder / "d");
    folder.write("d/a", "");
    EXPECT_EQ(co_await errno_of(fs::remove_directory(folder / "d")), ENOTEMPTY);
    co_await fs::remove(folder / "d/a");
    co_await fs::remove_directory(folder / "d");
    EXPECT_FALSE(is_there(folder / "d"));
    EXPECT_EQ(co_await errno_of(fs::remove_directory(folder.write("f", ""))), ENOTDIR);
}

TORUS_IO_TEST(fs_create_directory, S367_makes_one_that_is_not_there) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    co_await fs::create_directory(folder / "d", 0700);
    EXPECT_EQ(std::filesystem::status(folder / "d").permissions(), std::filesystem::perms::owner_all);
    EXPECT_EQ(co_await errno_of(fs::create_directory(folder / "d")), EEXIST);
    EXPECT_EQ(co_await errno_of(fs::create_directory(folder / "x/y")), ENOENT);
}

TORUS_IO_TEST(fs_create_directories, S367_makes_all_that_are_missing) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    co_await fs::create_directories(folder / "a/b//c/");
    EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
    co_await fs::create_directories(folder / "a/b/c");
    co_await fs::create_directories("/");
    folder.write("file", "");
    EXPECT_EQ(co_await errno_of(fs::create_directories(folder / "file/x")), ENOTDIR);
    EXPECT_EQ(co_await errno_of(fs::create_directories(folder / "file")), ENOTDIR);
    EXPECT_EQ(co_await errno_of(fs::create_directories("")), ENOENT);
    const std::string former = std::filesystem::current_path().string();
    std::filesystem::current_path(folder.path());
    co_await fs::create_directories("relative/below");
    std::filesystem::current_path(former);
    EXPECT_TRUE(std::filesystem::is_directory(folder / "relative/below"));
}

TORUS_IO_TEST(fs_remove_all, S368_takes_a_tree_away_and_counts) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::filesystem::create_directories(folder / "t/a/b/c");
    std::filesystem::create_directories(folder / "t/empty");
    for (const char* each : {"t/1", "t/a/2", "t/a/b/c/3"}) folder.write(each, "x");
    EXPECT_EQ(co_await fs::remove_all(folder / "t"), 8u);
    EXPECT_FALSE(is_there(folder / "t"));
    EXPECT_EQ(co_await fs::remove_all(folder / "t"), 0u);
    EXPECT_EQ(co_await fs::remove_all(folder.write("file", "")), 1u);
}

TORUS_IO_TEST(fs_remove_all, S368_does_not_follow_symbolic_links) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::filesystem::create_directories(folder / "kept");
    folder.write("kept/file", "x");
    std::filesystem::create_directories(folder / "t");
    std::filesystem::create_directory_symlink(folder / "kept", folder / "t/link");
    EXPECT_EQ(co_await fs::remove_all(folder / "t"), 2u);
    EXPECT_TRUE(is_there(folder / "kept/file"));
    std::filesystem::create_directory_symlink(folder / "kept", folder / "link");
    EXPECT_EQ(co_await fs::remove_all(folder / "link"), 1u);
    EXPECT_TRUE(is_there(folder / "kept/file"));
}

TORUS_IO_TEST(fs_remove_all, S368_refuses_what_it_could_only_empty) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("file", "x");
    for (const char* each : {"/.", "/..", "/./", "/..//"})
        EXPECT_EQ(co_await errno_of(fs::remove_all(folder.path() + each)), EINVAL) << each;
    for (const char* each : {"/", "//", ".", ".."}) EXPECT_EQ(co_await errno_of(fs::remove_all(each)), EINVAL) << each;
    EXPECT_TRUE(is_there(folder / "file"));
}

TORUS_IO_TEST(fs_remove_all, S368_of_many_leaves_no_descriptor_and_may_be_cancelled) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::size_t before = open_descriptors();
    for (int passes = 1; passes < 60; passes += 7) {
        std::filesystem::create_directories(folder / "t/a/b");
        for (int i = 0; i < 30; ++i) folder.write("t/a/" + std::to_string(i), "");
        task<std::uint64_t> removal = create_task(fs::remove_all(folder / "t"));
        co_await let_kernel_run(passes);
        removal.cancel();
        try {
            co_await removal;
        } catch (const cancelled_error&) {}
        EXPECT_EQ(open_descriptors(), before);
    }
    co_await fs::remove_all(folder / "t");
    EXPECT_EQ(names_in(folder.path()), 0u);
}

TORUS_IO_TEST(fs_links, S369_are_made_and_read) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("a", "content");
    co_await fs::create_symlink("a", folder / "soft");
    co_await fs::create_hard_link(folder / "a", folder / "hard");
    EXPECT_EQ(content_of(folder / "soft"), "content");
    EXPECT_EQ(std::filesystem::hard_link_count(folder / "a"), 2u);
    EXPECT_EQ(co_await fs::read_link(folder / "soft"), "a");
    EXPECT_EQ(co_await errno_of(fs::read_link(folder / "a")), EINVAL);
    EXPECT_EQ(co_await errno_of(fs::create_symlink("b", folder / "soft")), EEXIST);
    EXPECT_EQ(co_await errno_of(fs::create_hard_link(folder / "a", folder / "hard")), EEXIST);
    EXPECT_EQ(co_await errno_of(fs::create_hard_link(folder / "absent", folder / "new")), ENOENT);
}

TORUS_IO_TEST(fs_resolve, S369_gives_the_path_without_detours) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "content");
    std::filesystem::create_symlink("a", folder / "link");
    const std::string real = std::filesystem::canonical(path).string();
    EXPECT_EQ(co_await fs::resolve(folder / "link"), real);
    EXPECT_EQ(co_await fs::resolve(folder / "./../" + folder.path().substr(folder.path().rfind('/') + 1) + "/a"), real);
    EXPECT_EQ(co_await errno_of(fs::resolve(folder / "absent")), ENOENT);
}

TORUS_IO_TEST(fs_set_permissions, S369_sets_them_all) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "content");
    co_await fs::set_permissions(path, 04751);
    const fs::file_status status = co_await fs::status(path);
    EXPECT_EQ(status.permissions, 04751u);
    EXPECT_EQ(co_await errno_of(fs::set_permissions(folder / "absent", 0600)), ENOENT);
}

}  // namespace
}  // namespace torus::testing
