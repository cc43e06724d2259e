// src/tls/failure.cpp: what went wrong with a connection, in words.
#include "tls/failure.hpp"

#include "tls/describe.hpp"
#include "tls/trust.hpp"

#include <algorithm>

namespace torus::inline v0::tls {

namespace {

// A certificate may be good for thousands of names; so many say whose it is.
constexpr std::size_t most_names = 8;

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i) text += (i ? ", " : "") + names[i];
    if (names.size() > most_names) text += " and " + std::to_string(names.size() - most_names) + " more";
    return text;
}

std::string mismatch(const X509* certificate, std::string_view asked_for) {
    const auto names = names_of(certificate);
    const std::string good_for =
        names.empty() ? "no host at all (it is " + subject_of(certificate) + ", without a subject alternative name)"
                      : list_of(names);
    return "host name mismatch: certificate is for " + good_for + "; asked for " + printable(asked_for);
}

std::string missing_issuer(const X509* certificate) {
    std::string text = "unable to get local issuer certificate: " + subject_of(certificate) + " was issued by " +
                       issuer_of(certificate) + ", which is not among the trusted authorities";
    if (system_trust_is_empty()) text += " (the system has none at all: is the package ca-certificates installed?)";
    return text;
}

reason reason_of(int code) {
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return reason::certificate_expired;
    case X509_V_ERR_CERT_NOT_YET_VALID: return reason::certificate_not_yet_valid;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return reason::self_signed;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED: return reason::unknown_authority;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return reason::host_mismatch;
    case X509_V_ERR_CERT_REVOKED: return reason::revoked;
    default: return reason::invalid_certificate;
    }
}

/// Fatal alerts of the peer that are about our certificate, or the lack of one, say so; for the rest their name has to do.
std::string text_of_alert(int alert) {
    switch (alert) {
    case TLS13_AD_CERTIFICATE_REQUIRED: return "the peer requires a client certificate";
    case SSL_AD_BAD_CERTIFICATE: return "the peer refused our certificate";
    case SSL_AD_UNSUPPORTED_CERTIFICATE: return "the peer cannot use our kind of certificate";
    case SSL_AD_CERTIFICATE_REVOKED: return "the peer says that our certificate is revoked";
    case SSL_AD_CERTIFICATE_EXPIRED: return "the peer says that our certificate has expired";
    case SSL_AD_CERTIFICATE_UNKNOWN: return "the peer found our certificate unacceptable";
    case SSL_AD_UNKNOWN_CA: return "the peer does not trust the authority of our certificate";
    case TLS1_AD_NO_APPLICATION_PROTOCOL: return "the peer speaks none of the protocols offered (ALPN)";
    case SSL_AD_PROTOCOL_VERSION: return "the peer speaks no TLS version that is allowed here";
    case SSL_AD_HANDSHAKE_FAILURE: return "the peer found nothing in common, or misses a client certificate";
    case SSL_AD_UNRECOGNIZED_NAME: return "the peer does not serve the name asked for";
    default: return std::string("the peer ended the connection: ") + SSL_alert_desc_string_long(alert);
    }
}

/// OpenSSL queues the peer's fatal alerts as reasons from 1000 on.
error describe_alert(int alert) {
    const reason why = alert == TLS13_AD_CERTIFICATE_REQUIRED ? reason::certificate_required : reason::refused;
    return {why, text_of_alert(alert) + " (alert " + std::to_string(alert) + ")"};
}

error describe_handshake(int code) {
    switch (code) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return {reason::certificate_required, "the client showed no certificate, and one is required"};
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
        return {reason::handshake_failure, "the peer does not speak TLS (plain HTTP perhaps?)"};
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_VERSION_TOO_LOW: return {reason::handshake_failure, "no TLS version in common with the peer"};
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
        return {reason::handshake_failure, "no cipher or kind of key in common with the peer"};
    case SSL_R_NO_APPLICATION_PROTOCOL:
        return {reason::handshake_failure, "the client offers none of the protocols spoken here (ALPN)"};
    default: break;
    }
    const std::string text = newest_error();
    return {reason::handshake_failure, "TLS handshake failed: " + (text.empty() ? "for no reason given" : text)};
}

}  // namespace

objection describe_objection(X509_STORE_CTX* context, std::string_view asked_for) {
    objection found;
    found.code = X509_STORE_CTX_get_error(context);
    const X509* certificate = X509_STORE_CTX_get_current_cert(context);
    const std::string said = X509_verify_cert_error_string(found.code);
    if (!certificate) {
        found.text = said;
        return found;
    }
    const std::string whose = subject_of(certificate);
    switch (reason_of(found.code)) {
    case reason::certificate_expired:
        found.text =
            "certificate has expired: " + whose + " was valid until " + text_of(X509_get0_notAfter(certificate));
        break;
    case reason::certificate_not_yet_valid:
        found.text =
            "certificate is not yet valid: " + whose + " is valid from " + text_of(X509_get0_notBefore(certificate));
        break;
    case reason::host_mismatch: found.text = mismatch(certificate, asked_for); break;
    case reason::unknown_authority: found.text = missing_issuer(certificate); break;
    case reason::self_signed:
        found.text = (found.code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ? "self-signed certificate: "
                                                                           : "self-signed certificate in the chain: ") +
                     whose + " is not among the trusted authorities";
        break;
    case reason::revoked: found.text = "certificate is revoked: " + whose; break;
    default: found.text = said + ": " + whose; break;
    }
    return found;
}

error describe_failure(phase when, const objection& found) {
    const unsigned long code = ERR_peek_last_error();
    const int why = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    if (why == SSL_R_CERTIFICATE_VERIFY_FAILED && found.code != X509_V_OK) {
        // Without memory for the words there is still OpenSSL's own text.
        return {reason_of(found.code), found.text.empty() ? X509_verify_cert_error_string(found.code) : found.text};
    }
    if (why > SSL_AD_REASON_OFFSET) return describe_alert(why - SSL_AD_REASON_OFFSET);
    if (when == phase::handshake) return describe_handshake(why);
    const std::string text = newest_error();
    return {reason::protocol, "the peer broke the TLS protocol: " + (text.empty() ? "for no reason given" : text)};
}

}  // namespace torus::inline v0::tls
