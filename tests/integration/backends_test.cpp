// Secret backends over a real connection: every call on both profiles, what is sent, and what each refusal becomes.

#include "support/client.hpp"

#include <juju/log.hpp>

#include <mutex>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;

constexpr const char* marker = "k3ep-me-0ut";

/// A controller and a model on the same mock; "bob" may log in and write, "carol" may read, both without being superuser.
class BackendsTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    BackendsTest()
        : Client(MockOptions()
                     .profile(GetParam())
                     .user("bob", "pw", MockAccess::write)
                     .user("carol", "pw", MockAccess::read)
                     .state_yaml("controller_uuid: c0ffee00-1111-4222-8333-444444444444\n"
                                 "secret_backends:\n- {name: internal, id: c0ffee00-1111-4222-8333-444444444444}\n")),
          controller(context.get_executor())
    {
        run(controller.connect(mock.connect_options()));
    }

    bool is_3_6() const { return GetParam() == MockProfile::juju_3_6; }
    std::string last_sent() const { return sent().back(); }

    ConnectOptions options_for(const std::string& user) const { return mock.connect_options().username(user).password("pw"); }

    /// A Vault backend that is there.
    void add_vault(const std::string& name = "myvault")
    {
        MockSecretBackend backend(name);
        backend.config = {{"endpoint", "https://vault"}, {"token", marker}};
        mock.add_secret_backend(std::move(backend));
    }

    std::optional<MockSecretBackend> stored(const std::string& name) const
    {
        for (auto& backend : mock.secret_backends()) {
            if (backend.name == name)
                return backend;
        }
        return std::nullopt;
    }

    /// A secret in a backend.
    void fill(const std::string& backend)
    {
        MockSecret secret;
        secret.revisions.emplace_back(1, std::map<std::string, std::string>{{"token", "c2VjcmV0"}});
        secret.revisions.back().backend = backend;
        mock.add_secret(std::move(secret));
    }

    static SecretBackendDraft vault(std::string name) { return {std::move(name), "vault", endpoint()}; }
    static SecretBackendConfig endpoint() { return SecretBackendConfig().set("endpoint", "https://vault"); }
    static SecretBackendUpdate new_token() { return SecretBackendUpdate().config(SecretBackendConfig().set("token", "s.def")); }

    Error add_error(const SecretBackendDraft& draft) { return error_of(controller.add_secret_backend(draft)); }
    Error update_error(const std::string& name, const SecretBackendUpdate& update)
    {
        return error_of(controller.update_secret_backend(name, update));
    }
    Error remove_error(const std::string& name, bool force = false) { return error_of(controller.remove_secret_backend(name, force)); }

    /// Asks each call of the controller for its error.
    std::vector<Error> errors_of_every_call()
    {
        return {error_of(controller.list_secret_backends()), add_error(vault("other")), update_error("myvault", new_token()),
                remove_error("myvault")};
    }

    /// As a controller that lists no facade at all.
    void hide_facades(const std::string& model_tag)
    {
        mock.add_fault(MockFault(MockFaultKind::reply)
                           .at(MockPhase::login)
                           .text(R"({"request-id":$ID,"response":{"controller-tag":"controller-c0ffee00-1111-4222-8333-444444444444",)"
                                 R"("user-info":{"identity":"user-admin"},"server-version":"2.9.51\n",)" +
                                 model_tag + R"("facades":[{"name":"ModelConfig","versions":[2]}]}})"));
    }

    Controller controller;
};

