// Every call, in every state in which it may wait, ended in every way: it ends as documented, and disturbs neither other calls nor the
// connection.

#include "robustness/live_allocations.hpp"
#include "robustness/relay.hpp"

#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using boost::asio::cancellation_type;

const std::string uri = "secret:9m4e2mr0ui3e8a215n4g";

/// Whether the first request of a call may change something.
enum class First { reads, writes };

template <class T>
awaitable<void> ignoring_result(awaitable<T> call)
{
    co_await std::move(call);
}

awaitable<void> watch_once(SecretWatcher watcher)
{
    co_await watcher.next();
}

/// A Model and a Controller on one io_context, connected to a mock through a relay.
class World {
public:
    explicit World(MockController& mock)
        : mock_(mock),
          context(std::in_place),
          relay(std::in_place, *context, mock.endpoint()),
          model(std::in_place, context->get_executor()),
          controller(std::in_place, context->get_executor())
    {
        mock.set_api_servers({}); // no other way than through the relay
    }

    ~World()
    {
        model.reset();
        controller.reset();
        relay.reset();
        context.reset();
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    ConnectOptions options() const
    {
        ConnectOptions how;
        how.endpoint(relay->endpoint()).model_uuid(mock_.model_uuid()).username(mock_.username()).password(mock_.password());
        how.ca_cert(mock_.ca_cert()).max_request_size(std::size_t{64} * 1024 * 1024).proxy("");
        return how;
    }

    void run_until(const std::function<bool()>& done)
    {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        context->restart();
        while (!done() && std::chrono::steady_clock::now() < limit)
            context->run_one_for(10ms);
        EXPECT_TRUE(done()) << "it did not end";
    }

    /// Lets everything run that can run now.
    void settle()
    {
        context->restart();
        context->poll();
    }

private:
    MockController& mock_;

public:
    std::optional<boost::asio::io_context> context;
    std::optional<test::Relay> relay;
    std::optional<Model> model;
    std::optional<Controller> controller;
};

/// A call as a line of the table.
struct Call {
    Call(std::string title, First first_request, std::function<awaitable<void>(World&)> function)
        : name(std::move(title)), first(first_request), make(std::move(function))
    {
    }

