// tests/fs/status_test.cpp: what is known of files.
#include "fs/disk.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace torus::testing {
namespace {

TORUS_IO_TEST(fs_status, S365_says_what_stat_says) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "12345");
    ::chmod(path.c_str(), 0604);
    ::link(path.c_str(), (folder / "b").c_str());
    struct stat known{};
    ::stat(path.c_str(), &known);
    const fs::file_status status = co_await fs::status(path);
    EXPECT_TRUE(status.is_file());
    EXPECT_EQ(status.size, 5u);
    EXPECT_EQ(status.permissions, 0604u);
    EXPECT_EQ(status.links, 2u);
    EXPECT_EQ(status.inode, known.st_ino);
    EXPECT_EQ(status.device, known.st_dev);
    EXPECT_EQ(status.owner, known.st_uid);
    EXPECT_EQ(status.group, known.st_gid);
    EXPECT_EQ(status.allocated, static_cast<std::uint64_t>(known.st_blocks) * 512);
    const auto modified = std::chrono::seconds(known.st_mtim.tv_sec) + std::chrono::nanoseconds(known.st_mtim.tv_nsec);
    EXPECT_EQ(status.modified.time_since_epoch(), modified);
    const fs::file_status other = co_await fs::status(folder / "b");
    EXPECT_TRUE(status.is_same_file(other));
    const fs::file_status directory = co_await fs::status(folder.path());
    EXPECT_TRUE(directory.is_directory());
    EXPECT_FALSE(status.is_same_file(directory));
}

TORUS_IO_TEST(fs_status, S365_of_an_open_file_is_that_of_its_name) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "12345"));
    ::unlink((folder / "a").c_str());
    const fs::file_status status = co_await f.status();
    EXPECT_EQ(status.size, 5u);
    EXPECT_EQ(status.links, 0u);
}

TORUS_IO_TEST(fs_status, S365_tells_the_kinds_of_files) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string fifo = make_fifo(folder);
    const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un name{AF_UNIX, {}};
    const std::string socket = folder / "socket";
    socket.copy(name.sun_path, sizeof name.sun_path - 1);
    EXPECT_EQ(::bind(number, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    ::close(number);
    const fs::file_status fifo_status = co_await fs::status(fifo);
    const fs::file_status socket_status = co_await fs::status(socket);
    const fs::file_status device_status = co_await fs::status("/dev/null");
    EXPECT_EQ(fifo_status.kind, fs::kind::fifo);
    EXPECT_EQ(socket_status.kind, fs::kind::socket);
    EXPECT_EQ(device_status.kind, fs::kind::character_device);
}

TORUS_IO_TEST(fs_status, S365_follows_links_where_link_status_does_not) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::filesystem::create_symlink(folder.write("a", "12345"), folder / "link");
    const fs::file_status followed = co_await fs::status(folder / "link");
    const fs::file_status itself = co_await fs::link_status(folder / "link");
    EXPECT_TRUE(followed.is_file());
    EXPECT_TRUE(itself.is_symlink());
}

TORUS_IO_TEST(fs_exists, S365_is_false_only_where_there_is_nothing) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string path = folder.write("a", "");
    std::filesystem::create_symlink(folder / "absent", folder / "dangling");
    EXPECT_TRUE(co_await fs::exists(path));
    EXPECT_TRUE(co_await fs::exists(folder.path()));
    EXPECT_FALSE(co_await fs::exists(folder / "absent"));
    EXPECT_FALSE(co_await fs::exists(path + "/below"));
    EXPECT_FALSE(co_await fs::exists(folder / "dangling"));
    EXPECT_EQ(co_await errno_of(fs::exists(folder / std::string(300, 'x'))), ENAMETOOLONG);
}

}  // namespace
}  // namespace torus::testing
