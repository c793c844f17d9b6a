#include <juju/blocking_model.hpp>

#include "blocking/blocking_client.hpp"

#include <juju/model.hpp>
#include <juju/with_timeout.hpp>

#include <algorithm>
#include <utility>

namespace juju {
namespace {

namespace asio = boost::asio;

/// Keeps sums of times inside of what a clock can hold.
constexpr std::chrono::milliseconds longest = std::chrono::hours(24) * 36'525;

asio::awaitable<std::vector<SecretChange>> next_within(SecretWatcher& watcher, std::chrono::milliseconds limit)
{
    const auto end = std::chrono::steady_clock::now() + limit;
    std::vector<SecretChange> changes;
    try {
        changes = co_await with_timeout(limit, watcher.next());
    } catch (const Error& error) {
        // A list can take longer than ConnectOptions::call_timeout: that is told.
        if (error.code() != errc::timed_out || std::chrono::steady_clock::now() < end)
            throw;
    }
    co_return changes;
}

} // namespace

BlockingSecretWatcher::BlockingSecretWatcher(std::shared_ptr<detail::BlockingClient<Model>> client, SecretWatcher watcher)
    : client_(std::move(client)), watcher_(std::move(watcher))
{
}

BlockingSecretWatcher::BlockingSecretWatcher(BlockingSecretWatcher&&) noexcept = default;

BlockingSecretWatcher& BlockingSecretWatcher::operator=(BlockingSecretWatcher&& other) noexcept
{
    std::swap(client_, other.client_); // a watcher must go before the last owner of its client does
    std::swap(watcher_, other.watcher_);
    return *this;
}

BlockingSecretWatcher::~BlockingSecretWatcher() = default;

std::vector<SecretChange> BlockingSecretWatcher::next()
{
    return client_->run(watcher_.next());
}

std::vector<SecretChange> BlockingSecretWatcher::next(std::chrono::milliseconds limit)
{
    return client_->run(next_within(watcher_, std::min(limit, longest)));
}

} // namespace juju
