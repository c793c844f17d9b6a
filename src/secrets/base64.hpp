#pragma once

#include "wiping_allocator.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

/// Standard base64 (RFC 4648 section 4) with canonical padding, into memory of the caller, so that a secret is decoded straight
/// into the place where it stays. OpenSSL's EVP_DecodeBlock skips white space and does not tell the padding, so it cannot be strict.
namespace juju::detail::base64 {

/// The number of characters that `bytes` bytes take.
[[nodiscard]] constexpr std::size_t encoded_size(std::size_t bytes) noexcept
{
    return (bytes + 2) / 3 * 4;
}

/// Writes `encoded_size(bytes.size())` characters to `out`.
void encode(std::string_view bytes, char* out) noexcept;

/// The number of bytes that `text` stands for, judged by its length and padding; empty when these are wrong already.
[[nodiscard]] std::optional<std::size_t> decoded_size(std::string_view text) noexcept;

/// Writes the bytes that `text` stands for to `out`, which has room for `decoded_size(text)`.
/// False, with anything in `out`, when `text` has a character outside the alphabet, misplaced padding, or unused bits that are not zero.
[[nodiscard]] bool decode(std::string_view text, char* out) noexcept;

/// `text` without carriage returns and line feeds: what the usual tools put into files of base64.
[[nodiscard]] WipingString without_line_breaks(std::string_view text);

} // namespace juju::detail::base64
