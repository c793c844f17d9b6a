// The calls without coroutines: what they give, from which threads, and how they end.

#include "support/client.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <csignal>
#include <functional>
#include <future>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <type_traits>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::Client;

static_assert(std::is_nothrow_move_constructible_v<BlockingModel> && std::is_nothrow_move_assignable_v<BlockingModel>);
static_assert(!std::is_copy_constructible_v<BlockingModel>);

// A coroutine in the place of a plain function would never run, so it is refused.
using CoroutineBody = boost::asio::awaitable<void> (*)(const SecretUri&);
using CoroutineCheck = boost::asio::awaitable<bool> (*)();
static_assert(!std::is_constructible_v<BlockingRotateCheck, CoroutineCheck>);
static_assert(std::is_constructible_v<BlockingRotateCheck, bool (*)()> && std::is_constructible_v<BlockingRotateCheck, void (*)()>);
static_assert(std::is_constructible_v<BlockingRotateCheck, bool (*)(const Secret&)>);
static_assert(std::is_constructible_v<BlockingRotateCheck, void (*)(const SecretUri&)>);
template <class Body>
concept TakenByWithSecret = requires(BlockingModel& model, Body body) { with_secret(model, "name", {"token=1"}, "gitlab", body); };
static_assert(!TakenByWithSecret<CoroutineBody>);
static_assert(TakenByWithSecret<void (*)()> && TakenByWithSecret<int (*)(const SecretUri&)>);

std::string describe(bool value)
{
    return value ? "true" : "false";
}

std::string describe(const std::string& text)
{
    return text;
}

std::string describe(const SecretUri& uri)
{
    return uri.str();
}

std::string describe(const std::vector<std::string>& names)
{
    std::string text;
    for (const auto& name : names)
        text += name + ",";
    return text;
}

std::string describe(const std::optional<bool>& value)
{
    return value ? describe(*value) : "not known";
}

std::string describe(const Error& error)
{
    std::ostringstream text;
    text << "error " << error.code() << ": " << error.what() << " (" << error.request() << '|' << error.server_code() << '|'
         << error.server_message() << '|' << error.server_info() << '|' << static_cast<int>(error.outcome()) << '|'
         << error.connection_usable() << ')';
    for (const auto& item : error.items())
        text << " [" << item.subject() << ": " << (item.ok() ? "ok" : describe(*item.error())) << ']';
    return text.str();
}

std::string describe(const Secret& secret)
{
    std::ostringstream text;
    text << secret.uri().str() << ' ' << secret.name() << '|' << secret.label() << '|' << secret.info() << '|' << secret.owner() << '|'
         << secret.latest_revision() << '|' << secret.checksum() << '|' << secret.rotate_policy() << '|'
         << secret.create_time().time_since_epoch().count() << '|' << secret.update_time().time_since_epoch().count();
    for (const auto& revision : secret.revisions())
        text << " r" << revision.number() << '@' << revision.backend();
    for (const auto& access : secret.access())
        text << ' ' << access.target() << '/' << access.scope() << '/' << access.role();
    if (secret.content_error())
        text << ' ' << describe(*secret.content_error());
    if (secret.has_content()) {
        for (const auto& [key, value] : secret.content())
            text << ' ' << key << '=' << value.text();
    }
    return text.str();
}

std::string describe(const std::vector<Secret>& secrets)
{
    std::string text;
    for (const auto& secret : secrets)
        text += describe(secret) + '\n';
    return text;
}

std::string describe(const EnsureResult& result)
{
    return std::to_string(static_cast<int>(result.action())) + ' ' + result.uri().str() + " +" + describe(result.granted()) + " -" +
           describe(result.revoked());
}

std::string describe(const RotateResult& result)
{
    std::ostringstream text;
    const auto number = [](const std::optional<int>& revision) { return revision ? std::to_string(*revision) : ""; };
    text << "state " << static_cast<int>(result.state()) << " of " << result.uri().str() << ' ' << result.old_revision() << "->"
         << number(result.new_revision()) << "->" << number(result.restored_revision()) << (result.pruned() ? " pruned" : "");
    if (result.error())
        text << ' ' << describe(*result.error());
    try {
        if (result.check_error())
            std::rethrow_exception(result.check_error());
    } catch (const std::exception& error) {
        text << " check threw " << error.what();
    }
    return text.str();
}

std::string describe(const std::vector<SecretChange>& changes)
{
    std::string text;
    for (const auto& change : changes)
        text += std::to_string(static_cast<int>(change.kind())) + ' ' + describe(change.secret()) + '\n';
    return text;
}

std::string describe(const std::vector<SecretBackend>& backends)
{
    std::string text;
    for (const auto& backend : backends)
        text += backend.id() + ' ' + backend.name() + ' ' + backend.type() + ' ' + backend.status() + '\n';
    return text;
}

std::string describe(const std::map<std::string, std::vector<int>>& facades)
{
    std::string text;
    for (const auto& [name, versions] : facades) {
        text += name;
        for (const int version : versions)
            text += ' ' + std::to_string(version);
        text += '\n';
    }
    return text;
}

template <class T>
std::string describe(const Outcomes<T>& outcomes)
{
    std::string text;
    for (const auto& outcome : outcomes) {
        text += outcome.subject() + ": ";
        if (!outcome.ok())
            text += describe(*outcome.error());
        else if constexpr (std::is_void_v<T>)
            text += "ok";
        else
            text += describe(outcome.value());
        text += '\n';
    }
    return text;
}

/// What a call gives or throws, as text.
template <class Call>
std::string end_of(Call call)
{
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Call&>>) {
            call();
            return "returned";
        } else {
            return describe(call());
        }
    } catch (const Error& error) {
        return describe(error);
    }
}

