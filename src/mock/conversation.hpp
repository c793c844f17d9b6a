#pragma once

#include "mock/all_watcher.hpp"
#include "mock/call.hpp"
#include "mock/envelope.hpp"

#include <optional>
#include <string>
#include <vector>

namespace juju::mock {

/// What a connection's URL named.
enum class Target { controller, model, unknown_model };

/// One connection's dialogue: who logged in, and what is refused to them. Not thread-safe; Core guards it.
class Conversation {
public:
    /// @param model_uuid as it stands in the URL
    Conversation(World& world, Target target, std::string model_uuid);

    bool logged_in() const noexcept { return caller_.has_value(); }

    /// The texts to send, in order. Mostly one; none for a watcher's `Next` that waits.
    std::vector<std::string> handle(const Request& request, const ItemFaults& item_faults);

private:
    /// Refusals of every call, decided at login as real controllers do.
    struct Restrictions {
        bool upgrading = false;
        bool migrating = false;
        bool importing = false;
    };

    std::vector<std::string> respond(const Request& request, const ItemFaults& item_faults);
    Json respond_before_login(const Request& request);
    Json log_in(const Request& request);
    void check_restrictions(const Request& request) const;

    World& world_;
    Target target_;
    std::string model_uuid_;
    std::optional<Caller> caller_;
    bool stuck_ = false; ///< a login failed late; no other is taken
    Restrictions restrictions_;
    AllWatchers all_watchers_;
};

} // namespace juju::mock
