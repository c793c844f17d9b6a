#include "mock/client_store.hpp"

#include "mock/names.hpp"
#include "mock/yaml_writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

namespace juju::mock {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file)
{
    throw std::system_error(errno, std::generic_category(), "mock controller: cannot write " + file.string());
}

void write_all(int descriptor, std::string_view text, const std::filesystem::path& file)
{
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0) {
            const int error = errno;
            ::close(descriptor);
            errno = error;
            fail(file);
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void replace_file(const std::filesystem::path& file, const std::string& text)
{
    const std::filesystem::path temporary = file.string() + random_hex(8);
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
        fail(temporary);
    }
    write_all(descriptor, text, temporary);
    if (::close(descriptor) != 0) {
        fail(temporary);
    }
    std::filesystem::rename(temporary, file);
}

/// Members of a mapping by name, sorted as Go writes a map.
using Entries = std::map<std::string, YAML::Node>;

/// One of the files: what it says about each controller, and what else is at its top.
struct StoreFile {
    Entries controllers;
    Entries others;
};

StoreFile read_file(const std::filesystem::path& file)
{
    StoreFile result;
    if (!std::filesystem::exists(file)) {
        return result;
    }
    try {
        const YAML::Node root = YAML::LoadFile(file.string());
        if (!root.IsMap() && !root.IsNull()) {
            throw YAML::Exception(root.Mark(), "no mapping");
        }
        for (const auto& member : root) {
            result.others[member.first.Scalar()] = member.second;
        }
        for (const auto& entry : result.others["controllers"]) {
            result.controllers[entry.first.Scalar()] = entry.second;
        }
    } catch (const YAML::Exception& error) {
        throw std::runtime_error("mock controller: cannot read " + file.string() + ": " + error.what());
    }
    return result;
}

YAML::Node mapping_of(const Entries& entries)
{
    YAML::Node mapping(YAML::NodeType::Map);
    for (const auto& [name, value] : entries) {
        mapping[name] = value;
    }
    return mapping;
}

/// @param tops what follows the controllers, in order
void write_file(const std::filesystem::path& file, StoreFile content, int indent, const std::vector<std::string>& tops = {})
{
    YAML::Node root(YAML::NodeType::Map);
    root["controllers"] = mapping_of(content.controllers);
    for (const std::string& name : tops) {
        if (const auto found = content.others.find(name); found != content.others.end()) {
            root[name] = found->second;
        }
    }
    replace_file(file, write_yaml(root, indent));
}

YAML::Node texts(const std::vector<std::string>& list)
{
    YAML::Node sequence(YAML::NodeType::Sequence);
    for (const std::string& text : list) {
        sequence.push_back(yaml_text_node(text));
    }
    return sequence;
}

std::vector<std::string> own_endpoints(const Network& network)
{
    std::vector<std::string> endpoints;
    endpoints.reserve(network.ports.size());
    for (const unsigned short port : network.ports) {
        endpoints.push_back("127.0.0.1:" + std::to_string(port));
    }
    return endpoints;
}

YAML::Node proxy_entry(const MockStoreOptions& options)
{
    YAML::Node proxy(YAML::NodeType::Map);
    proxy["type"] = yaml_text_node(options.proxy_type());
    proxy["config"] = YAML::Node(YAML::NodeType::Map);
    for (const auto& [key, value] : options.proxy_config()) {
        proxy["config"][key] = yaml_text_node(value);
    }
    return proxy;
}

YAML::Node controller_entry(const World& world, const std::string& ca_cert, const MockStoreOptions& options)
{
    YAML::Node entry(YAML::NodeType::Map);
    entry["uuid"] = yaml_text_node(world.controller_uuid);
    entry["api-endpoints"] = texts(options.endpoints().value_or(own_endpoints(world.network)));
    for (const auto& [host, addresses] : options.dns_cache()) {
        entry["dns-cache"][host] = texts(addresses);
    }
    if (const std::string host = options.public_hostname().value_or(world.network.public_dns_name); !host.empty()) {
        entry["public-hostname"] = yaml_text_node(host);
    }
    entry["ca-cert"] = yaml_text_node(options.ca_cert().value_or(ca_cert));
    entry["cloud"] = yaml_text_node("mock");
    entry["type"] = yaml_text_node("manual");
    entry["agent-version"] = yaml_text_node(world.server_version());
    entry["controller-machine-count"] = world.network.ports.size();
    entry["active-controller-machine-count"] = 0;
    entry["machine-count"] = 1;
    if (options.login() == MockStoredLogin::session_token) {
        entry["oidc-login"] = true;
    }
    if (!options.proxy_type().empty()) {
        entry["proxy-config"] = proxy_entry(options);
    }
    return entry;
}

