#pragma once

#include <string_view>

namespace juju {

/// What becomes of the connection of a Model or Controller, for `ConnectOptions::on_state_change`.
enum class ConnectionState {
    connected,    ///< `connect` has succeeded, or the connection was made again.
    lost,         ///< It ended by itself; or to make it again has failed. The next call tries.
    reconnecting, ///< A call has found it lost and makes it again.
    closed,       ///< `disconnect` was called.
};

/// "connected", "lost", "reconnecting", "closed".
std::string_view to_string(ConnectionState state) noexcept;

} // namespace juju
