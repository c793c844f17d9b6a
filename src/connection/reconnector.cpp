#include "connection/reconnector.hpp"

#include "log.hpp"
#include "wire/printable.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <list>
#include <optional>
#include <string>
#include <utility>

namespace juju::connection {
namespace {

namespace asio = boost::asio;
using Clock = Reconnector::Clock;

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{5000};

Error gave_up(errc code, const char* why)
{
    detail::ErrorDetails details(std::string("not sent: ") + why + " while connecting again");
    details.connection_usable = false;
    return Error(make_error_code(code), std::move(details));
}

/// The error of an exception that is not the library's: of a callback that a login asks, or of memory.
Error thrown(const std::string& text)
{
    detail::ErrorDetails details("an exception was thrown while connecting" + text);
    details.connection_usable = false;
    return Error(make_error_code(errc::connect_failed), std::move(details));
}

/// What an attempt has ended with, as an error of the library.
Error reason(const std::exception_ptr& cause)
{
    try {
        std::rethrow_exception(cause);
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& error) {
        return thrown(std::string(": ") + wire::printable(error.what()));
    } catch (...) {
        return thrown("");
    }
}

} // namespace

struct Reconnector::Attempt {
    /// Among those who wait, as long as it lives.
    class Place {
    public:
        Place(Attempt& attempt, asio::steady_timer& timer)
            : attempt_(attempt), place_(attempt.waiting.insert(attempt.waiting.end(), &timer))
        {
        }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() { attempt_.waiting.erase(place_); }

    private:
        Attempt& attempt_;
        std::list<asio::steady_timer*>::iterator place_;
    };

    std::list<asio::steady_timer*> waiting;
    asio::cancellation_signal cancel;
    std::optional<Error> failure;
    bool is_done = false;

    void end()
    {
        is_done = true;
        for (auto* const timer : waiting)
            timer->cancel();
    }
};

asio::awaitable<void> Reconnector::wait(Dial dial, Clock::time_point deadline)
{
    const auto before = co_await asio::this_coro::cancellation_state;
    if (before.cancelled() != asio::cancellation_type::none) // while an earlier request of the same coroutine was under way
        throw gave_up(errc::canceled, "cancelled");
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto attempt = attempt_ ? attempt_ : start(std::move(dial));
    asio::steady_timer timer(strand_, deadline);
    const Attempt::Place place(*attempt, timer);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (attempt->failure)
        throw *attempt->failure;
    if (attempt->is_done)
        co_return;
    if (Clock::now() >= deadline)
        throw gave_up(errc::timed_out, "the time was up");
    throw gave_up(errc::canceled, "cancelled");
}

void Reconnector::stop(const Error& cause)
{
    failures_ = 0;
    next_start_ = Clock::time_point::min();
    const auto attempt = std::exchange(attempt_, nullptr);
    if (!attempt)
        return;
    attempt->failure = cause;
    attempt->end();
    attempt->cancel.emit(asio::cancellation_type::terminal);
}

std::shared_ptr<Reconnector::Attempt> Reconnector::start(Dial dial)
{
    attempt_ = std::make_shared<Attempt>();
    auto finishing = [self = shared_from_this(), attempt = attempt_](std::exception_ptr cause) { self->finish(attempt, cause); };
    asio::co_spawn(strand_, run(strand_, std::move(dial), next_start_),
                   asio::bind_cancellation_slot(attempt_->cancel.slot(), asio::bind_executor(strand_, std::move(finishing))));
    return attempt_;
}

void Reconnector::finish(const std::shared_ptr<Attempt>& attempt, const std::exception_ptr& cause)
{
    if (attempt != attempt_) // stopped
        return;
    attempt_.reset();
    if (cause) {
        attempt->failure = reason(cause);
        log::warn("connecting again failed: {}", attempt->failure->code().message());
        ++failures_;
        next_start_ = Clock::now() + pause();
    } else {
        failures_ = 0;
        next_start_ = Clock::time_point::min();
    }
    attempt->end();
}

Clock::duration Reconnector::pause()
{
    constexpr unsigned most_doublings = 6;
    const auto whole = std::min(first_pause * (1U << std::min(failures_ - 1, most_doublings)), longest_pause);
    std::uniform_int_distribution<Clock::rep> some(0, std::chrono::duration_cast<Clock::duration>(whole).count() / 2);
    return whole - Clock::duration(some(random_));
}

asio::awaitable<void> Reconnector::run(Strand strand, Dial dial, Clock::time_point start)
{
    if (Clock::now() < start) {
        asio::steady_timer timer(strand, start);
        co_await timer.async_wait(asio::use_awaitable);
    }
    auto dialling = dial();
    co_await std::move(dialling);
}

} // namespace juju::connection
