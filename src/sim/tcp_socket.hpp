// src/sim/tcp_socket.hpp: TCP, as far as a program can tell.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sim/agenda.hpp"
#include "sim/byte_queue.hpp"
#include "sim/packet.hpp"
#include "sim/socket.hpp"

namespace torus::inline v0::sim {

/// A socket of TCP: RFC 9293 with handshake, windows, retransmission (RFC 6298), reset, half close, keep-alive. There
/// is no congestion control: nobody slows down for what is lost.
class tcp_socket final : public socket {
public:
    tcp_socket(kernel& of, int domain);

    int bind(const address& at) override;
    int listen(int backlog) override;
    int connect(const address& to) override;
    int connect_outcome() override;
    std::shared_ptr<socket> accept(int& error) override;
    std::int32_t receive(std::span<const iovec> into, int flags, address& from) override;
    std::int32_t send(std::span<const iovec> pieces, const address& to) override;
    int shut_down(int how) override;
    void close() override;
    unsigned events() const override;
    bool is_connected() const noexcept override { return phase_ == phase::open; }
    int set_option(int level, int option, std::span<const std::byte> value) override;
    int get_option(int level, int option, int& value) override;

    bool is_listening() const noexcept { return phase_ == phase::listening; }

    /// What the network brings for this connection, or this listener.
    void arrived(const packet& p);

private:
    enum class phase : std::uint8_t { fresh, listening, connecting, accepting, open, closed };

    tcp_socket& answer(const packet& syn);
    void connected(const packet& p);
    void take_acknowledgement(const packet& p);
    void take_data(const packet& p);
    bool is_reading_over() const noexcept { return end_seen_ || reading_shut_; }
    std::uint64_t end_of_data() const noexcept { return first_unacknowledged_ + out_.size(); }
    bool is_end_acknowledged() const noexcept { return end_at_ && first_unacknowledged_ > *end_at_; }
    bool may_send_data() const noexcept { return next_ < end_of_data() && next_ < window_end_; }
    bool may_send_end() const noexcept { return writing_shut_ && next_ == end_of_data() && !is_end_acknowledged(); }
    std::uint64_t window() const noexcept;
    void transmit();
    void transmit_one();
    void emit(packet p);
    void acknowledge();
    void handshake();
    void keep_time();
    int most_tries() const noexcept;
    void is_late();
    void ask_for_acknowledgement();
    void hear();
    void ask_who_is_silent();
    void measure(std::uint64_t acknowledged);
    void estimate();
    void fail(int error);
    void reset();
    void forget_if_over();
    void forget();

    phase phase_ = phase::fresh;
    int error_ = 0;  // to be told once
    bool reading_shut_ = false;
    bool writing_shut_ = false;
    bool is_orphan_ = false;  // nobody has a descriptor for it any more

    // A listener.
    std::size_t backlog_ = 0;
    std::deque<std::shared_ptr<tcp_socket>> accepted_;  // connections that nobody has accepted yet
    std::weak_ptr<tcp_socket> listener_;  // of one that is being accepted

    // Out.
    byte_queue out_;  // from first_unacknowledged_ on
    std::uint64_t first_unacknowledged_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t highest_ = 0;  // that next_ has been
    std::uint64_t window_end_ = 0;  // the peer takes no byte from here on
    std::optional<std::uint64_t> end_at_;  // once it has been sent
    int duplicates_ = 0;  // acknowledgements that acknowledge nothing new
    alarm late_;
    int tries_ = 0;
    duration timeout_;
    duration smoothed_{};
    duration variation_{};
    std::uint64_t timed_ = 0;  // the byte whose round trip is being measured; 0: none
    time_point timed_at_{};

    // In.
    byte_queue in_;
    std::uint64_t expected_ = 0;
    std::map<std::uint64_t, std::string> early_;
    std::optional<std::uint64_t> end_expected_;
    bool end_seen_ = false;
    alarm silence_;
    int questions_ = 0;  // since something was heard
};

}  // namespace torus::inline v0::sim
