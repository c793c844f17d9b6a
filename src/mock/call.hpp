#pragma once

#include "mock/failure.hpp"
#include "mock/world.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace juju::mock {

/// Who a connection belongs to after a login.
struct Caller {
    bool model_connection = true;
    std::string user;  ///< empty for an agent
    std::string agent; ///< its tag
};

/// Items of the call that must fail, by position.
using ItemFaults = std::map<std::size_t, Failure>;

/// One request to a facade.
struct Call {
    World& world;
    const Caller& caller;
    std::int64_t version;
    const std::string& method;
    const Json& params;
    const ItemFaults& item_faults;
};

/// Model access checks. A superuser's rights on the controller count for revealing only.
/// @throws Failure
void check_read(const Call& call);
void check_write(const Call& call);
void check_reveal(const Call& call);
/// @throws Failure for agents
void check_is_user(const Call& call);
/// Is the caller superuser of the controller? A user who logged in with a token never is.
bool is_superuser(const Call& call);
/// @throws Failure
void check_superuser(const Call& call);

/// Runs `item` for each position and collects what it returns, or the error that it throws, into `{"results":[...]}`.
Json bulk_results(const Call& call, std::size_t count, const std::function<Json(std::size_t)>& item);

/// Facade `Secrets`.
/// @throws Failure
Json call_secrets(const Call& call);
Json list_secrets(const Call& call);
Json create_secrets(const Call& call);
Json update_secrets(const Call& call);
Json remove_secrets(const Call& call);
Json grant_secret(const Call& call);
Json revoke_secret(const Call& call);

/// Facade `SecretBackends`.
/// @throws Failure
Json call_secret_backends(const Call& call);
/// What a backend's own client says that finds no backend.
Failure unreachable_backend();
/// What a list says about the backends of these names, or about all when there are none.
Json backends_json(const World& world, const std::vector<std::string>& names, bool reveal);

/// Facade `ModelConfig`: the model's settings and secret backend.
/// @throws Failure
Json call_model_config(const Call& call);

/// Facade `ModelManager`, as far as clients need it to find a model.
/// @throws Failure
Json call_model_manager(const Call& call);

/// What else the mock answers. AllWatcher is AllWatchers' own.
/// @throws Failure "not implemented" for the rest
Json call_other_facade(const Call& call, const std::string& facade);

/// The user secret that a write call names by label.
/// @throws Failure not found
const MockSecret& user_secret_named(const World& world, const std::string& label);

} // namespace juju::mock
