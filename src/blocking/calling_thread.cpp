#include "blocking/calling_thread.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace juju::blocking {

namespace asio = boost::asio;

asio::awaitable<void> CallingThread::run(std::function<void()> work)
{
    auto initiate = [this, work = std::move(work)]<class Handler>(Handler handler) {
        // A task is copyable, a handler is not.
        const auto resume = std::make_shared<Handler>(std::move(handler));
        ask([work, resume] {
            std::exception_ptr failure;
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
            asio::post(asio::get_associated_executor(*resume), [resume, failure] { std::move (*resume)(failure); });
        });
    };
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr)>(std::move(initiate), asio::use_awaitable);
}

void CallingThread::wait()
{
    std::unique_lock lock(mutex_);
    while (!ended_) {
        changed_.wait(lock, [this] { return ended_ || task_; });
        if (!task_)
            continue;
        const auto task = std::exchange(task_, nullptr);
        lock.unlock();
        task();
        lock.lock();
    }
}

void CallingThread::end()
{
    const std::lock_guard lock(mutex_); // held while notifying: the thread that waits may destroy this as soon as it can
    ended_ = true;
    changed_.notify_one();
}

void CallingThread::ask(std::function<void()> task)
{
    const std::lock_guard lock(mutex_);
    task_ = std::move(task);
    changed_.notify_one();
}

} // namespace juju::blocking
