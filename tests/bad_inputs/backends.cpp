// Secret backends.

#include "bad_input.hpp"

namespace juju::test {
namespace {

using namespace std::chrono_literals;

BadInput add(std::string name, SecretBackendDraft draft, errc code, std::string what)
{
    return {"add: " + name, code, std::move(what), [draft](Called& c) { c.run(c.controller.add_secret_backend(draft)); }};
}

BadInput update(std::string name, std::string backend, SecretBackendUpdate changes, errc code, std::string what)
{
    return {"update: " + name, code, std::move(what),
            [backend, changes](Called& c) { c.run(c.controller.update_secret_backend(backend, changes)); }};
}

SecretBackendConfig config()
{
    return SecretBackendConfig().set("endpoint", "https://vault.example.com:8200").set("token", "MARKER");
}

} // namespace

std::vector<BadInput> bad_backends()
{
    return {
        add("no name", SecretBackendDraft("", "vault", config()), errc::invalid_name, "the name of the secret backend is empty"),
        add("name not UTF-8", SecretBackendDraft("\xff", "vault", config()), errc::invalid_name,
            "the name of the secret backend is not valid UTF-8"),
        add("internal", SecretBackendDraft("internal", "vault", config()), errc::invalid_name,
            "the name of the secret backend is \"internal\", which Juju reserves"),
        add("auto", SecretBackendDraft("auto", "vault", config()), errc::invalid_name,
            "the name of the secret backend is \"auto\", which Juju reserves"),
        add("type not UTF-8", SecretBackendDraft("myvault", "\xff", config()), errc::invalid_argument,
            "secret backend \"myvault\": the type is not valid UTF-8"),
        add("id not UTF-8", SecretBackendDraft("myvault", "vault", config()).id("\xff"), errc::invalid_argument,
            "secret backend \"myvault\": the id is not valid UTF-8"),
        add("interval 0", SecretBackendDraft("myvault", "vault", config()).token_rotate_interval(0s), errc::invalid_argument,
            "secret backend \"myvault\": token_rotate_interval 0 ns not valid: give 1 h or more"),
        add("interval below 0", SecretBackendDraft("myvault", "vault", config()).token_rotate_interval(-1h), errc::invalid_argument,
            "secret backend \"myvault\": token_rotate_interval -3600000000000 ns not valid: give 1 h or more"),
        add("setting not UTF-8", SecretBackendDraft("myvault", "vault", config().set("token", "MARKER\xff")), errc::invalid_argument,
            "secret backend \"myvault\": the value of setting \"token\" is not valid UTF-8"),
        add("setting's name not UTF-8", SecretBackendDraft("myvault", "vault", config().set("to\xff", "MARKER")), errc::invalid_argument,
            "secret backend \"myvault\": the name of setting \"to\\xff\" is not valid UTF-8"),
        {"a setting that is no JSON", errc::invalid_argument, "the value of setting \"tls\" is not JSON",
         [](Called& c) {
             auto settings = SecretBackendConfig().set_json("tls", "MARKER");
             c.run(c.controller.add_secret_backend(SecretBackendDraft("myvault", "vault", settings)));
         }},
        update("nothing", "myvault", SecretBackendUpdate(), errc::nothing_to_update,
               "secret backend \"myvault\": at least one attribute to update must be specified: new_name, token_rotate_interval, config or "
               "reset"),
        update("force alone", "myvault", SecretBackendUpdate().force(true), errc::nothing_to_update,
               "secret backend \"myvault\": at least one attribute to update must be specified: new_name, token_rotate_interval, config or "
               "reset"),
        update("no name", "", SecretBackendUpdate().new_name("other"), errc::invalid_name, "the name of the secret backend is empty"),
        update("name not UTF-8", "\xff", SecretBackendUpdate().new_name("other"), errc::invalid_name,
               "the name of the secret backend is not valid UTF-8"),
        update("an empty new name", "myvault", SecretBackendUpdate().new_name(""), errc::invalid_name,
               "the new name of secret backend \"myvault\" is empty"),
        update("new name internal", "myvault", SecretBackendUpdate().new_name("internal"), errc::invalid_name,
               "the new name of secret backend \"myvault\" is \"internal\", which Juju reserves"),
        update("new name auto", "myvault", SecretBackendUpdate().new_name("auto"), errc::invalid_name,
               "the new name of secret backend \"myvault\" is \"auto\", which Juju reserves"),
        update("new name not UTF-8", "myvault", SecretBackendUpdate().new_name("\xff"), errc::invalid_name,
               "the new name of secret backend \"myvault\" is not valid UTF-8"),
        update("interval below 0", "myvault", SecretBackendUpdate().token_rotate_interval(-1ns), errc::invalid_argument,
               "secret backend \"myvault\": token_rotate_interval -1 ns not valid: give 1 h or more"),
        update("setting not UTF-8", "myvault", SecretBackendUpdate().config(config().set("token", "MARKER\xff")), errc::invalid_argument,
               "secret backend \"myvault\": the value of setting \"token\" is not valid UTF-8"),
        update("reset not UTF-8", "myvault", SecretBackendUpdate().reset("\xff"), errc::invalid_argument,
               "secret backend \"myvault\": the name of setting \"\\xff\" is not valid UTF-8"),
        {"remove no name", errc::invalid_name, "the name of the secret backend is empty",
         [](Called& c) { c.run(c.controller.remove_secret_backend("")); }},
        {"remove a name not UTF-8", errc::invalid_name, "the name of the secret backend is not valid UTF-8",
         [](Called& c) { c.run(c.controller.remove_secret_backend("\xff")); }},
        {"list an empty name", errc::invalid_name, "a name in the filter is empty",
         [](Called& c) { c.run(c.controller.list_secret_backends(SecretBackendFilter().name(""))); }},
        {"list a name not UTF-8", errc::invalid_name, "a name in the filter is not valid UTF-8",
         [](Called& c) { c.run(c.controller.list_secret_backends(SecretBackendFilter().name("\xff"))); }},
        {"the model's backend internal", errc::invalid_name,
         "the controller's own secret backend is chosen with \"auto\", not with \"internal\"",
         [](Called& c) { c.run(c.model.set_secret_backend("internal")); }},
    };
}

} // namespace juju::test
