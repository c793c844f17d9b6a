#include "faults/cell.hpp"

#include "faults/live_frames.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace juju::faults {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Far above every deadline: it only turns a hang into a failure.
constexpr auto guard = 20s;
/// Of a call that waits in vain. Long enough for all that comes before the fault.
constexpr auto short_limit = 300ms;
/// Of a message. Larger than any that a mock sends unasked.
constexpr std::size_t max_message = 100'000;
constexpr int tries = 20;

bool waits(const Row& row)
{
    return row.read.starts_with("timed out") || row.write.starts_with("timed out");
}

/// A race is none: whether anything was sent is one of its questions.
bool is_unknown(const End& end)
{
    return end.find(" | ") == End::npos && end.find(", unknown, ") != std::string::npos;
}

/// What `rotate_secret` finds when it looks whether its write was applied.
End end_of_rotation(const Row& row, bool reconnect)
{
    const bool can_look = row.cure == Cure::none || (row.cure == Cure::reconnect && reconnect);
    return is_unknown(row.write) && row.is_applied && can_look ? done : row.write;
}

End end_while_answering(const Cell& cell)
{
    const Row& row = cell.row;
    if (row.spec.starts_with("item-error") && (!cell.call.has_items || cell.call.takes_anything))
        return done;
    if (row.spec.find("results") != std::string::npos && cell.call.takes_anything)
        return done;
    switch (cell.call.kind) {
    case CallKind::connect:
    case CallKind::disconnect: return done;
    case CallKind::read: return cell.reconnect ? row.read : row.write;
    case CallKind::write: return row.write;
    case CallKind::rotate: return end_of_rotation(row, cell.reconnect);
    case CallKind::lifetime: return is_unknown(row.write) ? "secret left behind" + row.write.substr(row.write.find(',')) : row.write;
    }
    return "";
}

End expected_of_most(const Cell& cell)
{
    switch (cell.row.stage) {
    case Stage::connecting:
        return cell.call.kind == CallKind::connect ? cell.row.write : cell.call.kind == CallKind::disconnect ? done : cell.row.read;
    case Stage::answering: return end_while_answering(cell);
    case Stage::goodbye: return cell.call.kind == CallKind::disconnect ? cell.row.write : done;
    }
    return "";
}

/// Where a race decides, `with_secret` can lose the answer to its creation, too.
End expected(const Cell& cell)
{
    const End ends = expected_of_most(cell);
    const bool is_race = ends.find(" | ") != End::npos;
    return is_race && cell.call.kind == CallKind::lifetime ? ends + " | secret left behind, unknown, gone" : ends;
}

/// Whether one of the ends that are separated by " | " is this one.
bool fits(const End& ends, const End& end)
{
    return (" | " + ends + " | ").find(" | " + end + " | ") != std::string::npos;
}

class Run {
public:
    explicit Run(const Cell& cell)
        : cell_(cell),
          mock_(MockOptions().profile(cell.profile).state_yaml(state)),
          model_(context_.get_executor()),
          controller_(context_.get_executor())
    {
    }

    void strike()
    {
        const bool connects = cell_.call.kind == CallKind::connect;
        if (!connects)
            connect();
        if (cell_.row.stage == Stage::connecting && !connects)
            lose();
        add_fault();
        before_ = mock_.total_connections();
        if (cell_.call.kind == CallKind::disconnect)
            (void)run(look());
        Parties parties{*model_, *controller_, options(), options()};
        const End end = run(cell_.call.run(parties));
        if (!fits(expected(cell_), end))
            add("ended with \"" + end + "\", not \"" + expected(cell_) + '"');
        check_requests();
    }

    /// After the fault.
    void recover()
    {
        mock_.clear_faults();
        if (cell_.row.cure == Cure::ping)
            mock_.drop_connections();
        const bool is_off = cell_.call.kind == CallKind::connect || cell_.call.kind == CallKind::disconnect || !cell_.reconnect;
        End end;
        for (int i = 0; i < tries && end != done; ++i) {
            if (is_off && !is_connected())
                connect();
            end = run(look());
        }
        if (end != done)
            add("then a list ended with \"" + end + '"');
        check_connections();
    }

    void say_goodbye()
    {
        mock_.add_fault(MockFault::parse(cell_.row.spec));
        (void)run(juju::with_timeout(short_limit, goodbye()));
        if (is_connected())
            add("still connected after disconnect");
    }

    void destroy()
    {
        model_.reset();
        controller_.reset();
        context_.restart();
        context_.run_for(guard);
        if (!context_.stopped())
            add("work is left after the Model was destroyed");
    }

    void add(const std::string& problem) { problems_ += (problems_.empty() ? "" : "; ") + problem; }
    const std::string& problems() const { return problems_; }

private:
    ConnectOptions options() const
    {
        auto options = mock_.connect_options().reconnect(cell_.reconnect).max_message_size(max_message);
        options.connect_timeout(guard).call_timeout(guard);
        if (waits(cell_.row) && cell_.row.stage == Stage::connecting)
            options.connect_timeout(short_limit);
        if (waits(cell_.row) && cell_.row.stage == Stage::answering)
            options.call_timeout(short_limit);
        return options;
    }

