// src/process/conversation.cpp: feeding a process and reading all it says, at the same time.
#include "process/conversation.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include <torus/core/gather.hpp>
#include <torus/io/error.hpp>
#include <torus/io/ready.hpp>

namespace torus::inline v0 {

namespace {

// What a pipe holds: more at once only means that more must be copied if the call is cancelled.
constexpr std::size_t piece = std::size_t{64} * 1024;  // bytes

/// Sends what is left of the input, then the end.
async<> feed(process_state& to) {
    try {
        while (to.sent < to.input.size()) {
            const bytes_view next = bytes_view(to.input).from(to.sent);
            const bytes_view now = next.first(std::min(piece, next.size()));
            to.sent += now.size();  // whether or not this is cancelled: the stream has it
            co_await to.in->write(now);
        }
        co_await to.in->flush();
    } catch (const connection_closed&) {}  // it doesn't want more
    to.in.reset();
    to.input = {};
    to.sent = 0;
}

async<> read_all(stream_reader& from, std::string& into, std::size_t limit) {
    bool more = true;
    while (more) {
        const bytes_view come = from.buffered();
        if (come.size() > limit - std::min(limit, into.size()))
            throw limit_overrun_error("torus: a process has written more than " + std::to_string(limit) + " bytes",
                                      into.size());
        into.append(come.text());
        from.consume(come.size());
        more = co_await from.fill();
    }
}

}  // namespace

async<int> wait_for_end(std::shared_ptr<child> of) {
    std::optional<int> status = of->status();
    while (!status) {
        co_await readable(of->handle());
        status = of->status();
    }
    co_return *status;
}

async<process_output> communicate_with(std::shared_ptr<process_state> state, std::string input, std::size_t limit) {
    if (!input.empty()) {
        if (!state->in) throw std::invalid_argument("torus: input for a process that has no pipe for it, or no more");
        state->input.append(input);
    }
    std::vector<async<>> parts;
    if (state->in) parts.push_back(feed(*state));
    if (state->out) parts.push_back(read_all(*state->out, state->out_text, limit));
    if (state->err) parts.push_back(read_all(*state->err, state->err_text, limit));
    co_await gather(std::move(parts));
    co_await wait_for_end(state->owner.owned());
    co_return process_output(std::exchange(state->out_text, {}), std::exchange(state->err_text, {}));
}

}  // namespace torus::inline v0
