// Has a secret for the time of one job only.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <stdexcept>
#include <string>

namespace asio = boost::asio;

asio::awaitable<void> work(juju::Model& model)
{
    const auto job = [&model](const juju::SecretUri& uri) -> asio::awaitable<std::string> {
        const juju::Secret secret = co_await model.get_secret(uri);
        co_return "done with " + secret.name() + ", which " + secret.access().at(0).application() + " can read";
    };
    const std::string result = co_await juju::with_secret(model, "job-token", {"token=34ae35facd4"}, {"ubuntu"}, job);
    std::cout << result << '\n';
}

asio::awaitable<void> work_that_fails(juju::Model& model)
{
    const auto job = [](const juju::SecretUri&) -> asio::awaitable<void> {
        throw std::runtime_error("no luck");
        co_return;
    };
    try {
        co_await juju::with_secret(model, "job-token", {"token=34ae35facd4"}, {"ubuntu"}, job);
    } catch (const juju::SecretLeftBehind& error) {
        std::cout << "to be removed by hand: " << error.uri().str() << ": " << error.what() << '\n';
    } catch (const std::runtime_error& error) {
        std::cout << "the job says: " << error.what() << '\n';
    }
}

asio::awaitable<void> program()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());
    co_await work(model);
    co_await model.wait_until_removed("job-token");
    co_await work_that_fails(model);
    co_await model.disconnect();
}

int main()
{
    return examples::run(program());
}
