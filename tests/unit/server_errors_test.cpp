#include "wire/printable.hpp"
#include "wire/server_errors.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

using juju::errc;
using juju::Outcome;
namespace wire = juju::wire;

namespace {

struct Row {
    const char* code;
    const char* message;
    errc meaning;
};

void PrintTo(const Row& row, std::ostream* out)
{
    *out << '"' << row.message << "\" / \"" << row.code << '"';
}

class Refusal : public testing::TestWithParam<Row> {};

wire::Reply reply(std::string_view text)
{
    return wire::Reply(juju::WipingString(text));
}

std::optional<juju::Error> refusal_of(const wire::Reply& message)
{
    try {
        wire::throw_if_refused(message, "Secrets.ListSecrets");
    } catch (const juju::Error& error) {
        return error;
    }
    return std::nullopt;
}

} // namespace

TEST_P(Refusal, HasItsMeaning)
{
    EXPECT_EQ(wire::classify(GetParam().code, GetParam().message), GetParam().meaning);
}

// wire-protocol 8.1: the general codes, in the order of the table.
INSTANTIATE_TEST_SUITE_P(
    GeneralCodes, Refusal,
    testing::Values(
        Row{"not found", "secret \"secret:9m4e2mr0ui3e8a215n4g\" not found", errc::not_found}, Row{"user not found", "x", errc::not_found},
        Row{"model not found", "unknown model: \"deadbeef-0bad-400d-8000-4b1d0d06f00d\"", errc::model_not_found},
        Row{"already exists", "secret with name \"x\" already exists", errc::already_exists},
        Row{"not valid", "empty secret value not valid", errc::not_valid}, Row{"bad request", "x", errc::not_valid},
        Row{"not supported", "facade \"Secrets\" not supported for controller API connection", errc::not_supported},
        Row{"not implemented", "unknown version (3) of interface \"Secrets\"", errc::not_implemented},
        Row{"not implemented", "unknown version 3 for facade type \"Secrets\"", errc::not_implemented},
        Row{"method not allowed", "x", errc::server_error}, Row{"unauthorized access", "permission denied", errc::permission_denied},
        Row{"unauthorized access", "\"M\" is not allowed to manage this secret", errc::permission_denied},
        Row{"unauthorized access", "user \"bob\" is disabled", errc::permission_denied}, Row{"forbidden", "x", errc::blocked},
        Row{"no credentials provided", "x", errc::login_failed}, Row{"login expired", "x", errc::login_expired},
        Row{"session token invalid", "x", errc::login_expired}, Row{"macaroon discharge required", "x", errc::discharge_required},
        Row{"access required", "access permissions required: map[model-M:write]", errc::permission_denied},
        Row{"redirection required", "redirection to alternative server required", errc::redirected},
        Row{"try again", "try again", errc::try_again},
        Row{"not yet available; try again later", "not yet available in 4.0.15", errc::try_again},
        Row{"excessive contention", "x", errc::try_again}, Row{"upgrade in progress", "upgrade in progress", errc::upgrade_in_progress},
        Row{"operation is blocked", "the operation has been blocked", errc::blocked}, Row{"quota limit exceeded", "x", errc::server_error},
        Row{"stopped", "watcher has been stopped", errc::server_error}, Row{"deadline exceeded", "x", errc::server_error}));

INSTANTIATE_TEST_SUITE_P(SecretCodesOf40, Refusal,
                         testing::Values(Row{"secret not found", "secret not found", errc::not_found},
                                         Row{"secret revision not found", "secret revision not found: secret:S/4", errc::not_found},
                                         Row{"secret consumer not found", "x", errc::not_found},
                                         Row{"secret backend not found", "secret backend not found: \"nope\"", errc::not_found},
                                         Row{"secret backend already exists", "x", errc::already_exists},
                                         Row{"secret backend not supported", "x", errc::not_supported},
                                         Row{"secret backend forbidden", "x", errc::blocked},
                                         Row{"secret backend not valid", "x", errc::not_valid}));

INSTANTIATE_TEST_SUITE_P(UnknownCodes, Refusal,
                         testing::Values(Row{"some new code", "x", errc::server_error}, Row{"Not Found", "x", errc::server_error},
                                         Row{"not found ", "x", errc::server_error}, Row{"found", "x", errc::server_error},
                                         // A code decides alone: the text of another error beside it changes nothing.
                                         Row{"some new code", "application \"x\" not found", errc::server_error},
                                         Row{"not valid", "model migration in progress", errc::not_valid}));

// wire-protocol 8.4, and the texts that 4.0 gives no code (secrets-facade 1.2).
INSTANTIATE_TEST_SUITE_P(
    TextsWithoutCode, Refusal,
    testing::Values(Row{"", "model migration in progress", errc::migration_in_progress},
                    Row{"", "migration in progress, model is importing", errc::migration_in_progress},
                    Row{"", "doing this: model migration in progress", errc::migration_in_progress},
                    Row{"", "login failed - maintenance in progress", errc::upgrade_in_progress},
                    Row{"", "login for machine 0 blocked because upgrade is in progress", errc::upgrade_in_progress},
                    Row{"", "anonymous login blocked because upgrade is in progress", errc::upgrade_in_progress},
                    Row{"", "connection is shut down", errc::connection_lost}, Row{"", "context canceled", errc::connection_lost},
                    Row{"", "listing secrets: context canceled", errc::connection_lost},
                    Row{"", "context deadline exceeded", errc::server_error}, Row{"", "already logged in", errc::server_error},
                    Row{"", "\"foo\" is not a valid tag", errc::server_error},
                    Row{"", "json: cannot unmarshal string into Go struct field X of type int", errc::server_error},
                    Row{"", "secret is from a different model", errc::not_found},
                    Row{"", "cannot change access to \"secret:S\" for \"nosuch\": application \"nosuch\" not found", errc::not_found},
                    Row{"", "at least one attribute to update must be specified", errc::server_error},
                    Row{"", "runtime error: invalid memory address or nil pointer dereference", errc::server_error},
                    Row{"", "", errc::server_error}, Row{"", "model migration in progress, said somebody", errc::server_error}));

