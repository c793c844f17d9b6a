// One call on an open connection, beside its floor: the same bytes over a bare Beast stream to the same mock controller.

#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <benchmark/benchmark.h>

#include <exception>
#include <string>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using WebSocket = boost::beast::websocket::stream<asio::ssl::stream<tcp::socket>>;

/// Runs until the awaited call ends, and not for the connection's own loops.
void run(asio::io_context& context, asio::awaitable<void> call)
{
    bool done = false;
    std::exception_ptr failure;
    asio::co_spawn(context, std::move(call), [&](std::exception_ptr error) {
        done = true;
        failure = error;
    });
    while (!done)
        context.run_one();
    if (failure)
        std::rethrow_exception(failure);
}

asio::awaitable<void> ask(WebSocket& socket, const std::string& request)
{
    boost::beast::flat_buffer reply;
    co_await socket.async_write(asio::buffer(request), asio::use_awaitable);
    co_await socket.async_read(reply, asio::use_awaitable);
}

asio::awaitable<void> ask_often(WebSocket& socket, benchmark::State& state)
{
    const std::string request =
        R"({"request-id":2,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{}}})";
    for (auto _ : state)
        co_await ask(socket, request);
}

asio::awaitable<void> open(WebSocket& socket, const juju::MockController& mock)
{
    const std::string endpoint = mock.endpoint();
    const auto port = static_cast<unsigned short>(std::stoi(endpoint.substr(endpoint.find(':') + 1)));
    const tcp::endpoint address(asio::ip::make_address("127.0.0.1"), port);
    co_await socket.next_layer().next_layer().async_connect(address, asio::use_awaitable);
    socket.next_layer().next_layer().set_option(tcp::no_delay(true));
    co_await socket.next_layer().async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    const std::string target = "/model/" + mock.model_uuid() + "/api";
    co_await socket.async_handshake(endpoint, target, asio::use_awaitable);
    const std::string login =
        R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin","credentials":")" +
        mock.password() + R"("}})";
    co_await ask(socket, login);
}

void floor_bare_beast(benchmark::State& state)
{
    const juju::MockController mock(juju::MockOptions().keep_transcript(false));
    asio::io_context context;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    WebSocket socket(context, tls);
    run(context, open(socket, mock));
    run(context, ask_often(socket, state));
}
BENCHMARK(floor_bare_beast)->UseRealTime();

asio::awaitable<void> list_often(juju::Model& model, benchmark::State& state)
{
    for (auto _ : state)
        co_await model.list_secrets();
}

void list_secrets(benchmark::State& state)
{
    const juju::MockController mock(juju::MockOptions().keep_transcript(false));
    asio::io_context context;
    juju::Model model(context.get_executor());
    run(context, model.connect(mock.connect_options()));
    run(context, list_often(model, state));
}
BENCHMARK(list_secrets)->UseRealTime();

} // namespace
