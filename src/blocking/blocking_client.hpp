#pragma once

#include "blocking/blocking_thread.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <utility>

namespace juju::detail {

/// A Model or a Controller and the thread that carries out its calls.
template <class Client>
class BlockingClient {
public:
    BlockingClient() { client_.emplace(thread_.executor()); }
    ~BlockingClient() { close(); }
    BlockingClient(const BlockingClient&) = delete;
    BlockingClient& operator=(const BlockingClient&) = delete;

    boost::asio::any_io_executor executor() { return thread_.executor(); }

    /// Not after `close`.
    Client& operator*() { return *client_; }
    Client* operator->() { return &*client_; }

    /// See BlockingThread::run.
    template <class... Args>
    auto run(Args&&... args)
    {
        return thread_.run(std::forward<Args>(args)...);
    }

    /// Runs a coroutine of the program's on the client, in the own thread.
    void run_work(const std::function<boost::asio::awaitable<void>(Client&)>& work) { run(await(work, *client_)); }

    /// Ends calls, connection and thread. Calls that come later throw.
    void close()
    {
        if (!client_)
            return;
        thread_.cancel_calls();
        client_.reset();
        thread_.stop();
    }

private:
    static boost::asio::awaitable<void> await(const std::function<boost::asio::awaitable<void>(Client&)>& work, Client& client)
    {
        co_await work(client);
    }

    blocking::BlockingThread thread_;
    std::optional<Client> client_;
};

} // namespace juju::detail
