// tests/cli/serve_test.cpp: nothing outside of the folder, and pages that say what is in it.
#include <cerrno>
#include <filesystem>

#include <torus/core/run.hpp>
#include <torus/testing/test.hpp>

#include "cli/scratch.hpp"
#include "cli/serve/beneath.hpp"
#include "cli/serve/file_body.hpp"
#include "cli/serve/folder_page.hpp"
#include "cli/serve/gzip.hpp"
#include "cli/serve/made_body.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace torus::cli {
namespace {

using namespace std::literals;
namespace fs = std::filesystem;

TEST(path_beneath, is_decoded_and_tidy) {
    EXPECT_EQ(path_beneath("/"), ".");
    EXPECT_EQ(path_beneath(""), ".");
    EXPECT_EQ(path_beneath("/a/b.txt"), "a/b.txt");
    EXPECT_EQ(path_beneath("//a///b/"), "a/b");
    EXPECT_EQ(path_beneath("/a%20b/%C3%BC"), "a b/ü");
}

TEST(path_beneath, is_nothing_that_leads_elsewhere_or_is_hidden) {
    for (const char* path : {"/..", "/../etc/passwd", "/a/../../b", "/%2e%2e/x", "/.git/config", "/a/.hidden", "/a%2fb",
                             "/a%00b", "/%zz", "/."})
        EXPECT_EQ(path_beneath(path), std::nullopt) << path;
}

class beneath : public ::testing::TestWithParam<confinement> {
protected:
    beneath() {
        fs::create_directories(folder / "site/sub");
        write_file(folder / "secret", "secret");
        write_file(folder / "site/a.txt", "a");
        write_file(folder / "site/sub/b.txt", "b");
        fs::create_symlink("../secret", folder / "site/out");
        fs::create_symlink(folder / "secret", folder / "site/absolute");
        fs::create_symlink("/", folder / "site/root");
        fs::create_symlink("a.txt", folder / "site/in");
        root = open_folder(folder / "site");
    }

    bool can_open(const std::string& path) const { return static_cast<bool>(open_beneath(root, path, GetParam())); }

    scratch_folder folder;
    opened root;
};

TEST_P(beneath, opens_what_is_in_the_folder) {
    EXPECT_TRUE(can_open("."));
    EXPECT_TRUE(can_open("a.txt"));
    EXPECT_TRUE(can_open("sub"));
    EXPECT_TRUE(can_open("sub/b.txt"));
    EXPECT_FALSE(can_open("missing"));
    EXPECT_EQ(errno, ENOENT);
    EXPECT_FALSE(can_open("a.txt/x"));
}

TEST_P(beneath, opens_nothing_outside) {
    for (const char* path :
         {"../secret", "out", "absolute", "root", "root/etc/passwd", "sub/../../secret", "/etc/passwd"})
        EXPECT_FALSE(can_open(path)) << path;
}

TEST_P(beneath, follows_links_within_only_where_the_kernel_watches) {
    EXPECT_EQ(can_open("in"), GetParam() == confinement::kernel);
}

TEST_P(beneath, does_not_wait_for_a_pipe) {
    ASSERT_EQ(::mkfifo((folder / "site/pipe").c_str(), 0600), 0);
    EXPECT_TRUE(can_open("pipe"));
}

INSTANTIATE_TEST_SUITE_P(kernel, beneath, ::testing::Values(confinement::kernel), [](const auto&) { return "holds"; });
INSTANTIATE_TEST_SUITE_P(segments, beneath, ::testing::Values(confinement::segments),
                         [](const auto&) { return "holds"; });

TEST(folder, is_listed_folders_first_without_what_is_hidden) {
    const scratch_folder folder;
    fs::create_directories(folder / "zoo");
    write_file(folder / "b & <c>", "12345");
    write_file(folder / "a", "");
    write_file(folder / ".hidden", "");
    fs::create_symlink("nowhere", folder / "dangling");
    fs::create_symlink("/etc/passwd", folder / "outside");
    const std::vector<folder_entry> entries = read_folder(open_folder(folder / "."), ".", confinement::kernel);
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].name, "zoo");
    EXPECT_EQ(entries[1].name, "a");
    EXPECT_EQ(entries[2].name, "b & <c>");
    EXPECT_EQ(entries[2].size, 5u);
    const std::string page = folder_page("/x \"<y>/", entries);
    EXPECT_NE(page.find("<h1>/x &quot;&lt;y&gt;/</h1>"), std::string::npos);
    EXPECT_NE(page.find("<a href=\"b%20%26%20%3Cc%3E\">b &amp; &lt;c&gt;</a>"), std::string::npos);
    EXPECT_NE(page.find("<a href=\"zoo/\">zoo/</a>"), std::string::npos);
    EXPECT_NE(page.find("<a href=\"../\">"), std::string::npos);
    EXPECT_EQ(folder_page("/", entries).find("<a href=\"../\">"), std::string::npos);
}

