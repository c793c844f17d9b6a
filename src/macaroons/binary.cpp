#include "macaroons/binary.hpp"

#include "macaroons/encoding.hpp"
#include "macaroons/members.hpp"

#include <cstdint>
#include <utility>

namespace juju::macaroons {
namespace {

/// Takes bytes off the front.
class Cursor {
public:
    explicit Cursor(std::string_view bytes) : rest_(bytes) {}

    bool at_end() const { return rest_.empty(); }

    std::string_view take(std::uint64_t size)
    {
        if (size > rest_.size())
            fail_malformed("its binary form is cut off");
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    /// Seven bits in each byte, the lowest first; all but the last byte have the eighth bit set.
    std::uint64_t number()
    {
        constexpr unsigned most_bits = 28;
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < most_bits; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1).front());
            value |= std::uint64_t(byte & 0x7fU) << shift;
            if (byte < 0x80)
                return value;
        }
        fail_malformed("a number in its binary form is too large");
    }

private:
    std::string_view rest_;
};

void add_caveat(BinaryMacaroon& macaroon, BinaryCaveat caveat, std::size_t max_caveats)
{
    if (macaroon.caveats.size() == max_caveats)
        fail_malformed("it has more than " + std::to_string(max_caveats) + " caveats");
    macaroon.caveats.push_back(std::move(caveat));
}

void expect_end(const Cursor& cursor)
{
    if (!cursor.at_end())
        fail_malformed("its binary form goes on behind the signature");
}

// Version 1.

struct Packet {
    std::string_view name;
    std::string_view value;
};

Packet take_packet(Cursor& cursor)
{
    constexpr std::size_t size_digits = 4;
    const auto size_bytes = from_hex(cursor.take(size_digits));
    if (!size_bytes)
        fail_malformed("its binary form has a packet without size");
    const auto size = std::size_t(static_cast<unsigned char>((*size_bytes)[0])) << 8 | static_cast<unsigned char>((*size_bytes)[1]);
    if (size <= size_digits)
        fail_malformed("its binary form has a packet without contents");
    const auto packet = cursor.take(size - size_digits);
    const auto space = packet.find(' ');
    if (space == std::string_view::npos || !packet.ends_with('\n'))
        fail_malformed("its binary form has a packet of another shape");
    return {packet.substr(0, space), packet.substr(space + 1, packet.size() - space - 2)};
}

std::string_view take_packet(Cursor& cursor, const char* name)
{
    const auto packet = take_packet(cursor);
    if (packet.name != name)
        fail_malformed("its binary form has no " + std::string(name) + " where it must be");
    return packet.value;
}

/// Takes what belongs to the caveat before it.
void add_to_caveat(BinaryMacaroon& macaroon, const Packet& packet)
{
    const bool known = packet.name == "vid" || packet.name == "cl";
    if (!known || macaroon.caveats.empty())
        fail_malformed("its binary form has a packet where none of its kind may be");
    auto& caveat = macaroon.caveats.back();
    if (packet.name == "vid" ? caveat.verification_id.has_value() : !caveat.location.empty())
        fail_malformed("its binary form has a packet twice");
    if (packet.name == "vid")
        caveat.verification_id = packet.value;
    else
        caveat.location = packet.value;
}

BinaryMacaroon read_version_1(Cursor cursor, std::size_t max_caveats)
{
    BinaryMacaroon macaroon;
    macaroon.version = 1;
    macaroon.location = take_packet(cursor, "location");
    macaroon.id = take_packet(cursor, "identifier");
    Packet packet = take_packet(cursor);
    for (; packet.name != "signature"; packet = take_packet(cursor)) {
        if (packet.name == "cid") {
            BinaryCaveat caveat;
            caveat.id = packet.value;
            add_caveat(macaroon, std::move(caveat), max_caveats);
        } else {
            add_to_caveat(macaroon, packet);
        }
    }
    macaroon.signature = packet.value;
    expect_end(cursor);
    return macaroon;
}

// Version 2.

enum Field : std::uint64_t { end_of_section = 0, location = 1, identifier = 2, verification_id = 4, signature = 6 };

struct Section {
    std::optional<std::string_view> location;
    std::optional<std::string_view> id;
    std::optional<std::string_view> verification_id;

    bool empty() const { return !location && !id && !verification_id; }
};

Section take_section(Cursor& cursor)
{
    Section section;
    std::uint64_t previous = end_of_section;
    for (std::uint64_t type = cursor.number(); type != end_of_section; type = cursor.number()) {
        const auto value = cursor.take(cursor.number());
        if (type <= previous)
            fail_malformed("its binary form has fields twice or in disorder");
        previous = type;
        switch (type) {
        case location: section.location = value; break;
        case identifier: section.id = value; break;
        case verification_id: section.verification_id = value; break;
        default: fail_malformed("its binary form has a field of unknown type");
        }
    }
    if (!section.empty() && !section.id)
        fail_malformed("its binary form has a section without identifier");
    return section;
}

BinaryMacaroon read_version_2(Cursor cursor, std::size_t max_caveats)
{
    BinaryMacaroon macaroon;
    macaroon.version = 2;
    const auto header = take_section(cursor);
    if (!header.id || header.verification_id)
        fail_malformed("its binary form does not start with its identifier");
    macaroon.id = *header.id;
    macaroon.location = header.location.value_or("");
    for (auto section = take_section(cursor); !section.empty(); section = take_section(cursor)) {
        BinaryCaveat caveat;
        caveat.location = section.location.value_or("");
        caveat.id = *section.id;
        if (section.verification_id)
            caveat.verification_id = *section.verification_id;
        add_caveat(macaroon, std::move(caveat), max_caveats);
    }
    if (cursor.number() != signature)
        fail_malformed("its binary form has no signature where it must be");
    macaroon.signature = cursor.take(cursor.number());
    expect_end(cursor);
    return macaroon;
}

} // namespace

BinaryMacaroon read_binary(std::string_view bytes, std::size_t max_caveats)
{
    constexpr char version_2 = 2;
    if (bytes.empty())
        fail_malformed("its binary form is empty");
    if (bytes.front() == version_2)
        return read_version_2(Cursor(bytes.substr(1)), max_caveats);
    return read_version_1(Cursor(bytes), max_caveats);
}

} // namespace juju::macaroons
