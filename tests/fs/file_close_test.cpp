// tests/fs/file_close_test.cpp: the end of open files.
#include "fs/disk.hpp"

#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace torus::testing {
namespace {

using fs::mode;

bool is_open(int number) { return ::fcntl(number, F_GETFD) >= 0; }

async<std::size_t> read_some(fs::file& from, std::span<char> into) { co_return co_await from.read_into(into); }

TORUS_IO_TEST(fs_close, S362_closes_and_may_be_repeated) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "content"), mode::update);
    const int number = f.number();
    EXPECT_TRUE(f.is_open());
    co_await f.close();
    EXPECT_FALSE(f.is_open());
    EXPECT_FALSE(is_open(number));
    EXPECT_EQ(f.number(), -1);
    co_await f.close();
}

TORUS_IO_TEST(fs_close, S362_later_use_says_ebadf) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "content"), mode::update);
    co_await f.close();
    std::array<char, 4> room{};
    EXPECT_EQ(co_await errno_of(f.read_into(room)), EBADF);
    EXPECT_EQ(co_await errno_of(f.read_at(0, room)), EBADF);
    EXPECT_EQ(co_await errno_of(f.write("x")), EBADF);
    EXPECT_EQ(co_await errno_of(f.write_at(0, "x")), EBADF);
    EXPECT_EQ(co_await errno_of(f.sync()), EBADF);
    EXPECT_EQ(co_await errno_of(f.truncate(0)), EBADF);
    EXPECT_EQ(co_await errno_of(f.allocate(0, 1)), EBADF);
    EXPECT_EQ(co_await errno_of(f.status()), EBADF);
    EXPECT_EQ(f.path(), folder / "a");
}

TORUS_IO_TEST(fs_close, S362_ends_what_is_in_flight) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file fifo = co_await fs::open(make_fifo(folder), mode::update);
    std::array<char, 4> room{};
    task<std::size_t> reader = create_task(read_some, std::ref(fifo), std::span<char>(room));
    co_await let_kernel_run();
    co_await fifo.close();
    EXPECT_EQ(co_await errno_of(std::move(reader)), EBADF);
    EXPECT_EQ(event_loop::current().world().in_flight(), 0u);
}

TORUS_IO_TEST(fs_close, S362_happens_with_the_object_and_ends_what_is_in_flight) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    auto fifo = std::make_unique<fs::file>(co_await fs::open(make_fifo(folder), mode::update));
    const int number = fifo->number();
    std::array<char, 4> room{};
    task<std::size_t> reader = create_task(read_some, std::ref(*fifo), std::span<char>(room));
    co_await let_kernel_run();
    fifo.reset();
    EXPECT_FALSE(reader.done());
    EXPECT_EQ(co_await errno_of(std::move(reader)), EBADF);
    EXPECT_FALSE(is_open(number));
}

TORUS_IO_TEST(fs_close, S362_of_a_cancelled_task_happens) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    for (int passes = 0; passes < 4; ++passes) {
        fs::file f = co_await fs::open(folder.write("a", "content"));
        const int number = f.number();
        task<> closer = create_task([](fs::file& what) -> async<> { co_await what.close(); }, std::ref(f));
        co_await let_kernel_run(passes);
        closer.cancel();
        try {
            co_await std::move(closer);
        } catch (const cancelled_error&) {}
        if (passes == 0) co_await f.close();  // its task had not begun
        EXPECT_FALSE(f.is_open());
        EXPECT_FALSE(is_open(number));
    }
}

TORUS_IO_TEST(fs_close, S362_of_a_task_with_a_pending_cancel_happens) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "content"));
    const int number = f.number();
    task<> closer = create_task(
        [](fs::file& what) -> async<> {
            current_task().cancel();
            co_await what.close();
        },
        std::ref(f));
    co_await expect_throws<cancelled_error>(std::move(closer));
    EXPECT_FALSE(f.is_open());
    EXPECT_FALSE(is_open(number));
}

TORUS_IO_TEST(fs_close, S362_a_file_may_be_another_tasks_truncation) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "content"), mode::update);
    task<> truncation = create_task([](fs::file& what) -> async<> { co_await what.truncate(3); }, std::ref(f));
    co_await yield_now();
    co_await f.close();
    folder.write("b", "untouched");
    fs::file next = co_await fs::open(folder / "b", mode::update);
    co_await truncation;
    EXPECT_EQ(content_of(folder / "a"), "con");
    EXPECT_EQ(content_of(folder / "b"), "untouched");
}

TORUS_IO_TEST(fs_close, S362_a_moved_file_is_open_once) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "content");
    const std::size_t before = open_descriptors();
    fs::file f = co_await fs::open(path);
    fs::file taken = std::move(f);
    f = co_await fs::open(path);
    EXPECT_EQ(open_descriptors(), before + 2);
    taken = std::move(f);
    EXPECT_EQ(open_descriptors(), before + 1);
    EXPECT_EQ(co_await taken.read(7), "content");
}

}  // namespace
}  // namespace torus::testing
