// src/tls/engine.cpp: driving OpenSSL's state machine over two queues of ciphertext.
#include "tls/engine.hpp"

#include "tls/describe.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include <arpa/inet.h>

namespace torus::inline v0::tls {

namespace {

constexpr std::size_t record_bytes = 16384;  // plaintext in one record at most (RFC 8446, 5.1)
constexpr std::size_t record_overhead = 96;  // header, nonce, tag; or a MAC of SHA-384 and padding

/// "[::1]" is ::1, "fe80::1%eth0" is fe80::1, and "a.example." is a.example, which certificates know without the dot.
std::string canonical(std::string_view host) {
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host.find(':') != std::string_view::npos) return std::string(host.substr(0, host.find('%')));
    if (host.ends_with('.')) host.remove_suffix(1);
    return std::string(host);
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
           inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

}  // namespace

engine::engine(const context& with, const peer& server, const engine_limits& limits)
    : configuration_(with.configuration_), limits_(limits) {
    if (configuration_->is_server()) misconfigured("a server's context was used to connect");
    clean_error_queue errors;
    make();
    SSL_set_connect_state(ssl_.get());
    aim_at(server);
}

engine::engine(const context& with, const engine_limits& limits)
    : configuration_(with.configuration_), limits_(limits) {
    if (!configuration_->is_server()) misconfigured("a client's context was used to accept a connection");
    clean_error_queue errors;
    make();
    SSL_set_accept_state(ssl_.get());
}

engine::~engine() {
    // To OpenSSL a connection that was dropped without close_notify taints its session, a rule that TLS 1.1 abolished.
    // A session that deserves it was tainted when the connection failed.
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void engine::make() {
    ssl_.reset(SSL_new(configuration_->ssl()));
    BIO* bio = ssl_ ? wire_.make_bio() : nullptr;
    if (!bio) throw std::bad_alloc();
    SSL_set_bio(ssl_.get(), bio, bio);  // takes the one reference, for both directions
    SSL_set_app_data(ssl_.get(), &facts_);
}

void engine::aim_at(const peer& server) {
    facts_.asked_for = canonical(server.server_name.empty() ? server.host : server.server_name);
    const std::string& name = facts_.asked_for;
    if (name.empty()) {
        if (configuration_->verifies())
            misconfigured("no host name is given that the server's certificate could be for");
        return;
    }
    if (name.find('\0') != std::string::npos) misconfigured("a host name with a zero byte: " + printable(name));
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
    bool good = false;
    if (is_address(name)) {
        good = X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1;  // and no SNI, it is for names (RFC 6066)
    } else {
        good = X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size()) == 1 &&
               SSL_set_tlsext_host_name(ssl_.get(), name.c_str()) == 1;
    }
    if (!good) misconfigured("not a host name that TLS can ask for: " + printable(name));

    facts_.session_key = name + '|' + std::to_string(server.port);
    // If the session does not fit any more, there is a full handshake.
    if (const session_pointer session = configuration_->sessions().take(facts_.session_key))
        SSL_set_session(ssl_.get(), session.get());
}

std::size_t engine::feed(std::span<const std::byte> bytes) {
    const std::span<std::byte> into = room();
    const std::size_t fits = std::min(bytes.size(), into.size());
    if (fits != 0) std::memcpy(into.data(), bytes.data(), fits);
    received(fits);
    return fits;
}

step engine::handshake() {
    if (wire_.out_of_memory) throw std::bad_alloc();
    if (failure_) return step::failed;
    if (established_) return step::done;
    clean_error_queue errors;
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) return after(result, phase::handshake);
    established_ = true;
    return step::done;
}

moved engine::read(std::span<std::byte> into) {
    if (const step ready = handshake(); ready != step::done) return {ready};
    if (wire_.out.size() > limits_.output + record_bytes + limits_.unasked_output)
        return {fail({reason::protocol, "the peer asks for answers, but does not receive them"})};
    clean_error_queue errors;
    std::size_t total = 0;
    while (total != into.size()) {
        std::size_t bytes = 0;
        const int result = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &bytes);
        if (result != 1) {
            const step next = after(result, phase::established);
            if (total == 0) return {next};
            break;
        }
        total += bytes;
    }
    return {step::done, total};
}