INSTANTIATE_TEST_SUITE_P(Profiles, BackendsTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(BackendsTest, ListsTheControllersOwnBackend)
{
    fill("internal");
    fill("internal");

    const auto backends = run(controller.list_secret_backends());

    EXPECT_EQ(last_sent(),
              R"({"request-id":2,"type":"SecretBackends","version":1,"request":"ListSecretBackends","params":{"reveal":false}})");
    ASSERT_EQ(backends.size(), 1U);
    EXPECT_EQ(backends[0].id(), "c0ffee00-1111-4222-8333-444444444444");
    EXPECT_EQ(backends[0].name(), "internal");
    EXPECT_EQ(backends[0].type(), "controller");
    EXPECT_TRUE(backends[0].config().empty());
    EXPECT_FALSE(backends[0].token_rotate_interval());
    EXPECT_EQ(backends[0].secret_count(), 2);
    EXPECT_EQ(backends[0].status(), "active");
    EXPECT_EQ(backends[0].message(), "");
    EXPECT_FALSE(backends[0].error());
}

TEST_P(BackendsTest, AddsABackend)
{
    auto draft = vault("myvault");
    run(controller.add_secret_backend(draft.token_rotate_interval(24h)));

    EXPECT_EQ(
        last_sent(),
        R"({"request-id":2,"type":"SecretBackends","version":1,"request":"AddSecretBackends","params":{"args":[{"name":"myvault","backend-type":"vault","token-rotate-interval":86400000000000,"config":{"endpoint":"https://vault"}}]}})");
    const auto backend = stored("myvault");
    ASSERT_TRUE(backend);
    EXPECT_EQ(backend->type, "vault");
    EXPECT_EQ(backend->config, (std::map<std::string, std::string>{{"endpoint", "https://vault"}}));
    EXPECT_EQ(backend->token_rotate_interval, 24h);
    EXPECT_FALSE(backend->id.empty());
}

TEST_P(BackendsTest, AddsABackendWithIdAndSettingsThatAreNoTexts)
{
    SecretBackendConfig config;
    config.set("endpoint", "https://k8s")
        .set("namespace", "juju")
        .set_json("ca-certs", R"(["one","two"])")
        .set_json("skip-tls-verify", "true");
    run(controller.add_secret_backend(SecretBackendDraft("cluster", "kubernetes", config).id("6639dc0a5a9b3e1f3c1c7d2b")));

    EXPECT_EQ(
        last_sent(),
        R"({"request-id":2,"type":"SecretBackends","version":1,"request":"AddSecretBackends","params":{"args":[{"name":"cluster","backend-type":"kubernetes","id":"6639dc0a5a9b3e1f3c1c7d2b","config":{"endpoint":"https://k8s","namespace":"juju","ca-certs":["one","two"],"skip-tls-verify":true}}]}})");
    const auto backends = run(controller.list_secret_backends(SecretBackendFilter().name("cluster")));
    ASSERT_EQ(backends.size(), 1U);
    EXPECT_EQ(backends[0].id(), "6639dc0a5a9b3e1f3c1c7d2b");
    EXPECT_EQ(backends[0].config().at("namespace").text(), "juju");
    EXPECT_EQ(backends[0].config().json().at("ca-certs").text(), R"(["one","two"])");
    EXPECT_EQ(backends[0].config().json().at("skip-tls-verify").text(), "true");
}

TEST_P(BackendsTest, ListsByNameInOrder)
{
    for (const char* name : {"zebra", "apple", "middle"})
        add_vault(name);
    const auto names = [&](const SecretBackendFilter& filter) {
        std::vector<std::string> result;
        for (const auto& backend : run(controller.list_secret_backends(filter)))
            result.push_back(backend.name());
        return result;
    };
    using Names = std::vector<std::string>;

    EXPECT_EQ(names(SecretBackendFilter()), (Names{"apple", "internal", "middle", "zebra"}));
    EXPECT_EQ(names(SecretBackendFilter().name("zebra").name("nosuch").name("apple")), (Names{"apple", "zebra"}));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":3,"type":"SecretBackends","version":1,"request":"ListSecretBackends","params":{"names":["zebra","nosuch","apple"],"reveal":false}})");
    EXPECT_EQ(names(SecretBackendFilter().name("nosuch")), Names());
}

TEST_P(BackendsTest, RevealsSecretSettingsOnlyWhenAsked)
{
    add_vault();

    const auto hidden = run(controller.list_secret_backends(SecretBackendFilter().name("myvault")));
    ASSERT_EQ(hidden.size(), 1U);
    EXPECT_FALSE(hidden[0].config().contains("token"));
    EXPECT_EQ(hidden[0].config().at("endpoint").text(), "https://vault");

    const auto revealed = run(controller.list_secret_backends(SecretBackendFilter().name("myvault").reveal(true)));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":3,"type":"SecretBackends","version":1,"request":"ListSecretBackends","params":{"names":["myvault"],"reveal":true}})");
    ASSERT_EQ(revealed.size(), 1U);
    EXPECT_EQ(revealed[0].config().at("token").text(), marker);
}

TEST_P(BackendsTest, TellsWhichBackendIsAway)
{
    add_vault();
    mock.set_secret_backend_reachable("myvault", false);

    const auto backends = run(controller.list_secret_backends());

    ASSERT_EQ(backends.size(), 2U);
    EXPECT_EQ(backends[0].status(), "active");
    EXPECT_EQ(backends[1].name(), "myvault");
    EXPECT_EQ(backends[1].status(), "error");
    EXPECT_EQ(backends[1].message(), "backend not reachable: connection refused");
    EXPECT_EQ(update_error("myvault", new_token()).code(), errc::server_error);
    EXPECT_EQ(stored("myvault")->config.at("token"), marker);

    run(controller.update_secret_backend("myvault", new_token().force(true)));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":4,"type":"SecretBackends","version":1,"request":"UpdateSecretBackends","params":{"args":[{"name":"myvault","force":true,"config":{"token":"s.def"}}]}})");
    EXPECT_EQ(stored("myvault")->config.at("token"), "s.def");

    mock.set_secret_backend_reachable("next", false);
    const Error error = add_error(vault("next"));
    EXPECT_EQ(error.code(), errc::server_error);
    EXPECT_STREQ(error.what(), "SecretBackends.AddSecretBackends: backend not reachable: connection refused");
    EXPECT_FALSE(stored("next"));
}

