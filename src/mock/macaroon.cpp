#include "mock/macaroon.hpp"

#include "mock/base64_text.hpp"

#include <macaroons.h>

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

namespace juju::mock {
namespace {

constexpr std::size_t max_part_bytes = 32'000; // libmacaroons asserts less than 32 KiB
constexpr std::size_t max_caveats = 64;
constexpr std::size_t signature_bytes = 32;
constexpr std::size_t verification_id_bytes = 72; // nonce, authenticator and key: libmacaroons asserts it

struct Destroy {
    void operator()(macaroon* held) const { macaroon_destroy(held); }
    void operator()(macaroon_verifier* held) const { macaroon_verifier_destroy(held); }
};
using Handle = std::unique_ptr<macaroon, Destroy>;

const unsigned char* bytes_of(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

Handle checked(macaroon* made)
{
    if (made == nullptr) {
        throw std::bad_alloc();
    }
    return Handle(made);
}

void append_packet(std::string& out, std::string_view name, std::string_view value)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    const std::size_t size = 4 + name.size() + 1 + value.size() + 1;
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += digits[(size >> static_cast<unsigned>(shift)) & 0xFU];
    }
    out.append(name).append(1, ' ').append(value).append(1, '\n');
}

/// The V1 binary form: the only one that libmacaroons as Debian builds it reads and writes.
std::string to_binary(const Macaroon& macaroon)
{
    std::string out;
    append_packet(out, "location", macaroon.location);
    append_packet(out, "identifier", macaroon.id);
    for (const MacaroonCaveat& caveat : macaroon.caveats) {
        append_packet(out, "cid", caveat.id);
        if (!caveat.verification_id.empty()) {
            append_packet(out, "vid", caveat.verification_id);
            append_packet(out, "cl", caveat.location);
        }
    }
    append_packet(out, "signature", macaroon.signature);
    return out;
}

/// Takes a packet off the front. @return its name and value
std::optional<std::pair<std::string, std::string>> take_packet(std::string_view& rest)
{
    std::size_t size = 0;
    for (const char c : rest.substr(0, 4)) {
        const auto digit = std::string_view("0123456789abcdef").find(c);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        size = size * 16 + digit;
    }
    if (size < 6 || size > rest.size() || rest[size - 1] != '\n') {
        return std::nullopt;
    }
    const std::string_view packet = rest.substr(4, size - 5);
    rest.remove_prefix(size);
    const auto space = packet.find(' ');
    if (space == std::string_view::npos) {
        return std::nullopt;
    }
    return std::pair(std::string(packet.substr(0, space)), std::string(packet.substr(space + 1)));
}

std::optional<Macaroon> from_binary(std::string_view rest)
{
    Macaroon macaroon;
    while (!rest.empty()) {
        auto packet = take_packet(rest);
        if (!packet) {
            return std::nullopt;
        }
        auto& [name, value] = *packet;
        const bool of_caveat = name == "vid" || name == "cl";
        if (of_caveat && macaroon.caveats.empty()) {
            return std::nullopt;
        }
        if (name == "location") {
            macaroon.location = std::move(value);
        } else if (name == "identifier") {
            macaroon.id = std::move(value);
        } else if (name == "cid") {
            macaroon.caveats.emplace_back().id = std::move(value);
        } else if (name == "vid") {
            macaroon.caveats.back().verification_id = std::move(value);
        } else if (name == "cl") {
            macaroon.caveats.back().location = std::move(value);
        } else if (name == "signature") {
            macaroon.signature = std::move(value);
        } else {
            return std::nullopt;
        }
    }
    return macaroon;
}

Handle to_handle(const Macaroon& macaroon)
{
    macaroon_returncode error{};
    return Handle(macaroon_deserialize(to_base64url(to_binary(macaroon)).c_str(), &error));
}

Macaroon from_handle(const Handle& handle)
{
    macaroon_returncode error{};
    std::string text(macaroon_serialize_size_hint(handle.get()), '\0');
    if (macaroon_serialize(handle.get(), text.data(), text.size(), &error) != 0) {
        throw std::bad_alloc();
    }
    return from_binary(*from_base64(text.substr(0, text.find('\0')))).value();
}

bool is_utf8(std::string_view text)
{
    try {
        (void)Json(std::string(text)).dump();
        return true;
    } catch (const Json::exception&) {
        return false;
    }
}

/// Text under its plain name, else base64 under `name64`.
void put_v2(Json& object, const char* name, const std::string& value)
{
    if (is_utf8(value) && std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; })) {
        object[name] = value;
    } else {
        object[name + std::string("64")] = to_base64url(value);
    }
}

