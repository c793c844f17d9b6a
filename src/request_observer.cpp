#include <juju/request_observer.hpp>

#include "local_error.hpp"

#include <algorithm>

namespace juju {
namespace {

/// As W3C Trace Context has them, section 3.2.2.
bool is_id(std::string_view text, std::size_t digits)
{
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return text.size() == digits && std::ranges::all_of(text, is_digit) && text.find_first_not_of('0') != std::string_view::npos;
}

} // namespace

TraceContext::TraceContext(std::string trace_id, std::string span_id, std::uint8_t trace_flags)
    : trace_id_(std::move(trace_id)), span_id_(std::move(span_id)), trace_flags_(trace_flags)
{
    if (!is_id(trace_id_, 32))
        throw detail::local_error(errc::invalid_argument, "a trace id is 32 lower-case hex digits, not all of them 0");
    if (!is_id(span_id_, 16))
        throw detail::local_error(errc::invalid_argument, "a span id is 16 lower-case hex digits, not all of them 0");
}

std::string_view to_string(RequestOutcome outcome) noexcept
{
    switch (outcome) {
    case RequestOutcome::succeeded: return "succeeded";
    case RequestOutcome::not_sent: return "not_sent";
    case RequestOutcome::rejected: return "rejected";
    case RequestOutcome::unknown: break;
    }
    return "unknown";
}

TraceContext RequestObserver::start(const ObservedRequest&)
{
    return {};
}

void RequestObserver::end(const ObservedRequest&, const RequestEnd&) {}

} // namespace juju
