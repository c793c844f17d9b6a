#include "wire/pending_calls.hpp"

#include <utility>

namespace juju::wire {

PendingCalls::Delivery PendingCalls::deliver(Reply reply)
{
    if (reply.request_id() > last_id_)
        return Delivery::never_sent;
    const auto found = calls_.find(reply.request_id());
    if (found == calls_.end())
        return Delivery::dropped;
    PendingCall& call = *found->second;
    if (!call.sent_)
        return Delivery::never_sent;
    calls_.erase(found);
    call.reply_ = std::move(reply);
    call.wake_();
    return Delivery::delivered;
}

bool PendingCalls::mark_sent(std::uint64_t id)
{
    const auto found = calls_.find(id);
    if (found == calls_.end())
        return false;
    found->second->sent_ = true;
    return true;
}

void PendingCalls::fail_all(const Error& cause)
{
    const auto calls = std::exchange(calls_, {});
    for (const auto& [id, call] : calls) {
        call->failure_ = cause;
        call->wake_();
    }
}

PendingCall::PendingCall(PendingCalls& table, std::function<void()> wake) : table_(table), wake_(std::move(wake)), id_(++table.last_id_)
{
    table_.calls_.emplace(id_, this);
}

PendingCall::~PendingCall()
{
    const auto found = table_.calls_.find(id_);
    if (found != table_.calls_.end())
        table_.calls_.erase(found);
}

} // namespace juju::wire
