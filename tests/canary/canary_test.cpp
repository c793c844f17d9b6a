// Every call with random markers for what is secret, through every kind of fault: no text that a user, an administrator or a bystander
// could see holds a marker, in any form.

#include "support/canary_search.hpp"
#include "support/client.hpp"
#include "support/store_directory.hpp"
#include "unit/mock_logins_support.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace juju {
namespace {

using canary::marker;
using canary::Search;
using test::Client;

TEST(CanarySearch, FindsEachForm)
{
    const std::string planted = "Zm9vLWJhci1iYXotcXV4-0aB";
    for (const auto& form : canary::forms(planted)) {
        Search search;
        search.add_marker(marker());
        search.add_marker(planted);
        EXPECT_FALSE(search.look_at("nothing"));
        EXPECT_TRUE(search.look_at("before " + form + " behind")) << form;
        EXPECT_EQ(search.summary(), "texts searched 2, hits 1");
    }
    for (const std::string before : {"", "a", "ab"}) {
        Search search;
        search.add_marker(planted);
        const SecretValue value(std::string_view(before + planted + "behind"));
        EXPECT_TRUE(search.look_at(value.base64().text())) << "in base64, wherever it begins";
    }
    EXPECT_EQ(canary::hex("AZ\xff", "0123456789abcdef"), "415aff");
}

/// What there is to be seen of one client with its controller.
class Seen {
public:
    Seen()
    {
        set_log_sink([this](LogLevel, std::string_view line) { look_at(line); }, LogLevel::debug);
    }
    ~Seen() { set_log_sink({}); }
    Seen(const Seen&) = delete;
    Seen& operator=(const Seen&) = delete;

    /// A new secret.
    std::string secret()
    {
        auto text = marker();
        search.add_marker(text);
        return text;
    }

    void look_at(std::string_view text) { EXPECT_FALSE(search.look_at(text)) << text; }

    void look_at(const Error& error)
    {
        for (const std::string_view text : {std::string_view(error.what()), std::string_view(error.server_message()),
                                            std::string_view(error.server_code()), std::string_view(error.server_info())})
            look_at(text);
        for (const auto& item : error.items()) {
            look_at(item.subject());
            if (item.error())
                look_at(*item.error());
        }
    }

    void look_at_process()
    {
        look_at(canary::file_text("/proc/self/cmdline"));
        look_at(canary::file_text("/proc/self/environ"));
    }

    /// What a controller writes to its audit log about logins: all but the credentials.
    void look_at_logins(const MockController& mock)
    {
        for (const auto& message : mock.transcript()) {
            if (message.direction != MockDirection::from_client || message.text.find(R"("type":"Admin")") == std::string::npos)
                continue;
            const auto login = nlohmann::json::parse(message.text);
            for (const char* const name : {"auth-tag", "user-data", "client-version", "cli-args"}) {
                if (login.at("params").contains(name))
                    look_at(login.at("params").at(name).dump());
            }
        }
    }

