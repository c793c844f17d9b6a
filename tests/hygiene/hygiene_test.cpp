// Counts the copies of secrets in the memory of a client that has used them: none may be left when everything is destroyed.

#include "hygiene/client_process.hpp"
#include "support/client.hpp"
#include "support/store_directory.hpp"
#include "support/tiny_proxy.hpp"
#include "unit/mock_logins_support.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace hygiene {
namespace {

using juju::MockAccess;
using juju::MockController;
using juju::MockFault;
using juju::MockFaultKind;
using juju::MockOptions;
using juju::MockProfile;
using juju::MockStoredLogin;
using juju::MockStoreOptions;

/// Letters and digits that are nowhere else.
std::string marker(std::size_t size)
{
    static std::random_device random;
    constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::uniform_int_distribution<std::size_t> any(0, characters.size() - 1);
    std::string text;
    while (text.size() < size)
        text += characters[any(random)];
    return text;
}

std::string base64(std::string_view text)
{
    return std::string(juju::SecretValue(text).base64().text());
}

/// A controller, and what its client knows. The size of the secrets is the parameter: texts of up to 15 characters are kept in another
/// way by the standard library.
class HygieneTest : public testing::TestWithParam<std::size_t> {
protected:
    explicit HygieneTest(MockOptions options = MockOptions())
        : mock(options.user("admin", password, MockAccess::admin, juju::MockControllerAccess::superuser))
    {
        add("db", value);
        add("other", marker(20));
        directory.write("ca.pem", mock.ca_cert());
        facts.fact("endpoint", mock.endpoint()).fact("model", mock.model_uuid()).fact("ca", directory.string() + "/ca.pem");
        facts.secret("value", value).secret("password", password);
    }

    void add(const std::string& name, const std::string& text)
    {
        juju::MockRevision revision(1, {{"token", base64(text)}});
        juju::MockSecret secret;
        secret.label = name;
        secret.revisions.push_back(std::move(revision));
        mock.add_secret(std::move(secret));
    }

    Facts answer(const std::string& what)
    {
        Facts more;
        if (what == "drop")
            mock.drop_connections();
        else if (what == "macaroons")
            tell_macaroons(more);
        else
            ADD_FAILURE() << "the client asks for " << what;
        return more;
    }

    /// The signatures of the macaroons that the last login was made with, and the token of the form.
    void tell_macaroons(Facts& more) const
    {
        for (const auto& message : mock.transcript()) {
            if (message.direction != juju::MockDirection::from_client || message.text.find(R"("request":"Login")") == std::string::npos)
                continue;
            int number = 0;
            const auto params = nlohmann::json::parse(message.text).at("params");
            for (const auto& slice : params.at("macaroons")) {
                for (const auto& macaroon : slice)
                    tell_signature(more, "signature-" + std::to_string(++number), macaroon.at("s64"));
            }
        }
        for (const auto& request : mock.http_requests()) {
            const auto reply = nlohmann::json::parse(request.answer, nullptr, false);
            if (reply.contains("token"))
                more.secret("token", reply.at("token").at("value").get<std::string>());
        }
    }

    static void tell_signature(Facts& more, const std::string& name, const std::string& text)
    {
        more.secret(name, text);
        more.secret(name + "-bytes", juju::mock::from_base64(text).value());
    }

    Report run(const std::string& name, const char* program = JUJU_HYGIENE_CLIENT)
    {
        auto report = run_client(program, name, facts, [this](const std::string& what) { return answer(what); });
        EXPECT_EQ(report.status, 0) << report.output;
        EXPECT_TRUE(report.output.ends_with("end\n")) << report.output;
        return report;
    }

    /// Runs a case; at its end there must be no copy. @return what it reported
    Report run_clean(const std::string& name)
    {
        auto report = run(name);
        EXPECT_TRUE(report.counts.contains("gone password")) << report.output;
        for (const auto& [point, count] : report.counts) {
            if (point.starts_with("gone ") || point.starts_with("disconnected ")) {
                EXPECT_EQ(count, 0) << point << "\n" << report.output;
            }
        }
        return report;
    }

