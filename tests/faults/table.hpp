#pragma once

#include "faults/ends.hpp"

#include <string>
#include <vector>

namespace juju::faults {

/// Where a fault strikes, as far as a user sees it.
enum class Stage {
    connecting, ///< before the login is done: `connect`, and calls that find the connection lost
    answering,  ///< a call's own request
    goodbye,    ///< `disconnect`
};

/// What has to happen after a fault until calls work again.
enum class Cure {
    none,      ///< the connection goes on
    reconnect, ///< the next call connects again
    ping,      ///< nobody can tell a silent connection from a slow controller: the ping does, or `connect`
};

/// A fault, and how calls end that meet it. Ends among which a race decides are separated by " | ".
struct Row {
    std::string spec; ///< as for --fault
    Stage stage;
    End read;  ///< of a call that only reads; while connecting, of any call that has to connect again
    End write; ///< of any other call, and of one that only reads where reconnecting is off; while connecting, of `connect`
    Cure cure;
    bool is_applied; ///< the controller carries the request out
};

const std::vector<Row>& rows();

/// docs/explanation/failures.md.
std::string document();

} // namespace juju::faults
