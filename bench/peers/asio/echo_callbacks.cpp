// bench/peers/asio/echo_callbacks.cpp: the echo server for Asio's callbacks, as its own example has it.
#include <array>
#include <memory>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

#include "peers/asio/listening.hpp"

namespace {

using asio::ip::tcp;
constexpr std::size_t buffer_bytes = 16 * 1024;

class session : public std::enable_shared_from_this<session> {
public:
    explicit session(tcp::socket client) : client_(std::move(client)) { client_.set_option(tcp::no_delay(true)); }

    void read() {
        client_.async_read_some(asio::buffer(buffer_),
                                [self = shared_from_this()](asio::error_code error, std::size_t received) {
                                    if (!error) self->write(received);
                                });
    }

private:
    void write(std::size_t count) {
        asio::async_write(client_, asio::buffer(buffer_, count),
                          [self = shared_from_this()](asio::error_code error, std::size_t) {
                              if (!error) self->read();
                          });
    }

    tcp::socket client_;
    std::array<char, buffer_bytes> buffer_;
};

void accept(tcp::acceptor& acceptor) {
    acceptor.async_accept([&acceptor](asio::error_code error, tcp::socket client) {
        if (!error) std::make_shared<session>(std::move(client))->read();
        accept(acceptor);
    });
}

}  // namespace

int main() {
    asio::io_context context(1);
    tcp::acceptor acceptor = asio_peer::listen_somewhere(context);
    accept(acceptor);
    context.run();
}
