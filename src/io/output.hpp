// src/io/output.hpp: the writing half of a stream's state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>

#include <torus/core/time.hpp>
#include <torus/io/reading.hpp>

#include "io/unsent.hpp"

namespace torus::inline v0 {

class stream_state;

/// What has been written and not been sent, in order, and the task that sends it.
///
/// Nothing is kept, and no task runs, while the kernel takes everything at once. What it does not take waits in a queue:
/// copies, and writes that wait and lend their bytes. A background task, the pump, sends from its front.
class output {
public:
    output() noexcept = default;
    output(const output&) = delete;
    output& operator=(const output&) = delete;
    ~output();

    /// @throws what an earlier write has met; connection_closed if this side has ended or closed
    void require_usable(const stream_state& of);

    /// Takes as much of `bytes` as it may without waiting. True if that was all.
    bool accept(stream_state& of, unsent_pieces& bytes);

    /// Copies all of `bytes`, or throws buffer_overflow and takes none.
    void accept_copy(stream_state& of, bytes_view bytes);

    /// @{ For a write or flush that has to wait: it comes, or is cancelled before it has come, or while it waits.
    void start_pump(stream_state& of);
    void push(blocked_write& w) noexcept { queue_.push_back(w); }
    void keep(stream_state& of, const unsent_pieces& rest) noexcept;
    void leave(stream_state& of, blocked_write& w) noexcept;
    [[noreturn]] void throw_error();
    /// @}

    /// The peer is to be told that no more comes, once everything has been sent.
    void want_end(stream_state& of);
    bool has_ended() const noexcept { return end_ == ending::told; }

    bool is_idle() const noexcept { return queue_.empty() && !pump_; }
    std::size_t size() const noexcept { return queue_.size(); }
    bool has_failed() const noexcept { return static_cast<bool>(error_); }
    bool was_reset() const noexcept { return was_reset_; }

    /// Gives up what is unsent: `error` is thrown by every later write, and by writes that wait.
    void fail(std::exception_ptr error) noexcept;

    /// The error that nobody knows of yet, if something was lost by it. From now on somebody does.
    std::exception_ptr take_untold() noexcept;

    /// What is unsent is given up after `span`, if it was to take longer.
    void limit(duration span) noexcept;

private:
    class registration;
    enum class ending : unsigned char { unwanted, wanted, told };
    static constexpr std::size_t pieces_at_once = 16;  // of one send: more of them don't make it any cheaper

    std::size_t try_send(stream_state& of, const unsent_pieces& bytes);
    static async<> pump(stream_reference of);
    bool has_work(const stream_state& of) const noexcept;
    async<> step(stream_state& of);
    async<> send_front(stream_state& of);
    bool settle(stream_state& of, timeout_scope& limit, bool& stopping) noexcept;

    unsent_queue queue_;
    std::exception_ptr error_;
    task_record* pump_ = nullptr;
    timeout_scope* limit_ = nullptr;  // the pump's, while it runs
    std::uint16_t interruptions_ = 0;  // cancellations of the pump by writes that leave
    ending end_ = ending::unwanted;
    bool untold_ = false;
    bool was_reset_ = false;
};

}  // namespace torus::inline v0
