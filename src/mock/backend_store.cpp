#include "mock/backend_store.hpp"

#include "mock/names.hpp"

#include <algorithm>
#include <stdexcept>

namespace juju::mock {
namespace {

bool is_reserved(MockProfile profile, std::string_view name)
{
    const bool by_4_0 = name == "kubernetes" || name.ends_with("-local");
    return name == "internal" || name == "auto" || (by_4_0 && profile == MockProfile::juju_4_0);
}

template <typename Backends>
auto find_by_name(Backends& backends, std::string_view name)
{
    const auto found = std::find_if(backends.begin(), backends.end(), [&](const Backend& backend) { return backend.name == name; });
    return found == backends.end() ? nullptr : &*found;
}

} // namespace

BackendStore::BackendStore(MockProfile profile) : profile_(profile), internal_id_(random_uuid()), kubernetes_id_(random_uuid()) {}

std::optional<std::string> BackendStore::built_in_id(std::string_view name) const
{
    if (profile_ == MockProfile::juju_3_6 || (name != "internal" && name != "kubernetes")) {
        return std::nullopt;
    }
    return name == "internal" ? internal_id_ : kubernetes_id_;
}

const Backend* BackendStore::find(std::string_view name) const
{
    return find_by_name(backends_, name);
}

Backend* BackendStore::find(std::string_view name)
{
    return find_by_name(backends_, name);
}

Backend* BackendStore::find_id(std::string_view id)
{
    const auto found = std::find_if(backends_.begin(), backends_.end(), [&](const Backend& backend) { return backend.id == id; });
    return found == backends_.end() ? nullptr : &*found;
}

std::string BackendStore::add(Backend backend)
{
    const std::string quoted = '"' + backend.name + '"';
    if (backend.name.empty() || is_reserved(profile_, backend.name)) {
        throw std::invalid_argument("mock controller: " + quoted + " is no name for a secret backend");
    }
    if (find(backend.name) != nullptr) {
        throw std::invalid_argument("mock controller: the secret backend " + quoted + " exists already");
    }
    if (find_provider(backend.type) == nullptr) {
        throw std::invalid_argument("mock controller: there is no type \"" + backend.type + "\" of secret backends");
    }
    if (backend.id.empty()) {
        backend.id = profile_ == MockProfile::juju_3_6 ? random_hex(24) : random_uuid();
    }
    if (find_id(backend.id) != nullptr || backend.id == internal_id_) {
        throw std::invalid_argument("mock controller: the secret backend id \"" + backend.id + "\" is taken");
    }
    backends_.push_back(std::move(backend));
    return backends_.back().id;
}

void BackendStore::erase(std::string_view name)
{
    std::erase_if(backends_, [&](const Backend& backend) { return backend.name == name; });
}

void BackendStore::set_reachable(const std::string& name, bool reachable)
{
    if (reachable) {
        unreachable_.erase(name);
    } else {
        unreachable_.insert(name);
    }
}

MockSecretBackend to_public(const BackendStore& store, const Backend& backend)
{
    MockSecretBackend copy(backend.name, backend.type);
    copy.id = backend.id;
    for (const auto& [name, value] : backend.config) {
        copy.config[name] = value.is_string() ? value.get<std::string>() : go_json(value);
    }
    if (backend.rotate_interval) {
        copy.token_rotate_interval = std::chrono::nanoseconds(*backend.rotate_interval);
    }
    copy.reachable = store.reachable(backend.name);
    return copy;
}

Backend from_public(const MockSecretBackend& backend)
{
    Backend copy;
    copy.id = backend.id;
    copy.name = backend.name;
    copy.type = backend.type;
    copy.config.insert(backend.config.begin(), backend.config.end());
    if (backend.token_rotate_interval) {
        copy.rotate_interval = backend.token_rotate_interval->count();
    }
    return copy;
}

} // namespace juju::mock
