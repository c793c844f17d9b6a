#pragma once

#include <juju/connect_options.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju {

/// The Juju release whose behaviour, texts and codes the mock has: 3.6.28 or 4.0.15.
enum class MockProfile { juju_3_6, juju_4_0 };

/// What a user may do in the model.
enum class MockAccess { none, read, write, admin };

/// What a user may do on the controller. A superuser may log in to every model and reveal secrets.
enum class MockControllerAccess { none, login, superuser };

/// What a user's account is: usable, disabled, or removed (`juju disable-user`, `juju remove-user`).
enum class MockAccount { active, disabled, removed };

/// What an application name stands for: a deployed application, one that is being removed, or one of another model
/// (`juju consume`).
enum class MockApplication { alive, dying, consumed };

/// Nanoseconds since 1970, UTC. `MockTime::min()` is Go's zero time, `0001-01-01T00:00:00Z` on the wire.
using MockTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Who else may view a secret.
struct MockGrant {
    MockGrant() = default;
    MockGrant(std::string target, std::string scope) : target_tag(std::move(target)), scope_tag(std::move(scope)) {}

    std::string target_tag; ///< such as "application-gitlab"
    std::string scope_tag;  ///< "model-<uuid>" for user secrets; charm secrets have "relation-gitlab.server#mysql.db"
    std::string role = "view";
};

/// One revision of a secret.
struct MockRevision {
    MockRevision() = default;
    MockRevision(int revision_number, std::map<std::string, std::string> base64_data)
        : number(revision_number), data(std::move(base64_data))
    {
    }

    int number = 0;
    std::string backend = "internal";
    MockTime create_time = MockTime::min();
    MockTime update_time = MockTime::min();
    std::optional<MockTime> expire_time;
    std::map<std::string, std::string> data; ///< key to base64 text, exactly as it came
    std::vector<std::string> tracked_by;     ///< units that read this revision last; it is not pruned while there is one
};

/// A secret as the mock holds it.
struct MockSecret {
    MockSecret() = default;

    std::string id;        ///< 20 characters; empty when adding: the mock chooses one
    std::string owner_tag; ///< "model-<uuid>" for a user secret (also when empty), "application-x" or "unit-x-0" for a charm's
    std::string label;     ///< a user secret's name; empty for none
    std::string description;
    std::string rotate_policy; ///< of a charm's secret, such as "hourly"
    std::optional<MockTime> next_rotate_time;
    bool auto_prune = false;
    int latest_revision = 0;
    std::string checksum; ///< of the latest content; computed when adding with an empty one
    MockTime create_time = MockTime::min();
    MockTime update_time = MockTime::min();
    std::vector<MockRevision> revisions; ///< ascending
    std::vector<MockGrant> grants;
};

/// A secret backend of the controller, beside its own named "internal".
struct MockSecretBackend {
    MockSecretBackend() = default;
    explicit MockSecretBackend(std::string backend_name, std::string backend_type = "vault")
        : name(std::move(backend_name)), type(std::move(backend_type))
    {
    }

    std::string id; ///< empty when adding: the mock chooses one
    std::string name;
    std::string type = "vault";                ///< or "kubernetes", "controller"
    std::map<std::string, std::string> config; ///< secret settings included; what a client sent as no text stands here as JSON
    std::optional<std::chrono::nanoseconds> token_rotate_interval;
    bool reachable = true; ///< see `set_secret_backend_reachable`
};

/// Who sent a message.
enum class MockDirection { from_client, to_client };

/// One WebSocket message.
struct MockMessage {
    MockMessage() = default;

    std::size_t connection = 0; ///< 1 for the first connection
    MockDirection direction = MockDirection::from_client;
    std::string text; ///< without the newline that follows every reply
};

/// Where in a connection's life a fault strikes.
enum class MockPhase {
    accept,  ///< TCP connection made, nothing read
    tls,     ///< the client's first TLS bytes have come
    upgrade, ///< the HTTP request has come
    login,   ///< an `Admin` request has come
    request, ///< any other request has come
    reply,   ///< any other request has been applied and is to be answered; as `request` with `after_applying`
    close,   ///< the client's WebSocket close frame has come
};

