// tests/fs/file_test.cpp: reading and writing open files.
#include "fs/disk.hpp"

#include <array>
#include <csignal>

#include <sys/resource.h>

namespace torus::testing {
namespace {

using fs::mode;

/// Files of this process can't grow beyond so many bytes, as on a full disk.
class size_limit {
public:
    explicit size_limit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &former_);
        const rlimit limited{bytes, former_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    size_limit(const size_limit&) = delete;
    size_limit& operator=(const size_limit&) = delete;
    ~size_limit() {
        ::setrlimit(RLIMIT_FSIZE, &former_);
        ::signal(SIGXFSZ, handler_);
    }

private:
    rlimit former_{};
    void (*handler_)(int);
};

TORUS_IO_TEST(fs_file, S354_is_read_from_its_position_to_its_end) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "abcdefg"));
    std::array<char, 4> room{};
    EXPECT_EQ(co_await f.read_into(room), 4u);
    EXPECT_EQ(f.tell(), 4u);
    EXPECT_EQ(std::string_view(room.data(), 4), "abcd");
    EXPECT_EQ(co_await f.read_into(std::span<char>()), 0u);
    EXPECT_EQ(co_await f.read_into(room), 3u);
    EXPECT_EQ(std::string_view(room.data(), 3), "efg");
    EXPECT_EQ(co_await f.read_into(room), 0u);
    EXPECT_EQ(f.tell(), 7u);
}

TORUS_IO_TEST(fs_file, S355_is_read_at_an_offset_without_moving_its_position) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "abcdefg"));
    std::array<char, 4> room{};
    EXPECT_EQ(co_await f.read_at(5, room), 2u);
    EXPECT_EQ(std::string_view(room.data(), 2), "fg");
    EXPECT_EQ(co_await f.read_at(7, room), 0u);
    EXPECT_EQ(co_await f.read_at(1000, room), 0u);
    EXPECT_EQ(f.tell(), 0u);
    EXPECT_EQ(co_await errno_of(f.read_at(~std::uint64_t{0}, room)), EINVAL);
    EXPECT_EQ(co_await errno_of(f.write_at(~std::uint64_t{0}, "x")), EINVAL);
}

TORUS_IO_TEST(fs_file, S355_is_read_and_written_at_offsets_by_many_tasks_at_once) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "a", mode::write, {.readable = true});
    constexpr std::size_t count = 300;
    const auto exchange = [](fs::file& in, std::size_t at) -> async<bool> {
        const std::string mine(10, static_cast<char>('a' + at % 26));
        std::string seen(10, '\0');
        co_await in.write_at(at * 10, mine);
        co_await in.readexactly_at(at * 10, seen);
        co_return seen == mine;
    };
    std::vector<task<bool>> tasks;
    for (std::size_t i = 0; i < count; ++i) tasks.push_back(create_task(exchange, std::ref(f), i));
    for (auto& each : tasks) EXPECT_TRUE(co_await each);
    EXPECT_EQ(std::filesystem::file_size(folder / "a"), count * 10);
}

TORUS_IO_TEST(fs_file, S356_gives_its_position_to_one_task_at_a_time) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file fifo = co_await fs::open(make_fifo(folder), mode::update);
    std::array<char, 8> room{};
    const auto read = [](fs::file& from, std::span<char> into) -> async<std::size_t> {
        co_return co_await from.read_into(into);
    };
    task<std::size_t> first = create_task(read, std::ref(fifo), std::span<char>(room));
    co_await let_kernel_run();
    co_await expect_throws<std::runtime_error>(fifo.read_into(room));
    co_await expect_throws<std::runtime_error>(fifo.write("x"));
    EXPECT_FALSE(first.done());
    fs::file other = co_await fs::open(fifo.path(), mode::update);
    co_await other.write("hello");
    EXPECT_EQ(co_await first, 5u);
    co_await fifo.write("again");
    EXPECT_EQ(co_await fifo.read_into(room), 5u);
    EXPECT_EQ(fifo.tell(), 0u);
}

