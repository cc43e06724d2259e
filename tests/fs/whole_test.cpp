// tests/fs/whole_test.cpp: whole files at once.
#include "fs/disk.hpp"

#include <csignal>

#include <sys/resource.h>
#include <unistd.h>

namespace torus::testing {
namespace {

TORUS_IO_TEST(fs_read, S374_text_and_bytes_gives_the_whole_file) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", std::string("con\0tent", 8));
    EXPECT_EQ(co_await fs::read_text(path), std::string("con\0tent", 8));
    const std::vector<std::byte> bytes = co_await fs::read_bytes(path);
    EXPECT_EQ(bytes_view(bytes).text(), std::string_view("con\0tent", 8));
    EXPECT_EQ(co_await fs::read_text(folder.write("empty", "")), "");
    EXPECT_EQ(co_await errno_of(fs::read_text(path, 7)), EFBIG);
    EXPECT_EQ(co_await errno_of(fs::read_bytes(path, 7)), EFBIG);
    EXPECT_EQ(co_await errno_of(fs::read_text(folder / "absent")), ENOENT);
    EXPECT_EQ(co_await errno_of(fs::read_text(folder.path())), EISDIR);
}

TORUS_IO_TEST(fs_write, S375_replaces_the_file_and_leaves_nothing_else) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    co_await fs::write_text(folder / "a", "first");
    EXPECT_EQ(content_of(folder / "a"), "first");
    const fs::file_status before = co_await fs::status(folder / "a");
    const std::vector<std::byte> bytes(3, std::byte{'x'});
    co_await fs::write_bytes(folder / "a", bytes);
    EXPECT_EQ(content_of(folder / "a"), "xxx");
    const fs::file_status after = co_await fs::status(folder / "a");
    EXPECT_FALSE(before.is_same_file(after));
    EXPECT_EQ(names_in(folder.path()), 1u);
    co_await fs::write_text(folder / std::string(255, 'n'), "a name as long as names can be");
    co_await fs::write_text(folder / "quick", "power must not fail", {.durable = false});
    EXPECT_EQ(content_of(folder / "quick"), "power must not fail");
    EXPECT_EQ(names_in(folder.path()), 3u);
}

TORUS_IO_TEST(fs_write, S375_finds_files_of_the_working_directory) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string former = std::filesystem::current_path().string();
    std::filesystem::current_path(folder.path());
    co_await fs::write_text("relative", "content");
    std::filesystem::current_path(former);
    EXPECT_EQ(content_of(folder / "relative"), "content");
}

TORUS_IO_TEST(fs_write, S375_a_reader_sees_all_of_the_old_or_all_of_the_new) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string a(100'000, 'a'), b(70'000, 'b');
    co_await fs::write_text(folder / "f", a);
    task<> writer = create_task([&]() -> async<> {
        for (int i = 0; i < 10; ++i) {
            co_await fs::write_text(folder / "f", i % 2 == 0 ? b : a, {.durable = false});
        }
    });
    while (!writer.done()) {
        const std::string seen = co_await fs::read_text(folder / "f");
        EXPECT_TRUE(seen == a || seen == b) << seen.size();
    }
    co_await writer;
}

TORUS_IO_TEST(fs_write, S375_keeps_the_permissions) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "old");
    co_await fs::set_permissions(path, 0751);
    co_await fs::write_text(path, "new");
    const fs::file_status kept = co_await fs::status(path);
    EXPECT_EQ(kept.permissions, 0751u);
    const mode_t mask = ::umask(0);
    ::umask(mask);
    co_await fs::write_text(folder / "b", "new", {.permissions = 0660});
    const fs::file_status given = co_await fs::status(folder / "b");
    EXPECT_EQ(given.permissions, 0660u & ~mask);
}

TORUS_IO_TEST(fs_write, S375_follows_symbolic_links) {
    if (without_disk()) co_return;
    const scratch_folder folder, other;
    other.write("real", "old");
    std::filesystem::create_symlink(other / "real", folder / "link");
    co_await fs::write_text(folder / "link", "new");
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
    EXPECT_EQ(content_of(other / "real"), "new");
    std::filesystem::create_symlink(other / "made", folder / "dangling");
    co_await fs::write_text(folder / "dangling", "new");
    EXPECT_EQ(content_of(other / "made"), "new");
    EXPECT_EQ(names_in(folder.path()), 2u);
    EXPECT_EQ(names_in(other.path()), 2u);
}

TORUS_IO_TEST(fs_write, S375_that_fails_leaves_the_file_as_it_was) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "old");
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    rlimit former{};
    ::getrlimit(RLIMIT_FSIZE, &former);
    const rlimit limited{1000, former.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
    const int error = co_await errno_of(fs::write_text(path, std::string(2000, 'x')));
    ::setrlimit(RLIMIT_FSIZE, &former);
    ::signal(SIGXFSZ, handler);
    EXPECT_EQ(error, EFBIG);
    EXPECT_EQ(content_of(path), "old");
    EXPECT_EQ(names_in(folder.path()), 1u);
    EXPECT_EQ(co_await errno_of(fs::write_text(folder / "x/a", "new")), ENOENT);
    EXPECT_EQ(co_await errno_of(fs::write_text(folder.path(), "new")), EISDIR);
}

TORUS_IO_TEST(fs_write, S375_that_is_cancelled_leaves_the_old_or_the_new_and_nothing_else) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder / "a";
    const std::size_t before = open_descriptors();
    int ended = 0;
    for (int passes = 0; ended < 3; passes += 1 + passes / 3) {
        folder.write("a", "old");
        task<> writing = create_task(fs::write_text(path, "new"));
        co_await let_kernel_run(passes);
        if (writing.done()) ++ended;
        writing.cancel();
        try {
            co_await std::move(writing);
            EXPECT_EQ(content_of(path), "new");
        } catch (const cancelled_error&) {}
        const std::string content = content_of(path);
        EXPECT_TRUE(content == "old" || content == "new") << content;
        EXPECT_EQ(names_in(folder.path()), 1u);
        EXPECT_EQ(open_descriptors(), before);
    }
}

TORUS_IO_TEST(fs_write, S376_in_place_keeps_the_file_itself) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "something old");
    const fs::file_status before = co_await fs::status(path);
    co_await fs::write_text(path, "new", {.atomic = false});
    const fs::file_status after = co_await fs::status(path);
    EXPECT_TRUE(before.is_same_file(after));
    EXPECT_EQ(content_of(path), "new");
}

TORUS_IO_TEST(fs_write, S376_what_is_no_plain_file_is_written_where_it_is) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = make_fifo(folder);
    fs::file reader = co_await fs::open(path, fs::mode::update);
    co_await fs::write_text(path, "through");
    EXPECT_EQ(co_await reader.read(100), "through");
    const fs::file_status status = co_await fs::status(path);
    EXPECT_EQ(status.kind, fs::kind::fifo);
    co_await fs::write_text("/dev/null", "gone");
}

TORUS_IO_TEST(fs_append, S377_adds_to_the_end_of_a_file_or_makes_it) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    co_await fs::append(folder / "a", "one\n");
    co_await fs::append(folder / "a", "two\n");
    EXPECT_EQ(content_of(folder / "a"), "one\ntwo\n");
    EXPECT_EQ(co_await errno_of(fs::append(folder.path(), "x")), EISDIR);
}

}  // namespace
}  // namespace torus::testing