    std::string name;
    First first;
    std::function<awaitable<void>(World&)> make;
};

std::vector<Call> all_calls()
{
    const SecretContent content("token=one");
    std::vector<Call> all;
    const auto add = [&](const char* name, First first, auto call) {
        all.emplace_back(name, first, [call](World& world) { return ignoring_result(call(*world.model, *world.controller)); });
    };
    const auto add_void = [&](const char* name, First first, auto call) {
        all.emplace_back(name, first, [call](World& world) -> awaitable<void> { return call(*world.model, *world.controller); });
    };
    add("add_secret", First::writes, [=](Model& m, Controller&) { return m.add_secret("db", content); });
    add("list_secrets", First::reads, [](Model& m, Controller&) { return m.list_secrets(); });
    add("get_secret", First::reads, [](Model& m, Controller&) { return m.get_secret(uri); });
    add("reveal_secret", First::reads, [](Model& m, Controller&) { return m.reveal_secret("db"); });
    add("reveal_secret of a revision", First::reads, [](Model& m, Controller&) { return m.reveal_secret("db", 1); });
    add_void("grant_secret", First::writes, [](Model& m, Controller&) { return m.grant_secret(uri, "ubuntu"); });
    add_void("revoke_secret", First::writes, [](Model& m, Controller&) { return m.revoke_secret(uri, "ubuntu"); });
    add_void("update_secret", First::writes, [](Model& m, Controller&) { return m.update_secret(uri, SecretUpdate().info("x")); });
    add_void("remove_secret", First::writes, [](Model& m, Controller&) { return m.remove_secret(uri); });
    add_void("remove_secret of a revision", First::writes, [](Model& m, Controller&) { return m.remove_secret(uri, 1); });
    add("ensure_secret", First::reads, [=](Model& m, Controller&) { return m.ensure_secret("db", content); });
    add("secret_matches", First::reads, [=](Model& m, Controller&) { return m.secret_matches("db", content); });
    add("rotate_secret", First::reads, [=](Model& m, Controller&) { return m.rotate_secret(uri, content, RotateCheck([] {})); });
    add_void("wait_until_removed", First::reads, [](Model& m, Controller&) { return m.wait_until_removed(uri); });
    add_void("wait_until_pruned", First::reads, [](Model& m, Controller&) { return m.wait_until_pruned(uri); });
    add("get_secret_backend", First::reads, [](Model& m, Controller&) { return m.get_secret_backend(); });
    add_void("set_secret_backend", First::writes, [](Model& m, Controller&) { return m.set_secret_backend("auto"); });
    add("call", First::writes, [](Model& m, Controller&) { return m.call("Secrets", "ListSecrets"); });
    add("call of a version", First::writes, [](Model& m, Controller&) { return m.call("Secrets", 2, "ListSecrets"); });
    add("create", First::writes,
        [=](Model& m, Controller&) { return m.secrets_manager().create(std::vector<SecretDraft>(2, SecretDraft("db", content))); });
    add("update", First::writes, [](Model& m, Controller&) {
        return m.secrets_manager().update(std::vector<std::pair<SecretRef, SecretUpdate>>(1, {SecretRef(uri), SecretUpdate().info("x")}));
    });
    add("remove", First::writes, [](Model& m, Controller&) {
        return m.secrets_manager().remove(std::vector<SecretRemoval>(1, SecretRemoval::all(SecretRef(uri))));
    });
    add("grant", First::writes, [](Model& m, Controller&) { return m.secrets_manager().grant(uri, "ubuntu"); });
    add("revoke", First::writes, [](Model& m, Controller&) { return m.secrets_manager().revoke(uri, "ubuntu"); });
    add("list", First::reads, [](Model& m, Controller&) { return m.secrets_manager().list(); });
    add("list_secret_backends", First::reads, [](Model&, Controller& c) { return c.list_secret_backends(); });
    add_void("add_secret_backend", First::writes, [](Model&, Controller& c) {
        return c.add_secret_backend(SecretBackendDraft("b", "vault", SecretBackendConfig().set("endpoint", "https://127.0.0.1")));
    });
    add_void("update_secret_backend", First::writes,
             [](Model&, Controller& c) { return c.update_secret_backend("b", SecretBackendUpdate().new_name("c")); });
    add_void("remove_secret_backend", First::writes, [](Model&, Controller& c) { return c.remove_secret_backend("b"); });
    add("call of the controller", First::writes, [](Model&, Controller& c) { return c.call("SecretBackends", "ListSecretBackends"); });
    add("call of the controller, of a version", First::writes,
        [](Model&, Controller& c) { return c.call("SecretBackends", 1, "ListSecretBackends"); });
    add_void("next", First::reads, [](Model& m, Controller&) { return watch_once(m.watch_secrets()); });
    return all;
}

/// A call that runs, until it has ended.
class Running {
public:
    /// Started at once, on the io_context of the world.
    Running(World& world, awaitable<void> call)
    {
        auto finish = [state = state_](std::exception_ptr error) {
            state->is_done = true;
            state->error = error;
        };
        boost::asio::co_spawn(*world.context, letting_all_through(std::move(call)),
                              boost::asio::bind_cancellation_slot(state_->signal.slot(), std::move(finish)));
    }

    bool is_done() const { return state_->is_done; }
    /// To be called only as long as it is not done: Asio 1.81 emits what comes later into memory that is in use again.
    void cancel(cancellation_type type) { state_->signal.emit(type); }

    /// The error that it has ended with; empty when it has succeeded.
    std::optional<Error> error() const
    {
        try {
            if (state_->error)
                std::rethrow_exception(state_->error);
        } catch (const Error& error) {
            return error;
        } catch (const boost::system::system_error& error) {
            ADD_FAILURE() << "not an error of the library: " << error.what();
        }
        return std::nullopt;
    }

private:
    struct State {
        boost::asio::cancellation_signal signal;
        bool is_done = false;
        std::exception_ptr error;
    };

    static awaitable<void> letting_all_through(awaitable<void> call)
    {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
        co_await std::move(call);
    }

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// How one call alone is ended.
enum class Way { timeout, terminal, partial, total };

cancellation_type type_of(Way way)
{
    if (way == Way::partial)
        return cancellation_type::partial;
    return way == Way::total ? cancellation_type::total : cancellation_type::terminal;
}

std::vector<Way> all_ways()
{
    return {Way::timeout, Way::terminal, Way::partial, Way::total};
}

class TableTest : public testing::Test {
protected:
    TableTest() { renew(); }

