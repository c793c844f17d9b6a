// A conversation that is cut off at any byte of either direction: it ends, with documented errors that say exactly what may have happened,
// no write is made twice, and nothing is left behind.

#include "robustness/live_allocations.hpp"
#include "robustness/relay.hpp"

#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/error.hpp>

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using test::Cut;
using test::Ending;
using test::Relay;
using test::Way;

/// How far a secret's life has come on the controller.
struct State {
    bool exists = false;
    int revision = 0;
    std::string info;
    std::size_t grants = 0;

    bool operator==(const State&) const = default;
};

State state_of(const MockController& mock, const std::string& name)
{
    State now;
    if (const auto secret = mock.secret(name)) {
        now.exists = true;
        now.revision = secret->latest_revision;
        now.info = secret->description;
        now.grants = secret->grants.size();
    }
    return now;
}

std::ostream& operator<<(std::ostream& out, const State& state)
{
    return out << (state.exists ? "exists" : "does not exist") << ", revision " << state.revision << ", info \"" << state.info << "\", "
               << state.grants << " grants";
}

/// A call of the conversation, and how it ended.
struct Step {
    Step(std::string method_name, State before_it) : method(std::move(method_name)), before(std::move(before_it)) {}

    bool writes() const { return !method.empty() && method != "Login" && method != "ListSecrets"; }

    std::string method; ///< what it sends; "Login" for `connect`, "" for `disconnect`
    State before;       ///< what the controller had when it started
    State after;        ///< and when it had ended
    std::optional<Error> error;
};

/// What becomes of the connection besides being cut.
struct Mode {
    Mode(Ending how, bool reconnects, bool always) : ending(how), reconnect(reconnects), every_connection(always) {}

    Ending ending;
    bool reconnect;
    bool every_connection;
};

std::vector<Mode> all_modes()
{
    return {{Ending::fin, false, false},  {Ending::reset, false, false}, {Ending::fin, true, false},
            {Ending::reset, true, false}, {Ending::fin, true, true},     {Ending::reset, true, true}};
}

/// Whether an error is one that the headers name for a call whose connection ends.
bool is_documented(const Step& step)
{
    const auto& code = step.error->code();
    const auto& category = code.category();
    const bool is_network = category == boost::system::system_category() || category == boost::asio::error::get_misc_category() ||
                            category == boost::asio::error::get_ssl_category() ||
                            category == boost::asio::ssl::error::get_stream_category();
    if (step.method == "Login")
        return is_network || code == errc::connection_lost;
    if (code == errc::connection_lost || code == errc::not_connected || code == errc::not_found)
        return true;
    return is_network && step.error->outcome() == Outcome::not_sent; // of connecting again
}

/// What a write makes of a secret.
State with_applied(const std::string& method, State state)
{
    if (method == "CreateSecrets") {
        state.exists = true;
        state.revision = 1;
    } else if (!state.exists) {
        return state;
    } else if (method == "UpdateSecrets") {
        state.revision = 2;
        state.info = "changed";
    } else if (method == "GrantSecret") {
        state.grants = 1;
    } else if (method == "RevokeSecret") {
        state.grants = 0;
    } else {
        state = State();
    }
    return state;
}

/// What a secret may be once requests whose answers did not come have been carried out, or some of them.
std::vector<State> with_some_applied(const std::vector<std::string>& in_doubt, const State& state)
{
    std::vector<State> all(1, state);
    for (const auto& method : in_doubt) {
        const std::size_t count = all.size();
        for (std::size_t i = 0; i < count; ++i)
            all.push_back(with_applied(method, all[i]));
    }
    return all;
}

class Conversation {
public:
    Conversation(MockController& mock, std::string name, const std::optional<Cut>& cut, bool reconnect)
        : mock_(mock),
          name_(std::move(name)),
          relay_(std::in_place, context_, mock.endpoint(), cut),
          model_(std::make_optional<Model>(context_.get_executor()))
    {
        options_ =
            ConnectOptions().endpoint(relay_->endpoint()).model_uuid(mock.model_uuid()).username(mock.username()).password(mock.password());
        options_.ca_cert(mock.ca_cert()).reconnect(reconnect);
    }

    /// False when it did not end.
    bool run()
    {
        boost::asio::co_spawn(context_, converse(), [this](std::exception_ptr error) {
            is_done_ = true;
            failure_ = error;
        });
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (!is_done_ && context_.run_one_until(limit) != 0) {
        }
        if (failure_)
            std::rethrow_exception(failure_);
        return is_done_;
    }

    /// Destroys the model, and has everything come to its end. False when something goes on waiting.
    bool drain()
    {
        model_.reset();
        relay_.reset();
        context_.run_for(20s);
        return context_.stopped();
    }

