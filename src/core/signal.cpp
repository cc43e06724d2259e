// src/core/signal.cpp: a loop's subscriptions to signals.
#include <torus/core/signal.hpp>

#include <array>
#include <bit>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <torus/core/held_context.hpp>
#include <torus/core/service.hpp>

#include "core/signal_actions.hpp"

namespace torus::inline v0 {

/// Whom the loop tells of signals. The youngest listener is the last.
class loop_signals final : public loop_service {
public:
    explicit loop_signals(event_loop& loop) noexcept : loop_(loop) {}
    ~loop_signals() override;

    static loop_signals& of(event_loop& loop);
    static loop_signals* find(const event_loop& loop) noexcept {
        return static_cast<loop_signals*>(loop.find_service(&service_key<loop_signals>::key));
    }

    void add(signal_listener& listener, std::uint64_t which);
    void remove(signal_listener& listener) noexcept;

    void set_handler(int signal, std::shared_ptr<signal_callback> callback);
    bool clear_handler(int signal) noexcept;

private:
    class letter;
    class handler;

    void tell(int signal) noexcept;
    void count_down(std::uint64_t which) noexcept;
    void unlink(signal_listener& listener) noexcept;

    event_loop& loop_;
    signal_listener* first_ = nullptr;
    signal_listener* last_ = nullptr;
    signal_listener* next_to_tell_ = nullptr;
    std::uint64_t last_number_ = 0;
    std::array<std::unique_ptr<letter>, highest_signal> letters_;
    std::array<std::uint32_t, highest_signal> subscribers_{};
    std::array<std::unique_ptr<handler>, highest_signal> handlers_;
};

namespace {

constexpr std::size_t index_of(int signal) noexcept { return static_cast<std::size_t>(signal - 1); }
constexpr int signal_at(int index) noexcept { return index + 1; }
constexpr std::uint64_t bit_at(int signal) noexcept { return std::uint64_t{1} << index_of(signal); }

/// The lowest signal of a set that is not empty.
int lowest(std::uint64_t set) noexcept { return signal_at(std::countr_zero(set)); }

}  // namespace

class loop_signals::letter final : public signal_letter {
public:
    letter(int signal, loop_signals& to) noexcept : signal_letter(signal, to.loop_.letters()), to_(to) {}

private:
    void arrived(event_loop&) noexcept override {
        opened();
        to_.tell(signal());
    }

    loop_signals& to_;
};

/// A callback of add_signal_handler.
class loop_signals::handler final : public signal_listener {
public:
    handler(event_loop& loop, std::shared_ptr<signal_callback> callback) noexcept
        : loop_(loop), callback_(std::move(callback)) {}
    ~handler() { unsubscribe(); }

    using signal_listener::subscribe;

private:
    void told(int) noexcept override {
        const std::shared_ptr<signal_callback> called = callback_;  // it may remove itself
        event_loop& loop = loop_;
        try {
            const entered_context of_registration(context_.cell());
            called->called();
        } catch (...) {
            loop.report({"an exception left a signal handler", std::current_exception(), {}});
        }
    }
    void left_alone() noexcept override {}

