// bench/floor/sync.hpp: a lock, a queue of one and an event, each for one who waits.
#pragma once

#include <utility>

#include "floor/coroutine.hpp"

namespace floor_of {

/// Somebody's wait, which ends in a later pass.
struct waiting_place {
    void wait(std::coroutine_handle<> frame, ready_node& node) noexcept {
        node.frame = frame;
        waiting = &node;
    }
    bool serve() noexcept {
        if (!waiting) return false;
        ready.push(*std::exchange(waiting, nullptr));
        return true;
    }
    ready_node* waiting = nullptr;
};

class mutex {
public:
    class guard {
    public:
        explicit guard(mutex& held) noexcept : held_(held) {}
        guard(const guard&) = delete;
        ~guard() {
            if (!held_.place_.serve()) held_.locked_ = false;
        }

    private:
        mutex& held_;
    };
    struct locking {
        bool await_ready() const noexcept { return !std::exchange(m.locked_, true); }
        void await_suspend(std::coroutine_handle<> frame) noexcept { m.place_.wait(frame, node); }
        guard await_resume() const noexcept { return guard(m); }
        mutex& m;
        ready_node node{};
    };
    locking lock() noexcept { return {*this}; }

private:
    bool locked_ = false;
    waiting_place place_;
};

/// A queue that holds one item.
template <class T> class queue {
public:
    struct putting {
        bool await_ready() const noexcept { return !q.full_; }
        void await_suspend(std::coroutine_handle<> frame) noexcept { q.putter_.wait(frame, node); }
        void await_resume() const noexcept {
            q.item_ = item;
            q.full_ = true;
            q.getter_.serve();
        }
        queue& q;
        T item;
        ready_node node{};
    };
    struct getting {
        bool await_ready() const noexcept { return q.full_; }
        void await_suspend(std::coroutine_handle<> frame) noexcept { q.getter_.wait(frame, node); }
        T await_resume() const noexcept {
            q.full_ = false;
            q.putter_.serve();
            return q.item_;
        }
        queue& q;
        ready_node node{};
    };
    putting put(T item) noexcept { return {*this, item}; }
    getting get() noexcept { return {*this}; }

private:
    T item_{};
    bool full_ = false;
    waiting_place putter_;
    waiting_place getter_;
};

class event {
public:
    struct waiting {
        bool await_ready() const noexcept { return e.set_; }
        void await_suspend(std::coroutine_handle<> frame) noexcept { e.place_.wait(frame, node); }
        void await_resume() const noexcept {}
        event& e;
        ready_node node{};
    };
    void set() noexcept {
        set_ = true;
        place_.serve();
    }
    void clear() noexcept { set_ = false; }
    waiting wait() noexcept { return {*this}; }

private:
    bool set_ = false;
    waiting_place place_;
};

}  // namespace floor_of
