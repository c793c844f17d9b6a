#pragma once

#include <boost/asio/awaitable.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>

namespace juju::blocking {

/// The thread that waits for a call to end. Until then it runs what the call asks it to.
class CallingThread {
public:
    /// Runs `work` in the thread that waits, and throws what that throws. It cannot be cancelled. To be awaited by the call.
    boost::asio::awaitable<void> run(std::function<void()> work);

    /// Waits for `end`.
    void wait();

    /// The last that the call does with this.
    void end();

private:
    void ask(std::function<void()> task);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> task_; ///< What the call asks for. It does not throw.
    bool ended_ = false;
};

} // namespace juju::blocking
