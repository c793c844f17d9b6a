#include "mock/base64_text.hpp"

namespace juju::mock {
namespace {

std::string encode(std::string_view bytes, std::string_view last_two, bool padded)
{
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + std::string(last_two);
    std::string text;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : bytes) {
        buffer = buffer << 8U | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6; bits -= 6) {
            text += alphabet[(buffer >> static_cast<unsigned>(bits - 6)) & 0x3FU];
        }
    }
    if (bits > 0) {
        text += alphabet[(buffer << static_cast<unsigned>(6 - bits)) & 0x3FU];
    }
    while (padded && text.size() % 4 != 0) {
        text += '=';
    }
    return text;
}

int digit(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+' || c == '-') {
        return 62;
    }
    return c == '/' || c == '_' ? 63 : -1;
}

} // namespace

std::string to_base64(std::string_view bytes)
{
    return encode(bytes, "+/", true);
}

std::string to_base64url(std::string_view bytes)
{
    return encode(bytes, "-_", false);
}

std::optional<std::string> from_base64(std::string_view text)
{
    if (text.ends_with('=') && text.size() % 4 == 0) {
        text.remove_suffix(text.ends_with("==") ? 2 : 1);
    }
    if (text.size() % 4 == 1) {
        return std::nullopt;
    }
    std::string bytes;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = digit(c);
        if (value < 0) {
            return std::nullopt;
        }
        buffer = buffer << 6U | static_cast<unsigned>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((buffer >> static_cast<unsigned>(bits)) & 0xFFU);
        }
    }
    return bytes;
}

} // namespace juju::mock
