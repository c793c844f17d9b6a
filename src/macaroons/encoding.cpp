#include "macaroons/encoding.hpp"

#include "wire/any_base64.hpp"

#include <juju/secret_value.hpp>

#include <simdjson.h>

#include <algorithm>

namespace juju::macaroons {
namespace {

/// -1 when it is no hex digit.
int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

} // namespace

std::optional<WipingString> from_base64(std::string_view text)
{
    const auto bytes = wire::decode_any_base64(text);
    if (!bytes.decodable())
        return std::nullopt;
    return WipingString(bytes.text());
}

WipingString to_base64url(std::string_view bytes)
{
    const auto standard = SecretValue(bytes).base64();
    WipingString text(standard.text());
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    text.resize(text.find_last_not_of('=') + 1);
    return text;
}

std::optional<WipingString> from_hex(std::string_view text)
{
    if (text.size() % 2 != 0)
        return std::nullopt;
    WipingString bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

WipingString to_hex(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    WipingString text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

bool is_utf8(std::string_view bytes)
{
    return simdjson::validate_utf8(bytes);
}

bool is_plain_text(std::string_view bytes)
{
    return is_utf8(bytes) && std::ranges::none_of(bytes, is_control);
}

} // namespace juju::macaroons
