// tests/cli/terminal_test.cpp: what is shown, what is not, and what may have been meant.
#include "cli/terminal.hpp"

#include <array>
#include <cstdlib>

#include <gtest/gtest.h>

#include "cli/suggestion.hpp"

namespace torus::cli {
namespace {

/// Sets a variable of the environment for a test.
class variable {
public:
    variable(const char* name, const char* value) : name_(name) {
        if (value) ::setenv(name, value, 1);
        else ::unsetenv(name);
    }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;
    ~variable() { ::unsetenv(name_); }

private:
    const char* name_;
};

constexpr int no_terminal = -1;

TEST(color, is_what_the_option_says_first) {
    const variable no("NO_COLOR", "1");
    EXPECT_TRUE(wants_color(color_choice::always, no_terminal));
    const variable force("CLICOLOR_FORCE", "1");
    EXPECT_FALSE(wants_color(color_choice::never, no_terminal));
}

TEST(color, is_what_the_environment_says_next) {
    const variable none("NO_COLOR", nullptr);
    const variable force("CLICOLOR_FORCE", "1");
    EXPECT_TRUE(wants_color(color_choice::automatic, no_terminal));
    const variable no("NO_COLOR", "1");
    EXPECT_FALSE(wants_color(color_choice::automatic, no_terminal));
}

TEST(color, is_only_for_terminals_otherwise) {
    const variable none("NO_COLOR", nullptr);
    const variable force("CLICOLOR_FORCE", "0");
    EXPECT_FALSE(wants_color(color_choice::automatic, no_terminal));
}

TEST(columns, are_those_of_the_environment_where_there_is_no_terminal) {
    const variable wide("COLUMNS", "132");
    EXPECT_EQ(columns_of(no_terminal), 132u);
    const variable nonsense("COLUMNS", "wide");
    EXPECT_EQ(columns_of(no_terminal), 80u);
}

TEST(printable, shows_what_would_control_the_terminal) {
    EXPECT_EQ(printable("a\x1b[31mb\n\x7f"), "a\\x1b[31mb\\x0a\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\x9b31m");
    EXPECT_EQ(printable("größer €"), "größer €");
    EXPECT_EQ(printable("\xff"), "\xef\xbf\xbd");
}

TEST(printable, is_cut) {
    EXPECT_EQ(printable("abcdef", 3), "abc…");
    EXPECT_EQ(printable("abc", 3), "abc");
    EXPECT_EQ(printable("äöüß", 3), "äöü…");
}

TEST(shell_quoted, is_one_word_for_the_shell) {
    EXPECT_EQ(shell_quoted("urls.txt"), "urls.txt");
    EXPECT_EQ(shell_quoted("http://h/?a=b"), "'http://h/?a=b'");
    EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_quoted(""), "''");
}

constexpr std::array<std::string_view, 3> commands{"fetch", "serve", "breakfast"};

TEST(suggestion, is_the_word_that_was_meant) {
    EXPECT_EQ(closest("fecth", commands), "fetch");
    EXPECT_EQ(closest("serv", commands), "serve");
    EXPECT_EQ(closest("brekfast", commands), "breakfast");
    EXPECT_EQ(closest("sreve", commands), "serve");
    EXPECT_EQ(closest("b", commands), "breakfast");
}

TEST(suggestion, is_not_made_for_something_else) {
    EXPECT_EQ(closest("dinner", commands), "");
    EXPECT_EQ(closest("", commands), "");
    EXPECT_EQ(closest(std::string(1000, 'x'), commands), "");
    EXPECT_EQ(did_you_mean("dinner", commands), "");
    EXPECT_EQ(did_you_mean("fecth", commands), "; did you mean 'fetch'?");
}

}  // namespace
}  // namespace torus::cli
