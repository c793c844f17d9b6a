#pragma once

#include "faults/ends.hpp"

#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace juju::faults {

/// How a call takes a fault.
enum class CallKind {
    connect,    ///< meets faults on the way to the login only
    disconnect, ///< meets faults of the goodbye only
    read,       ///< is sent again, once, after a loss
    write,      ///< is never sent twice
    rotate,     ///< looks afterwards whether its write was applied
    lifetime,   ///< `with_secret`: an unknown outcome is errc::left_behind
};

/// What a call works on. Each cell has its own.
struct Parties {
    Model& model;
    Controller& controller;
    ConnectOptions options;            ///< of the model's connection
    ConnectOptions controller_options; ///< of the controller's
};

struct Call {
    std::string name; ///< "Model::add_secret"
    CallKind kind;
    bool of_controller;     ///< on a connection to the controller
    std::string method_3_6; ///< the request that a fault strikes: "CreateSecrets"
    std::string method_4_0;
    bool has_items;      ///< the request has items, or the list contents, that can fail alone
    bool takes_anything; ///< does not look at the response
    std::function<boost::asio::awaitable<End>(Parties&)> run;
    int requests = 1; ///< of `method` when nothing goes wrong

    const std::string& method(MockProfile profile) const { return profile == MockProfile::juju_3_6 ? method_3_6 : method_4_0; }
};

const std::vector<Call>& calls();

/// The mock's state at the start of a cell: secret "db" (two revisions, granted to gitlab), secret "plain", backend "myvault".
extern const char* const state;

} // namespace juju::faults
