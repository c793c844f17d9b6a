#include "faults/table.hpp"
#include "support/markdown.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace juju::faults {
namespace {

/// The enumerator of an errc from its message; what is no errc stands in quotes.
std::string code_of(const std::string& message)
{
    static const std::map<std::string, std::string> names{
        {"connection lost", "connection_lost"},     {"timed out", "timed_out"},       {"malformed reply", "malformed_reply"},
        {"message too large", "message_too_large"}, {"server error", "server_error"}, {"WebSocket upgrade refused", "upgrade_refused"},
        {"not connected", "not_connected"},         {"try again", "try_again"},
    };
    const auto found = names.find(message);
    return found == names.end() ? "\"" + message + "\"" : "`" + found->second + "`";
}

std::string shown_one(const End& end)
{
    if (end == done)
        return "succeeds";
    const auto first = end.find(", ");
    const auto second = end.rfind(", ");
    std::string outcome = end.substr(first + 2, second - first - 2);
    if (outcome == "not sent")
        outcome = "not_sent";
    return code_of(end.substr(0, first)) + ", `" + outcome + "`, " + end.substr(second + 2);
}

std::string shown(const End& ends)
{
    const std::string bar = " | ";
    std::string text;
    for (std::size_t from = 0; from <= ends.size();) {
        const auto to = std::min(ends.find(bar, from), ends.size());
        text += (text.empty() ? "" : ", or ") + shown_one(ends.substr(from, to - from));
        from = to + bar.size();
    }
    return text;
}

bool has(const End& end, const char* text)
{
    return end.find(text) != End::npos;
}

struct Advice {
    std::string client;
    std::string user;
};

Advice advice_while_connecting(const Row& row)
{
    if (row.read == done)
        return {"waits, or takes what came", "nothing"};
    if (has(row.write, "timed out"))
        return {"gives up at its limit, and tells how far each address came", "call again; a longer `connect_timeout`"};
    if (has(row.write, "done"))
        return {"finds the connection lost again", "call again; after `unknown` as below"};
    if (has(row.write, "connection lost") || has(row.write, "malformed") || has(row.write, "too large"))
        return {"ends the connection, and tries the next address when there is one", "call again; nothing but the login was sent"};
    if (has(row.write, "try again"))
        return {"passes the refusal on", "call again later"};
    return {"tries the next address when there is one", "call again; look whether the address is a controller's"};
}

Advice advice_while_answering(const Row& row)
{
    const std::string look = "look whether it was done before repeating what changes something";
    if (has(row.read, " | "))
        return {"finds the connection lost, in this call or the next", look};
    if (row.read == done && row.write == done)
        return {"takes the reply", "nothing"};
    if (row.read == done)
        return {"sends what only reads again, once, on a new connection", look};
    if (row.cure == Cure::ping)
        return {"gives the call up, and asks `Pinger.Ping` when nothing has come for 30 s; no answer in 30 s ends the connection",
                look + "; `connect` if it cannot wait"};
    if (has(row.read, "timed out"))
        return {"gives the call up, and drops the reply when it comes", look + "; a longer `call_timeout`"};
    if (has(row.read, "too large"))
        return {"ends the connection with close code 1009", look + "; a larger `max_message_size`, or a filter"};
    if (has(row.read, "malformed") && has(row.read, "gone"))
        return {"ends the connection with close code 1002; the next call connects again", look + "; what answers is no controller"};
    if (has(row.read, "malformed"))
        return {"gives this call up; other calls go on", look + "; what answers is no controller"};
    return {"passes the refusal on", "see `server_code()`"};
}

std::string table(Stage stage, const std::string& first_column, const std::string& second_column)
{
    std::string text = markdown::row({"fault", first_column, second_column, "the client", "you"});
    text += markdown::row({"--", "--", "--", "--", "--"});
    for (const Row& row : rows()) {
        if (row.stage != stage)
            continue;
        const Advice advice = stage == Stage::connecting ? advice_while_connecting(row) : advice_while_answering(row);
        const End& first = stage == Stage::connecting ? row.write : row.read;
        const End& second = stage == Stage::connecting ? row.read : row.write;
        text += markdown::row({markdown::code(row.spec), markdown::cell(shown(first)), markdown::cell(shown(second)),
                               markdown::cell(advice.client), markdown::cell(advice.user)});
    }
    return text;
}

std::string goodbyes()
{
    std::string text = markdown::row({"fault", "`disconnect`"}) + markdown::row({"--", "--"});
    for (const Row& row : rows()) {
        if (row.stage == Stage::goodbye)
            text += markdown::row({markdown::code(row.spec), markdown::cell(shown(row.write))});
    }
    return text;
}

} // namespace

