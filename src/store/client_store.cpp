#include "store/client_store.hpp"

#include "local_error.hpp"
#include "store/file.hpp"
#include "store/lock.hpp"
#include "store/names.hpp"
#include "store/yaml.hpp"
#include "wire/printable.hpp"
#include "wire/tags.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace juju::store {
namespace {

using yaml::Node;

/// A file, what the juju command says when it is broken (client-store 1.10), and how it indents.
struct FileKind {
    const char* name;
    const char* broken;
    int indent;
};

constexpr FileKind controllers_file{"controllers.yaml", "cannot unmarshal yaml controllers metadata", 4};
constexpr FileKind accounts_file{"accounts.yaml", "cannot unmarshal accounts", 2};
constexpr FileKind models_file{"models.yaml", "cannot unmarshal models", 2};

/// The members that the juju command writes before each one that is written here.
const std::vector<std::string> before_endpoints{"uuid"};
const std::vector<std::string> before_dns_cache{"uuid", "api-endpoints"};
const std::vector<std::string> before_public_hostname{"uuid", "api-endpoints", "dns-cache"};
const std::vector<std::string> before_agent_version{"uuid",    "api-endpoints", "dns-cache", "public-hostname",
                                                    "ca-cert", "cloud",         "region",    "type"};
const std::vector<std::string> before_access{"user", "password"};
const std::vector<std::string> before_access_token{"user", "password", "last-known-access"};

std::string with_reason(const char* what, const std::string& path, int error)
{
    const std::string text = std::string(what) + ' ' + wire::printable(path) + ": " + reason(error);
    struct stat status {};
    const bool foreign = error == EACCES && ::stat(path.c_str(), &status) == 0 && status.st_uid != ::geteuid();
    return (foreign && path.ends_with(controllers_file.name) ? "ownership of the file is not the same as the current user: " : "") + text;
}

/// The file's text; empty also when there is no file.
std::optional<WipingString> read_text(const std::string& path)
{
    // O_NONBLOCK: a FIFO must not be waited for.
    const auto file = open_file(path, O_RDONLY | O_NONBLOCK);
    if (!file && errno == ENOENT)
        return WipingString();
    if (!file)
        throw detail::local_error(errc::unreadable_file, with_reason("open", path, errno));
    return read_all(file, path);
}

/// Reads members of one file's tree, and says where a file is not of its shape.
class Reader {
public:
    Reader(const FileKind& kind, std::string path) : kind_(kind), path_(std::move(path)) {}

    Node read() const
    {
        const auto text = read_text(path_);
        if (!text)
            throw detail::local_error(errc::invalid_store, prefix() + ": larger than " + std::to_string(max_file_size) + " bytes");
        try {
            Node root = yaml::read(*text);
            need_mapping(root, "the file");
            return root;
        } catch (const yaml::Problem& problem) {
            fail_at(problem.line(), problem.column(), problem.what());
        }
    }

    [[noreturn]] void fail(const Node& node, const std::string& why) const { fail_at(node.line, node.column, why); }

    void need_mapping(const Node& node, std::string_view member) const
    {
        if (node.kind != Node::Kind::mapping && node.kind != Node::Kind::null)
            fail(node, std::string(member) + " is not a mapping");
    }

    /// A member that is a mapping, or null when it is missing.
    const Node* mapping(const Node& parent, std::string_view member) const
    {
        const Node* node = parent.find(member);
        if (node != nullptr)
            need_mapping(*node, member);
        return node;
    }

    std::string_view view(const Node& node, std::string_view member) const
    {
        if (node.kind == Node::Kind::null)
            return {};
        if (!node.is_scalar())
            fail(node, std::string(member) + " is not a single value");
        return node.value.text();
    }

    /// A member that is a single value, or nothing when it is missing or null.
    std::string text(const Node& parent, std::string_view member) const
    {
        const Node* node = parent.find(member);
        return node == nullptr ? std::string() : std::string(view(*node, member));
    }

    SecretValue secret(const Node& parent, std::string_view member) const
    {
        const Node* node = parent.find(member);
        return node == nullptr ? SecretValue() : SecretValue(view(*node, member));
    }

    std::string uuid(const Node& parent) const
    {
        auto value = text(parent, "uuid");
        if (!value.empty() && !wire::is_uuid(value))
            fail(*parent.find("uuid"), "uuid is not a UUID");
        return value;
    }