    void renew() { world_ = std::make_unique<World>(mock_); }

    void connect()
    {
        Running model(*world_, world_->model->connect(world_->options()));
        Running controller(*world_, world_->controller->connect(world_->options()));
        world_->run_until([&] { return model.is_done() && controller.is_done(); });
        ASSERT_FALSE(model.error()) << model.error()->what();
        ASSERT_FALSE(controller.error()) << controller.error()->what();
    }

    /// Connects, loses the connections, and has nobody answer when they are to be made again.
    void lose()
    {
        connect();
        world_->relay->pause_from_client(true);
        mock_.drop_connections();
        world_->run_until([&] { return !world_->model->is_connected() && !world_->controller->is_connected(); });
    }

    /// Connects, and fills both connections with a request that nobody reads. @return those requests
    std::list<Running> fill()
    {
        connect();
        world_->relay->pause_from_client(true);
        const std::string large = R"({"filter":{"label":")" + std::string(std::size_t{12} * 1024 * 1024, 'x') + R"("}})";
        std::list<Running> writing;
        writing.emplace_back(*world_, ignoring_result(world_->model->call("Secrets", "ListSecrets", large)));
        writing.emplace_back(*world_, ignoring_result(world_->controller->call("SecretBackends", "ListSecretBackends", large)));
        world_->settle();
        return writing;
    }

    /// Ends a call in one way and returns what it ended with.
    Error end(const Call& call, Way way)
    {
        std::list<Running> running;
        if (way == Way::timeout)
            running.emplace_back(*world_, with_timeout(1ms, call.make(*world_)));
        else
            running.emplace_back(*world_, call.make(*world_));
        world_->settle();
        EXPECT_TRUE(way == Way::timeout || !running.back().is_done()) << "it did not wait";
        if (way != Way::timeout && !running.back().is_done())
            running.back().cancel(type_of(way));
        world_->run_until([&] { return running.back().is_done(); });
        const auto error = running.back().error();
        EXPECT_TRUE(error);
        return error.value_or(Error(make_error_code(errc::invalid_argument), detail::ErrorDetails()));
    }

    static void expect_end(const Error& error, Way way, Outcome outcome)
    {
        EXPECT_EQ(error.code(), way == Way::timeout ? errc::timed_out : errc::canceled) << error.what();
        EXPECT_EQ(error.outcome(), outcome) << error.what();
    }

    static std::string title(const Call& call, Way way) { return call.name + ", way " + std::to_string(static_cast<int>(way)); }

    /// Both connections answer.
    void expect_usable()
    {
        Running model(*world_, ignoring_result(world_->model->list_secrets()));
        Running controller(*world_, ignoring_result(world_->controller->list_secret_backends()));
        world_->run_until([&] { return model.is_done() && controller.is_done(); });
        EXPECT_FALSE(model.error()) << model.error()->what();
        EXPECT_FALSE(controller.error()) << controller.error()->what();
    }

    /// Starts every call, and lets each come as far as it can.
    std::list<Running> start_all()
    {
        std::list<Running> running;
        for (const auto& call : calls_)
            running.emplace_back(*world_, call.make(*world_));
        world_->settle();
        return running;
    }

    /// All calls end when what they were made on is destroyed, with one of two errors.
    void destroy_model_and_controller(Outcome outcome)
    {
        auto running = start_all();
        world_->model.reset();
        world_->controller.reset();
        auto call = calls_.begin();
        for (auto& each : running) {
            SCOPED_TRACE((call++)->name);
            world_->run_until([&] { return each.is_done(); });
            const auto error = each.error();
            ASSERT_TRUE(error);
            EXPECT_TRUE(error->code() == errc::connection_lost || error->code() == errc::not_connected) << error->what();
            EXPECT_EQ(error->outcome(), outcome) << error->what();
        }
        world_->relay.reset();
        world_->context->run_for(20s);
        EXPECT_TRUE(world_->context->stopped()) << "something goes on waiting";
    }

    /// Everything is destroyed as it is, with every call under way: nothing is left.
    void destroy_all(const std::function<void()>& prepare)
    {
        expect_clean([&] {
            renew();
            prepare();
            auto running = start_all();
            world_.reset();
            for (auto& each : running)
                EXPECT_FALSE(each.is_done());
        });
    }

