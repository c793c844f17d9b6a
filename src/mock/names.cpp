#include "mock/names.hpp"

#include "mock/failure.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>

namespace juju::mock {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_number(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// `mysql-0`
bool is_unit_id(std::string_view text)
{
    const auto dash = text.rfind('-');
    return dash != std::string_view::npos && is_application_name(text.substr(0, dash)) && is_number(text.substr(dash + 1));
}

bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool is_letter_or_digit(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c);
}

/// A user's name, or its domain.
bool is_name_part(std::string_view text)
{
    const auto may_stand = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '+' || c == '-'; };
    return text.size() >= 2 && is_letter_or_digit(text.front()) && is_letter_or_digit(text.back()) && std::ranges::all_of(text, may_stand);
}

bool is_user_name(std::string_view text)
{
    const auto at = text.find('@');
    return is_name_part(text.substr(0, at)) && (at == std::string_view::npos || is_name_part(text.substr(at + 1)));
}

/// The text up to the next dash, which is taken away with it.
std::string_view take_part(std::string_view& text)
{
    const auto part = text.substr(0, text.find('-'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

/// `0`, or `0-lxd-1` and deeper
bool is_machine_id(std::string_view text)
{
    const auto is_id = [](std::string_view part) { return is_number(part) && (part.size() == 1 || part.front() != '0'); };
    if (text.ends_with('-') || !is_id(take_part(text))) {
        return false;
    }
    while (!text.empty()) {
        const auto container = take_part(text);
        if (container.empty() || !std::ranges::all_of(container, is_lower) || !is_id(take_part(text))) {
            return false;
        }
    }
    return true;
}

std::uint32_t random_number()
{
    static thread_local std::random_device device;
    return device();
}

} // namespace

Tag parse_tag(std::string_view text)
{
    static constexpr std::array<std::string_view, 12> unchecked{"relation", "cloud", "cloudcred", "volume",    "filesystem", "storage",
                                                                "action",   "space", "subnet",    "operation", "offer",      "environment"};
    const auto dash = text.find('-');
    const std::string kind(text.substr(0, dash == std::string_view::npos ? 0 : dash));
    const std::string id(dash == std::string_view::npos ? "" : text.substr(dash + 1));
    bool valid = false;
    if (kind == "application") {
        valid = is_application_name(id);
    } else if (kind == "unit") {
        valid = is_unit_id(id);
    } else if (kind == "user") {
        valid = is_user_name(id);
    } else if (kind == "machine") {
        valid = is_machine_id(id);
    } else if (kind == "model") {
        valid = is_uuid(id);
    } else if (kind == "controller") {
        valid = is_uuid(id) || is_number(id);
    } else if (std::find(unchecked.begin(), unchecked.end(), kind) != unchecked.end()) {
        valid = !id.empty();
    } else {
        throw Failure(go_quoted(text) + " is not a valid tag");
    }
    if (!valid) {
        throw Failure(go_quoted(text) + " is not a valid " + kind + " tag");
    }
    return {kind, id};
}

bool is_uuid(std::string_view text)
{
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : hex_digits.find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

bool contains_uuid(std::string_view text)
{
    for (std::size_t start = 0; start + 36 <= text.size(); ++start) {
        if (is_uuid(text.substr(start, 36))) {
            return true;
        }
    }
    return false;
}

bool is_application_name(std::string_view text)
{
    if (text.empty() || !is_lower(text.front()) || text.ends_with('-')) {
        return false;
    }
    while (!text.empty()) {
        const auto part = take_part(text);
        const bool usable = std::ranges::all_of(part, [](char c) { return is_lower(c) || is_digit(c); });
        if (!usable || std::ranges::none_of(part, is_lower)) {
            return false;
        }
    }
    return true;
}

std::string random_hex(std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += hex_digits[random_number() & 0xFU];
    }
    return text;
}

std::string random_uuid()
{
    std::string text = random_hex(32);
    text[12] = '4';
    text[16] = hex_digits[8 + (random_number() & 3U)];
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
        text.insert(dash, 1, '-');
    }
    return text;
}

std::string random_secret_id()
{
    static constexpr std::string_view alphabet = "0123456789abcdefghijklmnopqrstuv";
    std::string id;
    for (int i = 0; i < 19; ++i) {
        id += alphabet[random_number() & 31U];
    }
    return id + (random_number() % 2 == 0 ? '0' : 'g');
}

bool is_secret_id(std::string_view text)
{
    return text.size() == 20 && std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'v'); }) &&
           (text.back() == '0' || text.back() == 'g');
}

} // namespace juju::mock
