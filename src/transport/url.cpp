#include "transport/url.hpp"

#include "local_error.hpp"
#include "transport/authority.hpp"
#include "wire/printable.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace juju::transport {
namespace {

constexpr std::string_view scheme_end = "://";

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/// The URL for a message: no user info, and neither query nor fragment, which may hold tokens.
std::string shown(std::string_view text)
{
    text = text.substr(0, text.find_first_of("?#"));
    const auto at = text.rfind('@');
    if (at == std::string_view::npos)
        return wire::printable(text);
    const auto start = text.find("//");
    const auto before = start == std::string_view::npos || start > at ? std::string_view() : text.substr(0, start + 2);
    return wire::printable(before) + "...@" + wire::printable(text.substr(at + 1));
}

[[noreturn]] void fail(std::string_view text, const char* why)
{
    throw detail::local_error(errc::invalid_argument, "URL \"" + shown(text) + "\" not valid: " + why);
}

bool is_target_character(char c)
{
    return c > ' ' && c < 0x7f && std::string_view("\\\"<>^`{|}").find(c) == std::string_view::npos;
}

/// Where the scheme's name ends; 0 without a scheme.
std::size_t scheme_length(std::string_view text)
{
    const auto end = std::ranges::find_if_not(text, [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
    const auto length = static_cast<std::size_t>(end - text.begin());
    return length > 0 && is_letter(text.front()) && length < text.size() && text[length] == ':' ? length : 0;
}

/// Carries out `.` and `..` in an absolute path (RFC 3986 section 5.2.4).
std::string without_dots(std::string_view path)
{
    std::string result;
    while (!path.empty()) {
        const auto end = std::min(path.find('/', 1), path.size());
        const auto segment = path.substr(0, end);
        path.remove_prefix(end);
        const bool is_up = segment == "/..";
        if (!is_up && segment != "/.") {
            result += segment;
            continue;
        }
        if (is_up)
            result.erase(std::min(result.rfind('/'), result.size()));
        if (path.empty())
            result += '/';
    }
    return result;
}

} // namespace

std::string Url::authority() const
{
    return authority_text(host, port);
}

Url Url::parse(std::string_view text)
{
    const auto scheme = scheme_length(text);
    if (!is_scheme(text.substr(0, scheme), "https") || !text.substr(scheme).starts_with(scheme_end))
        fail(text, "the scheme must be https");
    auto rest = text.substr(scheme + scheme_end.size());
    rest = rest.substr(0, rest.find('#'));

    Url url;
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    const auto target = rest.substr(authority.size());
    if (authority.find('@') != std::string_view::npos)
        fail(text, "it must not hold a user");
    // An empty port is that of the scheme (RFC 3986 section 6.2.3).
    auto place = Authority::read(authority.substr(0, authority.size() - (authority.ends_with(':') ? 1 : 0)), url.port);
    if (const auto* why = std::get_if<const char*>(&place))
        fail(text, *why);
    url.host = std::move(std::get<Authority>(place).host);
    url.port = std::move(std::get<Authority>(place).port);
    if (!std::ranges::all_of(target, is_target_character))
        fail(text, "it holds a character that is not allowed");
    url.target = target.starts_with('/') ? std::string(target) : '/' + std::string(target);
    return url;
}

Url Url::resolve(std::string_view reference) const
{
    reference = reference.substr(0, reference.find('#'));
    const auto query_at = std::min(reference.find('?'), reference.size());
    const auto path = reference.substr(0, query_at);
    const auto query = reference.substr(query_at);
    std::string absolute = "https:";
    if (scheme_length(reference) != 0)
        absolute = reference;
    else if (path.starts_with("//"))
        absolute += reference;
    else
        absolute += "//" + authority();

    const bool has_authority = scheme_length(reference) != 0 || path.starts_with("//");
    if (!has_authority) {
        const auto own_path = std::string_view(target).substr(0, target.find('?'));
        if (path.starts_with('/'))
            absolute += reference;
        else if (!path.empty())
            (absolute += own_path.substr(0, own_path.rfind('/') + 1)) += reference;
        else if (!query.empty())
            (absolute += own_path) += query;
        else
            absolute += target;
    }
    Url url = parse(absolute);
    const auto path_end = std::min(url.target.find('?'), url.target.size());
    url.target = without_dots(url.target.substr(0, path_end)) + url.target.substr(path_end);
    return url;
}

} // namespace juju::transport