    asio::awaitable<End> connecting()
    {
        try {
            if (cell_.call.of_controller)
                co_await controller_->connect(options());
            else
                co_await model_->connect(options());
            co_return done;
        } catch (const Error& error) {
            co_return end_of(error);
        }
    }

    /// A call that only reads.
    asio::awaitable<End> look()
    {
        try {
            if (cell_.call.of_controller)
                (void)co_await controller_->list_secret_backends();
            else
                (void)co_await model_->list_secrets();
            co_return done;
        } catch (const Error& error) {
            co_return end_of(error);
        }
    }

    asio::awaitable<void> goodbye() { return cell_.call.of_controller ? controller_->disconnect() : model_->disconnect(); }

    bool is_connected() const { return cell_.call.of_controller ? controller_->is_connected() : model_->is_connected(); }

    void connect()
    {
        End end;
        for (int i = 0; i < tries && end != done; ++i) // the limit may be short, and the machine busy
            end = run(connecting());
        if (end != done)
            throw std::runtime_error("connecting ended with \"" + end + '"');
    }

    void lose()
    {
        mock_.drop_connections();
        const auto end = Clock::now() + guard;
        while (is_connected() && Clock::now() < end)
            context_.run_one_for(10ms);
        context_.restart();
    }

    void add_fault()
    {
        if (cell_.row.stage == Stage::goodbye && cell_.call.kind != CallKind::disconnect)
            return;
        auto fault = MockFault::parse(cell_.row.spec);
        if (cell_.row.stage == Stage::answering)
            fault.method(cell_.call.method(cell_.profile));
        mock_.add_fault(fault);
    }

    /// The connection was kept, or made again, as the table says.
    void check_connections()
    {
        const bool meets_it = cell_.call.kind != CallKind::connect && cell_.call.kind != CallKind::disconnect;
        if (cell_.row.stage != Stage::answering || !meets_it)
            return;
        const bool is_new = mock_.total_connections() != before_;
        if (is_new != (cell_.row.cure != Cure::none))
            add(is_new ? "the connection was not kept" : "the connection was kept");
    }

    /// Requests that change something leave once. Those that only read leave once more at most.
    void check_requests()
    {
        const std::string& method = cell_.call.method(cell_.profile);
        if (method.empty() || cell_.call.kind == CallKind::disconnect)
            return;
        const auto messages = mock_.transcript();
        const auto count = std::ranges::count_if(messages, [&](const MockMessage& message) {
            return message.direction == MockDirection::from_client &&
                   message.text.find("\"request\":\"" + method + '"') != std::string::npos;
        });
        const bool is_write = cell_.call.kind == CallKind::write || cell_.call.kind == CallKind::lifetime;
        if (count > cell_.call.requests + (is_write ? 0 : 1))
            add(method + " was sent " + std::to_string(count) + " times");
    }

    template <class T>
    T run(asio::awaitable<T> call)
    {
        std::optional<T> result;
        run(juju::detail::store_result(std::move(call), result));
        return result ? *std::move(result) : T();
    }

    void run(asio::awaitable<void> call)
    {
        bool is_done = false;
        auto finish = [&is_done](std::exception_ptr) { is_done = true; };
        asio::co_spawn(context_, std::move(call), finish);
        const auto end = Clock::now() + guard;
        while (!is_done && context_.run_one_until(end) != 0) {
        }
        context_.restart();
        if (!is_done)
            throw std::runtime_error("a call did not end");
    }

    const Cell& cell_;
    MockController mock_;
    asio::io_context context_{1};
    std::optional<Model> model_;
    std::optional<Controller> controller_;
    std::size_t before_ = 0; ///< connections that the mock had accepted before the call
    std::string problems_;
};

} // namespace

bool depends_on_reconnecting(const Row& row, const Call& call)
{
    const bool reads_or_looks = call.kind == CallKind::read || call.kind == CallKind::rotate;
    return row.stage == Stage::answering && row.cure == Cure::reconnect && reads_or_looks;
}

std::string problem_of(const Cell& cell)
{
    std::string problems;
    const LiveFrames frames;
    {
        Run run(cell);
        try {
            run.strike();
            run.recover();
            if (cell.row.stage == Stage::goodbye && cell.call.kind != CallKind::disconnect)
                run.say_goodbye();
            run.destroy();
            if (frames.count() != 0)
                run.add(std::to_string(frames.count()) + " coroutine frames are left");
        } catch (const std::exception& error) {
            run.add(error.what());
        }
        problems = run.problems();
    }
    if (frames.made() == 0)
        problems += "; no coroutine frame was seen at all";
    return problems;
}

} // namespace juju::faults
