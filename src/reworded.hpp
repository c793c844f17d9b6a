#pragma once

#include <juju/error.hpp>

#include <string>
#include <utility>

namespace juju::detail {

/// What an error says, in other words.
inline ErrorDetails reworded(const Error& error, std::string message)
{
    ErrorDetails details(std::move(message));
    details.server_code = error.server_code();
    details.server_message = error.server_message();
    details.server_info = error.server_info();
    details.request = error.request();
    details.outcome = error.outcome();
    details.connection_usable = error.connection_usable();
    details.items = error.items();
    return details;
}

} // namespace juju::detail
