#pragma once

#include "wire/reply.hpp"

#include <juju/error.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

namespace juju::wire {

class PendingCall;

/// The requests of one connection that wait for their replies, by request id. Ids count up from 1 and are never used again.
class PendingCalls {
public:
    PendingCalls() = default;
    PendingCalls(const PendingCalls&) = delete;
    PendingCalls& operator=(const PendingCalls&) = delete;

    enum class Delivery {
        delivered, ///< A call waited for it and was woken.
        dropped,   ///< Its call was answered before, cancelled or timed out.
        never_sent ///< No request had this id, or it has not left yet: the controller does not follow the protocol.
    };

    Delivery deliver(Reply reply);

    /// To be called right before a request leaves. False when nobody waits for it any more: it must not be sent.
    bool mark_sent(std::uint64_t id);

    /// Ends every waiting call with the same cause and wakes it.
    void fail_all(const Error& cause);

    std::size_t size() const noexcept { return calls_.size(); }

private:
    friend class PendingCall;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, PendingCall*> calls_;
};

/// One waiting call. It lives in the frame of its caller; its destruction forgets the id, so a late reply is dropped.
class PendingCall {
public:
    /// @param wake called once, when the call has a reply or a failure.
    PendingCall(PendingCalls& table, std::function<void()> wake);
    ~PendingCall();
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;

    std::uint64_t id() const noexcept { return id_; }
    bool sent() const noexcept { return sent_; }
    std::optional<Reply>& reply() noexcept { return reply_; }
    const std::optional<Error>& failure() const noexcept { return failure_; }

private:
    friend class PendingCalls;
    PendingCalls& table_;
    std::function<void()> wake_;
    std::uint64_t id_;
    bool sent_ = false;
    std::optional<Reply> reply_;
    std::optional<Error> failure_;
};

} // namespace juju::wire
