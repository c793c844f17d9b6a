#pragma once

#include "wiping_allocator.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace juju::transport {

/// Why a connection is closed, as far as the peer is told (RFC 6455 section 7.4.1).
enum class CloseReason { normal = 1000, protocol_error = 1002, too_big = 1009 };

/// A connection that carries whole text messages. One read, one write and one close may be under way at a time; all members are
/// called on the executor that the stream was made with.
class MessageStream {
public:
    MessageStream() = default;
    MessageStream(const MessageStream&) = delete;
    MessageStream& operator=(const MessageStream&) = delete;
    virtual ~MessageStream() = default;

    /// The next message, with wire::Reply::padding bytes of spare capacity.
    /// @throws Error errc::connection_lost, errc::message_too_large.
    virtual boost::asio::awaitable<WipingString> read() = 0;

    /// Sends messages, small ones together in one TLS write.
    /// @throws Error errc::connection_lost.
    virtual boost::asio::awaitable<void> write(std::vector<WipingString> messages) = 0;

    /// Says goodbye and waits for the peer's, at most 10 s (as Juju's own client, wire-protocol 1.10). Never throws.
    virtual boost::asio::awaitable<void> close(CloseReason reason) = 0;

    /// Ends the connection at once; a read, write or close under way ends with an error.
    virtual void abort() noexcept = 0;
};

} // namespace juju::transport
