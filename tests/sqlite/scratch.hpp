// tests/sqlite/scratch.hpp: a folder of one test, and what tests of databases say often.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <torus/sql/error.hpp>
#include <torus/sql/value.hpp>

#include "scratch_folder.hpp"
#include "sqlite/database.hpp"

namespace torus::sqlite {

using testing::scratch_folder;

/// Runs `act` and returns the error of class Error that it throws, failing the test if it doesn't.
template <std::derived_from<sql::error> Error, class Act> Error failure_of(Act act) {
    try {
        act();
    } catch (const Error& e) {
        return e;
    } catch (const std::exception& e) {
        ADD_FAILURE() << "another error: " << e.what();
        return Error(sql::error_kind::engine, 0, "another one");
    }
    ADD_FAILURE() << "no error";
    return Error(sql::error_kind::engine, 0, "none");
}

/// Statements with their parameters written as arguments.
class test_database : public database {
public:
    test_database() = default;
    explicit test_database(const std::string& path, const open_options& options = {}) { open(path, options); }

    template <class... P> sql::result run(std::string_view sql, const P&... parameters) {
        const std::vector<sql::value_view> views{sql::value_view(parameters)...};
        return execute(sql, views);
    }
    template <class... P> sql::rows all(std::string_view sql, const P&... parameters) {
        const std::vector<sql::value_view> views{sql::value_view(parameters)...};
        return query(sql, views);
    }
    /// The one cell of a query.
    template <class T = std::int64_t, class... P> T one(std::string_view sql, const P&... parameters) {
        return all(sql, parameters...)[0].template get<T>(0);
    }
};

/// A query that never ends by itself, unless `limit` rows are enough.
inline std::string counting(std::string_view limit = "") {
    std::string sql = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";
    if (!limit.empty()) sql.append(" limit ").append(limit);
    return sql;
}

}  // namespace torus::sqlite
