// src/core/thread_pool.cpp: the beginning and the end of a pool of threads.
#include <torus/core/thread_pool.hpp>

#include <new>
#include <source_location>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/describe.hpp"
#include "core/thread_queue.hpp"

namespace torus::inline v0 {

namespace {

std::size_t at_least_one(std::size_t threads) {
    if (threads == 0) throw std::invalid_argument("torus: a thread pool needs at least one thread");
    return threads;
}

void report_stuck(std::source_location where) noexcept {
    try {
        report_problem(
            ("a thread has not stopped and is left behind; it runs what was started at " + describe(where)).c_str(),
            nullptr, nullptr);
    } catch (const std::bad_alloc&) {
        report_problem("a thread has not stopped and is left behind", nullptr, nullptr);
    }
}

}  // namespace

thread_pool::thread_pool(std::size_t threads, duration grace)
    : queue_(std::make_shared<thread_queue>(at_least_one(threads))), grace_(grace) {}

thread_pool::~thread_pool() { close(grace_); }

std::size_t thread_pool::threads() const noexcept { return queue_->most_threads(); }

void thread_pool::close(duration grace) noexcept {
    if (std::exchange(closed_, true)) return;
    for (const std::source_location& where : queue_->close(grace)) report_stuck(where);
}

}  // namespace torus::inline v0
