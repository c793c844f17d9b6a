#include "connection/dialer.hpp"

#include "local_error.hpp"
#include "log.hpp"
#include "transport/endpoint.hpp"
#include "transport/tls_websocket.hpp"
#include "wire/printable.hpp"
#include "wire/tags.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace juju::connection {
namespace {

namespace asio = boost::asio;
using transport::Endpoint;
using transport::WebSocketOptions;

/// As Juju's own client (wire-protocol 5).
constexpr std::chrono::seconds ping_timeout{30};

/// Leaves room for a login.
constexpr std::size_t smallest_request = 1024;

[[noreturn]] void fail(const std::string& what)
{
    throw detail::local_error(errc::invalid_argument, what);
}

/// Logging in must not outlast the connection, whose deadline is that of `connect` as a whole.
asio::awaitable<wire::LoginResult> log_in(std::shared_ptr<Session> session, Target target, ConnectOptions options)
{
    auto request = wire::login_request(options.username(), options.password());
    auto reply = co_await session->call(std::move(request), options.connect_timeout());
    auto result = wire::decode_login(reply);
    wire::check_login(result, target == Target::model ? options.model_uuid() : "", options.username());
    co_return result;
}

asio::awaitable<LoggedIn> dial_endpoint(Strand strand, Target target, Endpoint endpoint, ConnectOptions options,
                                        std::shared_ptr<std::string> phase)
{
    WebSocketOptions socket_options;
    socket_options.ca_cert = options.ca_cert();
    socket_options.target = endpoint.prefix + (target == Target::model ? "/model/" + options.model_uuid() + "/api" : "/api");
    socket_options.max_message_size = options.max_message_size();
    auto stream = co_await transport::open_tls_websocket(strand, endpoint, std::move(socket_options), *phase);

    *phase = "login at " + endpoint.authority();
    const Session::Timing timing{options.ping_interval(), std::max<std::chrono::nanoseconds>(ping_timeout, options.ping_interval())};
    LoggedIn result;
    result.session = std::make_shared<Session>(strand, std::move(stream), timing);
    result.session->start();
    std::optional<Error> failure;
    try {
        result.login = co_await log_in(result.session, target, options);
    } catch (const Error& error) {
        failure = error;
    }
    if (failure) {
        result.session->abort(*failure);
        throw *failure;
    }
    log::info("connected to {} as {} (Juju {})", endpoint.authority(), wire::printable(result.login.identity),
              wire::printable(result.login.server_version));
    co_return result;
}

/// The error of `connect` when every endpoint failed.
Error all_failed(std::vector<ErrorItem> items)
{
    if (items.size() == 1)
        return *items.front().error();
    detail::ErrorDetails details("no endpoint could be reached");
    details.connection_usable = false;
    for (const auto& item : items)
        details.message += "; " + item.subject() + ": " + item.error()->what();
    details.items = std::move(items);
    return Error(make_error_code(errc::connect_failed), std::move(details));
}

/// A refused login is the same at every address of a controller, and a cancelled one must end at once.
bool is_final(const Error& error)
{
    return error.outcome() == Outcome::rejected || error.code() == errc::canceled || error.code() == asio::error::operation_aborted;
}

} // namespace

void check_options(const ConnectOptions& options, Target target)
{
    if (options.endpoints().empty())
        fail("no endpoint given; set ConnectOptions::endpoint");
    for (const auto& endpoint : options.endpoints())
        Endpoint::parse(endpoint);
    if (target == Target::model && !wire::is_uuid(options.model_uuid()))
        fail("model_uuid \"" + wire::printable(options.model_uuid()) +
             "\" not valid: give the model's UUID, as shown by \"juju show-model\"");
    if (!wire::is_user_name(options.username()))
        fail("username \"" + wire::printable(options.username()) + "\" not valid: give a Juju user's name, such as \"admin\"");
    if (options.password().empty())
        fail("no password given; set ConnectOptions::password");
    if (options.connect_timeout().count() <= 0 || options.call_timeout().count() <= 0 || options.ping_interval().count() <= 0)
        fail("connect_timeout, call_timeout and ping_interval must be positive");
    if (options.max_message_size() == 0)
        fail("max_message_size must be positive");
    if (options.max_request_size() < smallest_request)
        fail("max_request_size must be at least " + std::to_string(smallest_request));
    transport::check_ca_cert(options.ca_cert());
}

asio::awaitable<LoggedIn> dial(Strand strand, Target target, ConnectOptions options, std::shared_ptr<std::string> phase)
{
    std::vector<ErrorItem> failures;
    for (const auto& text : options.endpoints()) {
        std::optional<Error> failure;
        try {
            co_return co_await dial_endpoint(strand, target, Endpoint::parse(text), options, phase);
        } catch (const Error& error) {
            failure = error;
        }
        if (is_final(*failure))
            throw *failure;
        log::debug("{}: {}", text, failure->what());
        failures.emplace_back(text, *failure);
    }
    throw all_failed(std::move(failures));
}

} // namespace juju::connection