    const std::vector<Step>& steps() const { return steps_; }
    std::size_t bytes(Way way) const { return relay_->bytes(way); }

private:
    awaitable<void> converse()
    {
        co_await step("Login", model_->connect(options_));
        co_await step("CreateSecrets", add());
        co_await step("ListSecrets", list());
        co_await step("UpdateSecrets", model_->update_secret(name_, SecretUpdate().data({"token=two"}).info("changed")));
        co_await step("GrantSecret", model_->grant_secret(name_, "ubuntu"));
        co_await step("RevokeSecret", model_->revoke_secret(name_, "ubuntu"));
        co_await step("RemoveSecrets", model_->remove_secret(name_));
        co_await step("", model_->disconnect());
    }

    awaitable<void> add() { co_await model_->add_secret(name_, {"token=one"}); }

    awaitable<void> list()
    {
        const auto found = co_await model_->list_secrets(SecretFilter().name(name_).show_secrets(true));
        EXPECT_EQ(found.size(), state().exists ? 1U : 0U);
    }

    awaitable<void> step(std::string method, awaitable<void> call)
    {
        Step made(std::move(method), state());
        try {
            co_await std::move(call);
        } catch (const Error& error) {
            made.error = error;
        }
        made.after = state();
        steps_.push_back(std::move(made));
    }

    State state() const { return state_of(mock_, name_); }

    MockController& mock_;
    std::string name_;
    boost::asio::io_context context_;
    std::optional<Relay> relay_;
    std::optional<Model> model_;
    ConnectOptions options_;
    std::vector<Step> steps_;
    bool is_done_ = false;
    std::exception_ptr failure_;
};

/// The two profiles, the two directions, and a part of the bytes each.
using Part = std::tuple<MockProfile, Way, std::size_t>;
constexpr std::size_t parts = 4;

/// Every byte; under a sanitizer, where a conversation takes ten times as long, some.
#ifdef JUJU_TEST_SANITIZED
constexpr std::size_t stride = 7;
#else
constexpr std::size_t stride = 1;
#endif

/// For the environment: every byte in every mode, also under a sanitizer. Else the modes take turns.
bool takes_all()
{
    return std::getenv("JUJU_TEST_EVERY_CUT") != nullptr;
}

class CutTest : public testing::TestWithParam<Part> {
protected:
    CutTest() : mock_(MockOptions().profile(std::get<MockProfile>(GetParam())))
    {
        mock_.set_api_servers({}); // no other way than through the relay
    }

    /// The largest number of bytes that the direction has without a cut, which signatures make differ a little.
    std::size_t measure()
    {
        constexpr int runs = 3;
        std::size_t most = 0;
        for (int i = 0; i < runs; ++i) {
            const auto steps = converse(std::nullopt, true, &most);
            for (const auto& step : steps)
                EXPECT_FALSE(step.error) << step.method << ": " << step.error->what();
        }
        constexpr std::size_t spare = 8;
        return most + spare;
    }

    void cut(std::size_t at, const Mode& mode)
    {
        Cut how(std::get<Way>(GetParam()), at, mode.ending);
        how.every_connection = mode.every_connection;
        // What is set up once, at the first error of a kind, is no leak; what is left behind each time is.
        constexpr int tries = 3;
        for (int left = tries; left > 0 && !HasFailure() && !leaves_nothing(how, mode); --left)
            EXPECT_GT(left, 1) << "memory is left behind";
    }

    /// @return whether all memory was given back, by the threads of the mock and of the relay a little later
    bool leaves_nothing(const Cut& how, const Mode& mode)
    {
        const auto before = test::live_allocations();
        converse(how, mode.reconnect, nullptr);
        const auto limit = std::chrono::steady_clock::now() + 200ms;
        while (test::live_allocations() > before && std::chrono::steady_clock::now() < limit)
            std::this_thread::sleep_for(1ms);
        return test::live_allocations() <= before;
    }

    /// Has one conversation, ends it in whatever state it is in, and verifies it.
    /// @param most raised to the number of bytes that came through
    std::vector<Step> converse(const std::optional<Cut>& how, bool reconnect, std::size_t* most)
    {
        mock_.clear_transcript();
        const auto name = next_name();
        std::vector<Step> steps;
        {
            Conversation conversation(mock_, name, how, reconnect);
            EXPECT_TRUE(conversation.run()) << "it did not end";
            steps = conversation.steps();
            if (most != nullptr)
                *most = std::max(*most, conversation.bytes(std::get<Way>(GetParam())));
            const bool is_destroyed_as_it_is = runs_ % 2 == 0;
            EXPECT_TRUE(is_destroyed_as_it_is || conversation.drain()) << "something goes on waiting";
        }
        verify(name, steps);
        return steps;
    }