/// The error that a call ends with; the test fails when it succeeds.
template <class Call>
Error error_of(Call call)
{
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "the call did not fail";
    throw std::logic_error("the call did not fail");
}

/// Ends a model while another thread is in a call, and gives the error of that.
Error error_of_destroyed(MockController& mock, std::optional<BlockingModel>& model, std::size_t requests,
                         const std::function<void(BlockingModel&)>& call)
{
    auto ended = std::async(std::launch::async, [&] { return error_of([&] { call(*model); }); });
    while (mock.total_requests() < requests)
        std::this_thread::sleep_for(1ms);
    model.reset();
    return ended.get();
}

MockOptions options_of(MockProfile profile)
{
    return MockOptions()
        .profile(profile)
        .applications({"gitlab", "mysql", "postgresql"})
        .state_yaml("clock: 2026-03-02T10:20:00.5Z\n"
                    "controller_uuid: c0ffee00-1111-4222-8333-444444444444\n"
                    "model: {uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d, name: testmodel, owner: admin}\n"
                    "users: [{name: admin, password: s3cret, access: admin}]\n"
                    "next_ids: [9m4e2mr0ui3e8a215n4g, coj8mulh8b41e8nv6p90, cvq3k8t0fr6s73c1l9ag, d0a1b2c3d4e5f6g7h8i0,\n"
                    "  d0a1b2c3d4e5f6g7h8ig, d0a1b2c3d4e5f6g7h8j0, d0a1b2c3d4e5f6g7h8jg, d0a1b2c3d4e5f6g7h8k0]\n");
}

MockSecretBackend backend()
{
    MockSecretBackend vault("myvault");
    vault.id = "6763e0b1d5e7ce6ff0a3a3b6";
    vault.config = {{"endpoint", "http://vault"}};
    return vault;
}

/// Limits that no test can wait for: what hangs is seen by the limit of the test itself.
ConnectOptions patient(ConnectOptions options)
{
    return options.connect_timeout(1h).call_timeout(1h).ping_interval(1h);
}

class ProfileTest : public testing::TestWithParam<MockProfile> {};

/// Two controllers in the same state: one is told by a Model, the other by a BlockingModel.
class SameAsAwaitedTest : public ProfileTest {
protected:
    SameAsAwaitedTest() : awaited(options_of(GetParam())), mock(options_of(GetParam()).state_yaml(awaited.mock.state_yaml()))
    {
        awaited.connect();
        plain.connect(mock.connect_options());
    }

    ~SameAsAwaitedTest() override
    {
        EXPECT_EQ(sent(mock), sent(awaited.mock)) << "the requests on the wire";
        EXPECT_EQ(mock.state_yaml(), awaited.mock.state_yaml()) << "the state of the controllers";
    }

    /// Makes a call on both, and expects the same end of it.
    template <class T, class Call>
    void expect_same(boost::asio::awaitable<T> call, Call plain_call)
    {
        const std::string expected = end_of([&] { return awaited.run(std::move(call)); });
        EXPECT_EQ(end_of(plain_call), expected);
        ends.push_back(expected);
    }

    static std::vector<std::string> sent(const MockController& controller)
    {
        std::vector<std::string> texts;
        for (const auto& message : controller.transcript()) {
            if (message.direction == MockDirection::from_client)
                texts.push_back(message.text);
        }
        return texts;
    }

    Client awaited;
    MockController mock;
    BlockingModel plain;
    std::vector<std::string> ends; ///< What the calls ended with.
};

/// A BlockingModel that is connected to a controller of its own.
class BlockingTest : public ProfileTest {
protected:
    BlockingTest() : mock(options_of(GetParam())) { plain.connect(patient(mock.connect_options())); }

    MockController mock;
    BlockingModel plain;
};

const auto profiles = testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0);
INSTANTIATE_TEST_SUITE_P(Profiles, SameAsAwaitedTest, profiles, test::profile_name);
INSTANTIATE_TEST_SUITE_P(Profiles, BlockingTest, profiles, test::profile_name);

TEST_P(SameAsAwaitedTest, TheSixCalls)
{
    Model& model = awaited.model;
    EXPECT_TRUE(plain.is_connected());
    expect_same(model.add_secret("my-apitoken", {"token=34ae35facd4"}),
                [&] { return plain.add_secret("my-apitoken", {"token=34ae35facd4"}); });
    EXPECT_EQ(ends.back(), "secret:9m4e2mr0ui3e8a215n4g");
    expect_same(model.add_secret("db", {"user=root", "password=s3cret"}, "my database"), [&] {
        return plain.add_secret("db", {"user=root", "password=s3cret"}, "my database");
    });
    expect_same(model.grant_secret("my-apitoken", {"mysql", "gitlab"}), [&] { plain.grant_secret("my-apitoken", {"mysql", "gitlab"}); });
    expect_same(model.grant_secret("db", "gitlab"), [&] { plain.grant_secret("db", "gitlab"); });
    expect_same(model.revoke_secret("my-apitoken", "mysql"), [&] { plain.revoke_secret("my-apitoken", "mysql"); });
    expect_same(model.update_secret("my-apitoken", SecretUpdate().data({"token=n3w"}).info("rotated")),
                [&] { plain.update_secret("my-apitoken", SecretUpdate().data({"token=n3w"}).info("rotated")); });
    expect_same(model.list_secrets(), [&] { return plain.list_secrets(); });
    EXPECT_NE(ends.back().find("9m4e2mr0ui3e8a215n4g my-apitoken|my-apitoken|rotated|"), std::string::npos) << ends.back();
    expect_same(model.list_secrets(SecretFilter().name("db").show_secrets(true)),
                [&] { return plain.list_secrets(SecretFilter().name("db").show_secrets(true)); });
    expect_same(model.get_secret("db"), [&] { return plain.get_secret("db"); });
    expect_same(model.reveal_secret("my-apitoken"), [&] { return plain.reveal_secret("my-apitoken"); });
    EXPECT_NE(ends.back().find(" token=n3w"), std::string::npos) << ends.back();
    expect_same(model.reveal_secret("my-apitoken", 1), [&] { return plain.reveal_secret("my-apitoken", 1); });
    EXPECT_NE(ends.back().find(" token=34ae35facd4"), std::string::npos) << ends.back();
    expect_same(model.remove_secret("my-apitoken", 1), [&] { plain.remove_secret("my-apitoken", 1); });
    expect_same(model.remove_secret("my-apitoken"), [&] { plain.remove_secret("my-apitoken"); });
    EXPECT_EQ(ends.back(), "returned");
    expect_same(model.disconnect(), [&] { plain.disconnect(); });
    EXPECT_FALSE(plain.is_connected());
    EXPECT_EQ(mock.secrets().size(), 1U);
}