    /// What is set up once is no leak; what is left behind each time is.
    void expect_clean(const std::function<void()>& work)
    {
        constexpr int tries = 4;
        bool is_clean = false;
        for (int i = 0; i < tries && !is_clean; ++i) {
            world_.reset();
            const auto before = test::live_allocations();
            work();
            is_clean = test::live_allocations() <= before;
        }
        EXPECT_TRUE(is_clean) << "memory is left behind";
    }

    /// Every call, at once.
    void expect_not_connected()
    {
        for (const auto& call : calls_) {
            SCOPED_TRACE(call.name);
            Running running(*world_, call.make(*world_));
            world_->settle();
            ASSERT_TRUE(running.is_done());
            ASSERT_TRUE(running.error());
            EXPECT_EQ(running.error()->code(), errc::not_connected);
            EXPECT_EQ(running.error()->outcome(), Outcome::not_sent);
        }
    }

    MockController mock_;
    std::unique_ptr<World> world_;
    const std::vector<Call> calls_ = all_calls();
};

TEST_F(TableTest, NeverConnected)
{
    expect_not_connected();
}

TEST_F(TableTest, WhileAnotherConnects)
{
    world_->relay->pause_from_client(true);
    Running model(*world_, world_->model->connect(world_->options()));
    Running controller(*world_, world_->controller->connect(world_->options()));
    world_->settle();
    expect_not_connected();
    EXPECT_FALSE(model.is_done());
    world_->relay->pause_from_client(false);
    world_->run_until([&] { return model.is_done() && controller.is_done(); });
    EXPECT_FALSE(model.error());
    EXPECT_FALSE(controller.error());
    expect_usable();
}

TEST_F(TableTest, WaitingForANewConnection)
{
    lose();
    std::list<Running> others;
    others.emplace_back(*world_, ignoring_result(world_->model->list_secrets()));
    others.emplace_back(*world_, ignoring_result(world_->controller->list_secret_backends()));
    for (const auto& call : calls_) {
        for (const auto way : all_ways()) {
            SCOPED_TRACE(title(call, way));
            expect_end(end(call, way), way, Outcome::not_sent);
        }
    }
    world_->relay->pause_from_client(false);
    for (auto& other : others) {
        world_->run_until([&] { return other.is_done(); });
        EXPECT_FALSE(other.error()) << other.error()->what();
    }
    expect_usable();
    EXPECT_EQ(mock_.total_connections(), 4U) << "one attempt for all";
}

TEST_F(TableTest, WaitingBehindTheWriter)
{
    auto writing = fill();
    for (const auto& call : calls_) {
        for (const auto way : all_ways()) {
            SCOPED_TRACE(title(call, way));
            expect_end(end(call, way), way, Outcome::not_sent);
        }
    }
    for (auto& each : writing)
        EXPECT_FALSE(each.is_done()) << "nothing waited behind it";
    world_->relay->pause_from_client(false);
    for (auto& each : writing)
        world_->run_until([&] { return each.is_done(); });
    expect_usable();
    EXPECT_EQ(mock_.total_connections(), 2U);
}

TEST_F(TableTest, WaitingForAReply)
{
    connect();
    mock_.add_fault(MockFault(MockFaultKind::withhold).always());
    std::list<Running> others;
    others.emplace_back(*world_, ignoring_result(world_->model->list_secrets()));
    others.emplace_back(*world_, ignoring_result(world_->controller->list_secret_backends()));
    for (const auto& call : calls_) {
        for (const auto way : {Way::timeout, Way::terminal}) {
            SCOPED_TRACE(title(call, way));
            expect_end(end(call, way), way, Outcome::unknown);
        }
    }
    for (auto& other : others)
        EXPECT_FALSE(other.is_done());
    EXPECT_TRUE(world_->model->is_connected());
    mock_.clear_faults();
    expect_usable();
    EXPECT_EQ(mock_.total_connections(), 2U);
}

/// They promise that nothing has happened.
TEST_F(TableTest, TotalAndPartialCancellationLeaveAWriteThatWasSent)
{
    connect();
    mock_.add_fault(MockFault(MockFaultKind::withhold).always());
    for (const auto& call : calls_) {
        for (const auto type : {cancellation_type::total, cancellation_type::partial}) {
            for (const bool is_bounded : {false, true}) {
                SCOPED_TRACE(call.name);
                std::list<Running> running;
                if (is_bounded)
                    running.emplace_back(*world_, with_timeout(20s, call.make(*world_)));
                else
                    running.emplace_back(*world_, call.make(*world_));
                world_->settle();
                running.back().cancel(type);
                world_->settle();
                EXPECT_EQ(running.back().is_done(), call.first == First::reads);
                if (!running.back().is_done())
                    running.back().cancel(cancellation_type::terminal);
                world_->run_until([&] { return running.back().is_done(); });
                ASSERT_TRUE(running.back().error());
                EXPECT_EQ(running.back().error()->code(), errc::canceled) << running.back().error()->what();
                EXPECT_EQ(running.back().error()->outcome(), Outcome::unknown);
            }
        }
    }
    mock_.clear_faults();
    expect_usable();
    EXPECT_EQ(mock_.total_connections(), 2U);
}

TEST_F(TableTest, AWriteThatWasLeftGivesItsResult)
{
    connect();
    mock_.add_fault(MockFault(MockFaultKind::hold).method("CreateSecrets"));
    Running adding(*world_, ignoring_result(world_->model->add_secret("db", {"token=one"})));
    world_->settle();
    adding.cancel(cancellation_type::total);
    world_->settle();
    EXPECT_FALSE(adding.is_done());

    expect_usable(); // its reply comes after the next one

    world_->run_until([&] { return adding.is_done(); });
    EXPECT_FALSE(adding.error());
    EXPECT_EQ(mock_.secrets().size(), 1U);
}

TEST_F(TableTest, ASequenceThatIsCancelledTellsWhatItHasDone)
{
    connect();
    mock_.add_fault(MockFault(MockFaultKind::hold).method("CreateSecrets"));
    EnsureOptions how;
    how.grant("mysql");
    Running ensuring(*world_, ignoring_result(world_->model->ensure_secret("db", {"token=one"}, how)));
    world_->run_until([&] { return mock_.secrets().size() == 1; });
    ensuring.cancel(cancellation_type::total);
    world_->settle();
    EXPECT_FALSE(ensuring.is_done());

    expect_usable(); // its reply comes after the next one

    world_->run_until([&] { return ensuring.is_done(); });
    const auto error = ensuring.error();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), errc::canceled) << error->what();
    EXPECT_EQ(error->outcome(), Outcome::unknown) << "something was done";
    EXPECT_TRUE(std::string_view(error->what()).starts_with("secret \"db\" was created as secret:")) << error->what();
    EXPECT_EQ(mock_.secrets().size(), 1U);
}

