#pragma once

#include "blocking/calling_thread.hpp"

#include <juju/with_timeout.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace juju::blocking {

/// A thread that carries out coroutines for other threads, which wait for them.
class BlockingThread {
public:
    /// @throws Error when the system gives no thread.
    BlockingThread();

    /// `stop` was called before.
    ~BlockingThread() = default;

    BlockingThread(const BlockingThread&) = delete;
    BlockingThread& operator=(const BlockingThread&) = delete;

    boost::asio::any_io_executor executor() { return context_.get_executor(); }

    /// Carries out a call and waits for it; from any number of threads at once.
    /// @param caller for a call that wants to run something in the thread that waits.
    /// @throws Error errc::would_deadlock in the thread of any BlockingThread, errc::not_connected after `cancel_calls`; what the call
    ///   throws.
    void run(CallingThread& caller, boost::asio::awaitable<void> call);

    template <class T>
    T run(CallingThread& caller, boost::asio::awaitable<T> call)
    {
        std::optional<T> result;
        run(caller, detail::store_result(std::move(call), result));
        return T(std::move(*result));
    }

    template <class T>
    T run(boost::asio::awaitable<T> call)
    {
        CallingThread caller;
        return run(caller, std::move(call));
    }

    /// Cancels the calls that go on, waits for their ends, and refuses further ones.
    void cancel_calls();

    /// Ends the thread, after what is ready to run has run. Called once, after `cancel_calls`.
    void stop();

private:
    using Signal = std::shared_ptr<boost::asio::cancellation_signal>;

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    std::mutex mutex_;
    bool closed_ = false;              ///< Guarded by `mutex_`.
    std::set<Signal> calls_;           ///< What goes on. In the own thread only.
    CallingThread* waiting_ = nullptr; ///< Told when nothing goes on any more. In the own thread only.
    std::thread thread_;
};

} // namespace juju::blocking