TEST_P(SameAsAwaitedTest, EnsureAndCompare)
{
    Model& model = awaited.model;
    const auto options = EnsureOptions().info("database").grant("gitlab").auto_prune(true);
    expect_same(model.ensure_secret("db", {"password=1"}), [&] { return plain.ensure_secret("db", {"password=1"}); });
    EXPECT_EQ(ends.back(), "0 secret:9m4e2mr0ui3e8a215n4g + -");
    expect_same(model.ensure_secret("db", {"password=2"}, options), [&] { return plain.ensure_secret("db", {"password=2"}, options); });
    EXPECT_EQ(ends.back(), "1 secret:9m4e2mr0ui3e8a215n4g +gitlab, -");
    expect_same(model.secret_matches("db", {"password=2"}), [&] { return plain.secret_matches("db", {"password=2"}); });
    EXPECT_EQ(ends.back(), "true");
    expect_same(model.secret_matches("db", {"password=1"}), [&] { return plain.secret_matches("db", {"password=1"}); });
    EXPECT_EQ(ends.back(), "false");
}

TEST_P(SameAsAwaitedTest, TheCallsOnSeveralSecrets)
{
    auto& manager = awaited.model.secrets_manager();
    auto& plain_manager = plain.secrets_manager();
    std::vector<SecretDraft> drafts;
    drafts.emplace_back("one", SecretContent({"token=1"}));
    drafts.emplace_back("two", SecretContent({"token=2"}));
    expect_same(manager.create(drafts), [&] { return plain_manager.create(drafts); });
    EXPECT_EQ(ends.back(), "one: secret:9m4e2mr0ui3e8a215n4g\ntwo: secret:coj8mulh8b41e8nv6p90\n");
    expect_same(manager.create(drafts), [&] { return plain_manager.create(drafts); });
    EXPECT_NE(ends.back().find("already exists"), std::string::npos) << ends.back();
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    updates.emplace_back("one", SecretUpdate().info("first"));
    updates.emplace_back("nosuch", SecretUpdate().info("none"));
    expect_same(manager.update(updates), [&] { return plain_manager.update(updates); });
    expect_same(manager.grant("one", {"gitlab", "nosuch"}), [&] { return plain_manager.grant("one", {"gitlab", "nosuch"}); });
    expect_same(manager.revoke("one", "gitlab"), [&] { return plain_manager.revoke("one", "gitlab"); });
    expect_same(manager.list(), [&] { return plain_manager.list(); });
    expect_same(manager.list(SecretFilter().name("two")), [&] { return plain_manager.list(SecretFilter().name("two")); });
    std::vector<SecretRemoval> removals;
    removals.push_back(SecretRemoval::all("one"));
    removals.push_back(SecretRemoval::all("nosuch"));
    expect_same(manager.remove(removals), [&] { return plain_manager.remove(removals); });
    EXPECT_EQ(mock.secrets().size(), 1U);
}

TEST_P(SameAsAwaitedTest, AnyFacade)
{
    Model& model = awaited.model;
    expect_same(model.call("Pinger", "Ping"), [&] { return plain.call("Pinger", "Ping"); });
    expect_same(model.call("Secrets", 2, "ListSecrets", R"({"show-secrets":false,"filter":{}})"),
                [&] { return plain.call("Secrets", 2, "ListSecrets", R"({"show-secrets":false,"filter":{}})"); });
    EXPECT_EQ(ends.back(), R"({"results":[]})");
    expect_same(model.call("NoSuch", "Method"), [&] { return plain.call("NoSuch", "Method"); });
    EXPECT_EQ(describe(plain.facades()), describe(model.facades()));
    EXPECT_NE(describe(plain.facades()).find("Secrets 1 2\n"), std::string::npos);
}

