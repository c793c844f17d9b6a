// SecretWatcher against both profiles: every change once, whatever happens to the connection and to the calls.

#include "support/client.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <ostream>
#include <random>
#include <set>

namespace juju {

void PrintTo(SecretChangeKind kind, std::ostream* out)
{
    constexpr const char* names[] = {"added", "removed", "content", "metadata", "access"};
    *out << names[static_cast<int>(kind)];
}

namespace {

using namespace std::chrono_literals;
using test::Client;
using Kind = SecretChangeKind;

/// A change for comparing: the secret's id and the kind.
using Change = std::pair<std::string, Kind>;
using Changes = std::vector<Change>;

Changes summary(const std::vector<SecretChange>& changes)
{
    Changes all;
    for (const auto& change : changes)
        all.emplace_back(change.secret().uri().id(), change.kind());
    return all;
}

constexpr auto first_id = "9m4e2mr0ui3e8a215n4g";
constexpr auto second_id = "coj8mulh8b41e8nv6p90";

class WatchTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    explicit WatchTest(const std::string& state = "next_ids: [9m4e2mr0ui3e8a215n4g, coj8mulh8b41e8nv6p90]\n")
        : Client(MockOptions().profile(GetParam()).applications({"gitlab", "mysql", "ubuntu"}).state_yaml(state)),
          other(context.get_executor())
    {
        connect();
        run(other.connect(mock.connect_options()));
    }

    static WatchOptions quick() { return WatchOptions().interval(1ms); }

    Changes next(SecretWatcher& watcher) { return summary(run(watcher.next())); }

    /// Lists made so far by all clients.
    std::size_t lists() const
    {
        const auto texts = sent();
        const auto is_list = [](const std::string& text) { return text.find(R"("request":"ListSecrets")") != std::string::npos; };
        return static_cast<std::size_t>(std::ranges::count_if(texts, is_list));
    }

    /// Runs what is ready until something is so.
    template <class Predicate>
    void run_until(Predicate&& done)
    {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (!done()) {
            if (std::chrono::steady_clock::now() > limit)
                throw std::runtime_error("it did not come to this within 20 s");
            context.restart();
            context.run_one_for(1ms);
        }
        context.restart();
    }

    void run_until_lists(std::size_t count)
    {
        run_until([&] { return lists() >= count; });
    }

    /// Starts a `next` without waiting for it.
    std::future<std::vector<SecretChange>> start(SecretWatcher& watcher)
    {
        return boost::asio::co_spawn(context, watcher.next(), boost::asio::use_future);
    }

    Changes finish(std::future<std::vector<SecretChange>>& next)
    {
        run_until([&] { return next.wait_for(0s) == std::future_status::ready; });
        return summary(next.get());
    }

    Model other; ///< Makes the changes, over a connection of its own.
};

INSTANTIATE_TEST_SUITE_P(Profiles, WatchTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(WatchTest, ReportsWhatExistsAsAdded)
{
    run(other.add_secret("zebra", {"key=1"}));
    run(other.add_secret("apple", {"key=2"}));
    SecretWatcher watcher = model.watch_secrets(quick());

    const auto changes = run(watcher.next());

    EXPECT_EQ(summary(changes), (Changes{{first_id, Kind::added}, {second_id, Kind::added}}));
    EXPECT_EQ(changes.at(0).secret().name(), "zebra");
    EXPECT_EQ(changes.at(1).secret().name(), "apple");
}

TEST_P(WatchTest, WaitsForTheFirstSecretWhereThereIsNone)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    auto first = start(watcher);
    run_until_lists(3);

    run(other.add_secret("apple", {"key=1"}));

    EXPECT_EQ(finish(first), (Changes{{first_id, Kind::added}}));
}

TEST_P(WatchTest, TakesWhatExistsAsKnownWhenToldSo)
{
    run(other.add_secret("zebra", {"key=1"}));
    SecretWatcher watcher = model.watch_secrets(quick().report_existing(false));
    auto first = start(watcher);
    run_until_lists(2);

    run(other.add_secret("apple", {"key=2"}));

    EXPECT_EQ(finish(first), (Changes{{second_id, Kind::added}}));
}

TEST_P(WatchTest, TellsEachKindOfChange)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    const auto uri = run(other.add_secret("db", {"key=1"}));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));

    run(other.update_secret(uri, SecretUpdate().data({"key=2"})));
    auto changes = run(watcher.next());
    EXPECT_EQ(summary(changes), (Changes{{first_id, Kind::content}}));
    EXPECT_EQ(changes.at(0).secret().latest_revision(), 2);
    EXPECT_EQ(changes.at(0).secret().checksum(), SecretContent({"key=2"}).checksum());

    run(other.update_secret(uri, SecretUpdate().new_name("database")));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::metadata}}));
    run(other.update_secret(uri, SecretUpdate().info("what the shop needs")));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::metadata}}));
    run(other.remove_secret(uri, 1));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::metadata}}));

    run(other.grant_secret(uri, {"gitlab", "mysql"}));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::access}}));
    run(other.revoke_secret(uri, "mysql"));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::access}}));
    mock.remove_application("gitlab"); // 4.0 leaves a grant without a name (secrets-facade 2.6)
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::access}}));

    run(other.remove_secret(uri));
    changes = run(watcher.next());
    EXPECT_EQ(summary(changes), (Changes{{first_id, Kind::removed}}));
    EXPECT_EQ(changes.at(0).secret().name(), "database");
    EXPECT_EQ(changes.at(0).secret().info(), "what the shop needs");
}

