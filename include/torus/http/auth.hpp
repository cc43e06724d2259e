// torus/http/auth.hpp: a name and a password in a field (RFC 7617).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace torus::inline v0::http {

/// What the field Authorization: Basic carries.
class basic_credentials {
public:
    std::string user;
    std::string password;

    /// The value for Authorization or Proxy-Authorization: "Basic YTpi".
    ///
    /// @throws std::invalid_argument  if the user's name has a colon, or either has a control character
    std::string to_string() const;

    /// Reads such a value; nothing if it is of another scheme or damaged.
    static std::optional<basic_credentials> parse(std::string_view value);

    basic_credentials() = default;
    basic_credentials(std::string_view name, std::string_view secret) : user(name), password(secret) {}
    friend bool operator==(const basic_credentials&, const basic_credentials&) = default;
};

}  // namespace torus::inline v0::http