    Search search;
};

/// What goes wrong with the next request, or the next login.
std::vector<MockFault> faults(const std::string& hidden, MockPhase phase)
{
    using Kind = MockFaultKind;
    std::vector<MockFault> all;
    for (const auto kind :
         {Kind::reset, Kind::close, Kind::half_close, Kind::tls_goodbye, Kind::websocket_close, Kind::stall, Kind::withhold,
          Kind::duplicate, Kind::unknown_id, Kind::missing_id, Kind::garbage, Kind::wrong_opcode, Kind::masked})
        all.emplace_back(kind);
    all.push_back(MockFault(Kind::close_frame).number(1011).text("closed"));
    all.push_back(MockFault(Kind::wrong_type).text("response"));
    all.push_back(MockFault(Kind::nesting).number(20'000));
    all.push_back(MockFault(Kind::fragmented).number(7));
    all.push_back(MockFault(Kind::drop_bytes).number(20));
    all.push_back(MockFault(Kind::drop_messages).number(1));
    all.push_back(MockFault(Kind::slow_drip).number(64).delay(std::chrono::milliseconds(1)));
    all.push_back(MockFault(Kind::reset).after_applying());
    all.push_back(MockFault(Kind::truncate).number(40));
    all.push_back(MockFault(Kind::truncate).number(500));
    all.push_back(MockFault(Kind::oversize).number(200'000));
    all.push_back(MockFault(Kind::error).text("refused").code("not valid"));
    for (const auto& text :
         {hidden, '"' + hidden + '"', R"({"request-id":$ID,")" + hidden + R"(":1,"response":")" + hidden + "\"}",
          R"({"request-id":")" + hidden + "\"}", R"({"request-id":$ID,"response":{"results":[{"value":{"data":{"a":")" + hidden + "\"}}",
          R"({"request-id":$ID,"response":{"results":[{"result":")" + hidden + R"(","uri":")" + hidden + "\"}]}}",
          R"({"request-id":$ID,"response":{"results":{"value":")" + hidden + "\"}}} " + hidden,
          R"({"request-id":$ID,"response":{"results":[{"revisions":")" + hidden + R"(","latest-revision":")" + hidden + "\"}]}}"})
        all.push_back(MockFault(Kind::reply).text(text));
    if (phase == MockPhase::request)
        all.push_back(MockFault(Kind::item_error).text("refused").code("unauthorized access"));
    for (auto& fault : all)
        fault.at(phase);
    return all;
}

boost::asio::awaitable<void> nothing()
{
    co_return;
}

/// In a coroutine, since the watcher is to live as long as its `next`.
boost::asio::awaitable<void> watch(Model& model)
{
    auto watcher = model.watch_secrets(WatchOptions().interval(std::chrono::milliseconds(1)));
    auto next = watcher.next();
    co_await std::move(next);
}

class CanaryTest : public testing::TestWithParam<MockProfile> {
protected:
    using Call = std::function<void(Client&)>;

    static constexpr std::chrono::milliseconds limit{150};

    template <class T>
    static Call bounded(std::function<boost::asio::awaitable<T>(Client&)> call)
    {
        return [call](Client& client) { static_cast<void>(client.run(with_timeout(limit, call(client)))); };
    }

    static Call bounded(std::function<boost::asio::awaitable<void>(Client&)> call)
    {
        return [call](Client& client) { client.run(with_timeout(limit, call(client))); };
    }

    SecretContent content()
    {
        return SecretContent()
            .set("token", seen.secret())
            .set_base64("other", SecretValue(std::string_view(seen.secret())).base64().text());
    }

