#pragma once

#include "authority.hpp"
#include "server.hpp"

#include "support/store_directory.hpp"
#include "transport/https_exchange.hpp"
#include "transport/tls_websocket.hpp"

#include <juju/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::transport {

namespace asio = boost::asio;
using test::Authority;
using test::Identity;
using test::Server;
using test::Socket;
using test::TlsPeer;

/// Far above what anything takes: it only turns a hang into a failure.
inline constexpr std::chrono::seconds limit{20};

inline constexpr const char* controller_names = "DNS:juju-apiserver,DNS:localhost";
inline constexpr const char* hello = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello";

/// Sockets of this process.
inline int open_sockets()
{
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        count += std::filesystem::read_symlink(entry.path(), gone).string().starts_with("socket:") ? 1 : 0;
    }
    return count;
}

inline std::string text_of(const WipingString& text)
{
    return std::string(text);
}

class TransportTest : public testing::Test {
protected:
    /// Runs what is ready until `done` says so.
    template <class Done>
    void run_until(Done done)
    {
        const auto end = std::chrono::steady_clock::now() + limit;
        context.restart();
        while (!done())
            if (context.run_one_until(end) == 0)
                throw std::runtime_error("it did not end");
    }

    /// What a coroutine on the strand gives; what it throws if it does.
    template <class T>
    T run(asio::awaitable<T> operation)
    {
        std::optional<T> result;
        std::exception_ptr failure;
        const auto slot = cancel.slot();
        auto finish = [&](std::exception_ptr error, T value) {
            failure = error;
            result.emplace(std::move(value));
        };
        asio::co_spawn(strand, std::move(operation), asio::bind_cancellation_slot(slot, std::move(finish)));
        run_until([&] {
            if (cancel_when && cancel_when()) {
                cancel_when = nullptr;
                cancel_soon();
            }
            return result.has_value();
        });
        if (failure)
            std::rethrow_exception(failure);
        return std::move(*result);
    }

    HttpsReply exchange(const HttpsRequest& request, const HttpsOptions& options) { return run(https_exchange(strand, request, options)); }

    Error error_of(const HttpsRequest& request, const HttpsOptions& options)
    {
        try {
            exchange(request, options);
        } catch (const Error& error) {
            return error;
        }
        throw std::runtime_error("there is no error");
    }

    /// A GET of `/auth/x?y=1` of a server by its address.
    static HttpsRequest get(const Server& server)
    {
        HttpsRequest request;
        request.method = "GET";
        request.url.host = "127.0.0.1";
        request.url.port = server.port();
        request.url.target = "/auth/x?y=1";
        return request;
    }

    /// Trusts the test's CA, as that of a controller.
    HttpsOptions trusting() const
    {
        HttpsOptions options;
        options.tls.ca_cert = authority.pem();
        return options;
    }

    /// A WebSocket to a server by its address.
    std::unique_ptr<MessageStream> open(const Server& server)
    {
        WebSocketOptions options;
        options.tls.ca_cert = authority.pem();
        options.ip = "127.0.0.1";
        options.target = "/api";
        options.max_message_size = 1024;
        Endpoint endpoint;
        endpoint.host = "127.0.0.1";
        endpoint.port = server.port();
        return run(open_tls_websocket(strand, endpoint, std::move(options), attempt));
    }

    /// Reads a request, keeps it, and answers; then says goodbye or just ends.
    Server::TlsScript answering(std::string answer, bool with_goodbye = true)
    {
        return [this, answer = std::move(answer), with_goodbye](TlsPeer& peer) { return answer_once(peer, answer, with_goodbye); };
    }

    asio::awaitable<void> answer_once(TlsPeer& peer, std::string answer, bool with_goodbye)
    {
        auto request = co_await test::read_request(peer);
        requests.push_back(std::move(request));
        auto writing = test::write_text(peer, std::move(answer));
        co_await std::move(writing);
        if (with_goodbye)
            co_await test::say_goodbye(peer);
    }

    /// Goes on until the server has seen the end of every connection.
    void expect_all_closed(const Server& server)
    {
        run_until([&] { return server.open == 0; });
    }

    void cancel_soon()
    {
        asio::post(strand, [this] { cancel.emit(asio::cancellation_type::terminal); });
    }

    void trust_as_system(const Authority& ca)
    {
        directory.write("ca.pem", ca.pem());
        environment.set("SSL_CERT_FILE", directory.string() + "/ca.pem");
        environment.set("SSL_CERT_DIR", directory.string() + "/none");
    }

    asio::io_context context;
    Strand strand = asio::make_strand(asio::any_io_executor(context.get_executor()));
    asio::cancellation_signal cancel;
    Attempt attempt;                   ///< of the last `open`
    std::function<bool()> cancel_when; ///< asked before each step
    const Authority authority;
    support::TemporaryDirectory directory;
    support::ScopedEnvironment environment;
    std::vector<std::string> requests; ///< that servers got
};

} // namespace juju::transport