/// What goes wrong. What concerns replies strikes at login, request and reply.
enum class MockFaultKind {
    refuse,          ///< accept: the port is closed, until `clear_faults()`
    reset,           ///< any phase: TCP reset
    close,           ///< any phase: the TCP connection ends without TLS goodbye
    stall,           ///< any phase: nothing is read or answered from here on; the connection stays open
    slow_drip,       ///< any phase: what the mock sends from here on leaves `number` (default 1) bytes at a time, `delay` apart
    drop_bytes,      ///< any phase: TCP reset after `number` more bytes, those of TLS included
    drop_messages,   ///< replies: TCP reset after `number` more messages
    tls_alert,       ///< tls: a fatal TLS alert, `number` (default 40, handshake_failure)
    http_error,      ///< upgrade: `number`, which must be given, is the status, `text` the body
    half_close,      ///< any phase but close: the mock's sending side ends; it goes on reading
    tls_goodbye,     ///< upgrade, replies, close: TLS close_notify without a WebSocket close frame
    websocket_close, ///< replies: orderly close with code 1000, as of a controller that shuts down
    close_frame,     ///< replies, close: a close frame with code `number` (default 1000) and reason `text`, but no TLS goodbye
    withhold,        ///< replies: applied, never answered
    delay,           ///< replies: answered `delay` later; other replies may overtake
    hold,            ///< replies: answered after the next reply of the connection
    duplicate,       ///< replies: answered twice
    unknown_id,      ///< replies: a copy of the reply with an id that nobody asked with comes first
    missing_id,      ///< replies: without `request-id`
    wrong_type,      ///< replies: the member that `text` names (default `request-id`) is a text
    garbage,         ///< any phase: bytes that are no TLS, no HTTP or no frame, then as `close`; replies: the reply is no JSON
    reply,           ///< replies: the reply is `text`, `$ID` in it replaced by the request's id
    oversize,        ///< replies: padded to `number` bytes
    nesting,         ///< replies: one more member, arrays in each other `number` deep
    truncate,        ///< replies: the first `number` bytes of the reply come, then a TCP reset
    wrong_opcode,    ///< replies: the frame's opcode is `number` (default 2, binary)
    fragmented,      ///< replies: in frames of `number` (default 1) bytes, a ping and an empty frame between the first two
    masked,          ///< replies: masked, as only a client's frames may be
    error,           ///< login, request: not applied; the reply is the error `text` with `code`
    item_error,      ///< request: item `number` (from 0) is not applied; its result is the error `text` with `code`
};

/// A fault as data: what goes wrong and where. Strikes once, at the first match, unless told otherwise.
class MockFault {
public:
    explicit MockFault(MockFaultKind kind) : kind_(kind) { phase_ = default_phase(kind); }

    /// The same from text, as for `juju-mock-controller --fault`: the kind's name with `-` for `_`, then any of
    /// `at=PHASE`, `method=NAME`, `when=after`, `nth=K` or `nth=always`, `number=N`, `ms=N`, `code=CODE`, `text=TEXT`, each after a
    /// comma. `text` comes last and takes all that follows. Example: `item-error,method=GrantSecret,number=1,code=not found,text=gone`.
    /// @throws std::invalid_argument for anything else.
    static MockFault parse(std::string_view spec);

    /// Default: request; accept for refuse, tls for tls_alert, upgrade for http_error.
    MockFault& at(MockPhase phase)
    {
        phase_ = phase;
        return *this;
    }

    /// Only requests of this method, as "CreateSecrets" or "Secrets.CreateSecrets"; for login, request and reply. Default: every request.
    MockFault& method(std::string name)
    {
        method_ = std::move(name);
        return *this;
    }

    /// For what ends the connection or stalls at login or request: the request is applied first, and not answered.
    MockFault& after_applying(bool after = true)
    {
        after_applying_ = after;
        return *this;
    }

    /// Strikes at the `k`-th match only, counted from 1 over all connections.
    MockFault& nth(std::size_t k)
    {
        nth_ = k;
        return *this;
    }

    /// Strikes at every match.
    MockFault& always() { return nth(0); }

    /// What it means depends on the kind: bytes, messages, a status, an item and so on. Default: 0.
    MockFault& number(std::size_t value)
    {
        number_ = value;
        return *this;
    }
    /// Of `delay` and `slow_drip`. Default: 0.
    MockFault& delay(std::chrono::milliseconds time)
    {
        delay_ = time;
        return *this;
    }
    /// The error code of `error` and `item_error`, such as "not found". Default: none.
    MockFault& code(std::string error_code)
    {
        code_ = std::move(error_code);
        return *this;
    }
    /// The text of what the kind sends, as MockFaultKind says. Default: empty.
    MockFault& text(std::string value)
    {
        text_ = std::move(value);
        return *this;
    }

