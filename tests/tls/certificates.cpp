// tests/tls/certificates.cpp: making certificates with OpenSSL.
#include "certificates.hpp"

#include <cstdlib>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace torus::tls::testing {

namespace {

constexpr long day = 24 * 60 * 60;

template <typename T>
T need(T value) {
    if (!value) throw std::runtime_error("the test's own use of OpenSSL failed: " + std::to_string(ERR_peek_error()));
    return value;
}

std::string content_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

template <typename Write>
std::string written(Write write) {
    bio_pointer bio(need(BIO_new(BIO_s_mem())));
    need(write(bio.get()));
    return content_of(bio.get());
}

key_pointer make_key(key_kind kind) {
    switch (kind) {
    case key_kind::p256: return key_pointer(need(EVP_EC_gen("P-256")));
    case key_kind::weak_rsa: return key_pointer(need(EVP_RSA_gen(1024)));
    case key_kind::ed25519: break;
    }
    return key_pointer(need(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")));
}

void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    X509_EXTENSION* extension = need(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    need(X509_add_ext(to, extension, -1));
    X509_EXTENSION_free(extension);
}

certificate_pointer make_certificate(const wish& what, EVP_PKEY* key) {
    static long serial = 1000;
    certificate_pointer made(need(X509_new()));
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), what.from_days * day);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), what.until_days * day);
    need(X509_set_pubkey(made.get(), key));
    need(X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(what.common_name.c_str()), -1, -1, 0));
    return made;
}

void sign(X509* what, X509* issuer, EVP_PKEY* with) {
    need(X509_set_issuer_name(what, X509_get_subject_name(issuer)));
    const EVP_MD* digest = EVP_PKEY_is_a(with, "ED25519") ? nullptr : EVP_sha256();
    need(X509_sign(what, with, digest));
}

void describe_leaf(X509* leaf, X509* issuer, const wish& what) {
    add_extension(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE");
    if (what.usage != usage::any)
        add_extension(leaf, issuer, NID_ext_key_usage, what.usage == usage::server ? "serverAuth" : "clientAuth");
    std::string names;
    for (const auto& name : what.names) names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) add_extension(leaf, issuer, NID_subject_alt_name, names);
}

certificate_pointer make_authority(const std::string& name, EVP_PKEY* key) {
    auto made = make_certificate({.common_name = name, .from_days = -400, .until_days = 400}, key);
    add_extension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(made.get(), made.get(), NID_subject_key_identifier, "hash");
    return made;
}

std::string pem_of(X509* certificate) {
    return written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
    return written([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace

authority::authority(const std::string& name) : key_(make_key(key_kind::p256)) {
    certificate_ = make_authority(name, key_.get());
    sign(certificate_.get(), certificate_.get(), key_.get());
    pem_ = pem_of(certificate_.get());
}

authority::authority(const std::string& name, authority& parent) : key_(make_key(key_kind::p256)) {
    certificate_ = make_authority(name, key_.get());
    sign(certificate_.get(), parent.certificate_.get(), parent.key_.get());
    pem_ = pem_of(certificate_.get());
}

issued authority::issue(const wish& what) {
    const auto key = make_key(what.key);
    const auto leaf = make_certificate(what, key.get());
    describe_leaf(leaf.get(), certificate_.get(), what);
    sign(leaf.get(), certificate_.get(), key_.get());
    return {pem_of(leaf.get()), pem_of(key.get())};
}

std::string authority::revoke(const std::vector<std::string>& certificates) {
    revocation_list_pointer list(need(X509_CRL_new()));
    X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
    need(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get())));
    ASN1_TIME* moment = need(X509_gmtime_adj(nullptr, -day));
    need(X509_CRL_set1_lastUpdate(list.get(), moment));
    for (const auto& pem : certificates) {
        bio_pointer bio(need(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))));
        certificate_pointer taken_back(need(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)));
        X509_REVOKED* entry = need(X509_REVOKED_new());
        need(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(taken_back.get())));
        need(X509_REVOKED_set_revocationDate(entry, moment));
        need(X509_CRL_add0_revoked(list.get(), entry));
    }
    X509_gmtime_adj(moment, 30 * day);
    need(X509_CRL_set1_nextUpdate(list.get(), moment));
    ASN1_TIME_free(moment);
    need(X509_CRL_sign(list.get(), key_.get(), EVP_sha256()));
    return written([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
}

issued self_signed(const wish& what) {
    const auto key = make_key(what.key);
    const auto leaf = make_certificate(what, key.get());
    describe_leaf(leaf.get(), leaf.get(), what);
    sign(leaf.get(), leaf.get(), key.get());
    return {pem_of(leaf.get()), pem_of(key.get())};
}

std::string encrypted(const std::string& key, const std::string& passphrase) {
    bio_pointer in(need(BIO_new_mem_buf(key.data(), static_cast<int>(key.size()))));
    key_pointer plain(need(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)));
    return written([&](BIO* bio) {
        return PEM_write_bio_PrivateKey(bio, plain.get(), EVP_aes_256_cbc(),
                                        reinterpret_cast<const unsigned char*>(passphrase.data()),
                                        static_cast<int>(passphrase.size()), nullptr, nullptr);
    });
}

authority& test_authority() {
    static authority only("torus test authority");
    return only;
}

const issued& test_server() {
    static const issued only = test_authority().issue(
        {.common_name = "torus test server",
         .names = {"DNS:a.example", "DNS:b.example", "DNS:*.wild.example", "IP:127.0.0.1", "IP:::1"}});
    return only;
}

}  // namespace torus::tls::testing
