// tests/fs/cancel_everywhere_test.cpp: files and directories, cancelled at every moment.
#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <torus/core/core.hpp>
#include <torus/fs/fs.hpp>
#include <torus/io/io.hpp>

#include "cancelled_everywhere.hpp"
#include "fs/disk.hpp"

namespace torus::testing {
namespace {

bool is_simulated() { return event_loop().backend_name() == "sim"; }

/// A folder that each run finds empty. In the simulation each run has a disk of its own.
class playground {
public:
    async<std::string> fresh() const {
        if (event_loop::current().backend_name() != "sim") co_return clear();
        co_await fs::create_directory("/run");
        co_return "/run";
    }
    std::string clear() const {
        std::filesystem::remove_all(path());
        std::filesystem::create_directory(path());
        return path();
    }
    std::string path() const { return folder_ / "run"; }

private:
    scratch_folder folder_;
};

/// The invariant is about the kernel's files.
template <class Body, class Invariant = nothing_more>
void expect_use_of_files_cancellable_everywhere(Body body, Invariant invariant = {}) {
    if (is_simulated()) expect_cancellable_everywhere(std::move(body));
    else expect_kernel_use_cancellable_everywhere(std::move(body), std::move(invariant));
}

TEST(fs_everywhere, S565_open_and_a_file_s_reads_and_writes) {
    playground ground;
    auto use = [&]() -> async<> {
        std::array<char, 5> room{};
        fs::file file = co_await fs::open(co_await ground.fresh() + "/file", fs::mode::update_or_create);
        co_await file.allocate(0, 4096);
        co_await file.truncate(0);
        co_await file.write("hello, world");
        co_await file.write_at(0, "H");
        co_await file.sync();
        co_await file.datasync();
        EXPECT_EQ(co_await file.seek(0), 0U);
        co_await file.readexactly_into(room);
        EXPECT_EQ(co_await file.read_into(room), room.size());
        EXPECT_EQ(co_await file.read(1), "l");
        EXPECT_EQ(co_await file.read_all(), "d");
        EXPECT_EQ(co_await file.read_at(0, room), room.size());
        co_await file.readexactly_at(7, room);
        const fs::file_status now = co_await file.status();
        EXPECT_EQ(now.size, 12U);
        co_await file.close();
    };
    expect_use_of_files_cancellable_everywhere(use);
}

TEST(fs_everywhere, S565_names) {
    playground ground;
    auto use = [&]() -> async<> {
        const std::string in = co_await ground.fresh();
        co_await fs::create_directory(in + "/one");
        co_await fs::create_directories(in + "/two/deep/er");
        co_await fs::append(in + "/one/file", "text");
        co_await fs::rename(in + "/one/file", in + "/two/file");
        co_await fs::create_symlink("file", in + "/two/link");
        EXPECT_EQ(co_await fs::read_link(in + "/two/link"), "file");
        EXPECT_EQ(co_await fs::resolve(in + "/two/link"), co_await fs::resolve(in) + "/two/file");
        co_await fs::create_hard_link(in + "/two/file", in + "/one/file");
        co_await fs::set_permissions(in + "/one/file", 0600);
        const fs::file_status file = co_await fs::status(in + "/two/link");
        EXPECT_EQ(file.permissions, 0600U);
        const fs::file_status link = co_await fs::link_status(in + "/two/link");
        EXPECT_TRUE(link.is_symlink());
        EXPECT_TRUE(co_await fs::exists(in + "/one/file"));
        EXPECT_EQ(co_await fs::copy_file(in + "/one/file", in + "/copy"), 4U);
        co_await fs::remove(in + "/one/file");
        co_await fs::remove_directory(in + "/one");
        EXPECT_EQ(co_await fs::remove_all(in + "/two"), 5U);
    };
    expect_use_of_files_cancellable_everywhere(use);
}

TEST(fs_everywhere, S565_list_and_next_of_a_directory) {
    playground ground;
    auto use = [&]() -> async<> {
        const std::string in = co_await ground.fresh();
        for (int i = 0; i < 5; ++i) co_await fs::create_directory(in + "/" + std::to_string(i));
        const auto names = co_await fs::list(in);
        EXPECT_EQ(names.size(), 5U);
        fs::directory all(in);
        std::size_t count = 0;
        while (co_await all.next()) ++count;
        EXPECT_EQ(count, 5U);
    };
    expect_use_of_files_cancellable_everywhere(use);
}

TEST(fs_everywhere, S565_write_text_leaves_the_old_or_the_new_and_no_other_name) {
    playground ground;
    auto use = [&]() -> async<> {
        const std::string path = co_await ground.fresh() + "/file";
        co_await fs::write_text(path, "old");
        co_await fs::write_text(path, "the new one");
        EXPECT_EQ(co_await fs::read_text(path), "the new one");
        const auto bytes = co_await fs::read_bytes(path);
        EXPECT_EQ(bytes.size(), 11U);
        co_await fs::write_bytes(path, bytes);
    };
    auto is_whole = [&] {
        if (!std::filesystem::exists(ground.path())) return;  // it was cancelled before it began
        const std::string content = content_of(ground.path() + "/file");
        if (!content.empty() && content != "old" && content != "the new one")
            throw std::logic_error("it is half written");
        if (names_in(ground.path()) != (content.empty() ? 0U : 1U)) throw std::logic_error("another name is left");
    };
    expect_use_of_files_cancellable_everywhere(use, is_whole);
}

TEST(fs_everywhere, S565_temporary_files_and_directories_go) {
    playground ground;
    auto use = [&]() -> async<> {
        const std::string in = co_await ground.fresh();
        fs::file nameless = co_await fs::make_temporary_file(in);
        co_await nameless.write("text");
        fs::named_temporary_file named = co_await fs::make_named_temporary_file(in);
        co_await named.file().write("text");
        fs::temporary_directory folder = co_await fs::make_temporary_directory(in);
        co_await fs::append(folder.path() + "/file", "text");
        co_await folder.remove();
        co_await named.keep_as(in + "/kept");
    };
    auto only_what_is_kept = [&] {
        for (const auto& each : std::filesystem::directory_iterator(ground.path()))
            if (each.path().filename() != "kept") throw std::logic_error(each.path().string() + " is left");
    };
    ground.clear();
    expect_use_of_files_cancellable_everywhere(use, only_what_is_kept);
}

TEST(fs_everywhere, S565_next_of_a_watcher_and_of_lines) {
    playground ground;
    auto use = [&]() -> async<> {
        const std::string in = co_await ground.fresh();
        fs::watcher changes(in);
        auto change = [&]() -> async<> { co_await fs::append(in + "/file", "one\ntwo\n"); };
        auto first = [&]() -> async<std::string> {
            const auto event = co_await changes.next();
            co_return event->path;
        };
        const auto [path, changed] = co_await gather(first(), change());
        auto lines = fs::lines(co_await fs::open(path));
        EXPECT_EQ(co_await lines.next(), "one\n");
        EXPECT_EQ(co_await lines.next(), "two\n");
    };
    expect_kernel_use_cancellable_everywhere(use);
}

}  // namespace
}  // namespace torus::testing
