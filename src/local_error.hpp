#pragma once

#include <juju/error.hpp>

#include <string>
#include <utility>

namespace juju::detail {

/// An error found in this process before anything was sent.
inline Error local_error(errc code, std::string message)
{
    return Error(make_error_code(code), ErrorDetails(std::move(message)));
}

} // namespace juju::detail
