#include "blocking/blocking_thread.hpp"

#include "local_error.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <csignal>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

namespace juju::blocking {
namespace {

namespace asio = boost::asio;

thread_local bool is_own_thread = false;

/// Keeps signals from a thread that is started meanwhile: the program's handlers expect its own threads. What a thread causes itself
/// stays, so that a crash is seen.
class SignalBlocker {
public:
    SignalBlocker()
    {
        sigset_t blocked;
        sigfillset(&blocked);
        for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT})
            sigdelset(&blocked, signal);
        pthread_sigmask(SIG_BLOCK, &blocked, &before_);
    }
    ~SignalBlocker() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalBlocker(const SignalBlocker&) = delete;
    SignalBlocker& operator=(const SignalBlocker&) = delete;

private:
    sigset_t before_;
};

} // namespace

BlockingThread::BlockingThread()
{
    const SignalBlocker blocker;
    try {
        thread_ = std::thread([this] {
            is_own_thread = true;
            context_.run();
            context_.restart();
            context_.poll(); // lets the connection end
        });
    } catch (const std::system_error& error) {
        throw Error(error.code(), detail::ErrorDetails(std::string("no thread for blocking calls: ") + error.what()));
    }
}

void BlockingThread::run(CallingThread& caller, asio::awaitable<void> call)
{
    if (is_own_thread)
        throw detail::local_error(errc::would_deadlock,
                                  "a blocking call in the thread of a BlockingModel or BlockingController would wait for itself; make it "
                                  "in another thread");
    std::exception_ptr failure;
    const auto cancel = std::make_shared<asio::cancellation_signal>();
    const auto finish = [this, &caller, &failure, cancel](std::exception_ptr error) {
        failure = error;
        calls_.erase(cancel);
        caller.end();
        if (waiting_ != nullptr && calls_.empty())
            waiting_->end();
    };
    {
        const std::lock_guard lock(mutex_);
        if (closed_)
            throw detail::local_error(errc::not_connected, "not connected: the BlockingModel was destroyed");
        asio::post(context_, [this, &call, &finish, &cancel] {
            calls_.insert(cancel);
            asio::co_spawn(context_, std::move(call), asio::bind_cancellation_slot(cancel->slot(), finish));
        });
    }
    caller.wait();
    if (failure)
        std::rethrow_exception(failure);
}

void BlockingThread::cancel_calls()
{
    CallingThread caller;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    asio::post(context_, [this, &caller] {
        const std::vector<Signal> going_on(calls_.begin(), calls_.end());
        for (const auto& signal : going_on)
            signal->emit(asio::cancellation_type::terminal);
        if (calls_.empty())
            caller.end();
        else
            waiting_ = &caller;
    });
    caller.wait();
}

void BlockingThread::stop()
{
    context_.stop();
    thread_.join();
}

} // namespace juju::blocking