    const std::string value = marker(GetParam());
    const std::string password = marker(GetParam());
    MockController mock;
    support::TemporaryDirectory directory;
    Facts facts;
};

std::string size_name(const testing::TestParamInfo<std::size_t>& info)
{
    return "Of" + std::to_string(info.param);
}

INSTANTIATE_TEST_SUITE_P(Sizes, HygieneTest, testing::Values(12, 48, 5000), size_name);

TEST_P(HygieneTest, RevealedValueAndPassword)
{
    const auto report = run_clean("reveals");

    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
    EXPECT_LE(report.counts.at("connected password"), 1) << "kept to connect again\n" << report.output;
}

TEST_P(HygieneTest, HeldValue)
{
    const auto report = run_clean("holds_a_value");

    EXPECT_GE(report.counts.at("held value"), 1) << "the scan finds what is there\n" << report.output;
    EXPECT_LE(report.counts.at("held value"), 1) << report.output;
}

/// So that the scan cannot come to find nothing at all.
TEST_P(HygieneTest, WithoutWiping)
{
    const auto revealed = run("reveals", JUJU_HYGIENE_CLIENT_UNWIPED);
    const auto added = run("adds", JUJU_HYGIENE_CLIENT_UNWIPED);

    EXPECT_GT(revealed.counts.at("gone value"), 0) << revealed.output;
    EXPECT_GT(added.counts.at("gone value"), 0) << added.output;
}

TEST_P(HygieneTest, OtherCallsAfterARevealedValue)
{
    const auto report = run_clean("reveals_then_lists");

    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
}

/// Calls that send the value.
class SentValueTest : public HygieneTest {};

INSTANTIATE_TEST_SUITE_P(Sizes, SentValueTest, testing::Values(12, 48, 5000), size_name);

TEST_P(SentValueTest, Added)
{
    const auto report = run_clean("adds");

    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
}

TEST_P(SentValueTest, AddedByArgument)
{
    EXPECT_EQ(run_clean("adds_by_arguments").counts.at("connected value"), 0);
}

TEST_P(SentValueTest, Updated)
{
    EXPECT_EQ(run_clean("updates").counts.at("connected value"), 0);
}

TEST_P(SentValueTest, FromAFile)
{
    directory.write("value", value);
    directory.write("secret.yaml", "user: someone\ntoken: " + value + "\nother: >-\n  words of " + value + "\n");
    directory.write("secret.json", R"({"user":"someone","token":")" + value + R"(","other":"words of )" + value + "\"}");
    facts.fact("value-file", directory.string() + "/value")
        .fact("yaml", directory.string() + "/secret.yaml")
        .fact("json", directory.string() + "/secret.json");

    EXPECT_EQ(run_clean("adds_a_file_as_value").counts.at("connected value"), 0);
}

TEST_P(SentValueTest, Ensured)
{
    EXPECT_EQ(run_clean("ensures").counts.at("connected value"), 0);
}

TEST_P(SentValueTest, WithSecret)
{
    EXPECT_EQ(run_clean("uses_with_secret").counts.at("connected value"), 0);
}

TEST_P(SentValueTest, Rotated)
{
    const auto report = run_clean("rotates");

    EXPECT_EQ(report.told, (std::vector<std::string>{"restored", "rotated"})) << report.output;
    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
}

TEST_P(SentValueTest, CreatedInBulkAndListed)
{
    EXPECT_EQ(run_clean("creates_many").counts.at("connected value"), 0);
}

TEST_P(SentValueTest, FromAThreadThatBlocks)
{
    EXPECT_EQ(run_clean("blocks").counts.at("connected value"), 0);
}

TEST_P(SentValueTest, ConfigurationOfABackend)
{
    EXPECT_EQ(run_clean("configures_a_backend").counts.at("connected value"), 0);
}