TEST_P(BackendsTest, ChangesWhatAnUpdateNamesAndNothingElse)
{
    run(controller.add_secret_backend(
        SecretBackendDraft("myvault", "vault", endpoint().set("token", "s.abc").set("ca-cert", "pem")).token_rotate_interval(24h)));
    const auto id = stored("myvault")->id;

    run(controller.update_secret_backend("myvault", new_token()));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":3,"type":"SecretBackends","version":1,"request":"UpdateSecretBackends","params":{"args":[{"name":"myvault","config":{"token":"s.def"}}]}})");
    EXPECT_EQ(stored("myvault")->config,
              (std::map<std::string, std::string>{{"endpoint", "https://vault"}, {"token", "s.def"}, {"ca-cert", "pem"}}));
    EXPECT_EQ(stored("myvault")->token_rotate_interval, 24h);

    run(controller.update_secret_backend("myvault", SecretBackendUpdate().reset("ca-cert").new_name("vault2")));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":4,"type":"SecretBackends","version":1,"request":"UpdateSecretBackends","params":{"args":[{"name":"myvault","name-change":"vault2","reset":["ca-cert"]}]}})");
    EXPECT_FALSE(stored("myvault"));
    ASSERT_TRUE(stored("vault2"));
    EXPECT_EQ(stored("vault2")->id, id);
    EXPECT_EQ(stored("vault2")->config, (std::map<std::string, std::string>{{"endpoint", "https://vault"}, {"token", "s.def"}}));
    EXPECT_EQ(stored("vault2")->token_rotate_interval, 24h);

    run(controller.update_secret_backend("vault2", SecretBackendUpdate().token_rotate_interval(48h)));
    EXPECT_EQ(stored("vault2")->token_rotate_interval, 48h);
}

TEST_P(BackendsTest, EndsTheRenewalOfTokens)
{
    auto draft = vault("myvault");
    run(controller.add_secret_backend(draft.token_rotate_interval(24h)));
    const SecretBackendFilter myvault = SecretBackendFilter().name("myvault");
    EXPECT_EQ(run(controller.list_secret_backends(myvault)).at(0).token_rotate_interval(), 24h);

    run(controller.update_secret_backend("myvault", SecretBackendUpdate().token_rotate_interval(0ns)));

    EXPECT_EQ(
        last_sent(),
        R"({"request-id":4,"type":"SecretBackends","version":1,"request":"UpdateSecretBackends","params":{"args":[{"name":"myvault","token-rotate-interval":0}]}})");
    EXPECT_FALSE(run(controller.list_secret_backends(myvault)).at(0).token_rotate_interval());
}

TEST_P(BackendsTest, RemovesABackend)
{
    add_vault();

    run(controller.remove_secret_backend("myvault"));

    EXPECT_EQ(
        last_sent(),
        R"({"request-id":2,"type":"SecretBackends","version":1,"request":"RemoveSecretBackends","params":{"args":[{"name":"myvault"}]}})");
    EXPECT_TRUE(mock.secret_backends().empty());
}

