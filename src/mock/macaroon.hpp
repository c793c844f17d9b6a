#pragma once

#include "mock/json.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

struct MacaroonCaveat {
    std::string id;              ///< a condition, or what a third party knows its condition by
    std::string verification_id; ///< of a third party's; else empty
    std::string location;        ///< of the third party
};

/// A macaroon taken apart. Everything is bytes.
struct Macaroon {
    std::string location;
    std::string id;
    std::string signature; ///< 32 bytes
    std::vector<MacaroonCaveat> caveats;
};

enum class MacaroonForm { v1, v2 };

/// As macaroon.v2 writes it in Go (client-store.md, "Reusing macaroons"). V1 holds texts only.
Json macaroon_json(const Macaroon& macaroon, MacaroonForm form);
/// Reads the V1 and V2 JSON form, and a text with the base64 of the V1 binary form. None for anything else, and for what no
/// controller mints: a part of 32 KiB or more, or more than 64 caveats.
std::optional<Macaroon> read_macaroon(const Json& json);

Macaroon make_macaroon(std::string_view key, std::string_view location, std::string_view id);
Macaroon with_condition(const Macaroon& macaroon, std::string_view condition);
Macaroon with_third_party(const Macaroon& macaroon, std::string_view location, std::string_view key, std::string_view id);

/// Was `primary` minted with `key`, is every third party's caveat of it discharged by one of the bound discharges, and does
/// every condition of all of them hold? Each discharge must be needed.
bool is_valid(const Macaroon& primary, const std::vector<Macaroon>& discharges, std::string_view key,
              const std::function<bool(std::string_view condition)>& holds);

} // namespace juju::mock
