// src/sync/sync_queue.cpp: items on their way from threads to a loop.
#include <torus/sync/sync_queue.hpp>

#include <condition_variable>
#include <mutex>

#include <torus/core/error.hpp>
#include <torus/core/loop.hpp>

namespace torus::inline v0 {

/// Items stay here until the loop's own thread hands them to its tasks, so that a cancellation, which happens there too,
/// never meets a hand-over. Threads only ring: the state itself is the call to the loop, which keeps it alive meanwhile.
struct sync_queue_base::state final : remote_call, std::enable_shared_from_this<state> {
    explicit state(std::size_t most) noexcept : limit(most) {}

    void arrived(event_loop& loop) noexcept override;
    void returned() noexcept override;

    /// @{ With the mutex held.
    bool is_full() const noexcept { return size >= limit; }
    void link(element& e) noexcept;
    element* unlink() noexcept;
    void serve() noexcept;
    /// @}

    /// Puts an element in, or ends the queue, and then tells the loop if a task waits. Takes over the lock.
    void ring(std::unique_lock<std::mutex> held) noexcept;

    std::mutex mutex;
    std::condition_variable room;
    element* first = nullptr;
    element* last = nullptr;
    std::size_t size = 0;
    std::size_t limit;
    bool shut_down = false;

    std::size_t waiting = 0;  // how many tasks stand in line
    std::shared_ptr<inbox> letters;  // of their loop; stays until another one's task waits
    std::shared_ptr<state> on_its_way;  // this, while it is on its way to the loop
    waiting_line line;  // touched by the loop's thread only
};

void sync_queue_base::state::link(element& e) noexcept {
    e.next = nullptr;
    (last ? last->next : first) = &e;
    last = &e;
    ++size;
}

sync_queue_base::element* sync_queue_base::state::unlink() noexcept {
    element* const e = first;
    if (!e) return nullptr;
    first = e->next;
    if (!first) last = nullptr;
    --size;
    room.notify_one();
    return e;
}

/// On the loop's thread: everybody in line for whom there is an item, or no hope.
void sync_queue_base::state::serve() noexcept {
    for (; waiting > 0 && (size > 0 || shut_down); --waiting) {
        static_cast<popping*>(line.first())->received_ = unlink();
        line.serve_first();
    }
}

void sync_queue_base::state::ring(std::unique_lock<std::mutex> held) noexcept {
    if (waiting == 0 || on_its_way) return;
    on_its_way = shared_from_this();
    const std::shared_ptr<inbox> box = letters;
    held.unlock();
    box->post(*this);
}

void sync_queue_base::state::arrived(event_loop&) noexcept {
    std::unique_lock held(mutex);
    const std::shared_ptr<state> alive = std::move(on_its_way);
    serve();
    held.unlock();  // before it may be gone
}

/// The loop has closed, and none of its tasks waits any more: the items are for another one.
void sync_queue_base::state::returned() noexcept {
    std::unique_lock held(mutex);
    const std::shared_ptr<state> alive = std::move(on_its_way);
    held.unlock();
}

sync_queue_base::sync_queue_base(std::ptrdiff_t maxsize, destroyer destroy)
    : state_(std::make_shared<state>(maxsize > 0 ? static_cast<std::size_t>(maxsize) : ~std::size_t{0})),
      destroy_(destroy) {}

sync_queue_base::~sync_queue_base() { drop_all(); }

std::size_t sync_queue_base::qsize() const noexcept {
    const std::lock_guard held(state_->mutex);
    return state_->size;
}

bool sync_queue_base::offer(element& e) noexcept {
    std::unique_lock held(state_->mutex);
    if (state_->shut_down || state_->is_full()) return false;
    state_->link(e);
    state_->ring(std::move(held));
    return true;
}

void sync_queue_base::insert(element& e) {
    std::unique_lock held(state_->mutex);
    while (!state_->shut_down && state_->is_full()) {
        if (running.loop) throw deadlock_error("torus: push() to a full sync_queue would block an event loop");
        state_->room.wait(held);
    }
    if (state_->shut_down) throw queue_shutdown();
    state_->link(e);
    state_->ring(std::move(held));
}

sync_queue_base::element* sync_queue_base::take() noexcept {
    const std::lock_guard held(state_->mutex);
    return state_->size > state_->waiting ? state_->unlink() : nullptr;
}

void sync_queue_base::shutdown() noexcept {
    std::unique_lock held(state_->mutex);
    state_->shut_down = true;
    state_->room.notify_all();
    state_->ring(std::move(held));
}

void sync_queue_base::shutdown(immediate_t) noexcept {
    shutdown();
    drop_all();
}

/// The items' destructors run without the lock.
void sync_queue_base::drop_all() noexcept {
    element* each = nullptr;
    {
        const std::lock_guard held(state_->mutex);
        each = std::exchange(state_->first, nullptr);
        state_->last = nullptr;
        state_->size = 0;
    }
    while (each) destroy_(std::exchange(each, each->next));
}

/// Those in line come first, though the ring for what is there may still be on its way.
bool sync_queue_base::popping::await_ready() {
    const std::lock_guard held(state_->mutex);
    if (state_->waiting > 0) {
        if (state_->letters != event_loop::current().letters()) loop_binding::refuse();
        state_->serve();
    }
    if (state_->waiting > 0) return false;
    received_ = state_->unlink();
    return received_ ? spend_completion() : state_->shut_down;
}

/// An item may have come since it was not ready.
bool sync_queue_base::popping::await_suspend(std::coroutine_handle<> h) {
    if (received_) return pause(h);
    const std::lock_guard held(state_->mutex);
    if (state_->waiting == 0) {
        received_ = state_->unlink();
        if (received_ || state_->shut_down) return false;
    }
    const std::shared_ptr<inbox>& here = event_loop::current().letters();
    if (state_->letters != here) {
        if (state_->waiting > 0 || state_->on_its_way) loop_binding::refuse();
        state_->letters = here;
    }
    if (!line_up(state_->line, h)) return false;
    ++state_->waiting;
    return true;
}

void sync_queue_base::popping::cancel() noexcept {
    if (leave()) {
        const std::lock_guard held(state_->mutex);
        --state_->waiting;
    }
    make_cancelled();
}

}  // namespace torus::inline v0
