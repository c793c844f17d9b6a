#include "wire/tags.hpp"

#include <algorithm>

namespace juju::wire {
namespace {

bool is_lower(char c) noexcept
{
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) noexcept
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

/// The rule for a user's name and domain alike: two characters or more, letters and digits at both ends, also `.+-` inside.
bool is_name_part(std::string_view text) noexcept
{
    return text.size() >= 2 && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
           std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '.' || c == '+' || c == '-'; });
}

/// A part of an application's name between dashes: lower-case letters and digits, at least one letter.
bool is_application_part(std::string_view part) noexcept
{
    return std::ranges::all_of(part, [](char c) { return is_lower(c) || is_digit(c); }) && std::ranges::any_of(part, is_lower);
}

/// Juju writes no number with leading zeros.
bool is_number(std::string_view text) noexcept
{
    return !text.empty() && std::ranges::all_of(text, is_digit) && (text.size() == 1 || text.front() != '0');
}

/// "mysql-0", as in a tag.
bool is_unit_id(std::string_view id) noexcept
{
    const auto dash = id.rfind('-');
    return dash != std::string_view::npos && is_application_name(id.substr(0, dash)) && is_number(id.substr(dash + 1));
}

/// "0", or with containers "0-lxd-1", as in a tag.
bool is_machine_id(std::string_view id) noexcept
{
    for (;;) {
        auto dash = id.find('-');
        if (!is_number(id.substr(0, dash)))
            return false;
        if (dash == std::string_view::npos)
            return true;
        id.remove_prefix(dash + 1);
        dash = id.find('-');
        if (dash == 0 || dash == std::string_view::npos || !std::ranges::all_of(id.substr(0, dash), is_lower))
            return false;
        id.remove_prefix(dash + 1);
    }
}

} // namespace

bool is_uuid(std::string_view text) noexcept
{
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !hex)
            return false;
    }
    return true;
}

std::optional<std::string_view> tag_id(std::string_view tag, std::string_view kind) noexcept
{
    if (tag.size() <= kind.size() + 1 || !tag.starts_with(kind) || tag[kind.size()] != '-')
        return std::nullopt;
    return tag.substr(kind.size() + 1);
}

bool is_user_name(std::string_view name) noexcept
{
    const auto at = name.find('@');
    if (at == std::string_view::npos)
        return is_name_part(name);
    return is_name_part(name.substr(0, at)) && is_name_part(name.substr(at + 1));
}

std::optional<std::string> user_of_tag(std::string_view tag)
{
    const auto id = tag_id(tag, "user");
    if (!id || !is_user_name(*id))
        return std::nullopt;
    constexpr std::string_view local = "@local";
    return std::string(id->ends_with(local) ? id->substr(0, id->size() - local.size()) : *id);
}

bool is_application_name(std::string_view name) noexcept
{
    if (name.empty() || !is_lower(name.front()))
        return false;
    for (;;) {
        const auto dash = name.find('-');
        if (!is_application_part(name.substr(0, dash)))
            return false;
        if (dash == std::string_view::npos)
            return true;
        name.remove_prefix(dash + 1);
    }
}

bool is_secret_owner(std::string_view tag) noexcept
{
    if (const auto model = tag_id(tag, "model"))
        return is_uuid(*model);
    if (const auto application = tag_id(tag, "application"))
        return is_application_name(*application);
    const auto unit = tag_id(tag, "unit");
    return unit && is_unit_id(*unit);
}

bool is_agent_tag(std::string_view tag) noexcept
{
    if (const auto machine = tag_id(tag, "machine"))
        return is_machine_id(*machine);
    if (const auto controller = tag_id(tag, "controller"))
        return is_number(*controller);
    return is_secret_owner(tag);
}

} // namespace juju::wire
