// How users write their calls: every expression here must compile and run clean under AddressSanitizer with g++-12 and with clang, whose
// coroutines have mistreated temporaries of a co_await expression (GCC 12: double destruction of aggregates, no initializer lists).

#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include "support/run.hpp"
#include "support/store_directory.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using asio::awaitable;
using juju::errc;
using namespace std::chrono_literals;

// GCC 12 destroys temporaries of aggregate type twice.
static_assert(!std::is_aggregate_v<juju::Applications>);
static_assert(!std::is_aggregate_v<juju::BlockingModel>);
static_assert(!std::is_aggregate_v<juju::ConnectOptions>);
static_assert(!std::is_aggregate_v<juju::Controller>);
static_assert(!std::is_aggregate_v<juju::EnsureOptions>);
static_assert(!std::is_aggregate_v<juju::EnsureResult>);
static_assert(!std::is_aggregate_v<juju::Error>);
static_assert(!std::is_aggregate_v<juju::ErrorItem>);
static_assert(!std::is_aggregate_v<juju::ItemOutcome<juju::SecretUri>>);
static_assert(!std::is_aggregate_v<juju::ItemOutcome<void>>);
static_assert(!std::is_aggregate_v<juju::Model>);
static_assert(!std::is_aggregate_v<juju::Outcomes<juju::SecretUri>>);
static_assert(!std::is_aggregate_v<juju::Outcomes<void>>);
static_assert(!std::is_aggregate_v<juju::RotateCheck>);
static_assert(!std::is_aggregate_v<juju::RotateOptions>);
static_assert(!std::is_aggregate_v<juju::RotateResult>);
static_assert(!std::is_aggregate_v<juju::Secret>);
static_assert(!std::is_aggregate_v<juju::SecretAccess>);
static_assert(!std::is_aggregate_v<juju::SecretBackend>);
static_assert(!std::is_aggregate_v<juju::SecretBackendConfig>);
static_assert(!std::is_aggregate_v<juju::SecretBackendDraft>);
static_assert(!std::is_aggregate_v<juju::SecretBackendFilter>);
static_assert(!std::is_aggregate_v<juju::SecretBackendUpdate>);
static_assert(!std::is_aggregate_v<juju::SecretChange>);
static_assert(!std::is_aggregate_v<juju::SecretContent>);
static_assert(!std::is_aggregate_v<juju::SecretDraft>);
static_assert(!std::is_aggregate_v<juju::SecretFilter>);
static_assert(!std::is_aggregate_v<juju::SecretRef>);
static_assert(!std::is_aggregate_v<juju::SecretRemoval>);
static_assert(!std::is_aggregate_v<juju::SecretRevision>);
static_assert(!std::is_aggregate_v<juju::SecretUpdate>);
static_assert(!std::is_aggregate_v<juju::SecretUri>);
static_assert(!std::is_aggregate_v<juju::SecretValue>);
static_assert(!std::is_aggregate_v<juju::SecretWatcher>);
static_assert(!std::is_aggregate_v<juju::SecretsManager>);
static_assert(!std::is_aggregate_v<juju::WatchOptions>);
static_assert(!std::is_aggregate_v<juju::detail::ErrorDetails>);
static_assert(!std::is_aggregate_v<juju::MockFault>);
static_assert(!std::is_aggregate_v<juju::MockGrant>);
static_assert(!std::is_aggregate_v<juju::MockOptions>);
static_assert(!std::is_aggregate_v<juju::MockRevision>);
static_assert(!std::is_aggregate_v<juju::MockSecret>);

namespace {

/// A controller, and a working directory with the files that the calls name.
class CallSites : public testing::Test {
protected:
    CallSites() : before_(std::filesystem::current_path())
    {
        std::string name = (std::filesystem::temp_directory_path() / "juju-call-sites-XXXXXX").string();
        directory_ = ::mkdtemp(name.data());
        std::filesystem::current_path(directory_);
        std::ofstream("creds.yaml") << "username: admin\npassword: hunter2\n";
        std::ofstream("ca.pem") << "a certificate\n";
        mock.add_charm_secret("application-ubuntu", "db-root", {{"password", "aHVudGVyMg=="}});
    }

    ~CallSites() override
    {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(directory_);
    }

    /// A model that is connected.
    awaitable<juju::Model> connected() const
    {
        juju::Model model(co_await asio::this_coro::executor);
        co_await model.connect(mock.connect_options());
        co_return model;
    }

    /// The same with a secret in it: "my-apitoken", in two revisions.
    awaitable<juju::Model> with_token() const
    {
        auto model = co_await connected();
        co_await model.add_secret("my-apitoken", {"token=34ae35facd4"});
        co_await model.update_secret("my-apitoken", juju::SecretUpdate().data({"token=n3w"}));
        co_return model;
    }

    juju::MockController mock;

private:
    std::filesystem::path before_;
    std::filesystem::path directory_;
};

template <class Body>
void run(Body body)
{
    support::run(body());
}

} // namespace

// The first code block of design.md's section 4, as written there, so unformatted.
// clang-format off

