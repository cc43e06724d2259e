// tests/sqlite/scratch.hpp: a folder of one test, and what tests of databases say often.
#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <torus/core/file_calls.hpp>
#include <torus/core/operation.hpp>
#include <torus/core/thread_calls.hpp>
#include <torus/sql/error.hpp>
#include <torus/sql/value.hpp>

#include "scratch_folder.hpp"
#include "sqlite/database.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace torus::sqlite {

class file_request final : public operation {
public:
    using operation::operation;
};

/// A new folder on the disk of the world that the test runs in.
class scratch_folder {
public:
    scratch_folder() {
        if (threads().are_simulated()) files().call(file_request(verb::make_directory, AT_FDCWD, path_, 0, 0, 0700));
        else real_.emplace();
    }

    /// The path of what is there by this name, or may be.
    std::string operator/(std::string_view name) const {
        return real_ ? *real_ / name : path_ + ('/' + std::string(name));
    }

private:
    static constexpr const char* path_ = "/tmp/test";  // each run of a simulation begins with an empty disk
    std::optional<testing::scratch_folder> real_;
};

inline bool exists(const std::string& path) {
    struct statx status{};
    file_request look(verb::status, AT_FDCWD, path.c_str());
    look.second = &status;
    return files().call(look) == 0;
}

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