Json v2_json(const Macaroon& macaroon)
{
    Json json = Json::object();
    if (!macaroon.caveats.empty()) {
        json["c"] = Json::array();
    }
    for (const MacaroonCaveat& caveat : macaroon.caveats) {
        Json entry = Json::object();
        put_v2(entry, "i", caveat.id);
        if (!caveat.verification_id.empty()) {
            entry["v64"] = to_base64url(caveat.verification_id);
            entry["l"] = caveat.location;
        }
        json["c"].push_back(std::move(entry));
    }
    if (!macaroon.location.empty()) {
        json["l"] = macaroon.location;
    }
    put_v2(json, "i", macaroon.id);
    json["s64"] = to_base64url(macaroon.signature);
    return json;
}

std::string to_hex(std::string_view bytes)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4U];
        text += digits[static_cast<unsigned char>(c) & 0xFU];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text)
{
    std::string bytes;
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = std::string_view("0123456789abcdef").find(text[i]);
        const auto low = std::string_view("0123456789abcdef").find(text[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

Json v1_json(const Macaroon& macaroon)
{
    Json json = Json::object();
    json["caveats"] = Json::array();
    for (const MacaroonCaveat& caveat : macaroon.caveats) {
        Json entry = Json::object();
        entry["cid"] = caveat.id;
        if (!caveat.verification_id.empty()) {
            entry["vid"] = to_base64url(caveat.verification_id);
            entry["cl"] = caveat.location;
        }
        json["caveats"].push_back(std::move(entry));
    }
    json["location"] = macaroon.location;
    json["identifier"] = macaroon.id;
    json["signature"] = to_hex(macaroon.signature);
    return json;
}

/// Thrown for what is no macaroon.
struct NotRead {};

std::string text_member(const Json& object, std::string_view name)
{
    const Json* value = find_member(object, name);
    if (value == nullptr) {
        return "";
    }
    if (!value->is_string()) {
        throw NotRead();
    }
    return value->get<std::string>();
}

std::string decoded(std::optional<std::string> bytes)
{
    if (!bytes) {
        throw NotRead();
    }
    return std::move(*bytes);
}

std::string v2_member(const Json& object, const std::string& name)
{
    const std::string text = text_member(object, name);
    return text.empty() ? decoded(from_base64(text_member(object, name + "64"))) : text;
}

Macaroon read_json(const Json& json)
{
    Macaroon macaroon;
    const bool v1 = find_member(json, "signature") != nullptr;
    macaroon.location = text_member(json, v1 ? "location" : "l");
    macaroon.id = v1 ? text_member(json, "identifier") : v2_member(json, "i");
    macaroon.signature = v1 ? decoded(from_hex(text_member(json, "signature"))) : v2_member(json, "s");
    const Json* caveats = find_member(json, v1 ? "caveats" : "c");
    if (caveats == nullptr) {
        return macaroon;
    }
    if (!caveats->is_array()) {
        throw NotRead();
    }
    for (const Json& entry : *caveats) {
        MacaroonCaveat caveat;
        caveat.id = v1 ? text_member(entry, "cid") : v2_member(entry, "i");
        caveat.verification_id = v1 ? decoded(from_base64(text_member(entry, "vid"))) : v2_member(entry, "v");
        caveat.location = text_member(entry, v1 ? "cl" : "l");
        macaroon.caveats.push_back(std::move(caveat));
    }
    return macaroon;
}

bool is_bounded(const Macaroon& macaroon)
{
    const auto small = [](const std::string& part) { return part.size() <= max_part_bytes; };
    const auto caveat_fits = [&](const MacaroonCaveat& caveat) {
        const bool sound = caveat.verification_id.empty() || caveat.verification_id.size() == verification_id_bytes;
        return sound && !caveat.id.empty() && small(caveat.id) && small(caveat.location);
    };
    return macaroon.signature.size() == signature_bytes && !macaroon.id.empty() && small(macaroon.id) && small(macaroon.location) &&
           macaroon.caveats.size() <= max_caveats && std::all_of(macaroon.caveats.begin(), macaroon.caveats.end(), caveat_fits);
}

int check_condition(void* context, const unsigned char* text, std::size_t size)
{
    const auto& holds = *static_cast<const std::function<bool(std::string_view)>*>(context);
    return holds(std::string_view(reinterpret_cast<const char*>(text), size)) ? 0 : -1;
}

} // namespace

Json macaroon_json(const Macaroon& macaroon, MacaroonForm form)
{
    return form == MacaroonForm::v1 ? v1_json(macaroon) : v2_json(macaroon);
}

std::optional<Macaroon> read_macaroon(const Json& json)
{
    std::optional<Macaroon> macaroon;
    try {
        if (json.is_string()) {
            const auto binary = from_base64(json.get<std::string>());
            macaroon = binary ? from_binary(*binary) : std::nullopt;
        } else if (json.is_object()) {
            macaroon = read_json(json);
        }
    } catch (const NotRead&) {
        return std::nullopt;
    }
    return macaroon && is_bounded(*macaroon) ? macaroon : std::nullopt;
}

Macaroon make_macaroon(std::string_view key, std::string_view location, std::string_view id)
{
    macaroon_returncode error{};
    return from_handle(
        checked(macaroon_create(bytes_of(location), location.size(), bytes_of(key), key.size(), bytes_of(id), id.size(), &error)));
}

Macaroon with_condition(const Macaroon& macaroon, std::string_view condition)
{
    macaroon_returncode error{};
    const Handle before = to_handle(macaroon);
    return from_handle(checked(macaroon_add_first_party_caveat(before.get(), bytes_of(condition), condition.size(), &error)));
}

Macaroon with_third_party(const Macaroon& macaroon, std::string_view location, std::string_view key, std::string_view id)
{
    macaroon_returncode error{};
    const Handle before = to_handle(macaroon);
    return from_handle(checked(macaroon_add_third_party_caveat(before.get(), bytes_of(location), location.size(), bytes_of(key), key.size(),
                                                               bytes_of(id), id.size(), &error)));
}

bool is_valid(const Macaroon& primary, const std::vector<Macaroon>& discharges, std::string_view key,
              const std::function<bool(std::string_view condition)>& holds)
{
    std::size_t third_parties = 0;
    std::vector<Handle> handles;
    std::vector<macaroon*> pointers;
    const auto add = [&](const Macaroon& macaroon) {
        third_parties += static_cast<std::size_t>(std::count_if(macaroon.caveats.begin(), macaroon.caveats.end(),
                                                                [](const auto& caveat) { return !caveat.verification_id.empty(); }));
        handles.push_back(to_handle(macaroon));
        pointers.push_back(handles.back().get());
    };
    add(primary);
    for (const Macaroon& discharge : discharges) {
        add(discharge);
    }
    if (third_parties != discharges.size() || std::find(pointers.begin(), pointers.end(), nullptr) != pointers.end()) {
        return false;
    }
    macaroon_returncode error{};
    const std::unique_ptr<macaroon_verifier, Destroy> verifier(macaroon_verifier_create());
    auto* context = const_cast<std::function<bool(std::string_view)>*>(&holds);
    if (!verifier || macaroon_verifier_satisfy_general(verifier.get(), check_condition, context, &error) != 0) {
        throw std::bad_alloc();
    }
    return macaroon_verify(verifier.get(), pointers.front(), bytes_of(key), key.size(), pointers.data() + 1, pointers.size() - 1, &error) ==
           0;
}

} // namespace juju::mock
