// Bugs 9 to 18 of python-libjuju 3.5.2, each with the input that shows it there (bugs 1 to 8 are in the unit tests of the content).

#include "support/client.hpp"

namespace juju {
namespace {

using test::Client;

class PythonBug : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    PythonBug() : Client(MockOptions().profile(GetParam())) { connect(); }
};

INSTANTIATE_TEST_SUITE_P(Profiles, PythonBug, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(PythonBug, Number9UpdateErasesNameAndDescription)
{
    run(model.add_secret("x", {"k1x=a"}, "first"));
    run(model.add_secret("y", {"k1x=a"}, "second"));

    run(model.update_secret("x", SecretUpdate().data({"k1x=v"})));
    run(model.update_secret("y", SecretUpdate().data({"k1x=v"})));

    ASSERT_TRUE(mock.secret("x"));
    EXPECT_EQ(mock.secret("x")->description, "first");
    ASSERT_TRUE(mock.secret("y"));
    EXPECT_EQ(mock.secret("y")->description, "second");
    for (const auto& text : sent()) {
        EXPECT_EQ(text.find(R"("label":"")"), std::string::npos) << text;
        EXPECT_EQ(text.find(R"("description":"")"), std::string::npos) << text;
    }
}

TEST_P(PythonBug, Number10UpdateCannotSetAutoPrune)
{
    run(model.add_secret("x", {"k1x=a"}));

    run(model.update_secret("x", SecretUpdate().auto_prune(true)));

    EXPECT_TRUE(mock.secret("x")->auto_prune);
}

TEST_P(PythonBug, Number11OnlyLabelsAreSent)
{
    const auto uri = run(model.add_secret("x", {"k1x=a"}));

    run(model.grant_secret(uri.str(), "gitlab"));
    run(model.update_secret(uri.str(), SecretUpdate().info("described")));
    EXPECT_EQ(mock.secret("x")->grants.size(), 1U);
    EXPECT_EQ(mock.secret("x")->description, "described");

    run(model.remove_secret(uri.str()));
    EXPECT_TRUE(mock.secrets().empty());
}

TEST_P(PythonBug, Number12GrantToTwoApplicationsFailsAfterSuccess)
{
    run(model.add_secret("x", {"k1x=a"}));

    run(model.grant_secret("x", {"gitlab", "mysql"}));

    EXPECT_EQ(mock.secret("x")->grants.size(), 2U);
}

TEST_P(PythonBug, Number13ErrorPathsRaiseTypeErrors)
{
    run(model.add_secret("x", {"k1x=a"}));
    mock.add_fault(MockFault(MockFaultKind::reply).method("GrantSecret").text(R"({"request-id":$ID,"response":{"results":[]}})"));

    const Error error = error_of(model.grant_secret("x", "gitlab"));

    EXPECT_EQ(error.code(), errc::malformed_reply);
    EXPECT_STREQ(error.what(), "Secrets.GrantSecret: malformed reply from the controller: 0 results for 1 items");
}

TEST_P(PythonBug, Number14PartialSuccessIsLost)
{
    run(model.add_secret("x", {"k1x=a"}));

    const Error error = error_of(model.grant_secret("x", {"nosuch", "gitlab"}));

    ASSERT_EQ(error.items().size(), 2U);
    EXPECT_FALSE(error.items()[0].ok());
    EXPECT_TRUE(error.items()[1].ok());
    EXPECT_EQ(mock.secret("x")->grants.size(), 1U);
}

TEST_P(PythonBug, Number15EmptyNameAndDescriptionAreSent)
{
    run(model.add_secret("", {"k1x=v"}));
    run(model.add_secret("", {"k1x=v"}));

    for (const auto& text : sent()) {
        EXPECT_EQ(text.find("label"), std::string::npos) << text;
        EXPECT_EQ(text.find("description"), std::string::npos) << text;
    }
    EXPECT_EQ(mock.secrets().size(), 2U);
}

TEST_P(PythonBug, Number16AccessAndChecksumAreOutOfReach)
{
    run(model.add_secret("x", {"token=34ae35facd4"}));
    run(model.grant_secret("x", "gitlab"));

    const auto secret = run(model.get_secret("x"));

    EXPECT_EQ(secret.checksum(), "f6b8e492d8a1b4518581584094560cd4888c12719a86f490f81d5a63c3142465");
    ASSERT_EQ(secret.access().size(), 1U);
    EXPECT_EQ(secret.access()[0].target(), "application-gitlab");
    EXPECT_EQ(secret.access()[0].role(), "view");
}

TEST_P(PythonBug, Number17RevisionZeroIsSent)
{
    run(model.add_secret("x", {"k1x=a"}));
    const auto requests = mock.total_requests();

    EXPECT_EQ(error_of(model.remove_secret("x", 0)).code(), errc::invalid_revision);

    EXPECT_EQ(mock.total_requests(), requests);
    EXPECT_EQ(mock.secrets().size(), 1U);
}

TEST_P(PythonBug, Number18AControllerWithoutTheCallsIsATypeError)
{
    Client old(MockOptions().profile(GetParam()).secrets_versions({1}));
    old.connect();

    const Error error = old.error_of(old.model.add_secret("x", {"k1x=v"}));

    EXPECT_EQ(error.code(), errc::not_supported);
}

} // namespace
} // namespace juju
