#pragma once

#include "wire/reply.hpp"
#include "wire/request.hpp"

#include <juju/error.hpp>
#include <juju/request_observer.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace juju::connection {

/// What has happened on the connections of one Model or Controller: for `diagnostics`, and for an observer. Of requests it knows names,
/// sizes and times. Every member may be called from any thread, and takes next to no time.
class Activity {
public:
    using Clock = std::chrono::steady_clock;

    struct InFlight {
        std::string request;
        Clock::time_point since;
    };

    struct Failure {
        std::string error; ///< the text of its code
        std::string request;
        Clock::time_point when;
    };

    struct Pings {
        std::uint64_t answered = 0;
        Clock::duration last{};
        Clock::duration shortest = Clock::duration::max();
        Clock::duration longest{};
    };

    struct Counters {
        std::uint64_t requests = 0; ///< that have ended
        std::uint64_t succeeded = 0;
        std::uint64_t not_sent = 0;
        std::uint64_t rejected = 0;
        std::uint64_t unknown = 0;
        std::uint64_t timed_out = 0;
        std::uint64_t canceled = 0;
        std::uint64_t repeated = 0;
        std::uint64_t late_replies = 0;
        std::uint64_t bytes_sent = 0;
        std::uint64_t bytes_received = 0;
        std::uint64_t connects = 0;
        std::uint64_t failed_connects = 0;
        std::uint64_t losses = 0;
        std::uint64_t reconnects = 0;
        std::uint64_t failed_reconnects = 0;
    };

    struct Snapshot {
        Counters counters;
        Pings pings;
        std::map<std::string, std::uint64_t> errors; ///< by the text of the code
        std::deque<Failure> last_errors;             ///< the newest first
        std::map<std::string, int> facades;          ///< the newest version in use
        std::vector<InFlight> in_flight;             ///< the oldest first
    };

    Activity() = default;
    Activity(const Activity&) = delete;
    Activity& operator=(const Activity&) = delete;

    Snapshot snapshot() const;

    void sent(std::size_t bytes);
    void received(std::size_t bytes);
    void late_reply();
    void ping(Clock::duration round_trip);
    void lost();
    void connected(bool again);
    void failed_to_connect(bool again, const Error& error);

private:
    friend class RequestWatch;

    void count(const boost::system::error_code& error, const std::string& request);

    mutable std::mutex mutex_;
    Counters counters_;
    Pings pings_;
    std::map<std::string, std::uint64_t> errors_;
    std::deque<Failure> last_errors_;
    std::map<std::string, int> facades_;
    std::list<InFlight> in_flight_;
};

/// Whom a session tells of its requests.
struct Watcher {
    std::shared_ptr<Activity> activity;
    std::shared_ptr<RequestObserver> observer; ///< may be null
};

/// One request that is under way. It lives in the frame of its call.
class RequestWatch {
public:
    RequestWatch(const Watcher& watcher, const wire::Request& request, std::uint64_t id);
    RequestWatch(const RequestWatch&) = delete;
    RequestWatch& operator=(const RequestWatch&) = delete;
    ~RequestWatch();

    /// What the observer wants the request to be sent with.
    const TraceContext& trace() const noexcept { return trace_; }

    void encoded(std::size_t bytes) noexcept { size_ = bytes; }

    void answered(wire::Reply& reply);
    void failed(const Error& error);

private:
    void end(RequestEnd& end, bool was_sent);

    Watcher watcher_;
    std::string name_;
    Activity::Clock::time_point start_;
    ObservedRequest observed_;
    TraceContext trace_;
    std::size_t size_ = 0;
    bool is_repeat_;
    std::list<Activity::InFlight>::iterator entry_;
};

} // namespace juju::connection