TEST_F(CallSites, DesignConnectsThroughTheClientStore)
{
    const juju::MockController web(juju::MockOptions().state_yaml("model: {name: web, owner: admin}"));
    const support::TemporaryDirectory store;
    web.write_client_store(store.path());
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"}) {
        std::string text = store.read(file);
        for (const std::string name : {" mock:\n", "current-controller: mock\n"}) {
            if (const auto found = text.find(name); found != std::string::npos)
                text.replace(found + name.find("mock"), 4, "lxd");
        }
        store.write(file, text);
    }
    support::ScopedEnvironment environment;
    environment.set("JUJU_DATA", store.string());
    environment.unset("JUJU_MODEL");
    environment.unset("JUJU_CONTROLLER");
    run([&]() -> awaitable<void> {
        juju::Model model(co_await asio::this_coro::executor);

        co_await model.connect();                                // the juju CLI's current controller and model
        EXPECT_TRUE(model.is_connected());
        co_await model.connect("lxd:admin/web");                 // [controller:][owner/]model, or a model UUID
        EXPECT_TRUE(model.is_connected());
    });
    juju::BlockingModel plain;                                                      // same calls, no coroutines, own thread
    plain.connect("lxd:admin/web");
    EXPECT_TRUE(plain.is_connected());
}

TEST_F(CallSites, DesignConnectsExplicitly)
{
    // Refused before anything is looked up, so that the addresses of the document can stay.
    const std::string uuid = "no UUID";
    const std::string password = "a password that is too long for the small buffer";
    const std::string pem = mock.ca_cert();
    run([&]() -> awaitable<void> {
        juju::Model model(co_await asio::this_coro::executor);
        std::optional<juju::Error> error;
        try {
            co_await model.connect(juju::ConnectOptions()            // explicit: needs no file and no environment
                .endpoint("10.0.0.1:17070").endpoint("10.0.0.2:17070")
                .model_uuid(uuid).username("admin").password(password).ca_cert(pem));
        } catch (const juju::Error& e) {
            error = e;
        }
        EXPECT_TRUE(error && error->code() == errc::invalid_argument);
    });
}

TEST_F(CallSites, DesignAddsSecrets)
{
    const std::string name = "a name that is too long for the small buffer";
    run([&]() -> awaitable<void> {
        auto model = co_await connected();

        juju::SecretUri uri = co_await model.add_secret("my-apitoken", {"token=34ae35facd4"});
        co_await model.add_secret("db", juju::SecretContent::from_file("creds.yaml"), "my database password");
        co_await model.add_secret("tls", {"ca-cert#file=ca.pem", "key#base64=AA==", std::string("user=") + name});

        EXPECT_EQ(mock.secret("my-apitoken")->id, uri.id());
        EXPECT_EQ(mock.secret("db")->description, "my database password");
        EXPECT_EQ(mock.secret("db")->revisions.at(0).data.at("password"), "aHVudGVyMg==");
        EXPECT_EQ(mock.secret("tls")->revisions.at(0).data.size(), 3U);
        EXPECT_EQ(mock.secret("tls")->revisions.at(0).data.at("key"), "AA==");
    });
}

TEST_F(CallSites, DesignListsSecrets)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        std::vector<juju::Secret> all = co_await model.list_secrets();
        auto some  = co_await model.list_secrets(juju::SecretFilter().owner("application-ubuntu"));
        auto shown = co_await model.list_secrets(juju::SecretFilter().name("my-apitoken").show_secrets(true));

        EXPECT_EQ(all.size(), 2U);
        EXPECT_EQ(some.size(), 1U);
        EXPECT_EQ(some.at(0).label(), "db-root");
        EXPECT_EQ(shown.size(), 1U);
        EXPECT_EQ(shown.at(0).content().at("token").text(), "n3w");
    });
}

TEST_F(CallSites, DesignReadsSecrets)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        const auto uri = juju::SecretUri::parse(mock.secret("my-apitoken")->id);

        juju::Secret one   = co_await model.get_secret("my-apitoken");        // metadata; by name, secret:ID or bare ID
        juju::Secret value = co_await model.reveal_secret("my-apitoken");     // and its content
        juju::Secret old   = co_await model.reveal_secret(uri, 2);            // of revision 2
        std::string_view token = value.content().at("token").text();

        EXPECT_EQ(one.latest_revision(), 2);
        EXPECT_FALSE(one.has_content());
        EXPECT_EQ(token, "n3w");
        EXPECT_EQ(old.revisions().size(), 1U);
        EXPECT_EQ(old.content().at("token").text(), "n3w");
    });
}

TEST_F(CallSites, DesignGrantsAndRevokes)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        co_await model.grant_secret("my-apitoken", "ubuntu");
        EXPECT_EQ(mock.secret("my-apitoken")->grants.size(), 1U);
        co_await model.grant_secret("my-apitoken", {"ubuntu", "postgresql"});
        EXPECT_EQ(mock.secret("my-apitoken")->grants.size(), 2U);
        co_await model.revoke_secret("my-apitoken", "ubuntu");

        EXPECT_EQ(mock.secret("my-apitoken")->grants.size(), 1U);
        EXPECT_EQ(mock.secret("my-apitoken")->grants.at(0).target_tag, "application-postgresql");
    });
}