TORUS_IO_TEST(fs_file, S357_is_written_at_its_position_and_at_offsets) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "a", mode::write);
    co_await f.write("hello ");
    co_await f.write("world");
    EXPECT_EQ(f.tell(), 11u);
    co_await f.write_at(6, "W");
    co_await f.write_at(13, "!");
    EXPECT_EQ(f.tell(), 11u);
    co_await f.write("");
    EXPECT_EQ(content_of(folder / "a"), std::string("hello World\0\0!", 14));
}

TORUS_IO_TEST(fs_file, S357_a_write_goes_on_where_the_kernel_stopped) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "a", mode::write);
    const size_limit sixty(60);
    EXPECT_EQ(co_await errno_of(f.write(std::string(100, 'x'))), EFBIG);
    EXPECT_EQ(f.tell(), 60u);
    EXPECT_EQ(content_of(folder / "a"), std::string(60, 'x'));
}

TORUS_IO_TEST(fs_file, S357_a_write_of_many_mebibytes_is_complete) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "a", mode::write, {.readable = true});
    std::string much(5 << 20, '\0');
    for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 2654435761U >> 24);
    co_await f.write(much);
    std::string back(much.size(), '\0');
    co_await f.readexactly_at(0, back);
    EXPECT_TRUE(back == much);
}

TORUS_IO_TEST(fs_file, S358_that_is_appended_to_grows_at_its_end_wherever_its_position_is) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "abc"), mode::append, {.readable = true});
    EXPECT_EQ(f.tell(), 3u);
    co_await f.write("def");
    EXPECT_EQ(f.tell(), 6u);
    EXPECT_EQ(co_await f.seek(0), 0u);
    co_await f.write("ghi");
    co_await f.write_at(0, "jkl");
    EXPECT_EQ(content_of(folder / "a"), "abcdefghijkl");
}

TORUS_IO_TEST(fs_file, S359_is_read_exactly_or_says_what_is_missing) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "abcdefg"));
    std::string four(4, '\0');
    co_await f.readexactly_into(four);
    EXPECT_EQ(four, "abcd");
    const auto e = co_await expect_throws<incomplete_read_error>(f.readexactly_into(four));
    EXPECT_EQ(e.partial(), "efg");
    EXPECT_EQ(e.expected(), 4u);
    co_await f.readexactly_at(1, four);
    EXPECT_EQ(four, "bcde");
    const auto at = co_await expect_throws<incomplete_read_error>(f.readexactly_at(6, four));
    EXPECT_EQ(at.partial(), "g");
}

TORUS_IO_TEST(fs_file, S360_is_read_to_its_end_within_a_limit) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "abcdefg"));
    EXPECT_EQ(co_await f.read(2), "ab");
    EXPECT_EQ(co_await f.read_all(5), "cdefg");
    EXPECT_EQ(co_await f.read_all(), "");
    EXPECT_EQ(co_await f.read(10), "");
    co_await f.seek(0);
    EXPECT_EQ(co_await errno_of(f.read_all(6)), EFBIG);
}

TORUS_IO_TEST(fs_file, S360_whose_size_is_not_known_is_read_to_its_end) {
    if (without_disk()) co_return;
    const std::string known = content_of("/proc/cpuinfo");  // whose size is 0, as stat says
    fs::file f = co_await fs::open("/proc/cpuinfo");
    const std::string all = co_await f.read_all();
    EXPECT_EQ(all.substr(0, 10), known.substr(0, 10));
    EXPECT_EQ(co_await f.read(1), "");
    co_await f.seek(0);
    EXPECT_EQ(co_await errno_of(f.read_all(5)), EFBIG);
}

TORUS_IO_TEST(fs_file, S361_a_cancelled_read_takes_nothing) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file fifo = co_await fs::open(make_fifo(folder), mode::update);
    std::string room(8, '-');
    const auto read = [](fs::file& from, std::span<char> into) -> async<std::size_t> {
        co_return co_await from.read_into(into);
    };
    task<std::size_t> reader = create_task(read, std::ref(fifo), std::span<char>(room));
    co_await let_kernel_run();
    reader.cancel();
    co_await expect_throws<cancelled_error>(std::move(reader));
    co_await fifo.write("kept");
    co_await let_kernel_run();
    EXPECT_EQ(room, "--------");
    EXPECT_EQ(co_await fifo.read(8), "kept");
}

