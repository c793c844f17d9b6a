// Random calls on the public interface, each one's end and the view after it compared with what Juju does by a second, independent set of
// rules. JUJU_DIFFERENTIAL_OPERATIONS and JUJU_DIFFERENTIAL_SEED make it another run than the short one of every build.

#include "differential/driver.hpp"
#include "differential/generator.hpp"
#include "differential/juju_rules.hpp"

#include "support/client.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <set>
#include <tuple>

namespace juju::differential {
namespace {

constexpr auto model_uuid = "deadbeef-0bad-400d-8000-4b1d0d06f00d";
constexpr Time start{std::chrono::nanoseconds(1'770'000'000'123'456'789)};
constexpr std::size_t operations_in_every_build = 600;
constexpr std::size_t between_events = 10;
constexpr std::size_t between_reveals = 100;
constexpr std::size_t told_operations = 10;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

std::vector<std::uint64_t> seeds()
{
    if (const auto seed = number_from_environment("JUJU_DIFFERENTIAL_SEED", 0))
        return {seed};
    return {1, 2, 3};
}

using Parameters = std::tuple<MockProfile, std::uint64_t>;

std::string run_name(const testing::TestParamInfo<Parameters>& info)
{
    return (std::get<0>(info.param) == MockProfile::juju_3_6 ? "juju_3_6_seed_" : "juju_4_0_seed_") +
           std::to_string(std::get<1>(info.param));
}

struct Counts {
    std::size_t operations = 0;
    std::size_t refused = 0;
    std::size_t events = 0;
    std::size_t comparisons = 0;
    std::size_t differences = 0;
    std::size_t most_secrets = 0;
    std::size_t most_revisions = 0;
};

class DifferentialTest : public testing::TestWithParam<Parameters>, protected test::Client {
protected:
    DifferentialTest()
        : Client(MockOptions()
                     .profile(std::get<0>(GetParam()))
                     .state_yaml(std::string("model: {uuid: ") + model_uuid + ", name: demo, owner: admin}\n")
                     .applications({"gitlab", "mysql", "postgresql", "ubuntu"})
                     .clock(start)
                     .shuffle_results(true)
                     .keep_transcript(false)),
          seed(std::get<1>(GetParam())),
          generator(seed),
          driver(*this),
          rules(std::get<0>(GetParam()), model_uuid, start),
          now(start)
    {
        for (const auto* application : {"gitlab", "mysql", "postgresql", "ubuntu"})
            rules.add_application(application, MockApplication::alive);
        mock.add_application("leaving", MockApplication::dying);
        rules.add_application("leaving", MockApplication::dying);
        mock.add_application("faraway", MockApplication::consumed);
        rules.add_application("faraway", MockApplication::consumed);
        connect();
        for (int i = 0; i < 3; ++i)
            add_charm_secret(generator.charm_secret(rules));
        mock.fail_reveal(rules.secrets()[0].id, 1, "permission denied", "unauthorized access");
        rules.fail_reveal(rules.secrets()[0].id, 1, errc::permission_denied);
    }

    void add_charm_secret(const StoredSecret& secret)
    {
        Event event;
        event.charm_secret = secret;
        StoredSecret stored = secret;
        stored.id = driver.carry_out(event);
        ids.insert(stored.id);
        rules.add_charm_secret(std::move(stored));
    }