    bool flag(const Node& parent, std::string_view member) const
    {
        const auto value = text(parent, member);
        const auto is_one_of = [&](std::initializer_list<const char*> words) { return std::ranges::find(words, value) != words.end(); };
        const Node* node = parent.find(member);
        if (node == nullptr || node->kind == Node::Kind::null || is_one_of({"false", "False", "FALSE", "no", "off"}))
            return false;
        if (node->kind != Node::Kind::plain || !is_one_of({"true", "True", "TRUE", "yes", "on"}))
            fail(*node, std::string(member) + " is neither true nor false");
        return true;
    }

    std::vector<std::string> list(const Node& node, std::string_view member) const
    {
        if (node.kind != Node::Kind::sequence && node.kind != Node::Kind::null)
            fail(node, std::string(member) + " is not a list");
        std::vector<std::string> values;
        values.reserve(node.children.size());
        for (const auto& child : node.children)
            values.emplace_back(view(child, member));
        return values;
    }

    /// Calls `visit(name, entry)` for each entry under `controllers`.
    template <class Visit>
    void for_each_controller(const Node& root, Visit&& visit) const
    {
        const Node* all = mapping(root, "controllers");
        if (all == nullptr)
            return;
        for (std::size_t i = 0; i < all->children.size(); i += 2) {
            need_mapping(all->children[i + 1], "the controller's entry");
            visit(std::string(all->children[i].value.text()), all->children[i + 1]);
        }
    }

private:
    std::string prefix() const { return std::string(kind_.broken) + ": " + wire::printable(path_); }

    [[noreturn]] void fail_at(int line, int column, const std::string& why) const
    {
        throw detail::local_error(errc::invalid_store, prefix() + ':' + std::to_string(line) + ':' + std::to_string(column) + ": " + why);
    }

