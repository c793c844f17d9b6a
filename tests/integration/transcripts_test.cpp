#include "support/raw_websocket.hpp"

#include <juju/mock_controller.hpp>

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <set>

namespace {

using Json = nlohmann::json;
using juju::MockAccess;
using juju::MockController;
using juju::MockOptions;
using juju::MockProfile;
using juju::test::RawWebSocket;

const std::string model = "deadbeef-0bad-400d-8000-4b1d0d06f00d";

/// One transcript on one version.
struct Case {
    int number = 0;
    Json request;
    Json reply;
    std::string version; ///< "3.6", "3.6.28" or "4.0"

    bool is_3_6() const { return version != "4.0"; }
};

std::vector<Json> load_transcripts()
{
    std::ifstream file(std::string(JUJU_TEST_DATA) + "/transcripts/secrets.json");
    return Json::parse(file).get<std::vector<Json>>();
}

int number_of(const Json& transcript)
{
    return std::stoi(transcript.at("id").get<std::string>().substr(1));
}

// Times of the fixture: T1 is made at `made`, its second revision at `changed`.
std::string made(bool is_3_6)
{
    return is_3_6 ? "2026-03-02T10:15:30Z" : "2026-03-02T10:15:30.123456789Z";
}

std::string changed(bool is_3_6)
{
    return is_3_6 ? "2026-03-02T10:20:00Z" : "2026-03-02T10:20:00.5Z";
}

// The secrets that transcripts start from, as parts of a state file.

std::string apitoken(bool is_3_6, const std::string& grants = "")
{
    return "- {id: 9m4e2mr0ui3e8a215n4g, label: my-apitoken, description: api token, create_time: " + made(is_3_6) +
           ", revisions: [{number: 1, data: {token: MzRhZTM1ZmFjZDQ=}}], grants: [" + grants + "]}\n";
}

std::string apitoken_changed(bool is_3_6)
{
    return "- {id: 9m4e2mr0ui3e8a215n4g, label: my-apitoken, description: api token, create_time: " + made(is_3_6) +
           ", update_time: " + changed(is_3_6) +
           ", revisions: [{number: 1, data: {token: MzRhZTM1ZmFjZDQ=}}, {number: 2, create_time: " + changed(is_3_6) +
           ", data: {token: NWYwMGJhYTc=}}]}\n";
}

std::string apitoken_without_latest(bool is_3_6)
{
    return "- {id: 9m4e2mr0ui3e8a215n4g, label: my-apitoken, description: api token, create_time: " + made(is_3_6) +
           ", update_time: " + changed(is_3_6) + ", latest_revision: " + (is_3_6 ? "2" : "1") +
           ", checksum: d21a7805c68db96611f9e5e0f13c711b6586b6ab0ad64cdc4bd4de4f6250ba0c"
           ", revisions: [{number: 1, data: {token: MzRhZTM1ZmFjZDQ=}}]}\n";
}

std::string other(bool is_3_6)
{
    return "- {id: coj8mulh8b41e8nv6p90, label: other, create_time: " + made(is_3_6) +
           ", revisions: [{number: 1, data: {password: aHVudGVyMg==, username: YWRtaW4=}}]}\n";
}

std::string charm_secret(bool is_3_6)
{
    const std::string start = is_3_6 ? "2026-03-02T10:00:00Z" : "2026-03-02T10:00:00.25Z";
    const std::string rotates = is_3_6 ? "2026-03-02T11:20:00Z" : "2026-03-02T11:20:00.5Z";
    return "- {id: copp9vfmp25c77di8nm0, owner: application-mysql, label: db-root, description: root password, "
           "rotate_policy: hourly, next_rotate_time: " +
           rotates + ", create_time: " + start + ", update_time: " + changed(is_3_6) +
           ", latest_revision: 2, revisions: [{number: 2, create_time: " + changed(is_3_6) +
           ", expire_time: 2026-03-03T00:00:00Z, data: {password: aHVudGVyMg==, username: YWRtaW4=}}], "
           "grants: [{target: application-gitlab, scope: relation-gitlab.server#mysql.db}]}\n";
}

/// Three revisions whose contents are in the backend "myvault".
std::string in_vault(bool is_3_6)
{
    const auto revision = [](int number) {
        return "{number: " + std::to_string(number) + ", backend: myvault, data: {token: MzRhZTM1ZmFjZDQ=}}";
    };
    return "- {id: 9m4e2mr0ui3e8a215n4g, label: my-apitoken, create_time: " + made(is_3_6) + ", revisions: [" + revision(1) + ", " +
           revision(2) + ", " + revision(3) + "]}\n";
}

/// The controller's own backend, and "myvault" where a transcript needs it.
std::string backends_for(int number)
{
    static const std::set<int> with_vault{88, 89, 93, 95};
    return "secret_backends:\n- {name: internal, id: 7a1c3b52-90d4-4e0f-8f61-2b6d5c4e3a19}\n" +
           std::string(with_vault.contains(number) ? "- {name: myvault, config: {endpoint: \"https://vault.example.com:8200\"}}\n" : "");
}

std::string secrets_for(int number, bool is_3_6)
{
    static const std::set<int> nothing{1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 71, 85};
    static const std::set<int> two_revisions{16, 17, 67, 69, 70, 86};
    static const std::set<int> with_other{38, 46};
    static const std::set<int> with_charm{48, 59, 75};
    if (nothing.contains(number)) {
        return "";
    }
    if (number == 18) {
        return apitoken_without_latest(is_3_6);
    }
    if (number == 89) {
        return in_vault(is_3_6);
    }
    if (number == 30) {
        return apitoken(is_3_6) + charm_secret(is_3_6);
    }
    if (number == 15 || number == 54 || number == 61) {
        return apitoken(is_3_6, "{target: application-gitlab}");
    }
    if (two_revisions.contains(number)) {
        return apitoken_changed(is_3_6);
    }
    return apitoken(is_3_6) + (with_other.contains(number) ? other(is_3_6) : "") +
           (with_charm.contains(number) ? charm_secret(is_3_6) : "");
}

std::string state_for(const Case& test)
{
    const std::string first = test.number == 1 || test.number == 85 ? "9m4e2mr0ui3e8a215n4g, " : "";
    const std::string secrets = secrets_for(test.number, test.is_3_6());
    const bool later = test.number >= 33 && test.number <= 50;
    return "clock: " + (later ? changed(test.is_3_6()) : made(test.is_3_6())) +
           "\ncontroller_uuid: c0ffee00-1111-4222-8333-444444444444\n"
           "model: {uuid: " +
           model +
           ", name: testmodel, owner: admin}\n"
           "applications: [mysql, gitlab]\n"
           "users:\n- {name: admin, password: s3cret, access: admin}\n- {name: bob, password: b0bs, access: read}\n"
           "- {name: alice@external, token: YWxpY2U=, access: read}\n"
           "agents: [{tag: unit-mysql-0, password: ag3nt}]\n"
           "next_ids: [" +
           first + "coj8mulh8b41e8nv6p90]\n" + backends_for(test.number) + (secrets.empty() ? "secrets: []\n" : "secrets:\n" + secrets);
}

std::string login_for(int number)
{
    static const std::set<int> as_bob{11, 19, 20, 60, 65, 76, 91};
    std::string who = R"("auth-tag":"user-admin","credentials":"s3cret")";
    if (as_bob.contains(number)) {
        who = R"("auth-tag":"user-bob","credentials":"b0bs")";
    } else if (number == 12) {
        who = R"("auth-tag":"","token":"YWxpY2U=")";
    } else if (number == 85) {
        who = R"("auth-tag":"unit-mysql-0","credentials":"ag3nt","nonce":"","macaroons":null,"user-data":"")";
    }
    return R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{)" + who + "}}";
}

