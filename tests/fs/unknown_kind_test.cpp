// tests/fs/unknown_kind_test.cpp: directories on file systems that don't say what their names stand for.
#include "fs/disk.hpp"

#include <functional>
#include <vector>

#include "core/thread_gate.hpp"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// What happens when the kernel has listed names, before that is told. While there is such a thing, no kind is told.
std::function<void()>* when_listed = nullptr;

}  // namespace

/// In place of the C library's.
extern "C" ssize_t getdents64(int directory, void* into, std::size_t room) noexcept {
    const ssize_t size = ::syscall(SYS_getdents64, directory, into, room);
    if (!when_listed) return size;
    for (ssize_t at = 0; at < size;) {
        auto* const entry = reinterpret_cast<dirent64*>(static_cast<char*>(into) + at);
        entry->d_type = DT_UNKNOWN;
        at += entry->d_reclen;
    }
    (*when_listed)();
    return size;
}

namespace torus::testing {
namespace {

class without_kinds {
public:
    explicit without_kinds(std::function<void()> then = [] {}) : then_(std::move(then)) { when_listed = &then_; }
    without_kinds(const without_kinds&) = delete;
    without_kinds& operator=(const without_kinds&) = delete;
    ~without_kinds() { when_listed = nullptr; }

private:
    std::function<void()> then_;
};

async<std::optional<fs::directory_entry>> next_of(fs::directory& of) { co_return co_await of.next(); }

TORUS_IO_TEST(fs_directory, S371_asks_for_the_kind_where_it_is_not_told) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::filesystem::create_symlink("nowhere", folder / "link");
    const without_kinds here;
    fs::directory d(folder.path());
    const auto entry = co_await d.next();
    EXPECT_EQ(entry.value().name, "link");
    EXPECT_EQ(entry.value().kind, fs::kind::symlink);
    EXPECT_FALSE(co_await d.next());
}

TORUS_IO_TEST(fs_directory, S371_goes_on_after_a_name_that_is_gone_before_its_kind_is_asked) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    const std::string gone = folder.write("gone", "");
    folder.write("there", "");
    const without_kinds here([&] { std::filesystem::remove(gone); });
    fs::directory d(folder.path());
    std::vector<std::string> files;
    while (auto entry = co_await d.next())
        if (entry->kind == fs::kind::file) files.push_back(entry->name);
    EXPECT_EQ(files, std::vector<std::string>{"there"});
}

TORUS_IO_TEST(fs_directory, S372_loses_no_entry_to_a_cancel_while_its_kind_is_asked) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    folder.write("file", "");
    thread_gate until_cancelled;
    std::optional<without_kinds> here(std::in_place, [&] { until_cancelled.wait(); });
    fs::directory d(folder.path());
    task<std::optional<fs::directory_entry>> next = create_task(next_of, std::ref(d));
    while (until_cancelled.waiting() == 0) co_await let_kernel_run();
    next.cancel();
    until_cancelled.open();
    co_await expect_throws<cancelled_error>(std::move(next));
    here.reset();
    const auto entry = co_await d.next();
    EXPECT_TRUE(entry && entry->name == "file" && entry->kind == fs::kind::file);
    EXPECT_FALSE(co_await d.next());
}

}  // namespace
}  // namespace torus::testing