TEST_P(SameAsAwaitedTest, Errors)
{
    Model& model = awaited.model;
    const auto fault = [&](const MockFault& what) {
        awaited.mock.add_fault(what);
        mock.add_fault(what);
    };
    expect_same(model.add_secret("my-apitoken", {"token=1"}), [&] { return plain.add_secret("my-apitoken", {"token=1"}); });
    expect_same(model.add_secret("my-apitoken", {"token=1"}), [&] { return plain.add_secret("my-apitoken", {"token=1"}); });
    EXPECT_NE(ends.back().find("already exists"), std::string::npos) << ends.back();
    expect_same(model.grant_secret("my-apitoken", {"gitlab", "nosuch", "mysql"}), [&] {
        plain.grant_secret("my-apitoken", {"gitlab", "nosuch", "mysql"});
    });
    EXPECT_NE(ends.back().find("[mysql: ok]"), std::string::npos) << ends.back();
    expect_same(model.reveal_secret("nosuch"), [&] { return plain.reveal_secret("nosuch"); });
    expect_same(model.remove_secret("my-apitoken", 0), [&] { plain.remove_secret("my-apitoken", 0); });
    expect_same(model.update_secret("my-apitoken", SecretUpdate()), [&] { plain.update_secret("my-apitoken", SecretUpdate()); });
    fault(MockFault(MockFaultKind::error).method("ListSecrets").text("line one\nline two").code("quota limit exceeded"));
    expect_same(model.list_secrets(), [&] { return plain.list_secrets(); });
    fault(MockFault(MockFaultKind::reply).method("ListSecrets").text(R"({"request-id":$ID,"response":{"results":{}}})"));
    expect_same(model.list_secrets(), [&] { return plain.list_secrets(); });
    fault(MockFault(MockFaultKind::websocket_close).method("CreateSecrets"));
    expect_same(model.add_secret("other", {"token=1"}), [&] { return plain.add_secret("other", {"token=1"}); });
    EXPECT_NE(ends.back().find("|2|0)"), std::string::npos) << "outcome unknown, connection gone: " << ends.back();
    EXPECT_FALSE(plain.is_connected());
    fault(MockFault(MockFaultKind::websocket_close).method("ListSecrets"));
    expect_same(model.list_secrets(), [&] { return plain.list_secrets(); });
    EXPECT_TRUE(plain.is_connected()) << "again, and once more";

    expect_same(model.connect(awaited.mock.connect_options().password("wrong")),
                [&] { plain.connect(mock.connect_options().password("wrong")); });
    const auto nobody = ConnectOptions().endpoint("127.0.0.1:1");
    expect_same(model.connect(nobody), [&] { plain.connect(nobody); });
    expect_same(model.connect(awaited.mock.connect_options().call_timeout(100ms)),
                [&] { plain.connect(mock.connect_options().call_timeout(100ms)); });
    fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));
    expect_same(model.list_secrets(), [&] { return plain.list_secrets(); });
    EXPECT_NE(ends.back().find("no answer within 100 ms"), std::string::npos) << ends.back();
}

TEST_P(SameAsAwaitedTest, Backends)
{
    Model& model = awaited.model;
    awaited.mock.add_secret_backend(backend());
    mock.add_secret_backend(backend());
    expect_same(model.get_secret_backend(), [&] { return plain.get_secret_backend(); });
    EXPECT_EQ(ends.back(), "auto");
    expect_same(model.set_secret_backend("myvault"), [&] { plain.set_secret_backend("myvault"); });
    expect_same(model.get_secret_backend(), [&] { return plain.get_secret_backend(); });
    EXPECT_EQ(ends.back(), "myvault");
    expect_same(model.set_secret_backend("nosuch"), [&] { plain.set_secret_backend("nosuch"); });
    EXPECT_NE(ends.back().find("nosuch"), std::string::npos) << ends.back();
}

TEST_P(SameAsAwaitedTest, TheControllersOwnCalls)
{
    Controller controller(awaited.context.get_executor());
    BlockingController plain_controller;
    expect_same(controller.list_secret_backends(), [&] { return plain_controller.list_secret_backends(); });
    EXPECT_FALSE(plain_controller.is_connected());
    expect_same(controller.connect(awaited.mock.connect_options()), [&] { plain_controller.connect(mock.connect_options()); });
    EXPECT_TRUE(plain_controller.is_connected());
    const SecretBackendDraft draft("myvault", "vault", SecretBackendConfig().set("endpoint", "http://vault").set("token", "t0ken"));
    const SecretBackendDraft with_id = SecretBackendDraft(draft).id("6763e0b1d5e7ce6ff0a3a3b6");
    expect_same(controller.add_secret_backend(with_id), [&] { plain_controller.add_secret_backend(with_id); });
    expect_same(controller.add_secret_backend(draft), [&] { plain_controller.add_secret_backend(draft); });
    EXPECT_NE(ends.back().find("already exists"), std::string::npos) << ends.back();
    const auto update = SecretBackendUpdate().new_name("renamed");
    expect_same(controller.update_secret_backend("myvault", update), [&] { plain_controller.update_secret_backend("myvault", update); });
    expect_same(controller.list_secret_backends(), [&] { return plain_controller.list_secret_backends(); });
    EXPECT_NE(ends.back().find("renamed"), std::string::npos) << ends.back();
    expect_same(controller.remove_secret_backend("renamed"), [&] { plain_controller.remove_secret_backend("renamed"); });
    expect_same(controller.remove_secret_backend("internal", true), [&] { plain_controller.remove_secret_backend("internal", true); });
    expect_same(controller.call("Pinger", "Ping"), [&] { return plain_controller.call("Pinger", "Ping"); });
    expect_same(controller.call("Pinger", 1, "Ping"), [&] { return plain_controller.call("Pinger", 1, "Ping"); });
    EXPECT_EQ(describe(plain_controller.facades()), describe(controller.facades()));
    BlockingController moved(std::move(plain_controller));
    expect_same(controller.disconnect(), [&] { moved.disconnect(); });
    EXPECT_FALSE(moved.is_connected());
}

