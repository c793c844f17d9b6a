#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace juju::test {

/// How a peer ended a connection.
enum class RawEnd {
    reset,   ///< TCP reset
    fin,     ///< TCP end of stream, without a TLS goodbye where there is TLS
    goodbye, ///< TLS close_notify
    none     ///< it has not; nothing came for as long as asked
};

/// What came, and how it ended.
struct RawRest {
    std::string bytes;
    RawEnd end = RawEnd::none;
};

/// Sends `bytes` on a new TCP connection to 127.0.0.1, and reads until the peer ends it or nothing comes for `patience` milliseconds.
RawRest raw_tcp(const std::string& endpoint, std::string_view bytes, int patience);

/// A TLS connection to 127.0.0.1 that shares no code with the library: plain sockets and OpenSSL. Every operation fails with
/// std::runtime_error after 20 s.
class RawTls {
public:
    /// Trusts `ca_cert` only and checks the name "juju-apiserver". @param endpoint "127.0.0.1:PORT"
    RawTls(const std::string& endpoint, const std::string& ca_cert);
    ~RawTls();
    RawTls(RawTls&&) noexcept;
    RawTls& operator=(RawTls&&) noexcept;

    void write(std::string_view bytes);
    /// Exactly so many bytes.
    std::string read(std::size_t count);
    /// Up to and including `end`.
    std::string read_until(std::string_view end);
    /// Everything until the peer ends the connection.
    std::string read_all();
    /// Reads until the peer ends the connection, or nothing comes for `patience` milliseconds.
    RawRest rest(int patience = 20'000);
    /// The name that the peer's certificate was checked for, and its alternative names, comma-separated.
    std::string alternative_names() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// One WebSocket frame as it came.
struct RawFrame {
    bool final = true;
    int opcode = 1;      ///< 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong
    std::string payload; ///< unmasked
    bool masked = false; ///< of received frames
};

/// A WebSocket client on RawTls that shows every frame.
class RawWebSocket {
public:
    /// @throws std::runtime_error unless the answer is 101
    RawWebSocket(const std::string& endpoint, const std::string& ca_cert, const std::string& target);

    /// The status line and headers of the 101.
    const std::string& head() const noexcept { return head_; }

    void send(std::string_view text) { send_frame({true, 1, std::string(text)}); }
    void send_frame(const RawFrame& frame);
    RawFrame receive_frame();
    /// The next text message. @throws std::runtime_error for a close frame
    std::string receive();
    /// Sends and receives.
    std::string call(std::string_view text);
    /// The code of the close frame that must come next.
    int receive_close();
    RawTls& tls() noexcept { return tls_; }

private:
    RawTls tls_;
    std::string head_;
};

} // namespace juju::test