    MockFaultKind kind() const noexcept { return kind_; }
    MockPhase phase() const noexcept { return phase_; }
    const std::string& method() const noexcept { return method_; }
    bool applies_first() const noexcept { return after_applying_; }
    std::size_t nth() const noexcept { return nth_; } ///< 0: always
    std::size_t number() const noexcept { return number_; }
    std::chrono::milliseconds delay() const noexcept { return delay_; }
    const std::string& code() const noexcept { return code_; }
    const std::string& text() const noexcept { return text_; }

private:
    static MockPhase default_phase(MockFaultKind kind) noexcept
    {
        switch (kind) {
        case MockFaultKind::refuse: return MockPhase::accept;
        case MockFaultKind::tls_alert: return MockPhase::tls;
        case MockFaultKind::http_error: return MockPhase::upgrade;
        default: return MockPhase::request;
        }
    }

    MockFaultKind kind_;
    MockPhase phase_ = MockPhase::request;
    std::string method_;
    bool after_applying_ = false;
    std::size_t nth_ = 1;
    std::size_t number_ = 0;
    std::chrono::milliseconds delay_{0};
    std::string code_;
    std::string text_;
};

/// Who vouches for external users ("alice@external"): nobody, or a provider that the mock plays itself, under /identity.
enum class MockIdentityProvider {
    none,
    browser,        ///< offers `browser-window`: VisitURL and WaitTokenURL
    legacy_browser, ///< the form of old providers: VisitURL and WaitURL
};

/// One HTTP exchange with the mock's dischargers (/auth, /identity), passwords and tokens included.
struct MockHttpRequest {
    MockHttpRequest() = default;

    std::string method; ///< "POST"
    std::string target; ///< "/auth/discharge", with its query
    std::string body;
    unsigned status = 0; ///< of the answer; 0 while it is waited for
    std::string answer;
};

// The mock's network side: certificates, nodes, addresses, redirects, the handshake, the client store.

/// What is wrong with, or special about, the certificate of the controller. `MockController::ca_cert` is always the CA that the
/// client was told of.
enum class MockCertificate {
    normal,               ///< as a controller has: signed by `ca_cert()`, for `juju-apiserver`
    other_ca,             ///< signed by another CA of the same name
    other_name,           ///< for `elsewhere.example.com`
    expired,              ///< since a day
    not_yet_valid,        ///< from tomorrow on
    self_signed,          ///< signed by itself, and sent alone
    tls_1_1,              ///< normal, but the server speaks no newer protocol than TLS 1.1
    missing_intermediate, ///< signed by an intermediate CA that is not sent
    client_only,          ///< extended key usage: clientAuth only
    no_signatures,        ///< key usage: keyCertSign only
    sha1,                 ///< the CA signed it with SHA-1
    ip_only,              ///< its only name is the IP address 127.0.0.1
    long_chain,           ///< twelve intermediate CAs between it and `ca_cert()`, all of them sent
    asks_client,          ///< normal, and the server asks for a certificate of the client, but takes none as well
    requires_client,      ///< normal, and the server ends connections of clients without a certificate
};

/// The kind from its name with `-` for `_`, such as "missing-intermediate".
/// @throws std::invalid_argument for any other text.
MockCertificate parse_mock_certificate(std::string_view name);

/// An address as login replies and redirects give it.
struct MockAddress {
    MockAddress(std::string host, unsigned short port_number, std::string address_scope = "local-cloud")
        : value(std::move(host)), port(port_number), scope(std::move(address_scope))
    {
    }

    std::string value; ///< host name, IPv4 or IPv6 address (without brackets); the type is worked out
    unsigned short port = 0;
    std::string scope; ///< "public", "local-cloud", "local-fan", "local-machine", "link-local" or "" for unknown
};

class MockController;

/// Where a model has moved to.
class MockRedirect {
public:
    MockRedirect() {}
    /// To another mock, which should hold a model of the same UUID: its addresses, CA, UUID and `alias`. The scope of its addresses
    /// is local-cloud, where a controller would call 127.0.0.1 local-machine.
    explicit MockRedirect(const MockController& target, std::string alias = "");

