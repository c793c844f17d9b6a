// Servers that break every rule, from the first byte on: whatever they send, a call ends with a documented error, in time, within the
// documented memory, and on a stack of 256 KiB.

#include "robustness/attacks.hpp"
#include "robustness/small_stack.hpp"

#include <juju/juju.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using test::Afterwards;
using test::Attack;
using test::Stage;

constexpr std::size_t max_message_size = std::size_t{1024} * 1024;

/// How long an attack that never ends by itself is watched. Any end of it is right, so that no result depends on the time.
constexpr std::chrono::milliseconds patience{60};

/// Far above what any attack takes that ends by itself.
constexpr std::chrono::seconds overall_limit{20};

/// What the headers name for a network, a TLS handshake or a controller that is none.
bool is_documented(const Error& error, bool ends)
{
    const auto& code = error.code();
    const auto& category = code.category();
    if (category == error_category()) {
        static const std::set<errc> named{errc::connection_lost,
                                          errc::malformed_reply,
                                          errc::message_too_large,
                                          errc::certificate_rejected,
                                          errc::upgrade_refused,
                                          errc::login_failed,
                                          errc::login_expired,
                                          errc::login_mismatch,
                                          errc::discharge_required,
                                          errc::discharge_failed,
                                          errc::not_supported,
                                          errc::permission_denied,
                                          errc::model_not_found,
                                          errc::redirected,
                                          errc::redirect_loop,
                                          errc::try_again,
                                          errc::upgrade_in_progress,
                                          errc::server_error,
                                          errc::migration_in_progress,
                                          errc::not_connected,
                                          errc::not_found};
        return named.contains(static_cast<errc>(code.value())) || (code == errc::timed_out && !ends);
    }
    return category == boost::system::system_category() || category == boost::asio::error::get_misc_category() ||
           category == boost::asio::error::get_ssl_category() || category == boost::asio::ssl::error::get_stream_category();
}

/// The peak of this process's resident memory since `forget_peak`, in bytes.
std::size_t peak_memory()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:"))
            return std::stoul(line.substr(6)) * 1024;
    }
    throw std::runtime_error("the system does not tell the peak of memory");
}

void forget_peak()
{
    std::ofstream("/proc/self/clear_refs") << 5;
}

class Victim {
public:
    Victim(const test::Authority& authority, const test::Identity& identity, const Attack& attack)
        : attack_(attack), server_(context_, identity, attack), model_(std::make_optional<Model>(context_.get_executor()))
    {
        options_.endpoint(server_.address()).model_uuid(test::model_uuid).username("admin").password("MARKER").ca_cert(authority.pem());
        options_.max_message_size(max_message_size).reconnect(false).proxy("");
        if (attack.afterwards != Afterwards::ends) {
            options_.connect_timeout(attack.stage == Stage::call_frames ? std::chrono::milliseconds(overall_limit) : patience);
            options_.call_timeout(patience);
        }
    }

    void run()
    {
        bool is_done = false;
        boost::asio::co_spawn(context_, suffer(), [&](std::exception_ptr error) {
            is_done = true;
            if (error)
                std::rethrow_exception(error);
        });
        const auto limit = std::chrono::steady_clock::now() + overall_limit;
        while (!is_done && context_.run_one_until(limit) != 0) {
        }
        EXPECT_TRUE(is_done) << "it did not end";
        model_.reset();
    }

    std::size_t failures() const { return failures_; }

private:
    awaitable<void> suffer()
    {
        co_await end(model_->connect(options_));
        if (!model_->is_connected())
            co_return;
        if (attack_.stage == Stage::call_frames) {
            co_await end(model_->get_secret("db"));
            co_return;
        }
        co_await end(model_->reveal_secret("db"));
        co_await end(model_->list_secrets());
        co_await end(model_->add_secret("db", {"token=MARKER"}));
        co_await end(model_->grant_secret("secret:9m4e2mr0ui3e8a215n4g", "ubuntu"));
        co_await end(model_->update_secret("db", SecretUpdate().data({"token=MARKER"})));
        co_await end(model_->get_secret_backend());
        co_await end(model_->call("Secrets", "ListSecrets"));
    }

    template <class T>
    awaitable<void> end(awaitable<T> call)
    {
        try {
            co_await std::move(call);
        } catch (const Error& error) {
            ++failures_;
            const std::string text = error.what();
            EXPECT_TRUE(is_documented(error, attack_.afterwards == Afterwards::ends))
                << error.code().category().name() << ": " << error.code().message() << ": " << text;
            EXPECT_EQ(text.find("MARKER"), std::string::npos) << text;
            EXPECT_EQ(text.find_first_of(std::string("\0\n\x1b", 3)), std::string::npos) << text;
        }
    }

    Attack attack_;
    boost::asio::io_context context_;
    test::HostileServer server_;
    std::optional<Model> model_;
    ConnectOptions options_;
    std::size_t failures_ = 0;
};

