#include "store/cookie_jar.hpp"

#include "local_error.hpp"
#include "log.hpp"
#include "store/file.hpp"
#include "store/lock.hpp"
#include "wire/any_base64.hpp"
#include "wire/json.hpp"
#include "wire/printable.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace juju::store {
namespace {

using wire::Json;

constexpr auto tombstone_life = std::chrono::hours(24);
constexpr auto session_limit = std::chrono::minutes(1);
constexpr auto default_life = std::chrono::hours(24) * 36'500;

struct Cookie {
    std::string name;
    std::string domain;
    std::string path;
    std::string canonical_host;
    bool persistent = false;
    bool host_only = false;
    Time expires;
    Time creation;
    Time updated;
    Json members; ///< All of them, unknown ones too.

    std::string id() const { return domain + ';' + path + ';' + name; }
    std::string_view value() const
    {
        const auto found = members.find("Value");
        return found == members.end() || !found->is_string() ? std::string_view() : std::string_view(found->get_ref<const WipingString&>());
    }
};

/// Reads one entry of the jar; false when a member is of the wrong kind.
class CookieReader {
public:
    explicit CookieReader(const Json& entry) : entry_(entry) {}

    bool read(Cookie& cookie)
    {
        if (!entry_.is_object())
            return false;
        std::string unused;
        bool unused_flag = false;
        Time unused_time;
        const bool ok = text("Name", cookie.name) && text("Domain", cookie.domain) && text("Path", cookie.path) &&
                        text("CanonicalHost", cookie.canonical_host) && text_kind("Value") && flag("Persistent", cookie.persistent) &&
                        flag("HostOnly", cookie.host_only) && flag("Secure", unused_flag) && flag("HttpOnly", unused_flag) &&
                        time("Expires", cookie.expires) && time("Creation", cookie.creation) && time("Updated", cookie.updated) &&
                        time("LastAccess", unused_time);
        cookie.members = entry_;
        return ok;
    }

private:
    const Json* member(const char* name) const
    {
        const auto found = entry_.find(name);
        return found == entry_.end() || found->is_null() ? nullptr : &*found;
    }

    bool text_kind(const char* name) const
    {
        const Json* value = member(name);
        return value == nullptr || value->is_string();
    }

    bool text(const char* name, std::string& out) const
    {
        const Json* value = member(name);
        if (value == nullptr)
            return true;
        if (!value->is_string())
            return false;
        out = value->get_ref<const WipingString&>();
        return true;
    }

    bool flag(const char* name, bool& out) const
    {
        const Json* value = member(name);
        if (value == nullptr)
            return true;
        if (!value->is_boolean())
            return false;
        out = value->get<bool>();
        return true;
    }

    bool time(const char* name, Time& out) const
    {
        std::string written;
        if (!text(name, written))
            return false;
        out = Time::min();
        if (written.empty())
            return member(name) == nullptr;
        const auto parsed = parse_cookie_time(written);
        out = parsed.value_or(out);
        return parsed.has_value();
    }

