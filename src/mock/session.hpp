#pragma once

#include "mock/certificate.hpp"
#include "mock/core.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <set>
#include <vector>

namespace juju::mock {

/// One connection. All its work happens on the server's one thread.
class Session {
public:
    virtual ~Session() = default;
    virtual void reset() = 0;
    /// Orderly close of an open WebSocket; a reset before.
    virtual void close() = 0;
};

using SessionSet = std::set<std::shared_ptr<Session>>;

/// Serves connections with TLS, HTTP and WebSocket, and keeps those that are open. The sockets' context must outlive it,
/// and must not run any more when it ends.
class SessionMaker {
public:
    SessionMaker(Core& core, const Certificate& certificate);
    ~SessionMaker();
    SessionMaker(const SessionMaker&) = delete;
    SessionMaker& operator=(const SessionMaker&) = delete;

    void start(boost::asio::ip::tcp::socket socket);
    std::vector<std::shared_ptr<Session>> open() const;

private:
    class Impl;
    Core& core_;
    std::unique_ptr<Impl> impl_;
    SessionSet open_;
};

} // namespace juju::mock
