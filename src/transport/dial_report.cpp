#include "transport/dial_report.hpp"

#include <algorithm>
#include <utility>

namespace juju::transport {
namespace {

std::string duration_text(std::chrono::steady_clock::duration time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
}

/// "127.0.0.1:17070: TCP connection to 127.0.0.1:17070 failed: Connection refused (after 3 ms)".
std::string line(const Attempt& attempt, const Error& error)
{
    const auto time = attempt.ended.value_or(Attempt::Clock::now()) - attempt.started;
    return attempt.address + ": " + error.what() + " (after " + duration_text(time) + ')';
}

Error no_answer(const Attempt& attempt)
{
    detail::ErrorDetails details("no answer in phase: " + std::string(phase_text(attempt.phase)));
    details.connection_usable = false;
    if (attempt.phase == Phase::login)
        details.outcome = Outcome::unknown;
    return Error(make_error_code(errc::timed_out), std::move(details));
}

/// Unknown where a login was sent on any of the ways.
Outcome outcome_of(const std::vector<ErrorItem>& items)
{
    const auto is_unknown = [](const ErrorItem& item) { return item.error() && item.error()->outcome() == Outcome::unknown; };
    return std::ranges::any_of(items, is_unknown) ? Outcome::unknown : Outcome::not_sent;
}

} // namespace

const char* phase_text(Phase phase)
{
    switch (phase) {
    case Phase::waiting: return "waiting";
    case Phase::resolve: return "name lookup";
    case Phase::tcp: return "TCP connection";
    case Phase::proxy: return "proxy";
    case Phase::tls: return "TLS handshake";
    case Phase::upgrade: return "WebSocket upgrade";
    case Phase::login: return "login";
    case Phase::done: return "done";
    }
    return "";
}

Attempt& DialReport::start(std::string address)
{
    auto& attempt = attempts_.emplace_back();
    attempt.address = std::move(address);
    attempt.started = Attempt::Clock::now();
    return attempt;
}

Error DialReport::failure() const
{
    std::vector<ErrorItem> items;
    detail::ErrorDetails details("no endpoint could be reached");
    details.connection_usable = false;
    for (const auto& attempt : attempts_) {
        if (!attempt.error)
            continue;
        details.message += "; " + line(attempt, *attempt.error);
        items.emplace_back(attempt.address, *attempt.error);
    }
    if (items.size() == 1)
        return *items.front().error();
    details.outcome = outcome_of(items);
    details.items = std::move(items);
    return Error(make_error_code(errc::connect_failed), std::move(details));
}

Error DialReport::interrupted(errc code, const std::string& what) const
{
    detail::ErrorDetails details(what);
    details.connection_usable = false;
    for (const auto& attempt : attempts_) {
        if (attempt.phase == Phase::done)
            continue;
        const Error error = attempt.error ? *attempt.error : no_answer(attempt);
        details.message += "; " + line(attempt, error);
        details.items.emplace_back(attempt.address, error);
    }
    details.outcome = outcome_of(details.items);
    return Error(make_error_code(code), std::move(details));
}

} // namespace juju::transport
