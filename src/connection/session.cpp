#include "connection/session.hpp"

#include "log.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

#include <utility>

namespace juju::connection {
namespace {

namespace asio = boost::asio;

/// The error of one call: with its name, and whether its request left.
Error call_error(errc code, const std::string& request, const std::string& why, bool sent, bool usable)
{
    detail::ErrorDetails details(request + ": " + why);
    details.request = request;
    details.outcome = sent ? Outcome::unknown : Outcome::not_sent;
    details.connection_usable = usable;
    return Error(make_error_code(code), std::move(details));
}

/// A reason why a session ends.
Error end_of_session(errc code, std::string message)
{
    detail::ErrorDetails details(std::move(message));
    details.outcome = Outcome::unknown;
    details.connection_usable = false;
    return Error(make_error_code(code), std::move(details));
}

std::string milliseconds(std::chrono::nanoseconds time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
}

/// Turns what a loop ended with into the reason why the session ends.
Error reason(const std::exception_ptr& cause)
{
    try {
        std::rethrow_exception(cause);
    } catch (const Error& error) {
        return error;
    } catch (const boost::system::system_error& error) {
        return end_of_session(errc::connection_lost, "the connection ended: " + error.code().message());
    } catch (...) { // its text is not the library's, and may quote a message
        return end_of_session(errc::connection_lost, "the connection ended by an unexpected exception");
    }
}

} // namespace

Session::Session(Strand strand, std::unique_ptr<MessageStream> stream, Timing timing)
    : strand_(std::move(strand)),
      stream_(std::move(stream)),
      timing_(timing),
      write_wake_(strand_),
      ping_wake_(strand_),
      last_received_(Clock::now())
{
}

void Session::start()
{
    spawn(read_loop(shared_from_this()));
    spawn(write_loop(shared_from_this()));
    spawn(ping_loop(shared_from_this()));
}

/// Runs a loop that ends only by an exception or with the session.
void Session::spawn(asio::awaitable<void> loop)
{
    auto finish = [self = shared_from_this()](std::exception_ptr error) {
        if (error)
            self->abort(reason(error));
    };
    asio::co_spawn(strand_, std::move(loop), std::move(finish));
}

asio::awaitable<wire::Reply> Session::call(wire::Request request, std::chrono::nanoseconds limit)
{
    const auto now = Clock::now();
    const auto last = Clock::time_point::max();
    return call(std::move(request), limit, limit < last - now ? now + limit : last, Effect::none);
}

asio::awaitable<wire::Reply> Session::call(wire::Request request, std::chrono::nanoseconds limit, Clock::time_point deadline, Effect effect)
{
    const auto self = shared_from_this();
    const std::string name = request.name();
    if (end_)
        throw call_error(errc::not_connected, name, std::string("not connected: ") + end_->what(), false, false);
    const auto before = co_await asio::this_coro::cancellation_state;
    if (before.cancelled() != asio::cancellation_type::none) // while an earlier request of the same coroutine was under way
        throw call_error(errc::canceled, name, "cancelled", false, true);
    co_await asio::this_coro::throw_if_cancelled(false);

    const auto started = Clock::now();
    asio::steady_timer timer(strand_, deadline);
    wire::PendingCall call(pending_, [&timer] { timer.cancel(); });
    RequestWatch watch(watcher_, request, call.id());
    auto text = sends_traces_ ? request.encode(call.id(), watch.trace()) : request.encode(call.id());
    watch.encoded(text.size());
    if (!end_) { // the observer may have ended it
        queue_.push_back(Outgoing{call.id(), std::move(text)});
        write_wake_.cancel();
    }
    while (!call.reply() && !call.failure() && timer.expiry() > Clock::now()) {
        const auto state = co_await asio::this_coro::cancellation_state;
        const bool may_be_dropped = !call.sent() || effect == Effect::none;
        const auto dropping = may_be_dropped ? asio::cancellation_type::all : asio::cancellation_type::terminal;
        if ((state.cancelled() & dropping) != asio::cancellation_type::none)
            break;
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }

    // A reply that arrived wins over everything else that happened meanwhile.
    if (auto& reply = call.reply()) {
        log::debug("{} (request {}): {} bytes in {}", name, call.id(), reply->size(), milliseconds(Clock::now() - started));
        watch.answered(*reply);
        co_return std::move(*reply);
    }
    const Error error = end_of(call, name, limit, timer.expiry() <= Clock::now());
    watch.failed(error);
    throw error;
}

/// Why a call without a reply has ended.
Error Session::end_of(const wire::PendingCall& call, const std::string& request, std::chrono::nanoseconds limit, bool is_late) const
{
    if (call.failure())
        return failure(call, request);
    if (is_late)
        return call_error(errc::timed_out, request, "no answer within " + milliseconds(limit), call.sent(), true);
    return call_error(errc::canceled, request, "cancelled", call.sent(), true);
}

Error Session::failure(const wire::PendingCall& call, const std::string& request) const
{
    const Error& cause = *call.failure();
    const bool known = cause.code().category() == error_category();
    return call_error(known ? static_cast<errc>(cause.code().value()) : errc::connection_lost, request, cause.what(), call.sent(), false);
}

asio::awaitable<void> Session::close(Error cause, CloseReason reason)
{
    const auto self = shared_from_this();
    if (!mark_ended(cause))
        co_return;
    co_await asio::this_coro::throw_if_cancelled(false); // a goodbye that is cut short is followed by the end all the same
    co_await stream_->close(reason);
    stream_->abort();
    kept_.reset();
}

void Session::abort(const Error& cause)
{
    if (mark_ended(cause))
        log::warn("connection ended: {}", cause.what());
    stream_->abort();
    kept_.reset();
}

/// Fails everything pending, once. False when the session had ended before.
bool Session::mark_ended(const Error& cause)
{
    if (end_)
        return false;
    end_ = cause;
    alive_ = false;
    queue_.clear();
    pending_.fail_all(cause);
    write_wake_.cancel();
    ping_wake_.cancel();
    if (const auto ended = std::exchange(ended_, nullptr))
        ended();
    return true;
}

asio::awaitable<void> Session::read_loop(std::shared_ptr<Session> self)
{
    std::exception_ptr error;
    try {
        co_await read_messages(*self);
    } catch (...) {
        error = std::current_exception();
    }
    const Error cause = reason(error);
    if (cause.code() == errc::message_too_large)
        co_await self->close(cause, CloseReason::too_big);
    else if (cause.code() == errc::malformed_reply)
        co_await self->close(cause, CloseReason::protocol_error);
    else
        self->abort(cause);
}

asio::awaitable<void> Session::read_messages(Session& self)
{
    for (;;) {
        WipingString message = co_await self.stream_->read();
        self.last_received_ = Clock::now();
        if (self.watcher_.activity)
            self.watcher_.activity->received(message.size());
        self.deliver(std::move(message));
    }
}

void Session::deliver(WipingString message)
{
    wire::Reply reply(std::move(message));
    const auto id = reply.request_id();
    switch (pending_.deliver(std::move(reply))) {
    case wire::PendingCalls::Delivery::delivered: return;
    case wire::PendingCalls::Delivery::dropped:
        log::debug("dropped the late reply to request {}", id);
        if (watcher_.activity)
            watcher_.activity->late_reply();
        return;
    case wire::PendingCalls::Delivery::never_sent:
        throw end_of_session(errc::malformed_reply, "the controller answered request " + std::to_string(id) + ", which was never sent");
    }
}

/// Everything that waits to be sent and that somebody still waits for.
std::vector<WipingString> Session::take_ready()
{
    std::vector<WipingString> ready;
    std::size_t bytes = 0;
    for (; !queue_.empty(); queue_.pop_front()) {
        if (!pending_.mark_sent(queue_.front().id))
            continue;
        bytes += queue_.front().text.size();
        ready.push_back(std::move(queue_.front().text));
    }
    if (watcher_.activity && bytes != 0)
        watcher_.activity->sent(bytes);
    return ready;
}

asio::awaitable<void> Session::write_loop(std::shared_ptr<Session> self)
{
    while (self->alive()) {
        auto ready = self->take_ready();
        if (!ready.empty()) {
            co_await self->stream_->write(std::move(ready));
            continue;
        }
        boost::system::error_code ignored;
        self->write_wake_.expires_at(Clock::time_point::max());
        co_await self->write_wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

asio::awaitable<void> Session::ping_loop(std::shared_ptr<Session> self)
{
    while (self->alive()) {
        boost::system::error_code ignored;
        self->ping_wake_.expires_at(self->last_received_ + self->timing_.ping_interval);
        co_await self->ping_wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (!self->alive())
            co_return;
        if (Clock::now() < self->last_received_ + self->timing_.ping_interval)
            continue;
        const auto asked = Clock::now();
        wire::Request ping("Pinger", 1, "Ping", "{}");
        bool silent = false;
        try {
            co_await self->call(std::move(ping), self->timing_.ping_timeout);
            if (self->watcher_.activity)
                self->watcher_.activity->ping(Clock::now() - asked);
        } catch (const Error& error) {
            silent = error.code() == errc::timed_out;
        }
        // Any message is a sign of life, also a refusal or the reply to another call.
        if (silent && self->last_received_ < asked)
            throw end_of_session(errc::connection_lost,
                                 "the controller did not answer Pinger.Ping within " + milliseconds(self->timing_.ping_timeout));
    }
}

} // namespace juju::connection