    std::map<std::string, Call> calls()
    {
        std::map<std::string, Call> all;
        all["add"] = bounded<SecretUri>([this](Client& c) { return c.model.add_secret("new", content()); });
        all["list"] = bounded<std::vector<Secret>>([](Client& c) { return c.model.list_secrets(SecretFilter().show_secrets(true)); });
        all["get"] = bounded<Secret>([](Client& c) { return c.model.get_secret("db"); });
        all["reveal"] = bounded<Secret>([](Client& c) { return c.model.reveal_secret("db"); });
        all["update"] = bounded([this](Client& c) { return c.model.update_secret("db", SecretUpdate().data(content())); });
        all["grant"] = bounded([](Client& c) { return c.model.grant_secret("db", "ubuntu"); });
        all["revoke"] = bounded([](Client& c) { return c.model.revoke_secret("db", "ubuntu"); });
        all["ensure"] = bounded<EnsureResult>([this](Client& c) { return c.model.ensure_secret("db", content()); });
        all["matches"] = bounded<std::optional<bool>>([this](Client& c) { return c.model.secret_matches("db", content()); });
        all["rotate"] = bounded<RotateResult>([this](Client& c) { return c.model.rotate_secret("db", content(), [] { return false; }); });
        all["create"] = bounded<Outcomes<SecretUri>>([this](Client& c) {
            std::vector<SecretDraft> drafts;
            for (const char* const name : {"one", "two"})
                drafts.emplace_back(name, content());
            return c.model.secrets_manager().create(std::move(drafts));
        });
        all["update many"] = bounded<Outcomes<void>>([this](Client& c) {
            std::vector<std::pair<SecretRef, SecretUpdate>> updates;
            for (const char* const name : {"db", "one"})
                updates.emplace_back(name, SecretUpdate().data(content()));
            return c.model.secrets_manager().update(std::move(updates));
        });
        all["remove many"] = bounded<Outcomes<void>>(
            [](Client& c) { return c.model.secrets_manager().remove(std::vector<SecretRemoval>(1, SecretRemoval::all("one"))); });
        all["with_secret"] = bounded([this](Client& c) { return with_secret(c.model, "for a time", content(), "ubuntu", nothing); });
        all["watch"] = bounded([](Client& c) { return watch(c.model); });
        all["backend"] = bounded<std::string>([](Client& c) { return c.model.get_secret_backend(); });
        all["set backend"] = bounded([](Client& c) { return c.model.set_secret_backend("auto"); });
        all["call"] = bounded<std::string>([this](Client& c) {
            return c.model.call("Secrets", "CreateSecrets", R"({"args":[{"owner-tag":"","data":{"k":")" + seen.secret() + "\"}}]}");
        });
        all["call, with what is no JSON"] = bounded<std::string>(
            [this](Client& c) { return c.model.call("Secrets", "CreateSecrets", R"({"args":[{"data":{"k":")" + seen.secret() + "\"}}"); });
        all["remove"] = bounded([](Client& c) { return c.model.remove_secret("db"); });
        return all;
    }

    /// Runs a call, and looks at what there is to see of it.
    void run(Client& client, const Call& call)
    {
        try {
            call(client);
        } catch (const Error& error) {
            seen.look_at(error);
        }
        seen.look_at(client.model.diagnostics());
    }

    MockOptions options()
    {
        return MockOptions().profile(GetParam()).user("admin", password, MockAccess::admin, MockControllerAccess::superuser);
    }

    void add_secret(MockController& mock)
    {
        MockSecret secret;
        secret.label = "db";
        secret.description = "a database";
        secret.revisions.emplace_back(
            1, std::map<std::string, std::string>{{"token", std::string(SecretValue(std::string_view(seen.secret())).base64().text())}});
        mock.add_secret(std::move(secret));
    }

    static ConnectOptions address_of(const MockController& mock)
    {
        return ConnectOptions()
            .endpoint(mock.endpoint())
            .model_uuid(mock.model_uuid())
            .ca_cert(mock.ca_cert())
            .connect_timeout(limit * 10)
            .call_timeout(limit * 2) // of what no cancellation ends
            .max_message_size(100'000);
    }

    void finish(const MockController& mock)
    {
        seen.look_at_logins(mock);
        seen.look_at_process();
        std::cout << seen.search.summary() << '\n';
    }

    Seen seen;
    const std::string password = seen.secret();
};