bool on_controller_connection(int number)
{
    return number == 81 || (number >= 86 && number <= 91);
}

class Replay : public testing::Test {
public:
    Replay(Case test, std::map<int, Json> all) : test_(std::move(test)), transcripts_(std::move(all)) {}

    void TestBody() override
    {
        MockController mock(MockOptions()
                                .profile(test_.is_3_6() ? MockProfile::juju_3_6 : MockProfile::juju_4_0)
                                .crash_on_bad_batch(test_.version == "3.6.28")
                                .state_yaml(state_for(test_)));
        mock.set_migrating(test_.number == 82);
        RawWebSocket socket(mock.endpoint(), mock.ca_cert(), on_controller_connection(test_.number) ? "/api" : "/model/" + model + "/api");
        const Json login = Json::parse(socket.call(login_for(test_.number)));
        ASSERT_FALSE(login.contains("error")) << login;
        if (test_.number == 20) {
            mock.set_access("bob", MockAccess::none);
        }
        if (test_.number == 38) {
            (void)socket.call(request_of(37).dump());
        }

        const Json reply = Json::parse(socket.call(test_.request.dump()));

        EXPECT_EQ(reply, test_.reply);
        check_afterwards(mock, socket);
    }

private:
    const Json& request_of(int number) const { return transcripts_.at(number).at("request"); }

