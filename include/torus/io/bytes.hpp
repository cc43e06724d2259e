// torus/io/bytes.hpp: bytes that belong to somebody else, whatever they are kept in.
#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>

namespace torus::inline v0 {

/// char, unsigned char, std::byte, char8_t, and their kin.
template <class T>
concept byte_like = sizeof(T) == 1 && (std::integral<T> || std::same_as<std::remove_cv_t<T>, std::byte>) &&
                    !std::same_as<std::remove_cv_t<T>, bool>;

/// Something whose bytes lie in one row: a string, a vector or an array of bytes, a span.
template <class R>
concept byte_container = requires(R& r) {
    { *std::data(r) } -> std::convertible_to<const std::remove_reference_t<decltype(*std::data(r))>&>;
    { std::size(r) } -> std::convertible_to<std::size_t>;
    requires byte_like<std::remove_reference_t<decltype(*std::data(r))>>;
};

/// Bytes to look at: what everything that sends takes.
///
///     co_await conn.write("hello\n");
///     co_await conn.write(std::span(digest));
///
/// It refers, as std::string_view does: what it was made from must stay alive and where it is.
class bytes_view {
public:
    constexpr bytes_view() noexcept = default;
    bytes_view(const void* data, std::size_t size) noexcept : data_(static_cast<const std::byte*>(data)), size_(size) {}

    /// Text. A string literal counts without its terminating zero.
    template <std::convertible_to<std::string_view> Text>
    bytes_view(const Text& text) noexcept : bytes_view(std::string_view(text)) {}
    bytes_view(std::string_view text) noexcept : bytes_view(text.data(), text.size()) {}

    template <byte_container R>
        requires(!std::convertible_to<const R&, std::string_view>)
    bytes_view(const R& bytes) noexcept : bytes_view(std::data(bytes), std::size(bytes)) {}

    const std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    const std::byte* begin() const noexcept { return data_; }
    const std::byte* end() const noexcept { return data_ + size_; }
    std::byte operator[](std::size_t i) const noexcept { return data_[i]; }

    /// The bytes from `offset` on.
    bytes_view from(std::size_t offset) const noexcept { return {data_ + offset, size_ - offset}; }
    /// The first `count` bytes.
    bytes_view first(std::size_t count) const noexcept { return {data_, count}; }

    std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }
    operator std::span<const std::byte>() const noexcept { return {data_, size_}; }

private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Room for bytes: what everything that receives takes. It refers, as std::span does.
class bytes_span {
public:
    constexpr bytes_span() noexcept = default;
    bytes_span(void* data, std::size_t size) noexcept : data_(static_cast<std::byte*>(data)), size_(size) {}

    template <byte_container R>
        requires(!std::is_const_v<std::remove_reference_t<decltype(*std::data(std::declval<R&>()))>>)
    bytes_span(R&& room) noexcept : bytes_span(std::data(room), std::size(room)) {}

    std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    std::byte* begin() const noexcept { return data_; }
    std::byte* end() const noexcept { return data_ + size_; }

    bytes_span from(std::size_t offset) const noexcept { return {data_ + offset, size_ - offset}; }
    bytes_span first(std::size_t count) const noexcept { return {data_, count}; }

    operator std::span<std::byte>() const noexcept { return {data_, size_}; }

private:
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace torus::inline v0
