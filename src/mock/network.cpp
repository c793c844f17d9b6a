#include "mock/network.hpp"

#include <arpa/inet.h>

namespace juju::mock {
namespace {

const char* type_of(const std::string& host)
{
    in6_addr parsed{};
    if (::inet_pton(AF_INET, host.c_str(), &parsed) == 1) {
        return "ipv4";
    }
    return ::inet_pton(AF_INET6, host.c_str(), &parsed) == 1 ? "ipv6" : "hostname";
}

Json host_port(const MockAddress& address)
{
    Json json = Json::object();
    json["value"] = address.value;
    json["type"] = type_of(address.value);
    json["scope"] = address.scope;
    json["port"] = address.port;
    return json;
}

Json host_ports(const std::vector<MockAddress>& addresses)
{
    Json list = Json::array();
    for (const MockAddress& address : addresses) {
        list.push_back(host_port(address));
    }
    return list;
}

std::vector<std::vector<MockAddress>> own_servers(const Network& network)
{
    std::vector<std::vector<MockAddress>> servers;
    servers.reserve(network.ports.size());
    for (const unsigned short port : network.ports) {
        servers.push_back({MockAddress("127.0.0.1", port)});
    }
    return servers;
}

/// Juju makes one inner list, whatever the number of controllers.
Json redirect_servers(const MockRedirect& redirect)
{
    Json servers = Json::array();
    servers.push_back(host_ports(redirect.servers()));
    return servers;
}

} // namespace

Json servers_json(const Network& network, MockProfile profile)
{
    Json servers = Json::array();
    for (std::vector<MockAddress> addresses : network.api_servers ? *network.api_servers : own_servers(network)) {
        if (profile == MockProfile::juju_4_0) {
            std::erase_if(addresses, [](const MockAddress& address) { return address.scope == "local-machine"; });
        }
        servers.push_back(host_ports(addresses));
    }
    return servers;
}

Failure redirection(const MockRedirect& redirect)
{
    Json info = Json::object();
    if (!redirect.jaas_style()) { // in alphabetical order, as Go writes a map
        info["ca-cert"] = redirect.ca_cert();
        if (!redirect.alias().empty()) {
            info["controller-alias"] = redirect.alias();
        }
        if (!redirect.controller_uuid().empty()) {
            info["controller-tag"] = "controller-" + redirect.controller_uuid();
        }
        info["servers"] = redirect_servers(redirect);
    }
    return Failure("redirection to alternative server required", "redirection required", std::move(info));
}

Json redirect_info(const MockRedirect& redirect)
{
    Json info = Json::object();
    info["servers"] = redirect_servers(redirect);
    info["ca-cert"] = redirect.ca_cert();
    return info;
}

} // namespace juju::mock
