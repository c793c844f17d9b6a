#pragma once

#include "mock/envelope.hpp"
#include "mock/world.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace juju::mock {

/// The all-watchers of one 3.6 connection, as far as python-libjuju needs them: each tells the model once, then waits.
class AllWatchers {
public:
    /// Is this request for `Client.WatchAll` or facade AllWatcher?
    static bool concerns(const Request& request);

    /// The texts to send, in order: none for a `Next` that waits, several for a `Stop` that ends waiting ones.
    /// @throws Failure
    std::vector<std::string> handle(const World& world, const Request& request);

private:
    bool known(const std::string& id) const;

    std::size_t made_ = 0;           ///< ids are "1", "2"...
    std::vector<std::string> fresh_; ///< ids of those that have told nothing yet
    std::vector<Request> waiting_;   ///< `Next` calls that wait for a change
};

} // namespace juju::mock
