// src/process/conversation.hpp: what process::communicate sends and reads, over however many calls.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <torus/core/async.hpp>
#include <torus/process/subprocess.hpp>

#include "process/child.hpp"

namespace torus::inline v0 {

/// A process with its pipes, and what has gone through them. A call that is cancelled leaves here what it has read.
class process_state {
public:
    child_owner owner;
    std::optional<stream_writer> in;
    std::optional<stream_reader> out;
    std::optional<stream_reader> err;

    std::string input;     // of communicate
    std::size_t sent = 0;  // of it
    std::string out_text;
    std::string err_text;
};

/// Waits for the end of a child.
async<int> wait_for_end(std::shared_ptr<child> of);

async<process_output> communicate_with(std::shared_ptr<process_state> state, std::string input, std::size_t limit);

}  // namespace torus::inline v0
