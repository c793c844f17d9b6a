#pragma once

#include "transport/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::test {

/// The layer that a hostile server attacks. Everything before it goes as it should.
enum class Stage {
    tcp,        ///< in place of all TLS
    tls_flight, ///< the server's part of the TLS handshake, with bytes changed
    tls_record, ///< in place of the first TLS record after the handshake
    http,       ///< in place of the answer to the upgrade
    frames,     ///< in place of the WebSocket frame with the login reply
    login,      ///< in place of the login reply, as a text message
    reply,      ///< in place of each reply after the login, as a text message
    call_frames ///< in place of the WebSocket frame with the first reply after the login
};

/// What becomes of the connection after the attack.
enum class Afterwards {
    ends,   ///< it is closed
    silent, ///< it stays open, and nothing more comes
    endless ///< the attack is sent again and again
};

struct Attack {
    Attack(std::string title, Stage where, std::string what, Afterwards then = Afterwards::ends)
        : name(std::move(title)), stage(where), bytes(std::move(what)), afterwards(then)
    {
    }

    std::string name; ///< for messages
    Stage stage;
    std::string bytes; ///< in text messages, $ID stands for the request's id
    Afterwards afterwards;
    std::string head; ///< sent once, before `bytes`
    /// For `tls_flight`: positions, counted from the first byte of the server's, and what is XORed there.
    std::vector<std::pair<std::size_t, char>> changes;
    bool is_tls_1_2 = false; ///< whose certificates come unencrypted
};

/// A text message as an unmasked frame, of the smallest length that fits.
std::string text_frame(std::string_view payload);
/// Any frame. @param first the first byte: FIN, reserved bits and opcode
std::string frame(unsigned char first, std::string_view payload);

/// The reply of a controller that has logged "admin" in.
extern const std::string login_reply;
extern const std::string model_uuid;

/// Serves an attack to each connection. Lives on the io_context of the test.
class HostileServer {
public:
    HostileServer(boost::asio::io_context& context, const Identity& identity, Attack attack);

    std::string address() const { return server_.address(); }

private:
    boost::asio::awaitable<void> serve(Socket& socket);
    boost::asio::awaitable<void> serve_changed_handshake(Socket& socket);
    boost::asio::awaitable<void> serve_tls(TlsPeer& peer);
    template <class Stream>
    boost::asio::awaitable<void> strike(Stream& stream, std::string id);

    Attack attack_;
    boost::asio::ssl::context tls_;
    Server server_;
};

} // namespace juju::test
