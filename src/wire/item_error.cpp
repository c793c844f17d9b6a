#include "wire/item_error.hpp"

#include "wire/server_errors.hpp"

#include <string_view>
#include <utility>

namespace juju::wire {

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

} // namespace juju::wire
