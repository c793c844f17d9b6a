#include "mock/failure.hpp"
#include "mock/names.hpp"

#include <algorithm>
#include <optional>

namespace juju::mock {
namespace {

/// What `net/url.Parse` makes of a text, as far as a secret's URI needs it.
struct Url {
    std::string scheme;
    std::string host;
    std::string path;
    std::string opaque;
};

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Failure url_failure(const std::string& raw, const std::string& reason)
{
    return Failure("parse " + go_quoted(raw) + ": " + reason);
}

std::string unescaped(const std::string& raw, std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) {
            throw url_failure(raw, "invalid URL escape " + go_quoted(text.substr(i, 3)));
        }
        out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
    }
    return out;
}

/// Takes `scheme:` off the front, if there is one.
std::string take_scheme(const std::string& raw, std::string_view& rest)
{
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const char c = rest[i];
        if (c == ':') {
            if (i == 0) {
                throw url_failure(raw, "missing protocol scheme");
            }
            std::string scheme(rest.substr(0, i));
            std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                           [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter; });
            rest.remove_prefix(i + 1);
            return scheme;
        }
        const bool inner = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (!is_letter(c) && !(inner && i > 0)) {
            return "";
        }
    }
    return "";
}

std::string parse_authority(const std::string& raw, std::string_view authority)
{
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        authority.remove_prefix(at + 1);
    }
    if (const auto colon = authority.rfind(':'); colon != std::string_view::npos) {
        const std::string_view port = authority.substr(colon + 1);
        if (!std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) {
            throw url_failure(raw, "invalid port " + go_quoted(authority.substr(colon)) + " after host");
        }
    }
    return unescaped(raw, authority);
}

Url parse_url(const std::string& raw)
{
    if (std::any_of(raw.begin(), raw.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
        throw url_failure(raw, "net/url: invalid control character in URL");
    }
    std::string_view rest = raw;
    rest = rest.substr(0, rest.find('#'));
    Url url;
    url.scheme = take_scheme(raw, rest);
    rest = rest.substr(0, rest.find('?'));
    if (!rest.starts_with('/')) {
        if (!url.scheme.empty()) {
            url.opaque = std::string(rest);
            return url;
        }
        if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) {
            throw url_failure(raw, "first path segment in URL cannot contain colon");
        }
    }
    if (rest.starts_with("//") && (!url.scheme.empty() || !rest.starts_with("///"))) {
        const std::string_view authority = rest.substr(2, rest.find('/', 2) - 2);
        rest.remove_prefix(std::min(rest.size(), authority.size() + 2));
        url.host = parse_authority(raw, authority);
    }
    url.path = unescaped(raw, rest);
    return url;
}

} // namespace

Uri parse_uri(const std::string& text)
{
    const Url url = parse_url(text);
    if (!url.scheme.empty() && url.scheme != "secret") {
        throw Failure("secret URI scheme " + go_quoted(url.scheme) + " not valid", "not valid");
    }
    if (!url.host.empty() && !contains_uuid(url.host)) {
        throw Failure("host controller UUID " + go_quoted(url.host) + " not valid", "not valid");
    }
    std::string name = url.path.substr(std::min(url.path.find_first_not_of('/'), url.path.size()));
    if (name.empty()) {
        name = url.opaque;
    }
    Uri uri{url.host, name};
    if (name.size() == 57 && name[36] == '/' && is_uuid(name.substr(0, 36))) {
        uri = {name.substr(0, 36), name.substr(37)};
    }
    if (!is_secret_id(uri.id)) {
        throw Failure("secret URI " + go_quoted(text) + " not valid", "not valid");
    }
    return uri;
}

} // namespace juju::mock