class HostileTest : public testing::Test {
protected:
    /// @return the number of calls that failed
    std::size_t suffer(const std::vector<Attack>& attacks)
    {
        std::size_t failures = 0;
        for (const auto& attack : attacks) {
            SCOPED_TRACE(attack.name + ", stage " + std::to_string(static_cast<int>(attack.stage)));
            Victim victim(authority_, identity_, attack);
            victim.run();
            failures += victim.failures();
        }
        return failures;
    }

    void suffer_bounded(const std::vector<Attack>& attacks)
    {
        std::size_t failures = 0;
        test::on_small_stack([&] { // what is set up once is not counted
            suffer(std::vector<Attack>(attacks.begin(), attacks.begin() + 1));
            forget_peak();
            const auto before = peak_memory();
            failures = suffer(attacks);
            EXPECT_LE(peak_memory() - before, memory_bound);
        });
        EXPECT_GE(failures, attacks.size() / 2) << "attacks that nobody notices show nothing";
    }

    static std::vector<Attack> random_attacks(Stage stage, std::size_t count)
    {
        std::vector<Attack> all;
        for (std::size_t seed = 0; seed < count; ++seed)
            all.push_back(test::random_attack(stage, seed));
        return all;
    }

    /// A message, its copy while the buffer grows, and four bytes for each of its bytes that may be a mark of JSON; as much again, for what
    /// the server in this process holds, and the allocator keeps. A sanitizer keeps what was freed, and has no bound.
#ifdef JUJU_TEST_SANITIZED
    static constexpr std::size_t memory_bound = std::numeric_limits<std::size_t>::max();
#else
    static constexpr std::size_t memory_bound = 16 * max_message_size;
#endif

    test::Authority authority_;
    test::Identity identity_ = authority_.issue("DNS:juju-apiserver");
};

TEST_F(HostileTest, BreaksARuleOrALimit)
{
    suffer_bounded(test::chosen_attacks(max_message_size));
}

TEST_F(HostileTest, NestsJsonWithoutEnd)
{
    suffer_bounded(test::nested_attacks());
}

TEST_F(HostileTest, SendsNoiseInPlaceOfTls)
{
    suffer_bounded(random_attacks(Stage::tcp, 500));
}

TEST_F(HostileTest, ChangesItsHandshake)
{
    suffer_bounded(random_attacks(Stage::tls_flight, 500));
}

TEST_F(HostileTest, SendsNoiseInPlaceOfTlsRecords)
{
    suffer_bounded(random_attacks(Stage::tls_record, 200));
}

TEST_F(HostileTest, ChangesItsAnswerToTheUpgrade)
{
    suffer_bounded(random_attacks(Stage::http, 500));
}

TEST_F(HostileTest, ChangesTheFrameOfTheLogin)
{
    suffer_bounded(random_attacks(Stage::frames, 500));
}

TEST_F(HostileTest, ChangesTheFrameOfAReply)
{
    suffer_bounded(random_attacks(Stage::call_frames, 500));
}

TEST_F(HostileTest, ChangesTheTextOfTheLogin)
{
    suffer_bounded(random_attacks(Stage::login, 500));
}

TEST_F(HostileTest, ChangesTheTextOfAReply)
{
    suffer_bounded(random_attacks(Stage::reply, 500));
}

TEST_F(HostileTest, SaysNothingAfterTheUpgradeWasAskedFor)
{
    const Attack attack("silence", Stage::http, "", Afterwards::silent);
    boost::asio::io_context context;
    test::HostileServer server(context, identity_, attack);
    Model model(context.get_executor());
    ConnectOptions options;
    options.endpoint(server.address())
        .model_uuid(test::model_uuid)
        .username("admin")
        .password("MARKER")
        .ca_cert(authority_.pem())
        .proxy("");
    std::optional<Error> failure;
    boost::asio::co_spawn(context, model.connect(options), [&](std::exception_ptr error) {
        try {
            std::rethrow_exception(error);
        } catch (const Error& caught) {
            failure = caught;
        }
        context.stop();
    });

    context.run_for(overall_limit);

    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code(), errc::connection_lost);
    EXPECT_EQ(std::string(failure->what()), "WebSocket upgrade at " + server.address() + " failed: connection lost: no answer within 10 s");
}

TEST_F(HostileTest, MacaroonsOfTheCallersOwnAreNestedWithoutEnd)
{
    for (const auto& json : {std::string(100'000, '[') + std::string(100'000, ']'),
                             "[[{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + ",\"b\":1}]]"}) {
        std::optional<Error> failure;
        test::on_small_stack([&] {
            boost::asio::io_context context;
            Model model(context.get_executor());
            ConnectOptions options;
            options.endpoint("127.0.0.1:1").model_uuid(test::model_uuid).macaroons(json);
            boost::asio::co_spawn(context, model.connect(options), [&](std::exception_ptr error) {
                try {
                    std::rethrow_exception(error);
                } catch (const Error& caught) {
                    failure = caught;
                }
            });
            context.run_for(overall_limit);
        });
        ASSERT_TRUE(failure);
        EXPECT_EQ(failure->code(), errc::invalid_argument) << failure->what();
    }
}

} // namespace
} // namespace juju
