// cli/json_text.hpp: writing JSON, a member at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace torus::inline v0::cli {

/// Appends a text in quotes. Bytes that are no UTF-8 become U+FFFD.
void append_json(std::string& to, std::string_view text);

/// How many bytes `append_json` appends for a text that is UTF-8.
std::size_t json_size(std::string_view text) noexcept;

/// An object in the making: `json_object o; o.add("id", 7); std::move(o).finish()` is `{"id":7}`.
class json_object {
public:
    json_object& add(std::string_view name, std::string_view text);
    json_object& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
    json_object& add(std::string_view name, std::int64_t number);
    json_object& add(std::string_view name, double number);
    json_object& add_null(std::string_view name);

    /// A value that is JSON already.
    json_object& add_raw(std::string_view name, std::string_view json);

    /// Makes room for what is to come, if that is known.
    void reserve(std::size_t bytes) { text_.reserve(bytes); }

    std::string finish() && { return std::move(text_) + '}'; }

private:
    void begin(std::string_view name);
    std::string text_ = "{";
};

}  // namespace torus::inline v0::cli
