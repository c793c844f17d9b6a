#pragma once

#include "mock/all_watcher.hpp"
#include "mock/call.hpp"
#include "mock/envelope.hpp"
#include "mock/jaas_login.hpp"
#include "mock/login.hpp"

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
    /// @param host as the client named this server
    Conversation(World& world, Target target, std::string model_uuid, std::string host = "");

    bool logged_in() const noexcept { return caller_.has_value(); }
    bool on_model() const noexcept { return target_ == Target::model; }

    /// The texts to send, in order. Mostly one; none for a watcher's `Next` that waits.
    std::vector<std::string> handle(const Request& request, const ItemFaults& item_faults);

    /// Does a request wait for something that happens elsewhere?
    bool waits() const noexcept { return waiting_.has_value(); }
    /// Its reply, if that has happened.
    std::vector<std::string> continue_waiting();
    /// Is the connection to be closed after the last reply?
    bool ended() const noexcept { return ended_; }

private:
    /// Refusals of every call, decided at login as real controllers do.
    struct Restrictions {
        bool upgrading = false;
        bool migrating = false;
        bool importing = false;
    };

    std::vector<std::string> respond(const Request& request, const ItemFaults& item_faults);
    std::vector<std::string> failed(const Request& request, const Failure& failure) const;
    Json respond_before_login(const Request& request);
    std::vector<std::string> respond_as_jaas(const Request& request);
    Json finish_login(const LoginAttempt& attempt);
    void check_restrictions(const Request& request) const;

    World& world_;
    Target target_;
    std::string model_uuid_;
    std::string host_;
    std::optional<Caller> caller_;
    bool stuck_ = false; ///< a login failed late; no other is taken
    bool ended_ = false;
    Restrictions restrictions_;
    JaasLogin jaas_login_;
    std::optional<Request> waiting_;
    AllWatchers all_watchers_;
};

} // namespace juju::mock
