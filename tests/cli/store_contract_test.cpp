// tests/cli/store_contract_test.cpp: what both kinds of output promise.
#include "cli/fetch/store.hpp"

#include <csignal>
#include <functional>
#include <memory>
#include <vector>

#include <torus/core/run.hpp>
#include <torus/testing/test.hpp>

#include "cli/fetch/jsonl_store.hpp"
#include "cli/fetch/sqlite_store.hpp"
#include "cli/scratch.hpp"

#include <sys/resource.h>

namespace torus::cli {
namespace {

run_record record_of(std::int64_t lines) {
    run_record record;
    record.input_hash = "abc";
    record.lines = lines;
    record.path = "/urls.txt";
    record.options = {{"--timeout", "30 s"}, {"--raw", ""}};
    return record;
}

result_row row_of(std::int64_t id, error_class error = error_class::none, const char* method = "GET") {
    result_row row(id, "http://h/" + std::to_string(id));
    row.method = method;
    row.attempts = 1;
    row.error = error;
    if (error == error_class::none) row.status = 200;
    if (error == error_class::none) row.body = "body of " + std::to_string(id);
    return row;
}

template <class... Row> std::shared_ptr<const batch> batch_of(Row... rows) {
    auto made = std::make_shared<batch>();
    (made->rows.push_back(std::move(rows)), ...);
    return made;
}

std::shared_ptr<const batch> start_of(std::int64_t id) {
    auto made = std::make_shared<batch>();
    made->started.push_back(id);
    return made;
}

async<std::string> read_all(std::unique_ptr<byte_source> source) {
    std::string all;
    for (;;) {
        const std::string piece = co_await source->read();
        if (piece.empty()) co_return all;
        all += piece;
    }
}

class store_contract : public ::testing::TestWithParam<const char*> {
protected:
    std::string path() const { return folder / (std::string("out.") + GetParam()); }

    async<std::unique_ptr<result_store>> open() const {
        if (GetParam() == std::string("db")) co_return co_await sqlite_store::open(path());
        co_return jsonl_store::open(path());
    }

    /// The test's body, as a coroutine.
    template <class Body> void play(Body body) { torus::run(call_owned(std::move(body))); }

