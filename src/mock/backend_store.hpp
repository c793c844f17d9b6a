#pragma once

#include "mock/backend_provider.hpp"

#include <juju/mock_controller.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

/// A secret backend that was added to the controller.
struct Backend {
    std::string id;
    std::string name;
    std::string type = "vault";
    BackendConfig config;
    std::optional<std::int64_t> rotate_interval; ///< nanoseconds
};

/// The secret backends of a controller. Its own, named "internal", is not among those that were added.
class BackendStore {
public:
    explicit BackendStore(MockProfile profile);

    /// Of the controller's own backend. 3.6: the controller's UUID; 4.0: one of its own.
    const std::string& internal_id() const noexcept { return internal_id_; }
    void set_internal_id(std::string id) { internal_id_ = std::move(id); }
    /// The id of a backend that is there from the start, by name. Only 4.0 keeps such among the others.
    std::optional<std::string> built_in_id(std::string_view name) const;

    const std::vector<Backend>& added() const noexcept { return backends_; } ///< in the order of their addition
    const Backend* find(std::string_view name) const;
    Backend* find(std::string_view name);
    Backend* find_id(std::string_view id);

    /// @return the id, a new one when it was empty
    /// @throws std::invalid_argument for a name or id that is taken, reserved or missing, or an unknown type
    std::string add(Backend backend);
    void erase(std::string_view name);

    /// Does a backend of this name answer? It need not exist yet.
    bool reachable(const std::string& name) const { return !unreachable_.contains(name); }
    void set_reachable(const std::string& name, bool reachable);

private:
    MockProfile profile_;
    std::string internal_id_;
    std::string kubernetes_id_;
    std::vector<Backend> backends_;
    std::set<std::string> unreachable_;
};

/// The same between the brain and the public interface, where settings that are no texts stand as their JSON text.
MockSecretBackend to_public(const BackendStore& store, const Backend& backend);
Backend from_public(const MockSecretBackend& backend);

} // namespace juju::mock
