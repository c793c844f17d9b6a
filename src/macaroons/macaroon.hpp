#pragma once

#include "wiping_allocator.hpp"
#include "wire/json.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace juju::macaroons {

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A condition on a macaroon: the holder's, or one that a third party must confirm.
struct Caveat {
    Caveat() {}
    Caveat(WipingString caveat_id, std::optional<WipingString> verification, std::string where);

    WipingString id;                             ///< the condition, or what the third party knows it by; any bytes
    std::optional<WipingString> verification_id; ///< of a third party's caveat; any bytes
    std::string location;                        ///< the third party's URL
};

/// A macaroon as its holder sees it: what it says can be read, but not checked. Whoever has its text can log in with it.
class Macaroon {
public:
    /// Reads the JSON object of version 1 or 2, or a text with base64 (either alphabet, padded or not) of the binary form of version 1
    /// or 2. At most 64 KiB, 100 caveats, and 32 levels of nesting.
    /// @throws Error errc::malformed_reply, without anything of the contents in its text.
    static Macaroon parse(const wire::Json& json);

    const std::string& location() const noexcept { return location_; }

    /// Any bytes.
    const WipingString& id() const noexcept { return id_; }

    const std::vector<Caveat>& caveats() const noexcept { return caveats_; }

    /// This discharge, made to count for `primary` only: its signature is replaced (client-store 4.4). The primary itself stays as it is.
    Macaroon bound_to(const Macaroon& primary) const;

    /// JSON in the version that was parsed. The members are what they were, except for a replaced signature. A binary form of version 1
    /// with bytes that are not UTF-8 becomes version 2, since version 1 cannot express them.
    WipingString json() const;

    /// The name of the cookie that holds it: "macaroon-" and the signature in lower-case hex.
    std::string cookie_name() const;

    /// The earliest of its `time-before` conditions. Those that cannot be read do not count.
    std::optional<Time> expiry() const;

private:
    Macaroon() = default;

    void read_object(const wire::Json& json);

    wire::Json json_;
    std::string location_;
    WipingString id_;
    WipingString signature_; // 32 bytes
    std::vector<Caveat> caveats_;
};

} // namespace juju::macaroons
