// tests/fs/temporary_test.cpp: files and directories that go with their object.
#include "fs/disk.hpp"

#include <stdlib.h>

namespace torus::testing {
namespace {

TORUS_IO_TEST(fs_temporary_file, S378_has_no_name_and_is_read_and_written) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::make_temporary_file(folder.path());
    EXPECT_EQ(names_in(folder.path()), 0u);
    co_await f.write("content");
    co_await f.seek(0);
    EXPECT_EQ(co_await f.read_all(), "content");
    const fs::file_status status = co_await f.status();
    EXPECT_EQ(status.permissions, 0600u);
    EXPECT_EQ(co_await errno_of(fs::make_temporary_file(folder / "absent")), ENOENT);
}

TORUS_IO_TEST(fs_temporary_file, S378_is_made_where_the_environment_says) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const char* const named = ::getenv("TMPDIR");
    const std::optional<std::string> former = named ? std::optional<std::string>(named) : std::nullopt;
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    fs::named_temporary_file f = co_await fs::make_named_temporary_file();
    if (former) ::setenv("TMPDIR", former->c_str(), 1);
    else ::unsetenv("TMPDIR");
    EXPECT_EQ(f.path().find(folder / "torus-"), 0u);
}

TORUS_IO_TEST(fs_named_temporary_file, S379_goes_with_its_object) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    {
        fs::named_temporary_file f = co_await fs::make_named_temporary_file(folder.path(), "mine-");
        fs::named_temporary_file other = co_await fs::make_named_temporary_file(folder.path(), "mine-");
        EXPECT_EQ(f.path().find(folder / "mine-"), 0u);
        EXPECT_NE(f.path(), other.path());
        co_await f.file().write("content");
        EXPECT_EQ(content_of(f.path()), "content");
        const fs::file_status status = co_await f.file().status();
        EXPECT_EQ(status.permissions, 0600u);
        fs::named_temporary_file moved = std::move(f);
        EXPECT_EQ(names_in(folder.path()), 2u);
    }
    EXPECT_EQ(names_in(folder.path()), 0u);
}

TORUS_IO_TEST(fs_named_temporary_file, S379_stays_if_it_is_kept) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("taken", "old");
    {
        fs::named_temporary_file f = co_await fs::make_named_temporary_file(folder.path());
        co_await f.file().write("content");
        EXPECT_EQ(co_await errno_of(f.keep_as(folder / "taken", fs::existing::refused)), EEXIST);
        co_await f.keep_as(folder / "kept");
        EXPECT_EQ(f.path(), "");
    }
    EXPECT_EQ(content_of(folder / "kept"), "content");
    EXPECT_EQ(names_in(folder.path()), 2u);
}

TORUS_IO_TEST(fs_temporary_directory, S380_is_removed_with_everything_in_it) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::temporary_directory d = co_await fs::make_temporary_directory(folder.path());
    co_await fs::create_directories(d.path() + "/a/b");
    co_await fs::write_text(d.path() + "/a/file", "content");
    const fs::file_status status = co_await fs::status(d.path());
    EXPECT_EQ(status.permissions, 0700u);
    co_await d.remove();
    EXPECT_EQ(names_in(folder.path()), 0u);
    EXPECT_EQ(d.path(), "");
    co_await d.remove();
}

TEST(fs_temporary_directory, S380_goes_with_its_object_before_run_ends) {
    const scratch_folder folder;
    run([](const scratch_folder& in) -> async<> {
        if (without_disk()) co_return;
        fs::temporary_directory d = co_await fs::make_temporary_directory(in.path());
        co_await fs::write_text(d.path() + "/file", "content");
    }(folder));
    EXPECT_EQ(names_in(folder.path()), 0u);
}

TEST(fs_temporary_directory, S380_goes_with_its_object_where_no_loop_runs) {
    const scratch_folder folder;
    std::optional<fs::temporary_directory> kept;
    run([](const scratch_folder& in, std::optional<fs::temporary_directory>& into) -> async<> {
        if (without_disk()) co_return;
        fs::temporary_directory made = co_await fs::make_temporary_directory(in.path());
        into = std::move(made);
    }(folder, kept));
    kept.reset();
    EXPECT_EQ(names_in(folder.path()), 0u);
}

TORUS_IO_TEST(fs_temporary_directory, S380_stays_if_it_is_released) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::string path;
    {
        fs::temporary_directory d = co_await fs::make_temporary_directory(folder.path(), "kept-");
        path = d.release();
    }
    EXPECT_TRUE(std::filesystem::is_directory(path));
}

}  // namespace
}  // namespace torus::testing
