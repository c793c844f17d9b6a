#pragma once

#include "wire/rune.hpp"

#include <string>
#include <string_view>

namespace juju::wire {

/// Foreign text fit for a message or a log line: what would be invisible or could forge a line, and what is no UTF-8, is written as
/// `\xHH` for each byte; cut after 1,000 bytes.
inline std::string printable(std::string_view text)
{
    constexpr std::size_t longest = 1000;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    std::size_t at = 0;
    while (at < text.size() && at < longest) {
        const Rune rune = rune_at(text, at);
        const bool is_foreign = rune.value == 0xfffd && rune.size == 1;
        for (const char c : text.substr(at, rune.size)) {
            if (!is_foreign && !unprintable(rune.value)) {
                result += c;
                continue;
            }
            const auto byte = static_cast<unsigned char>(c);
            result += "\\x";
            result += digits[byte >> 4];
            result += digits[byte & 15];
        }
        at += rune.size;
    }
    if (at < text.size())
        result += "...";
    return result;
}

} // namespace juju::wire
