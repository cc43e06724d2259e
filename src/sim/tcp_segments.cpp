// src/sim/tcp_segments.cpp: what a connection sends by itself, and makes of what comes.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "sim/kernel.hpp"
#include "sim/tcp_socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace torus::inline v0::sim {

namespace {

// Linux' figures: tcp(7), net.ipv4.tcp_*.
constexpr int most_handshakes = 6;  // after the first
constexpr int most_answers = 5;
constexpr int most_retransmissions = 15;
constexpr int duplicates_of_a_loss = 3;
constexpr duration shortest_timeout = std::chrono::milliseconds(200);
constexpr duration longest_timeout = std::chrono::minutes(2);
constexpr int most_questions = 9;
constexpr int seconds_of_silence = 7200;
constexpr int seconds_between_questions = 75;
constexpr duration fin_timeout = std::chrono::seconds(60);

}  // namespace

// ------------------------------------------------------------------------------------------------------------------
// Out

void tcp_socket::emit(packet p) {
    p.from = local_;
    p.to = peer_;
    p.acknowledged = expected_;
    p.window = window();
    kernel_.send(std::move(p));
}

void tcp_socket::acknowledge() {
    packet p;
    p.ack = true;
    p.sequence = next_;
    emit(std::move(p));
}

/// The first segment of a connection, or its answer.
void tcp_socket::handshake() {
    packet p;
    p.syn = true;
    p.ack = phase_ == phase::accepting;
    emit(std::move(p));
    next_ = 1;
    if (tries_ == 0) timed_ = 1;
    timed_at_ = kernel_.events().now();
    keep_time();
}

void tcp_socket::transmit_one() {
    packet p;
    p.ack = true;
    p.sequence = next_;
    const auto sent = static_cast<std::size_t>(next_ - first_unacknowledged_);
    if (sent < out_.size()) {
        const std::uint64_t count = std::min<std::uint64_t>(
            {kernel_.largest_segment(peer_), out_.size() - sent, window_end_ - std::min(window_end_, next_)});
        p.data = out_.view().substr(sent, static_cast<std::size_t>(count));
        next_ += count;
    }
    if (may_send_end()) {
        p.fin = true;
        end_at_ = next_++;
    }
    if (timed_ == 0 && tries_ == 0) {
        timed_ = next_;
        timed_at_ = kernel_.events().now();
    }
    highest_ = std::max(highest_, next_);
    emit(std::move(p));
}

/// Sends what there is, as far as the peer has room.
void tcp_socket::transmit() {
    if (phase_ != phase::open) return;
    while (may_send_data() || may_send_end()) transmit_one();
    keep_time();
}

/// As long as something is not acknowledged, or can't be sent for want of room, somebody must ask.
void tcp_socket::keep_time() {
    const bool is_waiting = first_unacknowledged_ < next_ || !out_.empty();
    if (!is_waiting) return late_.call_off();
    if (!late_.is_set()) late_.set(timeout_, [this] { is_late(); });
}

int tcp_socket::most_tries() const noexcept {
    switch (phase_) {
    case phase::connecting: return most_handshakes;
    case phase::accepting: return most_answers;
    default: return most_retransmissions;
    }
}

void tcp_socket::is_late() {
    const auto self = shared_from_this();
    if (++tries_ > most_tries()) return fail(ETIMEDOUT);
    timeout_ = std::min(2 * timeout_, longest_timeout);
    timed_ = 0;  // of what was sent twice nobody knows which one was acknowledged (Karn)
    if (phase_ == phase::connecting || phase_ == phase::accepting) return handshake();
    next_ = first_unacknowledged_;
    if (next_ < window_end_ || out_.empty()) return transmit();
    ask_for_acknowledgement();  // is there room?
    keep_time();
}

/// Who gets a number that it has had says what it expects.
void tcp_socket::ask_for_acknowledgement() {
    packet p;
    p.ack = true;
    p.sequence = next_ - 1;
    emit(std::move(p));
}

/// RFC 6298, 2.2 and 2.3: how long a round trip takes, and how much that varies.
void tcp_socket::measure(std::uint64_t acknowledged) {
    if (timed_ == 0 || acknowledged < timed_) return;
    const duration trip = kernel_.events().now() - timed_at_;
    if (smoothed_ == duration::zero()) {
        smoothed_ = trip;
        variation_ = trip / 2;
    } else {
        variation_ = (3 * variation_ + (smoothed_ > trip ? smoothed_ - trip : trip - smoothed_)) / 4;
        smoothed_ = (7 * smoothed_ + trip) / 8;
    }
    timed_ = 0;
    estimate();
}

/// RFC 6298, 2.3; with Linux' bounds.
void tcp_socket::estimate() {
    timeout_ = std::clamp<duration>(smoothed_ + 4 * variation_, shortest_timeout, longest_timeout);
}

// ------------------------------------------------------------------------------------------------------------------
// In

void tcp_socket::arrived(const packet& p) {
    const auto self = shared_from_this();
    if (phase_ == phase::listening) {
        if (p.syn && !p.ack && accepted_.size() <= backlog_) answer(p).handshake();
        return;
    }
    if (phase_ == phase::connecting) {
        if (p.rst) fail(ECONNREFUSED);
        else if (p.syn && p.ack) connected(p);
        return;
    }
    if (p.rst) return fail(end_seen_ ? EPIPE : ECONNRESET);
    if (phase_ == phase::accepting) {
        if (p.syn) return handshake();
        const std::shared_ptr<tcp_socket> listener = listener_.lock();
        if (!listener || listener->phase_ != phase::listening) return reset();
        if (listener->accepted_.size() > listener->backlog_) return;  // the peer believes to be connected, and repeats
        connected(p);
        listener->accepted_.push_back(std::static_pointer_cast<tcp_socket>(self));
        listener->changed();
    }
    if (p.syn) return acknowledge();  // our last word of the handshake was lost
    take_acknowledgement(p);
    take_data(p);
    if (phase_ != phase::open) return;
    transmit();
    changed();
    hear();
    forget_if_over();
}

