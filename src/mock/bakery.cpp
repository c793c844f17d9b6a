#include "mock/bakery.hpp"

#include "mock/base64_text.hpp"
#include "mock/names.hpp"
#include "mock/time_text.hpp"

#include <set>
#include <utility>

namespace juju::mock {
namespace {

constexpr std::size_t max_macaroons_of_slice = 64;
constexpr std::string_view time_before = "time-before ";
constexpr std::string_view declared_username = "declared username ";
/// The id of a caveat whose content travels beside the macaroon: version 3, number 0.
const std::string short_caveat_id("\x03\x00", 2);

/// What only this bakery can read. Versions 0 and 1 are texts, later ones start with their number.
std::string opaque(int version)
{
    const std::string random = random_hex(64);
    return version < 2 ? random : static_cast<char>(version) + std::string("\xff") + random;
}

Json wrapped(const Macaroon& macaroon)
{
    Json json = Json::object();
    json["m"] = macaroon_json(macaroon, MacaroonForm::v2);
    json["v"] = 3;
    return json;
}

MacaroonForm form_of(int version)
{
    return version < 2 ? MacaroonForm::v1 : MacaroonForm::v2;
}

std::vector<Macaroon> read_slice(const Json& slice)
{
    std::vector<Macaroon> macaroons;
    if (!slice.is_array() || slice.size() > max_macaroons_of_slice) {
        return macaroons;
    }
    for (const Json& entry : slice) {
        std::optional<Macaroon> macaroon = read_macaroon(entry);
        if (!macaroon) {
            return {};
        }
        macaroons.push_back(std::move(*macaroon));
    }
    return macaroons;
}

} // namespace

LoginMacaroon Bakery::mint(Audience audience, int version, const std::string& name, const std::string& location,
                           const std::string& condition, MockTime expiry)
{
    const std::string id = opaque(version);
    const std::string key = random_hex(32);
    const std::string caveat = opaque(version);
    root_keys_.insert_or_assign(id, RootKey{key, audience});
    const ThirdPartyCaveat& party = caveats_.insert_or_assign(caveat, ThirdPartyCaveat{condition, random_hex(32), version}).first->second;
    const Macaroon dated = with_condition(make_macaroon(key, name, id), std::string(time_before) + time_text(expiry));
    const Macaroon whole = with_third_party(dated, location, party.key, version < 3 ? caveat : short_caveat_id);
    LoginMacaroon minted;
    minted.bare = macaroon_json(whole, form_of(version));
    minted.bakery = minted.bare;
    if (version >= 3) {
        minted.bakery = wrapped(whole);
        minted.bakery["cdata"] = Json::object();
        minted.bakery["cdata"][to_base64url(short_caveat_id)] = to_base64url(caveat);
        minted.bakery["ns"] = "std:";
    }
    return minted;
}

std::optional<std::string> Bakery::declared_user(Audience audience, const Json& slices, MockTime now) const
{
    if (!slices.is_array()) {
        return std::nullopt;
    }
    for (const Json& entry : slices) {
        std::vector<Macaroon> slice = read_slice(entry);
        const auto root = slice.empty() ? root_keys_.end() : root_keys_.find(slice.front().id);
        if (root == root_keys_.end() || root->second.audience != audience) {
            continue;
        }
        std::set<std::string> users;
        const auto holds = [&](std::string_view condition) {
            if (condition.starts_with(declared_username)) {
                users.emplace(condition.substr(declared_username.size()));
                return true;
            }
            const bool dated = condition.starts_with(time_before);
            const auto end = dated ? parse_time(condition.substr(time_before.size())) : std::nullopt;
            return end && now < *end;
        };
        const Macaroon primary = slice.front();
        slice.erase(slice.begin());
        if (is_valid(primary, slice, root->second.key, holds)) {
            return users.size() == 1 ? *users.begin() : "";
        }
    }
    return std::nullopt;
}

const ThirdPartyCaveat* Bakery::find_caveat(const std::string& caveat) const
{
    const auto found = caveats_.find(caveat);
    return found == caveats_.end() ? nullptr : &found->second;
}

Json Bakery::discharge(const ThirdPartyCaveat& caveat, const std::string& id, const std::string& user, MockTime expiry)
{
    const Macaroon declared = with_condition(make_macaroon(caveat.key, "", id), std::string(declared_username) + user);
    const Macaroon whole = with_condition(declared, std::string(time_before) + time_text(expiry));
    if (caveat.version < 3) {
        return macaroon_json(whole, form_of(caveat.version));
    }
    Json json = wrapped(whole);
    json["ns"] = "std:";
    return json;
}

void Bakery::forget_all()
{
    root_keys_.clear();
    caveats_.clear();
}

} // namespace juju::mock
