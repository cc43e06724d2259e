// torus/http/query.hpp: the parameters of a query or of a form, built and read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torus::inline v0::http {

/// Names and values, in their order, as `name=value&name=value`.
///
///     auto page = url("http://h/search").with_query(query().add("q", "a b").add("n", "1").to_string());
///     query(page.query().value_or("")).get("q");        // "a b"
class query {
public:
    query() = default;

    /// Reads a query, or a body of the type application/x-www-form-urlencoded. Nothing is an error here: '+' is a
    /// space, a '%' without two digits is itself, a name without '=' has an empty value.
    explicit query(std::string_view text);

    query& add(std::string_view name, std::string_view value);

    /// The first value of that name, or nothing.
    std::optional<std::string_view> get(std::string_view name) const noexcept;

    /// Encoded, for a URL or a form: a space is "%20", which both understand.
    std::string to_string() const;

    bool empty() const noexcept { return parameters_.empty(); }
    std::size_t size() const noexcept { return parameters_.size(); }
    auto begin() const noexcept { return parameters_.begin(); }
    auto end() const noexcept { return parameters_.end(); }

private:
    std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace torus::inline v0::http
