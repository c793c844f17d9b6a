#include <juju/secret_uri.hpp>

#include "local_error.hpp"
#include "secrets/in_quotes.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <utility>

// Which texts are secret URIs, and what is said about the others, follows Juju's core/secrets/secret.go (ParseURI). It leaves the
// generic part to Go's net/url, so the order of the checks here is that of url.Parse.

namespace juju {
namespace {

using detail::in_quotes;

constexpr std::size_t id_size = 20;
constexpr std::size_t uuid_size = 36;

/// Says what is wrong; empty when nothing is.
using Problem = std::string;

struct Url {
    std::string scheme;
    std::string opaque;
    std::string host;
    std::string path;
};

constexpr bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

constexpr bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_host_character(char c)
{
    constexpr std::string_view others = "-_.~!$&'()*+,;=:[]<>\"";
    const bool ascii = static_cast<unsigned char>(c) < 0x80;
    return !ascii || is_lower(c) || is_upper(c) || is_digit(c) || others.find(c) != std::string_view::npos;
}

bool is_user_character(char c)
{
    constexpr std::string_view others = "-._:~!$&'()*+,;=%@";
    return is_lower(c) || is_upper(c) || is_digit(c) || others.find(c) != std::string_view::npos;
}

/// Appends `text` with its escapes replaced to `result`. In a host only bytes beyond ASCII, and '%' itself, may be escaped.
Problem unescape(std::string_view text, bool in_host, std::string& result)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c != '%') {
            if (in_host && !is_host_character(c))
                return "invalid character " + in_quotes(text.substr(at, 1)) + " in host name";
            result += c;
            continue;
        }
        const std::string_view escape = text.substr(at, 3);
        const int high = escape.size() == 3 ? hex_digit(escape[1]) : -1;
        const int low = escape.size() == 3 ? hex_digit(escape[2]) : -1;
        if (high < 0 || low < 0 || (in_host && high < 8 && escape != "%25"))
            return "invalid URL escape " + in_quotes(escape);
        result += static_cast<char>(static_cast<unsigned char>(high << 4 | low));
        at += 2;
    }
    return {};
}

/// The host that `unescape` reads as `host`, in ASCII.
std::string escaped_host(std::string_view host)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : host) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '%' || byte >= 0x80)
            ((result += '%') += digits[byte >> 4]) += digits[byte & 15];
        else
            result += c;
    }
    return result;
}

/// Takes the scheme, in lower case, and its colon off the front of `text`.
Problem take_scheme(std::string_view& text, std::string& scheme)
{
    const auto is_scheme_character = [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; };
    const auto end = std::find_if_not(text.begin(), text.end(), is_scheme_character);
    const auto size = static_cast<std::size_t>(end - text.begin());
    if (end == text.end() || *end != ':')
        return {};
    if (size == 0)
        return "missing protocol scheme";
    if (!is_lower(text.front()) && !is_upper(text.front()))
        return {};
    scheme = text.substr(0, size);
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
    text.remove_prefix(size + 1);
    return {};
}

Problem check_port(std::string_view after_host)
{
    const bool valid = after_host.empty() || (after_host.front() == ':' && std::all_of(after_host.begin() + 1, after_host.end(), is_digit));
    return valid ? Problem() : "invalid port " + in_quotes(after_host) + " after host";
}

Problem parse_host(std::string_view text, std::string& host)
{
    const std::size_t bracket = text.rfind('[');
    std::size_t port = text.rfind(':');
    if (bracket != std::string_view::npos) {
        const std::size_t closing = text.rfind(']');
        if (bracket > 0)
            return "invalid IP-literal";
        if (closing == std::string_view::npos)
            return "missing ']' in host";
        port = closing + 1;
    }
    if (port != std::string_view::npos) {
        if (Problem problem = check_port(text.substr(port)); !problem.empty())
            return problem;
    }
    return unescape(text, true, host);
}

Problem parse_authority(std::string_view text, std::string& host)
{
    const std::size_t at_sign = text.rfind('@');
    if (at_sign == std::string_view::npos)
        return parse_host(text, host);
    if (Problem problem = parse_host(text.substr(at_sign + 1), host); !problem.empty())
        return problem;
    const std::string_view user = text.substr(0, at_sign);
    if (!std::all_of(user.begin(), user.end(), is_user_character))
        return "net/url: invalid userinfo";
    std::string ignored;
    return unescape(user, false, ignored);
}

