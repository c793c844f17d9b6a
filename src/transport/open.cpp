#include "transport/open.hpp"

#include "log.hpp"
#include "transport/open_error.hpp"
#include "transport/tcp.hpp"
#include "transport/tls_websocket.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <list>
#include <optional>
#include <utility>

namespace juju::transport {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// As Juju's own client (wire-protocol 6.1).
constexpr std::chrono::milliseconds stagger{50};

bool is_ip(const std::string& host)
{
    boost::system::error_code error;
    asio::ip::make_address(host, error);
    return !error;
}

Error cancelled()
{
    detail::ErrorDetails details("connecting was cancelled");
    details.connection_usable = false;
    return Error(make_error_code(errc::canceled), std::move(details));
}

/// Attempts that run at the same time until one succeeds. Each runs in a coroutine of its own, with its own cancellation.
class Race : public std::enable_shared_from_this<Race> {
public:
    Race(Strand strand, OpenOptions options, std::shared_ptr<DialReport> report)
        : strand_(std::move(strand)), options_(std::move(options)), report_(std::move(report)), wake_(strand_), known_(options_.tried)
    {
    }

    /// What is remembered of a name can be stale, and then silent: such names are looked up behind all others.
    void enter(const std::vector<Endpoint>& endpoints)
    {
        std::vector<Endpoint> remembered;
        for (const auto& endpoint : endpoints) {
            const bool is_looked_up = !is_ip(endpoint.host) && !options_.proxy.proxy_for(endpoint.host);
            const auto cached = options_.dns_cache.find(endpoint.host);
            if (!is_looked_up) {
                add(endpoint, endpoint.host);
            } else if (cached == options_.dns_cache.end() || cached->second.empty()) {
                waiting_.emplace_back(endpoint, std::string());
            } else {
                for (const auto& ip : cached->second)
                    add(endpoint, ip);
                remembered.push_back(endpoint);
            }
        }
        for (const auto& endpoint : remembered)
            waiting_.emplace_back(endpoint, std::string());
    }

    /// Runs until one attempt has succeeded or all have failed, and nothing runs any more.
    /// @throws Error when all have failed, and whatever else an attempt has ended with.
    asio::awaitable<void> run()
    {
        bool is_cancelled = false;
        while (!winner_ && !broken_ && !is_cancelled && (!waiting_.empty() || !runners_.empty())) {
            if (!waiting_.empty() && Clock::now() >= next_start_)
                start_next();
            else
                is_cancelled = co_await wait_until(waiting_.empty() ? Clock::time_point::max() : next_start_);
        }
        for (auto& runner : runners_)
            runner.cancel.emit(asio::cancellation_type::terminal);
        while (!runners_.empty())
            co_await wait_until(Clock::time_point::max());
        if (broken_)
            std::rethrow_exception(broken_);
        if (is_cancelled)
            throw cancelled();
        if (!winner_)
            throw report_->failure();
    }

    Opened take_winner() { return std::move(*winner_); }

private:
    struct Target {
        Target(Endpoint target_endpoint, std::string target_ip) : endpoint(std::move(target_endpoint)), ip(std::move(target_ip)) {}

        Endpoint endpoint;
        std::string ip; ///< empty: to be looked up first
    };

    struct Runner {
        asio::cancellation_signal cancel;
    };

    void add(const Endpoint& endpoint, const std::string& ip)
    {
        if (is_new(endpoint, ip))
            waiting_.emplace_back(endpoint, ip);
    }

    /// Whether an address is met for the first time.
    bool is_new(const Endpoint& endpoint, const std::string& ip)
    {
        auto key = key_of(endpoint, ip);
        if (std::ranges::find(known_, key) != known_.end())
            return false;
        known_.push_back(std::move(key));
        return true;
    }

    static std::string key_of(const Endpoint& endpoint, const std::string& ip) { return ip + ' ' + endpoint.port + ' ' + endpoint.prefix; }

    void start_next()
    {
        const auto target = std::move(waiting_.front());
        waiting_.pop_front();
        next_start_ = Clock::now() + stagger;
        const auto runner = runners_.emplace(runners_.end());
        auto& attempt = report_->start(address_of(target));
        auto finish = [self = shared_from_this(), runner, &attempt](std::exception_ptr error) {
            self->runners_.erase(runner);
            self->finish(attempt, error);
            self->wake_.cancel();
        };
        asio::co_spawn(strand_, attempt_at(target, attempt),
                       asio::bind_cancellation_slot(runner->cancel.slot(), asio::bind_executor(strand_, std::move(finish))));
    }