    const FileKind& kind_;
    std::string path_;
};

ProxyConfig read_proxy(const Reader& reader, const Node& node)
{
    reader.need_mapping(node, "proxy-config");
    ProxyConfig proxy;
    proxy.type = reader.text(node, "type");
    if (proxy.type.empty())
        reader.fail(node, "type key for proxier cannot be empty not valid");
    if (proxy.type != "kubernetes-port-forward") {
        const auto type = wire::printable(proxy.type);
        reader.fail(*node.find("type"), "cannot make proxier for type " + type + ": proxy register for key " + type + " not found");
    }
    const Node* config = reader.mapping(node, "config");
    for (std::size_t i = 0; config != nullptr && i < config->children.size(); i += 2) {
        auto key = std::string(config->children[i].value.text());
        auto value = SecretValue(reader.view(config->children[i + 1], "a value of proxy-config"));
        proxy.config.insert_or_assign(std::move(key), std::move(value));
    }
    return proxy;
}

std::string read_ca_cert(const Reader& reader, const Node& entry)
{
    auto pem = reader.text(entry, "ca-cert");
    const auto begin = pem.find("-----BEGIN CERTIFICATE-----");
    const bool complete = begin != std::string::npos && pem.find("-----END CERTIFICATE-----", begin) != std::string::npos;
    if (!pem.empty() && !complete)
        reader.fail(*entry.find("ca-cert"), "ca-cert is not a certificate in PEM");
    return pem;
}

Controller read_controller(const Reader& reader, std::string name, const Node& entry)
{
    Controller controller;
    controller.name = std::move(name);
    controller.uuid = reader.uuid(entry);
    if (const Node* endpoints = entry.find("api-endpoints"))
        controller.endpoints = reader.list(*endpoints, "api-endpoints");
    if (const Node* cache = reader.mapping(entry, "dns-cache"))
        for (std::size_t i = 0; i < cache->children.size(); i += 2)
            controller.dns_cache.insert_or_assign(std::string(cache->children[i].value.text()),
                                                  reader.list(cache->children[i + 1], "dns-cache"));
    controller.public_hostname = reader.text(entry, "public-hostname");
    controller.ca_cert = read_ca_cert(reader, entry);
    controller.oidc_login = reader.flag(entry, "oidc-login");
    const Node* proxy = entry.find("proxy-config");
    if (proxy != nullptr && proxy->kind != Node::Kind::null)
        controller.proxy = read_proxy(reader, *proxy);
    controller.agent_version = reader.text(entry, "agent-version");
    return controller;
}

Account read_account(const Reader& reader, const Node& entry)
{
    Account account;
    account.user = without_local_user(reader.text(entry, "user"));
    account.password = reader.secret(entry, "password");
    account.access_token = reader.secret(entry, "access-token");
    account.last_known_access = reader.text(entry, "last-known-access");
    if (account.user.empty() && account.access_token.empty())
        reader.fail(entry, "missing user, account details not valid");
    if (!account.user.empty() && !wire::is_user_name(account.user))
        reader.fail(*entry.find("user"), "user name " + in_quotes(account.user) + " not valid");
    return account;
}

std::vector<Model> read_models(const Reader& reader, const Node& entry)
{
    std::vector<Model> models;
    const Node* all = reader.mapping(entry, "models");
    for (std::size_t i = 0; all != nullptr && i < all->children.size(); i += 2) {
        const Node& details = all->children[i + 1];
        reader.need_mapping(details, "the model's entry");
        Model model;
        model.name = without_local_owner(all->children[i].value.text());
        model.uuid = reader.uuid(details);
        if (model.uuid.empty())
            reader.fail(details, "missing uuid, model details not valid");
        if (auto type = reader.text(details, "type"); !type.empty())
            model.type = std::move(type);
        models.push_back(std::move(model));
    }
    return models;
}

void check_controller_name(const std::string& name)
{
    if (name.empty())
        throw detail::local_error(errc::invalid_argument, "empty controller name not valid");
}

Error not_found(errc code, const std::string& what)
{
    return detail::local_error(code, wire::printable(what) + " not found");
}

Error controller_not_found(const std::string& name)
{
    return not_found(errc::controller_not_found, "controller " + name);
}

Error no_account(const std::string& controller)
{
    return not_found(errc::not_logged_in, "account details for controller " + controller);
}

/// An entry under `controllers` to change; null when there is none.
Node* find_entry(Node& root, const std::string& name)
{
    Node* all = root.find("controllers");
    return all == nullptr ? nullptr : all->find(name);
}

/// The entry under `controllers`, made if need be, at the place that the juju command would give it.
Node& make_entry(Node& parent, const std::string& name)
{
    if (Node* found = parent.find(name))
        return *found;
    std::vector<std::string> before;
    for (std::size_t i = 0; i < parent.children.size(); i += 2) {
        auto key = std::string(parent.children[i].value.text());
        if (yaml::key_less(key, name))
            before.push_back(std::move(key));
    }
    Node entry;
    entry.kind = Node::Kind::mapping;
    yaml::set(parent, name, std::move(entry), before);
    return *parent.find(name);
}

/// Takes the lock, with the juju command's words for what it is taken for.
StoreLock lock(const std::string& controllers_path, const Environment& environment, LockUse use, const std::string& purpose)
{
    try {
        return StoreLock(store_lock_path(controllers_path, environment), environment, use);
    } catch (const Error& error) {
        throw Error(error.code(), detail::ErrorDetails("cannot acquire lock file " + wire::printable(purpose) + ": " + error.what()));
    }
}

Node model_entry(const Node* old, const Model& model)
{
    Node entry = old == nullptr ? Node() : *old;
    entry.kind = Node::Kind::mapping;
    entry.flow = false;
    yaml::set(entry, "uuid", yaml::text(model.uuid), {});
    yaml::set(entry, "type", yaml::text(model.type), {"uuid"});
    return entry;
}

/// The `models` of an entry with exactly these; those that were there keep their spelling and what else is known of them.
Node models_node(const Node* old, const std::vector<Model>& models)
{
    std::map<std::string, std::pair<std::string, const Node*>> known;
    for (std::size_t i = 0; old != nullptr && i < old->children.size(); i += 2) {
        auto key = std::string(old->children[i].value.text());
        known.emplace(without_local_owner(key), std::pair(key, &old->children[i + 1]));
    }
    Node node;
    node.kind = Node::Kind::mapping;
    for (const auto& model : models) {
        const auto name = without_local_owner(model.name);
        const auto found = known.find(name);
        if (found == known.end())
            make_entry(node, name) = model_entry(nullptr, model);
        else
            make_entry(node, found->second.first) = model_entry(found->second.second, model);
    }
    return node;
}

/// As `same`, whatever the order of the members.
bool same_members(const Node* old, const Node& now)
{
    if (old == nullptr || old->children.size() != now.children.size())
        return false;
    for (std::size_t i = 0; i < now.children.size(); i += 2) {
        const Node* other = old->find(now.children[i].value.text());
        if (other == nullptr || !yaml::same(*other, now.children[i + 1]))
            return false;
    }
    return true;
}

void check_models(const std::vector<Model>& models)
{
    for (const auto& model : models) {
        check_qualified_name(model.name);
        const char* missing = model.uuid.empty() ? "uuid" : model.type.empty() ? "type" : nullptr;
        if (missing != nullptr)
            throw detail::local_error(errc::invalid_argument, std::string("missing ") + missing + ", model details not valid");
    }
}

} // namespace