TEST_P(WatchTest, TellsThatANewRevisionPrunedAnOldOne)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    run(other.add_secret("db", {"key=1"}));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));

    run(other.update_secret("db", SecretUpdate().data({"key=2"}).auto_prune(true)));

    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::content}, {first_id, Kind::metadata}}));
}

TEST_P(WatchTest, SeesOneNameUsedTwiceAsTwoSecrets)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    run(other.add_secret("db", {"key=1"}));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));

    run(other.remove_secret("db"));
    run(other.add_secret("db", {"key=1"}));

    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::removed}, {second_id, Kind::added}}));
}

TEST_P(WatchTest, SeesCharmSecrets)
{
    SecretWatcher watcher = model.watch_secrets(quick());

    const auto id = mock.add_charm_secret("unit-mysql-0", "password", {{"key", "dmFsdWU="}});

    const auto changes = run(watcher.next());
    EXPECT_EQ(summary(changes), (Changes{{id, Kind::added}}));
    EXPECT_EQ(changes.at(0).secret().owner(), "unit-mysql-0");
}

// On 4.0 an update with equal content moves the time of the update (secrets-facade 1.7).
TEST_P(WatchTest, TakesAnUpdateThatChangesNothingForNone)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    run(other.add_secret("db", {"key=1"}));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));

    run(other.update_secret("db", SecretUpdate().data({"key=1"})));
    auto waiting = start(watcher);
    run_until_lists(lists() + 2);
    run(other.add_secret("next", {"key=1"}));

    EXPECT_EQ(finish(waiting), (Changes{{second_id, Kind::added}}));
}

TEST_P(WatchTest, SeesWhatEntersAndLeavesTheFilter)
{
    SecretWatcher watcher = model.watch_secrets(quick().filter(SecretFilter().name("db")));
    run(other.add_secret("other", {"key=1"}));
    run(other.add_secret("db", {"key=1"}));
    EXPECT_EQ(next(watcher), (Changes{{second_id, Kind::added}}));

    run(other.update_secret("db", SecretUpdate().new_name("database")));
    EXPECT_EQ(next(watcher), (Changes{{second_id, Kind::removed}}));
    run(other.update_secret("other", SecretUpdate().new_name("db")));

    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));
}

TEST_P(WatchTest, NeverRevealsWhateverTheFilterSays)
{
    run(other.add_secret("db", {"key=1"}));
    SecretWatcher watcher = model.watch_secrets(quick().filter(SecretFilter().show_secrets(true)));

    const auto changes = run(watcher.next());

    EXPECT_FALSE(changes.at(0).secret().has_content());
    EXPECT_EQ(sent().back(),
              R"({"request-id":2,"type":"Secrets","version":2,"request":"ListSecrets","params":{"show-secrets":false,"filter":{}}})");
}

TEST_P(WatchTest, ThrowsWhatAListThrows)
{
    SecretWatcher watcher = model.watch_secrets(quick().filter(SecretFilter().owner("nonsense")));
    EXPECT_EQ(error_of(watcher.next()).code(), errc::invalid_owner);

    mock.add_fault(MockFault(MockFaultKind::error).method("ListSecrets").text("no").code("unauthorized access"));
    SecretWatcher refused = model.watch_secrets(quick());
    run(other.add_secret("db", {"key=1"}));
    const Error error = error_of(refused.next());

    EXPECT_EQ(error.code(), errc::permission_denied);
    EXPECT_EQ(error.request(), "Secrets.ListSecrets");
    EXPECT_EQ(next(refused), (Changes{{first_id, Kind::added}}));
}

