#include "store/client_store.hpp"
#include "fuzz/directory.hpp"
#include "fuzz/fuzz.hpp"
#include "store/choose.hpp"
#include "store/names.hpp"
#include "store/yaml.hpp"
#include "wire/tags.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// One text as each of the files that the juju command keeps.

namespace {

namespace store = juju::store;
using fuzz::require;
using juju::errc;
using store::ClientStore;
using store::Environment;

/// Whether the text can be read.
bool check_yaml(std::string_view text)
{
    store::yaml::Node root;
    try {
        root = store::yaml::read(text);
    } catch (const store::yaml::Problem& problem) {
        require(problem.line() > 0 && problem.column() > 0, "a problem has a place");
        require(std::string_view(problem.what()).find(fuzz::secret_word) == std::string_view::npos,
                "a problem's text holds nothing of the file");
        return false;
    }
    if (root.kind != store::yaml::Node::Kind::mapping)
        return true;
    for (const int indent : {2, 4}) {
        const auto written = store::yaml::write(root, indent);
        require(store::yaml::same(store::yaml::read(written), root), "YAML that is written says the same");
        require(store::yaml::write(store::yaml::read(written), indent) == written, "YAML that is written stays as it is");
    }
    return true;
}

Environment environment()
{
    return Environment({{"TMPDIR", fuzz::directory().string()}, {"HOME", fuzz::directory().string()}});
}

ClientStore open_store()
{
    return ClientStore(fuzz::directory().string(), environment());
}

void check_store_error(const std::optional<juju::Error>& error)
{
    require(!error || error->code() != errc::unreadable_file, "the file can be read");
    require(!error || error->code() != errc::store_locked, "nobody holds the lock");
}

void check_controller(const std::string& name)
{
    auto files = open_store();
    store::Controller before;
    if (const auto error = fuzz::error_of([&] { before = files.controller(name); })) {
        check_store_error(error);
        return;
    }
    require(before.name == name && (before.uuid.empty() || juju::wire::is_uuid(before.uuid)), "a controller is the one asked for");

    store::ControllerChange change;
    change.endpoints = std::vector<std::string>{"10.0.0.1:17070", "[::1]:17070"};
    change.agent_version = "3.6.28";
    change.public_hostname = "juju.example.com";
    change.dns_cache.emplace();
    (*change.dns_cache)["juju.example.com"] = {"10.0.0.1"};
    if (const auto error = fuzz::error_of([&] { files.update_controller(name, change); })) {
        require(before.uuid.empty() && error->code() == errc::invalid_store, "a controller with a UUID can be changed");
        return;
    }
    const auto after = files.controller(name);
    require(after.endpoints == change.endpoints && after.agent_version == change.agent_version &&
                after.public_hostname == change.public_hostname && after.dns_cache == change.dns_cache,
            "what is changed is there");
    require(after.uuid == before.uuid && after.ca_cert == before.ca_cert && after.oidc_login == before.oidc_login,
            "what is not changed stays");
}

void check_account(const std::string& name)
{
    auto files = open_store();
    store::Account before;
    if (const auto error = fuzz::error_of([&] { before = files.account(name); })) {
        check_store_error(error);
        return;
    }
    require(before.user.empty() ? !before.access_token.empty() : juju::wire::is_user_name(before.user), "an account is somebody's");
    store::AccountChange change;
    change.last_known_access = "superuser";
    change.access_token = juju::SecretValue("another token");
    check_store_error(fuzz::error_of([&] { files.update_account(name, change); }));
    const auto after = files.account(name);
    require(after.last_known_access == "superuser" && after.access_token == *change.access_token, "what is changed is there");
    require(after.user == before.user && after.password == before.password, "what is not changed stays");
}

void check_models(const std::string& name)
{
    auto files = open_store();
    std::vector<store::Model> before;
    check_store_error(fuzz::error_of([&] { before = files.models(name); }));
    check_store_error(fuzz::error_of([&] { files.current_model(name); }));
    for (const auto& model : before) {
        require(juju::wire::is_uuid(model.uuid) && !model.type.empty(), "a model has a UUID and a type");
        fuzz::error_of([&] { store::find_model(before, model.name, "admin"); });
        fuzz::error_of([&] { store::find_model(before, model.uuid.substr(0, 6), "admin"); });
    }
    store::Model added;
    added.name = "admin/added";
    added.uuid = "deadbeef-0bad-400d-8000-4b1d0d06f00d";
    if (const auto error = fuzz::error_of([&] { files.replace_models(name, {added}); })) {
        require(error->code() == errc::invalid_store, "models can be replaced unless the file is broken");
        return;
    }
    const auto after = files.models(name);
    require(after.size() == 1 && after[0].name == added.name && after[0].uuid == added.uuid, "the models are those that were given");
    files.remove_model(name, added.name);
    require(files.models(name).empty(), "a model that was removed is gone");
}

/// Nothing is read from a file that is no YAML, and none is changed.
void check_unreadable(std::string_view text)
{
    auto files = open_store();
    store::Model added;
    added.name = "admin/added";
    added.uuid = "deadbeef-0bad-400d-8000-4b1d0d06f00d";
    for (const auto& use : std::vector<std::function<void()>>{[&] { files.controller_names(); }, [&] { files.account("lxd"); },
                                                              [&] { files.replace_models("lxd", {added}); }}) {
        const auto error = fuzz::discreet_error_of(use);
        require(error && error->code() == errc::invalid_store, "a file that is no YAML is an invalid store");
    }
    require(fuzz::read_file(fuzz::directory() / "models.yaml") == text, "a file that is no YAML is left alone");
}

} // namespace

void fuzz::run(std::string_view text)
{
    const bool readable = check_yaml(text);
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"})
        write_file(directory() / file, text);
    if (!readable) {
        check_unreadable(text);
        return;
    }
    const auto files = open_store();
    std::vector<std::string> names;
    check_store_error(error_of([&] { names = files.controller_names(); }));
    require(std::ranges::is_sorted(names), "names are sorted");
    check_store_error(error_of([&] { files.current_controller(); }));
    check_store_error(error_of([&] { store::choose_model(files, environment(), "", ""); }));

    constexpr std::size_t most = 3;
    if (names.empty())
        names.emplace_back("lxd");
    names.resize(std::min(names.size(), most));
    for (const auto& name : names) {
        if (name.empty())
            continue;
        check_controller(name);
        check_account(name);
        check_models(name);
    }
}
