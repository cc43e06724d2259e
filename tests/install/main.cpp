// tests/install/main.cpp: what a stranger's first program may look like.
#include <chrono>
#include <optional>
#include <string>

#include <torus/core/core.hpp>
#include <torus/http/url.hpp>
#include <torus/sqlite/connection.hpp>
#include <torus/version.hpp>

using namespace std::literals;

torus::async<int> answer() {
    co_await torus::sleep(1ms);
    co_return 42;
}

torus::async<int> amain() {
    auto [one, other] = co_await torus::gather(answer(), answer());
    auto database = co_await torus::sqlite::open(":memory:");
    const auto rows = co_await database.query("select ? + ?", one, other);
    const std::optional<torus::http::url> where = torus::http::url::parse("http://localhost:8080/path");
    co_return rows[0].get<int>(0) == 84 && where && where->host() == "localhost" ? 0 : 1;
}

int main() { return torus::run(amain()); }
