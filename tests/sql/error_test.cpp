// tests/sql/error_test.cpp: each kind of error belongs to one class.
#include <torus/sql/error.hpp>

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace torus::sql {
namespace {

template <class Error> void expect_class(error_kind kind) {
    SCOPED_TRACE(to_string(kind));
    try {
        throw_error(kind, 7, "because");
    } catch (const Error& e) {
        EXPECT_EQ(e.kind(), kind);
        EXPECT_EQ(e.code(), 7);
        EXPECT_STREQ(e.what(), "because");
    } catch (const std::exception&) {
        ADD_FAILURE() << "another class";
    }
}

TEST(sql_error, is_of_the_class_that_says_what_to_do) {
    for (auto kind :
         {error_kind::unique, error_kind::foreign_key, error_kind::not_null, error_kind::check, error_kind::constraint})
        expect_class<constraint_violation>(kind);
    expect_class<busy_error>(error_kind::busy);
    expect_class<interrupted_error>(error_kind::interrupted);
    for (auto kind : {error_kind::statement, error_kind::too_large, error_kind::rolled_back, error_kind::closed})
        expect_class<statement_error>(kind);
    for (auto kind : {error_kind::mismatch, error_kind::out_of_range, error_kind::no_such_column})
        expect_class<type_error>(kind);
    for (auto kind : {error_kind::io, error_kind::full, error_kind::readonly, error_kind::corrupt,
                      error_kind::not_a_database, error_kind::cannot_open})
        expect_class<storage_error>(kind);
    expect_class<error>(error_kind::engine);
}

TEST(sql_error, has_a_word_for_each_kind) {
    std::set<std::string_view> words;
    for (int kind = 0; kind <= static_cast<int>(error_kind::engine); ++kind)
        words.insert(to_string(static_cast<error_kind>(kind)));
    EXPECT_EQ(words.size(), static_cast<std::size_t>(error_kind::engine) + 1);
    EXPECT_FALSE(words.contains("unknown"));
}

}  // namespace
}  // namespace torus::sql
