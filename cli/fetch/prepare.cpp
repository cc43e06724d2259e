// cli/fetch/prepare.cpp: from a command line to a run that can begin, or go on.
#include "cli/fetch/prepare.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <torus/sql/error.hpp>

#include "cli/fetch/identity.hpp"
#include "cli/fetch/jsonl_store.hpp"
#include "cli/fetch/sqlite_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0::cli {

namespace {

/// What the command line names as input.
class given_input {
public:
    std::unique_ptr<byte_source> source;  // null: nothing, the output has to know
    std::string file;                     // its absolute path, if it can be read again
};

std::unique_ptr<byte_source> standard_input() {
    const int copy = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) throw std::system_error(errno, std::system_category(), "cannot read standard input");
    return std::make_unique<descriptor_source>(copy, "standard input");
}

bool is_regular(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

given_input input_of(const fetch_options& options) {
    given_input given;
    if (options.inputs.empty()) return given;
    if (is_url(options.inputs.front())) {
        std::string text;
        for (const std::string& url : options.inputs) text += url + '\n';
        given.source = std::make_unique<text_source>(std::move(text));
    } else if (options.inputs.front() == "-") {
        given.source = standard_input();
    } else {
        const std::string& path = options.inputs.front();
        given.source = open_file(path);
        if (is_regular(path)) given.file = std::filesystem::absolute(path).string();
    }
    return given;
}

class keeping final : public piece_receiver {
public:
    explicit keeping(result_store& in) noexcept : in_(in) {}
    async<> receive(std::string piece) override { return in_.keep_input(std::move(piece)); }

private:
    result_store& in_;
};

/// The input that the output knows of, when the command line names none.
async<run_record> recall(const result_store& store) {
    run_record wanted = *store.found();
    if (wanted.input == run_record::origin::file) {
        const auto source = open_file(wanted.path);
        const measured_input found = co_await measure(*source);
        wanted.input_hash = found.sha256;
        wanted.lines = found.lines;
    }
    co_return wanted;
}

/// Reads what the command line names, and keeps it in the output if it can't be read again later.
async<run_record> measure_given(result_store& store, given_input& given) {
    run_record wanted;
    keeping in_store(store);
    const bool keep = given.file.empty() && !store.found();
    const measured_input found = co_await measure(*given.source, keep ? &in_store : nullptr);
    wanted.input_hash = found.sha256;
    wanted.lines = found.lines;
    wanted.path = given.file;
    wanted.input = given.file.empty() ? run_record::origin::stored : run_record::origin::file;
    co_return wanted;
}

/// Rows only pass through: the input is read once, if it can't be read twice.
async<> prepare_stream(prepared_run& run, given_input given) {
    run.input = std::move(given.source);
    if (given.file.empty()) co_return;
    const measured_input found = co_await measure(*run.input);
    run.lines = found.lines;
    run.input_sha256 = found.sha256;
    run.input = open_file(given.file);
}

async<std::unique_ptr<result_store>> open_store(const fetch_options& options) {
    const std::string path = options.output_path();
    if (options.streams()) {
        const int descriptor = path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                           : ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (descriptor < 0) throw std::system_error(errno, std::system_category(), "cannot open " + path);
        co_return std::make_unique<stream_store>(descriptor);
    }
    if (options.chosen_format() == output_format::jsonl) co_return jsonl_store::open(path);
    co_return co_await sqlite_store::open(path);
}

void require_same(const run_record& found, const run_record& wanted, const fetch_options& options) {
    const std::string why = difference(found, wanted, options.retry_failed ? allowance::effort : allowance::nothing);
    if (!why.empty())
        throw output_refused(options.output_path() + " holds another run, with " + why +
                             ". --restart forgets that one");
}

/// Makes the output hold the run that is wanted, unless it does already.
async<run_record> begin(prepared_run& run, given_input given, const fetch_options& options) {
    result_store& store = *run.store;
    if (!given.source && !store.found())
        throw usage_error(options.output_path() +
                          " holds no run to go on with; name a file, URLs, or - for standard input");
    // An input that can't be read is no reason to forget anything.
    if (given.source) given.source = co_await begun(std::move(given.source));
    // Also what an input has left that was never read to its end.
    if (options.restart || !store.found()) co_await store.clear();
    run_record wanted;
    if (given.source) wanted = co_await measure_given(store, given);
    else wanted = co_await recall(store);
    wanted.options = options.identity();
    const std::optional<run_record> found = store.found();
    run.goes_on = found.has_value();
    if (found) {
        require_same(*found, wanted, options);
        const bool elsewhere = found->input == run_record::origin::stored || given.file.empty();
        if (elsewhere) wanted.input = found->input, wanted.path = found->path;
    }
    const bool known = found && wanted.identity() == found->identity() && wanted.path == found->path;
    if (!known) co_await store.begin(wanted);
    co_return wanted;
}

async<> prepare_rows(prepared_run& run, given_input given, const fetch_options& options) {
    const run_record record = co_await begin(run, std::move(given), options);
    again which;
    which.failures = options.retry_failed;
    which.unsafe_requests = options.retry_unsafe;
    run.earlier = co_await run.store->resume(which);
    run.lines = record.lines;
    run.input_sha256 = record.input_hash;
    if (record.input == run_record::origin::file) run.input = open_file(record.path);
    else run.input = run.store->kept_input();
}

}  // namespace

async<prepared_run> prepare(fetch_options options) {
    prepared_run run;
    given_input given = input_of(options);
    if (!given.source && (options.restart || !file_exists(options.output_path())))
        throw usage_error(options.restart ? "--restart needs the input again: name a file, URLs, or -"
                                          : "nothing to fetch: name a file, URLs, or - for standard input");
    run.store = co_await open_store(options);
    if (options.streams()) {
        co_await prepare_stream(run, std::move(given));
        co_return run;
    }
    try {
        co_await prepare_rows(run, std::move(given), options);
    } catch (const sql::busy_error&) {
        throw output_refused(options.output_path() + " is in use by another program");
    }
    co_return run;
}

}  // namespace torus::inline v0::cli