class SecretFileTest : public HygieneTest {
protected:
    SecretFileTest()
    {
        write("yaml", "user: someone\ntoken: " + value + "\nother: >-\n  words of " + value + "\n");
        write("json", R"({"user":"someone","token":")" + value + R"(","other":"words of )" + value + "\"}");
        write("bad-yaml", "user: someone\ntoken: " + value + "\n\tother: [" + value + "\n");
        write("bad-json", R"({"user":"someone","token":")" + value + R"(","other":"words of )" + value + "\\q\"}");
    }

    void write(const std::string& name, const std::string& text)
    {
        directory.write(name, text);
        facts.fact(name, directory.string() + "/" + name);
    }
};

INSTANTIATE_TEST_SUITE_P(Sizes, SecretFileTest, testing::Values(12, 48, 5000), size_name);

TEST_P(SecretFileTest, Yaml)
{
    EXPECT_EQ(run_clean("adds_a_yaml_file").counts.at("connected value"), 0);
}

TEST_P(SecretFileTest, Json)
{
    EXPECT_EQ(run_clean("adds_a_json_file").counts.at("connected value"), 0);
}

TEST_P(SecretFileTest, Bad)
{
    const auto report = run_clean("reads_a_bad_file");

    EXPECT_EQ(std::count(report.told.begin(), report.told.end(), "none"), 0) << report.output;
    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
}

/// Calls that do not end well.
class FaultHygieneTest : public HygieneTest {
protected:
    void expect_in_vain(MockFault fault, const std::string& error)
    {
        mock.add_fault(std::move(fault.method("ListSecrets")));
        const auto report = run_clean("reveals_in_vain");
        ASSERT_EQ(report.told.size(), 1U) << report.output;
        EXPECT_EQ(report.told.front(), error);
        EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
    }