    const Json& entry_;
};

/// The entries of the jar, or none when it is JSON of another shape.
std::vector<Cookie> read_cookies(const Json& json, const std::string& path)
{
    std::vector<Cookie> cookies;
    bool ok = json.is_array() || json.is_null();
    for (auto entry = json.begin(); ok && json.is_array() && entry != json.end(); ++entry) {
        Cookie cookie;
        ok = CookieReader(*entry).read(cookie);
        cookies.push_back(std::move(cookie));
    }
    if (!ok) {
        log::warn("{}: the cookies are not in the known format, and are ignored", wire::printable(path));
        return {};
    }
    std::erase_if(cookies, [](const Cookie& cookie) { return cookie.canonical_host.empty(); });
    return cookies;
}

/// Of cookies with the same id the one that was changed last.
std::map<std::string, Cookie> merged(std::vector<Cookie> cookies)
{
    std::map<std::string, Cookie> result;
    for (auto& cookie : cookies) {
        auto id = cookie.id();
        const auto found = result.find(id);
        if (found == result.end() || cookie.updated > found->second.updated)
            result.insert_or_assign(std::move(id), std::move(cookie));
    }
    return result;
}

/// Longest path first, then the oldest; then anything that is always the same.
bool goes_before(const Cookie& a, const Cookie& b)
{
    if (a.path.size() != b.path.size())
        return a.path.size() > b.path.size();
    if (a.creation != b.creation)
        return a.creation < b.creation;
    return a.name != b.name ? a.name < b.name : a.value() < b.value();
}

/// In lower case, without port and final dot.
std::string canonical(std::string host)
{
    const auto colon = host.rfind(':');
    const bool has_port = colon != std::string::npos && (host.find(':') == colon || host[colon - 1] == ']');
    if (has_port)
        host.resize(colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    if (host.ends_with('.'))
        host.pop_back();
    std::ranges::transform(host, host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return host;
}

/// Whether a cookie goes with a request for https://HOST/, which no path but "/" covers.
bool applies(const Cookie& cookie, const std::string& host, Time now)
{
    const bool domain = cookie.domain == host || (!cookie.host_only && host.ends_with('.' + cookie.domain));
    return domain && cookie.path == "/" && cookie.expires > now;
}

bool is_array(const SecretValue& json)
{
    return wire::parse_json(json.text()).is_array();
}

/// The jar's JSON, or where it is broken. JSON that is not looked into is an empty object, which is no jar.
wire::ParsedJson parse(std::string_view text)
{
    if (text.empty())
        return {};
    auto parsed = wire::read_json(text);
    if (!parsed.broken_at && parsed.json.is_discarded())
        parsed.json = Json::object();
    if (parsed.broken_at) {
        parsed.json = Json();
        parsed.broken_at = std::min(*parsed.broken_at, text.size() - 1);
    }
    return parsed;
}

[[noreturn]] void fail_reading(const std::string& path, const std::string& problem)
{
    throw detail::local_error(errc::invalid_store, "cannot load cookies: " + wire::printable(path) + problem);
}

[[noreturn]] void fail_to(const char* action, const std::string& path, int error)
{
    throw detail::local_error(errc::unreadable_file, std::string(action) + ' ' + wire::printable(path) + ": " + reason(error));
}

WipingString read_text(const std::string& path)
{
    const auto file = open_file(path, O_RDONLY | O_NONBLOCK);
    if (!file && errno == ENOENT)
        return "null";
    if (!file)
        fail_to("open", path, errno);
    auto text = read_all(file, path);
    if (!text)
        fail_reading(path, ": larger than " + std::to_string(max_file_size) + " bytes");
    return *std::move(text);
}

/// Reads a jar that others may be writing: it is empty first, and then grows.
Json read_jar(const std::string& path)
{
    constexpr int tries = 5;
    for (int left = tries;; --left) {
        const auto text = read_text(path);
        auto parsed = parse(text);
        if (!parsed.broken_at && (!text.empty() || left == 1))
            return std::move(parsed.json);
        if (left == 1) {
            const auto before = std::string_view(text).substr(0, *parsed.broken_at);
            const auto line = std::ranges::count(before, '\n') + 1;
            const auto column = before.size() - (before.rfind('\n') + 1) + 1;
            fail_reading(path, ':' + std::to_string(line) + ':' + std::to_string(column) + ": not valid JSON");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

/// Go writes these escaped, so that JSON can stand in HTML.
WipingString go_json(const Json& json)
{
    const WipingString text = wire::dump(json);
    WipingString result;
    result.reserve(text.size() + 64);
    for (const char c : text) {
        if (c == '<')
            result += "\\u003c";
        else if (c == '>')
            result += "\\u003e";
        else if (c == '&')
            result += "\\u0026";
        else
            result += c;
    }
    return result;
}

WipingString jar_text(std::map<std::string, Cookie> cookies, Time now)
{
    std::vector<Cookie> kept;
    for (auto& [id, cookie] : cookies) {
        const bool gone = cookie.expires <= now && cookie.updated <= now - tombstone_life;
        if (cookie.persistent && !gone)
            kept.push_back(std::move(cookie));
    }
    std::ranges::sort(kept, [](const Cookie& a, const Cookie& b) {
        return a.canonical_host != b.canonical_host ? a.canonical_host < b.canonical_host : goes_before(a, b);
    });
    Json array = kept.empty() ? Json() : Json::array();
    for (auto& cookie : kept)
        array.push_back(std::move(cookie.members));
    return go_json(array) + "\n";
}

Cookie make_cookie(const std::string& host, const std::string& name, const SecretValue& slice, Time expires, Time now)
{
    Cookie cookie;
    cookie.name = name;
    cookie.domain = host;
    cookie.path = "/";
    cookie.canonical_host = host;
    cookie.persistent = true;
    cookie.host_only = true;
    cookie.expires = expires;
    cookie.creation = now;
    cookie.updated = now;
    auto& members = cookie.members;
    members["Name"] = name;
    members["Value"] = WipingString(slice.base64().text());
    members["Domain"] = host;
    members["Path"] = "/";
    members["Secure"] = false;
    members["HttpOnly"] = false;
    members["Persistent"] = true;
    members["HostOnly"] = true;
    members["Expires"] = cookie_time_text(expires);
    members["Creation"] = cookie_time_text(now);
    members["LastAccess"] = cookie_time_text(now);
    members["Updated"] = cookie_time_text(now);
    members["CanonicalHost"] = host;
    return cookie;
}

/// Puts a cookie among the others, unless there is a newer one; it was created when its predecessor was.
void put(std::map<std::string, Cookie>& cookies, Cookie cookie)
{
    const auto found = cookies.find(cookie.id());
    if (found == cookies.end()) {
        cookies.emplace(cookie.id(), std::move(cookie));
        return;
    }
    if (found->second.updated > cookie.updated)
        return;
    if (const auto creation = found->second.members.find("Creation"); creation != found->second.members.end())
        cookie.members["Creation"] = *creation;
    cookie.creation = found->second.creation;
    found->second = std::move(cookie);
}

void make_directory(const std::string& jar)
{
    const auto directory = std::filesystem::path(jar).parent_path();
    std::error_code error;
    if (std::filesystem::is_directory(directory, error))
        return;
    if (std::filesystem::create_directories(directory.parent_path(), error); error)
        fail_to("mkdir", directory.parent_path(), error.value());
    if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        fail_to("mkdir", directory, errno);
}

} // namespace

std::string cookie_host(const Controller& controller)
{
    return controller.public_hostname.empty() ? controller.uuid : controller.public_hostname;
}

std::vector<SecretValue> CookieJar::macaroon_slices(const std::string& host, Time now) const
{
    const auto wanted = canonical(host);
    std::vector<Cookie> chosen;
    for (auto& [id, cookie] : merged(read_cookies(read_jar(path_), path_)))
        if (applies(cookie, wanted, now) && cookie.name.starts_with("macaroon-"))
            chosen.push_back(cookie);
    std::ranges::sort(chosen, goes_before);
    std::vector<SecretValue> slices;
    for (const auto& cookie : chosen) {
        auto slice = wire::decode_any_base64(cookie.value());
        if (slice.decodable() && is_array(slice))
            slices.push_back(std::move(slice));
    }
    return slices;
}

void CookieJar::save(const std::string& host, const std::string& name, const SecretValue& slice_json, std::optional<Time> expires, Time now)
{
    const Time end = expires.value_or(now + default_life);
    if (end < now + session_limit)
        return;
    make_directory(path_);
    const JarLock lock(path_ + ".lock");
    const auto file = open_file(path_, O_RDWR | O_CREAT | O_NONBLOCK);
    if (!file)
        fail_to("open", path_, errno);
    const auto text = read_all(file, path_);
    auto parsed = text ? parse(*text) : wire::ParsedJson();
    if (!text || parsed.broken_at)
        log::warn("{}: the cookies cannot be read, and are replaced", wire::printable(path_));
    auto cookies = merged(read_cookies(parsed.json, path_));
    put(cookies, make_cookie(canonical(host), name, slice_json, end, now));
    const auto written = jar_text(std::move(cookies), now);
    if (::ftruncate(file.number(), 0) != 0 || ::lseek(file.number(), 0, SEEK_SET) != 0)
        fail_to("write", path_, errno);
    write_all(file, written, path_);
}

} // namespace juju::store
