#pragma once

#include "macaroons/macaroon.hpp"
#include "wiping_allocator.hpp"
#include "wire/json.hpp"

#include <utility>
#include <vector>

namespace juju::macaroons {

/// A macaroon as Juju and dischargers send it: in an object of its own since version 3 of the protocol (client-store 4.3), else bare.
class BakeryMacaroon {
public:
    /// Reads `{"m":MACAROON,"v":3,"cdata":{...},"ns":...}`, or anything that Macaroon::parse reads.
    /// @throws Error errc::malformed_reply, without anything of the contents in its text.
    static BakeryMacaroon parse(const wire::Json& json);

    const Macaroon& macaroon() const noexcept { return macaroon_; }

    /// What must be sent along with the caveat `id` to its third party; nullptr when there is nothing. Valid as long as this object.
    const WipingString* caveat_data(const WipingString& id) const noexcept;

private:
    explicit BakeryMacaroon(Macaroon macaroon) : macaroon_(std::move(macaroon)) {}

    Macaroon macaroon_;
    std::vector<std::pair<WipingString, WipingString>> caveat_data_; // by caveat id
};

} // namespace juju::macaroons