    void verify(const std::string& name, const std::vector<Step>& steps)
    {
        wait_until([&] { return mock_.connections() == 0; });
        const auto sent = requests();
        std::vector<std::string> in_doubt; // writes that were sent before and not answered, which may be carried out meanwhile
        for (const auto& step : steps) {
            SCOPED_TRACE(step.method + (step.error ? std::string(": ") + step.error->what() : ""));
            const auto count = std::ranges::count(sent, step.method);
            verify_outcome(step, count);
            if (step.writes())
                verify_write(step, count, in_doubt);
            const bool is_in_doubt = step.error && step.error->outcome() == Outcome::unknown;
            if (is_in_doubt)
                in_doubt_.insert(step.method);
            if (is_in_doubt && step.writes())
                in_doubt.push_back(step.method);
        }
        State expected;
        for (const auto& method : sent)
            expected = method == "ListSecrets" || method == "Login" ? expected : with_applied(method, expected);
        EXPECT_EQ(state_of(mock_, name), expected);
    }

    static void verify_outcome(const Step& step, std::ptrdiff_t count)
    {
        if (!step.error)
            return;
        EXPECT_TRUE(is_documented(step)) << step.error->code().category().name() << ": " << step.error->code().message();
        if (step.error->outcome() == Outcome::not_sent) {
            EXPECT_EQ(count, 0);
        }
    }

    static void verify_write(const Step& step, std::ptrdiff_t count, const std::vector<std::string>& in_doubt)
    {
        EXPECT_LE(count, 1);
        if (step.error && step.error->outcome() == Outcome::unknown)
            return;
        EXPECT_EQ(count, !step.error || step.error->outcome() == Outcome::rejected ? 1 : 0);
        auto possible = with_some_applied(in_doubt, step.before);
        if (!step.error) {
            for (auto& state : possible)
                state = with_applied(step.method, state);
        }
        EXPECT_NE(std::ranges::find(possible, step.after), possible.end()) << step.after << " does not follow from: " << step.before;
    }

    /// The methods of all requests that the controller has read, in order.
    std::vector<std::string> requests() const
    {
        std::vector<std::string> methods;
        const std::string key = R"("request":")";
        for (const auto& message : mock_.transcript()) {
            const auto at = message.text.find(key);
            if (message.direction != MockDirection::from_client || at == std::string::npos)
                continue;
            const auto start = at + key.size();
            methods.push_back(message.text.substr(start, message.text.find('"', start) - start));
        }
        return methods;
    }

    template <class Done>
    static void wait_until(Done done)
    {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (!done() && std::chrono::steady_clock::now() < limit)
            std::this_thread::sleep_for(50us);
        EXPECT_TRUE(done());
    }

    std::string next_name()
    {
        const auto number = std::to_string(++runs_);
        return "cut-" + std::string(8 - number.size(), '0') + number;
    }

    MockController mock_;
    std::size_t runs_ = 0;
    std::set<std::string> in_doubt_; ///< the methods that were cut off between request and reply
};

std::string part_name(const testing::TestParamInfo<Part>& info)
{
    const auto& [profile, way, part] = info.param;
    return std::string(profile == MockProfile::juju_3_6 ? "juju_3_6" : "juju_4_0") +
           (way == Way::from_client ? "_from_client_" : "_to_client_") + std::to_string(part);
}

INSTANTIATE_TEST_SUITE_P(Parts, CutTest,
                         testing::Combine(testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0),
                                          testing::Values(Way::from_client, Way::to_client), testing::Range(std::size_t{0}, parts)),
                         part_name);

TEST_P(CutTest, LeavesNothingInDoubt)
{
    const auto modes = all_modes();
    const auto size = measure();
    const auto step = takes_all() ? 1 : stride;
    for (std::size_t at = std::get<std::size_t>(GetParam()) * step; at <= size && !HasFailure(); at += parts * step) {
        for (std::size_t i = 0; i < modes.size() && !HasFailure(); ++i) {
            SCOPED_TRACE("after " + std::to_string(at) + " bytes, mode " + std::to_string(i));
            const bool is_its_turn = (at / step + at / step / parts) % modes.size() == i;
            if (takes_all() || is_its_turn)
                cut(at, modes[i]);
        }
    }
    if (step == 1) {
        const std::set<std::string> all{"Login",       "CreateSecrets", "ListSecrets",  "UpdateSecrets",
                                        "GrantSecret", "RevokeSecret",  "RemoveSecrets"};
        EXPECT_EQ(in_doubt_, all);
    }
}

TEST(LiveAllocations, AreWhatIsNotFreed)
{
    if (!test::counts_allocations())
        GTEST_SKIP() << "under a sanitizer";
    const auto before = test::live_allocations();
    auto* const number = new int(1);
    void* const bytes = OPENSSL_malloc(100);
    EXPECT_EQ(test::live_allocations(), before + 2);
    std::thread([&] { delete number; }).join();
    OPENSSL_free(bytes);
    EXPECT_EQ(test::live_allocations(), before);
}

} // namespace
} // namespace juju
