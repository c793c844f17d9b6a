#pragma once

#include "faults/calls.hpp"
#include "faults/table.hpp"

#include <string>

namespace juju::faults {

/// One fault in one call on one release.
struct Cell {
    const Row& row;
    const Call& call;
    MockProfile profile;
    bool reconnect; ///< ConnectOptions::reconnect
};

/// Whether a cell ends otherwise where reconnecting is off.
bool depends_on_reconnecting(const Row& row, const Call& call);

/// Runs a cell on this thread, with a mock, an io_context and a connection of its own: the fault strikes the call, whose end has to be the
/// documented one; nothing is sent more often than it may be; calls work again afterwards as the table says; then everything is
/// destroyed, and no work and no coroutine frame is left.
/// @return what was wrong; empty when nothing was
std::string problem_of(const Cell& cell);

} // namespace juju::faults
