#include <juju/secret_watcher.hpp>

#include "local_error.hpp"
#include "operations/run.hpp"
#include "operations/secret_changes.hpp"

#include <juju/secrets_manager.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <utility>

namespace juju {
namespace asio = boost::asio;

/// What a watcher knows. Only the `next` that holds the turn touches it.
class detail::WatchState {
public:
    using Clock = std::chrono::steady_clock;

    WatchState(std::shared_ptr<Connection> connection, const WatchOptions& options)
        : manager_(std::move(connection)),
          filter_(options.filter()),
          interval_(options.interval()),
          report_existing_(options.report_existing())
    {
        filter_.show_secrets(false);
    }

    /// The right to be the one `next`, until it is destroyed.
    class Turn {
    public:
        explicit Turn(WatchState& state) : busy_(state.busy_)
        {
            if (busy_.exchange(true))
                throw local_error(errc::invalid_argument, "a next of this watcher is going on; one at a time");
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() { busy_ = false; }

    private:
        std::atomic<bool>& busy_;
    };

    void check() const
    {
        using namespace std::chrono_literals;
        if (interval_ < 1ms)
            throw local_error(errc::invalid_argument, "interval of " + std::to_string(interval_.count()) +
                                                          " ms not valid: a watcher needs at least 1 ms (WatchOptions::interval)");
    }

    /// When the next list may start; empty when that is now.
    std::optional<Clock::time_point> next_list() const
    {
        std::optional<Clock::time_point> time;
        if (last_list_)
            time = *last_list_ + interval_;
        return time;
    }

    asio::awaitable<std::vector<Secret>> list()
    {
        last_list_ = Clock::now();
        return manager_.list(filter_);
    }

    /// Compares with the list before and moves on to this one. What this gives must reach the caller.
    std::vector<SecretChange> advance(std::vector<Secret> secrets)
    {
        auto now = operations::by_uri(std::move(secrets));
        std::vector<SecretChange> changes;
        if (has_list_ || report_existing_)
            changes = operations::secret_changes(known_, now);
        known_.swap(now);
        has_list_ = true;
        return changes;
    }

private:
    SecretsManager manager_;
    SecretFilter filter_;
    std::chrono::milliseconds interval_;
    bool report_existing_;
    std::atomic<bool> busy_ = false;
    std::optional<Clock::time_point> last_list_; ///< When the last list was started, whatever became of it.
    bool has_list_ = false;
    operations::SecretsByUri known_; ///< The last list that was compared.
};

namespace {

/// Runs on the caller's executor. From `advance` to the end nothing may wait, so that no change is lost.
asio::awaitable<std::vector<SecretChange>> next_changes(std::shared_ptr<detail::WatchState> state)
{
    const detail::WatchState::Turn turn(*state);
    state->check();
    asio::steady_timer timer(co_await asio::this_coro::executor);
    std::vector<SecretChange> changes;
    while (changes.empty()) {
        if (const auto time = state->next_list()) {
            timer.expires_at(*time);
            co_await timer.async_wait(asio::use_awaitable);
        }
        auto secrets = co_await state->list();
        // Whoever cancelled this meanwhile may not look at the result any more.
        const auto cancellation = co_await asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != asio::cancellation_type::none)
            throw detail::local_error(errc::canceled, "watching was cancelled");
        changes = state->advance(std::move(secrets));
    }
    co_return std::move(changes);
}

} // namespace

SecretWatcher::SecretWatcher(std::shared_ptr<detail::Connection> connection, WatchOptions options)
    : state_(std::make_shared<detail::WatchState>(std::move(connection), options))
{
}

SecretWatcher::SecretWatcher(SecretWatcher&&) noexcept = default;
SecretWatcher& SecretWatcher::operator=(SecretWatcher&&) noexcept = default;
SecretWatcher::~SecretWatcher() = default;

asio::awaitable<std::vector<SecretChange>> SecretWatcher::next()
{
    return operations::as_call(next_changes(state_));
}

} // namespace juju
