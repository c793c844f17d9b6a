// Each of name, description, auto-prune and content is left, set or cleared: all combinations, by name and by URI. The expected request is
// put together here from text written by hand.

#include "support/client.hpp"

namespace juju {
namespace {

using test::Client;

enum class Change { leave, set, clear };

constexpr Change changes[] = {Change::leave, Change::set, Change::clear};

struct Combination {
    Change name;
    Change info;
    Change auto_prune; ///< "clear" switches it off
    Change content;    ///< "clear" is an empty content, which no controller can store

    std::string text() const
    {
        const auto word = [](Change change) { return change == Change::leave ? "leave" : change == Change::set ? "set" : "clear"; };
        return std::string("name ") + word(name) + ", info " + word(info) + ", auto-prune " + word(auto_prune) + ", content " +
               word(content);
    }

    SecretUpdate update() const
    {
        SecretUpdate result;
        if (name == Change::set)
            result.new_name("new-name");
        if (name == Change::clear)
            result.clear_name();
        if (info == Change::set)
            result.info("new text");
        if (info == Change::clear)
            result.clear_info();
        if (auto_prune == Change::set)
            result.auto_prune(true);
        if (auto_prune == Change::clear)
            result.auto_prune(false);
        if (content == Change::set)
            result.data({"token=n3w"});
        if (content == Change::clear)
            result.data(SecretContent());
        return result;
    }

    std::string wire(const std::string& secret) const
    {
        std::string members;
        const auto add = [&](Change change, const char* when_set, const char* when_clear) {
            if (change != Change::leave)
                members += std::string(change == Change::set ? when_set : when_clear) + ",";
        };
        add(info, R"("description":"new text")", R"("description":"")");
        add(name, R"("label":"new-name")", R"("label":"")");
        add(content, R"("content":{"data":{"token":"bjN3"}})", "");
        add(auto_prune, R"("auto-prune":true)", R"("auto-prune":false)");
        return R"("request":"UpdateSecrets","params":{"args":[{)" + members + secret + "}]}}";
    }
};

class UpdateCombinations : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    UpdateCombinations() : Client(MockOptions().profile(GetParam()).state_yaml("next_ids: [9m4e2mr0ui3e8a215n4g, coj8mulh8b41e8nv6p90]\n"))
    {
        connect();
    }

    /// Against a fresh secret, as a client that only knows one way to name it.
    void check(const Combination& combination, bool by_uri)
    {
        SCOPED_TRACE(combination.text() + (by_uri ? ", by URI" : ", by name"));
        MockSecret secret;
        secret.label = "my-name";
        secret.description = "old text";
        secret.revisions.emplace_back(1, std::map<std::string, std::string>{{"token", "b2xk"}});
        Client client(MockOptions().profile(GetParam()));
        const std::string id = client.mock.add_secret(secret);
        client.connect();
        const SecretRef ref = by_uri ? SecretRef("secret:" + id) : SecretRef("my-name");
        const SecretUpdate update = combination.update();
        std::optional<Error> error;
        try {
            client.run(client.model.update_secret(ref, update));
        } catch (const Error& e) {
            error = e;
        }
        const bool nothing = combination.name == Change::leave && combination.info == Change::leave &&
                             combination.auto_prune == Change::leave && combination.content == Change::leave;
        if (combination.content == Change::clear || nothing) {
            ASSERT_TRUE(error);
            EXPECT_EQ(error->code(), nothing ? errc::nothing_to_update : errc::empty_content);
            EXPECT_EQ(error->outcome(), Outcome::not_sent);
            EXPECT_TRUE(client.sent().empty());
            return;
        }
        EXPECT_FALSE(error) << error->what();
        const auto requests = client.sent();
        // Whether there is a name to clear is asked first, where the caller has not said it.
        const bool asks = by_uri && combination.name == Change::clear;
        ASSERT_EQ(requests.size(), asks ? 2U : 1U);
        const std::string secret_member = by_uri ? R"("uri":"secret:)" + id + "\"" : R"("existing-label":"my-name")";
        EXPECT_EQ(requests.back().substr(requests.back().find(R"("request":)")), combination.wire(secret_member));
        expect_stored(*client.mock.secret(id), combination);
    }