    static std::string address_of(const Target& target)
    {
        const auto address = target.endpoint.authority();
        return target.ip.empty() || target.ip == target.endpoint.host ? address : address + " (" + target.ip + ')';
    }

    asio::awaitable<void> attempt_at(Target target, Attempt& attempt)
    {
        if (target.ip.empty()) {
            attempt.phase = Phase::resolve;
            auto looking = resolve(strand_, target.endpoint.host);
            const auto addresses = co_await std::move(looking);
            take_up(target, addresses);
            if (target.ip.empty())
                co_return;
            attempt.address = address_of(target);
        }
        WebSocketOptions how;
        how.tls = options_.tls;
        how.proxy = options_.proxy.proxy_for(target.endpoint.host);
        how.ip = target.ip;
        how.target = options_.path;
        how.max_message_size = options_.max_message_size;
        auto opening = open_tls_websocket(strand_, target.endpoint, how, attempt);
        auto stream = co_await std::move(opening);
        if (winner_) // too late: closed here
            co_return;
        winner_.emplace();
        winner_->stream = std::move(stream);
        winner_->endpoint = target.endpoint;
        winner_->ip = how.proxy ? std::string() : target.ip;
        winner_->attempt = &attempt;
        winner_->key = key_of(target.endpoint, target.ip);
        winner_->is_last = waiting_.empty() && runners_.size() == 1;
    }

    /// The first address goes on as the attempt that has looked it up; the others come last, and `run` is told.
    void take_up(Target& target, const std::vector<std::string>& addresses)
    {
        for (const auto& ip : addresses) {
            if (!is_new(target.endpoint, ip))
                continue;
            if (target.ip.empty())
                target.ip = ip;
            else
                waiting_.emplace_back(target.endpoint, ip);
        }
        next_start_ = Clock::now() + stagger;
        wake_.cancel();
    }

    void finish(Attempt& attempt, const std::exception_ptr& cause)
    {
        if (winner_ && winner_->attempt == &attempt) {
            attempt.phase = Phase::login;
            return;
        }
        attempt.ended = Clock::now();
        next_start_ = Clock::time_point::min();
        if (!cause)
            return;
        try {
            std::rethrow_exception(cause);
        } catch (const Error& error) {
            const bool is_given_up = error.code() == asio::error::operation_aborted || error.code() == errc::canceled;
            if (is_given_up)
                return;
            attempt.error = error;
            // Its text may quote the server.
            log::debug("{}: {}", attempt.address, error.code().message());
        } catch (const boost::system::system_error& error) { // Asio's own; of a coroutine that was cancelled: it was given up
            if (error.code() != asio::error::operation_aborted)
                attempt.error = open_error(error.code(), "connecting to " + attempt.address);
        } catch (...) { // memory, for one
            if (!broken_)
                broken_ = cause;
        }
    }

    /// Waits for the time, or for something to happen. @return whether the caller was cancelled
    asio::awaitable<bool> wait_until(Clock::time_point time)
    {
        wake_.expires_at(time);
        boost::system::error_code ignored;
        co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        const auto state = co_await asio::this_coro::cancellation_state;
        co_return state.cancelled() != asio::cancellation_type::none;
    }

    Strand strand_;
    OpenOptions options_;
    std::shared_ptr<DialReport> report_;
    asio::steady_timer wake_;
    std::deque<Target> waiting_;
    std::vector<std::string> known_;
    std::list<Runner> runners_;
    Clock::time_point next_start_ = Clock::time_point::min(); ///< of what waits
    std::exception_ptr broken_;                               ///< what an attempt has thrown that says nothing of its address
    std::optional<Opened> winner_;
};

} // namespace

asio::awaitable<Opened> open_first(Strand strand, std::vector<Endpoint> endpoints, OpenOptions options, std::shared_ptr<DialReport> report)
{
    const auto race = std::make_shared<Race>(strand, std::move(options), std::move(report));
    race->enter(endpoints);
    // The attempts are waited for even when the caller is cancelled.
    co_await asio::this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
        auto running = race->run();
        co_await std::move(running);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(true);
    if (failure)
        std::rethrow_exception(failure);
    co_return race->take_winner();
}

} // namespace juju::transport
