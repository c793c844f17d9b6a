// Every fault of the mock controller, in every public call, on both releases of Juju.

#include "faults/cell.hpp"
#include "faults/live_frames.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace juju::faults {
namespace {

namespace asio = boost::asio;

std::atomic<int> cells_passed = 0;
std::atomic<int> cells_failed = 0;

/// Prints the sum at the end.
class Sum : public testing::Environment {
public:
    void TearDown() override
    {
        const int passed = cells_passed;
        const int failed = cells_failed;
        if (passed + failed != 0)
            std::printf("cells %d, passed %d, failed %d\n", passed + failed, passed, failed);
    }
};
const auto* const sum = testing::AddGlobalTestEnvironment(new Sum);

std::string text_of(MockProfile profile)
{
    return profile == MockProfile::juju_3_6 ? "3.6" : "4.0";
}

/// With reconnecting on, and off where that makes a difference.
std::string problem_in(const Row& row, const Call& call, MockProfile profile)
{
    std::string problem = problem_of({row, call, profile, true});
    if (depends_on_reconnecting(row, call)) {
        const auto other = problem_of({row, call, profile, false});
        if (!other.empty())
            problem += (problem.empty() ? "" : "; ") + ("without reconnecting: " + other);
    }
    return problem;
}

class FaultMatrix : public testing::TestWithParam<std::size_t> {};

/// All cells of a row; under a sanitizer, where they take ten times as long, one in this many, and others in each row.
std::size_t stride()
{
#ifdef JUJU_TEST_SANITIZED
    if (std::getenv("JUJU_TEST_EVERY_FAULT") == nullptr)
        return 5;
#endif
    return 1;
}

/// The cells mostly wait, so several run at once.
TEST_P(FaultMatrix, EndsAsTheTableSays)
{
    constexpr std::size_t threads = 8;
    const Row& row = rows()[GetParam()];
    const std::size_t count = calls().size() * 2;
    std::vector<std::string> problems(count);
    const std::size_t step = stride();
    const std::size_t first = GetParam() % step;
    std::atomic<std::size_t> next = first;
    const auto work = [&] {
        for (std::size_t i = next.fetch_add(step); i < count; i = next.fetch_add(step))
            problems[i] = problem_in(row, calls()[i / 2], i % 2 == 0 ? MockProfile::juju_3_6 : MockProfile::juju_4_0);
    };
    {
        std::vector<std::jthread> workers;
        for (std::size_t i = 0; i < threads; ++i)
            workers.emplace_back(work);
    }
    for (std::size_t i = first; i < count; i += step) {
        ++(problems[i].empty() ? cells_passed : cells_failed);
        if (!problems[i].empty())
            ADD_FAILURE() << row.spec << " in " << calls()[i / 2].name << " on "
                          << text_of(i % 2 == 0 ? MockProfile::juju_3_6 : MockProfile::juju_4_0) << ": " << problems[i];
    }
}

std::string name_of(const testing::TestParamInfo<std::size_t>& info)
{
    std::string name;
    for (const char c : rows()[info.param].spec)
        name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return std::to_string(info.param) + "_" + name;
}

INSTANTIATE_TEST_SUITE_P(Rows, FaultMatrix, testing::Range(std::size_t{0}, rows().size()), name_of);

asio::awaitable<void> wait_for_ever(asio::steady_timer& timer)
{
    timer.expires_at(std::chrono::steady_clock::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

TEST(LiveFrames, SeesACoroutineThatIsKept)
{
    const LiveFrames frames;
    {
        asio::io_context context;
        asio::steady_timer timer(context);
        asio::co_spawn(context, wait_for_ever(timer), asio::detached);
        context.run_for(std::chrono::milliseconds(1));
        EXPECT_FALSE(context.stopped());
        EXPECT_GE(frames.count(), 1U);
        timer.cancel();
        context.run();
        EXPECT_EQ(frames.count(), 0U);

        auto never_started = wait_for_ever(timer);
        EXPECT_EQ(frames.count(), 1U);
    }
    EXPECT_EQ(frames.count(), 0U);
    EXPECT_GE(frames.made(), 2U);
}

TEST(LiveFrames, OfOtherThreadsAreTheirs)
{
    asio::io_context context;
    asio::steady_timer timer(context);
    const LiveFrames frames;
    std::optional<asio::awaitable<void>> of_another;
    std::jthread([&] { of_another.emplace(wait_for_ever(timer)); }).join();

    EXPECT_EQ(frames.count(), 0U);
}

TEST(FaultTable, HasEveryKindAndPhase)
{
    std::set<MockFaultKind> kinds;
    std::set<MockPhase> phases;
    for (const Row& row : rows()) {
        const auto fault = MockFault::parse(row.spec);
        kinds.insert(fault.kind());
        phases.insert(fault.phase());
    }
    EXPECT_EQ(kinds.size(), static_cast<std::size_t>(MockFaultKind::item_error) + 1);
    EXPECT_EQ(phases.size(), static_cast<std::size_t>(MockPhase::close) + 1);
}

/// Every coroutine that a class of the public headers declares has a cell.
TEST(FaultCalls, AreAllPublicCalls)
{
    std::set<std::string> known;
    for (const Call& call : calls())
        known.insert(call.name.substr(0, call.name.find_first_of(" (")));
    const std::pair<const char*, const char*> classes[] = {{"Model", "model.hpp"},
                                                           {"SecretsManager", "secrets_manager.hpp"},
                                                           {"Controller", "controller.hpp"},
                                                           {"SecretWatcher", "secret_watcher.hpp"}};
    for (const auto& [type, header] : classes) {
        std::ifstream file(std::string(JUJU_INCLUDE) + "/juju/" + header);
        std::string line;
        int declared = 0;
        while (std::getline(file, line)) {
            if (!line.starts_with("    boost::asio::awaitable<"))
                continue;
            const auto parenthesis = line.find('(');
            const auto space = line.rfind(' ', parenthesis);
            const auto name = std::string(type) + "::" + line.substr(space + 1, parenthesis - space - 1);
            EXPECT_TRUE(known.contains(name)) << name;
            ++declared;
        }
        EXPECT_GE(declared, 1) << header;
    }
}

TEST(FaultDocument, IsWhatTheTableSays)
{
    std::ifstream file(JUJU_DOCUMENT);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    EXPECT_TRUE(text == document()) << "make it anew: fault_document > docs/explanation/failures.md";
}

} // namespace
} // namespace juju::faults
