// Learns of changes of a secret, through a lost connection too, and waits until the controller has carried out a removal.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <iostream>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

void print(const std::vector<juju::SecretChange>& changes)
{
    constexpr const char* kinds[] = {"added", "removed", "content", "metadata", "access"};
    for (const juju::SecretChange& change : changes)
        std::cout << change.secret().name() << ": " << kinds[int(change.kind())] << '\n';
}

asio::awaitable<std::vector<juju::SecretChange>> next_changes(juju::Model& model, juju::SecretWatcher& watcher)
{
    try {
        co_return co_await watcher.next();
    } catch (const juju::Error& error) {
        if (error.connection_usable())
            throw;
        std::cout << "connecting again\n";
    }
    co_await model.connect(examples::options_from_environment());
    co_return co_await watcher.next();
}

asio::awaitable<void> watch_secrets()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());
    auto options = juju::WatchOptions().interval(200ms).filter(juju::SecretFilter().name("my-apitoken"));
    juju::SecretWatcher watcher = model.watch_secrets(options);
    print(co_await next_changes(model, watcher));

    co_await model.update_secret("my-apitoken", juju::SecretUpdate().data({"token=n3w"}).info("rotated"));
    co_await model.disconnect();
    print(co_await next_changes(model, watcher));

    co_await model.update_secret("my-apitoken", juju::SecretUpdate().auto_prune(true));
    co_await model.wait_until_pruned("my-apitoken");
    co_await model.remove_secret("my-apitoken");
    co_await model.wait_until_removed("my-apitoken", 1min);
    print(co_await next_changes(model, watcher));
    co_await model.disconnect();
}

int main()
{
    return examples::run(watch_secrets());
}
