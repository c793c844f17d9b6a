#include "operations/call.hpp"

#include "local_error.hpp"
#include "operations/exchange.hpp"
#include "wire/json.hpp"
#include "wire/json_reader.hpp"
#include "wire/printable.hpp"
#include "wire/server_errors.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

namespace juju::operations {
namespace {

/// As Go's exported identifiers are: they need no escaping in JSON.
void check_name(std::string_view name, const char* what)
{
    const auto is_letter_or_digit = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (name.empty() || !std::ranges::all_of(name, is_letter_or_digit))
        throw detail::local_error(errc::invalid_argument, std::string(what) + " name \"" + wire::printable(name) + "\" not valid");
}

/// Only looks: the text goes on the wire as it is.
void check_params(std::string_view params)
{
    const auto first = params.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || params[first] != '{' || wire::find_json_fault(params))
        throw detail::local_error(errc::invalid_argument, "the parameters are not a JSON object");
}

} // namespace

boost::asio::awaitable<std::string> call(ConnectionPtr connection, std::string facade, std::optional<int> version, std::string method,
                                         std::string params_json)
{
    check_name(facade, "facade");
    check_name(method, "request");
    check_params(params_json);
    const auto deadline = co_await connection->ready();
    if (!version)
        version = connection->best_version(facade, std::numeric_limits<int>::max());
    if (!version)
        throw detail::local_error(errc::not_supported, "the controller, Juju " + wire::printable(connection->server_version()) +
                                                           ", offers no facade \"" + facade + "\" on this connection");
    if (*version < 0)
        throw detail::local_error(errc::invalid_argument, "version " + std::to_string(*version) + " not valid");
    const std::string name = facade + "." + method;
    auto exchanging = exchange(std::move(connection), std::move(facade), *version, std::move(method), WipingString(params_json), deadline,
                               detail::Repeat::never);
    auto reply = co_await std::move(exchanging);
    wire::throw_if_refused(reply, name);
    co_return decoded(name, [&] { return wire::response_text(reply); });
}

} // namespace juju::operations