TEST_P(BackendsTest, RemovesABackendThatHoldsContentsByForceOnly)
{
    add_vault();
    fill("myvault");

    const Error error = remove_error("myvault");
    EXPECT_EQ(error.code(), errc::not_supported);
    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_TRUE(stored("myvault"));

    run(controller.remove_secret_backend("myvault", true));
    EXPECT_EQ(
        last_sent(),
        R"({"request-id":3,"type":"SecretBackends","version":1,"request":"RemoveSecretBackends","params":{"args":[{"name":"myvault","force":true}]}})");
    EXPECT_TRUE(mock.secret_backends().empty());
}

TEST_P(BackendsTest, GivesOneErrorForTheSameMistake)
{
    add_vault("myvault");
    add_vault("other");
    mock.add_secret_backend(MockSecretBackend("own", "controller"));
    const auto rotated = [](SecretBackendDraft draft, std::chrono::nanoseconds interval) { return draft.token_rotate_interval(interval); };
    const auto with = [](const char* name, const char* value) {
        return SecretBackendUpdate().config(SecretBackendConfig().set(name, value));
    };

    EXPECT_EQ(add_error(vault("myvault")).code(), errc::already_exists);
    EXPECT_EQ(add_error(SecretBackendDraft("x", "something", endpoint())).code(), errc::not_found);
    EXPECT_EQ(add_error(SecretBackendDraft("x", "vault", SecretBackendConfig())).code(), errc::not_valid);
    EXPECT_EQ(add_error(SecretBackendDraft("x", "vault", endpoint().set("client-cert", "pem"))).code(), errc::not_valid);
    EXPECT_EQ(add_error(SecretBackendDraft("x", "vault", endpoint().set("tokn", "a"))).code(), errc::not_valid);
    EXPECT_EQ(add_error(rotated(vault("x"), 10min)).code(), errc::not_valid);
    EXPECT_EQ(add_error(rotated(SecretBackendDraft("x", "controller", SecretBackendConfig()), 1h)).code(), errc::not_supported);

    EXPECT_EQ(update_error("nosuch", new_token()).code(), errc::not_found);
    EXPECT_EQ(update_error("internal", new_token()).code(), errc::blocked);
    EXPECT_EQ(update_error("auto", new_token()).code(), errc::not_found);
    EXPECT_EQ(update_error("myvault", SecretBackendUpdate().new_name("other")).code(), errc::already_exists);
    EXPECT_EQ(update_error("myvault", with("endpoint", "https://else")).code(), errc::not_valid);
    EXPECT_EQ(update_error("myvault", with("client-key", "pem")).code(), errc::not_valid);
    EXPECT_EQ(update_error("myvault", SecretBackendUpdate().reset("endpoint")).code(), errc::not_valid);
    EXPECT_EQ(update_error("myvault", SecretBackendUpdate().token_rotate_interval(1h - 1ns)).code(), errc::not_valid);
    EXPECT_EQ(update_error("own", SecretBackendUpdate().token_rotate_interval(1h)).code(), errc::not_supported);

    EXPECT_EQ(remove_error("internal").code(), errc::not_supported);
    EXPECT_EQ(remove_error("internal", true).code(), errc::not_supported);
    EXPECT_EQ(remove_error("auto").code(), errc::not_found);

    EXPECT_EQ(mock.secret_backends().size(), 3U);
    EXPECT_EQ(stored("myvault")->config, (std::map<std::string, std::string>{{"endpoint", "https://vault"}, {"token", marker}}));
    EXPECT_TRUE(controller.is_connected());
}

TEST_P(BackendsTest, KeepsTheControllersWordsInAnEvenedError)
{
    const Error error = update_error("internal", new_token());

    EXPECT_EQ(error.request(), "SecretBackends.UpdateSecretBackends");
    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_TRUE(error.connection_usable());
    if (is_3_6()) {
        EXPECT_EQ(error.server_code(), "");
        EXPECT_EQ(error.server_message(), R"(backend "not valid" %!w(MISSING))");
        EXPECT_STREQ(error.what(), "SecretBackends.UpdateSecretBackends: backend \"not valid\" %!w(MISSING): \"internal\" is the "
                                   "controller's own secret backend");
    } else {
        EXPECT_EQ(error.server_code(), "secret backend forbidden");
    }
}