TEST_P(WatchTest, NeedsAnIntervalOfAMillisecond)
{
    SecretWatcher watcher = model.watch_secrets(WatchOptions().interval(0ms));

    const Error error = error_of(watcher.next());

    EXPECT_EQ(error.code(), errc::invalid_argument);
    EXPECT_STREQ(error.what(), "interval of 0 ms not valid: a watcher needs at least 1 ms (WatchOptions::interval)");
    EXPECT_EQ(lists(), 0U);
}

TEST_P(WatchTest, ListsAtOnceAndThenNotBeforeTheInterval)
{
    run(other.add_secret("db", {"key=1"}));
    SecretWatcher watcher = model.watch_secrets(WatchOptions().interval(std::chrono::milliseconds::max()));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));

    run(other.remove_secret("db"));
    EXPECT_EQ(error_of(juju::with_timeout(20ms, watcher.next())).code(), errc::timed_out);
    EXPECT_EQ(error_of(juju::with_timeout(20ms, watcher.next())).code(), errc::timed_out);

    EXPECT_EQ(lists(), 1U);
}

TEST_P(WatchTest, ListsAgainAfterTheInterval)
{
    SecretWatcher watcher = model.watch_secrets(WatchOptions().interval(50ms));
    run(other.add_secret("db", {"key=1"}));
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));

    run(other.remove_secret("db"));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::removed}}));

    EXPECT_GE(std::chrono::steady_clock::now() - before, 50ms);
    EXPECT_EQ(lists(), 2U);
}

TEST_P(WatchTest, AFailedListCountsForTheInterval)
{
    run(model.disconnect());
    SecretWatcher watcher = model.watch_secrets(WatchOptions().interval(1h));
    EXPECT_EQ(error_of(watcher.next()).code(), errc::not_connected);
    connect();

    EXPECT_EQ(error_of(juju::with_timeout(20ms, watcher.next())).code(), errc::timed_out);

    EXPECT_EQ(lists(), 0U);
}

TEST_P(WatchTest, RefusesASecondNextAndLetsTheFirstGoOn)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    auto first = start(watcher);
    run_until_lists(1);

    const Error error = error_of(watcher.next());
    EXPECT_EQ(error.code(), errc::invalid_argument);
    EXPECT_STREQ(error.what(), "a next of this watcher is going on; one at a time");
    run(other.add_secret("db", {"key=1"}));
    EXPECT_EQ(finish(first), (Changes{{first_id, Kind::added}}));

    run(other.remove_secret("db"));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::removed}}));
}

TEST_P(WatchTest, ANextOutlivesItsWatcher)
{
    auto watcher = std::make_unique<SecretWatcher>(model.watch_secrets(quick()));
    auto waiting = start(*watcher);
    run_until_lists(1);

    watcher.reset();
    run(other.add_secret("db", {"key=1"}));

    EXPECT_EQ(finish(waiting), (Changes{{first_id, Kind::added}}));
}

TEST_P(WatchTest, GoesOnAfterAMove)
{
    SecretWatcher first = model.watch_secrets(quick());
    run(other.add_secret("db", {"key=1"}));
    EXPECT_EQ(next(first), (Changes{{first_id, Kind::added}}));
    run(other.remove_secret("db"));

    SecretWatcher second(std::move(first));
    EXPECT_EQ(next(second), (Changes{{first_id, Kind::removed}}));
    run(other.add_secret("db", {"key=1"}));
    first = std::move(second);

    EXPECT_EQ(next(first), (Changes{{second_id, Kind::added}}));
}

/// Awaits a `next` on an io_context of its own, which runs one step at a time.
class Caller {
public:
    explicit Caller(SecretWatcher& watcher)
    {
        auto finish = [this](std::exception_ptr error, const std::vector<SecretChange>&) {
            ended_ = true;
            try {
                if (error)
                    std::rethrow_exception(error);
            } catch (const Error& failure) {
                code_ = failure.code();
            }
        };
        boost::asio::co_spawn(context_, watcher.next(), boost::asio::bind_cancellation_slot(signal_.slot(), finish));
    }

    /// Runs the next step; false when none is ready.
    bool step() { return context_.poll_one() != 0; }

    /// Cancels the `next` when all that is ready now has run, and before what becomes ready later.
    void cancel()
    {
        boost::asio::post(context_, [this] { signal_.emit(boost::asio::cancellation_type::terminal); });
    }
    bool ended() const noexcept { return ended_; }

