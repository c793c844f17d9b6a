#include "wire/item_error.hpp"

#include "wire/server_errors.hpp"

#include <cstring>
#include <string_view>
#include <utility>

namespace juju::wire {
namespace {

/// With a search that is made for long texts.
bool holds(std::string_view text, std::string_view part)
{
    return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

} // namespace

std::optional<Error> read_item_error(Value value, const std::string& request)
{
    if (is_null(value))
        return std::nullopt;
    std::string message;
    std::string code;
    std::string info;
    for_each_member(value, "error", [&](std::string_view key, Value member) {
        if (key == "message")
            message = read_string(member, "error message");
        else if (key == "code")
            code = read_string(member, "error code");
        else if (key == "info")
            info = read_object_text(member, "error info");
    });
    return refusal(request, std::move(message), std::move(code), std::move(info));
}

std::optional<errc> first_refusal(Reply& reply)
{
    // Nearly always there is no such name, not in escapes either, which is found out much faster than by a parser.
    if (!holds(reply.parsed().text, R"("error")") && !holds(reply.parsed().text, "\\u"))
        return std::nullopt;
    std::optional<errc> first;
    const auto look_at_member = [&first](std::string_view key, Value member) {
        if (key != "error" || first)
            return;
        if (const auto error = read_item_error(member, {}))
            first = static_cast<errc>(error->code().value());
    };
    const auto look_at_item = [&](Value item) { for_each_member(item, "a result", look_at_member); };
    const auto look_at_response = [&](std::string_view key, Value member) {
        look_at_member(key, member);
        if (key == "results")
            for_each_element(member, key, look_at_item);
    };
    try {
        for_each_response_member(reply, look_at_response);
    } catch (const Error&) { // of another form
        return std::nullopt;
    }
    return first;
}

} // namespace juju::wire