const UserSettings& user_of(const World& world, const MockStoreOptions& options)
{
    const UserSettings* user = world.find_user(options.user());
    if (user == nullptr) {
        throw std::invalid_argument("mock controller: there is no user \"" + options.user() + '"');
    }
    return *user;
}

YAML::Node account_entry(const UserSettings& user, const MockStoreOptions& options)
{
    YAML::Node entry(YAML::NodeType::Map);
    entry["user"] = yaml_text_node(user.name);
    if (options.login() == MockStoredLogin::password) {
        entry["password"] = yaml_text_node(user.credential);
    }
    entry["last-known-access"] = yaml_text_node(user.controller_access == MockControllerAccess::superuser ? "superuser" : "login");
    if (!options.session_token().empty()) {
        entry["access-token"] = yaml_text_node(options.session_token());
    }
    return entry;
}

YAML::Node models_entry(const World& world, bool current)
{
    const std::string model = world.model_owner + '/' + world.model_name;
    YAML::Node details(YAML::NodeType::Map);
    details["uuid"] = yaml_text_node(world.store.model_uuid());
    details["type"] = yaml_text_node("iaas");
    if (world.is_3_6()) {
        details["branch"] = yaml_text_node("master");
    }
    YAML::Node entry(YAML::NodeType::Map);
    entry["models"][model] = details;
    if (current) {
        entry["current-model"] = yaml_text_node(model);
    }
    return entry;
}

void write_controllers(const std::filesystem::path& file, const World& world, const std::string& ca_cert, const MockStoreOptions& options)
{
    StoreFile content = read_file(file);
    content.controllers[options.name()] = controller_entry(world, ca_cert, options);
    if (options.is_current()) {
        content.others["current-controller"] = yaml_text_node(options.name());
    }
    if (!world.is_3_6()) {
        content.others.try_emplace("has-controller-changed-on-previous-switch", false);
    }
    write_file(file, content, 4, {"current-controller", "previous-controller", "has-controller-changed-on-previous-switch"});
}

/// Makes `entry`, or none, what the file says about the controller.
void write_entry(const std::filesystem::path& file, const std::string& controller, const std::optional<YAML::Node>& entry)
{
    StoreFile content = read_file(file);
    const bool was_there = content.controllers.erase(controller) > 0;
    if (entry) {
        content.controllers.emplace(controller, *entry);
    }
    if (entry || was_there) {
        write_file(file, content, 2);
    }
}

void make_directory(const std::filesystem::path& directory)
{
    if (std::filesystem::create_directories(directory)) {
        std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
    }
}

} // namespace

void write_client_store(const std::filesystem::path& directory, const World& world, const std::string& ca_cert,
                        const MockStoreOptions& options)
{
    std::optional<YAML::Node> account;
    if (!options.user().empty()) {
        account = account_entry(user_of(world, options), options);
    }
    std::optional<YAML::Node> models;
    if (options.models() != MockStoredModels::none) {
        models = models_entry(world, options.models() == MockStoredModels::current);
    }
    make_directory(directory);
    write_controllers(directory / "controllers.yaml", world, ca_cert, options);
    write_entry(directory / "accounts.yaml", options.name(), account);
    write_entry(directory / "models.yaml", options.name(), models);
    const auto jar = directory / "cookies" / (options.name() + ".json");
    const bool has_user = !options.user().empty();
    if (options.cookies() || (has_user && !std::filesystem::exists(jar))) {
        make_directory(directory / "cookies");
        replace_file(jar, options.cookies().value_or("null\n"));
    }
}

} // namespace juju::mock