TEST_F(CallSites, DesignUpdatesSecrets)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        const auto uri = juju::SecretUri::parse(mock.secret("my-apitoken")->id);

        co_await model.update_secret("my-apitoken", juju::SecretUpdate().new_name("new-token"));
        EXPECT_FALSE(mock.secret("my-apitoken").has_value());
        co_await model.update_secret("new-token", juju::SecretUpdate().data({"token=n3wer"}).info("rotated").auto_prune(true));
        EXPECT_EQ(mock.secret("new-token")->description, "rotated");
        EXPECT_TRUE(mock.secret("new-token")->auto_prune);
        co_await model.update_secret(uri, juju::SecretUpdate().file("creds.yaml").clear_info());

        EXPECT_EQ(mock.secret("new-token")->description, "");
        EXPECT_EQ(mock.secret("new-token")->revisions.back().data.at("username"), "YWRtaW4=");
    });
}

TEST_F(CallSites, DesignRemovesSecretsAndDisconnects)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        co_await model.update_secret("my-apitoken", juju::SecretUpdate().new_name("new-token"));

        co_await model.remove_secret("new-token", 2);            // revision 2 only
        EXPECT_EQ(mock.secret("new-token")->revisions.size(), 1U);
        co_await model.remove_secret("new-token");               // all revisions
        EXPECT_FALSE(mock.secret("new-token").has_value());
        co_await model.disconnect();

        EXPECT_FALSE(model.is_connected());
    });
}

TEST_F(CallSites, DesignSetsOneCallsDeadline)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        const auto all = co_await juju::with_timeout(2s, model.list_secrets());

        EXPECT_EQ(all.size(), 2U);
    });
}

TEST_F(CallSites, DesignManagesSeveralSecrets)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        std::vector<juju::SecretDraft> drafts;
        drafts.emplace_back("one", juju::SecretContent("key=value"));
        drafts.push_back(juju::SecretDraft("two", {"key=value"}).info("second"));
        std::vector<std::pair<juju::SecretRef, juju::SecretUpdate>> updates;
        updates.emplace_back("one", juju::SecretUpdate().info("first"));
        std::vector<juju::SecretRemoval> removals;
        removals.push_back(juju::SecretRemoval::all("two"));
        removals.emplace_back("my-apitoken", std::vector<int>(1, 1));

        auto& manager = model.secrets_manager();
        juju::Outcomes<juju::SecretUri> made = co_await manager.create(drafts);
        juju::Outcomes<void> changed = co_await manager.update(updates);
        juju::Outcomes<void> gone = co_await manager.remove(removals);

        EXPECT_TRUE(made.ok());
        EXPECT_EQ(made.at(1).value().id().size(), 20U);
        EXPECT_TRUE(changed.ok());
        EXPECT_TRUE(gone.ok());
        EXPECT_EQ(mock.secret("one")->description, "first");
        EXPECT_FALSE(mock.secret("two").has_value());
    });
}

// The second code block, likewise.

TEST_F(CallSites, DesignConvergesWithoutReading)
{
    run([&]() -> awaitable<void> {
        auto model = co_await connected();
        const juju::SecretContent content({"password=a value that is too long for the small buffer"});

        juju::EnsureResult done = co_await model.ensure_secret("db", content);          // done.action(): created, updated, unchanged
        EXPECT_EQ(done.action(), juju::EnsureAction::created);
        auto again = co_await model.ensure_secret("db", content, juju::EnsureOptions().info("database").grant("ubuntu").auto_prune(true));
        EXPECT_EQ(again.action(), juju::EnsureAction::updated);
        EXPECT_EQ(again.granted(), std::vector<std::string>{"ubuntu"});
        std::optional<bool> same = co_await model.secret_matches("db", content);        // nullopt: this server gives no checksum
        EXPECT_EQ(same, true);

        // And without names for the arguments.
        again = co_await model.ensure_secret("db", {"password=another value, which is too long for the small buffer"},
            juju::EnsureOptions().grant({"ubuntu", "gitlab"}).exact_grants(true).info("a description that is too long for the small buffer"));
        EXPECT_EQ(again.granted(), std::vector<std::string>{"gitlab"});
        EXPECT_EQ((co_await model.secret_matches(done.uri(), {"password=x", "key=" + std::string(50, 'y')})), false);
    });
}

TEST_F(CallSites, DesignHandlesManySecrets)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        std::vector<juju::SecretDraft> drafts;
        drafts.emplace_back("one", juju::SecretContent("key=value"));
        drafts.emplace_back("my-apitoken", juju::SecretContent("key=value"));
        std::vector<std::pair<juju::SecretRef, juju::SecretUpdate>> updates;
        updates.emplace_back("one", juju::SecretUpdate().info("text"));
        std::vector<juju::SecretRemoval> removals;
        removals.emplace_back("my-apitoken", std::vector<int>{1});
        removals.push_back(juju::SecretRemoval::all("one"));

        auto& manager = model.secrets_manager();
        juju::Outcomes<juju::SecretUri> made = co_await manager.create(drafts);         // drafts: std::vector<juju::SecretDraft>
        juju::Outcomes<void> changed = co_await manager.update(updates);                // std::vector<std::pair<SecretRef, SecretUpdate>>
        juju::Outcomes<void> gone = co_await manager.remove(removals);                  // SecretRef, revisions (none = all, said explicitly)

        EXPECT_EQ(made.failed(), 1U);
        EXPECT_TRUE(changed.ok());
        EXPECT_TRUE(gone.ok());
    });
}