ClientStore::ClientStore(std::string directory, Environment environment)
    : directory_(std::move(directory)), environment_(std::move(environment))
{
}

std::string ClientStore::path(const char* file) const
{
    // Cleaned as Go's filepath.Join does, since the lock's name depends on it.
    return (std::filesystem::path(directory_) / file).lexically_normal().string();
}

std::string ClientStore::cookie_jar_path(const std::string& controller) const
{
    check_controller_name(controller);
    if (controller.find('/') != std::string::npos || controller.find('\0') != std::string::npos)
        throw detail::local_error(errc::invalid_argument, "controller name " + in_quotes(controller) + " not valid");
    return (std::filesystem::path(directory_) / "cookies" / (controller + ".json")).string();
}

std::vector<std::string> ClientStore::controller_names() const
{
    const auto held = lock(path(controllers_file.name), environment_, LockUse::read, "to read all the controllers");
    const Reader reader(controllers_file, path(controllers_file.name));
    const Node root = reader.read();
    std::vector<std::string> names;
    reader.for_each_controller(
        root, [&](std::string name, const Node& entry) { names.push_back(read_controller(reader, std::move(name), entry).name); });
    std::ranges::sort(names);
    return names;
}

std::optional<std::string> ClientStore::current_controller() const
{
    const auto held = lock(path(controllers_file.name), environment_, LockUse::read, "to get the current controller name");
    const Reader reader(controllers_file, path(controllers_file.name));
    const Node root = reader.read();
    reader.for_each_controller(
        root, [&](std::string name, const Node& entry) { static_cast<void>(read_controller(reader, std::move(name), entry)); });
    auto name = reader.text(root, "current-controller");
    return name.empty() ? std::nullopt : std::optional(std::move(name));
}

Controller ClientStore::controller(const std::string& name) const
{
    check_controller_name(name);
    const auto held = lock(path(controllers_file.name), environment_, LockUse::read, "to read controller " + name);
    const Reader reader(controllers_file, path(controllers_file.name));
    const Node root = reader.read();
    std::optional<Controller> found;
    reader.for_each_controller(root, [&](std::string entry_name, const Node& entry) {
        auto controller = read_controller(reader, std::move(entry_name), entry);
        if (controller.name == name)
            found = std::move(controller);
    });
    if (!found)
        throw controller_not_found(name);
    return *std::move(found);
}

Account ClientStore::account(const std::string& controller) const
{
    check_controller_name(controller);
    const auto held =
        lock(path(controllers_file.name), environment_, LockUse::read, "for getting an account details on controller " + controller);
    const Reader reader(accounts_file, path(accounts_file.name));
    const Node root = reader.read();
    std::optional<Account> found;
    reader.for_each_controller(root, [&](const std::string& name, const Node& entry) {
        if (name == controller)
            found = read_account(reader, entry);
    });
    if (!found)
        throw no_account(controller);
    return *std::move(found);
}

std::vector<Model> ClientStore::models(const std::string& controller) const
{
    check_controller_name(controller);
    const auto held = lock(path(controllers_file.name), environment_, LockUse::read, "for getting all models for controller " + controller);
    const Reader reader(models_file, path(models_file.name));
    const Node root = reader.read();
    std::vector<Model> found;
    reader.for_each_controller(root, [&](const std::string& name, const Node& entry) {
        if (name == controller)
            found = read_models(reader, entry);
    });
    return found;
}

std::optional<std::string> ClientStore::current_model(const std::string& controller) const
{
    check_controller_name(controller);
    const auto held =
        lock(path(controllers_file.name), environment_, LockUse::read, "for getting current model for controller " + controller);
    const Reader reader(models_file, path(models_file.name));
    const Node root = reader.read();
    std::string found;
    reader.for_each_controller(root, [&](const std::string& name, const Node& entry) {
        if (name == controller)
            found = without_local_owner(reader.text(entry, "current-model"));
    });
    return found.empty() ? std::nullopt : std::optional(std::move(found));
}

