// torus/sync/queue_error.hpp: why something could not be put into a queue or a channel, or got from it.
#pragma once

#include <stdexcept>

namespace torus::inline v0 {

/// Thrown by `get_nowait` where nothing can be had without waiting.
class queue_empty : public std::runtime_error {
public:
    queue_empty() : std::runtime_error("the queue is empty") {}
};

/// Thrown by `put_nowait` where there is no room.
class queue_full : public std::runtime_error {
public:
    queue_full() : std::runtime_error("the queue is full") {}
};

/// Thrown by a put into a queue that has been shut down, and by a get once it has run empty.
class queue_shutdown : public std::runtime_error {
public:
    queue_shutdown() : std::runtime_error("the queue has been shut down") {}
};

/// Thrown by a send where no receiver is left, by a receive where no sender and no item is, and by the use of an end that
/// has been closed or moved from.
class channel_closed : public std::runtime_error {
public:
    channel_closed() : std::runtime_error("the channel is closed") {}
};

}  // namespace torus::inline v0
