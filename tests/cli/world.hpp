// tests/cli/world.hpp: servers and an output that exist only in a test, for the engine on virtual time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <torus/core/time.hpp>

#include "cli/fetch/engine.hpp"

namespace torus::inline v0::cli {

/// Carries requests out as the test says.
class fake_fetcher final : public fetcher {
public:
    using answer = std::function<async<attempt_result>(const request&, body_budget::lease&)>;

    explicit fake_fetcher(answer how) : answer_(std::move(how)) {}

    async<attempt_result> fetch(const request& what, body_budget::lease& room) override {
        ++attempts[what.target.path().substr(1) == "" ? what.url : std::string(what.target.path().substr(1))];
        begun.push_back(clock::now());
        most = std::max(most, ++running);
        most_of_host[what.host()] = std::max(most_of_host[what.host()], ++of_host_[what.host()]);
        const struct ending {
            fake_fetcher& self;
            const request& what;
            ~ending() { --self.running, --self.of_host_[what.host()]; }
        } at_the_end{*this, what};
        co_return co_await answer_(what, room);
    }

    std::map<std::string, int> attempts;  // by path
    std::vector<time_point> begun;
    std::size_t running = 0;
    std::size_t most = 0;
    std::map<std::string, std::size_t> most_of_host;

private:
    answer answer_;
    std::map<std::string, std::size_t> of_host_;
};

/// What a server answers that is well.
inline attempt_result ok(int status = 200) {
    attempt_result came;
    came.status = status;
    came.body = "body";
    return came;
}

/// Keeps rows in memory.
class fake_store final : public result_store {
public:
    std::optional<run_record> found() const override { return std::nullopt; }
    async<> clear() override { co_return; }
    async<> keep_input(std::string) override { co_return; }
    async<> begin(run_record) override { co_return; }
    std::unique_ptr<byte_source> kept_input() override { return std::make_unique<text_source>(""); }
    async<earlier_rows> resume(again) override { co_return earlier_rows(); }
    async<> close() override { co_return; }

    async<> commit(std::shared_ptr<const batch> written) override {
        co_await sleep(takes);
        if (fails) throw std::runtime_error("the disk is full");
        ++commits;
        for (const std::int64_t id : written->started) started.push_back(id);
        for (const result_row& row : written->rows) {
            if (!rows.emplace(row.id, row).second) throw std::logic_error("a second row for a line");
            committed_at[row.id] = clock::now();
        }
    }

    duration takes = std::chrono::milliseconds(1);
    bool fails = false;
    int commits = 0;
    std::map<std::int64_t, result_row> rows;
    std::map<std::int64_t, time_point> committed_at;
    std::vector<std::int64_t> started;
};

/// An engine with everything around it.
class world {
public:
    world(std::string input, fake_fetcher::answer how, engine_options options = {}, earlier_rows earlier = {})
        : lines(std::make_unique<text_source>(std::move(input))), web(std::move(how)),
          work(lines, web, store, std::move(earlier), std::move(options)) {}

    line_source lines;
    fake_fetcher web;
    fake_store store;
    engine work;
};

/// "http://h/1" to "http://h/<n>", a line each.
inline std::string urls(int n, const std::string& host = "h") {
    std::string text;
    for (int id = 1; id <= n; ++id) text += "http://" + host + "/" + std::to_string(id) + "\n";
    return text;
}

}  // namespace torus::inline v0::cli
