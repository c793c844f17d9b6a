#pragma once

#include "wiping_allocator.hpp"

#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

namespace juju::detail {

/// A YAML text without its words, for yaml-cpp, which keeps what it reads in memory that nobody wipes.
///
/// Each run of four or more letters and digits is replaced by letters of as many bytes, which the text does not have otherwise, so that the
/// structure, the lines and the columns stay; `restored` puts the words back. What YAML itself reads stays as it is: escapes, tags,
/// directives, and the words for null. So do words for which no replacement is left: of up to 5 letters, after 64 of each length, and all
/// of them in a text that has letters of every alphabet of two bytes.
class YamlMask {
public:
    explicit YamlMask(std::string_view text);
    YamlMask(const YamlMask&) = delete;
    YamlMask& operator=(const YamlMask&) = delete;

    /// The text to be parsed.
    WipingString& text() noexcept { return masked_; }

    /// What a part of the parsed text says.
    WipingString restored(std::string_view masked) const;

private:
    /// A length's words, by their numbers.
    using Words = std::vector<std::string_view>;

    bool choose_letters();
    void mask_all();
    void mask_word(std::size_t begin, std::size_t end);

    WipingString original_;
    WipingString masked_;
    char digit_ = '\0'; ///< the first byte of the letters that stand for digits; that of those that begin a word is the next
    std::map<std::size_t, Words> words_;
    std::map<std::string_view, std::size_t> numbers_;
};

} // namespace juju::detail