    std::string list_with(const std::string& base64_text) const
    {
        return R"({"request-id":$ID,"response":{"results":[{"uri":"secret:9m4e2mr0ui3e8a215n4g","version":1,"owner-tag":"model-)" +
               mock.model_uuid() + R"(","label":"db","latest-revision":1,"revisions":[{"revision":1}],"value":{"data":{"token":")" +
               base64_text + "\"}}}]}}";
    }
};

INSTANTIATE_TEST_SUITE_P(Sizes, FaultHygieneTest, testing::Values(12, 48, 5000), size_name);

TEST_P(FaultHygieneTest, RefusalThatQuotesTheValue)
{
    expect_in_vain(MockFault(MockFaultKind::error).text("cannot read").code("not found"), "not found");
}

TEST_P(FaultHygieneTest, MalformedReply)
{
    auto reply = list_with(base64(value));
    reply.insert(reply.size() - 3, "\\");
    expect_in_vain(MockFault(MockFaultKind::reply).text(reply), "malformed reply");
}

TEST_P(FaultHygieneTest, ReplyOfTheWrongShape)
{
    auto reply = list_with(base64(value) + R"(","more":{"token":")" + base64(value) + R"("},"last":")");
    expect_in_vain(MockFault(MockFaultKind::reply).text(reply), "malformed reply");
}

TEST_P(FaultHygieneTest, ValueThatIsNoBase64)
{
    mock.add_fault(MockFault(MockFaultKind::reply).method("ListSecrets").text(list_with("!" + value)));

    const auto report = run("reveals_in_vain");

    EXPECT_EQ(report.counts.at("gone value"), 0) << report.output;
}

TEST_P(FaultHygieneTest, ValueWithEscapes)
{
    auto text = base64(value);
    text.replace(0, 1,
                 "\\u00" + std::string(1, "0123456789abcdef"[static_cast<unsigned char>(text[0]) / 16]) +
                     std::string(1, "0123456789abcdef"[static_cast<unsigned char>(text[0]) % 16]));
    mock.add_fault(MockFault(MockFaultKind::reply).method("ListSecrets").text(list_with(text)));

    const auto report = run_clean("reveals");

    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
}

TEST_P(FaultHygieneTest, ReplyThatIsTooLarge)
{
    mock.add_fault(MockFault(MockFaultKind::oversize).method("ListSecrets").number(200'000));

    const auto report = run_clean("reveals_too_much");

    EXPECT_EQ(report.told, std::vector<std::string>{"message too large"}) << report.output;
    EXPECT_LE(report.counts.at("connected value"), 1) << "until the goodbye is said\n" << report.output;
}

TEST_P(FaultHygieneTest, CutReply)
{
    mock.add_fault(MockFault(MockFaultKind::truncate).method("ListSecrets").number(400 + GetParam()));

    const auto report = run_clean("reveals_again");

    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
}

TEST_P(FaultHygieneTest, LateReply)
{
    mock.add_fault(MockFault(MockFaultKind::hold).method("ListSecrets"));

    const auto report = run_clean("reveals_late");

    ASSERT_EQ(report.told.size(), 1U);
    EXPECT_NE(report.told.front(), "none");
    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
}

TEST_P(FaultHygieneTest, UpdateThatIsRefused)
{
    mock.add_fault(MockFault(MockFaultKind::error).method("UpdateSecrets").text("no").code("not valid"));

    EXPECT_EQ(run_clean("updates_in_vain").counts.at("connected value"), 0);
}

TEST_P(FaultHygieneTest, UpdateThatIsCutOff)
{
    mock.add_fault(MockFault(MockFaultKind::reset).method("UpdateSecrets"));

    EXPECT_EQ(run_clean("updates_in_vain").counts.at("connected value"), 0);
}

TEST_P(FaultHygieneTest, CancelledUpdate)
{
    EXPECT_EQ(run_clean("updates_too_late").counts.at("connected value"), 0);
}

TEST_P(FaultHygieneTest, Reconnected)
{
    const auto report = run_clean("reconnects");

    EXPECT_EQ(report.counts.at("connected value"), 0) << report.output;
    EXPECT_LE(report.counts.at("connected password"), 1) << report.output;
}

TEST_P(FaultHygieneTest, LostConnection)
{
    const auto report = run_clean("loses_the_connection");

    EXPECT_EQ(report.counts.at("connected value"), 0) << "the read buffer goes with the connection\n" << report.output;
}

TEST_P(FaultHygieneTest, RefusedLogin)
{
    mock.set_password("admin", "another");

    const auto report = run_clean("fails_to_log_in");

    EXPECT_EQ(report.counts.at("connected password"), 0) << report.output;
}

class LoginHygieneTest : public HygieneTest {
protected:
    LoginHygieneTest() : LoginHygieneTest(MockOptions()) {}
    explicit LoginHygieneTest(MockOptions options)
        : HygieneTest(options.user("bob", bob_password(), MockAccess::admin).agent("unit-mysql-0", agent_password()))
    {
    }

    static std::string bob_password()
    {
        static const std::string text = marker(40);
        return text;
    }

    static std::string agent_password()
    {
        static const std::string text = marker(24);
        return text;
    }

    std::string slice() const { return juju::test::LoginClient(mock).slice("bob", bob_password()).dump(); }

    void tell_slice(const std::string& text)
    {
        int number = 0;
        for (const auto& macaroon : nlohmann::json::parse(text))
            tell_signature(facts, "signature-" + std::to_string(++number), macaroon.at("s64"));
    }

    void write_store(MockStoreOptions options)
    {
        mock.write_client_store(directory.path() / "store", options);
        facts.fact("store", directory.string() + "/store");
    }

    std::string cookie(const std::string& text) const
    {
        return R"([{"Name":"macaroon-3d80964e","Value":")" + base64(text) + R"(","Domain":")" + mock.controller_uuid() +
               R"(","Path":"/","Secure":false,"HttpOnly":false,"Persistent":true,"HostOnly":true,"Expires":"2100-01-01T00:00:00Z",)"
               R"("Creation":"2026-08-20T09:30:00.123456789Z","LastAccess":"2026-08-20T10:02:11.5Z",)"
               R"("Updated":"2026-08-20T09:30:00.123456789Z","CanonicalHost":")" +
               mock.controller_uuid() + "\"}]\n";
    }
};

