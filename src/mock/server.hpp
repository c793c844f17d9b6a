#pragma once

#include "mock/certificate.hpp"
#include "mock/core.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace juju::mock {

/// What becomes of connections to a node.
enum class NodeState {
    serving,
    stopped,    ///< the port is closed
    black_hole, ///< the port is open, and TCP connections get no answer
};

/// The mock's sockets: listens on 127.0.0.1, speaks TLS, HTTP and WebSocket, and does what Core says. One thread of its own.
class Server {
public:
    /// Listening when this returns; answering after `start()`.
    /// @throws std::system_error when the port cannot be had
    Server(Core& core, const Certificate& certificate, const Settings& settings);
    /// Drops every connection and joins the thread.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::vector<unsigned short> ports() const; ///< of the nodes, in order
    void start();

    /// Opens or closes the ports of serving nodes as the fault plan wants it.
    /// @throws std::system_error when the port cannot be had again
    void update_listening();
    /// Connections of a node that stops to serve are reset.
    /// @throws std::invalid_argument when there is no such node, std::system_error when the port cannot be had again
    void set_node(std::size_t node, NodeState state);
    std::size_t connections(std::size_t node) const;
    void reset_all();
    void close_all();
    void close_model_connections();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace juju::mock
