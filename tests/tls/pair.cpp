// tests/tls/pair.cpp: carrying ciphertext between two engines.
#include "pair.hpp"

#include <algorithm>
#include <array>

namespace torus::tls::testing {

std::size_t carry(engine& from, engine& to, std::size_t piece) {
    std::size_t carried = 0;
    while (carried < piece) {
        const auto waiting = from.to_send();
        if (waiting.empty()) break;
        const std::size_t fed = to.feed(waiting.first(std::min(waiting.size(), piece - carried)));
        from.sent(fed);
        carried += fed;
        if (fed == 0) break;
    }
    return carried;
}

void expect_clean_error_queue() { EXPECT_EQ(ERR_peek_error(), 0u) << "an error was left in OpenSSL's queue"; }

void pair::shake(std::size_t piece) {
    bool moving = true;
    while (moving) {
        client.handshake();
        expect_clean_error_queue();
        server.handshake();
        expect_clean_error_queue();
        moving = carry(client, server, piece) != 0;
        moving = carry(server, client, piece) != 0 || moving;
    }
}

heard listen(engine& on) {
    heard result{{}, step::done};
    std::array<std::byte, 5000> buffer;
    for (;;) {
        const moved got = on.read(buffer);
        expect_clean_error_queue();
        result.last = got.step;
        if (got.step != step::done) return result;
        result.text.append(reinterpret_cast<const char*>(buffer.data()), got.bytes);
    }
}

std::string transfer(engine& from, engine& to, std::string_view text, std::size_t piece) {
    std::string arrived;
    for (;;) {
        const moved sent = text.empty() ? moved{step::done, 0} : from.write(bytes(text));
        expect_clean_error_queue();
        text.remove_prefix(sent.bytes);
        const std::size_t carried = carry(from, to, piece);
        const heard got = listen(to);
        arrived += got.text;
        if (sent.bytes == 0 && carried == 0) return arrived;
    }
}

error why(engine& side) {
    if (side.handshake() == step::failed) return side.failure();
    ADD_FAILURE() << "this side has not failed";
    return error(reason::configuration, "");
}

context test_server_context(server_options options) { return context::server(test_server().identity(), options); }

context test_client_context(client_options options) {
    if (!options.trust) options.trust = pem(test_authority().certificate());
    return context::client(options);
}

}  // namespace torus::tls::testing
