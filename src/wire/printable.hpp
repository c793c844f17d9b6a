#pragma once

#include <string>
#include <string_view>

namespace juju::wire {

/// Foreign text fit for a message or a log line: control characters escaped (a line break could forge a log line), cut
/// after 1,000 bytes.
inline std::string printable(std::string_view text)
{
    constexpr std::size_t longest = 1000;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : text.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            result += "\\x";
            result += digits[byte >> 4];
            result += digits[byte & 15];
        } else {
            result += c;
        }
    }
    if (text.size() > longest)
        result += "...";
    return result;
}

} // namespace juju::wire
