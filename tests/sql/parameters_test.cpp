// tests/sql/parameters_test.cpp: parameters own their values, and rows of parameters only look at them.
#include <torus/sql/parameters.hpp>

#include <array>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

#include <torus/sql/error.hpp>

namespace torus::sql {
namespace {

TEST(sql_parameters, own_their_values) {
    std::string name(50, 'a');
    parameters who(name, 36, std::nullopt);
    name.assign(50, 'b');
    who.add(true).add(std::move(name));
    ASSERT_EQ(who.size(), 5u);
    EXPECT_EQ(who[0], value(std::string(50, 'a')));
    EXPECT_EQ(who[1], value(36));
    EXPECT_TRUE(who[2].is_null());
    EXPECT_EQ(who[4], value(std::string(50, 'b')));
}

TEST(sql_parameters, are_copied_and_not_swallowed) {
    parameters one(1);
    parameters copy(one);
    EXPECT_EQ(copy.size(), 1u);
    EXPECT_EQ(copy[0], value(1));
    EXPECT_FALSE((std::is_constructible_v<parameters, void*>));
}

TEST(sql_arguments, look_at_few_values_and_at_many) {
    const std::string text = "text";
    const arguments few(1, text, std::nullopt);
    ASSERT_EQ(few.views().size(), 3u);
    EXPECT_EQ(few.views()[1].get<std::string_view>().data(), text.data());
    EXPECT_TRUE(few.views()[2].is_null());
    EXPECT_TRUE(arguments().views().empty());

    const arguments eight(1, 2, 3, 4, 5, 6, 7, 8);
    EXPECT_EQ(eight.views()[7], value_view(8));
    arguments nine(1, 2, 3, 4, 5, 6, 7, 8, "nine");
    ASSERT_EQ(nine.views().size(), 9u);
    EXPECT_EQ(nine.views()[8], value_view("nine"));
    const arguments moved = std::move(nine);
    EXPECT_EQ(moved.views()[8], value_view("nine"));
}

TEST(sql_arguments, may_be_a_list) {
    const parameters list(1, "x");
    EXPECT_EQ(arguments(list).views()[1], value_view("x"));
    EXPECT_TRUE(arguments(parameters()).views().empty());
    EXPECT_FALSE((std::is_constructible_v<arguments, void*>));
}

TEST(sql_parameter_rows, look_at_rows_of_tuples_where_they_are) {
    const std::vector<std::tuple<int, std::string, std::optional<double>>> users = {{1, "Ada", 0.5}, {2, "Zoë", {}}};
    const parameter_rows rows(users);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0][0], value_view(1));
    EXPECT_EQ(rows[1][1].get<std::string_view>().data(), std::get<1>(users[1]).data());
    EXPECT_TRUE(rows[1][2].is_null());
}

TEST(sql_parameter_rows, look_at_rows_of_values) {
    std::vector<parameters> owned;
    owned.emplace_back(1, "x");
    owned.emplace_back(2, "y");
    EXPECT_EQ(parameter_rows(owned)[1][1], value_view("y"));
    const std::array<std::vector<int>, 2> numbers = {std::vector{1, 2}, std::vector{3, 4}};
    EXPECT_EQ(parameter_rows(numbers)[1][0], value_view(3));
}

TEST(sql_parameter_rows, have_one_length) {
    const std::vector<std::vector<int>> ragged = {{1, 2}, {3, 4}, {5}};
    try {
        parameter_rows rows(ragged);
        FAIL();
    } catch (const type_error& e) {
        EXPECT_STREQ(e.what(), "row 2 has 1 values, the rows before it 2");
    }
}

TEST(sql_parameter_rows, may_be_none) {
    EXPECT_EQ(parameter_rows(std::vector<parameters>()).size(), 0u);
    const std::vector<std::tuple<>> empty(3);
    const parameter_rows rows(empty);
    EXPECT_EQ(rows.size(), 3u);
    EXPECT_TRUE(rows[2].empty());
}

}  // namespace
}  // namespace torus::sql
