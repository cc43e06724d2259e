// tests/fs/open_test.cpp: opening files, in every mode.
#include "fs/disk.hpp"

#include <fcntl.h>

namespace torus::testing {
namespace {

using fs::mode;

TORUS_IO_TEST(fs_open, S350_reads_a_file_that_exists) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "content"));
    EXPECT_EQ(co_await f.read(100), "content");
    EXPECT_EQ(co_await errno_of(f.write("x")), EBADF);
    EXPECT_EQ(co_await errno_of(fs::open(folder / "absent")), ENOENT);
}

TORUS_IO_TEST(fs_open, S350_to_write_makes_a_file_or_empties_it) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    {
        fs::file f = co_await fs::open(folder / "new", mode::write);
        co_await f.write("first");
        std::string byte(1, '\0');
        EXPECT_EQ(co_await errno_of(f.read_into(byte)), EBADF);
    }
    EXPECT_EQ(content_of(folder / "new"), "first");
    fs::file again = co_await fs::open(folder / "new", mode::write);
    EXPECT_EQ(content_of(folder / "new"), "");
}

TORUS_IO_TEST(fs_open, S350_to_create_refuses_a_file_that_exists) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "new", mode::create);
    EXPECT_EQ(co_await errno_of(fs::open(folder / "new", mode::create)), EEXIST);
}

TORUS_IO_TEST(fs_open, S350_to_update_keeps_the_content) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "content"), mode::update);
    co_await f.write("CON");
    EXPECT_EQ(co_await f.read(100), "tent");
    EXPECT_EQ(content_of(folder / "a"), "CONtent");
    EXPECT_EQ(co_await errno_of(fs::open(folder / "absent", mode::update)), ENOENT);
    fs::file made = co_await fs::open(folder / "absent", mode::update_or_create);
    EXPECT_EQ(co_await made.read(100), "");
    fs::file kept = co_await fs::open(folder / "a", mode::update_or_create);
    EXPECT_EQ(co_await kept.read(100), "CONtent");
}

TORUS_IO_TEST(fs_open, S350_options_make_a_written_file_readable) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "new", mode::write, {.readable = true});
    co_await f.write("both");
    std::string bytes(4, '\0');
    EXPECT_EQ(co_await f.read_at(0, bytes), 4u);
    EXPECT_EQ(bytes, "both");
}

TORUS_IO_TEST(fs_open, S350_options_give_a_new_file_its_permissions_less_the_umask) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    fs::file f = co_await fs::open(folder / "new", mode::write, {.permissions = 0640});
    const fs::file_status status = co_await f.status();
    EXPECT_EQ(status.permissions, 0640u & ~mask);
}

TORUS_IO_TEST(fs_open, S350_options_refuse_symbolic_links) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::filesystem::create_symlink(folder.write("a", "content"), folder / "link");
    fs::file f = co_await fs::open(folder / "link");
    EXPECT_EQ(co_await f.read(100), "content");
    EXPECT_EQ(co_await errno_of(fs::open(folder / "link", mode::read, {.follow_links = false})), ELOOP);
}

TORUS_IO_TEST(fs_open, S350_options_write_through_to_the_disk) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "new", mode::write, {.synchronous = true});
    EXPECT_TRUE(::fcntl(f.number(), F_GETFL) & O_DSYNC);
    co_await f.write("durable");
    EXPECT_EQ(content_of(folder / "new"), "durable");
}

TORUS_IO_TEST(fs_open, S351_errors_say_what_was_tried_with_which_file_and_why) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder / "absent";
    const fs::error e = co_await expect_throws<fs::error>(fs::open(path));
    EXPECT_EQ(e.path(), path);
    EXPECT_EQ(e.tried(), "open");
    EXPECT_EQ(e.other_path(), "");
    EXPECT_EQ(e.code(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(std::string(e.what()), "torus: open \"" + path + "\": No such file or directory");
    const fs::error both = co_await expect_throws<fs::error>(fs::rename(path, folder / "other"));
    EXPECT_EQ(both.other_path(), folder / "other");
    EXPECT_EQ(std::string(both.what()),
              "torus: rename \"" + path + "\" to \"" + (folder / "other") + "\": No such file or directory");
}

TORUS_IO_TEST(fs_open, S352_a_path_with_a_zero_byte_is_refused) {
    if (without_disk()) co_return;
    using namespace std::string_literals;
    const scratch_folder folder;
    folder.write("a", "content");
    EXPECT_EQ(co_await errno_of(fs::open((folder / "a") + "\0b"s)), EINVAL);
    EXPECT_EQ(co_await errno_of(fs::status((folder / "a") + "\0b"s)), EINVAL);
    EXPECT_EQ(co_await errno_of(fs::rename(folder / "a", (folder / "c") + "\0b"s)), EINVAL);
}

TORUS_IO_TEST(fs_open, S388_descriptors_are_not_inherited_by_other_programs) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file opened = co_await fs::open(folder.write("a", "content"));
    fs::file unnamed = co_await fs::make_temporary_file(folder.path());
    fs::named_temporary_file named = co_await fs::make_named_temporary_file(folder.path());
    for (const int each : {opened.number(), unnamed.number(), named.file().number()})
        EXPECT_TRUE(::fcntl(each, F_GETFD) & FD_CLOEXEC);
}

TORUS_IO_TEST(fs_open, S362_a_cancelled_open_leaves_no_descriptor) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "content");
    const std::size_t before = open_descriptors();
    for (int passes = 0; passes < 5; ++passes) {
        task<fs::file> opening = create_task(fs::open(path));
        co_await let_kernel_run(passes);
        opening.cancel();
        try {
            fs::file opened = co_await std::move(opening);
            EXPECT_TRUE(opened.is_open());
        } catch (const cancelled_error&) {}
    }
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace torus::testing
