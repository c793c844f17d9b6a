#include "wire/json.hpp"

#include "local_error.hpp"
#include "wipe_traces.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>
#include <vector>

namespace juju::wire {
namespace {

/// Where the text is no JSON.
struct Broken {
    std::size_t at;
};

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

/// A parser that keeps texts in the JSON that it makes, and nowhere else. It takes no stack for nesting.
class JsonParser {
public:
    explicit JsonParser(std::string_view text) : text_(text) {}

    Json run()
    {
        Json root;
        Json* place = &root;
        while (place != nullptr) {
            read_value(*place);
            place = next_place();
        }
        skip_space();
        if (at_ != text_.size())
            fail();
        return root;
    }

    /// Whether there was a number that no type holds.
    bool has_huge_number() const noexcept { return has_huge_number_; }

private:
    [[noreturn]] void fail() const { throw Broken{at_}; }

    /// The next character; a zero byte, which fits nowhere, at the end.
    char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

    void skip_space() noexcept { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

    void expect(char c)
    {
        if (peek() != c)
            fail();
        ++at_;
    }

    void expect(std::string_view word)
    {
        for (const char c : word)
            expect(c);
    }

    /// Reads a scalar, or the start of an array or object.
    void read_value(Json& place)
    {
        skip_space();
        const char c = peek();
        if (c == '{' || c == '[') {
            place = c == '{' ? Json::object() : Json::array();
            open_.push_back(&place);
            is_begun_ = false;
            ++at_;
        } else if (c == '"') {
            place = WipingString();
            read_string(place.get_ref<WipingString&>());
        } else if (c == 't' || c == 'f') {
            expect(c == 't' ? std::string_view("true") : std::string_view("false"));
            place = c == 't';
        } else if (c == 'n') {
            expect("null");
            place = nullptr;
        } else {
            place = read_number();
        }
    }

    /// Where the next value goes; null behind the last.
    Json* next_place()
    {
        for (; !open_.empty(); is_begun_ = true) {
            Json& container = *open_.back();
            skip_space();
            if (peek() != (container.is_object() ? '}' : ']')) {
                if (is_begun_)
                    expect(',');
                is_begun_ = true;
                return container.is_object() ? next_member(container) : &container.emplace_back(nullptr);
            }
            ++at_;
            open_.pop_back();
        }
        return nullptr;
    }

    Json* next_member(Json& object)
    {
        skip_space();
        WipingString name;
        if (peek() != '"')
            fail();
        read_string(name);
        skip_space();
        expect(':');
        return &object.get_ref<Json::object_t&>()[name];
    }

    /// Appends to `result`, which is given all the room that it can need at once.
    void read_string(WipingString& result)
    {
        ++at_;
        result.reserve(length_of_string());
        for (;;) {
            const auto end = std::min(text_.find_first_of("\"\\", at_), text_.size());
            append_plain(end, result);
            if (peek() == '"')
                break;
            if (at_ == text_.size())
                fail();
            ++at_;
            append_escaped(result);
        }
        ++at_;
    }

    /// At least the number of bytes up to the closing quote.
    std::size_t length_of_string() const noexcept
    {
        std::size_t end = at_;
        while (end < text_.size() && text_[end] != '"')
            end += text_[end] == '\\' ? 2 : 1;
        return std::min(end, text_.size()) - at_;
    }

    void append_plain(std::size_t end, WipingString& result)
    {
        const auto begin = at_;
        while (at_ < end) {
            const auto size = sequence_length();
            if (size == 0)
                fail();
            at_ += size;
        }
        result.append(text_.substr(begin, end - begin));
    }

    /// Of the UTF-8 sequence that comes next; 0 where there is none, or a control character.
    std::size_t sequence_length() const noexcept
    {
        const auto byte = [&](std::size_t i) { return at_ + i < text_.size() ? static_cast<unsigned char>(text_[at_ + i]) : 0U; };
        const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) { return byte(i) >= low && byte(i) <= high; };
        const unsigned lead = byte(0);
        if (lead < 0x80)
            return lead < 0x20 ? 0 : 1;
        if (lead >= 0xc2 && lead <= 0xdf)
            return follows(1) ? 2 : 0;
        if (lead >= 0xe0 && lead <= 0xef)
            return follows(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
        if (lead >= 0xf0 && lead <= 0xf4)
            return follows(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
        return 0;
    }

    /// What a backslash stands before.
    void append_escaped(WipingString& result)
    {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const char c = peek();
        if (c == 'u') {
            ++at_;
            return append_code_point(result);
        }
        const auto which = at_ < text_.size() ? letters.find(c) : std::string_view::npos;
        if (which == std::string_view::npos)
            fail();
        result += meanings[which];
        ++at_;
    }

    void append_code_point(WipingString& result)
    {
        auto code = read_hex();
        if (code >= 0xdc00 && code <= 0xdfff)
            fail();
        if (code >= 0xd800 && code <= 0xdbff) {
            expect("\\u");
            const auto low = read_hex();
            if (low < 0xdc00 || low > 0xdfff)
                fail();
            code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
        }
        const auto add = [&](unsigned byte) { result += static_cast<char>(byte); };
        const auto add_rest = [&](unsigned shift) { add(0x80U | ((code >> shift) & 0x3fU)); };
        if (code < 0x80) {
            add(code);
        } else if (code < 0x800) {
            add(0xc0U | (code >> 6U));
            add_rest(0);
        } else if (code < 0x10000) {
            add(0xe0U | (code >> 12U));
            add_rest(6);
            add_rest(0);
        } else {
            add(0xf0U | (code >> 18U));
            add_rest(12);
            add_rest(6);
            add_rest(0);
        }
    }

    unsigned read_hex()
    {
        unsigned value = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const char c = peek();
            if (is_digit(c))
                value = value * 16 + static_cast<unsigned>(c - '0');
            else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
                value = value * 16 + static_cast<unsigned>((c | 0x20) - 'a' + 10);
            else
                fail();
        }
        return value;
    }

    void skip_digits()
    {
        if (!is_digit(peek()))
            fail();
        while (is_digit(peek()))
            ++at_;
    }

    Json read_number()
    {
        const auto begin = at_;
        bool is_integer = true;
        if (peek() == '-')
            ++at_;
        if (peek() == '0')
            ++at_;
        else
            skip_digits();
        if (peek() == '.') {
            is_integer = false;
            ++at_;
            skip_digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            is_integer = false;
            ++at_;
            if (peek() == '+' || peek() == '-')
                ++at_;
            skip_digits();
        }
        return number_from(text_.substr(begin, at_ - begin), is_integer);
    }

    Json number_from(std::string_view text, bool is_integer)
    {
        const char* const end = text.data() + text.size();
        if (is_integer && text[0] != '-') {
            std::uint64_t value = 0;
            if (std::from_chars(text.data(), end, value).ec == std::errc())
                return value;
        } else if (is_integer) {
            std::int64_t value = 0;
            if (std::from_chars(text.data(), end, value).ec == std::errc())
                return value;
        }
        double value = 0;
        const bool is_out_of_range = std::from_chars(text.data(), end, value).ec != std::errc();
        const auto digits = text.substr(text[0] == '-' ? 1 : 0);
        const bool is_tiny = digits[0] == '0' || digits.find("e-") != std::string_view::npos || digits.find("E-") != std::string_view::npos;
        if (is_out_of_range && is_tiny)
            return 0.0;
        has_huge_number_ = has_huge_number_ || is_out_of_range || !std::isfinite(value);
        return value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Json*> open_;
    bool is_begun_ = false; ///< the innermost container has a value
    bool has_huge_number_ = false;
};

} // namespace

ParsedJson read_json(std::string_view text)
{
    ParsedJson parsed;
    JsonParser parser(text);
    try {
        parsed.json = parser.run();
    } catch (const Broken& broken) {
        parsed.json = Json(Json::value_t::discarded);
        parsed.broken_at = broken.at;
    }
    if (parser.has_huge_number())
        parsed.json = Json(Json::value_t::discarded);
    return parsed;
}

Json parse_json(std::string_view text)
{
    return read_json(text).json;
}

WipingString dump(const Json& json)
{
    std::optional<WipingString> text;
    try {
        text = json.dump();
    } catch (const Json::exception&) { // its text quotes bytes
        text.reset();
    }
    wipe_traces();
    if (!text)
        throw detail::local_error(errc::invalid_argument, "a text in the request is not valid UTF-8");
    return std::move(*text);
}

} // namespace juju::wire