/// Parses `text`, which has no fragment.
Problem parse_url(std::string_view text, Url& url)
{
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(text.begin(), text.end(), is_control))
        return "net/url: invalid control character in URL";
    if (Problem problem = take_scheme(text, url.scheme); !problem.empty())
        return problem;
    text = text.substr(0, text.find('?'));

    if (!text.starts_with('/')) {
        if (!url.scheme.empty()) {
            url.opaque = text;
            return {};
        }
        if (text.substr(0, text.find('/')).find(':') != std::string_view::npos)
            return "first path segment in URL cannot contain colon";
    }
    if (text.starts_with("//") && (!url.scheme.empty() || !text.starts_with("///"))) {
        text.remove_prefix(2);
        const std::size_t end = std::min(text.find('/'), text.size());
        if (Problem problem = parse_authority(text.substr(0, end), url.host); !problem.empty())
            return problem;
        text.remove_prefix(end);
    }
    return unescape(text, false, url.path);
}

/// 8-4-4-4-12 lower-case hex digits.
bool is_uuid(std::string_view text)
{
    if (text.size() != uuid_size)
        return false;
    for (std::size_t at = 0; at < uuid_size; ++at) {
        const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
        const bool fits = dash ? text[at] == '-' : hex_digit(text[at]) >= 0 && !is_upper(text[at]);
        if (!fits)
            return false;
    }
    return true;
}

/// Juju's expression is not anchored, so a port slips through.
bool contains_uuid(std::string_view text)
{
    for (std::size_t at = 0; at + uuid_size <= text.size(); ++at)
        if (is_uuid(text.substr(at, uuid_size)))
            return true;
    return false;
}

/// An xid: base32hex of 12 bytes, of whose last digit only one bit is used (github.com/rs/xid).
bool is_id(std::string_view text)
{
    const auto is_base32hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'v'); };
    return text.size() == id_size && std::all_of(text.begin(), text.end(), is_base32hex) && (text.back() == '0' || text.back() == 'g');
}

struct Parts {
    std::string id;
    std::string source;
};

Problem parse_secret_uri(std::string_view text, Parts& parts)
{
    constexpr std::string_view advice = "; a secret URI is secret:<id> or secret://<model-uuid>/<id>, where an id has 20 characters";
    const std::size_t fragment_at = text.find('#');
    const std::string_view without_fragment = text.substr(0, fragment_at);
    Url url;
    if (Problem problem = parse_url(without_fragment, url); !problem.empty())
        return "parse " + in_quotes(without_fragment) + ": " + problem;
    if (fragment_at != std::string_view::npos) {
        std::string ignored;
        if (Problem problem = unescape(text.substr(fragment_at + 1), false, ignored); !problem.empty())
            return "parse " + in_quotes(text) + ": " + problem;
    }
    if (!url.scheme.empty() && url.scheme != "secret")
        return "secret URI scheme " + in_quotes(url.scheme) + " not valid" + std::string(advice);
    if (!url.host.empty() && !contains_uuid(url.host))
        return "host controller UUID " + in_quotes(url.host) + " not valid" + std::string(advice);

    std::string_view path = url.path;
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    if (path.empty())
        path = url.opaque;
    parts.source = url.host;
    if (path.size() > uuid_size && path[uuid_size] == '/' && is_uuid(path.substr(0, uuid_size))) {
        parts.source = path.substr(0, uuid_size);
        path.remove_prefix(uuid_size + 1);
    }
    if (!is_id(path))
        return "secret URI " + in_quotes(text) + " not valid" + std::string(advice);
    parts.id = path;
    return {};
}

} // namespace

SecretUri SecretUri::parse(std::string_view text)
{
    Parts parts;
    if (Problem problem = parse_secret_uri(text, parts); !problem.empty())
        throw detail::local_error(errc::invalid_uri, std::move(problem));
    return {std::move(parts.id), std::move(parts.source)};
}

std::optional<SecretUri> SecretUri::try_parse(std::string_view text)
{
    Parts parts;
    if (!parse_secret_uri(text, parts).empty())
        return std::nullopt;
    return SecretUri(std::move(parts.id), std::move(parts.source));
}

std::string SecretUri::str() const
{
    if (empty())
        return {};
    return source_.empty() ? "secret:" + id_ : "secret://" + escaped_host(source_) + '/' + id_;
}

SecretRef::SecretRef(SecretUri uri) : uri_(std::move(uri))
{
    if (uri_->empty())
        throw detail::local_error(errc::invalid_uri, "secret URI \"\" not valid: it names no secret");
}

SecretRef SecretRef::by_name(std::string name)
{
    if (name.empty())
        throw detail::local_error(errc::invalid_name, "a secret needs a name or URI");
    if (!simdjson::validate_utf8(name))
        throw detail::local_error(errc::invalid_name, "secret name " + in_quotes(name) + " not valid: it is not UTF-8");
    SecretRef ref;
    ref.name_ = std::move(name);
    return ref;
}

SecretRef SecretRef::from_text(std::string_view text)
{
    if (auto uri = SecretUri::try_parse(text))
        return SecretRef(*std::move(uri));
    return by_name(std::string(text));
}

} // namespace juju