async<std::string> all_of(http::body_source& body) {
    std::string text;
    for (;;) {
        const std::span<const std::byte> piece = co_await body.next();
        if (piece.empty()) co_return text;
        text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
}

TORUS_IO_TEST(file_body, is_texts_and_ranges_in_turn) {
    const scratch_folder folder;
    std::string content;
    for (std::size_t at = 0; at < 3 * file_piece_bytes; ++at) content += static_cast<char>(at % 251);
    write_file(folder / "file", content);
    std::vector<file_part> parts;
    parts.emplace_back("head", http::byte_range{1, 3});
    parts.emplace_back("", http::byte_range{100, 2 * file_piece_bytes + 99});
    parts.emplace_back("tail");
    const opened root = open_folder(folder / ".");
    file_body body(open_beneath(root, "file", confinement::segments), std::move(parts));
    EXPECT_EQ(body.size(), 4 + 3 + 2 * file_piece_bytes + 4);
    const std::string sent = co_await all_of(body);
    EXPECT_TRUE(sent == "head" + content.substr(1, 3) + content.substr(100, 2 * file_piece_bytes) + "tail");
}

TORUS_IO_TEST(file_body, breaks_off_where_the_file_has_become_shorter) {
    const scratch_folder folder;
    write_file(folder / "file", "12345");
    std::vector<file_part> parts;
    parts.emplace_back("", http::byte_range{0, 9});
    const opened root = open_folder(folder / ".");
    file_body body(open_beneath(root, "file", confinement::segments), std::move(parts));
    co_await testing::expect_throws<std::runtime_error>(all_of(body));
}

TORUS_TEST(made_body, of_a_pattern_has_its_size_and_is_the_same_each_time) {
    patterned_body one(200'000);
    patterned_body other(200'000);
    const std::string first = co_await all_of(one);
    const std::string second = co_await all_of(other);
    EXPECT_EQ(first.size(), 200'000u);
    EXPECT_TRUE(first == second);
    EXPECT_EQ(static_cast<std::byte>(first[70'001]), patterned_body::at(70'001));
}

TORUS_TEST(made_body, of_lines_has_as_many_and_pauses_between_them) {
    streamed_body quick(3, 0s);
    const std::string lines = co_await all_of(quick);
    EXPECT_EQ(lines, "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n");
    streamed_body slow(3, 10s);
    co_await all_of(slow);
    EXPECT_EQ(testing::elapsed(), 30s);
}

TORUS_TEST(made_body, that_is_truncated_breaks_off) {
    truncated_body body;
    const auto piece = co_await body.next();
    EXPECT_EQ(piece.size(), truncated_body::sent);
    EXPECT_EQ(body.size(), truncated_body::promised);
    co_await testing::expect_throws<meant_to_break>(body.next());
}

TEST(gzipped, begins_as_gzip_does) {
    const std::string compressed = gzipped(std::string(1000, 'x'));
    EXPECT_EQ(compressed.substr(0, 3), "\x1f\x8b\x08");
    EXPECT_LT(compressed.size(), 100u);
}

}  // namespace
}  // namespace torus::cli