    MockRedirect& server(MockAddress address)
    {
        servers_.push_back(std::move(address));
        return *this;
    }
    /// Empty: the client is given none.
    MockRedirect& ca_cert(std::string pem)
    {
        ca_cert_ = std::move(pem);
        return *this;
    }
    /// Empty (default): the reply has no `controller-tag`.
    MockRedirect& controller_uuid(std::string uuid)
    {
        controller_uuid_ = std::move(uuid);
        return *this;
    }
    /// The new controller's name. Empty (default): the reply has no `controller-alias`.
    MockRedirect& alias(std::string name)
    {
        alias_ = std::move(name);
        return *this;
    }
    /// As the old JAAS did: everybody is redirected, the refusal says nothing more, and `Admin.RedirectInfo` tells servers and CA.
    MockRedirect& jaas_style(bool on)
    {
        jaas_style_ = on;
        return *this;
    }

    const std::vector<MockAddress>& servers() const noexcept { return servers_; }
    const std::string& ca_cert() const noexcept { return ca_cert_; }
    const std::string& controller_uuid() const noexcept { return controller_uuid_; }
    const std::string& alias() const noexcept { return alias_; }
    bool jaas_style() const noexcept { return jaas_style_; }

private:
    std::vector<MockAddress> servers_;
    std::string ca_cert_;
    std::string controller_uuid_;
    std::string alias_;
    bool jaas_style_ = false;
};

/// What becomes of requests for a WebSocket.
enum class MockHandshake {
    normal,
    shutting_down,      ///< 503 `apiserver shutdown in progress`
    offer_auth_failure, ///< 4.0 only: 500 `failed to create offer auth context: <reason>`
    silent,             ///< 101, and then nothing is read or answered any more
};

/// What the client store holds to log in with, beside the user's name.
enum class MockStoredLogin {
    password,      ///< the user's, as after `juju bootstrap`
    nothing,       ///< as after `juju change-user-password`; cookies may be given
    session_token, ///< `access-token` in accounts.yaml, and `oidc-login: true` in controllers.yaml
};

/// What the client store says about models.
enum class MockStoredModels {
    current,    ///< the model, as the current one
    no_current, ///< the model, and no current one
    none,       ///< models.yaml has nothing about this controller
};

/// What `MockController::write_client_store` writes.
class MockStoreOptions {
public:
    MockStoreOptions() {}

    /// The controller's name. Default: mock.
    MockStoreOptions& name(std::string controller_name)
    {
        name_ = std::move(controller_name);
        return *this;
    }
    /// Default: admin. "" leaves the controller without an account.
    MockStoreOptions& user(std::string user_name)
    {
        user_ = std::move(user_name);
        return *this;
    }
    /// Default: password.
    MockStoreOptions& login(MockStoredLogin kind)
    {
        login_ = kind;
        return *this;
    }
    /// A session token, as `access-token`. Implies `login(MockStoredLogin::session_token)`.
    MockStoreOptions& session_token(std::string token)
    {
        session_token_ = std::move(token);
        login_ = MockStoredLogin::session_token;
        return *this;
    }
    /// Text of cookies/NAME.json, as it is. Default: without macaroons (`null`), where there is a user and no such file yet.
    MockStoreOptions& cookies(std::string json)
    {
        cookies_ = std::move(json);
        return *this;
    }
    /// Default: the controller's `public_dns_name`.
    MockStoreOptions& public_hostname(std::string host)
    {
        public_hostname_ = std::move(host);
        return *this;
    }
    /// `host:port`, `[ipv6]:port` or `host:port/path`. Default: all nodes.
    MockStoreOptions& endpoints(std::vector<std::string> addresses)
    {
        endpoints_ = std::move(addresses);
        return *this;
    }
    /// `ca-cert`. Default: the controller's. Empty: the client uses the system's CAs.
    MockStoreOptions& ca_cert(std::string pem)
    {
        ca_cert_ = std::move(pem);
        return *this;
    }
    /// `dns-cache`: addresses of a host name, known from an earlier connection.
    MockStoreOptions& cached_addresses(std::string host, std::vector<std::string> addresses)
    {
        dns_cache_.insert_or_assign(std::move(host), std::move(addresses));
        return *this;
    }
    /// `proxy-config`: a type, and keys with values, such as kubernetes-port-forward with `api-host`, `namespace` and others.
    MockStoreOptions& proxy(std::string type, std::map<std::string, std::string> config)
    {
        proxy_type_ = std::move(type);
        proxy_config_ = std::move(config);
        return *this;
    }
    /// Whether it becomes the current controller. Default: yes.
    MockStoreOptions& current(bool on)
    {
        current_ = on;
        return *this;
    }
    /// Default: current.
    MockStoreOptions& models(MockStoredModels kind)
    {
        models_ = kind;
        return *this;
    }

