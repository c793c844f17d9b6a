#include "operations/wait.hpp"

#include "operations/one_secret.hpp"

#include <juju/with_timeout.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace juju::operations {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A hundred years: what a steady clock can surely add to its time.
constexpr std::chrono::milliseconds longest_limit = 24h * 36'525;

constexpr Clock::duration first_pause = 50ms;
constexpr Clock::duration longest_pause = 1s;
constexpr Clock::duration shortest_pause = 10ms;

/// Looks at one secret again and again, until it is as wanted or the time is up. Requests count as part of the time.
class Wait {
public:
    /// @param wanted such as "removed", for the error.
    Wait(ConnectionPtr connection, SecretRef secret, std::chrono::milliseconds limit, std::string wanted)
        : manager_(std::move(connection)),
          secret_(std::move(secret)),
          name_(secret_.str()),
          wanted_(std::move(wanted)),
          limit_(std::clamp<std::chrono::milliseconds>(limit, 0ms, longest_limit)),
          end_(Clock::now() + limit_)
    {
    }

    /// The secret as it is now, or nothing when there is none. The first look finds out which secret a name means.
    asio::awaitable<std::vector<Secret>> look()
    {
        std::vector<Secret> found;
        try {
            if (limit_ == 0ms) // one look, for as long as the connection gives a call
                found = co_await manager_.list(filter_for(secret_));
            else
                found = co_await juju::with_timeout(end_ - Clock::now(), manager_.list(filter_for(secret_)));
        } catch (const Error& error) {
            if (error.code() == errc::timed_out && limit_ != 0ms && Clock::now() >= end_)
                throw timed_out();
            throw;
        }
        if (!found.empty()) {
            found = std::vector<Secret>(1, choose(std::move(found), secret_));
            secret_ = SecretRef(found.front().uri());
        }
        co_return found;
    }

    /// Waits until it is worth looking again: soon at first, then at longer intervals, and closer together again near the end.
    /// @param found what the last look found, for the error.
    /// @throws Error errc::timed_out at the end.
    asio::awaitable<void> pause(std::string found)
    {
        found_ = std::move(found);
        const auto left = end_ - Clock::now();
        asio::steady_timer timer(co_await asio::this_coro::executor);
        timer.expires_after(left / 2 < shortest_pause ? left : std::min(pause_, left / 2));
        pause_ = std::min(pause_ * 2, longest_pause);
        if (left > 0ms)
            co_await timer.async_wait(asio::use_awaitable);
        if (Clock::now() >= end_)
            throw timed_out();
    }

private:
    /// Nothing was changed, so the outcome stays `not_sent`.
    Error timed_out() const
    {
        detail::ErrorDetails details("secret \"" + name_ + "\" was not " + wanted_ + " within " + std::to_string(limit_.count()) +
                                     " ms: " + found_);
        details.request = "Secrets.ListSecrets";
        return Error(make_error_code(errc::timed_out), std::move(details));
    }

    SecretsManager manager_;
    SecretRef secret_;
    std::string name_;
    std::string wanted_;
    std::chrono::milliseconds limit_;
    Clock::time_point end_;
    Clock::duration pause_ = first_pause;
    std::string found_ = "the controller did not answer";
};

/// The revisions beside the latest, such as "1, 2"; empty when there are none.
std::string older_revisions(const Secret& secret)
{
    std::string text;
    for (const auto& revision : secret.revisions()) {
        if (revision.number() != secret.latest_revision())
            text += (text.empty() ? "" : ", ") + std::to_string(revision.number());
    }
    return text;
}

} // namespace

asio::awaitable<void> wait_until_removed(ConnectionPtr connection, SecretRef secret, std::chrono::milliseconds limit)
{
    Wait wait(std::move(connection), std::move(secret), limit, "removed");
    auto found = co_await wait.look();
    while (!found.empty()) {
        co_await wait.pause("it is still there");
        found = co_await wait.look();
    }
}

asio::awaitable<void> wait_until_pruned(ConnectionPtr connection, SecretRef secret, std::chrono::milliseconds limit)
{
    Wait wait(std::move(connection), secret, limit, "pruned");
    auto found = choose(co_await wait.look(), secret);
    for (auto older = older_revisions(found); !older.empty(); older = older_revisions(found)) {
        co_await wait.pause("beside the latest, " + std::to_string(found.latest_revision()) + ", there is still " + older);
        found = choose(co_await wait.look(), secret);
    }
}

} // namespace juju::operations