TEST_P(BackendsTest, DiffersWhereTheReleasesDiffer)
{
    add_vault("myvault");
    MockSecretBackend used("used");
    used.id = "6639dc0a5a9b3e1f3c1c7d2b";
    used.config = {{"endpoint", "https://vault"}};
    mock.add_secret_backend(used);
    fill("used");
    const auto same_id = vault("third").id("6639dc0a5a9b3e1f3c1c7d2b");

    if (is_3_6()) {
        run(controller.remove_secret_backend("nosuch"));
        EXPECT_EQ(update_error("used", SecretBackendUpdate().new_name("renamed")).code(), errc::not_valid);
        EXPECT_EQ(add_error(same_id).code(), errc::already_exists);
        run(controller.add_secret_backend(vault("vault-local")));
        run(controller.update_secret_backend("myvault", SecretBackendUpdate().config(SecretBackendConfig().set("token", ""))));
    } else {
        EXPECT_EQ(remove_error("nosuch").code(), errc::not_found);
        run(controller.update_secret_backend("used", SecretBackendUpdate().new_name("renamed")));
        EXPECT_TRUE(stored("renamed"));
        run(controller.add_secret_backend(same_id));
        EXPECT_EQ(stored("third")->id, "6639dc0a5a9b3e1f3c1c7d2b");
        EXPECT_FALSE(stored("renamed"));
        EXPECT_EQ(add_error(vault("vault-local")).code(), errc::not_valid);
        EXPECT_EQ(add_error(vault("kubernetes")).code(), errc::not_valid);
        EXPECT_EQ(update_error("myvault", SecretBackendUpdate().config(SecretBackendConfig().set("token", ""))).code(), errc::not_valid);
    }
}

TEST_P(BackendsTest, RefusesWhatCannotBeMeantBeforeSendingIt)
{
    const auto requests = mock.total_requests();
    const auto error_codes = [](std::vector<Error> errors) {
        std::vector<boost::system::error_code> codes;
        for (const Error& error : errors) {
            EXPECT_EQ(error.outcome(), Outcome::not_sent) << error.what();
            codes.push_back(error.code());
        }
        return codes;
    };
    auto rotated = vault("x");

    EXPECT_EQ(error_codes({add_error(vault("")), add_error(vault("internal")), update_error("", new_token()), remove_error(""),
                           update_error("x", SecretBackendUpdate().new_name("auto")),
                           error_of(controller.list_secret_backends(SecretBackendFilter().name("")))}),
              std::vector<boost::system::error_code>(6, errc::invalid_name));
    EXPECT_EQ(add_error(rotated.token_rotate_interval(0ns)).code(), errc::invalid_argument);
    EXPECT_EQ(add_error(SecretBackendDraft("x", "vault", SecretBackendConfig().set("token", "\xff"))).code(), errc::invalid_argument);
    EXPECT_EQ(update_error("x", SecretBackendUpdate().force(true)).code(), errc::nothing_to_update);
    EXPECT_EQ(mock.total_requests(), requests);
}

