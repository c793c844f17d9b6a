#include "operations/exchange.hpp"

#include "reworded.hpp"
#include "wire/request.hpp"

namespace juju::operations {
namespace {

/// The size of a message without its names and parameters, at most.
constexpr std::size_t envelope_size = wire::Request::envelope_size;

void check_size(const std::string& request, std::size_t size, std::size_t limit)
{
    if (size <= limit)
        return;
    detail::ErrorDetails details(request + ": a request of up to " + std::to_string(size) + " bytes exceeds the limit of " +
                                 std::to_string(limit) + " (ConnectOptions::max_request_size)");
    details.request = request;
    throw Error(make_error_code(errc::message_too_large), std::move(details));
}

} // namespace

boost::asio::awaitable<wire::Reply> exchange(ConnectionPtr connection, std::string facade, int version, std::string method,
                                             WipingString params)
{
    const std::size_t size = envelope_size + facade.size() + method.size() + params.size();
    wire::Request request(std::move(facade), version, std::move(method), std::move(params));
    check_size(request.name(), size, connection->max_request_size());
    co_return co_await connection->call(std::move(request));
}

Error naming(const std::string& request, const Error& error)
{
    if (error.code() != errc::malformed_reply || !error.request().empty())
        return error;
    auto details = detail::reworded(error, request + ": " + error.what());
    details.request = request;
    return Error(error.code(), std::move(details));
}

} // namespace juju::operations
