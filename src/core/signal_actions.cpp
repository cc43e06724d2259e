// src/core/signal_actions.cpp: the process's signal handlers, and who is told.
#include "core/signal_actions.hpp"

#include <array>
#include <cerrno>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

namespace torus::inline v0 {

namespace {

std::atomic<int> handlers_running{0};  // on whatever thread
std::array<std::atomic<signal_letter*>, highest_signal + 1> subscribed{};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<signal_letter*>::is_always_lock_free &&
                  std::atomic<bool>::is_always_lock_free,
              "a signal handler may use them");

// What follows is for whoever holds the mutex; handlers don't look at it.
std::mutex changing;
std::array<struct sigaction, highest_signal + 1> below{};  // of signals that are subscribed to
int loops_alive = 0;

extern "C" void do_nothing(int) {}

bool is_handled_by(int signal, void (*handler)(int)) noexcept {
    struct sigaction current{};
    return ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == handler;
}

}  // namespace

struct sigaction restarting_action(void (*handler)(int)) noexcept {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    return action;
}

within_signal_handler::within_signal_handler() noexcept : interrupted_errno_(errno) { handlers_running.fetch_add(1); }

within_signal_handler::~within_signal_handler() {
    handlers_running.fetch_sub(1);
    errno = interrupted_errno_;
}

void within_signal_handler::wait_for_others() noexcept {
    while (handlers_running.load() > 0) std::this_thread::yield();
}

void signal_actions::post_letters(int signal) noexcept {
    const within_signal_handler within;
    signal_letter* each = subscribed[static_cast<std::size_t>(signal)].load();
    for (; each; each = each->next_subscriber_.load()) each->post();
}

void signal_actions::subscribe(signal_letter& letter) {
    const std::lock_guard lock(changing);
    const auto signal = static_cast<std::size_t>(letter.signal());
    std::atomic<signal_letter*>& first = subscribed[signal];
    letter.next_subscriber_.store(first.load());
    signal_letter* const others = first.exchange(&letter);
    if (others && is_handled_by(letter.signal(), post_letters)) return;
    const struct sigaction ours = restarting_action(post_letters);
    if (::sigaction(letter.signal(), &ours, others ? nullptr : &below[signal]) == 0) {
        // A default action's flags say nothing; but with those that TSan gives back here, it would not be the default.
        if (below[signal].sa_handler == SIG_DFL) below[signal] = restarting_action(SIG_DFL);
        return;
    }
    const int error = errno;
    first.store(others);
    throw std::system_error(error, std::system_category(),
                            "torus: signal " + std::to_string(letter.signal()) + " cannot be handled");
}

void signal_actions::unsubscribe(signal_letter& letter) noexcept {
    const std::lock_guard lock(changing);
    const auto signal = static_cast<std::size_t>(letter.signal());
    std::atomic<signal_letter*>* link = &subscribed[signal];
    while (link->load() != &letter) link = &link->load()->next_subscriber_;
    if (link == &subscribed[signal] && !letter.next_subscriber_.load() && is_handled_by(letter.signal(), post_letters))
        ::sigaction(letter.signal(), &below[signal], nullptr);  // before the letter goes: a signal now is not for us
    link->store(letter.next_subscriber_.load());
    within_signal_handler::wait_for_others();
}

bool signal_actions::replace_below(int signal, void (*expected)(int), const struct sigaction& by) noexcept {
    const std::lock_guard lock(changing);
    return replace(signal, expected, by);
}

bool signal_actions::replace(int signal, void (*expected)(int), const struct sigaction& by) noexcept {
    const auto index = static_cast<std::size_t>(signal);
    if (subscribed[index].load() && is_handled_by(signal, post_letters)) {
        if (below[index].sa_handler != expected) return false;
        below[index] = by;
        return true;
    }
    return is_handled_by(signal, expected) && ::sigaction(signal, &by, nullptr) == 0;
}

void signal_actions::catch_broken_pipes() noexcept {
    const std::lock_guard lock(changing);
    if (loops_alive++ == 0) replace(SIGPIPE, SIG_DFL, restarting_action(do_nothing));
}

void signal_actions::release_broken_pipes() noexcept {
    const std::lock_guard lock(changing);
    if (--loops_alive == 0) replace(SIGPIPE, do_nothing, restarting_action(SIG_DFL));
}

}  // namespace torus::inline v0
