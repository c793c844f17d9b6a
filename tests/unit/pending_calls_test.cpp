#include "wire/pending_calls.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

using juju::errc;
using juju::wire::PendingCall;
using juju::wire::PendingCalls;
using juju::wire::Reply;
using Delivery = PendingCalls::Delivery;

namespace {

Reply reply_to(std::uint64_t id)
{
    return Reply(juju::WipingString(R"({"request-id":)" + std::to_string(id) + R"(,"response":{}})"));
}

juju::Error lost()
{
    return juju::Error(errc::connection_lost, juju::detail::ErrorDetails("lost"));
}

} // namespace

TEST(PendingCalls, CountIdsFromOne)
{
    PendingCalls table;

    const PendingCall first(table, [] {});
    const PendingCall second(table, [] {});

    EXPECT_EQ(first.id(), 1U);
    EXPECT_EQ(second.id(), 2U);
    EXPECT_EQ(table.size(), 2U);
}

TEST(PendingCalls, NeverUseAnIdAgain)
{
    PendingCalls table;
    {
        const PendingCall forgotten(table, [] {});
    }

    const PendingCall next(table, [] {});

    EXPECT_EQ(next.id(), 2U);
}

TEST(PendingCalls, DeliverWakesItsCallAndNoOther)
{
    PendingCalls table;
    int woken = 0;
    int other = 0;
    PendingCall first(table, [&] { ++other; });
    PendingCall second(table, [&] { ++woken; });
    table.mark_sent(1);
    table.mark_sent(2);

    EXPECT_EQ(table.deliver(reply_to(2)), Delivery::delivered);

    EXPECT_EQ(woken, 1);
    EXPECT_EQ(other, 0);
    ASSERT_TRUE(second.reply().has_value());
    EXPECT_EQ(second.reply()->request_id(), 2U);
    EXPECT_FALSE(second.failure().has_value());
    EXPECT_FALSE(first.reply().has_value());
    EXPECT_EQ(table.size(), 1U);
}

TEST(PendingCalls, SecondReplyToACallIsDropped)
{
    PendingCalls table;
    int woken = 0;
    PendingCall call(table, [&] { ++woken; });
    table.mark_sent(1);

    EXPECT_EQ(table.deliver(reply_to(1)), Delivery::delivered);
    EXPECT_EQ(table.deliver(reply_to(1)), Delivery::dropped);

    EXPECT_EQ(woken, 1);
}

TEST(PendingCalls, ReplyToAForgottenCallIsDropped)
{
    PendingCalls table;
    int woken = 0;
    auto call = std::make_unique<PendingCall>(table, [&] { ++woken; });
    table.mark_sent(1);

    call.reset();

    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.deliver(reply_to(1)), Delivery::dropped);
    EXPECT_EQ(woken, 0);
}

TEST(PendingCalls, ReplyToAnIdThatNoRequestHadIsToldApart)
{
    PendingCalls table;

    EXPECT_EQ(table.deliver(reply_to(1)), Delivery::never_sent);
    const PendingCall call(table, [] {});
    EXPECT_EQ(table.deliver(reply_to(2)), Delivery::never_sent);
    EXPECT_EQ(table.deliver(reply_to(18446744073709551615U)), Delivery::never_sent);
    EXPECT_EQ(table.size(), 1U);
}

TEST(PendingCalls, ReplyToARequestThatHasNotLeftIsToldApart)
{
    PendingCalls table;
    int woken = 0;
    PendingCall call(table, [&] { ++woken; });

    EXPECT_EQ(table.deliver(reply_to(1)), Delivery::never_sent);

    EXPECT_EQ(woken, 0);
    EXPECT_FALSE(call.reply().has_value());
    table.mark_sent(1);
    EXPECT_EQ(table.deliver(reply_to(1)), Delivery::delivered);
}

TEST(PendingCalls, MarkSentOnlyWhatSomebodyWaitsFor)
{
    PendingCalls table;
    auto forgotten = std::make_unique<PendingCall>(table, [] {});
    const PendingCall call(table, [] {});
    forgotten.reset();

    EXPECT_FALSE(call.sent());
    EXPECT_FALSE(table.mark_sent(1));
    EXPECT_TRUE(table.mark_sent(2));
    EXPECT_FALSE(table.mark_sent(3));
    EXPECT_TRUE(call.sent());
}

TEST(PendingCalls, MarkSentNothingThatHasFailed)
{
    PendingCalls table;
    const PendingCall call(table, [] {});
    table.fail_all(lost());

    EXPECT_FALSE(table.mark_sent(1));
    EXPECT_FALSE(call.sent());
}

TEST(PendingCalls, FailAllEndsEachCallOnce)
{
    PendingCalls table;
    int woken = 0;
    PendingCall first(table, [&] { ++woken; });
    PendingCall second(table, [&] { ++woken; });
    PendingCall answered(table, [&] { woken += 100; });
    table.mark_sent(3);
    table.deliver(reply_to(3));
    woken = 0;

    table.fail_all(lost());
    table.fail_all(juju::Error(errc::timed_out, juju::detail::ErrorDetails("another cause")));

    EXPECT_EQ(woken, 2);
    EXPECT_EQ(table.size(), 0U);
    ASSERT_TRUE(first.failure().has_value());
    EXPECT_STREQ(first.failure()->what(), "lost");
    ASSERT_TRUE(second.failure().has_value());
    EXPECT_STREQ(second.failure()->what(), "lost");
    EXPECT_FALSE(answered.failure().has_value());
    EXPECT_TRUE(answered.reply().has_value());
}

TEST(PendingCalls, FailAllOfAnEmptyTableDoesNothing)
{
    PendingCalls table;

    table.fail_all(lost());

    EXPECT_EQ(table.size(), 0U);
}

TEST(PendingCalls, LateReplyAfterFailAllIsDropped)
{
    PendingCalls table;
    PendingCall call(table, [] {});
    table.mark_sent(1);
    table.fail_all(lost());

    EXPECT_EQ(table.deliver(reply_to(1)), Delivery::dropped);
    EXPECT_FALSE(call.reply().has_value());
}

TEST(PendingCalls, CallMadeAfterFailAllLivesOn)
{
    PendingCalls table;
    table.fail_all(lost());
    PendingCall call(table, [] {});
    table.mark_sent(1);

    EXPECT_EQ(table.deliver(reply_to(1)), Delivery::delivered);
    EXPECT_TRUE(call.reply().has_value());
}

TEST(PendingCalls, AFailedCallCanBeDestroyedInAnyOrder)
{
    PendingCalls table;
    auto first = std::make_unique<PendingCall>(table, [] {});
    auto second = std::make_unique<PendingCall>(table, [] {});
    table.fail_all(lost());

    second.reset();
    first.reset();

    EXPECT_EQ(table.size(), 0U);
}
