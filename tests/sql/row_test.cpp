// tests/sql/row_test.cpp: rows are read by name and by position.
#include <torus/sql/row.hpp>

#include <limits>
#include <stdexcept>

#include <gtest/gtest.h>

#include <torus/sql/error.hpp>

namespace torus::sql {
namespace {

rows_builder builder_of(std::vector<std::string> names) {
    return rows_builder(std::make_shared<const columns>(std::move(names)));
}

rows people() {
    rows_builder builder = builder_of({"id", "name", "age"});
    for (value_view cell : {value_view(1), value_view("Ada"), value_view(36)}) builder.add(cell);
    for (value_view cell : {value_view(2), value_view("Zoë"), value_view()}) builder.add(cell);
    return std::move(builder).finish();
}

TEST(sql_row, is_read_by_name_and_by_position) {
    const rows all = people();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].get<int>("id"), 1);
    EXPECT_EQ(all[1].get<std::string>("name"), "Zoë");
    EXPECT_EQ(all[1][1].get<std::string_view>(), "Zoë");
    EXPECT_EQ(all[0]["age"].get<int>(), 36);
    EXPECT_EQ(all[0].get<std::optional<int>>(2), 36);
    EXPECT_EQ(all[1].get<std::optional<int>>("age"), std::nullopt);
    EXPECT_EQ(all[1].size(), 3u);
}

TEST(sql_row, names_the_column_that_is_of_another_type) {
    try {
        (void)people()[1].get<int>("age");
        FAIL();
    } catch (const type_error& e) {
        EXPECT_STREQ(e.what(), "column \"age\" is null, not an integer (ask for a std::optional)");
    }
}

TEST(sql_row, refuses_a_column_that_is_not_there) {
    const rows all = people();
    EXPECT_THROW((void)all[0].get<int>("Id"), type_error);
    EXPECT_THROW((void)all[0][3], type_error);
    try {
        (void)all[0]["nick"];
        FAIL();
    } catch (const type_error& e) {
        EXPECT_EQ(e.kind(), error_kind::no_such_column);
        EXPECT_STREQ(e.what(), "the result has no column \"nick\", only \"id\" \"name\" \"age\"");
    }
}

TEST(sql_row, refuses_a_name_that_two_columns_have) {
    rows_builder builder = builder_of({"id", "id"});
    builder.add(1);
    builder.add(2);
    const rows all = std::move(builder).finish();
    EXPECT_THROW((void)all[0].get<int>("id"), type_error);
    EXPECT_EQ(all[0].get<int>(1), 2);
}

TEST(sql_row, unpacks_into_a_tuple) {
    const rows all = people();
    const auto [id, name, age] = all[1].as<int, std::string, std::optional<int>>();
    EXPECT_EQ(id, 2);
    EXPECT_EQ(name, "Zoë");
    EXPECT_EQ(age, std::nullopt);
    EXPECT_THROW((all[0].as<int, std::string>()), type_error);
    EXPECT_THROW((all[0].as<int, int, int>()), type_error);
}

TEST(sql_row, keeps_what_it_looks_at_alive) {
    std::optional<row> kept;
    {
        const rows all = people();
        kept = all[1];
    }
    EXPECT_EQ(kept->get<std::string_view>("name"), "Zoë");
}

TEST(sql_rows, are_gone_through_in_order) {
    std::string names;
    for (const row& each : people()) names += each.get<std::string_view>("name");
    EXPECT_EQ(names, "AdaZoë");
    const rows all = people();
    EXPECT_EQ(std::distance(all.begin(), all.end()), 2);
    auto at = all.begin();
    EXPECT_EQ(at++->get<int>(0), 1);
    EXPECT_EQ(at->get<int>(0), 2);
}

TEST(sql_rows, may_be_none) {
    const rows none = builder_of({"id"}).finish();
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.begin(), none.end());
    EXPECT_THROW((void)none[0], std::out_of_range);
    EXPECT_EQ(none.names()[0], "id");
    EXPECT_TRUE(builder_of({}).finish().empty());
}

TEST(sql_rows, keep_every_value_as_it_was) {
    rows_builder builder = builder_of({"value"});
    const std::vector<std::byte> blob = {std::byte{0}, std::byte{200}};
    const std::vector<value> originals = {nullptr,
                                          std::numeric_limits<std::int64_t>::min(),
                                          0.1,
                                          "",
                                          std::string(3, '\0'),
                                          blob,
                                          std::vector<std::byte>(),
                                          std::string(100'000, 'x')};
    for (const value& original : originals) builder.add(original);
    EXPECT_EQ(builder.row_count(), originals.size());
    EXPECT_GT(builder.byte_count(), 100'000u);
    const rows all = std::move(builder).finish();
    for (std::size_t i = 0; i < originals.size(); ++i) EXPECT_EQ(all[i].get<value>(0), originals[i]) << i;
}

}  // namespace
}  // namespace torus::sql
