#include <juju/mock_controller.hpp>

#include "mock/client_store.hpp"
#include "mock/discharger.hpp"
#include "mock/names.hpp"
#include "mock/server.hpp"
#include "mock/state_file.hpp"

#include <algorithm>
#include <stdexcept>

namespace juju {

class MockController::Impl {
public:
    explicit Impl(const mock::Settings& settings)
        : core(settings), certificate(mock::make_certificate(settings.profile, settings.network)), server(core, certificate, settings)
    {
        core.with_world([&](mock::World& world) {
            world.network.ports = server.ports();
            world.port = world.network.ports.front();
        });
        server.start();
        server.update_listening();
    }

    template <typename Use>
    void with_user(std::string_view name, Use use)
    {
        core.with_world([&](mock::World& world) {
            mock::UserSettings* user = world.find_user(name);
            if (user == nullptr) {
                throw std::invalid_argument("mock controller: there is no user \"" + std::string(name) + '"');
            }
            use(*user);
        });
    }

    /// The model moves away, or is removed.
    void lose_model(std::optional<MockRedirect> redirect)
    {
        const bool closes = core.with_world([&](mock::World& world) {
            world.network.model_gone = true;
            world.network.redirect = std::move(redirect);
            return world.is_3_6();
        });
        if (closes) {
            server.close_model_connections();
        }
    }

    void check_external(std::string_view name)
    {
        with_user(name, [&](const mock::UserSettings& user) {
            if (!user.external) {
                throw std::invalid_argument("mock controller: \"" + std::string(name) + "\" is no external user");
            }
        });
    }

    /// Settles what logins wait for, and lets them go on.
    template <typename Answer>
    std::size_t answer_waiting(Answer answer)
    {
        const std::size_t answered = core.with_world(answer);
        core.wake_waiting();
        return answered;
    }