INSTANTIATE_TEST_SUITE_P(Profiles, CanaryTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(CanaryTest, EveryCallThroughEveryFault)
{
    testing::internal::CaptureStderr();
    Client client(options());
    add_secret(client.mock);
    const auto connecting = [&] { client.run(client.model.connect(address_of(client.mock).username("admin").password(password))); };
    connecting();
    for (const auto& [name, call] : calls()) {
        for (const auto& fault : faults(seen.secret(), MockPhase::request)) {
            client.mock.clear_faults();
            if (!client.model.is_connected())
                connecting();
            if (!client.mock.secret("db"))
                add_secret(client.mock);
            client.mock.add_fault(fault);
            run(client, call);
            if (fault.kind() == MockFaultKind::stall)
                client.mock.drop_connections();
        }
    }
    client.mock.clear_faults();
    finish(client.mock);
    seen.look_at(testing::internal::GetCapturedStderr());
    EXPECT_GT(seen.search.texts(), 1000U);
    EXPECT_EQ(seen.search.hits(), 0U);
}

TEST_P(CanaryTest, EveryLoginThroughEveryFault)
{
    testing::internal::CaptureStderr();
    const auto bob_password = seen.secret();
    const auto agent_password = seen.secret();
    Client client(options().user("bob", bob_password, MockAccess::admin).agent("unit-mysql-0", agent_password));
    auto& mock = client.mock;
    const auto slice = test::LoginClient(mock).slice("bob", bob_password);
    for (const auto& macaroon : slice)
        seen.search.add_marker(macaroon.at("s64"));
    const support::TemporaryDirectory store;
    mock.write_client_store(store.path());
    const auto address = [&] { return address_of(mock).reconnect(false); };
    const auto ask = [&](const std::string&) { return SecretValue(std::string_view(bob_password)); };
    const std::vector<std::function<ConnectOptions()>> logins{
        [&] { return address().username("admin").password(password); },
        [&] { return address().username("admin").password(seen.secret()); },
        [&] { return address().agent("unit-mysql-0", agent_password); },
        [&] { return address().agent("unit-mysql-0", seen.secret(), seen.secret()); },
        [&] { return address().username("bob").macaroons(slice.dump()); },
        [&] { return address().username("bob").macaroons(slice.dump().substr(1)); },
        [&] { return address().username("bob").macaroons(R"([{"i":"x","s":")" + seen.secret() + "\"}]"); },
        [&] { return address().username("bob").ask_password(ask); },
        [&] { return address().session_token(seen.secret()); },
        [&] { return address().client_credentials("robot", seen.secret()); },
        [&] { return address().username("admin").password(password).proxy("http://user:" + seen.secret() + "@127.0.0.1:1"); },
        [&] { return address().username("admin").password(password).proxy("http://user:" + seen.secret() + "@[127.0.0.1:99999999"); },
        [&] { return address().username("admin").password(password).proxy("ftp://user:" + seen.secret() + "@127.0.0.1"); },
        [&] { return ConnectOptions().store_directory(store.string()).connect_timeout(limit * 10); },
    };
    for (const auto& login : logins) {
        run(client, [&](Client& c) { c.run(c.model.connect(login())); });
        for (const auto& fault : faults(seen.secret(), MockPhase::login)) {
            if (fault.kind() == MockFaultKind::stall || fault.kind() == MockFaultKind::withhold)
                continue; // the longest limit of all; the calls have them
            mock.clear_faults();
            mock.add_fault(fault);
            run(client, [&](Client& c) { c.run(c.model.connect(login())); });
        }
        mock.clear_faults();
    }
    // Files that are broken where a secret stands.
    for (const char* const file : {"accounts.yaml", "cookies/mock.json"}) {
        const auto whole = store.read(file);
        for (const std::string& text :
             {"controllers:\n  mock: [" + seen.secret() + "\n\t" + seen.secret(), "password: " + seen.secret(), '"' + seen.secret() + "\\q",
              seen.secret(), "controllers:\n  mock:\n    user: admin\n    password: {" + seen.secret() + ": 1}\n"}) {
            store.write(file, text);
            run(client,
                [&](Client& c) { c.run(c.model.connect(ConnectOptions().store_directory(store.string()).connect_timeout(limit * 10))); });
        }
        store.write(file, whole);
    }
    for (const auto& request : mock.http_requests())
        seen.look_at(request.target);
    finish(mock);
    seen.look_at(testing::internal::GetCapturedStderr());
    EXPECT_GT(seen.search.texts(), 500U);
    EXPECT_EQ(seen.search.hits(), 0U);
}