void ClientStore::update_controller(const std::string& name, const ControllerChange& change)
{
    check_controller_name(name);
    const auto held = lock(path(controllers_file.name), environment_, LockUse::write, "to update controller " + name);
    const Reader reader(controllers_file, path(controllers_file.name));
    Node root = reader.read();
    reader.for_each_controller(
        root, [&](std::string entry_name, const Node& entry) { static_cast<void>(read_controller(reader, std::move(entry_name), entry)); });
    Node* entry = find_entry(root, name);
    if (entry == nullptr)
        throw controller_not_found(name);
    if (reader.uuid(*entry).empty())
        reader.fail(*entry, "missing uuid, controller details not valid");

    bool changed = false;
    const auto set = [&](const char* member, Node value, const std::vector<std::string>& before) {
        changed = yaml::set(*entry, member, std::move(value), before) || changed;
    };
    if (change.endpoints)
        set("api-endpoints", yaml::flow_list(*change.endpoints), before_endpoints);
    if (change.dns_cache && change.dns_cache->empty()) {
        changed = yaml::erase(*entry, "dns-cache") || changed;
    } else if (change.dns_cache) {
        Node cache;
        cache.kind = Node::Kind::mapping;
        cache.flow = true;
        for (const auto& [host, addresses] : *change.dns_cache)
            make_entry(cache, host) = yaml::flow_list(addresses);
        if (!same_members(entry->find("dns-cache"), cache))
            set("dns-cache", std::move(cache), before_dns_cache);
    }
    if (change.public_hostname && change.public_hostname->empty())
        changed = yaml::erase(*entry, "public-hostname") || changed;
    else if (change.public_hostname)
        set("public-hostname", yaml::text(*change.public_hostname), before_public_hostname);
    if (change.agent_version && !change.agent_version->empty())
        set("agent-version", yaml::text(*change.agent_version), before_agent_version);
    if (changed)
        replace_file(path(controllers_file.name), yaml::write(root, controllers_file.indent));
}

void ClientStore::update_account(const std::string& controller, const AccountChange& change)
{
    check_controller_name(controller);
    const auto held =
        lock(path(controllers_file.name), environment_, LockUse::write, "for updating an account on controller " + controller);
    const Reader reader(accounts_file, path(accounts_file.name));
    Node root = reader.read();
    reader.for_each_controller(root, [](const std::string&, const Node&) {});
    Node* entry = find_entry(root, controller);
    if (entry == nullptr)
        throw no_account(controller);
    static_cast<void>(read_account(reader, *entry));

    bool changed = false;
    if (change.last_known_access && !change.last_known_access->empty())
        changed = yaml::set(*entry, "last-known-access", yaml::text(*change.last_known_access), before_access);
    if (change.access_token && !change.access_token->empty())
        changed = yaml::set(*entry, "access-token", yaml::text(change.access_token->text()), before_access_token) || changed;
    if (changed)
        replace_file(path(accounts_file.name), yaml::write(root, accounts_file.indent));
}

void ClientStore::replace_models(const std::string& controller, const std::vector<Model>& models)
{
    check_controller_name(controller);
    check_models(models);
    const auto held = lock(path(controllers_file.name), environment_, LockUse::write, "for setting models on controller " + controller);
    const Reader reader(models_file, path(models_file.name));
    Node root = reader.read();
    reader.for_each_controller(root, [&](const std::string&, const Node& entry) { static_cast<void>(read_models(reader, entry)); });
    root.kind = Node::Kind::mapping;
    Node& all = make_entry(root, "controllers");
    all.kind = Node::Kind::mapping;
    const Node* old_entry = all.find(controller);
    const Node* old = old_entry == nullptr ? nullptr : old_entry->find("models");
    Node now = models_node(old, models);
    if (same_members(old, now))
        return;
    Node& entry = make_entry(all, controller);
    entry.kind = Node::Kind::mapping;
    yaml::set(entry, "models", std::move(now), {});
    replace_file(path(models_file.name), yaml::write(root, models_file.indent));
}

void ClientStore::remove_model(const std::string& controller, const std::string& name)
{
    check_controller_name(controller);
    check_qualified_name(name);
    const auto held =
        lock(path(controllers_file.name), environment_, LockUse::write, "for removing model " + name + " on controller " + controller);
    const Reader reader(models_file, path(models_file.name));
    Node root = reader.read();
    reader.for_each_controller(root, [&](const std::string&, const Node& entry) { static_cast<void>(read_models(reader, entry)); });
    Node* entry = find_entry(root, controller);
    if (entry == nullptr)
        throw not_found(errc::model_not_found, "models for controller " + controller);
    Node* models = entry->find("models");
    const auto wanted = without_local_owner(name);
    bool changed = false;
    for (std::size_t i = 0; models != nullptr && i < models->children.size(); i += 2) {
        const auto key = std::string(models->children[i].value.text());
        if (without_local_owner(key) == wanted) {
            changed = yaml::erase(*models, key);
            break;
        }
    }
    if (!changed)
        throw not_found(errc::model_not_found, "model " + controller + ':' + wanted);
    replace_file(path(models_file.name), yaml::write(root, models_file.indent));
}

} // namespace juju::store
