#pragma once

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace juju {

/// Where a request belongs in a distributed trace, in the form of W3C Trace Context and of OpenTelemetry. Without ids it says that there is
/// no trace.
class TraceContext {
public:
    /// No trace.
    TraceContext() {}

    /// @param trace_id 32 lower-case hex digits, not all zero (W3C Trace Context, section 3.2.2).
    /// @param span_id 16 lower-case hex digits, not all zero: the span of the request.
    /// @param trace_flags 1 when the trace is sampled. Flags of 0 are not sent, which means the same.
    /// @throws Error errc::invalid_argument for ids of another form.
    TraceContext(std::string trace_id, std::string span_id, std::uint8_t trace_flags = 1);

    /// Whether there is no trace.
    bool empty() const noexcept { return trace_id_.empty(); }
    const std::string& trace_id() const noexcept { return trace_id_; }
    const std::string& span_id() const noexcept { return span_id_; }
    std::uint8_t trace_flags() const noexcept { return trace_flags_; }

private:
    std::string trace_id_;
    std::string span_id_;
    std::uint8_t trace_flags_ = 0;
};

/// A request, without its parameters: they hold values.
class ObservedRequest {
public:
    ObservedRequest() {}

    /// Tells this request from all others of the process; the same at its start and at its end.
    std::uint64_t key() const noexcept { return key_; }

    /// Such as "Secrets".
    const std::string& facade() const noexcept { return facade_; }
    /// Of the facade.
    int version() const noexcept { return version_; }

    /// Such as "CreateSecrets".
    const std::string& method() const noexcept { return method_; }

    /// The `request-id` on the wire. Each connection counts from 1.
    std::uint64_t request_id() const noexcept { return request_id_; }

    /// Whether it was sent before, on a connection that was lost before the answer came.
    bool is_repeat() const noexcept { return is_repeat_; }

    // The library sets these; tests of observers can.

    ObservedRequest& key(std::uint64_t value) noexcept
    {
        key_ = value;
        return *this;
    }
    ObservedRequest& facade(std::string name)
    {
        facade_ = std::move(name);
        return *this;
    }
    ObservedRequest& version(int number) noexcept
    {
        version_ = number;
        return *this;
    }
    ObservedRequest& method(std::string name)
    {
        method_ = std::move(name);
        return *this;
    }
    ObservedRequest& request_id(std::uint64_t id) noexcept
    {
        request_id_ = id;
        return *this;
    }
    ObservedRequest& is_repeat(bool on) noexcept
    {
        is_repeat_ = on;
        return *this;
    }

private:
    std::uint64_t key_ = 0;
    std::string facade_;
    int version_ = 0;
    std::string method_;
    std::uint64_t request_id_ = 0;
    bool is_repeat_ = false;
};

/// What became of a request.
enum class RequestOutcome {
    succeeded, ///< The controller answered, without an error for the request, in the response or in one of its `results`.
    not_sent,  ///< It was given up before it left this process.
    rejected,  ///< The controller refused it, or an item of it.
    unknown    ///< It was sent and no answer came: it may or may not have taken effect.
};

/// "succeeded", "not_sent", "rejected" or "unknown".
std::string_view to_string(RequestOutcome outcome) noexcept;

/// How a request ended.
class RequestEnd {
public:
    RequestEnd() {}

    RequestOutcome outcome() const noexcept { return outcome_; }

    /// Why it did not succeed: a value of `juju::errc`, that of the first item where items were refused; errc::canceled where
    /// `juju::with_timeout` has ended it. Empty after a success.
    const boost::system::error_code& error() const noexcept { return error_; }

    /// The size of the request's message in bytes, before WebSocket and TLS add theirs; 0 when it was not sent.
    std::size_t bytes_sent() const noexcept { return bytes_sent_; }

    /// The size of the reply's message in bytes; 0 when none came.
    std::size_t bytes_received() const noexcept { return bytes_received_; }

    /// From the start to the end, the wait for other requests before it included.
    std::chrono::nanoseconds duration() const noexcept { return duration_; }

    // The library sets these; tests of observers can.

    RequestEnd& outcome(RequestOutcome value) noexcept
    {
        outcome_ = value;
        return *this;
    }
    RequestEnd& error(const boost::system::error_code& code) noexcept
    {
        error_ = code;
        return *this;
    }
    RequestEnd& bytes_sent(std::size_t bytes) noexcept
    {
        bytes_sent_ = bytes;
        return *this;
    }
    RequestEnd& bytes_received(std::size_t bytes) noexcept
    {
        bytes_received_ = bytes;
        return *this;
    }
    RequestEnd& duration(std::chrono::nanoseconds time) noexcept
    {
        duration_ = time;
        return *this;
    }

private:
    RequestOutcome outcome_ = RequestOutcome::succeeded;
    boost::system::error_code error_;
    std::size_t bytes_sent_ = 0;
    std::size_t bytes_received_ = 0;
    std::chrono::nanoseconds duration_{0};
};

/// Is told of every request that goes to a controller, for metrics and traces; `ConnectOptions::request_observer` sets it. It sees names,
/// sizes, times and outcomes, and never a parameter, an answer or a value.
///
/// Every message counts as a request: those of calls (some make several), logins (`Admin.Login`), pings (`Pinger.Ping`), and the lookup
/// of a model's name. A call that fails before it has a request, such as for an argument or because no connection can be made, is
/// not told; nor is what is wrong in the contents of an answer, so that the call throws errc::malformed_reply.
///
/// Threads: both members run inside of the library, on a thread that runs the executor of the Model or Controller, one at a time for
/// each of these. An observer that several of them share is called at the same time where these run on several threads.
/// They must not block: all calls of the connection wait for them. They may call `diagnostics`, and start coroutines, but not wait for
/// them. A call that is started so can be told of before the member returns: a member that does that holds no lock then.
///
/// Exceptions: what a member throws is logged and changes nothing; after one of `start` the request has no trace.
class RequestObserver {
public:
    RequestObserver() = default;
    RequestObserver(const RequestObserver&) = delete;
    RequestObserver& operator=(const RequestObserver&) = delete;
    virtual ~RequestObserver() = default;

    /// A request is about to be sent. What it returns goes to the controller as `trace-id`, `span-id` and `trace-flags`, when that is Juju
    /// 4.0 or later and the connection is in use: not with logins and the lookup of a model's name. Default: no trace.
    virtual TraceContext start(const ObservedRequest& request);

    /// It has ended. Called once for each `start`, unless the io_context is destroyed meanwhile. Default: nothing.
    virtual void end(const ObservedRequest& request, const RequestEnd& end);
};

} // namespace juju
