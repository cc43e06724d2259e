// tests/fs/copy_test.cpp: copying files.
#include "fs/disk.hpp"

namespace torus::testing {
namespace {

TORUS_IO_TEST(fs_copy_file, S370_copies_content_and_permissions) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::string much(3'000'000, '\0');
    for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 2654435761U >> 24);
    const std::string from = folder.write("a", much);
    co_await fs::set_permissions(from, 0711);
    EXPECT_EQ(co_await fs::copy_file(from, folder / "b"), much.size());
    EXPECT_TRUE(content_of(folder / "b") == much);
    const fs::file_status status = co_await fs::status(folder / "b");
    EXPECT_EQ(status.permissions, 0711u);
    EXPECT_EQ(co_await fs::copy_file(folder.write("empty", ""), folder / "c"), 0u);
    EXPECT_EQ(std::filesystem::file_size(folder / "c"), 0u);
}

TORUS_IO_TEST(fs_copy_file, S370_replaces_what_is_longer_or_refuses_to) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("a", "short");
    folder.write("b", "something longer");
    EXPECT_EQ(co_await errno_of(fs::copy_file(folder / "a", folder / "b", {.target = fs::existing::refused})), EEXIST);
    EXPECT_EQ(content_of(folder / "b"), "something longer");
    EXPECT_EQ(co_await fs::copy_file(folder / "a", folder / "b"), 5u);
    EXPECT_EQ(content_of(folder / "b"), "short");
}

TORUS_IO_TEST(fs_copy_file, S370_onto_itself_is_refused) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("a", "content");
    co_await fs::create_hard_link(folder / "a", folder / "same");
    EXPECT_EQ(co_await errno_of(fs::copy_file(folder / "a", folder / "a")), EINVAL);
    EXPECT_EQ(co_await errno_of(fs::copy_file(folder / "a", folder / "same")), EINVAL);
    EXPECT_EQ(content_of(folder / "a"), "content");
}

TORUS_IO_TEST(fs_copy_file, S370_copies_what_the_kernel_does_not_copy_by_itself) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::uint64_t copied = co_await fs::copy_file("/proc/version", folder / "version");
    EXPECT_EQ(content_of(folder / "version"), content_of("/proc/version"));
    EXPECT_EQ(copied, content_of("/proc/version").size());
    EXPECT_EQ(co_await fs::copy_file(folder / "version", "/dev/null"), copied);
}

TORUS_IO_TEST(fs_copy_file, S370_says_what_is_wrong) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    EXPECT_EQ(co_await errno_of(fs::copy_file(folder / "absent", folder / "b")), ENOENT);
    EXPECT_EQ(co_await errno_of(fs::copy_file(folder.path(), folder / "b")), EISDIR);
    folder.write("a", "content");
    const fs::error e = co_await expect_throws<fs::error>(fs::copy_file(folder / "a", folder / "x/b"));
    EXPECT_EQ(e.code().value(), ENOENT);
    EXPECT_EQ(e.other_path(), folder / "x/b");
}

}  // namespace
}  // namespace torus::testing
