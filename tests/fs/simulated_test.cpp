// tests/fs/simulated_test.cpp: files in a world that has none. Those of a simulated disk are in tests/sim.
#include "fs/disk.hpp"

namespace torus::testing {
namespace {

async<> ask_for_everything() {
    EXPECT_EQ(co_await errno_of(fs::open("/dev/null")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::status("/dev/null")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::exists("/dev/null")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::rename("/a", "/b")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::remove("/a")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::remove_directory("/a")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::remove_all("/a")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::create_directory("/a")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::create_directories("/a")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::create_symlink("/a", "/b")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::create_hard_link("/a", "/b")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::read_link("/a")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::resolve("/")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::set_permissions("/a", 0600)), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::copy_file("/a", "/b")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::list("/")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::read_text("/a")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::write_text("/a", "b")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::append("/a", "b")), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::make_temporary_file()), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::make_named_temporary_file()), ENOSYS);
    EXPECT_EQ(co_await errno_of(fs::make_temporary_directory()), ENOSYS);
    EXPECT_THROW(fs::watcher("/"), fs::error);
}

TEST(fs_simulated, S353_everything_says_that_there_is_no_disk) {
    run(ask_for_everything(), {.backend = backend_kind::sim});
}

}  // namespace
}  // namespace torus::testing
