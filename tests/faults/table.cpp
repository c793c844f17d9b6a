#include "faults/table.hpp"

#include <utility>

namespace juju::faults {
namespace {

const End lost = "connection lost, unknown, gone";
const End timed_out = "timed out, unknown, usable";
const End nonsense = "malformed reply, unknown, gone";
const End unusable = "malformed reply, unknown, usable";
const End too_large = "message too large, unknown, gone";
const End refused = "server error, rejected, usable";
const End race = "done | connection lost, not sent, gone | connection lost, unknown, gone | not connected, not sent, gone";
const End no_connection = "timed out, not sent, gone";

using Rows = std::vector<Row>;

/// The connection ends. A call that only reads is sent again on a new one.
void add_lost(Rows& rows, std::string spec, bool is_applied)
{
    rows.push_back({std::move(spec), Stage::answering, done, lost, Cure::reconnect, is_applied});
}

/// The reply is not usable, or says no. All calls end alike.
void add_alike(Rows& rows, std::string spec, const End& end, Cure cure, bool is_applied)
{
    rows.push_back({std::move(spec), Stage::answering, end, end, cure, is_applied});
}

void add_ends_of_connections(Rows& rows)
{
    for (const std::string end : {"reset", "close", "half-close", "tls-goodbye", "websocket-close", "close-frame,number=1011"}) {
        const auto comma = end.find(',');
        const auto spec = [&](const std::string& phase) {
            return end.substr(0, comma) + ",at=" + phase + (comma == std::string::npos ? "" : end.substr(comma));
        };
        add_lost(rows, spec("request"), false);
        add_lost(rows, spec("reply"), true);
    }
    add_lost(rows, "drop-bytes,number=0", true);
    add_lost(rows, "drop-bytes,number=20", true);
    add_lost(rows, "drop-messages,number=0", true);
    rows.push_back({"drop-messages,number=1", Stage::answering, race, race, Cure::reconnect, true});
    add_lost(rows, "truncate,number=5", true);
    add_lost(rows, "wrong-opcode,number=3", true);
    add_lost(rows, "masked", true);
}

void add_silence(Rows& rows)
{
    add_alike(rows, "stall,at=request", timed_out, Cure::ping, false);
    add_alike(rows, "stall,at=reply", timed_out, Cure::ping, true);
    add_alike(rows, "slow-drip,ms=100", timed_out, Cure::ping, true);
    add_alike(rows, "slow-drip,number=64,ms=1", done, Cure::none, true);
    add_alike(rows, "withhold", timed_out, Cure::none, true);
    add_alike(rows, "delay,ms=2000", timed_out, Cure::none, true);
    add_alike(rows, "delay,ms=10", done, Cure::none, true);
    add_alike(rows, "hold", timed_out, Cure::none, true);
}

void add_replies(Rows& rows)
{
    add_alike(rows, "duplicate", done, Cure::none, true);
    add_alike(rows, "fragmented,number=7", done, Cure::none, true);
    add_alike(rows, "wrong-opcode", done, Cure::none, true);
    add_alike(rows, "oversize,number=50000", done, Cure::none, true);
    add_alike(rows, "nesting,number=20000", done, Cure::none, true);
    add_alike(rows, "unknown-id", nonsense, Cure::reconnect, true);
    add_alike(rows, "missing-id", nonsense, Cure::reconnect, true);
    add_alike(rows, "wrong-type", nonsense, Cure::reconnect, true);
    add_alike(rows, "garbage", nonsense, Cure::reconnect, true);
    add_alike(rows, "reply,text=[]", nonsense, Cure::reconnect, true);
    add_alike(rows, "oversize,number=200000", too_large, Cure::reconnect, true);
    add_alike(rows, "wrong-type,text=response", unusable, Cure::none, true);
    add_alike(rows, "reply,text={\"request-id\":$ID,\"response\":{\"results\":[5]}}", unusable, Cure::none, true);
    add_alike(rows, "error,code=quota limit exceeded,text=no", refused, Cure::none, false);
    add_alike(rows, "item-error,code=quota limit exceeded,text=no", refused, Cure::none, false);
}

/// Nothing was sent but the login.
void add_connecting(Rows& rows, std::string spec, const End& end)
{
    rows.push_back({std::move(spec), Stage::connecting, end, end, Cure::reconnect, false});
}

void add_ways_to_the_login(Rows& rows)
{
    add_connecting(rows, "refuse", "Connection refused, not sent, gone");
    const End was_reset = "Connection reset by peer, not sent, gone";
    const End truncated = "stream truncated, not sent, gone";
    const End was_lost = "connection lost, not sent, gone";
    for (const std::string phase : {"accept", "tls", "upgrade"}) {
        const auto add = [&](const char* kind, const End& end) { add_connecting(rows, kind + (",at=" + phase), end); };
        add("reset", was_reset);
        add("close", phase == "upgrade" ? was_lost : truncated);
        add("half-close", phase == "upgrade" ? was_lost : truncated);
        add("drop-bytes,number=100", was_reset);
        add("garbage", phase == "upgrade" ? "malformed reply, not sent, gone" : "wrong version number (SSL routines), not sent, gone");
        add("stall", no_connection);
        add("slow-drip,ms=100", no_connection);
    }
    add_connecting(rows, "slow-drip,number=256,ms=1,at=upgrade", done);
    add_connecting(rows, "tls-alert", "sslv3 alert handshake failure (SSL routines), not sent, gone");
    add_connecting(rows, "tls-goodbye,at=upgrade", was_lost);
    add_connecting(rows, "http-error,number=503,text=down", "WebSocket upgrade refused, not sent, gone");
}

/// The login was sent. A call that connects again has sent nothing of its own.
void add_login(Rows& rows, std::string spec, const std::string& code)
{
    rows.push_back({std::move(spec), Stage::connecting, code + ", not sent, gone", code + ", unknown, gone", Cure::reconnect, false});
}

void add_logins(Rows& rows)
{
    for (const std::string kind :
         {"reset", "close", "half-close", "tls-goodbye", "websocket-close", "close-frame,number=1011", "truncate,number=5",
          "wrong-opcode,number=3", "masked", "drop-bytes,number=20", "drop-messages,number=0"})
        add_login(rows, kind + ",at=login", "connection lost");
    for (const std::string kind : {"stall", "slow-drip,ms=100", "withhold", "delay,ms=2000", "hold"})
        add_login(rows, kind + ",at=login", "timed out");
    for (const std::string kind : {"unknown-id", "missing-id", "wrong-type", "garbage"})
        add_login(rows, kind + ",at=login", "malformed reply");
    add_login(rows, "wrong-type,at=login,text=response", "malformed reply");
    add_login(rows, "oversize,number=200000,at=login", "message too large");
    for (const std::string kind : {"duplicate", "fragmented,number=7", "wrong-opcode", "nesting,number=20000", "delay,ms=10"})
        add_connecting(rows, kind + ",at=login", done);
    rows.push_back({"drop-messages,number=1,at=login", Stage::connecting, race, done, Cure::reconnect, false});
    rows.push_back({"error,at=login,code=try again,text=busy", Stage::connecting, "try again, not sent, gone", "try again, rejected, gone",
                    Cure::reconnect, false});
}

void add_goodbyes(Rows& rows)
{
    for (const std::string kind :
         {"reset", "close", "tls-goodbye", "close-frame", "garbage", "drop-bytes,number=7", "slow-drip,ms=5", "stall"})
        rows.push_back({kind + ",at=close", Stage::goodbye, done, done, Cure::none, false});
}

} // namespace

const std::vector<Row>& rows()
{
    static const Rows all = [] {
        Rows result;
        add_ways_to_the_login(result);
        add_logins(result);
        add_ends_of_connections(result);
        add_silence(result);
        add_replies(result);
        add_goodbyes(result);
        return result;
    }();
    return all;
}

} // namespace juju::faults
