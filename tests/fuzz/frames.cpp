#include "fuzz/fuzz.hpp"
#include "session/session_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

// Messages that a connection brings while calls wait for replies: one for each line. An empty line makes one more call.

namespace {

using fuzz::require;
using support::FakePeer;
using support::FakeStream;
using support::Session;
using support::Strand;
using support::Task;

/// A session on a FakeStream, with its calls.
class Connection {
public:
    Connection()
    {
        GTEST_FLAG_SET(break_on_failure, true); // FakeStream watches that the session keeps its rules
        session_->start();
        settle();
        call();
    }

    ~Connection()
    {
        session_->abort(support::connection_lost("the end"));
        settle();
    }

    void call()
    {
        auto task = std::make_shared<Task>();
        auto finish = [task](std::exception_ptr error, std::string result) {
            task->finish(error, std::move(result));
            if (task->error)
                fuzz::check_error(*task->error);
        };
        boost::asio::co_spawn(strand_, support::ask(session_, "{}", support::never), std::move(finish));
        calls.push_back(std::move(task));
        settle();
    }

    void send(std::string_view message)
    {
        peer_->send(std::string(message));
        settle();
    }

    const Session& session() const { return *session_; }

    std::vector<std::shared_ptr<Task>> calls;

private:
    void settle()
    {
        context_.restart();
        context_.poll();
    }

    boost::asio::io_context context_{1};
    Strand strand_ = boost::asio::make_strand(boost::asio::any_io_executor(context_.get_executor()));
    std::shared_ptr<FakePeer> peer_ = std::make_shared<FakePeer>(strand_);
    std::shared_ptr<Session> session_ =
        std::make_shared<Session>(strand_, std::make_unique<FakeStream>(peer_), Session::Timing{support::never, support::never});
};

void check_task(const Task& task, bool alive)
{
    require(task.ended <= 1, "a call ends once");
    require(task.other_error.empty(), "a call ends with an Error or a reply");
    require(alive || task.ended == 1, "no call outlives its session");
}

} // namespace

void fuzz::run(std::string_view input)
{
    constexpr std::size_t most_calls = 16;
    Connection connection;
    bool was_alive = true;
    while (!input.empty()) {
        const auto end = std::min(input.find('\n'), input.size());
        if (end > 0)
            connection.send(input.substr(0, end));
        else if (connection.calls.size() < most_calls)
            connection.call();
        input.remove_prefix(std::min(end + 1, input.size()));

        const bool alive = connection.session().alive();
        require(alive != connection.session().end().has_value(), "a session that ended says why");
        if (was_alive && !alive)
            check_error(*connection.session().end());
        was_alive = alive;
        std::size_t waiting = 0;
        for (const auto& call : connection.calls) {
            check_task(*call, alive);
            waiting += call->ended == 0 ? 1 : 0;
        }
        require(connection.session().pending() == waiting, "whoever waits is in the table of pending calls");
    }
}