    /// What the `next` failed with, if it failed.
    boost::system::error_code code() const noexcept { return code_; }

private:
    boost::asio::io_context context_;
    boost::asio::cancellation_signal signal_;
    bool ended_ = false;
    boost::system::error_code code_;
};

TEST_P(WatchTest, ADestroyedModelEndsANextThatWaitsForTheInterval)
{
    auto temporary = std::make_unique<Model>(context.get_executor());
    run(temporary->connect(mock.connect_options()));
    SecretWatcher watcher = temporary->watch_secrets(quick());
    Caller caller(watcher);
    ASSERT_TRUE(caller.step());
    run_until_lists(1);
    run_until([&] { return caller.step(); }); // the list is there and empty, and the next one is yet to come

    temporary.reset();
    run_until([&] { return caller.step() && caller.ended(); });

    EXPECT_EQ(caller.code(), errc::not_connected);
    EXPECT_EQ(error_of(watcher.next()).code(), errc::not_connected);
    EXPECT_EQ(lists(), 1U);
}

TEST_P(WatchTest, ADestroyedModelEndsANextInItsList)
{
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));
    auto temporary = std::make_unique<Model>(context.get_executor());
    run(temporary->connect(mock.connect_options()));
    SecretWatcher watcher = temporary->watch_secrets(quick());
    Caller caller(watcher);
    ASSERT_TRUE(caller.step());
    run_until_lists(1);

    temporary.reset();
    run_until([&] { return caller.step() && caller.ended(); });

    EXPECT_EQ(caller.code(), errc::connection_lost);
    EXPECT_EQ(error_of(watcher.next()).code(), errc::not_connected);
}

TEST_P(WatchTest, ANextMayBeLeftWaitingAtTheEndOfTheProgram)
{
    SecretWatcher watcher = model.watch_secrets(WatchOptions().interval(1h));
    auto waiting = start(watcher);
    run_until_lists(1);

    EXPECT_EQ(waiting.wait_for(0s), std::future_status::timeout);
}

TEST_P(WatchTest, ACancelledWaitLosesNothing)
{
    SecretWatcher watcher = model.watch_secrets(WatchOptions().interval(200ms));
    run(other.add_secret("db", {"key=1"}));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));
    run(other.remove_secret("db"));

    Caller caller(watcher);
    ASSERT_TRUE(caller.step());
    caller.cancel();
    run_until([&] { return caller.step() && caller.ended(); });

    EXPECT_EQ(caller.code(), errc::canceled);
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::removed}}));
}

TEST_P(WatchTest, ACancelledListLosesNothing)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    run(other.add_secret("db", {"key=1"}));
    mock.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));
    Caller caller(watcher);
    ASSERT_TRUE(caller.step());
    run_until_lists(1);

    caller.cancel();
    run_until([&] { return caller.step() && caller.ended(); });

    EXPECT_EQ(caller.code(), errc::canceled);
    EXPECT_TRUE(model.is_connected());
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));
}

// The answer is there, and on its way to the caller's own context, when the caller gives up.
TEST_P(WatchTest, ACancellationThatMeetsTheAnswerLosesNothing)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    run(other.add_secret("db", {"key=1"}));
    Caller caller(watcher);
    ASSERT_TRUE(caller.step());
    run_until_lists(1);
    caller.cancel();
    run(model.list_secrets()); // its answer comes after the one that is awaited

    ASSERT_TRUE(caller.step()); // the cancellation
    ASSERT_TRUE(caller.step()); // the answer

    EXPECT_TRUE(caller.ended());
    EXPECT_EQ(caller.code(), errc::canceled);
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));
}

TEST_P(WatchTest, DeadlinesAtAnyMomentLoseAndRepeatNothing)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    const auto uri = run(other.add_secret("db", {"key=0"}));
    EXPECT_EQ(next(watcher), (Changes{{first_id, Kind::added}}));
    std::size_t cut_off = 0;
    for (int change = 1; change <= 30; ++change) {
        SecretContent content;
        content.set("key", std::to_string(change));
        run(other.update_secret(uri, SecretUpdate().data(content)));
        std::vector<SecretChange> changes;
        for (auto limit = 200us; changes.empty(); limit += limit / 8) {
            try {
                changes = run(juju::with_timeout(limit, watcher.next()));
            } catch (const Error& error) {
                ASSERT_EQ(error.code(), errc::timed_out) << error.what();
                ++cut_off;
            }
        }
        ASSERT_EQ(summary(changes), (Changes{{first_id, Kind::content}}));
        ASSERT_EQ(changes[0].secret().latest_revision(), change + 1);
    }

    EXPECT_GT(cut_off, 0U);
}

