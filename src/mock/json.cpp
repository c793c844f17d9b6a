#include "mock/json.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace juju::mock {
namespace {

bool too_deep(std::string_view text)
{
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max_json_depth) {
                return true;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return false;
}

void append_hex_escape(std::string& out, unsigned value)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += digits[(value >> static_cast<unsigned>(shift)) & 0xF];
    }
}

/// Length of the valid UTF-8 sequence at the start of `text`, 0 when there is none.
std::size_t utf8_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t count) {
        if (text.size() <= count) {
            return false;
        }
        return std::all_of(text.begin() + 1, text.begin() + 1 + static_cast<std::ptrdiff_t>(count),
                           [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
    };
    const unsigned char first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF && continues(1)) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF && continues(2)) {
        const bool overlong = first == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = first == 0xED && byte(1) > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (first >= 0xF0 && first <= 0xF4 && continues(3)) {
        const bool overlong = first == 0xF0 && byte(1) < 0x90;
        const bool beyond = first == 0xF4 && byte(1) > 0x8F;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

void append_ascii(std::string& out, char c)
{
    switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
        append_hex_escape(out, static_cast<unsigned char>(c));
    } else {
        out += c;
    }
}

void append_string(std::string& out, std::string_view text)
{
    out += '"';
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            out += "\\ufffd";
            text.remove_prefix(1);
            continue;
        }
        const std::string_view character = text.substr(0, length);
        if (length == 1) {
            append_ascii(out, character.front());
        } else if (character == "\u2028") {
            out += "\\u2028";
        } else if (character == "\u2029") {
            out += "\\u2029";
        } else {
            out += character;
        }
        text.remove_prefix(length);
    }
    out += '"';
}

void append_value(std::string& out, const Json& value)
{
    if (value.is_object()) {
        out += '{';
        bool first = true;
        for (const auto& [name, member] : value.items()) {
            if (!std::exchange(first, false)) {
                out += ',';
            }
            append_string(out, name);
            out += ':';
            append_value(out, member);
        }
        out += '}';
    } else if (value.is_array()) {
        out += '[';
        bool first = true;
        for (const Json& element : value) {
            if (!std::exchange(first, false)) {
                out += ',';
            }
            append_value(out, element);
        }
        out += ']';
    } else if (value.is_string()) {
        append_string(out, value.get_ref<const std::string&>());
    } else {
        out += value.dump();
    }
}

} // namespace

std::optional<Json> parse_first(std::string_view text)
{
    if (too_deep(text)) {
        return std::nullopt;
    }
    Json whole = Json::parse(text, nullptr, false);
    if (!whole.is_discarded()) {
        return whole;
    }
    try {
        std::istringstream stream{std::string(text)};
        Json first;
        stream >> first;
        return first;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

std::string go_json(const Json& value)
{
    std::string out;
    append_value(out, value);
    return out;
}

std::string go_quoted(std::string_view text)
{
    static constexpr std::string_view hex = "0123456789abcdef";
    static constexpr std::array<std::pair<char, char>, 7> short_escapes{
        {{'\a', 'a'}, {'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}, {'\v', 'v'}}};
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const auto escape = std::find_if(short_escapes.begin(), short_escapes.end(), [c](const auto& e) { return e.first == c; });
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (escape != short_escapes.end()) {
            out += '\\';
            out += escape->second;
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\x";
            out += hex[byte >> 4U];
            out += hex[byte & 0xFU];
        } else {
            out += c;
        }
    }
    return out + '"';
}

bool same_member(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

const Json* find_member(const Json& object, std::string_view name)
{
    const Json* found = nullptr;
    if (object.is_object()) {
        for (auto member = object.begin(); member != object.end(); ++member) {
            if (same_member(member.key(), name)) {
                found = &member.value();
            }
        }
    }
    return found != nullptr && found->is_null() ? nullptr : found;
}

} // namespace juju::mock
