#include "mock/frames.hpp"

#include <cstdint>

namespace juju::mock {
namespace {

constexpr unsigned continuation = 0;
constexpr unsigned close = 8;
constexpr unsigned ping = 9;
constexpr std::size_t longest_control_payload = 125;

std::string big_endian(std::uint64_t number, int bytes)
{
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        text += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
    }
    return text;
}

std::string frame(unsigned opcode, bool final, std::string_view payload, bool masked = false)
{
    constexpr std::string_view mask = "mask";
    const std::size_t size = payload.size();
    const int length_bytes = size < 126 ? 0 : size <= 0xFFFF ? 2 : 8;
    const std::size_t length = length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127;
    std::string bytes;
    bytes += static_cast<char>((final ? 0x80U : 0U) | (opcode & 0x0FU));
    bytes += static_cast<char>((masked ? 0x80U : 0U) | length);
    bytes += big_endian(size, length_bytes);
    if (!masked) {
        return bytes.append(payload);
    }
    bytes += mask;
    for (std::size_t i = 0; i < size; ++i) {
        bytes += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
    }
    return bytes;
}

} // namespace

std::string frames_of(std::string_view message, const Framing& framing)
{
    const std::size_t piece = framing.piece == 0 ? message.size() : framing.piece;
    std::string bytes;
    unsigned opcode = framing.opcode;
    for (std::size_t from = 0; from < message.size(); from += piece) {
        bytes += frame(opcode, from + piece >= message.size(), message.substr(from, piece), framing.masked);
        if (from == 0 && piece < message.size()) {
            bytes += frame(ping, true, "still there?") + frame(continuation, false, "");
        }
        opcode = continuation;
    }
    return bytes;
}

std::string close_frame(std::size_t code, std::string_view reason)
{
    return frame(close, true, big_endian(code == 0 ? 1000 : code, 2) + std::string(reason.substr(0, longest_control_payload - 2)));
}

} // namespace juju::mock
