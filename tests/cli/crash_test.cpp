// tests/cli/crash_test.cpp: a run of torus fetch in a simulated world, in which its host and the server crash.
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <torus/http/server.hpp>
#include <torus/sim/world.hpp>
#include <torus/testing/seeds.hpp>

#include "cli/fetch/engine.hpp"
#include "cli/fetch/http_fetcher.hpp"
#include "cli/fetch/sqlite_store.hpp"

namespace torus::cli {
namespace {

using namespace std::literals;

constexpr int lines = 80;

bool is_post(int line) { return line % 4 == 0; }
int status_for(int line) { return line % 7 == 0 ? 404 : 200; }

std::string input() {
    std::string text;
    for (int line = 1; line <= lines; ++line) {
        const std::string url = "http://site/" + std::to_string(line);
        text += is_post(line) ? R"({"url":")" + url + R"(","method":"POST","body":"x"})" + "\n" : url + "\n";
    }
    return text;
}

/// A server that remembers which requests have reached it, whatever became of its host since.
class site {
public:
    async<> serve() {
        const auto answer = [this](http::incoming& asked) -> async<http::reply> {
            const int line = std::stoi(std::string(asked.path().substr(1)));
            ++arrived_[line];
            co_await sleep(20ms * (line % 5));
            co_return http::reply(status_for(line), "body");
        };
        http::server server = co_await http::serve(answer, "", 80);
        co_await server.serve_forever();
    }

    int arrived(int line) const {
        const auto found = arrived_.find(line);
        return found == arrived_.end() ? 0 : found->second;
    }

private:
    std::map<int, int> arrived_;
};

/// A row for each line, of a request that has arrived, a POST once at most.
async<> check_rows(const site& server) {
    sqlite::connection db = co_await sqlite::open("/pages.db", {.access = sqlite::access::read_only});
    const sql::rows rows = co_await db.query("select id, status, error, method from results order by id");
    if (rows.size() != lines) throw std::logic_error(std::to_string(rows.size()) + " rows");
    for (int line = 1; line <= lines; ++line) {
        const sql::row row = rows[static_cast<std::size_t>(line - 1)];
        const std::string name = "line " + std::to_string(line);
        if (row.get<int>(0) != line) throw std::logic_error(name + " has no row");
        if (row.get<std::string>(3) != (is_post(line) ? "POST" : "GET")) throw std::logic_error(name + ": the method");
        if (is_post(line) && server.arrived(line) > 1) throw std::logic_error(name + " was posted twice");
        const auto status = row.get<std::optional<int>>(1);
        if (status && *status != status_for(line)) throw std::logic_error(name + " has another one's answer");
        if (status && server.arrived(line) == 0) throw std::logic_error(name + " has an answer to nothing");
        if (!status && !row.get<std::optional<std::string>>(2)) throw std::logic_error(name + " has no error");
    }
}

/// What `torus fetch` does when it starts, and starts again.
async<> fetch_all() {
    fetch_options options;
    options.concurrency = 8;
    options.timeout = 2s;
    options.connect_timeout = 1s;
    http_fetcher carrier(options, options.concurrency);
    const std::unique_ptr<result_store> store = co_await sqlite_store::open("/pages.db");
    if (!store->found()) {
        co_await store->clear();
        co_await store->keep_input(input());
        run_record record;
        record.lines = lines;
        record.input = run_record::origin::stored;
        co_await store->begin(record);
    }
    earlier_rows earlier = co_await store->resume({});
    line_source kept(store->kept_input());
    engine_options how;
    how.concurrency = options.concurrency;
    engine work(kept, carrier, *store, std::move(earlier), how);
    co_await work.run();
    co_await store->close();
    if (work.failure()) std::rethrow_exception(work.failure());
}

void crash_while_fetching(sim::world& w) {
    site one;
    const sim::disk_options disk{.latency = 100us, .most_latency = 3ms, .survival = 0.5, .torn = 0.5};
    sim::host& server = w.add_host("site", [&] { return one.serve(); });
    sim::host& client = w.add_host("client", fetch_all, {.disk = disk});
    w.run([&]() -> async<> {
        for (int i = 0; i < 8; ++i) {
            co_await sleep(std::chrono::milliseconds(w.random(400)));
            sim::host& which = w.random(4) == 0 ? server : client;
            if (w.random(3) == 0) which.kill();
            else which.crash();
            co_await sleep(std::chrono::milliseconds(w.random(100)));
            which.start();
        }
        co_await client.ended();
        client.start();  // has nothing to do any more
        co_await client.ended();
        client.start();
        co_await client.submit(check_rows(one));
    });
}

/// No proxy of this machine has to do with it.
const int without_proxy = ::setenv("no_proxy", "site", 1);

TEST(fetch_in_a_world, S619_every_line_has_one_row_through_crashes_and_no_post_is_sent_twice) {
    ASSERT_EQ(without_proxy, 0);
    const testing::seed_options options{.runs = 20,
                                        .world = {.link = {.latency = 1ms, .most_latency = 20ms, .loss = 0.01},
                                                  .split = 0.1,
                                                  .late = 0.1,
                                                  .order = sim::task_order::shuffled}};
    const testing::seeds_tried tried = testing::try_seeds(crash_while_fetching, options);
    EXPECT_EQ(tried.problem, "");
}

}  // namespace
}  // namespace torus::cli
