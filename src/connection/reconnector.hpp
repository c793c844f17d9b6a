#pragma once

#include "strand.hpp"

#include <juju/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <random>

namespace juju::connection {

/// Makes a lost connection again: one attempt at a time, shared by all who wait for it. On the strand.
///
/// After a failed attempt the next one starts later: at first after up to 100 ms, then twice as long each time, up to 5 s; a random part of
/// up to a half is left out, so that many clients do not come at the same time.
class Reconnector : public std::enable_shared_from_this<Reconnector> {
public:
    using Clock = std::chrono::steady_clock;

    /// Connects and logs in, or throws.
    using Dial = std::function<boost::asio::awaitable<void>()>;

    explicit Reconnector(Strand strand) : strand_(std::move(strand)) {}

    /// Waits for the attempt under way; without one, starts one. It goes on when who waits gives up.
    /// @throws Error what it failed with; errc::timed_out when `deadline` comes first, errc::canceled.
    boost::asio::awaitable<void> wait(Dial dial, Clock::time_point deadline);

    /// Ends the attempt under way; who waits gets `cause`.
    void stop(const Error& cause);

private:
    struct Attempt;

    std::shared_ptr<Attempt> start(Dial dial);
    void finish(const std::shared_ptr<Attempt>& attempt, const std::exception_ptr& cause);
    Clock::duration pause();

    static boost::asio::awaitable<void> run(Strand strand, Dial dial, Clock::time_point start);

    Strand strand_;
    std::shared_ptr<Attempt> attempt_;
    unsigned failures_ = 0; ///< one after the other
    Clock::time_point next_start_ = Clock::time_point::min();
    std::minstd_rand random_{std::random_device()()};
};

} // namespace juju::connection