TEST_F(TableTest, ConnectingToASilentServer)
{
    world_->relay->pause_from_client(true);
    const Call model("connect", First::reads, [](World& world) { return world.model->connect(world.options()); });
    const Call controller("connect of the controller", First::reads,
                          [](World& world) { return world.controller->connect(world.options()); });
    for (const auto* call : {&model, &controller}) {
        for (const auto way : all_ways()) {
            SCOPED_TRACE(title(*call, way));
            expect_end(end(*call, way), way, Outcome::not_sent);
        }
    }
    world_->relay->pause_from_client(false);
    connect();
    expect_usable();
}

TEST_F(TableTest, ConnectingWhileADischargerIsSilent)
{
    MockOptions asking;
    asking.external_user("alice@external", MockAccess::admin).identity_provider(MockIdentityProvider::browser);
    MockController mock(asking);
    world_ = std::make_unique<World>(mock);
    ConnectOptions how;
    how.endpoint(mock.endpoint()).model_uuid(mock.model_uuid()).username("alice@external").ca_cert(mock.ca_cert()).proxy("");
    std::size_t visits = 0;
    how.visit_url([&](const std::string&) { ++visits; });
    for (const auto way : {Way::terminal, Way::partial, Way::total, Way::timeout}) {
        SCOPED_TRACE(static_cast<int>(way));
        const auto before = visits;
        Running connecting(*world_, way == Way::timeout ? with_timeout(100ms, world_->model->connect(how)) : world_->model->connect(how));
        if (way != Way::timeout) {
            world_->run_until([&] { return visits > before; });
            world_->settle();
            ASSERT_FALSE(connecting.is_done());
            connecting.cancel(type_of(way));
        }
        world_->run_until([&] { return connecting.is_done(); });
        ASSERT_TRUE(connecting.error());
        expect_end(*connecting.error(), way, Outcome::unknown); // a login was sent
    }
    Running destroyed(*world_, world_->model->connect(how));
    const auto before = visits;
    world_->run_until([&] { return visits > before; });
    world_->settle();
    world_->model.reset();
    world_.reset();
    EXPECT_FALSE(destroyed.is_done());
}

