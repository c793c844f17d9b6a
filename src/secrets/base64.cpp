#include "secrets/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace juju::detail::base64 {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Set in the table entries of characters outside the alphabet, and in any sum that has one of them.
constexpr std::uint32_t invalid = 0x8000'0000;

using Table = std::array<std::uint32_t, 256>;

/// The six bits of each character, moved to where they belong in a group of 24.
constexpr Table make_table(unsigned shift)
{
    Table table{};
    table.fill(invalid);
    for (std::uint32_t value = 0; value < alphabet.size(); ++value)
        table[static_cast<unsigned char>(alphabet[value])] = value << shift;
    return table;
}

constexpr Table first = make_table(18);
constexpr Table second = make_table(12);
constexpr Table third = make_table(6);
constexpr Table fourth = make_table(0);

constexpr std::uint32_t byte(char c)
{
    return static_cast<unsigned char>(c);
}

constexpr char low_byte(std::uint32_t bits)
{
    return static_cast<char>(static_cast<unsigned char>(bits & 0xff));
}

std::size_t padding(std::string_view text)
{
    if (text.ends_with("=="))
        return 2;
    return text.ends_with('=') ? 1 : 0;
}

} // namespace

void encode(std::string_view bytes, char* out) noexcept
{
    const char* in = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 3; left -= 3, in += 3, out += 4) {
        const std::uint32_t bits = byte(in[0]) << 16 | byte(in[1]) << 8 | byte(in[2]);
        out[0] = alphabet[bits >> 18];
        out[1] = alphabet[bits >> 12 & 63];
        out[2] = alphabet[bits >> 6 & 63];
        out[3] = alphabet[bits & 63];
    }
    if (left == 0)
        return;
    const std::uint32_t bits = byte(in[0]) << 16 | (left == 2 ? byte(in[1]) << 8 : 0);
    out[0] = alphabet[bits >> 18];
    out[1] = alphabet[bits >> 12 & 63];
    out[2] = left == 2 ? alphabet[bits >> 6 & 63] : '=';
    out[3] = '=';
}

std::optional<std::size_t> decoded_size(std::string_view text) noexcept
{
    if (text.size() % 4 != 0)
        return std::nullopt;
    return text.size() / 4 * 3 - padding(text);
}

bool decode(std::string_view text, char* out) noexcept
{
    if (text.size() % 4 != 0)
        return false;
    const std::size_t missing = padding(text);
    const std::size_t whole_groups = text.size() / 4 - (missing == 0 ? 0 : 1);
    const char* in = text.data();
    std::uint32_t seen = 0;
    for (std::size_t group = 0; group < whole_groups; ++group, in += 4, out += 3) {
        const std::uint32_t bits = first[byte(in[0])] | second[byte(in[1])] | third[byte(in[2])] | fourth[byte(in[3])];
        seen |= bits;
        out[0] = low_byte(bits >> 16);
        out[1] = low_byte(bits >> 8);
        out[2] = low_byte(bits);
    }
    if (missing != 0) {
        const std::uint32_t bits = first[byte(in[0])] | second[byte(in[1])] | (missing == 1 ? third[byte(in[2])] : 0);
        const std::uint32_t unused_bits = missing == 1 ? 0xff : 0xffff;
        if ((bits & unused_bits) != 0)
            return false;
        seen |= bits;
        out[0] = low_byte(bits >> 16);
        if (missing == 1)
            out[1] = low_byte(bits >> 8);
    }
    return (seen & invalid) == 0;
}

WipingString without_line_breaks(std::string_view text)
{
    WipingString result;
    result.reserve(text.size() + 64);
    std::copy_if(text.begin(), text.end(), std::back_inserter(result), [](char c) { return c != '\n' && c != '\r'; });
    return result;
}

} // namespace juju::detail::base64
