#pragma once

#include "connection/activity.hpp"
#include "connection/strand_hop.hpp"
#include "transport/message_stream.hpp"
#include "wire/pending_calls.hpp"
#include "wire/request.hpp"

#include <juju/error.hpp>

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace juju::connection {

using transport::CloseReason;
using transport::MessageStream;

/// Whether a request changes anything on the controller.
enum class Effect { none, some };

/// One connection: requests out, replies in, from the first message until the connection ends. It is never mended: a lost
/// session is replaced by a new one.
///
/// One reader, one writer and one pinger run while it lives. A call's deadline or cancellation touches only the call's own entry in the
/// table of pending calls. Everything happens on the strand that the stream was made with.
class Session : public std::enable_shared_from_this<Session> {
public:
    struct Timing {
        std::chrono::nanoseconds ping_interval;
        std::chrono::nanoseconds ping_timeout;
    };

    Session(Strand strand, std::unique_ptr<MessageStream> stream, Timing timing);

    /// Whom to tell of what happens; to be called before `start`.
    void watch(Watcher watcher) { watcher_ = std::move(watcher); }

    /// Sends the traces that the observer gives; to be called once the controller is known to take them.
    void send_traces() noexcept { sends_traces_ = true; }

    /// Starts the reader, the writer and the pinger.
    void start();

    /// Calls `ended` once, on the strand, when the session ends.
    void on_end(std::function<void()> ended) { ended_ = std::move(ended); }

    /// Holds what the stream needs until it is closed.
    void keep(std::shared_ptr<void> needed) { kept_ = std::move(needed); }

    /// Sends a request that changes nothing and waits for its reply, which may be a refusal.
    /// @throws Error errc::timed_out after `limit`, errc::canceled, or the reason why the session ended; with the outcome.
    boost::asio::awaitable<wire::Reply> call(wire::Request request, std::chrono::nanoseconds limit);

    /// The same for any request when part of the time has passed: until `deadline`; `limit` is for messages. Asio's cancellation types
    /// total and partial, which promise that nothing has happened, end it only where that is true: not a request that has been sent and may
    /// have an effect.
    boost::asio::awaitable<wire::Reply> call(wire::Request request, std::chrono::nanoseconds limit,
                                             std::chrono::steady_clock::time_point deadline, Effect effect);

    /// Ends the session: pending calls fail with `cause`, the peer is told goodbye.
    boost::asio::awaitable<void> close(Error cause, CloseReason reason = CloseReason::normal);

    /// Ends the session without a goodbye.
    void abort(const Error& cause);

    /// From any thread.
    bool alive() const noexcept { return alive_; }

    /// Why the session ended, once it has.
    const std::optional<Error>& end() const noexcept { return end_; }

    std::size_t pending() const noexcept { return pending_.size(); }

private:
    using Clock = std::chrono::steady_clock;

    struct Outgoing {
        std::uint64_t id;
        WipingString text;
    };

    static boost::asio::awaitable<void> read_loop(std::shared_ptr<Session> self);
    static boost::asio::awaitable<void> write_loop(std::shared_ptr<Session> self);
    static boost::asio::awaitable<void> ping_loop(std::shared_ptr<Session> self);
    static boost::asio::awaitable<void> read_messages(Session& self);

    void spawn(boost::asio::awaitable<void> loop);
    void deliver(WipingString message);
    std::vector<WipingString> take_ready();
    bool mark_ended(const Error& cause);
    Error failure(const wire::PendingCall& call, const std::string& request) const;
    Error end_of(const wire::PendingCall& call, const std::string& request, std::chrono::nanoseconds limit, bool is_late) const;

    Strand strand_;
    std::unique_ptr<MessageStream> stream_;
    Timing timing_;
    wire::PendingCalls pending_;
    std::deque<Outgoing> queue_;
    boost::asio::steady_timer write_wake_;
    boost::asio::steady_timer ping_wake_;
    Clock::time_point last_received_;
    std::atomic<bool> alive_ = true;
    std::optional<Error> end_;
    std::function<void()> ended_;
    std::shared_ptr<void> kept_;
    Watcher watcher_;
    bool sends_traces_ = false;
};

} // namespace juju::connection