tcp_socket& tcp_socket::answer(const packet& syn) {
    auto fresh = std::make_shared<tcp_socket>(kernel_, domain());
    fresh->local_ = syn.to;
    fresh->peer_ = syn.from;
    fresh->listener_ = std::static_pointer_cast<tcp_socket>(shared_from_this());
    fresh->phase_ = phase::accepting;
    fresh->expected_ = syn.sequence + 1;
    kernel_.add_connection(*fresh);
    return *fresh;
}

void tcp_socket::connected(const packet& p) {
    const bool has_asked = phase_ == phase::connecting;
    phase_ = phase::open;
    if (has_asked) expected_ = p.sequence + 1;
    measure(1);
    first_unacknowledged_ = next_ = highest_ = 1;
    window_end_ = p.acknowledged + p.window;
    tries_ = 0;
    late_.call_off();
    if (has_asked) acknowledge();
    hear();
    changed();
}

void tcp_socket::take_acknowledgement(const packet& p) {
    if (!p.ack || p.acknowledged < first_unacknowledged_ || p.acknowledged > highest_) return;
    window_end_ = std::max(window_end_, p.acknowledged + p.window);
    if (p.acknowledged == first_unacknowledged_) {
        if (!p.data.empty() || p.fin || next_ == first_unacknowledged_) return;
        if (++duplicates_ != duplicates_of_a_loss) return;
        const std::uint64_t next = std::exchange(next_, first_unacknowledged_);
        timed_ = 0;
        transmit_one();
        next_ = std::max(next, next_);
        return;
    }
    measure(p.acknowledged);
    const auto count = static_cast<std::size_t>(p.acknowledged - first_unacknowledged_);
    out_.drop(std::min(count, out_.size()));
    first_unacknowledged_ = p.acknowledged;
    next_ = std::max(next_, first_unacknowledged_);
    duplicates_ = 0;
    if (std::exchange(tries_, 0) > 0 && smoothed_ > duration::zero()) estimate();
    late_.call_off();
}

void tcp_socket::take_data(const packet& p) {
    if (p.data.empty() && !p.fin) {
        if (p.sequence < expected_) acknowledge();  // it asks whether we are here, or have room
        return;
    }
    const bool has_news = !p.data.empty() && p.sequence + p.data.size() > expected_;
    if (is_orphan_ && has_news) return reset();  // nobody will ever read it
    if (p.fin) end_expected_ = p.sequence + p.data.size();
    if (has_news && p.sequence < expected_ + window()) early_.try_emplace(p.sequence, p.data);
    for (auto first = early_.begin(); first != early_.end() && first->first <= expected_; first = early_.begin()) {
        const std::string_view data = first->second;
        const std::uint64_t known = expected_ - first->first;
        if (known < data.size()) {
            in_.append(data.substr(static_cast<std::size_t>(known)));
            expected_ += data.size() - known;
        }
        early_.erase(first);
    }
    if (end_expected_ == expected_ && !std::exchange(end_seen_, true)) ++expected_;
    acknowledge();
}

// ------------------------------------------------------------------------------------------------------------------
// Ends

/// Something has come, or is expected from now on. tcp(7), TCP_KEEPIDLE and its relatives: who hears nothing for long asks,
/// and gives up after some questions.
void tcp_socket::hear() {
    questions_ = 0;
    if (!option(SOL_SOCKET, SO_KEEPALIVE)) return silence_.call_off();
    silence_.set(std::chrono::seconds(option(IPPROTO_TCP, TCP_KEEPIDLE, seconds_of_silence)),
                 [this] { ask_who_is_silent(); });
}

void tcp_socket::ask_who_is_silent() {
    if (questions_++ == option(IPPROTO_TCP, TCP_KEEPCNT, most_questions)) return fail(ETIMEDOUT);
    ask_for_acknowledgement();
    silence_.set(std::chrono::seconds(option(IPPROTO_TCP, TCP_KEEPINTVL, seconds_between_questions)),
                 [this] { ask_who_is_silent(); });
}

/// The connection is over, at once.
void tcp_socket::fail(int error) {
    const auto self = shared_from_this();
    error_ = error;
    writing_shut_ = true;
    forget();
    changed();
}

void tcp_socket::reset() {
    packet p;
    p.rst = true;
    p.ack = true;
    p.sequence = next_;
    emit(std::move(p));
    forget();
}

/// Nobody has it any more, and the peer knows: it lives until the peer is done, too, or has taken too long.
void tcp_socket::forget_if_over() {
    if (!is_orphan_ || phase_ != phase::open || !is_end_acknowledged()) return;
    if (end_seen_) return forget();
    silence_.call_off();
    if (!late_.is_set()) late_.set(fin_timeout, [this] { forget(); });
}

void tcp_socket::forget() {
    const auto self = shared_from_this();
    phase_ = phase::closed;
    late_.call_off();
    silence_.call_off();
    kernel_.remove(*this);
}

}  // namespace torus::inline v0::sim