TEST_P(SameAsAwaitedTest, Rotation)
{
    Model& model = awaited.model;
    const auto passes = [](const Secret& secret) { return secret.latest_revision() == 2; };
    const auto fails = [](const SecretUri&) { return false; };
    const auto throws = [] { throw std::out_of_range("no such row"); };
    expect_same(model.add_secret("db", {"password=1"}), [&] { return plain.add_secret("db", {"password=1"}); });
    expect_same(model.rotate_secret("db", {"password=2"}, passes), [&] { return plain.rotate_secret("db", {"password=2"}, passes); });
    EXPECT_EQ(ends.back(), "state 0 of secret:9m4e2mr0ui3e8a215n4g 1->2-> pruned");
    expect_same(model.rotate_secret("db", {"password=3"}, fails), [&] { return plain.rotate_secret("db", {"password=3"}, fails); });
    expect_same(model.rotate_secret("db", {"password=4"}, throws, RotateOptions().prune(false)),
                [&] { return plain.rotate_secret("db", {"password=4"}, throws, RotateOptions().prune(false)); });
    EXPECT_NE(ends.back().find("check threw no such row"), std::string::npos) << ends.back();
    expect_same(model.rotate_secret("nosuch", {"password=1"}, passes),
                [&] { return plain.rotate_secret("nosuch", {"password=1"}, passes); });
    EXPECT_EQ(plain.reveal_secret("db").content().at("password").text(), "2");
    EXPECT_EQ(awaited.run(model.reveal_secret("db")).content().at("password").text(), "2");
}

TEST_P(SameAsAwaitedTest, WithSecret)
{
    Model& model = awaited.model;
    const auto id = [](const SecretUri& uri) { return uri.str(); };
    const auto id_later = [&](const SecretUri& uri) -> boost::asio::awaitable<std::string> { co_return id(uri); };
    const auto nothing = [] {};
    const auto nothing_later = []() -> boost::asio::awaitable<void> { co_return; };
    expect_same(with_secret(model, "job", {"token=1"}, {"gitlab", "mysql"}, id_later), [&] {
        return with_secret(plain, "job", {"token=1"}, {"gitlab", "mysql"}, id);
    });
    EXPECT_EQ(ends.back(), "secret:9m4e2mr0ui3e8a215n4g");
    expect_same(with_secret(model, "job", {"token=1"}, {}, nothing_later), [&] { with_secret(plain, "job", {"token=1"}, {}, nothing); });
    expect_same(with_secret(model, "job", {"token=1"}, "nosuch", nothing_later),
                [&] { with_secret(plain, "job", {"token=1"}, "nosuch", nothing); });
    EXPECT_TRUE(mock.secrets().empty());
    for (MockController* controller : {&awaited.mock, &mock})
        controller->add_fault(MockFault(MockFaultKind::error).method("RemoveSecrets").text("not now").code("try again"));
    expect_same(with_secret(model, "job", {"token=1"}, "gitlab", nothing_later),
                [&] { with_secret(plain, "job", {"token=1"}, "gitlab", nothing); });
    EXPECT_NE(ends.back().find("was left behind"), std::string::npos) << ends.back();
}

TEST_P(SameAsAwaitedTest, WatchingAndWaiting)
{
    Model& model = awaited.model;
    const auto options = WatchOptions().interval(1ms);
    SecretWatcher watcher = model.watch_secrets(options);
    BlockingSecretWatcher plain_watcher = plain.watch_secrets(options);
    expect_same(model.add_secret("db", {"password=1"}), [&] { return plain.add_secret("db", {"password=1"}); });
    expect_same(watcher.next(), [&] { return plain_watcher.next(); });
    EXPECT_EQ(ends.back().substr(0, 33), "0 secret:9m4e2mr0ui3e8a215n4g db|");
    const auto update = SecretUpdate().data({"password=2"}).auto_prune(true);
    expect_same(model.update_secret("db", update), [&] { plain.update_secret("db", update); });
    expect_same(model.wait_until_pruned("db"), [&] { plain.wait_until_pruned("db"); });
    expect_same(model.grant_secret("db", "gitlab"), [&] { plain.grant_secret("db", "gitlab"); });
    expect_same(watcher.next(), [&] { return plain_watcher.next(1h); });
    EXPECT_NE(ends.back().find("\n4 secret:"), std::string::npos) << ends.back();
    expect_same(model.wait_until_pruned("nosuch"), [&] { plain.wait_until_pruned("nosuch"); });
    EXPECT_NE(ends.back().find("not found"), std::string::npos) << ends.back();
    expect_same(model.remove_secret("db"), [&] { plain.remove_secret("db"); });
    expect_same(model.wait_until_removed("db"), [&] { plain.wait_until_removed("db"); });
    EXPECT_EQ(ends.back(), "returned");
    expect_same(watcher.next(), [&] { return plain_watcher.next(); });
    EXPECT_EQ(ends.back().substr(0, 9), "1 secret:");
    expect_same(model.watch_secrets(WatchOptions().interval(0ms)).next(),
                [&] { return plain.watch_secrets(WatchOptions().interval(0ms)).next(); });
    EXPECT_NE(ends.back().find("interval of 0 ms not valid"), std::string::npos) << ends.back();
}

TEST_P(BlockingTest, ReadsAsInTheGuide)
{
    const SecretUri uri = plain.add_secret("my-apitoken", {"token=34ae35facd4"});

    EXPECT_EQ(uri.str(), "secret:9m4e2mr0ui3e8a215n4g");
    EXPECT_EQ(mock.secret("my-apitoken")->revisions.at(0).data.at("token"), "MzRhZTM1ZmFjZDQ=");
    EXPECT_EQ(plain.reveal_secret(uri).content().at("token").text(), "34ae35facd4");
}

