#include <juju/connection_state.hpp>

namespace juju {

std::string_view to_string(ConnectionState state) noexcept
{
    switch (state) {
    case ConnectionState::connected: return "connected";
    case ConnectionState::lost: return "lost";
    case ConnectionState::reconnecting: return "reconnecting";
    case ConnectionState::closed: break;
    }
    return "closed";
}

} // namespace juju
