// tests/process/environment_test.cpp: environment variables.
#include <torus/process/environment.hpp>

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <torus/testing/test.hpp>

#include <stdlib.h>

namespace {

using namespace torus;
using namespace std::literals;

TEST(environment, is_empty_to_begin_with) {
    const environment env;
    EXPECT_TRUE(env.entries().empty());
    EXPECT_FALSE(env.find("PATH").has_value());
}

TEST(environment, holds_what_it_is_given_and_one_value_for_a_name) {
    environment env;
    env.set("A", "1").set("AB", "2").set("A", "a=b").set("EMPTY", "");
    EXPECT_EQ(env.find("A"), "a=b");
    EXPECT_EQ(env.find("AB"), "2");
    EXPECT_EQ(env.find("EMPTY"), "");
    EXPECT_EQ(env.entries().size(), 3u);
    EXPECT_TRUE(env.erase("A"));
    EXPECT_FALSE(env.erase("A"));
    EXPECT_EQ(env.find("AB"), "2");
}

TEST(environment, current_is_a_copy) {
    ::setenv("TORUS_TEST_VARIABLE", "there", 1);
    environment env = environment::current();
    EXPECT_EQ(env.find("TORUS_TEST_VARIABLE"), "there");
    env.set("TORUS_TEST_VARIABLE", "changed");
    EXPECT_STREQ(::getenv("TORUS_TEST_VARIABLE"), "there");
    ::unsetenv("TORUS_TEST_VARIABLE");
}

TEST(environment, refuses_what_is_no_name_and_no_value) {
    environment env;
    EXPECT_THROW(env.set("", "x"), std::invalid_argument);
    EXPECT_THROW(env.set("A=B", "x"), std::invalid_argument);
    EXPECT_THROW(env.set("A\0B"sv, "x"), std::invalid_argument);
    EXPECT_THROW(env.set("A", "x\0y"sv), std::invalid_argument);
    EXPECT_TRUE(env.entries().empty());
}

}  // namespace