TEST_F(CallSites, DesignScopesAndRotates)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        const juju::SecretContent content({"password=a value that is too long for the small buffer"});
        const juju::SecretContent new_content({"password=another value that is too long for the small buffer"});
        std::string seen;
        auto body = [&seen](const juju::SecretUri& uri) -> awaitable<void> {
            seen = uri.str();
            co_return;
        };
        auto check = []() -> awaitable<bool> { co_return true; };
        co_await model.add_secret("db", content);

        co_await juju::with_secret(model, "job-token", content, {"ubuntu"}, body);      // revoked and removed whatever happens in body
        juju::RotateResult r = co_await model.rotate_secret("db", new_content, check);  // check fails: old content back as a newer revision

        EXPECT_FALSE(seen.empty());
        EXPECT_FALSE(mock.secret("job-token").has_value());
        EXPECT_TRUE(r.ok());
        EXPECT_EQ(r.new_revision(), 2);
    });
}

TEST_F(CallSites, DesignWatches)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        juju::SecretWatcher watcher = model.watch_secrets(juju::WatchOptions().interval(10s));
        std::vector<juju::SecretChange> changes = co_await watcher.next();              // added, removed, content, metadata, access

        EXPECT_EQ(changes.size(), 2U);
        EXPECT_EQ(changes[0].kind(), juju::SecretChangeKind::added);
    });
}

TEST_F(CallSites, DesignBlocks)
{
    juju::BlockingModel plain;                                                      // same calls, no coroutines, own thread
    plain.connect(mock.connect_options());
    juju::SecretUri uri = plain.add_secret("my-apitoken", {"token=34ae35facd4"});

    EXPECT_EQ(uri.id(), mock.secret("my-apitoken")->id);
}

TEST_F(CallSites, DesignCallsAnyFacade)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        const std::string params_json = R"({"args":[]})";

        const std::string text = co_await model.call("Secrets", "RemoveSecrets", params_json);

        EXPECT_EQ(text, R"({"results":[]})");
        EXPECT_EQ((co_await model.call("Secrets", 2, "UpdateSecrets", R"({"args":[]})")), R"({"results":[]})");
        EXPECT_EQ(model.facades().at("Secrets"), (std::vector<int>{1, 2}));
    });
}

TEST_F(CallSites, BackendsInline)
{
    run([&]() -> awaitable<void> {
        auto model = co_await connected();
        juju::Controller controller(co_await asio::this_coro::executor);
        co_await controller.connect(mock.connect_options());

        co_await controller.add_secret_backend(juju::SecretBackendDraft("myvault", "vault",
            juju::SecretBackendConfig().set("endpoint", "https://vault.example.com:8200").set("token", "s.abc")).token_rotate_interval(24h));
        co_await controller.update_secret_backend("myvault", juju::SecretBackendUpdate()
            .config(juju::SecretBackendConfig().set("token", "a token that is too long for the small buffer")));
        for (const auto& backend : co_await controller.list_secret_backends(juju::SecretBackendFilter().name("myvault").reveal(true)))
            EXPECT_EQ(backend.config().at("token").text(), "a token that is too long for the small buffer");
        co_await model.set_secret_backend("myvault");
        EXPECT_EQ((co_await model.get_secret_backend()), "myvault");
    });
}

// clang-format on

// Results used in place.

TEST_F(CallSites, RangeForOverAnAwaitedList)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        std::vector<std::string> labels;

        for (const auto& secret : co_await model.list_secrets())
            labels.push_back(secret.label());

        EXPECT_EQ(labels, (std::vector<std::string>{"db-root", "my-apitoken"}));
    });
}

TEST_F(CallSites, AwaitInsideExpectations)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        EXPECT_EQ((co_await model.list_secrets()).size(), 2U);
        EXPECT_EQ((co_await model.get_secret("my-apitoken")).latest_revision(), 2);
        EXPECT_TRUE((co_await model.list_secrets(juju::SecretFilter().name("nosuch"))).empty());
        EXPECT_THROW(co_await model.get_secret("nosuch"), juju::Error);
        EXPECT_NO_THROW(co_await model.revoke_secret("my-apitoken", {"ubuntu", "gitlab"}));
    });
}

TEST_F(CallSites, MembersOfAnAwaitedTemporary)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        const std::string token((co_await model.reveal_secret("my-apitoken")).content().at("token").text());
        const std::string id = (co_await model.get_secret("my-apitoken")).uri().str();
        const auto copy = (co_await model.reveal_secret("my-apitoken", 1)).content();

        EXPECT_EQ(token, "n3w");
        EXPECT_EQ(id, "secret:" + mock.secret("my-apitoken")->id);
        EXPECT_EQ(copy.at("token").text(), "34ae35facd4");
    });
}

