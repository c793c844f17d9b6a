#pragma once

#include "wiping_allocator.hpp"
#include "wire/reply.hpp"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Reading replies with simdjson's on-demand parser: one pass, no tree. In every function null and a missing member
/// mean the same, unknown members are the caller's to ignore, and a value of the wrong kind is errc::malformed_reply with a
/// text that names the member and holds nothing of the message.
namespace juju::wire {

using Value = simdjson::ondemand::value;
using Object = simdjson::ondemand::object;

/// A reply's text with its structural index.
struct Reply::Parsed {
    WipingString text;
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
};

/// errc::malformed_reply; the outcome is unknown, since the controller did answer something.
[[noreturn]] void fail_malformed(const std::string& what);

/// Runs `read` and turns a decoder's exception into errc::malformed_reply.
template <class Read>
auto guarded(Read&& read) -> decltype(read())
{
    try {
        return read();
    } catch (const simdjson::simdjson_error&) {
        fail_malformed("the message is not valid JSON");
    }
}

bool is_null(Value& value);

/// A member's name. The parser's own string buffer, which nobody wipes, gets at most this name, and only where it has an escape: what it
/// copies at a time is longer than a name, and what follows may be a secret.
std::string_view key_of(simdjson::simdjson_result<simdjson::ondemand::field>& field);

/// Null: the empty text.
std::string read_string(Value value, std::string_view member);

/// Null: zero.
std::int64_t read_integer(Value value, std::string_view member);

/// A number from 0 to 2^31-1.
int read_count(Value value, std::string_view member);

/// The JSON text of an object. Null: the empty text.
std::string read_object_text(Value value, std::string_view member);

/// The text between the quotes of a string in the text that `parser` is at and that goes on to `end`: straight from there when nothing in
/// it is escaped, else unescaped into `scratch`. Empty when an escape is none.
std::optional<std::string_view> unescape(const simdjson::ondemand::parser& parser, simdjson::ondemand::raw_json_string raw, const char* end,
                                         WipingString& scratch);

/// The text between the quotes, straight from the message when nothing in it is escaped, else unescaped into `scratch`. For
/// secret values, which must not pass through the parser's own string buffer.
std::string_view read_secret_string(Reply::Parsed& parsed, Value value, WipingString& scratch, std::string_view member);

/// Calls `visit(key, value)` for each member of the object `value`; not at all for null.
template <class Visit>
void for_each_member(Value value, std::string_view member, Visit&& visit)
{
    if (is_null(value))
        return;
    Object object;
    if (value.get_object().get(object) != simdjson::SUCCESS)
        fail_malformed(std::string(member) + " is not an object");
    for (auto field : object) {
        const std::string_view key = key_of(field);
        visit(key, Value(field.value()));
    }
}

/// Calls `visit(element)` for each element of the array `value`; not at all for null.
template <class Visit>
void for_each_element(Value value, std::string_view member, Visit&& visit)
{
    if (is_null(value))
        return;
    simdjson::ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS)
        fail_malformed(std::string(member) + " is not a list");
    for (auto element : array)
        visit(Value(element.value()));
}

/// Calls `read(response)` with the reply's `response`; not at all when it is missing.
template <class Read>
void with_response(Reply& reply, Read&& read)
{
    guarded([&] {
        auto& document = reply.parsed().document;
        if (!document.is_alive()) // an earlier reading has come to what is no JSON
            fail_malformed("the message is not valid JSON");
        document.rewind();
        Object envelope = document.get_object();
        for (auto field : envelope) { // not find_field, which would miss a name that is written with escapes
            const std::string_view key = key_of(field);
            if (key == "response") {
                read(Value(field.value()));
                return;
            }
        }
    });
}

/// The JSON text of the reply's `response`, as it came; "{}" when it is null or missing.
std::string response_text(Reply& reply);

/// Calls `visit(key, value)` for each member of the reply's `response`; not at all when it is null or missing.
template <class Visit>
void for_each_response_member(Reply& reply, Visit&& visit)
{
    with_response(reply, [&](Value response) { for_each_member(response, "response", visit); });
}

} // namespace juju::wire