moved engine::write(std::span<const std::byte> from) {
    if (const step ready = handshake(); ready != step::done) return {ready};
    if (closed_) return {step::closed};
    clean_error_queue errors;
    const std::size_t wanted = std::min(from.size(), limits_.output + record_bytes);
    wire_.out.expect(wanted + (wanted / record_bytes + 1) * record_overhead);
    moved result{from.empty() ? step::done : step::want_output};
    while (result.bytes != from.size() && wire_.out.size() < limits_.output) {
        std::size_t bytes = 0;
        const auto rest = from.subspan(result.bytes);
        const int written =
            replace_keys() ? SSL_write_ex(ssl_.get(), rest.data(), std::min(rest.size(), record_bytes), &bytes) : 0;
        if (written != 1) {
            const step next = after(written, phase::established);
            if (result.bytes == 0) result.step = next;
            break;
        }
        ++records_;
        result.bytes += bytes;
        result.step = step::done;
    }
    wire_.out.expect(0);
    return result;
}

/// Takes a new key for this direction when the present one has done its work. False if that failed.
bool engine::replace_keys() {
    if (records_ < limits_.records_per_key || SSL_version(ssl_.get()) != TLS1_3_VERSION) return true;
    if (SSL_in_init(ssl_.get())) return true;  // in the middle of another such message: with the next record
    records_ = 0;
    return SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1;
}

step engine::close() {
    if (failure_) return step::failed;
    if (closed_ || !established_) return step::done;  // who has not said hello need not say goodbye
    clean_error_queue errors;
    // OpenSSL refuses in the middle of a message about keys or tickets, of which the rest must come first.
    const bool ready = SSL_in_init(ssl_.get()) == 0 || SSL_do_handshake(ssl_.get()) == 1;
    if (!ready || SSL_shutdown(ssl_.get()) < 0) {
        const step next = after(-1, phase::established);
        if (next != step::closed) return next;
    }
    closed_ = true;
    return step::done;
}

/// What a call that did not succeed came to. SSL_ERROR_WANT_READ means that wire_.in is empty, too.
step engine::after(int result, phase when) {
    if (wire_.out_of_memory) throw std::bad_alloc();
    const int code = SSL_get_error(ssl_.get(), result);
    if (code == SSL_ERROR_WANT_READ && !input_ended_) return step::want_input;
    if (code != SSL_ERROR_WANT_READ && code != SSL_ERROR_ZERO_RETURN) return fail(describe_failure(when, facts_.found));
    if (when == phase::handshake)
        return fail({reason::truncated, "the peer closed the connection during the TLS handshake"});
    if (code == SSL_ERROR_ZERO_RETURN) return step::closed;
    return fail({reason::truncated, "truncated: the peer closed the connection without close_notify"});
}

step engine::fail(error why) noexcept {
    failure_.emplace(std::move(why));
    return step::failed;
}

std::string_view engine::alpn() const noexcept {
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
    return {reinterpret_cast<const char*>(protocol), size};
}

handshake_result engine::result() const {
    clean_error_queue errors;
    handshake_result agreed;
    agreed.version = SSL_version(ssl_.get()) == TLS1_3_VERSION ? version::tls_1_3 : version::tls_1_2;
    if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get())) agreed.cipher = SSL_CIPHER_standard_name(cipher);
    agreed.alpn = alpn();
    if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name))
        agreed.server_name = printable(name);
    agreed.resumed = SSL_session_reused(ssl_.get()) == 1;
    if (const X509* certificate = SSL_get0_peer_certificate(ssl_.get())) agreed.peer = describe(certificate);
    return agreed;
}

}  // namespace torus::inline v0::tls
