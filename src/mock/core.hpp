#pragma once

#include "mock/conversation.hpp"
#include "mock/fault_plan.hpp"
#include "mock/frames.hpp"
#include "mock/http_route.hpp"
#include "mock/transcript.hpp"
#include "mock/world.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

/// How a connection ends, or stops moving.
enum class Ending { none, reset, close, half_close, tls_goodbye, websocket_close, close_frame, garbage, tls_alert, stall };

/// What slows or cuts all that a connection sends from now on.
struct Flow {
    std::size_t bytes_at_a_time = 0; ///< 0: as many as there are
    std::chrono::milliseconds pause{0};
    std::optional<std::size_t> bytes_left;    ///< then a TCP reset
    std::optional<std::size_t> messages_left; ///< then a TCP reset
};

/// One thing for a connection to do: send a text, end, or send in another way from now on.
struct Step {
    std::string text; ///< of a close frame: its reason
    std::chrono::milliseconds delay{0};
    bool hold = false;              ///< only after the next text that is not held
    std::optional<std::size_t> cut; ///< send so many bytes of it, then reset
    Framing framing;
    Ending ending = Ending::none; ///< then there is no text to send
    std::size_t number = 0;       ///< of an ending: the code of a close frame or a TLS alert; 0 for the usual one
    std::optional<Flow> flow;     ///< then there is no text, and no ending but at a phase before the login
};

/// Called once, from any thread, when what a request waits for may have happened.
using Wake = std::function<void()>;

/// The mock without its sockets: state, faults, transcript. Thread-safe. Everything a client sees is decided here.
class Core {
public:
    /// @throws std::runtime_error when the state is not valid, std::invalid_argument for a fault that cannot strike
    explicit Core(const Settings& settings);

    /// Runs `use` with the world, what is due done.
    template <typename Use>
    auto with_world(Use use)
    {
        const std::lock_guard lock(mutex_);
        world_.store.settle(SecretStore::Clock::now());
        return use(world_);
    }

    void add_fault(MockFault fault);
    void clear_faults();
    /// May the next connection be accepted?
    bool accepts_next() const;

    /// @return the connection's number
    std::size_t connection_opened();
    void connection_closed();
    std::size_t connections() const;
    std::size_t total_connections() const;
    std::size_t total_requests() const;

    /// Counts the phase (accept, tls or close) and says what is to be done before the connection goes on, or how it ends.
    Step strike(MockPhase phase);
    /// Phase upgrade: the route, and what is to be done before it is taken.
    /// @param wake for a route that waits; then `continue_request` is to be called
    std::pair<HttpRoute, Step> route_request(const HttpRequest& request, const Wake& wake = {});
    /// The route of a request that waited.
    HttpRoute continue_request(const HttpRequest& request, const Wake& wake);
    Conversation start_conversation(const HttpRoute& route) { return {world_, route.target, route.model_uuid, route.host}; }

    /// A message has come: records and applies it. @return what to do, in order
    /// @param wake for a request that waits; then `continue_conversation` is to be called
    std::vector<Step> handle(Conversation& conversation, std::size_t connection, std::string_view text, const Wake& wake = {});
    /// The reply to a request that waited, if it can be given now.
    std::vector<Step> continue_conversation(Conversation& conversation, const Wake& wake);
    /// Lets everything that waits look again.
    void wake_waiting();
    /// A message is being sent.
    void sent(std::size_t connection, std::string_view text);

    std::vector<MockMessage> transcript() const;
    std::vector<MockMessage> redacted_transcript() const;
    std::vector<MockHttpRequest> http_requests() const;
    void clear_transcript();

private:
    std::vector<Step> apply(Conversation& conversation, const Request& request, const std::vector<MockFault>& faults);
    HttpRoute finish_route(const HttpRequest& request, HttpRoute route, const Wake& wake);

    mutable std::mutex mutex_;
    World world_;
    FaultPlan faults_;
    Transcript transcript_;
    std::vector<Wake> waiting_;
    std::size_t open_ = 0;
    std::size_t accepted_ = 0;
    std::size_t requests_ = 0;
};

} // namespace juju::mock
