#pragma once

#include "wire/rune.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace juju::detail {

/// Text between quotes as Go's strconv.Quote writes it, for messages: one line, and it cannot pass for anything else.
inline std::string escaped(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::string_view with_letter = "\a\b\f\n\r\t\v\"\\";
    constexpr std::string_view letters = "abfnrtv\"\\";
    std::string result;
    const auto append_hex = [&](char kind, unsigned digit_count, std::uint32_t value) {
        result += '\\';
        result += kind;
        for (unsigned left = digit_count; left > 0; --left)
            result += digits[value >> (left - 1) * 4 & 15];
    };
    for (std::size_t at = 0; at < text.size();) {
        const wire::Rune rune = wire::rune_at(text, at);
        const std::size_t letter = with_letter.find(text[at]);
        if (letter != std::string_view::npos)
            (result += '\\') += letters[letter];
        else if (rune.value < 0x80 && wire::unprintable(rune.value))
            append_hex('x', 2, rune.value);
        else if (rune.value == 0xfffd && rune.size == 1)
            append_hex('x', 2, static_cast<unsigned char>(text[at]));
        else if (rune.value >= 0x10000 && wire::unprintable(rune.value))
            append_hex('U', 8, rune.value);
        else if (wire::unprintable(rune.value))
            append_hex('u', 4, rune.value);
        else
            result += text.substr(at, rune.size);
        at += rune.size;
    }
    return result;
}

/// The same with the quotes, for a message; cut after 1,000 bytes, which three dots behind the quotes say.
inline std::string in_quotes(std::string_view text)
{
    constexpr std::size_t longest = 1000;
    if (text.size() <= longest)
        return '"' + escaped(text) + '"';
    std::size_t end = longest;
    for (std::size_t at = 0; at < longest; at += wire::rune_at(text, at).size)
        end = at; // the last character is left out: it may reach beyond
    return '"' + escaped(text.substr(0, end)) + "\"...";
}

} // namespace juju::detail