TEST_F(CallSites, ReferenceToAnAwaitedTemporary)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        const auto& secrets = co_await model.list_secrets();
        auto&& secret = co_await model.reveal_secret("my-apitoken");

        EXPECT_EQ(secrets.size(), 2U);
        EXPECT_EQ(secret.content().at("token").text(), "n3w");
    });
}

TEST_F(CallSites, StructuredBindings)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        const auto [uri, secrets] = std::pair(co_await model.add_secret("second", {"key=value"}), co_await model.list_secrets());
        auto [one, two] = std::tuple(co_await model.get_secret("second"), co_await model.get_secret("my-apitoken"));

        EXPECT_EQ(secrets.size(), 3U);
        EXPECT_EQ(one.uri(), uri);
        EXPECT_EQ(two.label(), "my-apitoken");
    });
}

TEST_F(CallSites, InitializersOfIfAndSwitch)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        int seen = 0;

        if (const auto secrets = co_await model.list_secrets(); !secrets.empty())
            ++seen;
        if ((co_await model.get_secret("my-apitoken")).is_user_secret())
            ++seen;
        switch (const auto secret = co_await model.get_secret("my-apitoken"); secret.latest_revision()) {
        case 2: ++seen; break;
        default: break;
        }
        while ((co_await model.list_secrets(juju::SecretFilter().name("my-apitoken"))).size() == 1)
            co_await model.remove_secret("my-apitoken");

        EXPECT_EQ(seen, 3);
    });
}

TEST_F(CallSites, SeveralAwaitsInOneExpression)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        const auto sum =
            (co_await model.list_secrets()).size() + (co_await model.list_secrets(juju::SecretFilter().name("my-apitoken"))).size();
        const bool both = (co_await model.get_secret("my-apitoken")).latest_revision() == 2 && !(co_await model.list_secrets()).empty();
        const auto same = co_await model.get_secret((co_await model.get_secret("my-apitoken")).uri());

        EXPECT_EQ(sum, 3U);
        EXPECT_TRUE(both);
        EXPECT_EQ(same.label(), "my-apitoken");
    });
}

TEST_F(CallSites, ReturnedFromACoroutine)
{
    const auto token_of = [](juju::Model& model, std::string name) -> awaitable<std::string> {
        co_return std::string((co_await model.reveal_secret(name)).content().at("token").text());
    };
    const auto secret_of = [](juju::Model& model, std::string name) -> awaitable<juju::Secret> {
        co_return co_await model.get_secret(name);
    };
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        const auto token = co_await token_of(model, "my-apitoken");
        const auto secret = co_await secret_of(model, std::string("my-") + "apitoken");

        EXPECT_EQ(token, "n3w");
        EXPECT_EQ(secret.label(), "my-apitoken");
    });
}

// Arguments made in place.

TEST_F(CallSites, TemporaryTextsOfEveryKind)
{
    const std::string name = "a name that is too long for the small buffer of a string";
    const std::string value = "value";
    constexpr std::string_view view = "key2=from a view";
    run([&]() -> awaitable<void> {
        auto model = co_await connected();

        co_await model.add_secret(name + "-1", {"key=" + value, view, std::string("key3=") + std::string(100, 'x')}, "info of " + name);
        co_await model.add_secret(std::string(view.substr(0, 4)),
                                  juju::SecretContent().set("key", value).set("bin", std::string_view("\0\xff", 2)));
        co_await model.add_secret(std::string(), {"key=value"});
        co_await model.grant_secret(name + "-1", {std::string("ubun") + "tu", std::string_view("gitlab"), "mysql"});
        co_await model.revoke_secret(std::string_view(name + "-1"), std::string("ubun") + "tu");
        co_await model.get_secret(juju::SecretRef::by_name(name + "-1"));
        co_await model.get_secret(juju::SecretRef(name + "-1"));

        EXPECT_EQ(mock.secret(name + "-1")->grants.size(), 2U);
        EXPECT_EQ(mock.secret(name + "-1")->revisions.at(0).data.size(), 3U);
        EXPECT_EQ(mock.secret("key2")->revisions.at(0).data.at("bin"), "AP8=");
    });
}

TEST_F(CallSites, ArgumentsMovedIn)
{
    run([&]() -> awaitable<void> {
        auto model = co_await connected();
        juju::SecretContent content("key=value");
        std::string name = "a name that is too long for the small buffer of a string";
        juju::SecretFilter filter;
        filter.name(name).show_secrets(true);
        juju::SecretUpdate update;
        update.info("an info that is too long for the small buffer of a string");
        std::vector<std::string> applications(2, "ubuntu");

        co_await model.add_secret(name, std::move(content));
        co_await model.update_secret(name, std::move(update));
        co_await model.grant_secret(name, std::move(applications));
        const auto secrets = co_await model.list_secrets(std::move(filter));

        EXPECT_EQ(secrets.at(0).content().at("key").text(), "value");
        EXPECT_EQ(secrets.at(0).access().size(), 1U);
        EXPECT_EQ(secrets.at(0).info(), "an info that is too long for the small buffer of a string");
    });
}

