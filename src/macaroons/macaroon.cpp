#include "macaroons/macaroon.hpp"

#include "macaroons/binary.hpp"
#include "macaroons/encoding.hpp"
#include "macaroons/members.hpp"
#include "store/cookie_time.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <utility>

namespace juju::macaroons {
namespace {

using wire::Json;

constexpr std::size_t signature_bytes = 32;
constexpr std::size_t max_caveats = 100;

/// What the members are called in a version of the JSON form.
struct Names {
    const char* location;
    const char* id;
    const char* caveats;
    const char* caveat_id;
    const char* verification_id;
    const char* caveat_location;
};

constexpr Names names_1{"location", "identifier", "caveats", "cid", "vid", "cl"};
constexpr Names names_2{"l", "i", "c", "i", "v", "l"};

bool is_version_1(const Json& json)
{
    return json.contains("identifier") || json.contains("signature");
}

WipingString required(std::optional<WipingString> bytes, const char* what)
{
    if (!bytes || bytes->empty())
        fail_malformed(std::string("it has ") + what);
    return std::move(*bytes);
}

std::string plain_text(const std::optional<WipingString>& text)
{
    return text ? std::string(*text) : std::string();
}

/// Empty bytes are none.
std::optional<WipingString> unless_empty(std::optional<WipingString> bytes)
{
    return bytes && !bytes->empty() ? std::move(bytes) : std::nullopt;
}

Caveat read_caveat(const Json& json, const Names& names, bool version_1)
{
    if (!json.is_object())
        fail_malformed("a caveat is not an object");
    auto id = version_1 ? text_member(json, names.caveat_id) : bytes_member(json, names.caveat_id);
    auto verification = version_1 ? base64_member(json, names.verification_id) : bytes_member(json, names.verification_id);
    return {required(std::move(id), "a caveat without identifier"), unless_empty(std::move(verification)),
            plain_text(text_member(json, names.caveat_location))};
}

std::vector<Caveat> read_caveats(const Json& json, const Names& names, bool version_1)
{
    std::vector<Caveat> caveats;
    const Json* list = find_member(json, names.caveats);
    if (list == nullptr)
        return caveats;
    if (!list->is_array())
        fail_malformed(std::string(names.caveats) + " is not a list");
    if (list->size() > max_caveats)
        fail_malformed("it has more than " + std::to_string(max_caveats) + " caveats");
    caveats.reserve(list->size());
    for (const Json& entry : *list)
        caveats.push_back(read_caveat(entry, names, version_1));
    return caveats;
}

WipingString read_signature(const Json& json, bool version_1)
{
    if (!version_1)
        return bytes_member(json, "s").value_or(WipingString());
    const auto text = text_member(json, "signature");
    auto bytes = from_hex(text ? std::string_view(*text) : std::string_view());
    if (!bytes)
        fail_malformed("signature is not hex");
    return std::move(*bytes);
}

/// Text under its name where that is possible, else base64 under the other name.
void put_bytes(Json& object, const char* name, const WipingString& bytes)
{
    if (is_plain_text(bytes))
        object[name] = bytes;
    else
        object[WipingString(name) + "64"] = to_base64url(bytes);
}

void put_signature(Json& json, const WipingString& signature, bool version_1)
{
    if (version_1) {
        json["signature"] = to_hex(signature);
        return;
    }
    json.erase("s");
    json["s64"] = to_base64url(signature);
}

Json caveat_json(const BinaryCaveat& caveat, const Names& names, bool version_1)
{
    Json json = Json::object();
    if (version_1)
        json[names.caveat_id] = caveat.id;
    else
        put_bytes(json, names.caveat_id, caveat.id);
    if (caveat.verification_id)
        json[version_1 ? "vid" : "v64"] = to_base64url(*caveat.verification_id);
    if (!caveat.location.empty())
        json[names.caveat_location] = caveat.location;
    return json;
}

/// Whether the JSON form of version 1, which holds texts only, can express it.
bool fits_version_1(const BinaryMacaroon& macaroon)
{
    return macaroon.version == 1 && is_utf8(macaroon.id) &&
           std::ranges::all_of(macaroon.caveats, [](const BinaryCaveat& caveat) { return is_utf8(caveat.id); });
}

Json to_json(const BinaryMacaroon& macaroon)
{
    const bool version_1 = fits_version_1(macaroon);
    const Names& names = version_1 ? names_1 : names_2;
    Json caveats = Json::array();
    for (const auto& caveat : macaroon.caveats)
        caveats.push_back(caveat_json(caveat, names, version_1));
    Json json = Json::object();
    if (!caveats.empty())
        json[names.caveats] = std::move(caveats);
    if (!macaroon.location.empty())
        json[names.location] = macaroon.location;
    if (version_1)
        json[names.id] = macaroon.id;
    else
        put_bytes(json, names.id, macaroon.id);
    put_signature(json, macaroon.signature, version_1);
    return json;
}

Json binary_to_json(const WipingString& text)
{
    const auto bytes = from_base64(text);
    if (!bytes)
        fail_malformed("it is not base64");
    const auto macaroon = read_binary(*bytes, max_caveats);
    const bool texts = is_utf8(macaroon.location) &&
                       std::ranges::all_of(macaroon.caveats, [](const BinaryCaveat& caveat) { return is_utf8(caveat.location); });
    if (!texts)
        fail_malformed("a location in it is not UTF-8");
    return to_json(macaroon);
}

WipingString hmac_sha256(std::string_view key, std::string_view data)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const auto* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
                            data.size(), digest.data(), &size);
    if (made == nullptr || size != signature_bytes)
        throw std::bad_alloc();
    WipingString result(reinterpret_cast<const char*>(digest.data()), size);
    OPENSSL_cleanse(digest.data(), digest.size());
    return result;
}

} // namespace