std::string document()
{
    return R"(# What calls do when something fails

This page is made from the data of the fault matrix (`tests/faults/table.cpp`), which lets each fault strike each public call on both
releases of the mock controller: `scripts/test --faults`. Do not edit it: run `fault_document > docs/explanation/failures.md`.

An end is told as `Error::code()`, `Error::outcome()` and whether `Error::connection_usable()`: "usable" or "gone". What is in quotes is a
code of the network or of TLS. Faults are written as for `juju-mock-controller --fault`; [the mock's guide](../mock-controller.md#faults)
says what each does.

Four rules explain nearly every line:

- A request that changes something is sent once. When its answer does not come, the outcome is `unknown`, and only you can know whether to
  repeat it: see [What to do after `unknown`](#what-to-do-after-unknown).
- A request that only reads is sent again, once, on a new connection, when the connection was lost before its answer came.
- A deadline ends the call, not the connection: a reply that comes late is dropped.
- After a loss the next call connects again. With `ConnectOptions::reconnect(false)` it fails with `not_connected` until you call `connect`.

## While connecting

The first column of ends is that of `connect`. The second is that of every other call, when it finds the connection lost and meets the
fault while it connects again: nothing of its own was sent. With one address its own error is thrown, with several `connect_failed`, which
has each.

)" + table(Stage::connecting, "`connect`", "a call that connects again") +
           R"(
## While a call waits for its answer

The second column of ends is also that of reads where reconnecting is off. `call` counts as a call that changes something, whatever it asks
for.
`connect` and `disconnect` are not concerned, and succeed. Some calls do more:

- `with_secret` throws `left_behind` where this table says `unknown`: nobody knows whether its secret was made.
- `rotate_secret` looks afterwards whether its write was carried out. Where it was, and the connection goes on or can be made again, the
  rotation goes on.
- A fault of one item concerns calls with items, and lists where contents are revealed. `call` leaves items to you.
- `SecretsManager` gives the error of an item in the item's outcome; all others are thrown, but for
  [calls that need several requests](../how-to/many-secrets.md#large-calls).
- `set_secret_backend` and `call` do not look at `results` in a reply.

)" + table(Stage::answering, "a call that reads", "a call that changes something") +
           R"(
## While saying goodbye

`disconnect` ends the connection in any case, and throws nothing. It waits for the controller's goodbye for at most 10 s. `connect` on a
connected `Model` ends that connection first, and waits for at most half of `connect_timeout`.

)" + goodbyes() +
           R"(
## What to do after `unknown`

The request was carried out, or it was not, or it is yet to be: after a deadline the controller can still be at work. So look, and look
again a little later, or repeat what does no harm twice:

| call | what to do |
| -- | -- |
| what only reads; `connect` | repeat it |
| `grant_secret`, `revoke_secret` | repeat it: to grant or to revoke twice is no error |
| `remove_secret` | repeat it by URI; `not_found` says that it was done |
| `ensure_secret` | repeat it: it goes on from what there is |
| `add_secret` | `get_secret` by its name; `not_found` says that it is not there. Without a name look through `list_secrets` |
| `update_secret` | `secret_matches` compares the content, `get_secret` shows name and description |
| `rotate_secret` | [it has looked itself](../how-to/rotate-secrets.md#see-how-it-ended) |
| `with_secret` | see [When a secret is left behind](../how-to/rotate-secrets.md#when-a-secret-is-left-behind) |
| `set_secret_backend` | `get_secret_backend`, or repeat it |
| calls of `Controller` on a secret backend | `list_secret_backends` |
| `call` | what the request asks for decides |
)";
}

} // namespace juju::faults