TEST_F(CallSites, NamedArgumentsCanBeUsedAgain)
{
    run([&]() -> awaitable<void> {
        auto model = co_await connected();
        const juju::SecretContent content("key=value");
        const juju::Applications applications("ubuntu", "gitlab");

        co_await model.add_secret("one", content);
        co_await model.add_secret("two", content);
        co_await model.grant_secret("one", applications);
        co_await model.grant_secret("two", applications);

        EXPECT_EQ(mock.secret("two")->grants.size(), 2U);
        EXPECT_EQ(content.at("key").text(), "value");
    });
}

TEST_F(CallSites, ConditionalArguments)
{
    for (const bool flag : {true, false}) {
        run([&]() -> awaitable<void> {
            auto model = co_await connected();
            const std::string name = flag ? "yes" : "no";

            co_await model.add_secret(name, {flag ? "key=one" : "key=two"}, flag ? "with info" : "");
            if (flag)
                co_await model.grant_secret(name, "ubuntu");
            else
                co_await model.grant_secret(name, {"ubuntu", "gitlab"});
            // Not `flag ? co_await .. : co_await ..`: GCC 12 destroys both results.
            juju::Secret revealed;
            if (flag)
                revealed = co_await model.reveal_secret(name);
            else
                revealed = co_await model.reveal_secret(name, 1);

            EXPECT_EQ(revealed.content().at("key").text(), flag ? "one" : "two");
            EXPECT_EQ(revealed.access().size(), flag ? 1U : 2U);
        });
    }
}

TEST_F(CallSites, DefaultArguments)
{
    run([&]() -> awaitable<void> {
        auto model = co_await connected();

        co_await model.add_secret("plain", {"key=value"});
        const auto by_model = co_await model.list_secrets();
        const auto by_manager = co_await model.secrets_manager().list();

        EXPECT_EQ(by_model.size(), by_manager.size());
        EXPECT_EQ(mock.secret("plain")->description, "");
    });
}

TEST_F(CallSites, BuildersInline)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        const auto uri = (co_await model.get_secret("my-apitoken")).uri();

        const auto found = co_await model.list_secrets(juju::SecretFilter().uri(uri).name("my-apitoken").revision(1).show_secrets(true));
        co_await model.update_secret(
            uri, juju::SecretUpdate().data(juju::SecretContent("key=value").set("key2", "v2").merge(juju::SecretContent("key3=v3"))));
        co_await model.update_secret(uri.str(), juju::SecretUpdate().clear_name().info("no name").auto_prune(false));

        EXPECT_EQ(found.at(0).content().at("token").text(), "34ae35facd4");
        EXPECT_EQ(mock.secret(uri.id())->revisions.back().data.size(), 3U);
        EXPECT_EQ(mock.secret(uri.id())->label, "");
    });
}

TEST_F(CallSites, OneConnectExpression)
{
    run([&]() -> awaitable<void> {
        juju::Model model(co_await asio::this_coro::executor);

        co_await model.connect(juju::ConnectOptions()
                                   .endpoint("127.0.0.1:1")
                                   .endpoint(mock.endpoint())
                                   .model_uuid(mock.model_uuid())
                                   .username(mock.username())
                                   .password(mock.password())
                                   .ca_cert(mock.ca_cert())
                                   .connect_timeout(10s)
                                   .call_timeout(10s)
                                   .ping_interval(1min)
                                   .max_message_size(1024 * 1024));
        EXPECT_TRUE(model.is_connected());
        co_await model.connect(mock.connect_options().call_timeout(5s));

        EXPECT_TRUE(model.is_connected());
    });
}

TEST_F(CallSites, EveryConnectOptionInline)
{
    // Refused before anything is looked up: what matters is that the temporaries live and die as they should.
    run([&]() -> awaitable<void> {
        juju::Model model(co_await asio::this_coro::executor);
        std::optional<juju::Error> error;
        const auto show = [](std::string, std::string) -> awaitable<void> { co_return; };
        try {
            co_await model.connect(juju::ConnectOptions()
                                       .store_directory("a directory that is too long for the small buffer")
                                       .controller("a controller")
                                       .model("a model that is too long for the small buffer")
                                       .update_store(true)
                                       .follow_migration(true)
                                       .username("bob")
                                       .macaroons("[[{}]]")
                                       .session_token("a session token that is too long for the small buffer")
                                       .client_credentials("id", "secret")
                                       .agent("unit-mysql-0", "password", "nonce")
                                       .show_device_code(show)
                                       .show_device_code([](const std::string&, const std::string&) {})
                                       .ask_password([](const std::string&) { return juju::SecretValue("a password that is not stored"); })
                                       .visit_url([](const std::string&) {})
                                       .public_dns_name("juju.example.com")
                                       .insecure_skip_verification(true)
                                       .proxy("http://127.0.0.1:1")
                                       .max_request_size(4096));
        } catch (const juju::Error& e) {
            error = e;
        }
        EXPECT_TRUE(error && error->code() == errc::invalid_argument);
    });
}

TEST_F(CallSites, ManagerCallsInline)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        const auto granted = co_await model.secrets_manager().grant("my-apitoken", {"ubuntu", "nosuch"});
        const auto revoked = co_await model.secrets_manager().revoke("my-apitoken", "ubuntu");
        const auto made =
            co_await model.secrets_manager().create(std::vector<juju::SecretDraft>(1, juju::SecretDraft("made", {"key=value"})));

        EXPECT_EQ(granted.failed(), 1U);
        EXPECT_TRUE(granted.at(0).ok());
        EXPECT_TRUE(revoked.ok());
        EXPECT_TRUE(made.ok());
    });
}

