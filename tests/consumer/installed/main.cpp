#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <string>

namespace asio = boost::asio;

asio::awaitable<std::string> round_trip(juju::ConnectOptions options)
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(options);
    co_await model.add_secret("my-apitoken", {"token=34ae35facd4"});
    juju::Secret secret = co_await model.reveal_secret("my-apitoken");
    co_await model.disconnect();
    co_return std::string(secret.content().at("token").text());
}

int main()
{
    juju::MockController controller;
    asio::io_context context;
    auto token = asio::co_spawn(context, round_trip(controller.connect_options()), asio::use_future);
    context.run();
    return token.get() == "34ae35facd4" ? 0 : 1;
}
