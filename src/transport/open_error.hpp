#pragma once

#include <juju/error.hpp>

#include <string>
#include <utility>

namespace juju::transport {

/// The error of a step on the way to a connection; `what` is the step, such as "TCP connection to 10.0.0.1:17070".
inline Error open_error(boost::system::error_code error, const std::string& what, const std::string& detail = {})
{
    detail::ErrorDetails details(what + " failed: " + error.message() + detail);
    details.connection_usable = false;
    return Error(error, std::move(details));
}

} // namespace juju::transport
