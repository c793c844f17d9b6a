#include "login/login.hpp"

#include "connection/strand_hop.hpp"
#include "reworded.hpp"

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
        return reworded(error, errc::login_expired, "; the macaroons that there are do not do any more");
    if (error.code() == errc::login_expired)
        return reworded(error, errc::login_expired, "; run \"juju login\"");
    return error;
}

asio::awaitable<wire::LoginResult> attempt(SessionPtr session, Credentials credentials, std::chrono::nanoseconds limit)
{
    auto request = request_for(credentials);
    auto reply = co_await session->call(std::move(request), limit);
    std::optional<Error> refused;
    try {
        co_return wire::decode_login(reply);
    } catch (const Error& error) {
        refused = explained(error, credentials);
    }
    throw *refused;
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
                               Limits limits)
{
    Result result;
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