Caveat::Caveat(WipingString caveat_id, std::optional<WipingString> verification, std::string where)
    : id(std::move(caveat_id)), verification_id(std::move(verification)), location(std::move(where))
{
}

Macaroon Macaroon::parse(const Json& json)
{
    check_limits(json);
    Macaroon macaroon;
    if (json.is_string())
        macaroon.read_object(binary_to_json(json.get_ref<const WipingString&>()));
    else if (json.is_object())
        macaroon.read_object(json);
    else
        fail_malformed("it is neither an object nor a text");
    return macaroon;
}

void Macaroon::read_object(const Json& json)
{
    const bool version_1 = is_version_1(json);
    const Names& names = version_1 ? names_1 : names_2;
    location_ = plain_text(text_member(json, names.location));
    id_ = required(version_1 ? text_member(json, names.id) : bytes_member(json, names.id), "no identifier");
    caveats_ = read_caveats(json, names, version_1);
    signature_ = read_signature(json, version_1);
    if (signature_.size() != signature_bytes)
        fail_malformed("it has no signature of 32 bytes");
    json_ = json;
}

Macaroon Macaroon::bound_to(const Macaroon& primary) const
{
    Macaroon bound = *this;
    if (signature_ == primary.signature_)
        return bound;
    const WipingString zeros(signature_bytes, '\0');
    bound.signature_ = hmac_sha256(zeros, hmac_sha256(zeros, primary.signature_) + hmac_sha256(zeros, signature_));
    put_signature(bound.json_, bound.signature_, is_version_1(json_));
    return bound;
}

WipingString Macaroon::json() const
{
    return wire::dump(json_);
}

std::string Macaroon::cookie_name() const
{
    return "macaroon-" + std::string(to_hex(signature_));
}

std::optional<Time> Macaroon::expiry() const
{
    constexpr std::string_view condition = "time-before ";
    std::optional<Time> earliest;
    for (const auto& caveat : caveats_) {
        const std::string_view id = caveat.id;
        if (caveat.verification_id || !id.starts_with(condition))
            continue;
        const auto time = store::parse_cookie_time(id.substr(condition.size()));
        if (time && (!earliest || *time < *earliest))
            earliest = time;
    }
    return earliest;
}

} // namespace juju::macaroons
