#include "login/when_unlocked.hpp"

#include "local_error.hpp"
#include "support/run.hpp"

#include <juju/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

// What waits for a lock. Cancellation is in integration/store_lock_test.cpp.

namespace juju::login {
namespace {

using namespace std::chrono_literals;
using detail::local_error;

/// The error that it ends with.
Error error_of(std::function<void()> use, std::chrono::nanoseconds limit)
{
    try {
        support::run(when_unlocked(std::move(use), limit));
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "it has not failed";
    return local_error(errc::invalid_argument, "");
}

TEST(WhenUnlocked, CallsUntilTheLockIsFree)
{
    int calls = 0;
    support::run(when_unlocked(
        [&] {
            if (++calls < 4)
                throw local_error(errc::store_locked, "not yet");
        },
        1h));
    EXPECT_EQ(calls, 4);
}

TEST(WhenUnlocked, ThrowsTheLastErrorWhenTheTimeIsUp)
{
    int calls = 0;
    const auto use = [&] { throw local_error(errc::store_locked, "call " + std::to_string(++calls)); };

    const Error late = error_of(use, 30ms);
    EXPECT_EQ(late.code(), errc::store_locked);
    EXPECT_GT(calls, 1);
    EXPECT_EQ(late.what(), "call " + std::to_string(calls));

    calls = 0;
    EXPECT_STREQ(error_of(use, 0ns).what(), "call 1");
    EXPECT_EQ(calls, 1);
}

TEST(WhenUnlocked, ThrowsAnotherErrorAtOnce)
{
    int calls = 0;
    const auto use = [&] { throw local_error(errc::invalid_store, "call " + std::to_string(++calls)); };

    EXPECT_EQ(error_of(use, 1h).code(), errc::invalid_store);
    EXPECT_EQ(calls, 1);
}

} // namespace
} // namespace juju::login