    mock::Core core;
    mock::Certificate certificate;
    mock::Server server;
};

MockController::MockController(const MockOptions& options) : impl_(std::make_unique<Impl>(options.settings())) {}

MockController::~MockController() = default;

std::string MockController::endpoint() const
{
    return endpoints().front();
}

std::vector<std::string> MockController::endpoints() const
{
    std::vector<std::string> endpoints;
    for (const unsigned short port : impl_->server.ports()) {
        endpoints.push_back("127.0.0.1:" + std::to_string(port));
    }
    return endpoints;
}

std::string MockController::public_ca_cert() const
{
    return impl_->certificate.public_ca;
}

std::string MockController::ca_cert() const
{
    return impl_->certificate.ca;
}

std::string MockController::controller_uuid() const
{
    return impl_->core.with_world([](const mock::World& world) { return world.controller_uuid; });
}

std::string MockController::model_uuid() const
{
    return impl_->core.with_world([](const mock::World& world) { return world.store.model_uuid(); });
}

std::string MockController::model() const
{
    return impl_->core.with_world([](const mock::World& world) { return world.model_owner + '/' + world.model_name; });
}

std::string MockController::username() const
{
    return "admin";
}

std::string MockController::password() const
{
    return impl_->core.with_world([&](const mock::World& world) { return world.find_user(username())->credential; });
}

void MockController::write_client_store(const std::filesystem::path& directory) const
{
    write_client_store(directory, MockStoreOptions());
}

void MockController::write_client_store(const std::filesystem::path& directory, const MockStoreOptions& options) const
{
    impl_->core.with_world([&](const mock::World& world) { mock::write_client_store(directory, world, impl_->certificate.ca, options); });
}

std::vector<MockSecret> MockController::secrets() const
{
    return impl_->core.with_world([](const mock::World& world) {
        std::vector<MockSecret> copies;
        for (const MockSecret* secret : world.store.all_as_created()) {
            copies.push_back(*secret);
        }
        return copies;
    });
}

std::optional<MockSecret> MockController::secret(std::string_view id_or_label) const
{
    return impl_->core.with_world([&](const mock::World& world) -> std::optional<MockSecret> {
        const MockSecret* secret = world.store.find(id_or_label);
        if (secret == nullptr) {
            secret = world.store.find_named(std::string(id_or_label));
        }
        return secret == nullptr ? std::nullopt : std::optional(*secret);
    });
}

std::string MockController::state_yaml() const
{
    return impl_->core.with_world([](const mock::World& world) { return mock::write_state(world); });
}

std::vector<MockMessage> MockController::transcript() const
{
    return impl_->core.transcript();
}

std::vector<MockMessage> MockController::redacted_transcript() const
{
    return impl_->core.redacted_transcript();
}

void MockController::clear_transcript()
{
    impl_->core.clear_transcript();
}

std::size_t MockController::connections() const
{
    return impl_->core.connections();
}

std::size_t MockController::total_connections() const
{
    return impl_->core.total_connections();
}

std::size_t MockController::total_requests() const
{
    return impl_->core.total_requests();
}

std::string MockController::add_secret(MockSecret secret)
{
    return impl_->core.with_world([&](mock::World& world) { return world.store.add(std::move(secret), world.now()); });
}

std::string MockController::add_charm_secret(std::string owner_tag, std::string label, std::map<std::string, std::string> base64_data)
{
    MockSecret secret;
    secret.owner_tag = std::move(owner_tag);
    secret.label = std::move(label);
    secret.revisions.push_back(MockRevision(1, std::move(base64_data)));
    return add_secret(std::move(secret));
}

void MockController::fail_reveal(std::string id, int revision, std::string message, std::string code)
{
    impl_->core.with_world([&](mock::World& world) {
        world.failing_reveals.insert_or_assign(std::pair(std::move(id), revision), mock::Failure(std::move(message), std::move(code)));
    });
}

void MockController::track_revision(std::string_view id, int revision, std::string unit)
{
    impl_->core.with_world([&](mock::World& world) {
        MockSecret* secret = world.store.find(id);
        if (secret == nullptr) {
            throw std::invalid_argument("mock controller: there is no secret \"" + std::string(id) + '"');
        }
        world.store.track(*secret, revision, unit, world.removal_due());
    });
}

std::vector<MockSecretBackend> MockController::secret_backends() const
{
    return impl_->core.with_world([](const mock::World& world) {
        std::vector<MockSecretBackend> copies;
        for (const mock::Backend& backend : world.backends.added()) {
            copies.push_back(mock::to_public(world.backends, backend));
        }
        return copies;
    });
}

std::string MockController::add_secret_backend(MockSecretBackend backend)
{
    return impl_->core.with_world([&](mock::World& world) {
        std::string id = world.backends.add(mock::from_public(backend));
        world.backends.set_reachable(backend.name, backend.reachable);
        return id;
    });
}

void MockController::set_secret_backend_reachable(std::string_view name, bool reachable)
{
    impl_->core.with_world([&](mock::World& world) { world.backends.set_reachable(std::string(name), reachable); });
}

std::string MockController::model_secret_backend() const
{
    return impl_->core.with_world([](const mock::World& world) { return world.model_backend; });
}

void MockController::set_model_secret_backend(std::string_view name)
{
    impl_->core.with_world([&](mock::World& world) {
        if (name != "auto" && world.backends.find(name) == nullptr) {
            throw std::invalid_argument("mock controller: there is no secret backend \"" + std::string(name) + '"');
        }
        world.use_backend(std::string(name));
    });
}

void MockController::add_application(std::string name, MockApplication kind)
{
    impl_->core.with_world([&](mock::World& world) { world.applications.insert_or_assign(std::move(name), kind); });
}

void MockController::remove_application(std::string_view name)
{
    impl_->core.with_world([&](mock::World& world) {
        world.applications.erase(std::string(name));
        world.store.remove_application_grants(std::string(name));
    });
}

void MockController::set_access(std::string_view user, MockAccess access)
{
    impl_->with_user(user, [&](mock::UserSettings& found) { found.access = access; });
}

void MockController::set_controller_access(std::string_view user, MockControllerAccess access)
{
    impl_->with_user(user, [&](mock::UserSettings& found) { found.controller_access = access; });
}

void MockController::set_account(std::string_view user, MockAccount account)
{
    impl_->with_user(user, [&](mock::UserSettings& found) { found.account = account; });
}

void MockController::set_password(std::string_view user, std::string password)
{
    impl_->with_user(user, [&](mock::UserSettings& found) { found.credential = std::move(password); });
}

void MockController::set_clock(MockTime now)
{
    impl_->core.with_world([&](mock::World& world) { world.clock = now; });
}

void MockController::set_removal_delay(std::chrono::milliseconds time)
{
    impl_->core.with_world([&](mock::World& world) { world.removal_delay = time; });
}

void MockController::set_upgrading(bool on)
{
    impl_->core.with_world([&](mock::World& world) { world.upgrading = on; });
}

void MockController::set_migrating(bool on)
{
    impl_->core.with_world([&](mock::World& world) { world.migrating = on; });
}

void MockController::set_importing(bool on)
{
    impl_->core.with_world([&](mock::World& world) { world.importing = on; });
}

std::string MockController::identity_url() const
{
    return impl_->core.with_world([](const mock::World& world) { return world.identity_url(); });
}

std::vector<MockHttpRequest> MockController::http_requests() const
{
    return impl_->core.http_requests();
}

void MockController::expire_macaroons()
{
    impl_->core.with_world([](mock::World& world) { world.bakery.forget_all(); });
}

std::vector<std::string> MockController::visit_urls() const
{
    return impl_->core.with_world([](const mock::World& world) { return mock::waiting_visit_urls(world); });
}

std::size_t MockController::confirm_browser_login(std::string_view user)
{
    impl_->check_external(user);
    return impl_->answer_waiting([&](mock::World& world) { return world.browser_logins.answer_all(std::string(user)); });
}

std::size_t MockController::refuse_browser_login()
{
    return impl_->answer_waiting([](mock::World& world) { return world.browser_logins.answer_all(""); });
}

std::size_t MockController::approve_device_login(std::string_view user)
{
    impl_->check_external(user);
    return impl_->answer_waiting([&](mock::World& world) { return world.device_logins.answer_all(std::string(user)); });
}

std::size_t MockController::refuse_device_login()
{
    return impl_->answer_waiting([](mock::World& world) { return world.device_logins.answer_all(""); });
}

std::string MockController::session_token(std::string_view user)
{
    impl_->check_external(user);
    return impl_->core.with_world([&](mock::World& world) { return world.session_tokens.make(std::string(user)); });
}

void MockController::expire_session_tokens()
{
    impl_->core.with_world([](mock::World& world) { world.session_tokens.expire_all(); });
}

void MockController::stop_node(std::size_t node)
{
    impl_->server.set_node(node, mock::NodeState::stopped);
}

void MockController::start_node(std::size_t node)
{
    impl_->server.set_node(node, mock::NodeState::serving);
}

void MockController::black_hole_node(std::size_t node)
{
    impl_->server.set_node(node, mock::NodeState::black_hole);
}

std::size_t MockController::connections(std::size_t node) const
{
    return impl_->server.connections(node);
}

void MockController::set_api_servers(std::vector<std::vector<MockAddress>> servers)
{
    impl_->core.with_world([&](mock::World& world) { world.network.api_servers = std::move(servers); });
}

void MockController::set_redirect(MockRedirect redirect)
{
    impl_->lose_model(std::move(redirect));
}

void MockController::remove_model()
{
    impl_->lose_model(std::nullopt);
}

void MockController::set_handshake(MockHandshake kind, std::string reason)
{
    impl_->core.with_world([&](mock::World& world) {
        if (kind == MockHandshake::offer_auth_failure && world.is_3_6()) {
            throw std::invalid_argument("mock controller: 3.6 has no offer auth context");
        }
        world.network.handshake = kind;
        world.network.handshake_reason = std::move(reason);
    });
}

void MockController::add_fault(MockFault fault)
{
    impl_->core.add_fault(std::move(fault));
    impl_->server.update_listening();
}

void MockController::clear_faults()
{
    impl_->core.clear_faults();
    impl_->server.update_listening();
}

void MockController::drop_connections()
{
    impl_->server.reset_all();
}

void MockController::close_connections()
{
    impl_->server.close_all();
}

MockRedirect::MockRedirect(const MockController& target, std::string alias)
    : ca_cert_(target.ca_cert()), controller_uuid_(target.controller_uuid()), alias_(std::move(alias))
{
    for (const std::string& endpoint : target.endpoints()) {
        const auto colon = endpoint.rfind(':');
        server(MockAddress(endpoint.substr(0, colon), static_cast<unsigned short>(std::stoul(endpoint.substr(colon + 1)))));
    }
}

} // namespace juju