TEST_P(CanaryTest, SettingsOfSecretBackends)
{
    testing::internal::CaptureStderr();
    MockController mock(options());
    boost::asio::io_context context;
    Controller controller(context.get_executor());
    const auto run_call = [&](std::function<boost::asio::awaitable<void>()> call) {
        bool done = false;
        std::exception_ptr failure;
        boost::asio::co_spawn(context, with_timeout(limit, call()), [&](std::exception_ptr error) {
            done = true;
            failure = error;
        });
        while (!done && context.run_one() != 0) {
        }
        context.restart();
        return failure;
    };
    const auto watched = [&](std::function<boost::asio::awaitable<void>()> call) {
        try {
            if (const auto failure = run_call(std::move(call)))
                std::rethrow_exception(failure);
        } catch (const Error& error) {
            seen.look_at(error);
        }
        seen.look_at(controller.diagnostics());
    };
    const auto connect = [&] {
        return controller.connect(ConnectOptions()
                                      .endpoint(mock.endpoint())
                                      .ca_cert(mock.ca_cert())
                                      .username("admin")
                                      .password(password)
                                      .max_message_size(100'000));
    };
    const auto config = [&] { return SecretBackendConfig().set("endpoint", "http://vault.example.com:8200").set("token", seen.secret()); };
    const std::vector<std::function<boost::asio::awaitable<void>()>> calls{
        [&] { return controller.add_secret_backend(SecretBackendDraft("myvault", "vault", config())); },
        [&] {
            return controller.add_secret_backend(SecretBackendDraft("other", "vault", SecretBackendConfig().set("token", seen.secret())));
        },
        [&] { return controller.add_secret_backend(SecretBackendDraft("other", "nothing", config())); },
        [&] { return controller.update_secret_backend("myvault", SecretBackendUpdate().config(config())); },
        [&]() -> boost::asio::awaitable<void> {
            auto listing = controller.list_secret_backends(SecretBackendFilter().reveal(true));
            const auto backends = co_await std::move(listing);
            for (const auto& backend : backends)
                seen.look_at(backend.message());
        },
        [&] { return controller.remove_secret_backend("myvault"); },
    };
    for (const auto& call : calls) {
        for (const auto& fault : faults(seen.secret(), MockPhase::request)) {
            mock.clear_faults();
            if (!controller.is_connected())
                watched(connect);
            mock.add_fault(fault);
            watched(call);
            if (fault.kind() == MockFaultKind::stall)
                mock.drop_connections();
        }
        mock.clear_faults();
        watched(call);
    }
    try {
        SecretBackendConfig().set_json("token", '"' + seen.secret());
        ADD_FAILURE() << "it is no JSON";
    } catch (const Error& error) {
        seen.look_at(error);
    }
    watched([&] { return controller.disconnect(); });
    finish(mock);
    seen.look_at(testing::internal::GetCapturedStderr());
    EXPECT_GT(seen.search.texts(), 200U);
    EXPECT_EQ(seen.search.hits(), 0U);
}

TEST_P(CanaryTest, ContentsThatAreRefused)
{
    const support::TemporaryDirectory directory;
    const std::vector<std::function<void(const std::string&)>> attempts{
        [](const std::string& s) { SecretContent content(s); },
        [](const std::string& s) { SecretContent content("=" + s); },
        [](const std::string& s) { SecretContent content("1=" + s); },
        [](const std::string& s) { SecretContent content("key#base64=" + s + "!"); },
        [](const std::string& s) { SecretContent().set_base64("key", s + "!"); },
        [](const std::string& s) { SecretContent().set("not a key", s); },
        [](const std::string& s) { SecretContent::from_yaml("key: " + s + "\n\tother: " + s); },
        [](const std::string& s) { SecretContent::from_yaml("key: [" + s + "]"); },
        [](const std::string& s) { SecretContent::from_yaml("key: " + s + ": " + s); },
        [](const std::string& s) { SecretContent::from_yaml("key: \"" + s + "\\q\""); },
        [](const std::string& s) { SecretContent::from_yaml("key: *" + s); },
        [](const std::string& s) { SecretContent::from_yaml("key: !!binary " + s + "!"); },
        [](const std::string& s) { SecretContent::from_yaml("{\"key\":\"" + s + "\\q\"}"); },
        [](const std::string& s) { SecretContent::from_yaml(s); },
        [&](const std::string& s) {
            directory.write("file", "key: '" + s);
            SecretContent::from_file(directory.path() / "file");
        },
        [](const std::string& s) { SecretValue::from_base64(s + "!"); },
    };
    std::size_t refused = 0;
    for (const auto& attempt : attempts) {
        try {
            attempt(seen.secret());
        } catch (const Error& error) {
            ++refused;
            seen.look_at(error);
        }
    }
    EXPECT_EQ(refused, attempts.size());
    EXPECT_EQ(seen.search.hits(), 0U);
}

} // namespace
} // namespace juju
