// Options that no connection can be made with.

#include "bad_input.hpp"

namespace juju::test {
namespace {

using namespace std::chrono_literals;

const std::string uuid_advice = " not valid: give the model's UUID, as shown by \"juju show-model\"";
const std::string user_advice = " not valid: give a Juju user's name, such as \"admin\"";

BadInput option(std::string name, std::function<void(ConnectOptions&)> change, std::string what, errc code = errc::invalid_argument)
{
    return {"option: " + name, code, std::move(what), [change](Called& c) {
                ConnectOptions options = c.mock.connect_options();
                change(options);
                c.run(c.unconnected.connect(options));
            }};
}

/// Without what the mock's own options have: an endpoint, a model and a login.
BadInput only(std::string name, ConnectOptions options, std::string what, errc code = errc::invalid_argument)
{
    return {"only: " + name, code, std::move(what), [options](Called& c) { c.run(c.unconnected.connect(options)); }};
}

BadInput endpoint(std::string address, std::string why)
{
    return option(
        "endpoint " + address, [address](ConnectOptions& o) { o.endpoint(address); },
        "endpoint \"" + address + "\" not valid: " + why + "; give HOST:PORT, for example 10.0.0.1:17070");
}

} // namespace

std::vector<BadInput> bad_options()
{
    const std::string uuid = "8419cd78-4993-4c3a-928e-c646226beeee";
    const auto at = [&] { return ConnectOptions().endpoint("127.0.0.1:1").model_uuid(uuid); };
    return {
        endpoint("", "it has no host"),
        endpoint(":17070", "it has no host"),
        endpoint("10.0.0.1:", "the port is not a number from 1 to 65535"),
        endpoint("10.0.0.1:0", "the port is not a number from 1 to 65535"),
        endpoint("10.0.0.1:65536", "the port is not a number from 1 to 65535"),
        endpoint("10.0.0.1:port", "the port is not a number from 1 to 65535"),
        endpoint("10.0.0.1:-1", "the port is not a number from 1 to 65535"),
        endpoint("10.0.0.1:1 7", "the port is not a number from 1 to 65535"),
        endpoint("fe80::1", "an IPv6 address needs brackets"),
        endpoint("[fe80::1", "a bracket is not closed"),
        endpoint("[fe80::1]17070", "something stands between the address and the port"),
        endpoint("[]:17070", "it has no host"),
        endpoint("https://10.0.0.1", "the scheme must be wss"),
        endpoint("ws://10.0.0.1", "the scheme must be wss"),
        endpoint("host name:17070", "it has no host"),
        endpoint("user@host:17070", "it has no host"),
        endpoint("host:17070/a b", "the path holds a character that is not allowed"),
        endpoint("host:17070/%41", "the path holds a character that is not allowed"),
        option(
            "model_uuid empty", [](ConnectOptions& o) { o.model_uuid(""); }, "model_uuid \"\"" + uuid_advice),
        option(
            "model_uuid demo", [](ConnectOptions& o) { o.model_uuid("demo"); }, "model_uuid \"demo\"" + uuid_advice),
        option(
            "model_uuid in upper case", [](ConnectOptions& o) { o.model_uuid("8419CD78-4993-4C3A-928E-C646226BEEEE"); },
            "model_uuid \"8419CD78-4993-4C3A-928E-C646226BEEEE\"" + uuid_advice),
        option(
            "model_uuid too long", [](ConnectOptions& o) { o.model_uuid("8419cd78-4993-4c3a-928e-c646226beeeee"); },
            "model_uuid \"8419cd78-4993-4c3a-928e-c646226beeeee\"" + uuid_advice),
        option(
            "model_uuid with a line break", [](ConnectOptions& o) { o.model_uuid("demo\n"); }, "model_uuid \"demo\\x0a\"" + uuid_advice),
        option(
            "username empty", [](ConnectOptions& o) { o.username(""); }, "username \"\"" + user_advice),
        option(
            "username with a space", [](ConnectOptions& o) { o.username("ad min"); }, "username \"ad min\"" + user_advice),
        option(
            "username a tag's rest", [](ConnectOptions& o) { o.username("admin@"); }, "username \"admin@\"" + user_advice),
        option(
            "username with a control character", [](ConnectOptions& o) { o.username("admin\x1b[2J"); },
            "username \"admin\\x1b[2J\"" + user_advice),
        option(
            "username not UTF-8", [](ConnectOptions& o) { o.username("adm\xff"); }, "username \"adm\\xff\"" + user_advice),
        option(
            "password of an external user", [](ConnectOptions& o) { o.username("alice@external").password("MARKER"); },
            "username \"alice@external\" is an external user, who has no password; leave the password out"),
        option(
            "password empty", [](ConnectOptions& o) { o.password(""); }, "no password given; set ConnectOptions::password or ask_password"),
        option(
            "password not UTF-8", [](ConnectOptions& o) { o.password("MARKER\xff"); }, "the password is not valid UTF-8"),
        option(
            "two logins", [](ConnectOptions& o) { o.session_token("MARKER"); },
            "only one kind of login can be used; given are: password, session_token"),
        option(
            "three logins", [](ConnectOptions& o) { o.session_token("MARKER").agent("unit-mysql-0", "MARKER"); },
            "only one kind of login can be used; given are: password, session_token, agent"),
        option(
            "ca_cert no PEM", [](ConnectOptions& o) { o.ca_cert("MARKER"); }, "ca_cert is not a PEM certificate"),
        option(
            "ca_cert cut short", [](ConnectOptions& o) { o.ca_cert("-----BEGIN CERTIFICATE-----\nMARKER\n-----END CERTIFICATE-----\n"); },
            "ca_cert is not a PEM certificate"),
        option(
            "connect_timeout 0", [](ConnectOptions& o) { o.connect_timeout(0ms); },
            "connect_timeout, call_timeout and ping_interval must be positive"),
        option(
            "call_timeout below 0", [](ConnectOptions& o) { o.call_timeout(-1ms); },
            "connect_timeout, call_timeout and ping_interval must be positive"),
        option(
            "ping_interval 0", [](ConnectOptions& o) { o.ping_interval(0ms); },
            "connect_timeout, call_timeout and ping_interval must be positive"),
        option(
            "max_message_size 0", [](ConnectOptions& o) { o.max_message_size(0); }, "max_message_size must be positive"),
        option(
            "max_request_size 1023", [](ConnectOptions& o) { o.max_request_size(1023); }, "max_request_size must be at least 1024"),
        option(
            "controller with an endpoint", [](ConnectOptions& o) { o.controller("mock"); },
            "controller, store_directory and update_store are for the client store, which is not used when an endpoint is given"),
        option(
            "store_directory with an endpoint", [](ConnectOptions& o) { o.store_directory("/nonexistent"); },
            "controller, store_directory and update_store are for the client store, which is not used when an endpoint is given"),
        option(
            "update_store with an endpoint", [](ConnectOptions& o) { o.update_store(true); },
            "controller, store_directory and update_store are for the client store, which is not used when an endpoint is given"),
        option(
            "proxy of another scheme", [](ConnectOptions& o) { o.proxy("socks5://127.0.0.1:1"); },
            "the proxy's URL is not valid: the scheme must be http or https; give http[s]://[USER:PASSWORD@]HOST[:PORT]",
            errc::proxy_failed),
        option(
            "proxy without host", [](ConnectOptions& o) { o.proxy("http://user:MARKER@"); },
            "the proxy's URL is not valid: it has no host; give http[s]://[USER:PASSWORD@]HOST[:PORT]", errc::proxy_failed),
        option(
            "proxy with a bad port", [](ConnectOptions& o) { o.proxy("http://user:MARKER@127.0.0.1:99999"); },
            "the proxy's URL is not valid: the port is not a number from 1 to 65535; give http[s]://[USER:PASSWORD@]HOST[:PORT]",
            errc::proxy_failed),
        only("macaroons no JSON", at().macaroons("MARKER"), "macaroons are no JSON array of arrays of macaroons"),
        only("macaroons an object", at().macaroons(R"({"signature":"MARKER"})"), "macaroons are no JSON array of arrays of macaroons"),
        only("macaroons of texts", at().macaroons(R"(["MARKER"])"), "macaroons are no JSON array of arrays of macaroons"),
        only("macaroons with an empty set", at().macaroons("[[]]"), "macaroons are no JSON array of arrays of macaroons"),
        only("session token with a line break", at().session_token("MARKER\n\xff"), "the session token is not valid UTF-8"),
        only("client id alone", at().client_credentials("service", ""), "both client id and client secret must be set"),
        only("client secret alone", at().client_credentials("", "MARKER"), "both client id and client secret must be set"),
        only("client credentials with a user", at().client_credentials("service", "MARKER").username("admin"),
             "username does not go together with client_credentials or agent"),
        only("agent without password", at().agent("unit-mysql-0", ""), "both an agent's tag and its password must be set"),
        only("agent without tag", at().agent("", "MARKER"), "both an agent's tag and its password must be set"),
        only("agent of a kind that does not log in", at().agent("user-admin", "MARKER"),
             "agent tag \"user-admin\" not valid: give one such as \"unit-mysql-0\" or \"machine-0\""),
        only("agent no tag", at().agent("mysql/0", "MARKER"),
             "agent tag \"mysql/0\" not valid: give one such as \"unit-mysql-0\" or \"machine-0\""),
        only("no login", at(), "username \"\"" + user_advice),
        only("an external user and nothing else", at().username("alice@external"),
             "no macaroons given; set ConnectOptions::macaroons or visit_url"),
        only("ask_password without user", at().ask_password([](std::string) { return SecretValue("MARKER"); }),
             "username \"\"" + user_advice),
        only("device login and ask_password",
             at().username("admin").show_device_code([](std::string, std::string) {}).ask_password([](std::string) {
                 return SecretValue("MARKER");
             }),
             "show_device_code is for JAAS controllers, ask_password and visit_url are for others; give one of them"),
        only("a session token and ask_password",
             at().session_token("MARKER").ask_password([](std::string) { return SecretValue("MARKER"); }),
             "ask_password and visit_url are for logins with macaroons, and do not go together with session_token, client_credentials or "
             "agent"),
        only("no model", ConnectOptions().endpoint("127.0.0.1:1").username("admin").password("MARKER"), "model_uuid \"\"" + uuid_advice),
        only("model and model_uuid", at().model("admin/demo").username("admin").password("MARKER"),
             "model and model_uuid are two ways to name the model; give one of them"),
        only("model with a controller",
             ConnectOptions().endpoint("127.0.0.1:1").model("mock:admin/demo").username("admin").password("MARKER"),
             "model \"mock:admin/demo\" not valid: with an endpoint it is [OWNER/]MODEL, without a controller"),
        only("model !", ConnectOptions().endpoint("127.0.0.1:1").model("!").username("admin").password("MARKER"),
             "model name \"!\" not valid", errc::invalid_name),
        only("model of owner !", ConnectOptions().endpoint("127.0.0.1:1").model("!/web").username("admin").password("MARKER"),
             "validating model name \"!/web\": user name \"!\" not valid", errc::invalid_name),
        only("a directory without files", ConnectOptions().store_directory("/nonexistent"),
             "No controllers registered.\n\nPlease either create a new controller using \"juju bootstrap\" or connect to\nanother "
             "controller that you have been given access to using \"juju register\".",
             errc::no_controller),
        only("a controller that is not there", ConnectOptions().store_directory("/nonexistent").controller("lxd"),
             "controller lxd not found", errc::controller_not_found),
    };
}

} // namespace juju::test
