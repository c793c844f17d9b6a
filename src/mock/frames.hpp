#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace juju::mock {

/// How a message's frames differ from those that a controller sends.
struct Framing {
    unsigned opcode = 1;   ///< of the first frame
    std::size_t piece = 0; ///< payload bytes of each frame; 0: one frame
    bool masked = false;

    bool is_usual() const noexcept { return opcode == 1 && piece == 0 && !masked; }
};

/// The bytes of a message's frames. Between the first two of several there are a ping and a frame without payload.
std::string frames_of(std::string_view message, const Framing& framing);

/// A WebSocket close frame. @param code 0: 1000
std::string close_frame(std::size_t code, std::string_view reason);

} // namespace juju::mock
