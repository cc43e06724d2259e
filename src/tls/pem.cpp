// src/tls/pem.cpp: reading PEM, with errors that name the file and what is wrong with it.
#include "tls/pem.hpp"

#include "tls/describe.hpp"

#include <torus/tls/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include <openssl/pem.h>

namespace torus::inline v0::tls {

namespace {

// The largest revocation lists of public authorities have some 50 MB; what is larger is no PEM file, but /dev/zero.
constexpr std::size_t largest_file = 64 * 1024 * 1024;

std::string quoted(std::string_view path) {
    std::string text = "\"";
    text += path;
    return text += '"';
}

std::string name_of(source from) {
    return from.from() == source::kind::text ? std::string("the PEM text") : quoted(from.value());
}

std::string read_file(std::string_view path) {
    const std::string name(path);
    const std::unique_ptr<std::FILE, freed_by<std::fclose>> file(std::fopen(name.c_str(), "rbe"));
    if (!file) misconfigured("cannot read " + quoted(path) + ": " + std::generic_category().message(errno));
    std::string text;
    constexpr std::size_t step = 64 * 1024;  // one read for nearly every file, two for the system's authorities
    for (std::size_t got = step; got == step;) {
        const std::size_t old = text.size();
        if (old > largest_file) misconfigured("cannot read " + quoted(path) + ": it is too large for a PEM file");
        text.resize(old + step);
        got = std::fread(text.data() + old, 1, step, file.get());
        text.resize(old + got);
    }
    if (std::ferror(file.get()))
        misconfigured("cannot read " + quoted(path) + ": " + std::generic_category().message(errno));
    return text;
}

std::string text_from(source from) {
    if (from.from() == source::kind::text) return std::string(from.value());
    return read_file(from.value());
}

void refuse_directory(source from) {
    if (from.from() == source::kind::directory)
        misconfigured(quoted(from.value()) + " is a directory, but one certificate or key is wanted");
}

bio_pointer memory(const std::string& text) {
    if (text.size() > largest_file) misconfigured("the PEM text is too large");
    bio_pointer bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!bio) throw std::bad_alloc();
    return bio;
}

/// True if reading stopped because nothing more of the kind follows, not because something was broken.
bool at_end() {
    const unsigned long code = ERR_peek_last_error();
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

/// Never asks on the terminal, which is what OpenSSL does by default.
int give_passphrase(char* into, int size, int, void* passphrase) {
    const auto& text = *static_cast<std::string_view*>(passphrase);
    if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(into, text.data(), text.size());
    return static_cast<int>(text.size());
}

template <typename Pointer, typename Read>
std::vector<Pointer> read_all(const std::string& text, source from, std::string_view kind, Read read) {
    clean_error_queue errors;
    const bio_pointer bio = memory(text);
    std::vector<Pointer> found;
    while (Pointer next{read(bio.get())}) found.push_back(std::move(next));
    if (!at_end()) misconfigured(name_of(from) + " holds a broken " + std::string(kind) + ": " + newest_error());
    return found;
}

template <typename Pointer, typename Read>
std::vector<Pointer> read_from(source from, std::string_view kind, Read read) {
    std::vector<Pointer> found;
    if (from.from() == source::kind::directory) {
        std::error_code failed;
        std::vector<std::string> paths;
        for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(from.value()), failed)) {
            const auto extension = entry.path().extension();
            if (extension == ".pem" || extension == ".crt" || extension == ".cer")
                paths.push_back(entry.path().string());
        }
        if (failed) misconfigured("cannot read directory " + quoted(from.value()) + ": " + failed.message());
        std::sort(paths.begin(), paths.end());
        for (const auto& path : paths)
            for (auto& one : read_all<Pointer>(read_file(path), file(path), kind, read))
                found.push_back(std::move(one));
    } else {
        found = read_all<Pointer>(text_from(from), from, kind, read);
    }
    if (found.empty()) misconfigured(name_of(from) + " holds no " + std::string(kind) + " in PEM form");
    return found;
}

key_pointer read_key(source from, std::string_view passphrase) {
    clean_error_queue errors;
    const std::string text = text_from(from);
    const bio_pointer bio = memory(text);
    key_pointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &passphrase));
    if (key) return key;
    if (text.find("PRIVATE KEY-----") == std::string::npos)
        misconfigured(name_of(from) + " holds no private key in PEM form");
    const bool encrypted = text.find("ENCRYPTED") != std::string::npos;
    if (encrypted && passphrase.empty()) misconfigured("the private key in " + name_of(from) + " needs a passphrase");
    if (encrypted) misconfigured("the passphrase does not fit the private key in " + name_of(from));
    misconfigured("the private key in " + name_of(from) + " is broken: " + newest_error());
}

}  // namespace

void misconfigured(const std::string& what) { throw error(reason::configuration, what); }

std::vector<certificate_pointer> read_certificates(source from) {
    return read_from<certificate_pointer>(from, "certificate", [](BIO* bio) {
        std::string_view none;
        return PEM_read_bio_X509_AUX(bio, nullptr, give_passphrase, &none);
    });
}

std::vector<revocation_list_pointer> read_revocation_lists(source from) {
    return read_from<revocation_list_pointer>(from, "revocation list", [](BIO* bio) {
        std::string_view none;
        return PEM_read_bio_X509_CRL(bio, nullptr, give_passphrase, &none);
    });
}

credentials read_credentials(const identity& who) {
    if (!who.certificate) misconfigured("an identity needs a certificate");
    refuse_directory(who.certificate);
    refuse_directory(who.key);
    auto found = read_certificates(who.certificate);
    credentials result;
    result.leaf = std::move(found.front());
    result.chain.reset(sk_X509_new_null());
    if (!result.chain) throw std::bad_alloc();
    for (auto one = found.begin() + 1; one != found.end(); ++one) {
        if (sk_X509_push(result.chain.get(), one->get()) == 0) throw std::bad_alloc();
        static_cast<void>(one->release());  // the stack owns it now
    }
    const source key = who.key ? who.key : who.certificate;
    result.key = read_key(key, who.passphrase);
    clean_error_queue errors;
    if (X509_check_private_key(result.leaf.get(), result.key.get()) != 1)
        misconfigured("the private key in " + name_of(key) + " does not belong to the certificate " +
                      subject_of(result.leaf.get()) + " in " + name_of(who.certificate));
    return result;
}

}  // namespace torus::inline v0::tls
