#pragma once

#include <juju/error.hpp>

#include <string>

/// The fault matrix: every fault of the mock controller, in every public call, on both releases of Juju. The table of what is to come of
/// it is data, of which docs/explanation/failures.md is made, too.
namespace juju::faults {

/// How a call ended, as the table says it: "done", or such as "connection lost, unknown, gone": the code's message, the outcome, and
/// whether the connection can be used.
using End = std::string;

inline const End done = "done";

inline End end_of(const Error& error)
{
    const char* outcome = error.outcome() == Outcome::not_sent ? "not sent" : error.outcome() == Outcome::rejected ? "rejected" : "unknown";
    return error.code().message() + ", " + outcome + ", " + (error.connection_usable() ? "usable" : "gone");
}

} // namespace juju::faults
