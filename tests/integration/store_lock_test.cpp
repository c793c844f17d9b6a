// The client store while another program holds its lock: who connects waits, and nothing else does.

#include "store/lock.hpp"
#include "support/client.hpp"
#include "support/store_directory.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>

namespace juju {
namespace {

using namespace std::chrono_literals;
using boost::asio::cancellation_type;
using test::Client;

/// Calls back when a login has been answered.
class LoginObserver : public RequestObserver {
public:
    explicit LoginObserver(std::function<void()> then) : then_(std::move(then)) {}

    void end(const ObservedRequest& request, const RequestEnd&) override
    {
        if (request.method() == "Login")
            then_();
    }

private:
    std::function<void()> then_;
};

/// With all types of cancellation.
boost::asio::awaitable<void> cancellable(boost::asio::awaitable<void> call)
{
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
    co_await std::move(call);
}

class StoreLockTest : public testing::TestWithParam<MockProfile>, protected Client {
protected:
    StoreLockTest() : Client(MockOptions().profile(GetParam()))
    {
        mock.write_client_store(store.path());
        environment.set("TMPDIR", locks.string());
        environment.unset("JUJU_MODEL");
        environment.unset("JUJU_CONTROLLER");
    }

    ConnectOptions in_store() const { return ConnectOptions().store_directory(store.string()); }

    /// Takes the lock as another program.
    void take_lock()
    {
        const auto path = store::store_lock_path((store.path() / "controllers.yaml").string(), store::Environment::of_process());
        held.emplace(store::open_file(path, O_CREAT | O_RDONLY));
        ASSERT_EQ(::flock(held->number(), LOCK_EX | LOCK_NB), 0);
    }

    /// Lets everything run that can, so many times.
    void after_rounds(int rounds, std::function<void()> then)
    {
        boost::asio::post(context, [this, rounds, then = std::move(then)]() mutable {
            if (rounds == 0)
                then();
            else
                after_rounds(rounds - 1, std::move(then));
        });
    }

    /// What connecting ends with when it is cancelled by `cancel`.
    std::optional<Error> connect_cancellably(ConnectOptions options)
    {
        std::optional<Error> error;
        bool done = false;
        auto finish = [&](std::exception_ptr cause) {
            done = true;
            try {
                if (cause)
                    std::rethrow_exception(cause);
            } catch (const Error& thrown) {
                error = thrown;
            }
        };
        boost::asio::co_spawn(context, cancellable(model.connect(std::move(options))),
                              boost::asio::bind_cancellation_slot(cancel.slot(), finish));
        const auto limit = std::chrono::steady_clock::now() + 20s;
        context.restart();
        while (!done && context.run_one_until(limit) != 0) {
        }
        context.restart();
        EXPECT_TRUE(done);
        return error;
    }

    support::TemporaryDirectory store;
    support::TemporaryDirectory locks;
    support::ScopedEnvironment environment;
    std::optional<store::Descriptor> held;
    boost::asio::cancellation_signal cancel;
};

INSTANTIATE_TEST_SUITE_P(Profiles, StoreLockTest, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), test::profile_name);

TEST_P(StoreLockTest, ConnectsOnceItIsFree)
{
    take_lock();
    std::size_t connections_before = 1;
    after_rounds(1000, [&] { // by the thread that would wait
        connections_before = mock.total_connections();
        held.reset();
    });

    run(model.connect(in_store()));

    EXPECT_EQ(connections_before, 0U);
    EXPECT_TRUE(run(model.list_secrets()).empty());
}

TEST_P(StoreLockTest, ADeadlineEndsTheWaiting)
{
    take_lock();

    const Error error = error_of(model.connect(in_store().connect_timeout(20ms)));

    EXPECT_EQ(error.code(), errc::timed_out) << error.what();
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_NE(std::string_view(error.what()).find("the client store"), std::string_view::npos) << error.what();
    EXPECT_EQ(mock.total_connections(), 0U);
}

TEST_P(StoreLockTest, ACancellationEndsTheWaiting)
{
    for (const auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        take_lock();
        after_rounds(1000, [&] { cancel.emit(type); });

        const auto error = connect_cancellably(in_store());

        ASSERT_TRUE(error);
        EXPECT_EQ(error->code(), errc::canceled) << error->what();
        EXPECT_EQ(error->outcome(), Outcome::not_sent);
        held.reset();
    }
    EXPECT_EQ(mock.total_connections(), 0U);
    run(model.connect(in_store()));
    EXPECT_TRUE(model.is_connected());
}

TEST_P(StoreLockTest, AModelMayBeDestroyedMeanwhile)
{
    take_lock();
    std::optional<Model> other(context.get_executor());
    bool done = false;
    boost::asio::co_spawn(context, other->connect(in_store()), [&](std::exception_ptr) { done = true; });
    context.restart();
    context.poll();

    other.reset();
    held.reset();

    context.restart();
    context.run_for(20s); // no longer than there is anything to do
    EXPECT_TRUE(done);
}

TEST_P(StoreLockTest, TheContextMayBeDestroyedMeanwhile)
{
    take_lock();
    std::optional<boost::asio::io_context> other(std::in_place);
    std::optional<Model> waiting(other->get_executor());
    boost::asio::co_spawn(*other, waiting->connect(in_store()), [](std::exception_ptr) { ADD_FAILURE() << "it has ended"; });
    other->poll();

    waiting.reset();
    other.reset();

    held.reset();
    run(model.connect(in_store()));
    EXPECT_EQ(mock.total_connections(), 1U);
}

TEST_P(StoreLockTest, AConnectionIsKeptWhereItCannotBeWrittenDown)
{
    auto controllers = store.read("controllers.yaml");
    const auto version = controllers.find("agent-version: ");
    ASSERT_NE(version, std::string::npos);
    controllers.replace(version, controllers.find('\n', version) - version, "agent-version: 3.5.0");
    store.write("controllers.yaml", controllers);
    const auto observer = std::make_shared<LoginObserver>([&] {
        take_lock();
        after_rounds(1000, [&] { cancel.emit(cancellation_type::terminal); });
    });
    std::string logged;
    set_log_sink([&](LogLevel level, std::string_view line) {
        if (level >= LogLevel::warn)
            (logged += line) += '\n';
    });

    const auto error = connect_cancellably(in_store().update_store(true).request_observer(observer));

    set_log_sink(nullptr);
    EXPECT_FALSE(error) << error->what();
    EXPECT_EQ(store.read("controllers.yaml"), controllers);
    EXPECT_EQ(logged, "the client store was not updated (controllers): cancelled while another program held its lock\n"
                      "the client store was not updated (accounts): cancelled while another program held its lock\n");
    EXPECT_TRUE(run(model.list_secrets()).empty());
}

} // namespace
} // namespace juju
