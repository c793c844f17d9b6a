#pragma once

#include "wiping_allocator.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace juju::macaroons {

/// A caveat of the binary form.
struct BinaryCaveat {
    WipingString location; ///< empty when it has none
    WipingString id;
    std::optional<WipingString> verification_id;
};

/// A macaroon of the binary form, taken apart.
struct BinaryMacaroon {
    int version = 0; ///< 1 or 2
    WipingString location;
    WipingString id;
    WipingString signature;
    std::vector<BinaryCaveat> caveats;
};

/// Version 1 is a list of packets: four hex digits with the size of the whole packet, a name, a space, the value, a line feed. Version 2 is
/// a byte of 2 and sections of fields that end with a zero byte, with a number for type and size each.
/// @throws Error errc::malformed_reply when it is neither, for more than `max_caveats` caveats, and for anything behind its end.
BinaryMacaroon read_binary(std::string_view bytes, std::size_t max_caveats);

} // namespace juju::macaroons
