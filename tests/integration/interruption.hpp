#pragma once

#include "support/client.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace juju::test {

/// What happens to one request of an operation.
struct Interruption {
    MockFaultKind kind;
    bool applied; ///< whether the controller carries the request out all the same

    bool answered() const { return kind == MockFaultKind::error; }
    bool ends_connection() const { return kind == MockFaultKind::reset || kind == MockFaultKind::websocket_close; }

    std::string name() const
    {
        const std::string when = applied ? ", applied" : ", not applied";
        switch (kind) {
        case MockFaultKind::reset: return "reset" + when;
        case MockFaultKind::websocket_close: return "closed" + when;
        case MockFaultKind::withhold: return "no answer" + when;
        case MockFaultKind::reply: return "answer of no use" + when;
        default: return "refused" + when;
        }
    }

    MockFault at_request(std::size_t k) const
    {
        MockFault fault(kind);
        fault.nth(k).after_applying(applied);
        if (kind == MockFaultKind::reply)
            fault.text(R"({"request-id":$ID,"response":{}})");
        if (kind == MockFaultKind::error)
            fault.text("the database is away").code("");
        return fault;
    }
};

/// The connection ends before or after the request was carried out; it stays, and no answer comes, or none of use, or a refusal.
inline std::vector<Interruption> interruptions()
{
    return {{MockFaultKind::reset, false},   {MockFaultKind::reset, true}, {MockFaultKind::websocket_close, true},
            {MockFaultKind::withhold, true}, {MockFaultKind::reply, true}, {MockFaultKind::error, false}};
}

/// Connects, with a call timeout that is short only where an answer is withheld. It is passed once then; where more time went by, the
/// machine was so slow that another call may have timed out as well, and `attempt` is made again with a longer one.
template <class Attempt>
auto with_call_timeout(const Interruption& interruption, Attempt attempt)
{
    std::chrono::milliseconds limit(interruption.kind == MockFaultKind::withhold ? 150 : 20'000);
    for (;; limit *= 3) {
        const auto start = std::chrono::steady_clock::now();
        auto outcome = attempt(limit);
        if (std::chrono::steady_clock::now() - start < 2 * limit)
            return outcome;
    }
}

/// "UpdateSecrets" for the text of such a request.
inline std::string method_of(const std::string& request)
{
    const std::string head = R"("request":")";
    const auto start = request.find(head) + head.size();
    return request.substr(start, request.find('"', start) - start);
}

/// Runs a call and cancels it while its k-th request is with the controller. No clock is involved: the answer is held back until another
/// call was answered, which is made after the cancellation.
template <class T>
void cancel_at_request(Client& client, std::size_t k, boost::asio::awaitable<T> call, std::optional<T>& result, std::exception_ptr& failure)
{
    const auto before = client.mock.total_requests();
    client.mock.add_fault(MockFault(MockFaultKind::hold).nth(k));
    boost::asio::cancellation_signal signal;
    bool done = false;
    auto finish = [&](std::exception_ptr error) {
        done = true;
        failure = error;
    };
    boost::asio::co_spawn(client.context, detail::store_result(std::move(call), result),
                          boost::asio::bind_cancellation_slot(signal.slot(), finish));
    while (!done && client.mock.total_requests() < before + k)
        client.context.run_one_for(std::chrono::milliseconds(1));
    ASSERT_FALSE(done) << "the call ended before it made " << k << " requests";
    signal.emit(boost::asio::cancellation_type::terminal);
    client.run(client.model.list_secrets());
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done && client.context.run_one_until(limit) != 0) {
    }
    client.context.restart();
    ASSERT_TRUE(done) << "the call did not end";
}

} // namespace juju::test