    scratch_folder folder;
};

TEST_P(store_contract, holds_no_run_at_first) {
    play([this]() -> async<> {
        const auto store = co_await open();
        EXPECT_FALSE(store->found());
        co_await store->close();
        const auto again = co_await open();
        EXPECT_FALSE(again->found());
    });
}

TEST_P(store_contract, finds_the_run_and_its_rows_again) {
    play([this]() -> async<> {
        auto store = co_await open();
        co_await store->begin(record_of(10));
        co_await store->commit(batch_of(row_of(3), row_of(1, error_class::timeout)));
        co_await store->commit(batch_of(row_of(10)));
        co_await store->close();

        store = co_await open();
        EXPECT_TRUE(store->found());
        EXPECT_EQ(store->found()->identity(), record_of(10).identity());
        EXPECT_EQ(store->found()->path, "/urls.txt");
        EXPECT_EQ(store->found()->lines, 10);
        const earlier_rows found = co_await store->resume({});
        EXPECT_EQ(found.done.size(), 3u);
        for (std::int64_t id = 1; id <= 10; ++id) EXPECT_EQ(found.done.contains(id), id == 1 || id == 3 || id == 10);
        EXPECT_EQ(found.counted.done, 3u);
        EXPECT_EQ(found.counted.failed, 1u);
        EXPECT_EQ(found.lost.size(), 0u);
    });
}

TEST_P(store_contract, survives_the_end_of_the_process_without_a_close) {
    play([this]() -> async<> {
        {
            const auto store = co_await open();
            co_await store->begin(record_of(2));
            co_await store->commit(batch_of(row_of(2)));
        }
        const auto store = co_await open();
        const earlier_rows found = co_await store->resume({});
        EXPECT_TRUE(found.done.contains(2));
    });
}

TEST_P(store_contract, belongs_to_one_run_at_a_time) {
    play([this]() -> async<> {
        const auto store = co_await open();
        std::string why;
        try {
            co_await open();
        } catch (const output_refused& e) {
            why = e.what();
        }
        EXPECT_EQ(why, path() + " is in use by another run of torus fetch");
    });
}

TEST_P(store_contract, keeps_the_input_byte_for_byte) {
    play([this]() -> async<> {
        auto store = co_await open();
        std::string all;
        for (int n = 0; n < 100; ++n) {
            const std::string piece(static_cast<std::size_t>(n) * 1000, static_cast<char>(n));
            all += piece;
            co_await store->keep_input(piece);
        }
        run_record record = record_of(1);
        record.input = run_record::origin::stored;
        record.path.clear();
        co_await store->begin(record);
        co_await store->close();
        store = co_await open();
        EXPECT_EQ(store->found()->input, run_record::origin::stored);
        const std::string kept = co_await read_all(store->kept_input());
        EXPECT_TRUE(kept == all);
    });
}

TEST_P(store_contract, forgets_an_input_that_was_not_read_to_its_end) {
    play([this]() -> async<> {
        auto store = co_await open();
        co_await store->keep_input(std::string(3'000'000, 'x'));
        co_await store->close();
        store = co_await open();
        EXPECT_FALSE(store->found());
        co_await store->clear();
        co_await store->keep_input("y");
        co_await store->begin(record_of(1));
        const std::string kept = co_await read_all(store->kept_input());
        EXPECT_EQ(kept, "y");
    });
}

TEST_P(store_contract, knows_which_requests_were_lost) {
    play([this]() -> async<> {
        auto store = co_await open();
        co_await store->begin(record_of(3));
        for (std::int64_t id = 1; id <= 3; ++id) co_await store->commit(start_of(id));
        co_await store->commit(batch_of(row_of(2, error_class::none, "POST")));
        co_await store->close();
        store = co_await open();
        const earlier_rows found = co_await store->resume({});
        EXPECT_TRUE(found.lost.contains(1));
        EXPECT_FALSE(found.lost.contains(2));
        EXPECT_TRUE(found.lost.contains(3));
        EXPECT_TRUE(found.done.contains(2));
    });
}

TEST_P(store_contract, offers_failed_rows_again_if_asked_to) {
    play([this]() -> async<> {
        auto store = co_await open();
        co_await store->begin(record_of(4));
        result_row busy = row_of(3);
        busy.status = 503;
        co_await store->commit(
            batch_of(row_of(1), row_of(2, error_class::timeout), busy, row_of(4, error_class::input)));
        again which;
        which.failures = true;
        earlier_rows found = co_await store->resume(which);
        EXPECT_TRUE(found.done.contains(1));
        EXPECT_FALSE(found.done.contains(2));
        EXPECT_FALSE(found.done.contains(3));
        EXPECT_TRUE(found.done.contains(4));
        EXPECT_EQ(found.counted.done, 2u);
        co_await store->commit(batch_of(row_of(2), row_of(3)));
        co_await store->close();
        store = co_await open();
        found = co_await store->resume({});
        EXPECT_EQ(found.done.size(), 4u);
        EXPECT_EQ(found.counted.done, 4u);
        EXPECT_EQ(found.counted.failed, 1u);
    });
}

TEST_P(store_contract, goes_on_with_other_options_and_what_it_knows) {
    play([this]() -> async<> {
        auto store = co_await open();
        co_await store->begin(record_of(2));
        co_await store->commit(start_of(1));
        co_await store->commit(batch_of(row_of(2)));
        run_record other = record_of(2);
        other.options.front().second = "60 s";
        co_await store->begin(other);
        co_await store->close();
        store = co_await open();
        EXPECT_EQ(store->found()->identity(), other.identity());
        const earlier_rows found = co_await store->resume({});
        EXPECT_TRUE(found.lost.contains(1));
        EXPECT_TRUE(found.done.contains(2));
    });
}

TEST_P(store_contract, forgets_everything_when_it_is_cleared) {
    play([this]() -> async<> {
        auto store = co_await open();
        co_await store->keep_input("x");
        co_await store->begin(record_of(2));
        co_await store->commit(start_of(1));
        co_await store->commit(batch_of(row_of(2)));
        co_await store->clear();
        EXPECT_FALSE(store->found());
        co_await store->begin(record_of(3));
        const earlier_rows found = co_await store->resume({});
        EXPECT_EQ(found.done.size() + found.lost.size(), 0u);
    });
}

TEST_P(store_contract, leaves_a_file_of_somebody_else_as_it_is) {
    write_file(path(), "dear diary\n");
    play([this]() -> async<> {
        bool refused = false;
        try {
            co_await open();
        } catch (const output_refused&) {
            refused = true;
        }
        EXPECT_TRUE(refused);
    });
    EXPECT_EQ(content_of(path()), "dear diary\n");
}

/// A limit for the size of files, while it lives.
class full_disk {
public:
    explicit full_disk(rlim_t bytes) {
        before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        struct rlimit limited = before_;
        limited.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    full_disk(const full_disk&) = delete;
    full_disk& operator=(const full_disk&) = delete;
    ~full_disk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, before_handler_);
    }

private:
    struct rlimit before_{};
    void (*before_handler_)(int);
};

TEST_P(store_contract, writes_a_batch_whole_or_not_at_all) {
    play([this]() -> async<> {
        auto store = co_await open();
        co_await store->begin(record_of(3));
        co_await store->commit(batch_of(row_of(1)));
        {
            const full_disk limited(1'000'000);
            result_row large = row_of(3);
            large.body.assign(2'000'000, 'x');
            bool failed = false;
            try {
                co_await store->commit(batch_of(row_of(2), large));
            } catch (const std::exception&) {
                failed = true;
            }
            EXPECT_TRUE(failed);
        }
        try {
            co_await store->close();
        } catch (const std::exception&) {
            // An output that failed may fail to close.
        }
        store = co_await open();
        const earlier_rows found = co_await store->resume({});
        EXPECT_TRUE(found.done.contains(1));
        EXPECT_FALSE(found.done.contains(2));
        EXPECT_FALSE(found.done.contains(3));
    });
}

INSTANTIATE_TEST_SUITE_P(sqlite, store_contract, ::testing::Values("db"), [](const auto&) { return "is_kept"; });
INSTANTIATE_TEST_SUITE_P(jsonl, store_contract, ::testing::Values("jsonl"), [](const auto&) { return "is_kept"; });

}  // namespace
}  // namespace torus::cli