// Awaitables kept for later.

TEST_F(CallSites, AwaitableAwaitedLater)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        auto listing = model.list_secrets(juju::SecretFilter().name("my-apitoken"));
        auto adding = model.add_secret("later", {"key=value"}, "info");
        EXPECT_FALSE(mock.secret("later").has_value());
        co_await std::move(adding);
        const auto secrets = co_await std::move(listing);

        EXPECT_EQ(secrets.size(), 1U);
        EXPECT_TRUE(mock.secret("later").has_value());
    });
}

TEST_F(CallSites, AwaitableNeverAwaitedDoesNothing)
{
    run([&]() -> awaitable<void> {
        auto model = co_await connected();

        {
            const auto unused = model.add_secret("never", {"key=value"});
            const auto listing = model.list_secrets(juju::SecretFilter().name("x"));
            const auto limited = juju::with_timeout(1s, model.get_secret("x"));
        }

        EXPECT_FALSE(mock.secret("never").has_value());
    });
}

TEST_F(CallSites, CallsSideBySide)
{
    run([&]() -> awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        auto model = co_await with_token();

        const auto [secrets, secret, uri] =
            co_await (model.list_secrets() && model.get_secret("my-apitoken") && model.add_secret("third", {"key=value"}));

        EXPECT_GE(secrets.size(), 2U);
        EXPECT_EQ(secret.label(), "my-apitoken");
        EXPECT_EQ(uri.id(), mock.secret("third")->id);
    });
}

TEST_F(CallSites, DeadlinesAroundEveryKindOfCall)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();

        const auto uri = co_await juju::with_timeout(10s, model.add_secret("limited", {"key=value", "key2=" + std::string(50, 'x')}));
        co_await juju::with_timeout(10s, model.update_secret(uri, juju::SecretUpdate().data({"key=n3w"})));
        co_await juju::with_timeout(10'000ms, juju::with_timeout(1min, model.grant_secret(uri, {"ubuntu", "gitlab"})));
        EXPECT_EQ((co_await juju::with_timeout(10s, model.reveal_secret(uri))).content().at("key").text(), "n3w");

        EXPECT_THROW(co_await juju::with_timeout(0s, model.list_secrets()), juju::Error);
        EXPECT_EQ((co_await model.list_secrets()).size(), 3U);
    });
}

// Errors.

TEST_F(CallSites, ExceptionsThrownWhileArgumentsAreMade)
{
    const std::string name = "a name that is too long for the small buffer of a string";
    run([&]() -> awaitable<void> {
        auto model = co_await connected();
        const auto requests = mock.total_requests();

        EXPECT_THROW(co_await model.add_secret(name + "-1", {"Bad Key=value"}), juju::Error);
        EXPECT_THROW(co_await model.add_secret(name + "-1", {"key=value", std::string("Bad=") + name}, "info of " + name), juju::Error);
        EXPECT_THROW(co_await model.add_secret(name + "-1", {"key=value", "key#base64=?"}), juju::Error);
        EXPECT_THROW(co_await model.add_secret(name, juju::SecretContent::from_file("missing.yaml"), "info of " + name), juju::Error);
        EXPECT_THROW(co_await model.update_secret(name + "-1", juju::SecretUpdate().data({"key=value"}).file("missing.yaml")), juju::Error);
        EXPECT_THROW(co_await model.grant_secret("", {name, "ubuntu"}), juju::Error);
        EXPECT_THROW(co_await model.remove_secret(juju::SecretUri()), juju::Error);
        EXPECT_THROW(co_await model.list_secrets(juju::SecretFilter().name(name).uri(juju::SecretUri::parse(name))), juju::Error);
        EXPECT_THROW(co_await juju::with_timeout(1s, model.add_secret(name, {"key=value", "nonsense"})), juju::Error);

        EXPECT_EQ(mock.total_requests(), requests);
        EXPECT_TRUE(model.is_connected());
    });
}

TEST_F(CallSites, ExceptionsThrownByTheCall)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        std::vector<std::string> texts;

        try {
            co_await model.grant_secret("my-apitoken", {"ubuntu", std::string("no") + "such"});
        } catch (const juju::Error& error) {
            texts.push_back(error.items().at(1).subject());
        }
        try {
            co_await model.add_secret("my-apitoken", {"token=x", std::string("key=") + std::string(100, 'y')});
        } catch (const boost::system::system_error& error) {
            texts.push_back(error.code().message());
        }
        try {
            co_await model.remove_secret("my-apitoken", 0);
        } catch (const std::exception& error) {
            texts.emplace_back(error.what());
        }

        EXPECT_EQ(texts.size(), 3U);
        EXPECT_EQ(texts.at(0), "nosuch");
        EXPECT_EQ(mock.secret("my-apitoken")->revisions.size(), 2U);
    });
}