    const std::string& name() const noexcept { return name_; }
    const std::string& user() const noexcept { return user_; }
    MockStoredLogin login() const noexcept { return login_; }
    const std::string& session_token() const noexcept { return session_token_; }
    const std::optional<std::string>& cookies() const noexcept { return cookies_; }
    const std::optional<std::string>& public_hostname() const noexcept { return public_hostname_; }
    const std::optional<std::vector<std::string>>& endpoints() const noexcept { return endpoints_; }
    const std::optional<std::string>& ca_cert() const noexcept { return ca_cert_; }
    const std::map<std::string, std::vector<std::string>>& dns_cache() const noexcept { return dns_cache_; }
    const std::string& proxy_type() const noexcept { return proxy_type_; }
    const std::map<std::string, std::string>& proxy_config() const noexcept { return proxy_config_; }
    bool is_current() const noexcept { return current_; }
    MockStoredModels models() const noexcept { return models_; }

private:
    std::string name_ = "mock";
    std::string user_ = "admin";
    MockStoredLogin login_ = MockStoredLogin::password;
    std::string session_token_;
    std::optional<std::string> cookies_;
    std::optional<std::string> public_hostname_;
    std::optional<std::vector<std::string>> endpoints_;
    std::optional<std::string> ca_cert_;
    std::map<std::string, std::vector<std::string>> dns_cache_;
    std::string proxy_type_;
    std::map<std::string, std::string> proxy_config_;
    bool current_ = true;
    MockStoredModels models_ = MockStoredModels::current;
};

namespace mock {

struct UserSettings {
    std::string name;       ///< "bob"; "bob@external" for a user who logs in with a token
    std::string credential; ///< password, or token
    MockAccess access = MockAccess::none;
    MockControllerAccess controller_access = MockControllerAccess::login;
    MockAccount account = MockAccount::active;
    bool jwt = false;
    bool external = false; ///< known by an identity provider or by JAAS; the credential is a service account's secret, or empty
};

struct AgentSettings {
    std::string tag; ///< "unit-mysql-0"
    std::string password;
    std::optional<std::string> nonce = std::nullopt; ///< of a machine; empty when none is recorded yet. None: not checked
};

/// How users other than by password log in, and how agents are slowed down.
struct LoginSettings {
    MockIdentityProvider identity_provider = MockIdentityProvider::none;
    bool jaas = false;
    std::chrono::nanoseconds local_lifetime = std::chrono::hours(24);
    std::chrono::nanoseconds external_lifetime = std::chrono::hours(1);
    std::size_t agent_rate_limit = 0; ///< 0: no limit
    std::chrono::nanoseconds agent_rate{0};
};

/// How the mock is reached.
struct NetworkSettings {
    std::size_t nodes = 1;
    MockCertificate certificate = MockCertificate::normal;
    std::string public_dns_name;
};

struct Settings {
    MockProfile profile = MockProfile::juju_4_0;
    unsigned short port = 0;
    std::vector<std::string> applications{"gitlab", "mysql", "postgresql", "ubuntu"};
    std::vector<UserSettings> users;
    std::vector<AgentSettings> agents;
    std::string state_yaml;
    bool crash_on_bad_batch = false;
    std::chrono::milliseconds removal_delay{0};
    bool shuffle_results = false;
    std::optional<std::vector<int>> secrets_versions;
    std::optional<MockTime> clock;
    LoginSettings logins;
    NetworkSettings network;
    std::vector<MockFault> faults;
    bool keep_transcript = true;
    std::filesystem::path transcript_file;
    bool redact_transcript_file = false;
};

} // namespace mock

/// How a MockController starts.
class MockOptions {
public:
    MockOptions() {}

