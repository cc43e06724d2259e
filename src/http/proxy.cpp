// src/http/proxy.cpp: which proxy a URL goes through, if any.
#include "http/proxy.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <torus/http/auth.hpp>

namespace torus::inline v0::http {

namespace {

std::optional<url> proxy_url(const std::string& text) {
    if (text.empty()) return std::nullopt;
    url parsed(text.find("://") == std::string::npos ? "http://" + text : text);
    if (parsed.scheme() != "http") throw std::invalid_argument("torus: only http proxies are supported: " + text);
    return parsed;
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string first_of(std::initializer_list<const char*> names) {
    for (const char* name : names) {
        std::string value = environment(name);
        if (!value.empty()) return value;
    }
    return {};
}

}  // namespace

client_options with_environment_proxies(client_options options) {
    if (options.http_proxy.empty()) options.http_proxy = first_of({"http_proxy", "all_proxy", "ALL_PROXY"});
    if (options.https_proxy.empty())
        options.https_proxy = first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
    if (options.no_proxy.empty()) options.no_proxy = first_of({"no_proxy", "NO_PROXY"});
    return options;
}

proxy_rules::proxy_rules(const client_options& options)
    : http_(proxy_url(options.http_proxy)), https_(proxy_url(options.https_proxy)) {
    std::string each;
    for (const char c : options.no_proxy + ",") {
        if (c != ',' && c != ' ') {
            if (c != '.' || !each.empty()) each += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            continue;
        }
        if (!each.empty()) direct_.push_back(std::exchange(each, {}));
    }
}

bool proxy_rules::is_direct(std::string_view host) const noexcept {
    return std::any_of(direct_.begin(), direct_.end(), [host](const std::string& rule) {
        if (rule == "*" || host == rule) return true;
        return host.size() > rule.size() && host.ends_with(rule) && host[host.size() - rule.size() - 1] == '.';
    });
}

const std::optional<url>& proxy_rules::proxy_for(const url& target) const noexcept {
    static const std::optional<url> none;
    const std::optional<url>& proxy = target.is_secure() ? https_ : http_;
    return proxy && !is_direct(target.host()) ? proxy : none;
}

std::string proxy_credentials(const url& proxy) {
    if (!proxy.user_info()) return {};
    return basic_credentials(proxy.user(), proxy.password()).to_string();
}

}  // namespace torus::inline v0::http
