#include "mock/envelope.hpp"

#include <limits>
#include <optional>

namespace juju::mock {
namespace {

/// Thrown for a member of the wrong JSON type, which ends the connection.
struct WrongType {};

std::string text_of(const Json& message, std::string_view name)
{
    const Json* value = find_member(message, name);
    if (value == nullptr) {
        return "";
    }
    if (!value->is_string()) {
        throw WrongType();
    }
    return value->get<std::string>();
}

std::uint64_t id_of(const Json& message, std::string_view name)
{
    const Json* value = find_member(message, name);
    if (value == nullptr) {
        return 0;
    }
    if (!value->is_number_unsigned()) {
        throw WrongType();
    }
    return value->get<std::uint64_t>();
}

std::int64_t integer_of(const Json& message, std::string_view name)
{
    const Json* value = find_member(message, name);
    if (value == nullptr) {
        return 0;
    }
    const bool too_big =
        value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!value->is_number_integer() || too_big) {
        throw WrongType();
    }
    return value->get<std::int64_t>();
}

void check_error_members(const Json& message, std::string_view info)
{
    const Json* value = find_member(message, info);
    if (value != nullptr && !value->is_object()) {
        throw WrongType();
    }
}

Json trace_of(const Json& message)
{
    Json trace = Json::object();
    for (const char* name : {"trace-id", "span-id"}) {
        if (std::string value = text_of(message, name); !value.empty()) {
            trace[name] = std::move(value);
        }
    }
    if (const std::int64_t flags = integer_of(message, "trace-flags"); flags != 0) {
        trace["trace-flags"] = flags;
    }
    return trace;
}

Request read_request(MockProfile profile, const Json& message)
{
    Request request;
    request.id = id_of(message, "request-id");
    if (request.id == 0) { // 3.6 tries the old form
        request.capitalised = true;
        request.id = id_of(message, "RequestId");
    }
    request.type = text_of(message, "type");
    request.version = integer_of(message, "version");
    request.object_id = text_of(message, "id");
    request.method = text_of(message, "request");
    (void)text_of(message, request.capitalised ? "Error" : "error");
    (void)text_of(message, request.capitalised ? "ErrorCode" : "error-code");
    check_error_members(message, "error-info");
    if (profile == MockProfile::juju_4_0) {
        request.trace = trace_of(message);
    }
    if (const Json* params = find_member(message, "params")) {
        request.params = *params;
    }
    return request;
}

std::string finished(const Request& request, Json reply)
{
    for (const auto& [name, value] : request.trace.items()) {
        reply[name] = value;
    }
    return go_json(reply);
}

Json started(const Request& request)
{
    Json reply = Json::object();
    if (request.capitalised) {
        reply["RequestId"] = request.id;
    } else {
        reply["request-id"] = request.id;
    }
    return reply;
}

} // namespace

Reading read_message(MockProfile profile, std::string_view text)
{
    Reading reading;
    const std::optional<Json> message = parse_first(text);
    const bool is_3_6 = profile == MockProfile::juju_3_6;
    if (message && message->is_null() && is_3_6) {
        reading.kind = Reading::Kind::ignored;
    }
    if (!message || !message->is_object()) {
        return reading;
    }
    try {
        reading.request = read_request(profile, *message);
    } catch (const WrongType&) {
        return reading;
    }
    if (reading.request.capitalised && !is_3_6) {
        return reading;
    }
    const bool asks = !reading.request.type.empty() || !reading.request.method.empty();
    reading.kind = asks ? Reading::Kind::request : Reading::Kind::ignored;
    return reading;
}

std::string reply_text(const Request& request, const Json& response)
{
    Json reply = started(request);
    reply[request.capitalised ? "Response" : "response"] = response;
    return finished(request, std::move(reply));
}

std::string failure_text(const Request& request, const Failure& failure)
{
    Json reply = started(request);
    reply[request.capitalised ? "Error" : "error"] = failure.message();
    if (!failure.code().empty()) {
        reply[request.capitalised ? "ErrorCode" : "error-code"] = failure.code();
    }
    if (!failure.info().empty() && !request.capitalised) {
        reply["error-info"] = failure.info();
    }
    reply[request.capitalised ? "Response" : "response"] = Json::object();
    return finished(request, std::move(reply));
}

} // namespace juju::mock