    void expect_stored(const MockSecret& stored, const Combination& combination)
    {
        const auto either = [](Change change, const char* left, const char* set) {
            return std::string(change == Change::leave ? left : change == Change::set ? set : "");
        };
        EXPECT_EQ(stored.label, either(combination.name, "my-name", "new-name"));
        EXPECT_EQ(stored.description, either(combination.info, "old text", "new text"));
        EXPECT_EQ(stored.auto_prune, combination.auto_prune == Change::set);
        EXPECT_EQ(stored.latest_revision, combination.content == Change::set ? 2 : 1);
        EXPECT_EQ(stored.revisions.back().data.at("token"), combination.content == Change::set ? "bjN3" : "b2xk");
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles, UpdateCombinations, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(UpdateCombinations, SendWhatTheyNameAndNothingElse)
{
    int checked = 0;
    for (const Change name : changes) {
        for (const Change info : changes) {
            for (const Change auto_prune : changes) {
                for (const Change content : changes) {
                    check(Combination{name, info, auto_prune, content}, false);
                    check(Combination{name, info, auto_prune, content}, true);
                    ++checked;
                }
            }
        }
    }
    EXPECT_EQ(checked, 3 * 3 * 3 * 3);
}

TEST_P(UpdateCombinations, ClearingTheNameOfANamelessSecretIsNotSent)
{
    const SecretUri uri = run(model.add_secret("", {"token=old"}));
    mock.clear_transcript();

    run(model.update_secret(uri, SecretUpdate().clear_name()));
    run(model.update_secret(uri, SecretUpdate().clear_name().info("text").auto_prune(true).data({"token=new"})));

    const auto requests = sent();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(
        requests[0],
        R"({"request-id":3,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{"uri":"secret:9m4e2mr0ui3e8a215n4g"}}})");
    EXPECT_EQ(
        requests[2],
        R"({"request-id":5,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"description":"text","content":{"data":{"token":"bmV3"}},"auto-prune":true,"uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})");
}

TEST_P(UpdateCombinations, SeveralNamelessSecretsCanBeToldToHaveNoName)
{
    const SecretUri one = run(model.add_secret("", {"token=old"}));
    const SecretUri two = run(model.add_secret("named", {"token=old"}));
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    updates.emplace_back(one, SecretUpdate().clear_name());
    updates.emplace_back(two, SecretUpdate().clear_name());
    updates.emplace_back("nobody", SecretUpdate().clear_name());

    const auto outcomes = run(model.secrets_manager().update(updates));

    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_TRUE(outcomes[0].ok());
    EXPECT_EQ(outcomes[0].subject(), one.str());
    EXPECT_TRUE(outcomes[1].ok());
    EXPECT_EQ(outcomes[1].subject(), two.str());
    EXPECT_EQ(outcomes[2].subject(), "nobody");
    ASSERT_FALSE(outcomes[2].ok());
    EXPECT_EQ(outcomes[2].error()->code(), errc::not_found);
    EXPECT_EQ(mock.secret(two.id())->label, "");
}

TEST_P(UpdateCombinations, ClearingANameThatAnEarlierItemGivesIsSent)
{
    const SecretUri uri = run(model.add_secret("", {"token=old"}));
    mock.clear_transcript();
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    updates.emplace_back(uri, SecretUpdate().new_name("db"));
    updates.emplace_back(uri, SecretUpdate().clear_name());

    const auto outcomes = run(model.secrets_manager().update(updates));

    EXPECT_TRUE(outcomes.ok());
    EXPECT_EQ(mock.secret(uri.id())->label, "");
    const auto requests = sent();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(
        requests[0],
        R"({"request-id":3,"type":"Secrets","version":2,"request":"UpdateSecrets","params":{"args":[{"label":"db","uri":"secret:9m4e2mr0ui3e8a215n4g"},{"label":"","uri":"secret:9m4e2mr0ui3e8a215n4g"}]}})");
}

/// Juju 3.6 does not look at the model in a URI, so there it is the secret of this model, which has no name.
TEST_P(UpdateCombinations, ClearingTheNameOfASecretOfAnotherModelIsLeftToTheController)
{
    run(model.add_secret("", {"token=old"}));
    const std::string uri = "secret://11111111-2222-4333-8444-555555555555/9m4e2mr0ui3e8a215n4g";

    if (GetParam() == MockProfile::juju_3_6)
        run(model.update_secret(uri, SecretUpdate().clear_name()));
    else
        EXPECT_EQ(error_of(model.update_secret(uri, SecretUpdate().clear_name())).code(), errc::not_found);
}

TEST_P(UpdateCombinations, ClearingTheNameOfAMissingSecretSaysSo)
{
    EXPECT_EQ(error_of(model.update_secret("secret:9m4e2mr0ui3e8a215n4g", SecretUpdate().clear_name())).code(), errc::not_found);
}

TEST_P(UpdateCombinations, AnEmptyNewNameIsRefused)
{
    try {
        SecretUpdate().new_name("");
        ADD_FAILURE() << "not refused";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), errc::invalid_name);
        EXPECT_STREQ(error.what(), "new_name: an empty name; to take it away use clear_name");
    }
}

} // namespace
} // namespace juju