/// Makes random changes over the other connection and knows what they come to.
class RandomChanges {
public:
    RandomChanges(Client& client, Model& model, unsigned seed) : client_(client), model_(model), random_(seed) {}

    void make_one()
    {
        const auto choice = random_() % 10;
        if (secrets_.size() < 3 || (choice == 0 && secrets_.size() < 12))
            return add();
        auto chosen = secrets_.begin();
        std::advance(chosen, static_cast<std::ptrdiff_t>(random_() % secrets_.size()));
        const SecretUri uri = SecretUri::parse(chosen->first);
        if (choice <= 1) {
            client_.run(model_.remove_secret(uri));
            secrets_.erase(chosen);
        } else if (choice <= 4) {
            change_content(uri, chosen->second);
        } else if (choice <= 6) {
            change_metadata(uri, chosen->second);
        } else {
            change_access(uri, chosen->second);
        }
    }

    /// What differs from the last call of this, ordered as a watcher orders it.
    Changes take()
    {
        Changes changes;
        for (const auto& [id, old] : reported_) {
            const auto now = secrets_.find(id);
            if (now == secrets_.end()) {
                changes.emplace_back(id, Kind::removed);
                continue;
            }
            if (now->second.content != old.content)
                changes.emplace_back(id, Kind::content);
            if (now->second.metadata != old.metadata)
                changes.emplace_back(id, Kind::metadata);
            if (now->second.access != old.access)
                changes.emplace_back(id, Kind::access);
        }
        for (const auto& [id, secret] : secrets_) {
            if (!reported_.contains(id))
                changes.emplace_back(id, Kind::added);
        }
        std::ranges::sort(changes);
        reported_ = secrets_;
        return changes;
    }

private:
    struct Known {
        int content = 0;
        int metadata = 0;
        std::set<std::string> access;
    };

    SecretContent new_content()
    {
        SecretContent content;
        content.set("key", std::to_string(++counter_));
        return content;
    }

    void add()
    {
        const auto uri = client_.run(model_.add_secret("secret-" + std::to_string(++counter_), new_content()));
        secrets_[uri.id()] = Known();
    }

    void change_content(const SecretUri& uri, Known& known)
    {
        client_.run(model_.update_secret(uri, SecretUpdate().data(new_content())));
        known.content = counter_;
    }

    void change_metadata(const SecretUri& uri, Known& known)
    {
        const auto text = "text-" + std::to_string(++counter_);
        SecretUpdate update;
        if (random_() % 2 == 0)
            update.info(text);
        else
            update.new_name(text);
        client_.run(model_.update_secret(uri, update));
        known.metadata = counter_;
    }

    void change_access(const SecretUri& uri, Known& known)
    {
        const std::string application = std::vector<std::string>{"gitlab", "mysql", "ubuntu"}[random_() % 3];
        if (known.access.erase(application) != 0) {
            client_.run(model_.revoke_secret(uri, application));
        } else {
            client_.run(model_.grant_secret(uri, application));
            known.access.insert(application);
        }
    }

    Client& client_;
    Model& model_;
    std::mt19937 random_;
    int counter_ = 0;
    std::map<std::string, Known> secrets_;
    std::map<std::string, Known> reported_;
};

class RandomWatchTest : public WatchTest {
protected:
    RandomWatchTest() : WatchTest("") {}

    bool revealed() const
    {
        return std::ranges::any_of(mock.transcript(), [](const MockMessage& message) {
            return message.direction == MockDirection::from_client && message.text.find(R"("show-secrets":true)") != std::string::npos;
        });
    }
};