TEST_F(CallSites, LimitsAsLongAsTheyCanBe)
{
    run([&]() -> awaitable<void> {
        juju::Model model(co_await asio::this_coro::executor);
        constexpr auto longest = std::chrono::milliseconds::max();

        co_await model.connect(mock.connect_options().connect_timeout(longest).call_timeout(longest).ping_interval(longest));
        const auto secrets = co_await juju::with_timeout(std::chrono::nanoseconds::max(), model.list_secrets());

        EXPECT_EQ(secrets.size(), 1U);
    });
}

TEST_F(CallSites, CancelledConnectThrowsAnError)
{
    // Wherever the cancellation comes.
    for (int steps = 0; steps < 40; ++steps) {
        asio::io_context context;
        juju::Model model(context.get_executor());
        asio::cancellation_signal signal;
        std::exception_ptr error;
        bool ended = false;
        auto finish = [&](std::exception_ptr e) {
            error = e;
            ended = true;
        };
        asio::co_spawn(context, model.connect(mock.connect_options()), asio::bind_cancellation_slot(signal.slot(), finish));
        for (int i = 0; i < steps && !ended; ++i)
            context.run_one_for(support::overall_limit);
        signal.emit(asio::cancellation_type::terminal);
        context.restart();
        while (!ended && context.run_one_for(support::overall_limit) != 0) {
        }
        ASSERT_TRUE(ended) << "after " << steps << " steps";
        if (!error)
            continue;
        EXPECT_THROW(std::rethrow_exception(error), juju::Error) << "after " << steps << " steps";
    }
}

// Other ways to start a call.

TEST_F(CallSites, SpawnedWithATupleOfTheOutcome)
{
    run([&]() -> awaitable<void> {
        auto model = co_await with_token();
        const auto executor = co_await asio::this_coro::executor;

        auto [error, secrets] = co_await asio::co_spawn(executor, model.list_secrets(), asio::as_tuple(asio::use_awaitable));
        auto outcome = co_await asio::co_spawn(executor, model.get_secret("nosuch"), asio::as_tuple(asio::use_awaitable));

        EXPECT_FALSE(error);
        EXPECT_EQ(secrets.size(), 2U);
        EXPECT_TRUE(std::get<0>(outcome));
    });
}

TEST_F(CallSites, SpawnedOnAStrand)
{
    asio::io_context context;
    const auto strand = asio::make_strand(context);
    juju::Model model(strand);
    auto body = [&]() -> awaitable<std::size_t> {
        co_await model.connect(mock.connect_options());
        co_await model.add_secret("on-a-strand", {"key=value"});
        EXPECT_TRUE(strand.running_in_this_thread());
        const auto secrets = co_await model.list_secrets();
        co_await model.disconnect();
        co_return secrets.size();
    };

    auto future = asio::co_spawn(strand, body(), asio::use_future);
    context.run_for(support::overall_limit);

    ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
    EXPECT_EQ(future.get(), 2U);
}

TEST_F(CallSites, SpawnedOnAThreadPool)
{
    asio::thread_pool pool(4);
    juju::Model model(pool.get_executor());
    auto add = [](juju::Model& into, int number) -> awaitable<bool> {
        const auto name = "secret-" + std::to_string(number);
        const auto uri = co_await into.add_secret(name, {"key=" + name}, "number " + std::to_string(number));
        co_await into.grant_secret(uri, {"ubuntu", "gitlab"});
        co_return (co_await into.reveal_secret(uri)).content().at("key").text() == name;
    };
    asio::co_spawn(pool, model.connect(mock.connect_options()), asio::use_future).get();

    std::vector<std::future<bool>> futures;
    for (int i = 0; i < 40; ++i)
        futures.push_back(asio::co_spawn(pool, add(model, i), asio::use_future));

    for (auto& future : futures)
        EXPECT_TRUE(future.get());
    asio::co_spawn(pool, model.disconnect(), asio::use_future).get();
    pool.join();
}

TEST_F(CallSites, TwoModelsAtOnce)
{
    const juju::MockController other(juju::MockOptions().profile(juju::MockProfile::juju_3_6));
    run([&]() -> awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        const auto executor = co_await asio::this_coro::executor;
        juju::Model here(executor);
        juju::Model there(executor);

        co_await (here.connect(mock.connect_options()) && there.connect(other.connect_options()));
        co_await (here.add_secret("here", {"key=value"}) && there.add_secret("there", {"key=value"}));
        co_await there.add_secret("copy", (co_await here.reveal_secret("here")).content());

        EXPECT_TRUE(mock.secret("here").has_value());
        EXPECT_FALSE(mock.secret("there").has_value());
        EXPECT_EQ(other.secrets().size(), 2U);
    });
}

TEST_F(CallSites, ModelsKeptAndMoved)
{
    run([&]() -> awaitable<void> {
        std::vector<juju::Model> models;
        models.push_back(co_await with_token());
        models.push_back(co_await connected());
        auto model = std::make_unique<juju::Model>(std::move(models.front()));

        EXPECT_EQ((co_await model->list_secrets()).size(), 2U);
        models.front() = std::move(*model);
        EXPECT_EQ((co_await models.at(0).list_secrets()).size(), 2U);
        EXPECT_EQ((co_await models.at(1).list_secrets()).size(), 2U);
        models.clear();
    });
}
