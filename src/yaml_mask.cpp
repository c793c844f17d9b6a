#include "yaml_mask.hpp"

#include "wire/rune.hpp"

#include <algorithm>
#include <bitset>
#include <charconv>

namespace juju::detail {
namespace {

constexpr std::size_t shortest_word = 4;
constexpr std::size_t letter_size = 2;
/// How many letters begin with the same byte; the second one's upper two bits are always the same.
constexpr std::size_t radix = 64;
constexpr unsigned second_byte = 0x80;
constexpr char filler = 'x'; ///< at the end of words with an odd number of bytes

bool is_word_character(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// How many characters belong to an escape, were it one: the backslash, its letter, and digits.
std::size_t escape_size(char letter) noexcept
{
    return letter == 'x' ? 4 : letter == 'u' ? 6 : letter == 'U' ? 10 : 2;
}

/// Whether an exclamation mark behind this character can begin a tag.
bool may_precede_tag(char c) noexcept
{
    return std::string_view(" \t\r\n[{,:").find(c) != std::string_view::npos;
}

/// Every byte of a text, and the first one of each letter of two bytes that an escape may stand for.
std::bitset<256> first_bytes(std::string_view text)
{
    std::bitset<256> used;
    for (std::size_t i = 0; i < text.size(); ++i) {
        used.set(static_cast<unsigned char>(text[i]));
        const char letter = i + 1 < text.size() && text[i] == '\\' ? text[i + 1] : '\0';
        if (letter != 'u' && letter != 'U')
            continue;
        const auto digits = text.substr(i + 2, escape_size(letter) - 2);
        unsigned code = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (code < 0x800)
            used.set(0xc0U | (code >> 6U));
    }
    return used;
}

bool is_null(std::string_view word) noexcept
{
    return word == "null" || word == "Null" || word == "NULL";
}

/// yaml-cpp makes a single byte of the escapes \N and \_, which stand for U+0085 and U+00A0; in UTF-8 these have two.
void append_characters(WipingString& result, std::string_view text)
{
    if (text.find_first_of("\x85\xa0") == std::string_view::npos) {
        result.append(text);
        return;
    }
    for (std::size_t at = 0; at < text.size();) {
        const auto size = wire::rune_at(text, at).size;
        if (size == 1 && static_cast<unsigned char>(text[at]) >= 0x80)
            result += '\xc2';
        result.append(text.substr(at, size));
        at += size;
    }
}

} // namespace

YamlMask::YamlMask(std::string_view text)
{
    original_.reserve(text.size() + letter_size * radix); // never so little that it would live inside the object
    original_ = text;
    masked_.reserve(original_.capacity());
    masked_ = text;
    if (choose_letters())
        mask_all();
}

/// Two neighbouring first bytes of letters, U+0100 or higher, that the text does not have, nor gets by an escape.
bool YamlMask::choose_letters()
{
    const auto used = first_bytes(original_);
    constexpr unsigned first = 0xc4;
    constexpr unsigned last = 0xde;
    for (unsigned byte = first; byte <= last; byte += 2) {
        if (!used.test(byte) && !used.test(byte + 1)) {
            digit_ = static_cast<char>(byte);
            return true;
        }
    }
    return false;
}

void YamlMask::mask_all()
{
    const std::string_view text = original_;
    for (std::size_t at = 0; at < text.size();) {
        const char before = at == 0 ? '\n' : text[at - 1];
        std::size_t end = at + 1;
        if (text[at] == '%' && before == '\n') {
            end = text.find('\n', at);
        } else if (text[at] == '!' && may_precede_tag(before)) {
            end = text.find_first_of(" \t\r\n", at);
        } else if (text[at] == '\\' && end < text.size()) {
            end = at + escape_size(text[end]);
        } else if (is_word_character(text[at])) {
            end = static_cast<std::size_t>(std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_word_character) -
                                           text.begin());
            mask_word(at, end);
        }
        at = std::min(end, text.size());
    }
}

void YamlMask::mask_word(std::size_t begin, std::size_t end)
{
    const auto word = std::string_view(original_).substr(begin, end - begin);
    if (word.size() < shortest_word || is_null(word))
        return;
    auto& words = words_[word.size()];
    const auto [found, is_new] = numbers_.try_emplace(word, words.size());
    auto number = found->second;
    if (is_new)
        words.push_back(word);
    const auto digits = word.size() / letter_size - 1;
    std::size_t most = 1;
    for (std::size_t i = 0; i < digits && most <= number; ++i)
        most *= radix;
    if (number >= most)
        return;
    const bool is_odd = word.size() % letter_size != 0;
    char* place = masked_.data() + begin;
    const auto put = [&](char first, std::size_t value) {
        *place++ = first;
        *place++ = static_cast<char>(second_byte + value);
    };
    put(static_cast<char>(digit_ + 1), is_odd ? 1 : 0);
    for (std::size_t i = 0; i < digits; ++i, number /= radix)
        put(digit_, number % radix);
    if (is_odd)
        *place = filler;
}

WipingString YamlMask::restored(std::string_view masked) const
{
    WipingString result;
    result.reserve(masked.size() + letter_size * radix);
    const char lead = static_cast<char>(digit_ + 1);
    for (std::size_t at = 0; at < masked.size();) {
        const auto begin = words_.empty() ? masked.size() : std::min(masked.find(lead, at), masked.size());
        append_characters(result, masked.substr(at, begin - at));
        if (begin == masked.size())
            break;
        const std::size_t odd = static_cast<unsigned char>(masked[begin + 1]) - second_byte;
        std::size_t number = 0;
        std::size_t weight = 1;
        for (at = begin + letter_size; at < masked.size() && masked[at] == digit_; at += letter_size, weight *= radix)
            number += weight * (static_cast<unsigned char>(masked[at + 1]) - second_byte);
        at += odd;
        result.append(words_.at(at - begin).at(number));
    }
    return result;
}

} // namespace juju::detail
