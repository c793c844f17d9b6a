#pragma once

#include "mock/certificate.hpp"
#include "mock/core.hpp"

#include <memory>

namespace juju::mock {

/// The mock's sockets: listens on 127.0.0.1, speaks TLS, HTTP and WebSocket, and does what Core says. One thread of its own.
class Server {
public:
    /// Listening when this returns; answering after `start()`.
    /// @throws std::system_error when the port cannot be had
    Server(Core& core, const Certificate& certificate, unsigned short port);
    /// Drops every connection and joins the thread.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    unsigned short port() const noexcept;
    void start();

    /// Opens or closes the port as the fault plan wants it.
    /// @throws std::system_error when the port cannot be had again
    void update_listening();
    void reset_all();
    void close_all();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace juju::mock