TEST_P(BlockingTest, EightThreadsShareOneModel)
{
    constexpr int threads = 8;
    constexpr int calls = 100;
    for (int i = 0; i < 10; ++i) {
        SecretContent content;
        content.set("number", std::to_string(i));
        plain.add_secret("secret-" + std::to_string(i), content);
    }
    std::atomic<int> right = 0;
    std::vector<std::thread> callers;
    for (int t = 0; t < threads; ++t) {
        callers.emplace_back([&, t] {
            for (int i = 0; i < calls; ++i) {
                const auto number = std::to_string((t + i) % 10);
                const auto secret = plain.reveal_secret("secret-" + number);
                right += secret.name() == "secret-" + number && secret.content().at("number").text() == number ? 1 : 0;
            }
        });
    }
    for (auto& caller : callers)
        caller.join();

    EXPECT_EQ(right, threads * calls);
    EXPECT_EQ(mock.total_connections(), 1U);
}

TEST_P(BlockingTest, CallsOfSeveralThreadsOverlap)
{
    mock.add_fault(MockFault(MockFaultKind::hold).method("ListSecrets"));

    // Its answer comes after the next one only.
    auto held = std::async(std::launch::async, [&] { return plain.list_secrets(); });
    while (mock.total_requests() < 2)
        std::this_thread::sleep_for(1ms);
    plain.add_secret("my-apitoken", {"token=1"});

    EXPECT_TRUE(held.get().empty());
}

TEST_P(BlockingTest, ACallInItsOwnThreadFailsAtOnce)
{
    BlockingModel other;
    const auto code_in = [&](BlockingModel& where, std::function<void()> call) {
        return where.run([call](Model&) -> boost::asio::awaitable<errc> {
            auto code = errc::server_error;
            try {
                call();
            } catch (const Error& error) {
                EXPECT_EQ(error.outcome(), Outcome::not_sent);
                code = static_cast<errc>(error.code().value());
            }
            co_return code;
        });
    };
    auto watcher = plain.watch_secrets();
    BlockingController controller;

    EXPECT_EQ(code_in(plain, [&] { plain.list_secrets(); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { plain.connect(mock.connect_options()); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { plain.disconnect(); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { plain.secrets_manager().list(); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { plain.run([](Model& model) { return model.list_secrets(); }); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { static_cast<void>(plain.rotate_secret("db", {"token=1"}, [] {})); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { with_secret(plain, "db", {"token=1"}, "gitlab", [] {}); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { watcher.next(); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { watcher.next(1s); }), errc::would_deadlock);
    EXPECT_EQ(code_in(plain, [&] { controller.call("Pinger", "Ping"); }), errc::would_deadlock);
    EXPECT_EQ(code_in(other, [&] { plain.list_secrets(); }), errc::would_deadlock) << "two models could wait for each other";

    EXPECT_TRUE(plain.is_connected());
    EXPECT_TRUE(plain.list_secrets().empty());
    EXPECT_EQ(mock.secrets().size(), 0U);
}

TEST_P(BlockingTest, ACallInALogSinkFailsAtOnce)
{
    std::atomic<int> refused = 0;
    std::atomic<bool> signals_blocked = false;
    set_log_sink(
        [&](LogLevel, std::string_view) {
            sigset_t blocked;
            pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
            signals_blocked = sigismember(&blocked, SIGTERM) == 1 && sigismember(&blocked, SIGSEGV) == 0;
            refused += error_of([&] { plain.list_secrets(); }).code() == errc::would_deadlock ? 1 : 0;
        },
        LogLevel::debug);

    EXPECT_TRUE(plain.list_secrets().empty());
    set_log_sink(nullptr);

    EXPECT_GT(refused, 0);
    EXPECT_TRUE(signals_blocked) << "signals are for the threads of the program";
    EXPECT_TRUE(plain.list_secrets().empty());
}

TEST_P(BlockingTest, RunGivesWhatTheCoroutineGives)
{
    plain.add_secret("my-apitoken", {"token=1"});
    const auto this_thread = std::this_thread::get_id();

    const auto secrets = plain.run([](Model& model) { return juju::with_timeout(1h, model.list_secrets()); });
    plain.run([](Model& model) { return model.remove_secret("my-apitoken"); });
    const bool elsewhere = plain.run([&](Model&) -> boost::asio::awaitable<bool> { co_return std::this_thread::get_id() != this_thread; });

    EXPECT_EQ(secrets.size(), 1U);
    EXPECT_TRUE(mock.secrets().empty());
    EXPECT_TRUE(elsewhere);
    EXPECT_THROW(plain.run([](Model&) -> boost::asio::awaitable<void> { throw std::out_of_range("of the program"); }), std::out_of_range);
}

TEST_P(BlockingTest, RunGivesACallItsOwnDeadline)
{
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));

    const auto error = error_of([&] { plain.run([](Model& model) { return juju::with_timeout(50ms, model.list_secrets()); }); });

    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_TRUE(plain.list_secrets().empty());
}

TEST_P(BlockingTest, CallablesRunInTheCallingThreadAndMayCallTheModel)
{
    plain.add_secret("db", {"password=1"});
    const auto this_thread = std::this_thread::get_id();
    int checked = 0;
    const auto check = [&](const SecretUri& uri) {
        EXPECT_EQ(std::this_thread::get_id(), this_thread);
        checked = plain.get_secret(uri).latest_revision();
        return plain.reveal_secret(uri).content().at("password").text() == "2";
    };
    const auto body = [&](const SecretUri& uri) {
        EXPECT_EQ(std::this_thread::get_id(), this_thread);
        plain.grant_secret(uri, "mysql");
        const auto nested = [&] { return plain.list_secrets().size(); };
        return with_secret(plain, "nested", {"token=2"}, "gitlab", nested);
    };

    EXPECT_TRUE(plain.rotate_secret("db", {"password=2"}, check).ok());
    EXPECT_EQ(checked, 2);
    EXPECT_EQ(with_secret(plain, "job", {"token=1"}, "gitlab", body), 3U);
    EXPECT_EQ(mock.secrets().size(), 1U);
}

TEST_P(BlockingTest, WhatCallablesThrowComesThroughUnchanged)
{
    struct Own : std::runtime_error {
        explicit Own(int number) : std::runtime_error("of the program"), value(number) {}
        int value;
    };
    plain.add_secret("db", {"password=1"});
    const auto throws = [] { throw Own(7); };
    const auto refused = [&] { plain.grant_secret("db", {"gitlab", "nosuch"}); };
    const auto value_of = [](const auto& call) {
        try {
            call();
        } catch (const Own& own) {
            return own.value;
        }
        return 0;
    };

    EXPECT_EQ(value_of([&] { with_secret(plain, "job", {"token=1"}, "gitlab", throws); }), 7);
    EXPECT_EQ(error_of([&] { with_secret(plain, "job", {"token=1"}, "gitlab", refused); }).items().size(), 2U);
    const auto result = plain.rotate_secret("db", {"password=2"}, throws);
    EXPECT_EQ(value_of([&] { std::rethrow_exception(result.check_error()); }), 7);
    EXPECT_EQ(mock.secrets().size(), 1U);

    mock.add_fault(MockFault(MockFaultKind::error).method("RemoveSecrets").text("not now").code("try again"));
    try {
        with_secret(plain, "job", {"token=1"}, "gitlab", throws);
        ADD_FAILURE() << "the secret was removed";
    } catch (const SecretLeftBehind& error) {
        EXPECT_EQ(error.name(), "job");
        EXPECT_EQ(error.uri().id(), mock.secret("job")->id);
        EXPECT_EQ(value_of([&] { std::rethrow_exception(error.body_error()); }), 7);
    }
}

TEST_P(BlockingTest, WithSecretGivesWhatItsBodyGives)
{
    const auto unique = [] { return std::make_unique<int>(5); };

    EXPECT_EQ(*with_secret(plain, "job", {"token=1"}, "gitlab", unique), 5);
}

TEST_P(BlockingTest, AWatcherGivesNothingAfterItsLimit)
{
    auto watcher = plain.watch_secrets(WatchOptions().interval(1ms));

    EXPECT_TRUE(watcher.next(20ms).empty());
    EXPECT_TRUE(watcher.next(0ms).empty());
    EXPECT_TRUE(watcher.next(std::chrono::milliseconds::min()).empty());

    plain.add_secret("db", {"password=1"});
    const auto changes = watcher.next(std::chrono::milliseconds::max());
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].secret().name(), "db");
}

TEST_P(BlockingTest, AListThatAWatcherHasBegunGoesOnAfterTheLimit)
{
    plain.add_secret("db", {"password=1"});
    mock.add_fault(MockFault(MockFaultKind::delay).method("ListSecrets").delay(100ms));
    auto watcher = plain.watch_secrets(WatchOptions().interval(1h));

    const auto early = watcher.next(1ms);
    const auto changes = early.empty() ? watcher.next() : early; // were the list cut off, the next one would come in an hour

    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].secret().name(), "db");
}

TEST_P(BlockingTest, AWatcherForgetsAFailureThatNobodyWaitedFor)
{
    plain.add_secret("db", {"password=1"});
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));
    auto watcher = plain.watch_secrets(WatchOptions().interval(1ms));
    EXPECT_TRUE(watcher.next(1ms).empty());
    while (mock.total_requests() < 3)
        std::this_thread::sleep_for(1ms);

    mock.drop_connections();
    while (plain.is_connected())
        std::this_thread::sleep_for(1ms);
    plain.connect(patient(mock.connect_options()));

    EXPECT_EQ(watcher.next().size(), 1U);
}