    /// Default: 4.0.
    MockOptions& profile(MockProfile value);
    /// Default: 0, the system chooses a free one.
    MockOptions& port(unsigned short value);
    /// The applications that secrets can be granted to. Default: gitlab, mysql, postgresql, ubuntu.
    MockOptions& applications(std::vector<std::string> names);
    /// Adds a local user. "admin", controller superuser and model admin with a random password, is always there unless a user
    /// of that name is added.
    MockOptions& user(std::string name, std::string password, MockAccess access,
                      MockControllerAccess controller_access = MockControllerAccess::login);
    /// Adds a user who logs in with a token, as JIMM's do: refusals are worded otherwise. `name` has a domain ("bob@external").
    MockOptions& jwt_user(std::string name, std::string token, MockAccess access);
    /// Adds a unit's agent, by tag ("unit-mysql-0").
    MockOptions& agent(std::string tag, std::string password);
    /// State to start with (keys in docs/mock-controller.md). It comes on top of the other options.
    /// @throws std::runtime_error when the file cannot be read.
    MockOptions& state_file(const std::filesystem::path& file);
    MockOptions& state_yaml(std::string text);
    /// 3.6 only: a bad item aborts the whole CreateSecrets or UpdateSecrets call, as in 3.6.28. Default: off.
    MockOptions& crash_on_bad_batch(bool on);
    /// 4.0 only: time between the answer to a removal (or an auto-pruning update) and its effect. Default: 0.
    MockOptions& removal_delay(std::chrono::milliseconds time);
    /// Lists come in a random order of results, revisions and access. Default: off.
    MockOptions& shuffle_results(bool on);
    /// Versions of facade `Secrets`: `{1}` gives a read-only one as of Juju 3.0 to 3.2, none leaves it out. Default: 1 and 2.
    MockOptions& secrets_versions(std::vector<int> versions);
    /// A clock that stands still at this time. Default: the system's.
    MockOptions& clock(MockTime now);
    /// Adds a fault, as `MockController::add_fault` does.
    MockOptions& fault(MockFault fault);
    /// Default: on. Off saves memory in long runs.
    MockOptions& keep_transcript(bool on);
    /// Also writes every message to a file, one JSON object a line, with what is secret replaced when `redacted`.
    MockOptions& transcript_file(std::filesystem::path file, bool redacted);

    // Other logins than by password. Local users without a password always get a macaroon to discharge at /auth.

    /// Adds a user that the identity provider, or JAAS, knows: `name` has a domain ("alice@external").
    MockOptions& external_user(std::string name, MockAccess access, MockControllerAccess controller_access = MockControllerAccess::login);
    /// A login without `auth-tag` then gets a macaroon to discharge at `identity_url()`. Default: none.
    MockOptions& identity_provider(MockIdentityProvider kind);
    /// The mock is JAAS (JIMM) in front of a controller: facade `Admin` 4, with device logins, session tokens and service accounts;
    /// passwords and macaroons are refused. Default: off.
    MockOptions& jaas(bool on);
    /// Adds a service account of JAAS. Its user is `client_id` with "@serviceaccount".
    MockOptions& service_account(std::string client_id, std::string client_secret, MockAccess access,
                                 MockControllerAccess controller_access = MockControllerAccess::login);
    /// Adds a machine's agent, by tag ("machine-0"). Another nonce than `nonce`, or any when it is empty, is refused with
    /// `not provisioned`.
    MockOptions& machine(std::string tag, std::string password, std::string nonce);
    /// Logins of agents, and those with a bad tag, share a bucket of `size` tokens; one comes back every `rate` of the mock's clock.
    /// Real controllers have 10 and 250 ms. Default: no limit.
    MockOptions& agent_rate_limit(std::size_t size, std::chrono::nanoseconds rate);
    /// How long login macaroons and their discharges hold. Default: 24 h for local users, 1 h for external ones.
    MockOptions& macaroon_lifetime(std::chrono::nanoseconds time);

    // How the mock is reached.

    /// Controller nodes: ports that all serve the same state. `port` is the first one's; the system chooses the others. Default: 1.
    /// @throws std::invalid_argument for 0.
    MockOptions& nodes(std::size_t count);
    /// Default: normal.
    MockOptions& certificate(MockCertificate kind);
    /// A public host name ("controller.example.com"). Clients that ask for it in the TLS handshake get a certificate of
    /// `public_ca_cert()` for it, all others that of `certificate`; login replies tell it as `public-dns-name`. Default: none.
    MockOptions& public_dns_name(std::string name);

