#include "connection/activity.hpp"

#include "log.hpp"
#include "wire/item_error.hpp"
#include "wire/server_errors.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <utility>

namespace juju::connection {
namespace {

/// How many errors are remembered one by one.
constexpr std::size_t kept_errors = 10;

std::uint64_t next_key()
{
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
}

/// Runs a member of an observer, which may throw.
template <class Call>
void guarded_call(const char* member, Call call)
{
    try {
        call();
    } catch (...) { // its text is the program's own, and may be anything
        log::warn("RequestObserver::{} has thrown", member);
    }
}

RequestOutcome outcome_of(const Error& error)
{
    switch (error.outcome()) {
    case Outcome::not_sent: return RequestOutcome::not_sent;
    case Outcome::rejected: return RequestOutcome::rejected;
    case Outcome::unknown: break;
    }
    return RequestOutcome::unknown;
}

/// What a reply is refused for, as a whole or an item of it.
std::optional<errc> refusal_of(wire::Reply& reply)
{
    if (reply.is_error())
        return wire::classify(reply.error_code(), reply.error());
    return wire::first_refusal(reply);
}

} // namespace

Activity::Snapshot Activity::snapshot() const
{
    Snapshot result;
    const std::lock_guard lock(mutex_);
    result.counters = counters_;
    result.pings = pings_;
    result.errors = errors_;
    result.last_errors = last_errors_;
    result.facades = facades_;
    result.in_flight.assign(in_flight_.begin(), in_flight_.end());
    return result;
}

void Activity::sent(std::size_t bytes)
{
    const std::lock_guard lock(mutex_);
    counters_.bytes_sent += bytes;
}

void Activity::received(std::size_t bytes)
{
    const std::lock_guard lock(mutex_);
    counters_.bytes_received += bytes;
}

void Activity::late_reply()
{
    const std::lock_guard lock(mutex_);
    ++counters_.late_replies;
}

void Activity::ping(Clock::duration round_trip)
{
    const std::lock_guard lock(mutex_);
    ++pings_.answered;
    pings_.last = round_trip;
    pings_.shortest = std::min(pings_.shortest, round_trip);
    pings_.longest = std::max(pings_.longest, round_trip);
}

void Activity::lost()
{
    const std::lock_guard lock(mutex_);
    ++counters_.losses;
}

void Activity::connected(bool again)
{
    const std::lock_guard lock(mutex_);
    ++(again ? counters_.reconnects : counters_.connects);
}

void Activity::failed_to_connect(bool again, const Error& error)
{
    const std::lock_guard lock(mutex_);
    ++(again ? counters_.failed_reconnects : counters_.failed_connects);
    count(error.code(), again ? "connect again" : "connect");
}

/// With the mutex held. Other texts of an error hold names.
void Activity::count(const boost::system::error_code& error, const std::string& request)
{
    auto text = error.message();
    ++errors_[text];
    last_errors_.push_front(Failure{std::move(text), request, Clock::now()});
    if (last_errors_.size() > kept_errors)
        last_errors_.pop_back();
}

RequestWatch::RequestWatch(const Watcher& watcher, const wire::Request& request, std::uint64_t id)
    : watcher_(watcher), name_(request.name()), start_(Activity::Clock::now()), is_repeat_(request.is_repeat())
{
    if (watcher_.activity) {
        auto& activity = *watcher_.activity;
        const std::lock_guard lock(activity.mutex_);
        int& version = activity.facades_[request.facade()];
        version = std::max(version, request.version());
        entry_ = activity.in_flight_.insert(activity.in_flight_.end(), Activity::InFlight{name_, start_});
    }
    if (!watcher_.observer)
        return;
    observed_.key(next_key()).facade(request.facade()).version(request.version()).method(request.method());
    observed_.request_id(id).is_repeat(is_repeat_);
    guarded_call("start", [this] { trace_ = watcher_.observer->start(observed_); });
}

RequestWatch::~RequestWatch()
{
    if (!watcher_.activity)
        return;
    const std::lock_guard lock(watcher_.activity->mutex_);
    watcher_.activity->in_flight_.erase(entry_);
}

void RequestWatch::answered(wire::Reply& reply)
{
    RequestEnd result;
    result.bytes_received(reply.size());
    if (watcher_.activity || watcher_.observer) {
        if (const auto refusal = refusal_of(reply))
            result.outcome(RequestOutcome::rejected).error(make_error_code(*refusal));
    }
    end(result, true);
}

void RequestWatch::failed(const Error& error)
{
    RequestEnd result;
    result.outcome(outcome_of(error)).error(error.code());
    end(result, error.outcome() != Outcome::not_sent);
}

void RequestWatch::end(RequestEnd& result, bool was_sent)
{
    result.duration(Activity::Clock::now() - start_).bytes_sent(was_sent ? size_ : 0);
    if (watcher_.activity) {
        auto& activity = *watcher_.activity;
        const std::lock_guard lock(activity.mutex_);
        auto& counters = activity.counters_;
        ++counters.requests;
        counters.repeated += is_repeat_ ? 1 : 0;
        counters.timed_out += result.error() == errc::timed_out ? 1 : 0;
        counters.canceled += result.error() == errc::canceled ? 1 : 0;
        switch (result.outcome()) {
        case RequestOutcome::succeeded: ++counters.succeeded; break;
        case RequestOutcome::not_sent: ++counters.not_sent; break;
        case RequestOutcome::rejected: ++counters.rejected; break;
        case RequestOutcome::unknown: ++counters.unknown; break;
        }
        if (result.error())
            activity.count(result.error(), name_);
    }
    if (watcher_.observer)
        guarded_call("end", [&] { watcher_.observer->end(observed_, result); });
}

} // namespace juju::connection