TEST_P(BlockingTest, AWatcherThrowsAFailureThatIsWaitedForAndGoesOn)
{
    plain.add_secret("db", {"password=1"});
    mock.add_fault(MockFault(MockFaultKind::error).method("ListSecrets").text("not now").code("try again"));
    auto watcher = plain.watch_secrets(WatchOptions().interval(1ms));

    EXPECT_EQ(error_of([&] { watcher.next(1h); }).code(), errc::try_again);
    EXPECT_EQ(watcher.next(1h).size(), 1U);
}

TEST_P(BlockingTest, AWatcherHasOneNextAtATime)
{
    plain.add_secret("db", {"password=1"});
    mock.add_fault(MockFault(MockFaultKind::hold).method("ListSecrets")); // until the next answer
    auto watcher = plain.watch_secrets(WatchOptions().interval(1ms));
    auto first = std::async(std::launch::async, [&] { return watcher.next(); });
    while (mock.total_requests() < 3)
        std::this_thread::sleep_for(1ms);

    EXPECT_EQ(error_of([&] { watcher.next(); }).code(), errc::invalid_argument);
    EXPECT_EQ(error_of([&] { watcher.next(1ms); }).code(), errc::invalid_argument);
    plain.get_secret_backend();

    EXPECT_EQ(first.get().size(), 1U);
}

TEST_P(BlockingTest, AWatcherMayOutliveItsModel)
{
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets").always());
    std::optional<BlockingModel> temporary(std::in_place);
    temporary->connect(patient(mock.connect_options()));
    auto watcher = temporary->watch_secrets();
    EXPECT_TRUE(watcher.next(1ms).empty());
    auto moved = std::move(watcher);
    watcher = temporary->watch_secrets();
    EXPECT_TRUE(watcher.next(1ms).empty());

    temporary.reset();

    EXPECT_EQ(error_of([&] { watcher.next(); }).code(), errc::not_connected);
    EXPECT_EQ(error_of([&] { moved.next(1h); }).code(), errc::not_connected);
    moved = std::move(watcher);
    EXPECT_EQ(mock.secrets().size(), 0U);
}

