// Adds secrets to a model: from text, from files, from a mapping in a file.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <string>

namespace asio = boost::asio;

asio::awaitable<void> add_secrets(std::string ca_file, std::string credentials_file)
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());

    juju::SecretUri uri = co_await model.add_secret("my-apitoken", {"token=34ae35facd4"});
    std::cout << "my-apitoken is " << uri.str() << '\n';

    uri = co_await model.add_secret("tls", {"ca-cert#file=" + ca_file, "salt#base64=AP8BAg=="}, "what clients need");
    std::cout << "tls is " << uri.str() << '\n';

    juju::SecretContent content = juju::SecretContent::from_file(credentials_file);
    content.set("host", "10.0.0.5");
    uri = co_await model.add_secret("db", content, "my database password");
    std::cout << "db is " << uri.str() << '\n';

    try {
        co_await model.add_secret("my-apitoken", {"token=another"});
    } catch (const juju::Error& error) {
        if (error.code() != juju::errc::already_exists)
            throw;
        std::cout << "my-apitoken exists already\n";
    }

    co_await model.disconnect();
}

int main(int argc, char* argv[])
{
    if (argc != 2) {
        std::cerr << "usage: add_secret CREDENTIALS.yaml\n";
        return 2;
    }
    return examples::run(add_secrets(examples::environment("JUJU_CA_CERT"), argv[1]));
}
