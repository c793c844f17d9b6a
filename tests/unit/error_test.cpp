#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>

using juju::errc;
using juju::Error;
using juju::ErrorItem;
using juju::Outcome;

static_assert(std::is_nothrow_copy_constructible_v<Error>);
static_assert(std::is_nothrow_copy_assignable_v<Error>);
static_assert(std::is_base_of_v<boost::system::system_error, Error>);

namespace {

juju::detail::ErrorDetails full_details()
{
    juju::detail::ErrorDetails details("Secrets.GrantSecret: went wrong");
    details.server_code = "not found";
    details.server_message = "no such thing";
    details.server_info = "{\"a\":1}";
    details.request = "Secrets.GrantSecret";
    details.outcome = Outcome::unknown;
    details.connection_usable = false;
    return details;
}

} // namespace

TEST(Error, TellsEverythingItWasMadeWith)
{
    const Error error(errc::not_found, full_details());

    EXPECT_STREQ(error.what(), "Secrets.GrantSecret: went wrong");
    EXPECT_EQ(error.server_code(), "not found");
    EXPECT_EQ(error.server_message(), "no such thing");
    EXPECT_EQ(error.server_info(), "{\"a\":1}");
    EXPECT_EQ(error.request(), "Secrets.GrantSecret");
    EXPECT_EQ(error.outcome(), Outcome::unknown);
    EXPECT_FALSE(error.connection_usable());
    EXPECT_TRUE(error.items().empty());
}

TEST(Error, IsLocalUnlessToldOtherwise)
{
    const Error error(errc::invalid_key, juju::detail::ErrorDetails("a text"));

    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_EQ(error.request(), "");
    EXPECT_EQ(error.server_code(), "");
    EXPECT_EQ(error.server_message(), "");
    EXPECT_EQ(error.server_info(), "");
}

TEST(Error, CodeComparesWithErrc)
{
    const Error error(errc::not_found, full_details());

    EXPECT_TRUE(error.code() == errc::not_found);
    EXPECT_FALSE(error.code() == errc::not_valid);
    EXPECT_EQ(&error.code().category(), &juju::error_category());
}

TEST(Error, KeepsForeignCodes)
{
    const auto refused = boost::system::errc::make_error_code(boost::system::errc::connection_refused);
    const Error error(refused, full_details());

    EXPECT_EQ(error.code(), refused);
    EXPECT_FALSE(error.code() == errc::not_found);
}

TEST(Error, CanBeCaughtAsSystemError)
{
    std::string text;
    boost::system::error_code code;

    try {
        throw Error(errc::timed_out, full_details());
    } catch (const boost::system::system_error& error) {
        text = error.what();
        code = error.code();
    }

    EXPECT_EQ(text, "Secrets.GrantSecret: went wrong");
    EXPECT_TRUE(code == errc::timed_out);
}

TEST(Error, CopyTellsTheSame)
{
    const Error error(errc::not_found, full_details());

    const Error copy = error;

    EXPECT_STREQ(copy.what(), error.what());
    EXPECT_EQ(copy.code(), error.code());
    EXPECT_EQ(copy.outcome(), error.outcome());
}

TEST(Error, CanBeAskedAfterItWasMovedFrom)
{
    Error error(errc::not_found, juju::detail::ErrorDetails("gone"));

    const Error moved = std::move(error);

    EXPECT_STREQ(moved.what(), "gone");
    EXPECT_STREQ(error.what(), "gone"); // NOLINT(bugprone-use-after-move): this is what is tested
}

TEST(Error, HoldsItemsInOrder)
{
    auto details = full_details();
    details.items.emplace_back("gitlab");
    details.items.emplace_back("nosuch", Error(errc::not_found, juju::detail::ErrorDetails("gone")));
    const Error error(errc::not_found, std::move(details));

    ASSERT_EQ(error.items().size(), 2U);
    EXPECT_EQ(error.items()[0].subject(), "gitlab");
    EXPECT_TRUE(error.items()[0].ok());
    EXPECT_FALSE(error.items()[0].error().has_value());
    EXPECT_EQ(error.items()[1].subject(), "nosuch");
    EXPECT_FALSE(error.items()[1].ok());
    EXPECT_STREQ(error.items()[1].error()->what(), "gone");
}

TEST(ErrorCategory, IsNamedJuju)
{
    EXPECT_STREQ(juju::error_category().name(), "juju");
    EXPECT_EQ(make_error_code(errc::not_found).to_string(), "juju:80");
}

TEST(ErrorCategory, HasATextOfItsOwnForEachCode)
{
    constexpr errc all[] = {errc::invalid_argument,
                            errc::invalid_key,
                            errc::invalid_key_value,
                            errc::invalid_base64,
                            errc::invalid_secret_file,
                            errc::unreadable_file,
                            errc::content_too_large,
                            errc::empty_content,
                            errc::invalid_uri,
                            errc::invalid_name,
                            errc::invalid_owner,
                            errc::invalid_revision,
                            errc::no_applications,
                            errc::nothing_to_update,
                            errc::not_connected,
                            errc::not_supported,
                            errc::would_deadlock,
                            errc::invalid_store,
                            errc::store_locked,
                            errc::no_controller,
                            errc::no_model,
                            errc::controller_not_found,
                            errc::ambiguous_model,
                            errc::not_logged_in,
                            errc::canceled,
                            errc::timed_out,
                            errc::connection_lost,
                            errc::connect_failed,
                            errc::certificate_rejected,
                            errc::upgrade_refused,
                            errc::proxy_failed,
                            errc::message_too_large,
                            errc::malformed_reply,
                            errc::login_failed,
                            errc::login_mismatch,
                            errc::discharge_required,
                            errc::discharge_failed,
                            errc::login_expired,
                            errc::redirect_loop,
                            errc::redirected,
                            errc::model_not_found,
                            errc::not_found,
                            errc::already_exists,
                            errc::permission_denied,
                            errc::not_valid,
                            errc::not_implemented,
                            errc::try_again,
                            errc::upgrade_in_progress,
                            errc::migration_in_progress,
                            errc::blocked,
                            errc::several_matches,
                            errc::batch_aborted,
                            errc::left_behind,
                            errc::server_error};
    std::set<std::string> texts;

    for (const errc code : all)
        texts.insert(make_error_code(code).message());

    EXPECT_EQ(texts.size(), std::size(all));
    EXPECT_FALSE(texts.contains("unknown juju error"));
}

TEST(ErrorCategory, SurvivesAValueThatIsNoErrc)
{
    EXPECT_EQ(make_error_code(static_cast<errc>(9999)).message(), "unknown juju error");
}

TEST(ErrorCategory, EveryCodeIsAFailure)
{
    EXPECT_TRUE(make_error_code(errc::invalid_argument).failed());
    EXPECT_TRUE(make_error_code(errc::server_error).failed());
}