TEST_P(BlockingTest, ADestroyedWatcherAsksNoMore)
{
    const auto options = WatchOptions().interval(1ms);
    {
        auto watcher = plain.watch_secrets(options);
        EXPECT_TRUE(watcher.next(1ms).empty());
    }
    plain.get_secret_backend(); // the watcher ends before this is answered
    plain.get_secret_backend();
    const auto requests = mock.total_requests();
    auto other = plain.watch_secrets(WatchOptions(options).report_existing(false).interval(1h));
    EXPECT_TRUE(other.next(100ms).empty());

    EXPECT_LE(mock.total_requests(), requests + 1) << "one list of the other watcher";
}

TEST_P(BlockingTest, CancelsAWatcherOfAnotherThreadWhenDestroyed)
{
    std::optional<BlockingModel> temporary(std::in_place);
    temporary->connect(patient(mock.connect_options()));
    auto watcher = temporary->watch_secrets(WatchOptions().interval(1h));

    const auto error = error_of_destroyed(mock, temporary, 3, [&](BlockingModel&) { watcher.next(); });

    EXPECT_EQ(error.code(), errc::canceled) << error.what();
}

TEST_P(BlockingTest, WaitsNoLongerThanItsLimit)
{
    plain.add_secret("db", {"password=1"});

    const auto error = error_of([&] { plain.wait_until_removed("db", 50ms); });

    EXPECT_EQ(error.code(), errc::timed_out);
    EXPECT_NE(std::string(error.what()).find("50 ms"), std::string::npos) << error.what();
}

TEST_P(BlockingTest, MovesWithItsConnection)
{
    BlockingSecretsManager& manager = plain.secrets_manager();
    BlockingModel moved(std::move(plain));
    moved.add_secret("my-apitoken", {"token=1"});
    EXPECT_EQ(manager.list().size(), 1U);
    EXPECT_EQ(&moved.secrets_manager(), &manager);

    BlockingModel assigned;
    assigned = std::move(moved);

    EXPECT_TRUE(assigned.is_connected());
    EXPECT_EQ(assigned.list_secrets().size(), 1U);
    EXPECT_EQ(mock.total_connections(), 1U);
}

TEST_P(BlockingTest, AModelThatNeverConnectedEnds)
{
    const BlockingModel unused;
    EXPECT_FALSE(unused.is_connected());
}

TEST_P(BlockingTest, EndsTheConnectionWhenDestroyed)
{
    {
        BlockingModel temporary;
        temporary.connect(patient(mock.connect_options()));
        EXPECT_EQ(mock.connections(), 2U);
    }
    while (mock.connections() != 1)
        std::this_thread::sleep_for(1ms);
}

TEST_P(BlockingTest, EndsWithAControllerThatAnswersNoMore)
{
    mock.add_fault(MockFault(MockFaultKind::stall).method("ListSecrets"));
    BlockingModel temporary;
    temporary.connect(patient(mock.connect_options()));
    const auto list = [](Model& model) { return juju::with_timeout(50ms, model.list_secrets()); };

    EXPECT_EQ(error_of([&] { temporary.run(list); }).code(), errc::timed_out);
}

TEST_P(BlockingTest, EndsAfterAConnectThatTimedOut)
{
    for (const auto phase : {MockPhase::tls, MockPhase::upgrade, MockPhase::login}) {
        mock.add_fault(MockFault(MockFaultKind::stall).at(phase));
        BlockingModel temporary;

        const auto error = error_of([&] { temporary.connect(mock.connect_options().connect_timeout(300ms)); });

        EXPECT_EQ(error.code(), errc::timed_out) << error.what();
    }
}

TEST_P(BlockingTest, CancelsTheCallsOfOtherThreadsWhenDestroyed)
{
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));
    std::optional<BlockingModel> temporary(std::in_place);
    temporary->connect(patient(mock.connect_options()));

    const auto error = error_of_destroyed(mock, temporary, 3, [](BlockingModel& model) { model.list_secrets(); });

    EXPECT_EQ(error.code(), errc::canceled);
    EXPECT_EQ(error.outcome(), Outcome::unknown);
}

TEST_P(BlockingTest, CancelsTheConnectOfAnotherThreadWhenDestroyed)
{
    mock.add_fault(MockFault(MockFaultKind::stall).at(MockPhase::login));
    std::optional<BlockingModel> temporary(std::in_place);

    const auto error =
        error_of_destroyed(mock, temporary, 2, [&](BlockingModel& model) { model.connect(patient(mock.connect_options())); });

    EXPECT_EQ(error.code(), errc::canceled) << error.what();
}

TEST_P(BlockingTest, ASecretIsRemovedWhenTheModelIsDestroyedMeanwhile)
{
    std::optional<BlockingModel> temporary(std::in_place);
    temporary->connect(patient(mock.connect_options()));
    std::promise<void> begun;
    std::promise<void> destroying;
    const auto body = [&] {
        begun.set_value();
        destroying.get_future().wait();
    };

    auto ended = std::async(std::launch::async, [&] { with_secret(*temporary, "job", {"token=1"}, "gitlab", body); });
    begun.get_future().wait();
    auto destroyed = std::async(std::launch::async, [&] {
        destroying.set_value();
        temporary.reset();
    });

    EXPECT_NO_THROW(ended.get());
    destroyed.get();
    EXPECT_TRUE(mock.secrets().empty());
}

} // namespace
} // namespace juju