    void let_time_pass()
    {
        now += std::chrono::nanoseconds(1 + generator.below(3'000'000'000));
        mock.set_clock(now);
        rules.set_time(now);
    }

    void happen()
    {
        const Event event = generator.event(rules);
        JujuRules after = rules;
        if (!event.remove_application.empty())
            after.remove_application(event.remove_application);
        if (!event.add_application.empty())
            after.add_application(event.add_application, MockApplication::alive);
        if (!event.track_id.empty())
            after.track(event.track_id, event.track_revision, event.track_unit);
        if (after.is_open())
            return;
        rules = std::move(after);
        if (event.charm_secret)
            add_charm_secret(*event.charm_secret);
        else
            driver.carry_out(event);
        ++counts.events;
        remember(describe(event));
        compare("the list after " + describe(event), rules.view(), list());
    }

    void remember(std::string text)
    {
        history.push_back(std::move(text));
        if (history.size() > told_operations)
            history.pop_front();
    }

    /// A call whose end the reference settles.
    Operation settled_call(JujuRules& after, Result& expected)
    {
        for (;;) {
            Operation operation = generator.next(rules);
            after = rules;
            expected = after.apply(operation);
            if (!after.is_open())
                return operation;
        }
    }

    template <class T>
    void compare(const std::string& what, const T& expected, const T& got)
    {
        ++counts.comparisons;
        if (expected == got)
            return;
        ++counts.differences;
        std::string told;
        for (const auto& line : history)
            told += "  " + line + "\n";
        ADD_FAILURE() << "seed " << seed << ", operation " << counts.operations << ": " << what << "\n"
                      << difference(expected, got) << "the last operations, events among them:\n"
                      << told;
    }

    void one_operation()
    {
        JujuRules after = rules;
        Result expected;
        const Operation operation = settled_call(after, expected);
        const std::string text = describe(operation);
        ++counts.operations;
        remember(text);
        const Result got = driver.carry_out(operation);
        counts.refused += got.refused() ? 1 : 0;
        compare(text, expected, got);
        take_over(std::move(after));
        compare("the list after " + text, rules.view(), list());
    }

    /// Makes what was predicted the state, with the ids that the controller chose, none of which may have been there before.
    void take_over(JujuRules after)
    {
        ASSERT_EQ(driver.created().size(), after.unbound());
        for (const auto& id : driver.created())
            EXPECT_TRUE(ids.insert(id).second) << id;
        after.bind_new(driver.created());
        for (const StoredSecret& before : rules.secrets()) {
            if (std::ranges::find(after.secrets(), before.id, &StoredSecret::id) == after.secrets().end())
                generator.forget(before.id);
        }
        rules = std::move(after);
        std::size_t revisions = 0;
        for (const StoredSecret& secret : rules.secrets())
            revisions += secret.revisions.size();
        counts.most_secrets = std::max(counts.most_secrets, rules.secrets().size());
        counts.most_revisions = std::max(counts.most_revisions, revisions);
    }

    std::vector<SecretView> list() { return driver.carry_out(ListSecrets()).secrets; }

    void compare_call(const Operation& operation)
    {
        JujuRules same = rules;
        const Result expected = same.apply(operation);
        compare(describe(operation), expected, driver.carry_out(operation));
    }

    /// Every content of every revision, and the flag that no list shows.
    void compare_all()
    {
        ListSecrets everything;
        everything.show_secrets = true;
        compare_call(everything);
        for (const StoredSecret& secret : rules.secrets()) {
            Subject subject;
            subject.spelling = Spelling::uri;
            subject.id = secret.id;
            for (const StoredRevision& revision : secret.revisions)
                compare_call(RevealSecret{subject, revision.number});
            EXPECT_EQ(mock.secret(secret.id).value().auto_prune, secret.auto_prune) << secret.id;
        }
    }

    std::uint64_t seed;
    Generator generator;
    Driver driver;
    JujuRules rules;
    Time now;
    Counts counts;
    std::set<std::string> ids;
    std::deque<std::string> history;
};

INSTANTIATE_TEST_SUITE_P(Runs, DifferentialTest,
                         testing::Combine(testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), testing::ValuesIn(seeds())),
                         run_name);

TEST_P(DifferentialTest, EveryCallEndsAndLeavesBehindWhatTheRulesSay)
{
    const std::size_t operations = number_from_environment("JUJU_DIFFERENTIAL_OPERATIONS", operations_in_every_build);
    while (counts.operations < operations && counts.differences == 0 && !HasFailure()) {
        let_time_pass();
        one_operation();
        if (counts.operations % between_reveals == 0)
            compare_all();
        if (counts.operations % between_events == 0)
            happen();
    }
    EXPECT_TRUE(model.is_connected());
    EXPECT_EQ(mock.total_connections(), 1U);
    std::cout << (rules.is_3_6() ? "juju_3_6" : "juju_4_0") << " seed " << seed << ": " << counts.operations << " operations, "
              << counts.refused << " refused, " << counts.events << " events, at most " << counts.most_secrets << " secrets with "
              << counts.most_revisions << " revisions, " << counts.comparisons << " comparisons, " << counts.differences
              << " differences\n";
}

} // namespace
} // namespace juju::differential
