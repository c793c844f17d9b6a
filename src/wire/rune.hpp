#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace juju::wire {

/// A code point of UTF-8 text and the number of bytes it takes; U+FFFD and 1 where the bytes are not UTF-8.
struct Rune {
    std::uint32_t value;
    std::size_t size;
};

/// The code point that starts at `text[at]`, where `at` is within `text`.
inline Rune rune_at(std::string_view text, std::size_t at) noexcept
{
    constexpr Rune bad{0xfffd, 1};
    const auto byte = [&](std::size_t index) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[index])); };
    const std::uint32_t lead = byte(at);
    if (lead < 0x80)
        return {lead, 1};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - at < size)
        return bad;
    std::uint32_t value = lead & (0xffu >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(at + i) & 0xc0) != 0x80)
            return bad;
        value = value << 6 | (byte(at + i) & 0x3f);
    }
    const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    return overlong || surrogate || value > 0x10ffff ? bad : Rune{value, size};
}

/// True for what would be invisible, or would move text about, on a terminal: controls, odd spaces, marks of direction, private use.
inline bool unprintable(std::uint32_t rune) noexcept
{
    constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 12> ranges{{{0x00, 0x1f},
                                                                              {0x7f, 0xa0},
                                                                              {0xad, 0xad},
                                                                              {0x2000, 0x200f},
                                                                              {0x2028, 0x202f},
                                                                              {0x205f, 0x206f},
                                                                              {0x3000, 0x3000},
                                                                              {0xe000, 0xf8ff},
                                                                              {0xfeff, 0xfeff},
                                                                              {0xfff9, 0xfffb},
                                                                              {0xfffe, 0xffff},
                                                                              {0xe0000, 0x10ffff}}};
    return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) { return rune >= range.first && rune <= range.second; });
}

} // namespace juju::wire
