// tests/fs/lines_test.cpp: files, line by line.
#include "fs/disk.hpp"

namespace torus::testing {
namespace {

TORUS_IO_TEST(fs_lines, S381_give_each_line_with_its_end) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    auto lines = fs::lines(co_await fs::open(folder.write("a", "one\ntwo\n\nlast")));
    std::vector<std::string> seen;
    while (auto line = co_await lines.next()) seen.push_back(*line);
    const std::vector<std::string> expected{"one\n", "two\n", "\n", "last"};
    EXPECT_EQ(seen, expected);
    EXPECT_TRUE(lines.at_eof());
}

TORUS_IO_TEST(fs_lines, S381_begin_at_the_position) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    fs::file f = co_await fs::open(folder.write("a", "one\ntwo\n"));
    co_await f.seek(4);
    auto lines = fs::lines(std::move(f));
    EXPECT_EQ(co_await lines.readline(), "two\n");
    EXPECT_EQ(co_await lines.readline(), "");
}

TORUS_IO_TEST(fs_lines, S381_of_a_large_file_are_all_there) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "line " + std::to_string(i) + '\n';
    const std::size_t before = open_descriptors();
    {
        auto lines = fs::lines(co_await fs::open(folder.write("a", text)));
        std::string seen;
        int count = 0;
        for (; auto line = co_await lines.next(); ++count) seen += *line;
        EXPECT_EQ(count, 50'000);
        EXPECT_TRUE(seen == text);
    }
    EXPECT_EQ(open_descriptors(), before);
}

TORUS_IO_TEST(fs_lines, S381_that_are_too_long_are_refused_and_skipped) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    auto lines = fs::lines(co_await fs::open(folder.write("a", "long line\nok\n")), {.read_limit = 4});
    co_await expect_throws<limit_overrun_error>(lines.next());
    EXPECT_EQ(co_await lines.readline(), "ok\n");
}

TORUS_IO_TEST(fs_lines, S381_say_what_is_wrong_with_the_file) {
    if (without_disk()) co_return;
    const scratch_folder folder;
    auto lines = fs::lines(co_await fs::open(folder.path()));
    const fs::error e = co_await expect_throws<fs::error>(lines.next());
    EXPECT_EQ(e.code().value(), EISDIR);
    EXPECT_EQ(e.path(), folder.path());
}

}  // namespace
}  // namespace torus::testing
