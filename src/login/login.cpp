#include "login/login.hpp"

#include "connection/strand_hop.hpp"
#include "reworded.hpp"
#include "wire/printable.hpp"
#include "wire/tags.hpp"

#include <boost/asio/strand.hpp>

#include <utility>

namespace juju::login {
namespace {

namespace asio = boost::asio;
using Kind = Credentials::Kind;
using SessionPtr = std::shared_ptr<connection::Session>;

constexpr std::string_view service_domain = "@serviceaccount";

wire::Request request_for(const Credentials& credentials)
{
    switch (credentials.kind) {
    case Kind::password: return wire::login_request(credentials.user, credentials.password);
    case Kind::macaroons: return wire::macaroon_login_request(credentials.user, credentials.slices);
    case Kind::session_token: return wire::session_token_request(credentials.session_token);
    case Kind::client_credentials: return wire::client_credentials_request(credentials.client_id, credentials.client_secret);
    case Kind::agent: break;
    }
    return wire::agent_login_request(credentials.agent_tag, credentials.agent_password, credentials.agent_nonce);
}

/// Whom the controller must say it has logged in; empty when anybody will do.
std::string expected_user(const Credentials& credentials)
{
    if (credentials.kind == Kind::agent)
        return {};
    if (credentials.kind != Kind::client_credentials)
        return credentials.user;
    const auto& id = credentials.client_id;
    return id.ends_with(service_domain) ? id : id + std::string(service_domain);
}

Error reworded(const Error& error, errc code, const std::string& more)
{
    return Error(make_error_code(code), detail::reworded(error, error.what() + more));
}

/// The user whose password a discharge may ask for; empty for one of an identity provider, and when it is not known.
std::string local_user(const Credentials& credentials)
{
    const auto user = wire::user_of_tag("user-" + credentials.user).value_or("");
    return user.find('@') == std::string::npos ? user : std::string();
}

bool can_discharge(const Credentials& credentials)
{
    return (credentials.ask_password && !local_user(credentials).empty()) || credentials.visit_url;
}

/// What would have got macaroons.
std::string missing_option(const Credentials& credentials)
{
    if (credentials.kind != Kind::macaroons)
        return {};
    return local_user(credentials).empty() ? ", or set ConnectOptions::visit_url" : ", or set ConnectOptions::ask_password";
}

/// What a refusal means for this kind of login.
Error explained(const Error& error, const Credentials& credentials)
{
    const bool is_jaas = credentials.kind == Kind::session_token || credentials.kind == Kind::client_credentials;
    if (error.code() == errc::not_supported)
        return reworded(error, errc::not_supported,
                        is_jaas ? "; session tokens and client credentials are for JAAS controllers"
                                : "; a JAAS controller takes a session token or client credentials");
    if (error.server_message().find("does not support login from old clients") != std::string::npos)
        return reworded(error, errc::not_supported, "; a JAAS controller takes a session token or client credentials");
    if (error.code() == errc::discharge_required && !credentials.slices.empty())
        return reworded(error, errc::login_expired, missing_option(credentials) + "; the macaroons that there are do not do any more");
    if (error.code() == errc::discharge_required)
        return reworded(error, errc::discharge_required, missing_option(credentials));
    if (error.code() == errc::login_expired)
        return reworded(error, errc::login_expired, "; run \"juju login\"");
    return error;
}

wire::LoginResult decode(wire::Reply& reply, const Credentials& credentials)
{
    try {
        return wire::decode_login(reply);
    } catch (const Error& error) {
        throw explained(error, credentials);
    }
}

asio::awaitable<wire::LoginResult> attempt(SessionPtr session, Credentials credentials, std::chrono::nanoseconds limit)
{
    auto request = request_for(credentials);
    auto reply = co_await session->call(std::move(request), limit);
    co_return decode(reply, credentials);
}

Error discharged_in_vain(const std::string& reason)
{
    detail::ErrorDetails details("Admin.Login: login with discharged macaroons failed: " +
                                 (reason.empty() ? "the controller asks for a discharge again" : wire::printable(reason)));
    details.request = "Admin.Login";
    details.outcome = Outcome::rejected;
    details.connection_usable = false;
    return Error(make_error_code(errc::login_failed), std::move(details));
}

DischargeContext discharge_context(const Credentials& credentials, asio::any_io_executor user_executor, Limits limits, Https https)
{
    DischargeContext context;
    context.https = std::move(https);
    context.user_executor = std::move(user_executor);
    context.limit = limits.human;
    context.user = local_user(credentials);
    context.ask_password = credentials.ask_password;
    context.visit_url = credentials.visit_url;
    return context;
}

/// With the macaroons that there are; where those do not do, with new ones, if somebody can be asked (client-store 4.4).
asio::awaitable<Result> log_in_by_macaroons(SessionPtr session, Credentials credentials, asio::any_io_executor user_executor, Limits limits,
                                            Https https)
{
    auto& renewed = credentials.renewal->slice;
    Result result;
    for (;;) {
        if (renewed)
            credentials.slices.assign(1, renewed->json);
        auto request = request_for(credentials);
        auto reply = co_await session->call(std::move(request), limits.answer);
        auto demand = reply.is_error() ? std::nullopt : wire::read_discharge_demand(reply);
        if (demand && renewed)
            throw discharged_in_vain(demand->reason);
        if (!demand || !can_discharge(credentials)) {
            result.login = decode(reply, credentials);
            result.new_slice = renewed;
            co_return result;
        }
        auto discharging = discharge(std::move(*demand), discharge_context(credentials, user_executor, limits, https));
        auto slice = co_await std::move(discharging);
        renewed = std::move(slice);
    }
}

/// Has a human log in elsewhere (client-store 4.6). @return the new session token
asio::awaitable<SecretValue> log_in_by_device(SessionPtr session, Credentials credentials, asio::any_io_executor user_executor,
                                              Limits limits)
{
    auto asking = wire::device_login_request();
    auto answer = co_await session->call(std::move(asking), limits.answer);
    const auto device = wire::decode_device_login(answer);
    auto showing =
        connection::run_on(asio::make_strand(user_executor), credentials.show_device_code(device.verification_uri, device.user_code));
    co_await std::move(showing);
    auto waiting = wire::device_token_request();
    auto reply = co_await session->call(std::move(waiting), limits.human);
    co_return wire::decode_device_token(reply);
}

} // namespace

asio::awaitable<Result> log_in(SessionPtr session, Credentials credentials, std::string model_uuid, asio::any_io_executor user_executor,
                               Limits limits, Https https)
{
    Result result;
    if (credentials.kind == Kind::macaroons) {
        auto login = log_in_by_macaroons(std::move(session), credentials, std::move(user_executor), limits, std::move(https));
        auto done = co_await std::move(login);
        result = std::move(done);
        wire::check_login(result.login, model_uuid, expected_user(credentials));
        co_return result;
    }
    std::optional<Error> failure;
    try {
        auto first = attempt(session, credentials, limits.answer);
        result.login = co_await std::move(first);
    } catch (const Error& error) {
        failure = error;
    }
    const bool asks_human = credentials.kind == Kind::session_token && credentials.show_device_code;
    if (failure && !(asks_human && failure->code() == errc::login_expired))
        throw *failure;
    if (failure) {
        auto device = log_in_by_device(session, credentials, std::move(user_executor), limits);
        credentials.session_token = co_await std::move(device);
        auto second = attempt(session, credentials, limits.answer);
        result.login = co_await std::move(second);
        result.new_session_token = credentials.session_token;
    }
    wire::check_login(result.login, model_uuid, expected_user(credentials));
    co_return result;
}

} // namespace juju::login