INSTANTIATE_TEST_SUITE_P(WrongPassword, Refusal,
                         testing::Values(Row{"unauthorized access", "invalid entity name or password", errc::login_failed},
                                         Row{"", "invalid entity name or password", errc::login_failed}));

TEST(ServerErrors, KeepTheControllersOwnWords)
{
    const auto message = reply(R"({"request-id":3,"error":"permission denied","error-code":"unauthorized access","response":{}})");

    const auto error = refusal_of(message);

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::permission_denied);
    EXPECT_EQ(error->server_message(), "permission denied");
    EXPECT_EQ(error->server_code(), "unauthorized access");
    EXPECT_EQ(error->server_info(), "");
    EXPECT_EQ(error->request(), "Secrets.ListSecrets");
    EXPECT_EQ(error->outcome(), Outcome::rejected);
    EXPECT_TRUE(error->connection_usable());
    EXPECT_STREQ(error->what(), "Secrets.ListSecrets: permission denied (unauthorized access)");
}

TEST(ServerErrors, SayThatThereIsNoMessage)
{
    EXPECT_STREQ(wire::refusal("Secrets.UpdateSecrets", "", "not found").what(),
                 "Secrets.UpdateSecrets: refused without a reason (not found)");
    EXPECT_STREQ(wire::refusal("Secrets.UpdateSecrets", "", "").what(), "Secrets.UpdateSecrets: refused without a reason");
}

TEST(ServerErrors, DoNotRepeatACodeThatIsTheMessage)
{
    EXPECT_STREQ(wire::refusal("Secrets.UpdateSecrets", "secret not found", "secret not found").what(),
                 "Secrets.UpdateSecrets: secret not found");
    EXPECT_STREQ(wire::refusal("Secrets.UpdateSecrets", "model migration in progress", "").what(),
                 "Secrets.UpdateSecrets: model migration in progress");
}

TEST(ServerErrors, KeepTheInfoAsJson)
{
    const auto message = reply(R"({"request-id":3,"error":"go away","error-code":"redirection required",)"
                               R"("error-info":{"servers":[[{"value":"203.0.113.9","port":17070}]],"ca-cert":"PEM\n"},"response":{}})");

    const auto error = refusal_of(message);

    ASSERT_TRUE(error.has_value());
    EXPECT_TRUE(error->code() == errc::redirected);
    EXPECT_EQ(error->server_info(), R"({"servers":[[{"value":"203.0.113.9","port":17070}]],"ca-cert":"PEM\n"})");
}

TEST(ServerErrors, EscapeControlCharactersInTheTextOnly)
{
    const auto error = wire::refusal("Secrets.ListSecrets", "one\ntwo\x1b[31m\x7f", "a\rcode");

    EXPECT_STREQ(error.what(), "Secrets.ListSecrets: one\\x0atwo\\x1b[31m\\x7f (a\\x0dcode)");
    EXPECT_EQ(error.server_message(), "one\ntwo\x1b[31m\x7f");
    EXPECT_EQ(error.server_code(), "a\rcode");
}

TEST(ServerErrors, CutALongText)
{
    const auto error = wire::refusal("Secrets.ListSecrets", std::string(1'000'000, 'x'), "");

    EXPECT_LT(std::string(error.what()).size(), 1'100U);
    EXPECT_EQ(error.server_message().size(), 1'000'000U);
}

TEST(ServerErrors, OfAControllerThatShutsDownBeforeTheCallAreRejections)
{
    const auto error = wire::refusal("Secrets.UpdateSecrets", "connection is shut down", "");

    EXPECT_EQ(error.outcome(), Outcome::rejected);
    EXPECT_FALSE(error.connection_usable());
}

TEST(ServerErrors, OfACallThatWasCutOffLeaveTheOutcomeUnknown)
{
    const auto error = wire::refusal("Secrets.UpdateSecrets", "updating secret: context canceled", "");

    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_FALSE(error.connection_usable());
}

TEST(ServerErrors, AreNotThrownForASuccess)
{
    EXPECT_FALSE(refusal_of(reply(R"({"request-id":3,"response":{}})")).has_value());
    EXPECT_FALSE(refusal_of(reply(R"({"request-id":3,"error":"","error-code":"not found","response":{}})")).has_value());
    EXPECT_FALSE(refusal_of(reply(R"({"request-id":3,"error":null,"response":{}})")).has_value());
}

TEST(Printable, ShowsWhatCannotBeSeenAndWhatIsNoUtf8)
{
    EXPECT_EQ(wire::printable("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    EXPECT_EQ(wire::printable("one\ntwo\x1b[2J\x7f"), R"(one\x0atwo\x1b[2J\x7f)");
    EXPECT_EQ(wire::printable("a\xff\xc3"), R"(a\xff\xc3)");
    EXPECT_EQ(wire::printable("ab\xe2\x80\xaetxt.exe"), R"(ab\xe2\x80\xaetxt.exe)") << "a mark that turns the direction of what follows";
    EXPECT_EQ(wire::printable(std::string(1000, 'x')), std::string(1000, 'x'));
    EXPECT_EQ(wire::printable(std::string(1001, 'x')), std::string(1000, 'x') + "...");
    EXPECT_EQ(wire::printable(std::string(999, 'x') + "\xc3\xa9y"), std::string(999, 'x') + "\xc3\xa9...") << "no character is cut in two";
}
