// torus/http/headers.hpp: the fields of a message, in their order, whatever the case of their names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torus::inline v0::http {

/// One field of a head: `name: value`.
struct field {
    std::string_view name;
    std::string_view value;
};

/// The fields of a message head, or the trailers after a body. A name may occur several times.
///
///     headers h{{"Accept", "text/html"}, {"X-Trace", "7"}};
///     h.set("accept", "application/json");
///     for (auto [name, value] : h) print(name, ": ", value, "\n");
///
/// All text lies in one block and each field costs 16 bytes beside it; a message parsed from the network brings its
/// own block along. Looking a name up walks over the fields, which beats a hash table for the dozen that are usual.
///
/// Names are tokens and values have no control characters: whatever is set here can be sent without a check, and no
/// value can smuggle in another field. What is handed out refers to the block, and is good until the next change.
class headers {
public:
    class iterator;

    headers() = default;

    /// @throws std::invalid_argument  as `add` does
    headers(std::initializer_list<field> fields);

    /// The first value of that name, or nothing.
    std::optional<std::string_view> get(std::string_view name) const noexcept;

    /// The first value of that name, or `otherwise`.
    std::string_view get(std::string_view name, std::string_view otherwise) const noexcept;

    /// Every value of that name, in their order.
    std::vector<std::string_view> all(std::string_view name) const;

    bool contains(std::string_view name) const noexcept;

    /// Whether one of the comma separated lists of that name has the member `token`, in any case.
    ///
    ///     if (h.contains_token("connection", "close")) …
    bool contains_token(std::string_view name, std::string_view token) const noexcept;

    /// Adds a field behind the others, also if there is one of that name.
    ///
    /// @param value  without the spaces around it, which are no part of a value
    /// @throws std::invalid_argument  if the name isn't a token, or the value has a line end, NUL, or other control
    ///                                character except the tabulator
    void add(std::string_view name, std::string_view value);

    /// Gives the field of that name this value: in the place of the first one, the others go.
    ///
    /// @throws std::invalid_argument  as `add` does; then nothing has changed
    void set(std::string_view name, std::string_view value);

    /// Removes the fields of that name.
    /// @return how many there were
    std::size_t remove(std::string_view name) noexcept;

    /// Removes everything, and keeps the memory for the next message.
    void clear() noexcept;

    std::size_t size() const noexcept { return entries_.size(); }
    bool empty() const noexcept { return entries_.empty(); }

    /// The field at a place, 0 to size() - 1.
    field operator[](std::size_t at) const noexcept {
        const entry& e = entries_[at];
        return {{text_.data() + e.name_at, e.name_size}, {text_.data() + e.value_at, e.value_size}};
    }

    iterator begin() const noexcept;
    iterator end() const noexcept;

private:
    friend class head_text;  // src/http: lets a parser fill the block and name the fields in it

    struct entry {
        std::uint32_t name_at;
        std::uint32_t name_size;
        std::uint32_t value_at;
        std::uint32_t value_size;
    };

    bool is_named(const entry& e, std::string_view name) const noexcept;
    void add_valid(std::string_view name, std::string_view value);
    entry append(std::string_view name, std::string_view value);
    void compact();

    std::string text_;
    std::vector<entry> entries_;
};

/// Walks over the fields.
class headers::iterator {
public:
    using value_type = field;
    using difference_type = std::ptrdiff_t;
    using reference = field;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;

    iterator() = default;
    iterator(const headers& of, std::size_t at) noexcept : of_(&of), at_(at) {}

    field operator*() const noexcept { return (*of_)[at_]; }
    iterator& operator++() noexcept { return ++at_, *this; }
    iterator operator++(int) noexcept { return {*of_, at_++}; }
    friend bool operator==(const iterator&, const iterator&) = default;

private:
    const headers* of_ = nullptr;
    std::size_t at_ = 0;
};

inline headers::iterator headers::begin() const noexcept { return {*this, 0}; }
inline headers::iterator headers::end() const noexcept { return {*this, size()}; }

}  // namespace torus::inline v0::http