TEST_P(BackendsTest, ObeysTheLimitOfARequest)
{
    run(controller.connect(mock.connect_options().max_request_size(2'000)));
    const auto requests = mock.total_requests();

    const Error error = add_error(SecretBackendDraft("x", "vault", endpoint().set("ca-cert", std::string(2'000, 'a'))));

    EXPECT_EQ(error.code(), errc::message_too_large);
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_NE(std::string(error.what()).find("exceeds the limit of 2000 (ConnectOptions::max_request_size)"), std::string::npos)
        << error.what();
    EXPECT_EQ(mock.total_requests(), requests);
    run(controller.add_secret_backend(SecretBackendDraft("x", "vault", endpoint().set("ca-cert", std::string(1'000, 'a')))));
}

TEST_P(BackendsTest, LetsOnlySuperusersChangeAndReveal)
{
    add_vault();
    run(controller.connect(options_for("bob")));

    const auto backends = run(controller.list_secret_backends());
    EXPECT_EQ(backends.size(), 2U);
    for (const Error& error : {add_error(vault("x")), update_error("myvault", new_token()), remove_error("myvault"),
                               error_of(controller.list_secret_backends(SecretBackendFilter().reveal(true)))}) {
        EXPECT_EQ(error.code(), errc::permission_denied) << error.what();
        EXPECT_EQ(error.server_code(), "unauthorized access");
        EXPECT_EQ(error.outcome(), Outcome::rejected);
        EXPECT_TRUE(error.connection_usable());
    }
    EXPECT_EQ(mock.secret_backends().size(), 1U);
}

TEST_P(BackendsTest, NamesTheCallInEveryError)
{
    using Names = std::vector<std::string>;
    const Names calls{"SecretBackends.ListSecretBackends", "SecretBackends.AddSecretBackends", "SecretBackends.UpdateSecretBackends",
                      "SecretBackends.RemoveSecretBackends"};
    mock.add_fault(MockFault(MockFaultKind::reply).always().text(R"({"request-id":$ID,"response":{"results":"k3ep-me-0ut"}})"));
    const auto malformed = errors_of_every_call();
    mock.clear_faults();
    mock.add_fault(MockFault(MockFaultKind::error).always().text("quota exceeded").code("quota limit exceeded"));
    const auto refused = errors_of_every_call();

    for (std::size_t i = 0; i < calls.size(); ++i) {
        EXPECT_EQ(malformed[i].code(), errc::malformed_reply);
        EXPECT_EQ(malformed[i].request(), calls[i]);
        EXPECT_EQ(malformed[i].what(), calls[i] + ": malformed reply from the controller: results is not a list");
        EXPECT_EQ(malformed[i].outcome(), Outcome::unknown);
        EXPECT_TRUE(malformed[i].connection_usable());
        EXPECT_EQ(refused[i].code(), errc::server_error);
        EXPECT_EQ(refused[i].request(), calls[i]);
        EXPECT_EQ(refused[i].what(), calls[i] + ": quota exceeded (quota limit exceeded)");
        EXPECT_EQ(refused[i].outcome(), Outcome::rejected);
    }
}

TEST_P(BackendsTest, SaysThatALostReplyLeavesTheOutcomeUnknown)
{
    mock.add_fault(MockFault(MockFaultKind::reset).method("AddSecretBackends").after_applying());

    const Error error = add_error(vault("myvault"));

    EXPECT_EQ(error.code(), errc::connection_lost);
    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_FALSE(error.connection_usable());
    EXPECT_EQ(error.request(), "SecretBackends.AddSecretBackends");
    EXPECT_EQ(mock.secret_backends().size(), 1U);
    EXPECT_EQ(run(controller.list_secret_backends()).size(), 2U) << "over a new connection";
}

/// Collects log lines of every level while it lives.
class LogLines {
public:
    LogLines()
    {
        set_log_sink(
            [this](LogLevel, std::string_view line) {
                const std::lock_guard lock(mutex_);
                text_ += line;
                text_ += '\n';
            },
            LogLevel::debug);
    }
    ~LogLines() { set_log_sink({}); }

    std::string text()
    {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    std::mutex mutex_;
    std::string text_;
};

TEST_P(BackendsTest, ShowsNoSettingInErrorsAndLogs)
{
    LogLines log;
    const SecretBackendConfig token = endpoint().set("token", marker);
    std::vector<Error> errors;

    run(controller.add_secret_backend(SecretBackendDraft("myvault", "vault", token)));
    run(controller.update_secret_backend("myvault", SecretBackendUpdate().config(SecretBackendConfig().set("token", marker))));
    EXPECT_EQ(run(controller.list_secret_backends(SecretBackendFilter().name("myvault").reveal(true))).at(0).config().at("token").text(),
              marker);
    errors.push_back(add_error(SecretBackendDraft("myvault", "vault", token)));
    errors.push_back(add_error(SecretBackendDraft("x", "vault", endpoint().set("tokn", marker))));
    errors.push_back(add_error(SecretBackendDraft("x", "vault", endpoint().set_json("token", R"([5,"k3ep-me-0ut"])"))));
    errors.push_back(add_error(SecretBackendDraft("x", "kubernetes", endpoint().set("namespace", "a").set("skip-tls-verify", marker))));
    errors.push_back(update_error("myvault", SecretBackendUpdate().config(SecretBackendConfig().set("tokn", marker))));
    errors.push_back(update_error("nosuch", SecretBackendUpdate().config(token)));
    mock.add_fault(MockFault(MockFaultKind::reply)
                       .method("ListSecretBackends")
                       .text(R"({"request-id":$ID,"response":{"results":[{"result":{"config":{"token":"k3ep-me-0ut"},"name":5}}]}})"));
    errors.push_back(error_of(controller.list_secret_backends(SecretBackendFilter().reveal(true))));
    mock.add_fault(MockFault(MockFaultKind::withhold).method("AddSecretBackends"));
    errors.push_back(error_of(juju::with_timeout(50ms, controller.add_secret_backend(SecretBackendDraft("y", "vault", token)))));

    for (const Error& error : errors) {
        for (const std::string& text : {std::string(error.what()), error.server_message(), error.server_info()})
            EXPECT_EQ(text.find(marker), std::string::npos) << text;
    }
    EXPECT_EQ(errors[1].server_message(), is_3_6() ? R"(invalid config for provider "vault": unknown key "tokn" ...)"
                                                   : R"(secret backend not valid: config for provider "vault": unknown key "tokn" ...)");
    EXPECT_EQ(errors[2].code(), errc::not_valid);
    EXPECT_TRUE(std::string(errors[2].what()).find("token: expected string ...") != std::string::npos) << errors[2].what();
    EXPECT_EQ(errors.back().code(), errc::timed_out);
    const std::string lines = log.text();
    EXPECT_NE(lines.find("SecretBackends.AddSecretBackends"), std::string::npos) << "the log is on";
    EXPECT_EQ(lines.find(marker), std::string::npos) << lines;
}

TEST_P(BackendsTest, NeedsAControllerThatOffersBackends)
{
    hide_facades("");
    run(controller.connect(mock.connect_options()));
    const auto requests = mock.total_requests();

    for (const Error& error : errors_of_every_call()) {
        EXPECT_EQ(error.code(), errc::not_supported);
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        EXPECT_NE(std::string(error.what()).find("Juju 2.9.51\\x0a, does not offer SecretBackends."), std::string::npos) << error.what();
    }
    EXPECT_EQ(mock.total_requests(), requests);
}

// The model's own backend.

class ModelBackendTest : public BackendsTest {
protected:
    ModelBackendTest()
    {
        connect();
        add_vault();
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles, ModelBackendTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(ModelBackendTest, GetsTheModelsBackend)
{
    EXPECT_EQ(run(model.get_secret_backend()), "auto");
    EXPECT_EQ(last_sent(), is_3_6() ? R"({"request-id":2,"type":"ModelConfig","version":3,"request":"ModelGet","params":{}})"
                                    : R"({"request-id":2,"type":"ModelConfig","version":4,"request":"GetModelSecretBackend","params":{}})");

    mock.set_model_secret_backend("myvault");
    EXPECT_EQ(run(model.get_secret_backend()), "myvault");
}

TEST_P(ModelBackendTest, SetsTheModelsBackend)
{
    const auto uri = run(model.add_secret("my-apitoken", {"token=first"}));

    run(model.set_secret_backend("myvault"));

    EXPECT_EQ(
        last_sent(),
        is_3_6()
            ? R"({"request-id":3,"type":"ModelConfig","version":3,"request":"ModelSet","params":{"config":{"secret-backend":"myvault"}}})"
            : R"({"request-id":3,"type":"ModelConfig","version":4,"request":"SetModelSecretBackend","params":{"secret-backend-name":"myvault"}})");
    EXPECT_EQ(mock.model_secret_backend(), "myvault");
    EXPECT_EQ(run(model.get_secret(uri)).revisions().at(0).backend(), "myvault");

    run(model.set_secret_backend("auto"));
    EXPECT_EQ(mock.model_secret_backend(), "auto");
}

TEST_P(ModelBackendTest, RefusesWhatIsNoBackend)
{
    const Error unknown = error_of(model.set_secret_backend("nosuch"));
    EXPECT_EQ(unknown.code(), errc::not_found);
    EXPECT_EQ(unknown.outcome(), Outcome::rejected);
    EXPECT_EQ(unknown.request(), is_3_6() ? "ModelConfig.ModelSet" : "ModelConfig.SetModelSecretBackend");
    EXPECT_EQ(unknown.server_code(), is_3_6() ? "not found" : "secret backend not found");
    const Error reserved = error_of(model.set_secret_backend("vault-local"));
    EXPECT_EQ(reserved.code(), is_3_6() ? errc::not_found : errc::not_valid);

    const auto requests = mock.total_requests();
    for (const char* name : {"", "internal", "\xff"}) {
        const Error error = error_of(model.set_secret_backend(name));
        EXPECT_EQ(error.code(), errc::invalid_name);
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
    }
    EXPECT_EQ(mock.total_requests(), requests);
    EXPECT_EQ(mock.model_secret_backend(), "auto");
}

TEST_P(ModelBackendTest, TellsThatTheBackendIsAway)
{
    mock.set_secret_backend_reachable("myvault", false);
    if (is_3_6()) {
        const Error error = error_of(model.set_secret_backend("myvault"));
        EXPECT_EQ(error.code(), errc::server_error);
        EXPECT_STREQ(error.what(), "ModelConfig.ModelSet: cannot ping backend \"myvault\": backend not reachable: connection refused");
        EXPECT_EQ(mock.model_secret_backend(), "auto");
    } else {
        run(model.set_secret_backend("myvault"));
        EXPECT_EQ(mock.model_secret_backend(), "myvault");
    }
}

TEST_P(ModelBackendTest, NeedsReadAccessToGetAndWriteAccessToSet)
{
    run(model.connect(options_for("carol")));
    EXPECT_EQ(run(model.get_secret_backend()), "auto");
    EXPECT_EQ(error_of(model.set_secret_backend("myvault")).code(), errc::permission_denied);
    EXPECT_EQ(mock.model_secret_backend(), "auto");

    run(model.connect(options_for("bob")));
    run(model.set_secret_backend("myvault"));
    EXPECT_EQ(mock.model_secret_backend(), "myvault");

    mock.set_access("bob", MockAccess::none);
    EXPECT_EQ(error_of(model.get_secret_backend()).code(), errc::permission_denied);
}

TEST_P(ModelBackendTest, NamesTheCallOfAMalformedReply)
{
    const std::string get = is_3_6() ? "ModelConfig.ModelGet" : "ModelConfig.GetModelSecretBackend";
    mock.add_fault(
        MockFault(MockFaultKind::reply).text(R"({"request-id":$ID,"response":{"config":{"name":{"value":"demo"}},"result":""}})"));
    const Error missing = error_of(model.get_secret_backend());
    EXPECT_EQ(missing.code(), errc::malformed_reply);
    EXPECT_EQ(missing.request(), get);
    EXPECT_EQ(missing.what(), get + (is_3_6() ? ": malformed reply from the controller: the model's configuration has no secret-backend"
                                              : ": malformed reply from the controller: result is empty"));

    mock.add_fault(MockFault(MockFaultKind::reply).text(R"({"request-id":$ID,"response":[]})"));
    const Error not_done = error_of(model.set_secret_backend("myvault"));
    EXPECT_EQ(not_done.code(), errc::malformed_reply);
    EXPECT_EQ(not_done.request(), is_3_6() ? "ModelConfig.ModelSet" : "ModelConfig.SetModelSecretBackend");
    EXPECT_EQ(not_done.outcome(), Outcome::unknown);
}

TEST_P(ModelBackendTest, NeedsAControllerThatOffersIt)
{
    hide_facades(R"("model-tag":"model-)" + mock.model_uuid() + R"(",)");
    connect();
    const auto requests = mock.total_requests();

    for (const Error& error : {error_of(model.get_secret_backend()), error_of(model.set_secret_backend("myvault"))}) {
        EXPECT_EQ(error.code(), errc::not_supported);
        EXPECT_EQ(error.outcome(), Outcome::not_sent);
        EXPECT_STREQ(error.what(), "the model's secret backend is not supported: it needs version 3 of facade ModelConfig, which the "
                                   "controller, Juju 2.9.51\\x0a, does not offer");
    }
    EXPECT_EQ(mock.total_requests(), requests);
}

} // namespace
} // namespace juju
