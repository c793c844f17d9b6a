// Calls that ask for nothing, calls of any facade, and calls before there is a connection.

#include "bad_input.hpp"

#include <tuple>

namespace juju::test {
namespace {

BadInput call(std::string facade, std::string request, std::string params, std::string what)
{
    return {"call " + facade + "." + request + "(" + params + ")", errc::invalid_argument, std::move(what),
            [facade, request, params](Called& c) { c.run(c.model.call(facade, request, params)); }};
}

BadInput unconnected(std::string name, std::function<void(Called&, Model&)> made)
{
    return {"not connected: " + name, errc::not_connected, "not connected; call connect first",
            [made](Called& c) { made(c, c.unconnected); }};
}

} // namespace

std::vector<BadInput> bad_requests()
{
    return {
        call("", "Get", "{}", "facade name \"\" not valid"),
        call("Application", "", "{}", "request name \"\" not valid"),
        call("Appli cation", "Get", "{}", "facade name \"Appli cation\" not valid"),
        call("Application\n", "Get", "{}", "facade name \"Application\\x0a\" not valid"),
        call("Application\"", "Get", "{}", "facade name \"Application\"\" not valid"),
        call("Application", "G\xc3\xa9t", "{}", "request name \"G\xC3\xA9t\" not valid"),
        call("Application", "Get", "", "the parameters are not a JSON object"),
        call("Application", "Get", "MARKER", "the parameters are not a JSON object"),
        call("Application", "Get", "[\"MARKER\"]", "the parameters are not a JSON object"),
        call("Application", "Get", "\"MARKER\"", "the parameters are not a JSON object"),
        call("Application", "Get", "{\"application\":MARKER}", "the parameters are not a JSON object"),
        call("Application", "Get", "{\"application\":\"MARKER\"", "the parameters are not a JSON object"),
        call("Application", "Get", "{}{}", "the parameters are not a JSON object"),
        call("Application", "Get", "{} MARKER", "the parameters are not a JSON object"),
        call("Application", "Get", "{\"application\":\"\xff\"}", "the parameters are not a JSON object"),
        call("Application", "Get", std::string("{}\0MARKER", 9), "the parameters are not a JSON object"),
        call("Application", "Get", "{'application':'MARKER'}", "the parameters are not a JSON object"),
        call("Application", "Get", "{\"application\":\"MARKER\",}", "the parameters are not a JSON object"),
        {"a version below 0", errc::invalid_argument, "version -1 not valid",
         [](Called& c) { c.run(c.model.call("Application", -1, "Get")); }},
        {"call on the controller", errc::invalid_argument, "the parameters are not a JSON object",
         [](Called& c) { c.run(c.controller.call("Cloud", "Clouds", "MARKER")); }},
        {"a facade that is not offered", errc::not_supported,
         "the controller, Juju 4.0.15, offers no facade \"Nonesuch\" on this connection",
         [](Called& c) { c.run(c.model.call("Nonesuch", "Get")); }},
        {"an update of nothing", errc::nothing_to_update,
         "secret \"db\": at least one attribute to update must be specified: new_name, data, file, info or auto_prune",
         [](Called& c) { c.run(c.model.update_secret("db", SecretUpdate())); }},
        {"an empty list of drafts", errc::invalid_argument, "an empty list of secrets",
         [](Called& c) { c.run(c.model.secrets_manager().create({})); }},
        {"an empty list of updates", errc::invalid_argument, "an empty list of secrets",
         [](Called& c) { c.run(c.model.secrets_manager().update({})); }},
        {"an empty list of removals", errc::invalid_argument, "an empty list of secrets",
         [](Called& c) { c.run(c.model.secrets_manager().remove({})); }},
        {"a watcher without interval", errc::invalid_argument,
         "interval of 0 ms not valid: a watcher needs at least 1 ms (WatchOptions::interval)",
         [](Called& c) {
             auto watcher = c.model.watch_secrets(WatchOptions().interval(std::chrono::milliseconds(0)));
             c.run(watcher.next());
         }},
        {"a watcher of a bad owner", errc::invalid_owner,
         "\"mysql\" is not a valid owner: use application-NAME, unit-NAME-NUMBER or model-UUID",
         [](Called& c) {
             auto watcher = c.model.watch_secrets(WatchOptions().filter(SecretFilter().owner("mysql")));
             c.run(watcher.next());
         }},
        {"a rotation without content", errc::empty_content, "secret \"db\": empty secret value not valid: give at least one key=value",
         [](Called& c) { std::ignore = c.run(c.model.rotate_secret("db", SecretContent(), [] { return true; })); }},
        unconnected("add", [](Called& c, Model& model) { c.run(model.add_secret("db", SecretContent("token=MARKER"))); }),
        unconnected("list", [](Called& c, Model& model) { c.run(model.list_secrets()); }),
        unconnected("get", [](Called& c, Model& model) { c.run(model.get_secret("db")); }),
        unconnected("reveal", [](Called& c, Model& model) { c.run(model.reveal_secret("db")); }),
        unconnected("grant", [](Called& c, Model& model) { c.run(model.grant_secret("db", "mysql")); }),
        unconnected("revoke", [](Called& c, Model& model) { c.run(model.revoke_secret("db", "mysql")); }),
        unconnected("update", [](Called& c, Model& model) { c.run(model.update_secret("db", SecretUpdate().info("new"))); }),
        unconnected("remove", [](Called& c, Model& model) { c.run(model.remove_secret("db")); }),
        unconnected("ensure", [](Called& c, Model& model) { c.run(model.ensure_secret("db", SecretContent("token=MARKER"))); }),
        unconnected("matches", [](Called& c, Model& model) { c.run(model.secret_matches("db", SecretContent("token=MARKER"))); }),
        unconnected("call", [](Called& c, Model& model) { c.run(model.call("Application", "Get")); }),
        unconnected("facades", [](Called&, Model& model) { model.facades(); }),
        unconnected("get_secret_backend", [](Called& c, Model& model) { c.run(model.get_secret_backend()); }),
        unconnected("wait_until_removed", [](Called& c, Model& model) { c.run(model.wait_until_removed("db")); }),
        unconnected("rotate",
                    [](Called& c, Model& model) {
                        std::ignore = c.run(model.rotate_secret("db", SecretContent("token=MARKER"), [] { return true; }));
                    }),
    };
}

} // namespace juju::test
