// Logs in as an agent, with a password that is asked for, through an identity provider, and the ways that only JAAS controllers offer.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <iostream>
#include <string>

namespace asio = boost::asio;
using namespace std::chrono_literals;

juju::SecretValue give_password(std::string)
{
    return juju::SecretValue(examples::environment("JUJU_PASSWORD"));
}

void visit(std::string url)
{
    std::cout << "please log in at " << url << '\n';
}

asio::awaitable<void> log_in_with_identity_provider(juju::ConnectOptions address)
{
    juju::ConnectOptions external = address;
    external.visit_url(visit);
    external.connect_timeout(5min);
    juju::Model model(co_await asio::this_coro::executor);
    try {
        co_await model.connect(external);
    } catch (const juju::Error& error) {
        if (error.server_code() != "unauthorized access")
            throw;
        std::cout << "this controller has no identity provider\n";
    }
}

asio::awaitable<void> log_in_to_jaas(juju::ConnectOptions options)
{
    juju::Model model(co_await asio::this_coro::executor);
    try {
        co_await model.connect(options);
    } catch (const juju::Error& error) {
        if (error.code() != juju::errc::not_supported)
            throw;
        std::cout << "this is no JAAS controller\n";
    }
}

asio::awaitable<void> log_in()
{
    juju::ConnectOptions address;
    address.endpoint(examples::environment("JUJU_ENDPOINT")).ca_cert(examples::ca_from_environment());
    address.model_uuid(examples::environment("JUJU_MODEL_UUID"));

    juju::ConnectOptions agent = address;
    agent.agent("unit-mysql-0", "agent-password");
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(agent);
    std::string uris = co_await model.call("SecretsManager", "CreateSecretURIs", R"({"count":1})");
    std::cout << uris << '\n';

    juju::ConnectOptions asked = address;
    asked.username("admin").ask_password(give_password);
    co_await model.connect(asked);
    std::cout << "logged in with macaroons\n";

    co_await log_in_with_identity_provider(address);

    juju::ConnectOptions session = address;
    session.session_token("ZXlKaGJHY2lPaUpJVXpJMU5pSjku");
    co_await log_in_to_jaas(session);

    juju::ConnectOptions service = address;
    service.client_credentials("my-service", "s3cret");
    co_await log_in_to_jaas(service);
}

int main()
{
    return examples::run(log_in());
}