    /// What the notes of a transcript say about the state that it leaves.
    void check_afterwards(MockController& mock, RawWebSocket& socket)
    {
        switch (test_.number) {
        case 33: EXPECT_EQ(Json::parse(socket.call(request_of(16).dump())), transcripts_.at(16).at("replies").at(test_.version)); return;
        case 34: check_identical_content(*mock.secret("my-apitoken")); return;
        case 35: EXPECT_TRUE(mock.secret("new-name") && !mock.secret("my-apitoken")); return;
        case 36: EXPECT_EQ(mock.secret("my-apitoken")->description, ""); return;
        case 37: check_erased(*mock.secret("9m4e2mr0ui3e8a215n4g")); return;
        case 87: check_added(mock); return;
        case 89: EXPECT_EQ(mock.secret_backends().size(), 1U); return;
        case 93:
        case 95: check_drained(mock); return;
        case 68:
        case 66: EXPECT_TRUE(mock.secrets().empty()); return;
        case 70: EXPECT_EQ(mock.secrets().front().revisions.size(), test_.is_3_6() ? 1U : 2U); return;
        default: return;
        }
    }

    void check_identical_content(const juju::MockSecret& secret) const
    {
        EXPECT_EQ(secret.latest_revision, 1);
        EXPECT_EQ(secret.revisions.size(), 1U);
        EXPECT_EQ(secret.checksum, "f6b8e492d8a1b4518581584094560cd4888c12719a86f490f81d5a63c3142465");
        EXPECT_EQ(secret.update_time != secret.create_time, !test_.is_3_6());
        EXPECT_EQ(secret.revisions.front().update_time, secret.update_time);
    }

    static void check_erased(const juju::MockSecret& secret)
    {
        EXPECT_EQ(secret.label, "");
        EXPECT_EQ(secret.description, "");
        EXPECT_EQ(secret.latest_revision, 2);
    }

    static void check_added(const MockController& mock)
    {
        ASSERT_EQ(mock.secret_backends().size(), 1U);
        const juju::MockSecretBackend backend = mock.secret_backends().front();
        EXPECT_EQ(backend.name, "myvault");
        EXPECT_EQ(backend.config, (std::map<std::string, std::string>{{"endpoint", "https://vault.example.com:8200"}, {"token", "s.abc"}}));
        EXPECT_EQ(backend.token_rotate_interval, std::chrono::hours(24));
    }

    static void check_drained(const MockController& mock)
    {
        EXPECT_EQ(mock.model_secret_backend(), "myvault");
        EXPECT_EQ(mock.secret("my-apitoken")->revisions.front().backend, "myvault");
    }

    Case test_;
    std::map<int, Json> transcripts_;
};

bool register_all()
{
    std::map<int, Json> transcripts;
    for (const Json& transcript : load_transcripts()) {
        transcripts[number_of(transcript)] = transcript;
    }
    for (const auto& [number, transcript] : transcripts) {
        for (const auto& [version, reply] : transcript.at("replies").items()) {
            std::string name = "T" + std::to_string(number) + "/juju_" + version;
            std::replace(name.begin(), name.end(), '.', '_');
            const Case test{number, transcript.at("request"), reply, version};
            testing::RegisterTest("Transcripts/Replay", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                                  [test, transcripts]() -> Replay* { return new Replay(test, transcripts); });
        }
    }
    return true;
}

[[maybe_unused]] const bool registered = register_all();

} // namespace