INSTANTIATE_TEST_SUITE_P(Profiles, RandomWatchTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(RandomWatchTest, SeesEachOf200ChangesOnceOverLostConnections)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    RandomChanges changes(*this, other, 20261125);
    for (int i = 0; i < 200; ++i) {
        SCOPED_TRACE(i);
        changes.make_one();
        if (i == 50) {
            mock.drop_connections();
            run_until([&] { return !model.is_connected() && !other.is_connected(); });
        } else if (i == 100) {
            mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets")); // sent again
        } else if (i == 150) {
            mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets").after_applying());
            mock.add_fault(MockFault(MockFaultKind::reset).method("ListSecrets").nth(2));
            const Error error = error_of(watcher.next());
            ASSERT_EQ(error.code(), errc::connection_lost);
            ASSERT_FALSE(error.connection_usable());
        }
        const auto expected = changes.take();
        ASSERT_EQ(expected.size(), 1U);
        ASSERT_EQ(next(watcher), expected);
    }
    run(other.add_secret("last", {"key=1"}));
    const auto last = run(watcher.next());
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(last[0].secret().name(), "last");

    EXPECT_GE(lists(), 203U);
    EXPECT_FALSE(revealed());
}

TEST_P(RandomWatchTest, SeesSeveralChangesBetweenTwoListsAsTheirSum)
{
    SecretWatcher watcher = model.watch_secrets(quick());
    RandomChanges changes(*this, other, 42);
    std::size_t seen = 0;
    for (int round = 0; round < 40; ++round) {
        SCOPED_TRACE(round);
        for (int i = 0; i <= round % 8; ++i)
            changes.make_one();
        const auto expected = changes.take();
        if (expected.empty()) // such as a grant and its revocation
            continue;
        ASSERT_EQ(next(watcher), expected);
        seen += expected.size();
    }

    EXPECT_GT(seen, 60U);
    EXPECT_FALSE(revealed());
}

boost::asio::awaitable<std::vector<std::string>> watch_added(SecretWatcher& watcher, std::size_t count)
{
    std::vector<std::string> added;
    while (added.size() < count) {
        for (const auto& change : co_await watcher.next()) {
            EXPECT_EQ(change.kind(), Kind::added);
            added.push_back(change.secret().name());
        }
    }
    co_return added;
}

TEST_P(RandomWatchTest, WatchesFromManyThreadsBesideOtherCallsOfTheModel)
{
    constexpr int count = 40;
    boost::asio::thread_pool pool(4);
    Model shared(pool.get_executor());
    boost::asio::co_spawn(pool, shared.connect(mock.connect_options()), boost::asio::use_future).get();
    SecretWatcher watcher = shared.watch_secrets(quick());
    SecretWatcher second = shared.watch_secrets(quick());
    auto first_seen = boost::asio::co_spawn(pool, watch_added(watcher, count), boost::asio::use_future);
    auto second_seen = boost::asio::co_spawn(pool, watch_added(second, count), boost::asio::use_future);

    std::vector<std::future<SecretUri>> calls;
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
        names.push_back("secret-" + std::to_string(100 + i));
        calls.push_back(boost::asio::co_spawn(pool, shared.add_secret(names.back(), {"key=1"}), boost::asio::use_future));
    }
    for (auto& call : calls)
        call.get();

    auto first = first_seen.get();
    auto other_list = second_seen.get();
    std::ranges::sort(first);
    std::ranges::sort(other_list);
    EXPECT_EQ(first, names);
    EXPECT_EQ(other_list, names);
    boost::asio::co_spawn(pool, shared.disconnect(), boost::asio::use_future).get();
    pool.join();
}

TEST_P(RandomWatchTest, LetsOnlyOneOfManyThreadsInAtATime)
{
    boost::asio::thread_pool pool(4);
    Model shared(pool.get_executor());
    boost::asio::co_spawn(pool, shared.connect(mock.connect_options()), boost::asio::use_future).get();
    SecretWatcher watcher = shared.watch_secrets(quick());

    constexpr std::size_t calls = 8;
    std::atomic<std::size_t> seen = 0;
    std::atomic<std::size_t> refused = 0;
    std::atomic<std::size_t> ended = 0;
    auto finish = [&](std::exception_ptr error, const std::vector<SecretChange>& changes) {
        seen += changes.size();
        try {
            if (error)
                std::rethrow_exception(error);
        } catch (const Error& failure) {
            refused += failure.code() == errc::invalid_argument ? 1 : 0;
        }
        ++ended;
    };
    for (std::size_t i = 0; i < calls; ++i)
        boost::asio::co_spawn(pool, watcher.next(), finish);
    run_until([&] { return refused == calls - 1; }); // the one that came first waits for a change
    boost::asio::co_spawn(pool, shared.add_secret("db", {"key=1"}), boost::asio::use_future).get();
    run_until([&] { return ended == calls; });

    EXPECT_EQ(seen, 1U);
    boost::asio::co_spawn(pool, shared.disconnect(), boost::asio::use_future).get();
    pool.join();
}

} // namespace
} // namespace juju
