// tests/sql/value_test.cpp: values are what they are, and nothing is converted that would lose something.
#include <torus/sql/value.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include <gtest/gtest.h>

#include <torus/sql/error.hpp>

namespace torus::sql {
namespace {

using bytes = std::vector<std::byte>;

template <class T> error_kind why_not(const value_view& v) {
    try {
        (void)v.get<T>();
    } catch (const type_error& e) {
        return e.kind();
    }
    ADD_FAILURE() << "it was one";
    return error_kind::engine;
}

TEST(sql_value, has_the_type_of_what_it_was_made_from) {
    EXPECT_EQ(value_view().type(), type::null);
    EXPECT_EQ(value_view(nullptr).type(), type::null);
    EXPECT_EQ(value_view(std::nullopt).type(), type::null);
    EXPECT_EQ(value_view(std::optional<int>()).type(), type::null);
    EXPECT_EQ(value_view(static_cast<const char*>(nullptr)).type(), type::null);
    EXPECT_EQ(value_view(true).type(), type::integer);
    EXPECT_EQ(value_view(std::optional<int>(3)).type(), type::integer);
    EXPECT_EQ(value_view(std::uint8_t{3}).type(), type::integer);
    EXPECT_EQ(value_view(3.5f).type(), type::real);
    EXPECT_EQ(value_view("text").type(), type::text);
    EXPECT_EQ(value_view(std::string_view()).type(), type::text);
    EXPECT_EQ(value_view(bytes()).type(), type::blob);
    EXPECT_EQ(value_view(std::span<const std::byte>()).type(), type::blob);
    EXPECT_EQ(value(std::array<std::byte, 32>()).type(), type::blob);
}

TEST(sql_value, is_not_made_from_what_has_no_obvious_type) {
    EXPECT_FALSE((std::is_convertible_v<char, value_view>));
    EXPECT_FALSE((std::is_convertible_v<wchar_t, value_view>));
    EXPECT_FALSE((std::is_convertible_v<void*, value_view>));
    EXPECT_FALSE((std::is_convertible_v<const int*, value_view>));
    enum class colour { red };
    EXPECT_FALSE((std::is_convertible_v<colour, value_view>));
}

TEST(sql_value, gives_integers_within_the_range_asked_for) {
    EXPECT_EQ(value_view(255).get<std::uint8_t>(), 255);
    EXPECT_EQ(why_not<std::uint8_t>(256), error_kind::out_of_range);
    EXPECT_EQ(why_not<std::uint8_t>(-1), error_kind::out_of_range);
    EXPECT_EQ(value_view(-128).get<std::int8_t>(), -128);
    EXPECT_EQ(why_not<std::int8_t>(-129), error_kind::out_of_range);
    EXPECT_EQ(why_not<int>(std::int64_t{1} << 31), error_kind::out_of_range);
    for (auto extreme : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()})
        EXPECT_EQ(value_view(extreme).get<std::int64_t>(), extreme);
    EXPECT_EQ(why_not<std::uint64_t>(-1), error_kind::out_of_range);
    EXPECT_EQ(value_view(std::numeric_limits<std::int64_t>::max()).get<std::uint64_t>(),
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

TEST(sql_value, refuses_an_unsigned_number_that_no_database_holds) {
    EXPECT_EQ(value_view(std::uint64_t{1} << 62).get<std::int64_t>(), std::int64_t{1} << 62);
    EXPECT_THROW((void)value_view(std::uint64_t{1} << 63), type_error);
    EXPECT_THROW((void)value(std::numeric_limits<std::uint64_t>::max()), type_error);
}

TEST(sql_value, is_a_bool_only_if_it_is_0_or_1) {
    EXPECT_TRUE(value_view(1).get<bool>());
    EXPECT_FALSE(value_view(false).get<bool>());
    EXPECT_EQ(why_not<bool>(2), error_kind::out_of_range);
    EXPECT_EQ(why_not<bool>("true"), error_kind::mismatch);
}

TEST(sql_value, gives_an_integer_as_a_real_only_if_it_is_exact) {
    const std::int64_t largest = std::int64_t{1} << 53;
    EXPECT_EQ(value_view(largest).get<double>(), 9007199254740992.0);
    EXPECT_EQ(value_view(-largest).get<double>(), -9007199254740992.0);
    EXPECT_EQ(why_not<double>(largest + 1), error_kind::out_of_range);
    EXPECT_EQ(why_not<int>(1.0), error_kind::mismatch);
}

TEST(sql_value, gives_reals_in_the_precision_asked_for) {
    EXPECT_EQ(value_view(0.1).get<float>(), 0.1f);
    EXPECT_EQ(value_view(0.1).get<long double>(), static_cast<long double>(0.1));
    EXPECT_EQ(why_not<float>(1e300), error_kind::out_of_range);
    EXPECT_EQ(why_not<float>(-1e300), error_kind::out_of_range);
    EXPECT_TRUE(std::isinf(value_view(std::numeric_limits<double>::infinity()).get<float>()));
    EXPECT_TRUE(std::isnan(value_view(std::nan("")).get<float>()));
}

TEST(sql_value, does_not_mix_texts_and_bytes) {
    const bytes blob = {std::byte{0}, std::byte{255}};
    EXPECT_EQ(value_view("text").get<std::string>(), "text");
    EXPECT_EQ(value_view(blob).get<bytes>(), blob);
    EXPECT_EQ(value_view(blob).get<std::span<const std::byte>>().data(), blob.data());
    EXPECT_EQ(why_not<std::string>(blob), error_kind::mismatch);
    EXPECT_EQ(why_not<bytes>("text"), error_kind::mismatch);
    EXPECT_EQ(why_not<std::string>(5), error_kind::mismatch);
}

TEST(sql_value, keeps_zero_bytes_in_texts) {
    const std::string text("a\0b", 3);
    EXPECT_EQ(value_view(text).get<std::string>(), text);
    EXPECT_EQ(value(text).get<std::string_view>().size(), 3u);
}

TEST(sql_value, is_an_optional_where_it_may_be_null) {
    EXPECT_EQ(value_view().get<std::optional<int>>(), std::nullopt);
    EXPECT_EQ(value_view(4).get<std::optional<int>>(), 4);
    EXPECT_EQ(why_not<std::optional<int>>("4"), error_kind::mismatch);
    EXPECT_EQ(why_not<int>({}), error_kind::mismatch);
}

TEST(sql_value, names_the_column_and_the_types_in_its_errors) {
    try {
        (void)value_view().get<int>("age");
        FAIL();
    } catch (const type_error& e) {
        EXPECT_STREQ(e.what(), "column \"age\" is null, not an integer (ask for a std::optional)");
    }
    try {
        (void)value_view(300).get<std::uint8_t>();
        FAIL();
    } catch (const type_error& e) {
        EXPECT_STREQ(e.what(), "the value is 300, not between 0 and 255");
    }
}

TEST(sql_value, owns_a_copy) {
    std::string text(100, 'x');
    const value copied = text;
    value taken(std::move(text));
    EXPECT_EQ(copied, taken);
    EXPECT_EQ(value_view(taken).get<std::string_view>().size(), 100u);
    EXPECT_EQ(value(value_view(bytes(3))).get<bytes>(), bytes(3));
    EXPECT_EQ(value("literal").get<std::string>(), "literal");
    EXPECT_EQ(value(7).get<value>(), value(7));
    EXPECT_TRUE(value().is_null());
    EXPECT_TRUE(value(std::optional<std::string>()).is_null());
}

TEST(sql_value, equals_the_same_type_and_content) {
    EXPECT_EQ(value_view(), value_view(nullptr));
    EXPECT_EQ(value_view(1), value_view(true));
    EXPECT_FALSE(value_view(1) == value_view(1.0));
    EXPECT_FALSE(value_view("a") == value_view("b"));
    EXPECT_EQ(value_view(bytes()), value_view(std::span<const std::byte>()));
    EXPECT_FALSE(value_view(bytes(1)) == value_view(bytes(2)));
    EXPECT_FALSE(value_view("") == value_view(bytes()));
}

}  // namespace
}  // namespace torus::sql
