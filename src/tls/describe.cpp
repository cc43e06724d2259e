// src/tls/describe.cpp: reading certificates for people.
#include "tls/describe.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include <arpa/inet.h>

namespace torus::inline v0::tls {

namespace {

std::string text_of(const X509_NAME* name) {
    bio_pointer out(BIO_new(BIO_s_mem()));
    if (!out || !name) return {};
    // RFC 2253's form, in the order of the certificate; it escapes control characters, and we print UTF-8 as it is.
    constexpr unsigned long flags =
        XN_FLAG_RFC2253 & ~XN_FLAG_DN_REV & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    if (X509_NAME_print_ex(out.get(), name, 0, flags) < 0) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string address_text(const ASN1_OCTET_STRING* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int size = ASN1_STRING_length(address);
    const int family = size == 4 ? AF_INET : size == 16 ? AF_INET6 : AF_UNSPEC;
    if (family == AF_UNSPEC) return {};
    return inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size()) ? text.data() : std::string();
}

enum class which_names { all, hosts };

std::vector<std::string> read_names(const X509* of, which_names which) {
    std::vector<std::string> found;
    general_names_pointer names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(of, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_DNS) {
            const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
            found.push_back(printable({text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
        } else if (name->type == GEN_IPADD && which == which_names::all) {
            if (auto text = address_text(name->d.iPAddress); !text.empty()) found.push_back(std::move(text));
        }
    }
    return found;
}

std::string hexadecimal(const unsigned char* bytes, std::size_t size) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * size);
    for (std::size_t i = 0; i < size; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

}  // namespace

std::string subject_of(const X509* of) { return text_of(X509_get_subject_name(of)); }
std::string issuer_of(const X509* of) { return text_of(X509_get_issuer_name(of)); }
std::vector<std::string> names_of(const X509* of) { return read_names(of, which_names::all); }
std::vector<std::string> host_names_of(const X509* of) { return read_names(of, which_names::hosts); }

std::optional<std::chrono::sys_seconds> moment_of(const ASN1_TIME* of) {
    std::tm parts{};
    if (!of || ASN1_TIME_to_tm(of, &parts) != 1) return std::nullopt;
    const std::chrono::year_month_day day{std::chrono::year(parts.tm_year + 1900),
                                          std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
                                          std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
    return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
           std::chrono::seconds(parts.tm_sec);
}

std::string text_of(const ASN1_TIME* of) {
    std::tm parts{};
    if (!of || ASN1_TIME_to_tm(of, &parts) != 1) return "an unreadable date";
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02d %02d:%02d:%02d UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text.data();
}

certificate describe(const X509* of) {
    certificate result;
    result.subject = subject_of(of);
    result.issuer = issuer_of(of);
    result.names = names_of(of);
    result.not_before = moment_of(X509_get0_notBefore(of)).value_or(std::chrono::sys_seconds());
    result.not_after = moment_of(X509_get0_notAfter(of)).value_or(std::chrono::sys_seconds());
    const ASN1_INTEGER* serial = X509_get0_serialNumber(of);
    result.serial = hexadecimal(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial)));
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(of, EVP_sha256(), digest.data(), &size) == 1) result.sha256 = hexadecimal(digest.data(), size);
    return result;
}

std::string newest_error() {
    const unsigned long code = ERR_peek_last_error();
    if (code == 0) return {};
    if (const char* text = ERR_reason_error_string(code)) return text;
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

std::string printable(std::string_view text) {
    std::string safe(text);
    for (char& c : safe)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
    return safe;
}

}  // namespace torus::inline v0::tls
