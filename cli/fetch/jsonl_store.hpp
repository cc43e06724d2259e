// cli/fetch/jsonl_store.hpp: rows as lines of JSON in a file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/fetch/output_file.hpp"
#include "cli/fetch/store.hpp"

namespace torus::inline v0::cli {

/// A file with a line for each row, in the order in which they were done, and two more beside it:
///
///     pages.jsonl          the rows, nothing else
///     pages.jsonl.run      the run's record, then the lines whose requests must not be sent twice
///     pages.jsonl.input    the input, if it came from a pipe or the command line
///
/// A last line that is torn, since the machine stopped while it was written, is cut off when the run goes on.
class jsonl_store final : public result_store {
public:
    /// @throws output_refused  it is in use, or holds something else
    static std::unique_ptr<result_store> open(const std::string& path);

    std::optional<run_record> found() const override { return record_; }
    async<> clear() override;
    async<> keep_input(std::string piece) override;
    async<> begin(run_record record) override;
    std::unique_ptr<byte_source> kept_input() override;
    async<earlier_rows> resume(again which) override;
    async<> commit(std::shared_ptr<const batch> written) override;
    async<> close() override;

private:
    explicit jsonl_store(output_file rows);
    void read_record();

    output_file rows_;
    output_file log_;    // the file .run
    output_file input_;  // while it is written
    std::optional<run_record> record_;
};

/// Rows as lines on standard output, or another descriptor that only takes. There is nothing to go on with later.
class stream_store final : public result_store {
public:
    /// Takes the descriptor.
    explicit stream_store(int descriptor) noexcept : descriptor_(descriptor) {}
    stream_store(const stream_store&) = delete;
    stream_store& operator=(const stream_store&) = delete;
    ~stream_store() override;

    std::optional<run_record> found() const override { return std::nullopt; }
    async<> clear() override;
    async<> keep_input(std::string piece) override;
    async<> begin(run_record record) override;
    std::unique_ptr<byte_source> kept_input() override;
    async<earlier_rows> resume(again which) override;
    async<> commit(std::shared_ptr<const batch> written) override;
    async<> close() override;

private:
    int descriptor_;
};

}  // namespace torus::inline v0::cli
