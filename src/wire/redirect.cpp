#include "wire/redirect.hpp"

#include "wire/json.hpp"
#include "wire/json_reader.hpp"
#include "wire/server_errors.hpp"

namespace juju::wire {
namespace {

/// Far above the addresses and the certificate of any controller; as JSON in memory it is many times larger.
constexpr std::size_t max_size = std::size_t{256} * 1024;

[[noreturn]] void fail(const char* what)
{
    fail_malformed(std::string("the redirection is not usable: ") + what);
}

std::string text_member(const Json& object, const char* name)
{
    const auto found = object.find(name);
    if (found == object.end() || found->is_null())
        return {};
    if (!found->is_string())
        fail("a member is no text");
    const auto& text = found->get_ref<const WipingString&>();
    return {text.begin(), text.end()};
}

HostPort read_host_port(const Json& entry)
{
    if (!entry.is_object())
        fail("a server is no object");
    HostPort result;
    result.value = text_member(entry, "value");
    result.type = text_member(entry, "type");
    result.scope = text_member(entry, "scope");
    const auto port = entry.find("port");
    if (port == entry.end() || !port->is_number_unsigned() || port->get<std::uint64_t>() > 65535)
        fail("a server has no port");
    result.port = port->get<int>();
    return result;
}

Redirect read(const Json& info)
{
    if (!info.is_object())
        fail("it is no object");
    Redirect result;
    result.ca_cert = text_member(info, "ca-cert");
    const auto servers = info.find("servers");
    if (servers == info.end() || servers->is_null())
        return result;
    if (!servers->is_array())
        fail("servers is no list");
    for (const auto& node : *servers) {
        if (!node.is_array())
            fail("servers is no list of lists");
        auto& addresses = result.servers.emplace_back();
        for (const auto& entry : node)
            addresses.push_back(read_host_port(entry));
    }
    return result;
}

} // namespace

Redirect read_redirect(const std::string& error_info)
{
    if (error_info.size() > max_size)
        fail("it is too large");
    return error_info.empty() ? Redirect() : read(parse_json(error_info));
}

Request redirect_info_request()
{
    return {"Admin", 3, "RedirectInfo", "{}"};
}

Redirect decode_redirect_info(Reply& reply)
{
    throw_if_refused(reply, "Admin.RedirectInfo");
    const auto text = response_text(reply);
    return read_redirect(text);
}

} // namespace juju::wire