    const mock::Settings& settings() const noexcept { return settings_; }

private:
    mock::Settings settings_;
};

/// A Juju controller with one model, in this process: a TLS WebSocket server on 127.0.0.1 with a thread of its own.
///
/// All members may be called from any thread. What is set takes effect with the next request, except where it says otherwise.
class MockController {
public:
    /// Listening when this returns.
    /// @throws std::system_error when the port cannot be had, std::runtime_error when the state is not valid, std::invalid_argument for a
    /// fault that cannot strike in its phase.
    explicit MockController(const MockOptions& options = MockOptions());
    /// Drops all connections and ends the thread.
    ~MockController();
    MockController(const MockController&) = delete;
    MockController& operator=(const MockController&) = delete;

    std::string endpoint() const;               ///< "127.0.0.1:PORT", of the first node
    std::vector<std::string> endpoints() const; ///< of all nodes, in order
    std::string ca_cert() const;                ///< PEM
    /// PEM of the CA that signed the certificate for `public_dns_name`; empty without such a name.
    std::string public_ca_cert() const;
    std::string controller_uuid() const;
    std::string model_uuid() const;
    std::string model() const;    ///< "admin/demo"
    std::string username() const; ///< "admin"
    std::string password() const; ///< of that user

    /// What `juju::Model::connect` takes, for `username()`.
    ConnectOptions connect_options() const
    {
        return ConnectOptions().endpoint(endpoint()).model_uuid(model_uuid()).username(username()).password(password()).ca_cert(ca_cert());
    }

    /// Writes controllers.yaml, accounts.yaml and models.yaml as the juju command has them, mode 0600, for `username()`. The
    /// controller is named "mock". Point JUJU_DATA at the directory.
    /// @throws as the other one
    void write_client_store(const std::filesystem::path& directory) const;
    /// The same in another way. What the directory holds about other controllers stays, so that several mocks can share one; what it
    /// holds about a controller of this name is replaced. Nothing locks the files.
    /// @throws std::system_error, std::invalid_argument when there is no such user, std::runtime_error when files that are there are
    /// no YAML mappings.
    void write_client_store(const std::filesystem::path& directory, const MockStoreOptions& options) const;

    std::vector<MockSecret> secrets() const; ///< in the order of their creation
    std::optional<MockSecret> secret(std::string_view id_or_label) const;
    /// The state as a state file's text, secret values and passwords included.
    std::string state_yaml() const;

    std::vector<MockMessage> transcript() const; ///< every message, in order
    /// The same with secret values, settings of secret backends, passwords and tokens replaced by "REDACTED".
    std::vector<MockMessage> redacted_transcript() const;
    void clear_transcript();

    std::size_t connections() const;       ///< open now
    std::size_t total_connections() const; ///< accepted since the start
    std::size_t total_requests() const;    ///< read since the start, logins included

    /// Adds a secret of any owner. Empty members are filled in: id, owner (the model), checksum, times, latest revision.
    /// @return the id
    /// @throws std::invalid_argument when the id exists or is none, or the name is taken.
    std::string add_secret(MockSecret secret);
    /// Adds a charm's secret with one revision. @return the id
    std::string add_charm_secret(std::string owner_tag, std::string label, std::map<std::string, std::string> base64_data);
    /// Puts an error into `value` wherever this revision is revealed.
    void fail_reveal(std::string id, int revision, std::string message, std::string code);
    /// Says that a unit ("mysql/0") read this revision last. A secret with auto-prune then loses what nobody reads any more: at once
    /// on 3.6, after the removal delay on 4.0.
    void track_revision(std::string_view id, int revision, std::string unit);

    std::vector<MockSecretBackend> secret_backends() const; ///< those that were added, in that order
    /// Adds a secret backend as it is: settings are not checked. @return the id
    /// @throws std::invalid_argument when the name or the id is taken, the name is reserved or missing, or the type is unknown.
    std::string add_secret_backend(MockSecretBackend backend);
    /// A backend that cannot be reached: adding and updating it fail (updating with force does not), choosing it for the model
    /// fails on 3.6, and lists show it with status "error". It need not exist yet. Renaming keeps it unreachable.
    void set_secret_backend_reachable(std::string_view name, bool reachable);
    std::string model_secret_backend() const; ///< "auto", or a backend's name
    /// Makes a backend the model's, or the controller's own for "auto". Contents that exist move there at once.
    /// @throws std::invalid_argument when there is no such backend.
    void set_model_secret_backend(std::string_view name);

