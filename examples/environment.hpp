#pragma once

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

/// What the examples share: where to connect, and a `main`.
namespace examples {

inline std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0')
        throw std::runtime_error(std::string("set the environment variable ") + name);
    return value;
}

/// The text of the PEM file that JUJU_CA_CERT names.
inline std::string ca_from_environment()
{
    const std::string ca_file = environment("JUJU_CA_CERT");
    std::ifstream ca(ca_file, std::ios::binary);
    if (!ca)
        throw std::runtime_error("cannot read " + ca_file + ", which JUJU_CA_CERT names");
    return std::string(std::istreambuf_iterator<char>(ca), {});
}

/// From JUJU_ENDPOINT, JUJU_MODEL_UUID, JUJU_USERNAME, JUJU_PASSWORD and JUJU_CA_CERT.
inline juju::ConnectOptions options_from_environment()
{
    return juju::ConnectOptions()
        .endpoint(environment("JUJU_ENDPOINT"))
        .model_uuid(environment("JUJU_MODEL_UUID"))
        .username(environment("JUJU_USERNAME"))
        .password(environment("JUJU_PASSWORD"))
        .ca_cert(ca_from_environment());
}

/// Runs a coroutine to its end and gives the exit status of the program; what failed is told on stderr.
inline int run(boost::asio::awaitable<void> program)
{
    int status = 0;
    auto finish = [&status](std::exception_ptr failure) {
        try {
            if (failure)
                std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            std::cerr << "error: " << error.what() << '\n';
            status = 1;
        }
    };
    boost::asio::io_context context;
    boost::asio::co_spawn(context, std::move(program), finish);
    context.run();
    return status;
}

} // namespace examples
