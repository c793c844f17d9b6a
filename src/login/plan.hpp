#pragma once

#include "login/login.hpp"
#include "store/client_store.hpp"
#include "store/environment.hpp"
#include "transport/endpoint.hpp"
#include "transport/open.hpp"
#include "transport/port_forward.hpp"
#include "transport/proxy.hpp"
#include "transport/tls.hpp"

#include <juju/connect_options.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace juju::login {

/// What a connection is to: a model, or the controller itself.
enum class Target { model, controller };

/// The controller in the client store that a plan was made from.
struct StoreEntry {
    std::string directory;
    std::string controller;
    std::string cookie_host;
};

/// Where to connect, and as whom.
struct Plan {
    Target target = Target::model;
    std::vector<transport::Endpoint> endpoints;
    std::optional<transport::PortForwardConfig> port_forward; ///< then there are no endpoints yet: the one that it opens is to be used
    transport::TlsPolicy tls;
    transport::ProxyRule proxy;
    std::map<std::string, std::vector<std::string>> dns_cache;
    Credentials credentials;
    std::string model_uuid; ///< empty for a controller, and when `model` must be looked up first
    std::string model;      ///< as it was spelt, without the controller; empty when the UUID was given
    std::optional<StoreEntry> store;

    /// "/model/UUID/api" or "/api".
    std::string path() const;
};

/// Throws errc::invalid_argument or errc::invalid_name for options that cannot work, whatever the files say.
void check_options(const ConnectOptions& options, Target target);

/// Reads the client store, where no endpoint is given; under its lock, for which it does not wait.
/// @throws Error of the store (errc::store_locked), and errc::invalid_argument when the account there and the options do not go together.
Plan make_plan(const ConnectOptions& options, Target target, const store::Environment& environment);

} // namespace juju::login