TEST_F(TableTest, DisconnectingFromASilentServer)
{
    for (const auto way : all_ways()) {
        renew();
        connect();
        mock_.add_fault(MockFault(MockFaultKind::withhold).method("ListSecrets"));
        world_->relay->pause_from_client(true);
        Running other(*world_, ignoring_result(world_->model->list_secrets()));
        world_->settle();
        Running leaving(*world_, way == Way::timeout ? with_timeout(1ms, world_->model->disconnect()) : world_->model->disconnect());
        world_->settle();
        if (way != Way::timeout)
            leaving.cancel(type_of(way));
        world_->run_until([&] { return leaving.is_done(); });
        EXPECT_FALSE(leaving.error() && way != Way::timeout) << "it did what it could";
        EXPECT_FALSE(world_->model->is_connected());
        world_->run_until([&] { return other.is_done(); });
        ASSERT_TRUE(other.error());
        EXPECT_EQ(other.error()->code(), errc::connection_lost);
    }
}

TEST_F(TableTest, ModelAndControllerAreDestroyedWhileWaitingForANewConnection)
{
    lose();
    destroy_model_and_controller(Outcome::not_sent);
}

TEST_F(TableTest, ModelAndControllerAreDestroyedWhileWaitingBehindTheWriter)
{
    const auto writing = fill();
    destroy_model_and_controller(Outcome::not_sent);
}

TEST_F(TableTest, ModelAndControllerAreDestroyedWhileWaitingForAReply)
{
    connect();
    mock_.add_fault(MockFault(MockFaultKind::withhold).always());
    destroy_model_and_controller(Outcome::unknown);
}

TEST_F(TableTest, AllIsDestroyedWhileWaitingForANewConnection)
{
    destroy_all([&] { lose(); });
}

TEST_F(TableTest, AllIsDestroyedWhileWaitingBehindTheWriter)
{
    destroy_all([&] { fill(); });
}

TEST_F(TableTest, AllIsDestroyedWhileWaitingForAReply)
{
    mock_.add_fault(MockFault(MockFaultKind::withhold).always());
    destroy_all([&] { connect(); });
}

/// A program whose objects live in a coroutine.
awaitable<void> program(MockController& mock, std::string name)
{
    const auto executor = co_await boost::asio::this_coro::executor;
    Model model(executor);
    Controller controller(executor);
    co_await model.connect(mock.connect_options());
    co_await controller.connect(mock.connect_options());
    boost::asio::co_spawn(executor, model.list_secrets(), [](std::exception_ptr, const std::vector<Secret>&) {});
    co_await model.add_secret(name, {"token=one"});
    mock.drop_connections();
    co_await with_timeout(20s, model.reveal_secret(name));
    co_await model.rotate_secret(name, {"token=two"}, RotateCheck([] {}));
    auto watcher = model.watch_secrets();
    co_await watcher.next();
    co_await controller.list_secret_backends();
    co_await model.disconnect();
}

TEST_F(TableTest, TheContextIsDestroyedAtEachStep)
{
    bool is_done = false;
    std::size_t steps = 0;
    for (; !is_done && !HasFailure(); ++steps) {
        SCOPED_TRACE(steps);
        expect_clean([&] {
            const auto name = "s" + std::to_string(mock_.total_connections());
            boost::asio::io_context context;
            boost::asio::co_spawn(context, program(mock_, name), [&](std::exception_ptr error) {
                is_done = true;
                EXPECT_FALSE(error);
            });
            for (std::size_t i = 0; i < steps && !is_done; ++i)
                EXPECT_EQ(context.run_one_for(20s), 1U);
        });
    }
    EXPECT_GT(steps, 100U);
}

} // namespace
} // namespace juju
