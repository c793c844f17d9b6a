#pragma once

#include "mock/certificate.hpp"
#include "mock/core.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <memory>
#include <set>
#include <vector>

namespace juju::mock {

/// One connection. All its work happens on the server's one thread.
class Session {
public:
    explicit Session(std::size_t node) : node_(node) {}
    virtual ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    std::size_t node() const noexcept { return node_; }
    /// Has a WebSocket been opened on the model's path?
    virtual bool serves_model() const = 0;
    virtual void reset() = 0;
    /// Orderly close of an open WebSocket; a reset before.
    virtual void close() = 0;

private:
    std::size_t node_;
};

using SessionSet = std::set<std::shared_ptr<Session>>;

/// Serves connections with TLS, HTTP and WebSocket, and keeps those that are open. The sockets' context must outlive it,
/// and must not run any more when it ends.
class SessionMaker {
public:
    SessionMaker(Core& core, const Certificate& certificate, const NetworkSettings& settings);
    ~SessionMaker();
    SessionMaker(const SessionMaker&) = delete;
    SessionMaker& operator=(const SessionMaker&) = delete;

    void start(boost::asio::ip::tcp::socket socket, std::size_t node);
    std::vector<std::shared_ptr<Session>> open() const;
    std::vector<std::shared_ptr<Session>> open_to(std::size_t node) const;

private:
    class Impl;
    Core& core_;
    std::unique_ptr<Impl> impl_;
    SessionSet open_;
};

} // namespace juju::mock