INSTANTIATE_TEST_SUITE_P(Sizes, LoginHygieneTest, testing::Values(12, 48), size_name);

TEST_P(LoginHygieneTest, ByPassword)
{
    EXPECT_LE(run_clean("logs_in_by_password").counts.at("connected password"), 1);
}

TEST_P(LoginHygieneTest, ByPasswordThatIsForgotten)
{
    EXPECT_EQ(run_clean("forgets_the_password").counts.at("connected password"), 0);
}

TEST_P(LoginHygieneTest, AsAgent)
{
    facts.secret("agent-password", agent_password());

    EXPECT_LE(run_clean("logs_in_as_agent").counts.at("connected agent-password"), 1);
}

TEST_P(LoginHygieneTest, ByMacaroons)
{
    const auto text = slice();
    facts.secret("macaroons", "[" + text + "]");
    tell_slice(text);

    run_clean("logs_in_by_macaroons");
}

TEST_P(LoginHygieneTest, ByAPasswordThatIsAskedFor)
{
    facts.secret("asked-password", bob_password());

    const auto report = run_clean("logs_in_by_asking");

    EXPECT_EQ(report.counts.at("connected asked-password"), 0) << report.output;
    EXPECT_TRUE(report.counts.contains("gone signature-1")) << report.output;
    EXPECT_TRUE(report.counts.contains("gone token")) << report.output;
}

TEST_P(LoginHygieneTest, ByThePasswordOfTheStore)
{
    write_store(MockStoreOptions());

    EXPECT_LE(run_clean("logs_in_by_the_store").counts.at("connected password"), 1);
}

TEST_P(LoginHygieneTest, ByThePasswordOfTheStoreThatIsWrittenBack)
{
    write_store(MockStoreOptions());

    EXPECT_LE(run_clean("logs_in_by_the_store_and_writes").counts.at("connected password"), 1);
}

TEST_P(LoginHygieneTest, ByMacaroonsOfTheStore)
{
    const auto text = slice();
    write_store(MockStoreOptions().user("bob").login(MockStoredLogin::nothing).cookies(cookie(text)));
    tell_slice(text);

    run_clean("logs_in_by_the_store");
    run_clean("logs_in_by_the_store_and_writes");
}

TEST_P(LoginHygieneTest, ThroughAProxy)
{
    const auto proxy_password = marker(GetParam());
    const support::TinyProxy proxy("BasicAuth user " + proxy_password + "\n");
    facts.secret("proxy-password", proxy_password).fact("proxy", proxy.address());

    EXPECT_LE(run_clean("logs_in_through_a_proxy").counts.at("connected proxy-password"), 1);
}

class JaasHygieneTest : public LoginHygieneTest {
protected:
    JaasHygieneTest()
        : LoginHygieneTest(MockOptions()
                               .jaas(true)
                               .external_user("alice@external", MockAccess::admin)
                               .service_account("robot", client_secret(), MockAccess::admin))
    {
    }

    static std::string client_secret()
    {
        static const std::string text = marker(32);
        return text;
    }
};

INSTANTIATE_TEST_SUITE_P(Sizes, JaasHygieneTest, testing::Values(48), size_name);

TEST_P(JaasHygieneTest, BySessionToken)
{
    facts.secret("token", mock.session_token("alice@external"));

    EXPECT_LE(run_clean("logs_in_by_session_token").counts.at("connected token"), 1);
}

TEST_P(JaasHygieneTest, ByClientCredentials)
{
    facts.secret("client-secret", client_secret());

    EXPECT_LE(run_clean("logs_in_by_client_credentials").counts.at("connected client-secret"), 1);
}

TEST_P(JaasHygieneTest, ByTheSessionTokenOfTheStore)
{
    const auto token = mock.session_token("alice@external");
    write_store(MockStoreOptions().user("alice@external").session_token(token));
    facts.secret("token", token);

    EXPECT_LE(run_clean("logs_in_by_the_store").counts.at("connected token"), 1);
}

} // namespace
} // namespace hygiene
