#include "connection/dialer.hpp"

#include "connection/strand_hop.hpp"
#include "log.hpp"
#include "reworded.hpp"
#include "transport/https_exchange.hpp"
#include "transport/open.hpp"
#include "wire/printable.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::connection {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using transport::Endpoint;

/// As Juju's own client (wire-protocol 5).
constexpr std::chrono::seconds ping_timeout{30};

transport::OpenOptions open_options(const login::Plan& plan, const ConnectOptions& options)
{
    transport::OpenOptions result;
    result.tls = plan.tls;
    if (!plan.port_forward) // else its own port on this machine, which no proxy can reach
        result.proxy = plan.proxy;
    result.path = plan.path();
    result.max_message_size = options.max_message_size();
    result.dns_cache = plan.dns_cache;
    return result;
}

/// Whether another address may fare better: nobody has answered, or not in the protocol.
bool may_go_on(const Error& error)
{
    const auto code = error.code();
    return code == errc::connection_lost || code == errc::timed_out || code == errc::malformed_reply || code == errc::message_too_large;
}

/// When there are other addresses, half of the time is theirs, in case that this one is silent (wire-protocol 1.12). Else the deadline of
/// `connect` comes first.
login::Limits limits_for(const DialContext& context, bool is_last)
{
    login::Limits limits;
    limits.human = context.options.connect_timeout() + std::chrono::seconds(1);
    limits.answer = is_last ? limits.human : std::max<Clock::duration>(context.deadline - Clock::now(), std::chrono::milliseconds(1)) / 2;
    return limits;
}

/// A redirection that says where to needs no question; one that does not is JAAS's, which says so on this very connection.
asio::awaitable<void> find_redirect(LoggedIn& result, Error refusal, std::chrono::nanoseconds limit)
{
    result.redirect = wire::read_redirect(refusal.server_info());
    if (result.redirect.servers.empty() || result.redirect.ca_cert.empty()) {
        const bool was_told = !refusal.server_info().empty();
        std::optional<wire::Redirect> asked;
        try {
            auto reply = co_await result.session->call(wire::redirect_info_request(), limit);
            asked = wire::decode_redirect_info(reply);
        } catch (const Error&) { // "not redirected": what the refusal said is all there is
            asked.reset();
        }
        if (asked) {
            result.redirect = std::move(*asked);
            result.redirect_is_anonymous = true;
        } else if (!was_told) {
            throw refusal;
        }
    }
    result.redirection = std::move(refusal);
}

bool is_same_host(std::string_view a, std::string_view b)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// The controller has a certificate of its own CA; all other hosts have public ones (client-store 4.4).
login::Https https_for(const DialContext& context, const login::Plan& plan, const Endpoint& controller)
{
    transport::HttpsOptions own;
    own.tls = plan.tls;
    if (!plan.port_forward)
        own.proxy = plan.proxy;
    transport::HttpsOptions other;
    other.proxy = plan.proxy;
    return [strand = context.strand, own, other, controller](transport::HttpsRequest request) {
        const bool is_own = is_same_host(request.url.host, controller.host) && request.url.port == controller.port;
        auto options = is_own ? own : other;
        if (!is_own)
            options.tls.name = request.url.host;
        return run_on(strand, transport::https_exchange(strand, std::move(request), std::move(options)));
    };
}

/// The error of a login, whose connection is not used any more. What is wrong with a reply names its request.
Error of_login(const Error& error)
{
    const bool is_nameless = error.code() == errc::malformed_reply && error.request().empty();
    auto details = detail::reworded(error, (is_nameless ? "Admin.Login: " : "") + std::string(error.what()));
    details.connection_usable = false;
    if (is_nameless)
        details.request = "Admin.Login";
    return Error(error.code(), std::move(details));
}

asio::awaitable<LoggedIn> log_in(DialContext context, login::Plan plan, transport::Opened opened, bool is_last)
{
    const auto& options = context.options;
    const Session::Timing timing{options.ping_interval(), std::max<std::chrono::nanoseconds>(ping_timeout, options.ping_interval())};
    LoggedIn result;
    result.endpoint = opened.endpoint;
    result.ip = opened.ip;
    result.session = std::make_shared<Session>(context.strand, std::move(opened.stream), timing);
    result.session->watch(Watcher{context.activity, options.request_observer()});
    result.session->start();
    const auto limits = limits_for(context, is_last);
    std::optional<Error> failure;
    std::exception_ptr other;
    try {
        auto login = login::log_in(result.session, plan.credentials, plan.model_uuid, context.user, limits,
                                   https_for(context, plan, result.endpoint));
        result.result = co_await std::move(login);
    } catch (const Error& error) {
        failure = error;
    } catch (...) { // of a callback
        other = std::current_exception();
    }
    if (!failure && !other)
        co_return result;
    if (failure && failure->code() == errc::redirected) {
        try {
            auto question = find_redirect(result, *failure, limits.answer);
            co_await std::move(question);
        } catch (const Error& error) {
            failure = error;
        }
    }
    detail::ErrorDetails ending("the login failed");
    result.session->abort(Error(make_error_code(errc::connection_lost), std::move(ending)));
    if (other)
        std::rethrow_exception(other);
    if (!result.redirection)
        throw of_login(*failure);
    result.session.reset();
    co_return result;
}

} // namespace

asio::awaitable<LoggedIn> dial(DialContext context, login::Plan plan, std::shared_ptr<transport::DialReport> report)
{
    std::vector<std::string> tried;
    for (;;) {
        auto endpoints = plan.endpoints;
        auto how = open_options(plan, context.options);
        how.tried = tried;
        auto opened = co_await transport::open_first(context.strand, std::move(endpoints), std::move(how), report);
        const auto address = opened.endpoint.authority();
        auto* const attempt = opened.attempt;
        const bool is_last = opened.is_last;
        tried.push_back(opened.key);
        std::optional<Error> failure;
        try {
            auto login = log_in(context, plan, std::move(opened), is_last);
            auto result = co_await std::move(login);
            attempt->ended = Clock::now();
            if (!result.redirection) {
                attempt->phase = transport::Phase::done;
                log::info("connected to {} as {} (Juju {})", address, wire::printable(result.result.login.identity),
                          wire::printable(result.result.login.server_version));
            }
            co_return result;
        } catch (const Error& error) {
            failure = error;
        }
        if (failure->code() == errc::canceled) // in its phase: nobody has answered yet
            throw *failure;
        attempt->ended = Clock::now();
        attempt->error = failure;
        if (!may_go_on(*failure))
            throw *failure;
        if (is_last)
            throw report->failure();
        log::debug("{}: {}", address, failure->code().message()); // its text may quote the server
    }
}

} // namespace juju::connection