TORUS_IO_TEST(fs_file, S361_a_cancelled_transfer_ends_before_its_memory_is_given_up) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", std::string(1 << 20, 'x')));
    const auto read = [](fs::file& from) -> async<> {
        std::string room(1 << 20, '\0');  // goes with the frame: a later write of the kernel's is seen by ASan
        co_await from.readexactly_at(0, room);
    };
    for (int passes = 0; passes < 20; ++passes) {
        task<> reader = create_task(read, std::ref(f));
        for (int i = 0; i < passes; ++i) co_await yield_now();
        reader.cancel();
        try {
            co_await std::move(reader);
        } catch (const cancelled_error&) {}
    }
    EXPECT_EQ(event_loop::current().world().in_flight(), 0u);
    EXPECT_EQ(f.tell(), 0u);
}

TORUS_IO_TEST(fs_file, S363_is_cut_and_extended) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "abcdefg"), mode::update);
    co_await f.truncate(3);
    EXPECT_EQ(content_of(folder / "a"), "abc");
    co_await f.truncate(5);
    EXPECT_EQ(content_of(folder / "a"), std::string("abc\0\0", 5));
    EXPECT_EQ(co_await errno_of(f.truncate(~std::uint64_t{0})), EINVAL);
    fs::file read_only = co_await fs::open(folder / "a");
    EXPECT_EQ(co_await errno_of(read_only.truncate(0)), EINVAL);
}

TORUS_IO_TEST(fs_file, S363_is_given_room) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "a", mode::write);
    try {
        co_await f.allocate(1000, 5000);
        EXPECT_EQ(std::filesystem::file_size(folder / "a"), 6000u);
    } catch (const fs::error& e) {
        EXPECT_EQ(e.code(), std::errc::operation_not_supported);
    }
    EXPECT_EQ(co_await errno_of(f.allocate(~std::uint64_t{0}, 1)), EINVAL);
}

TORUS_IO_TEST(fs_file, S363_moves_its_position) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "abcdefg"));
    EXPECT_EQ(co_await f.seek(3), 3u);
    EXPECT_EQ(co_await f.read(1), "d");
    EXPECT_EQ(co_await f.seek(-2, fs::origin::current), 2u);
    EXPECT_EQ(co_await f.seek(-1, fs::origin::end), 6u);
    EXPECT_EQ(co_await f.read(9), "g");
    EXPECT_EQ(co_await f.seek(100, fs::origin::end), 107u);
    EXPECT_EQ(co_await f.read(1), "");
    EXPECT_EQ(co_await errno_of(f.seek(-1)), EINVAL);
    EXPECT_EQ(co_await errno_of(f.seek(INT64_MAX, fs::origin::current)), EINVAL);
    EXPECT_EQ(f.tell(), 107u);
    fs::file fifo = co_await fs::open(make_fifo(folder), mode::update);
    EXPECT_EQ(co_await errno_of(fifo.seek(0)), ESPIPE);
}

TORUS_IO_TEST(fs_file, S364_is_synced) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder / "a", mode::write);
    co_await f.write("x");
    co_await f.sync();
    co_await f.datasync();
    fs::file fifo = co_await fs::open(make_fifo(folder), mode::update);
    EXPECT_EQ(co_await errno_of(fifo.sync()), EINVAL);
}

TORUS_IO_TEST(fs_file, S387_reads_of_what_is_in_memory_let_others_run_now_and_then) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "x"));
    bool had_its_turn = false;
    task<> other = create_task([&]() -> async<> {
        had_its_turn = true;
        co_return;
    });
    std::array<char, 1> room{};
    int reads = 0;
    for (; !had_its_turn && reads < 100'000; ++reads) co_await f.read_at(0, room);
    EXPECT_LT(reads, 100'000);
    co_await other;
}

}  // namespace
}  // namespace torus::testing
