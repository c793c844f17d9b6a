#include "operations/exchange.hpp"

#include "reworded.hpp"
#include "wire/request.hpp"

namespace juju::operations {

boost::asio::awaitable<wire::Reply> exchange(ConnectionPtr connection, std::string facade, int version, std::string method,
                                             WipingString params, detail::Connection::Deadline deadline, detail::Repeat repeat)
{
    wire::Request request(std::move(facade), version, std::move(method), std::move(params));
    auto calling = connection->call(std::move(request), deadline, repeat);
    co_return co_await std::move(calling);
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