    event_loop& loop_;
    std::shared_ptr<signal_callback> callback_;
    held_context context_ = held_context::copied();
};

loop_signals& loop_signals::of(event_loop& loop) {
    if (loop_signals* const found = find(loop)) return *found;
    auto made = std::make_unique<loop_signals>(loop);
    return static_cast<loop_signals&>(loop.add_service(&service_key<loop_signals>::key, std::move(made)));
}

loop_signals::~loop_signals() {
    for (std::unique_ptr<handler>& each : handlers_) each.reset();
    while (signal_listener* const each = first_) {
        remove(*each);
        each->from_ = nullptr;
        each->left_alone();
    }
}

void loop_signals::add(signal_listener& listener, std::uint64_t which) {
    std::uint64_t done = 0;
    try {
        for (std::uint64_t left = which; left != 0; left &= left - 1) {
            const int signal = lowest(left);
            std::unique_ptr<letter>& to_loop = letters_[index_of(signal)];
            if (!to_loop) to_loop = std::make_unique<letter>(signal, *this);
            if (subscribers_[index_of(signal)] == 0) signal_actions::subscribe(*to_loop);
            ++subscribers_[index_of(signal)];
            done |= bit_at(signal);
        }
    } catch (...) {
        count_down(done);
        throw;
    }
    listener.number_ = ++last_number_;
    listener.previous_ = last_;
    listener.next_ = nullptr;
    (last_ ? last_->next_ : first_) = &listener;
    last_ = &listener;
}

void loop_signals::count_down(std::uint64_t which) noexcept {
    for (; which != 0; which &= which - 1) {
        const std::size_t index = index_of(lowest(which));
        if (--subscribers_[index] == 0) signal_actions::unsubscribe(*letters_[index]);
    }
}

void loop_signals::unlink(signal_listener& listener) noexcept {
    if (next_to_tell_ == &listener) next_to_tell_ = listener.next_;
    (listener.previous_ ? listener.previous_->next_ : first_) = listener.next_;
    (listener.next_ ? listener.next_->previous_ : last_) = listener.previous_;
}

void loop_signals::remove(signal_listener& listener) noexcept {
    unlink(listener);
    count_down(listener.which_);
}

/// Callbacks may add listeners, which were not there when the signal came, and remove any.
void loop_signals::tell(int signal) noexcept {
    const std::uint64_t youngest = last_number_;
    for (signal_listener* each = first_; each && each->number_ <= youngest; each = next_to_tell_) {
        next_to_tell_ = each->next_;
        if (each->which_ & bit_at(signal)) each->told(signal);
    }
    next_to_tell_ = nullptr;
}

void loop_signals::set_handler(int signal, std::shared_ptr<signal_callback> callback) {
    auto made = std::make_unique<handler>(loop_, std::move(callback));
    made->subscribe(loop_, bit_at(signal));
    handlers_[index_of(signal)].swap(made);  // only now does the former one go: nothing comes in between
}

bool loop_signals::clear_handler(int signal) noexcept {
    return std::exchange(handlers_[index_of(signal)], nullptr) != nullptr;
}

// ------------------------------------------------------------------------------------------------------------------

void signal_listener::subscribe(event_loop& loop, std::uint64_t which) {
    loop_signals& from = loop_signals::of(loop);
    from.add(*this, which);
    which_ = which;
    from_ = &from;
}

void signal_listener::unsubscribe() noexcept {
    if (loop_signals* const from = std::exchange(from_, nullptr)) from->remove(*this);
}

signals::signals(std::initializer_list<int> which) {
    std::uint64_t set = 0;
    for (const int each : which) set |= bit_of(each);
    subscribe(event_loop::current(), set);
}

std::uint64_t signals::bit_of(int signal) {
    switch (signal) {
    case SIGSEGV:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
        throw std::invalid_argument("torus: signal " + std::to_string(signal) +
                                    " tells of a fault of the program, which cannot go on from it");
    default:
        if (signal < 1 || signal > highest_signal)
            throw std::invalid_argument("torus: " + std::to_string(signal) + " is not a signal's number");
        return bit_at(signal);
    }
}

int signals::take() noexcept {
    if (kept_ == 0) return 0;
    const int signal = lowest(kept_);
    kept_ &= kept_ - 1;
    return signal;
}

void signals::told(int signal) noexcept {
    auto* const first = static_cast<waiting*>(waiters_.pop_front());
    if (!first) {
        kept_ |= bit_at(signal);
        return;
    }
    first->signal_ = signal;
    first->make_ready();
}

void signals::close() noexcept {
    unsubscribe();
    end();
}

void signals::end() noexcept {
    closed_ = true;
    while (waiter* const each = waiters_.pop_front()) static_cast<waiting*>(each)->make_ready();
}

async<int> wait_for_signal(std::uint64_t which) {
    signals subscription(which);
    const std::optional<int> came = co_await subscription.next();
    co_return *came;
}

void event_loop::set_signal_handler(int signal, std::shared_ptr<signal_callback> callback) {
    static_cast<void>(signals::bit_of(signal));
    loop_signals::of(*this).set_handler(signal, std::move(callback));
}

bool event_loop::remove_signal_handler(int signal) noexcept {
    loop_signals* const found = loop_signals::find(*this);
    return found && signal >= 1 && signal <= highest_signal && found->clear_handler(signal);
}

}  // namespace torus::inline v0
