#pragma once

#include <juju/connect_options.hpp>
#include <juju/secret_backend.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace juju {

class Controller;

namespace detail {
template <class Client>
class BlockingClient;
}

/// A Controller for programs without coroutines: the same calls with the same parameters, defaults and errors, which return when they
/// have ended. Threads, deadlines and destruction are as with BlockingModel.
class BlockingController {
public:
    /// @throws Error when the system gives no thread.
    BlockingController();
    BlockingController(BlockingController&&) noexcept;
    BlockingController& operator=(BlockingController&&) noexcept;
    ~BlockingController();

    void connect();
    void connect(std::string controller);
    void connect(ConnectOptions options);
    void disconnect();
    bool is_connected() const noexcept;
    std::string diagnostics() const;

    std::vector<SecretBackend> list_secret_backends(SecretBackendFilter filter = SecretBackendFilter());
    void add_secret_backend(SecretBackendDraft draft);
    void update_secret_backend(std::string name, SecretBackendUpdate update);
    void remove_secret_backend(std::string name, bool force = false);

    std::string call(std::string facade, std::string request, std::string params_json = "{}");
    std::string call(std::string facade, int version, std::string request, std::string params_json = "{}");
    std::map<std::string, std::vector<int>> facades() const;

private:
    std::unique_ptr<detail::BlockingClient<Controller>> client_;
};

} // namespace juju