    void add_application(std::string name, MockApplication kind = MockApplication::alive);
    /// 3.6 deletes its grants, 4.0 leaves them behind without a name.
    void remove_application(std::string_view name);
    void set_access(std::string_view user, MockAccess access);
    void set_controller_access(std::string_view user, MockControllerAccess access);
    void set_account(std::string_view user, MockAccount account);
    void set_password(std::string_view user, std::string password);
    void set_clock(MockTime now);
    void set_removal_delay(std::chrono::milliseconds time);
    /// The controller is being upgraded. Restricts connections that log in from now on, as real ones do.
    void set_upgrading(bool on);
    /// The model is being moved away. Restricts connections that log in from now on.
    void set_migrating(bool on);
    /// The model is being moved to here. Restricts connections that log in from now on.
    void set_importing(bool on);

    // Logins with macaroons and through JAAS.

    std::string identity_url() const;                   ///< "https://127.0.0.1:PORT/identity"
    std::vector<MockHttpRequest> http_requests() const; ///< of the dischargers, in order; `clear_transcript()` clears them too
    /// All macaroons minted so far are refused from now on. Connections stay.
    void expire_macaroons();
    /// The pages that wait for an external user, in the order they were offered. Fetching one logs in the first external user.
    std::vector<std::string> visit_urls() const;
    /// Logs `user` in on every page that waits. @return how many that were
    /// @throws std::invalid_argument when there is no such external user.
    std::size_t confirm_browser_login(std::string_view user);
    /// The user says no on every page that waits. @return how many that were
    std::size_t refuse_browser_login();
    /// `user` enters the code of every device login that waits. @return how many that were
    /// @throws std::invalid_argument when there is no such external user.
    std::size_t approve_device_login(std::string_view user);
    /// Every device login that waits fails. @return how many that were
    std::size_t refuse_device_login();
    /// A new session token of JAAS, as a device login would give.
    /// @throws std::invalid_argument when there is no such external user.
    std::string session_token(std::string_view user);
    /// All session tokens made so far count as expired. Connections stay.
    void expire_session_tokens();

    // How the mock is reached. Nodes are counted from 0; one that is not there throws std::invalid_argument.

    /// Closes a node's port and resets its connections, until `start_node`.
    void stop_node(std::size_t node);
    /// Opens a node's port again, also after `black_hole_node`.
    /// @throws std::system_error when the port cannot be had again.
    void start_node(std::size_t node);
    /// Resets a node's connections, and answers no TCP connection to it any more: clients wait in vain, as for a host that is down.
    /// @throws std::system_error when that cannot be done.
    void black_hole_node(std::size_t node);
    std::size_t connections(std::size_t node) const; ///< open now, to this node
    /// What login replies list as `servers`, one inner list for each node; an empty list leaves the member out. Default: the nodes. 4.0
    /// leaves addresses of scope local-machine out.
    void set_api_servers(std::vector<std::vector<MockAddress>> servers);
    /// The model has moved away. Logins to it are redirected as on real controllers: before the password is checked, users with
    /// access to the model; others fail. Connections that are open to it are closed on 3.6, and stay without a model on 4.0.
    void set_redirect(MockRedirect redirect);
    /// The model is removed, its redirect with it. Connections that are open to it are closed on 3.6, and stay without a model on 4.0.
    void remove_model();
    /// What becomes of requests for a WebSocket from now on. `reason` is for `offer_auth_failure`.
    /// @throws std::invalid_argument for `offer_auth_failure` on 3.6.
    void set_handshake(MockHandshake kind, std::string reason = "");

    /// Adds a fault beside those that there are. It counts matches from now on.
    /// @throws std::invalid_argument when this kind cannot strike in this phase.
    void add_fault(MockFault fault);
    /// Forgets all faults. A connection that stalls, drips or is to be cut already stays so; see `drop_connections`.
    void clear_faults();

    void drop_connections();  ///< resets every open connection
    void close_connections(); ///< closes every open connection with code 1000, as a controller that shuts down

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace juju
