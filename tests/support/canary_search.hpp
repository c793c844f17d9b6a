#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// Random markers that stand for secrets, and the search for them in texts that must hold none.
namespace canary {

/// 24 letters and digits that are nowhere else.
inline std::string marker()
{
    static std::random_device random;
    constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::size_t size = 24;
    std::uniform_int_distribution<std::size_t> any(0, characters.size() - 1);
    std::string text;
    while (text.size() < size)
        text += characters[any(random)];
    return text;
}

inline std::string hex(std::string_view text, std::string_view digits)
{
    std::string result;
    for (const char c : text) {
        result += digits[static_cast<unsigned char>(c) / 16];
        result += digits[static_cast<unsigned char>(c) % 16];
    }
    return result;
}

/// What stands in the base64 of any text that has `skipped` of the marker's characters before a multiple of three.
inline std::string base64_middle(std::string_view text, std::size_t skipped)
{
    constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    for (std::size_t i = skipped; i + 3 <= text.size(); i += 3) {
        unsigned bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = (bits << 8U) | static_cast<unsigned char>(text[i + k]);
        for (const unsigned shift : {18U, 12U, 6U, 0U})
            result += characters[(bits >> shift) & 63U];
    }
    return result;
}

/// A marker as it is, reversed, in hex, and in base64 wherever in a longer text it begins.
inline std::vector<std::string> forms(const std::string& marker)
{
    return {marker,
            std::string(marker.rbegin(), marker.rend()),
            hex(marker, "0123456789abcdef"),
            hex(marker, "0123456789ABCDEF"),
            base64_middle(marker, 0),
            base64_middle(marker, 1),
            base64_middle(marker, 2)};
}

/// Looks for markers, and counts the texts.
class Search {
public:
    void add_marker(const std::string& marker)
    {
        for (auto& form : forms(marker))
            forms_.push_back(std::move(form));
    }

    /// @return whether the text has a marker in it.
    bool look_at(std::string_view text)
    {
        ++texts_;
        for (const auto& form : forms_) {
            if (text.find(form) != std::string_view::npos) {
                ++hits_;
                return true;
            }
        }
        return false;
    }

    std::size_t texts() const noexcept { return texts_; }
    std::size_t hits() const noexcept { return hits_; }

    std::string summary() const { return "texts searched " + std::to_string(texts_) + ", hits " + std::to_string(hits_); }

private:
    std::vector<std::string> forms_;
    std::size_t texts_ = 0;
    std::size_t hits_ = 0;
};

} // namespace canary
