#include <juju/blocking_model.hpp>

#include "blocking/blocking_client.hpp"
#include "local_error.hpp"

#include <juju/model.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace juju {
namespace {

namespace asio = boost::asio;
using Changes = std::vector<SecretChange>;

/// Keeps sums of times inside of what a clock can hold.
constexpr std::chrono::milliseconds longest = std::chrono::hours(24) * 36'525;

} // namespace

/// One `SecretWatcher::next` that goes on when the limit of a call has passed: the following call takes what it gives. If it were
/// cancelled then, a limit as long as the interval would cut off one list after the other. In the own thread only.
class detail::BlockingWatch : public std::enable_shared_from_this<BlockingWatch> {
public:
    explicit BlockingWatch(SecretWatcher watcher) : watcher_(std::move(watcher)) {}

    /// @param limit none when empty.
    static asio::awaitable<Changes> next(std::shared_ptr<BlockingWatch> self, std::optional<std::chrono::milliseconds> limit)
    {
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        if (limit)
            timer.expires_after(*limit);
        if (self->waiting_ != nullptr)
            throw local_error(errc::invalid_argument, "a next of this watcher is going on; one at a time");
        if (!self->going_on_ && self->changes_.empty())
            self->start(timer.get_executor());
        boost::system::error_code interruption;
        self->waiting_ = &timer;
        if (self->going_on_)
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, interruption));
        self->waiting_ = nullptr;
        if (self->going_on_ && interruption)
            throw local_error(errc::canceled, "watching was cancelled");
        if (const auto failure = std::exchange(self->failure_, nullptr))
            std::rethrow_exception(failure);
        co_return std::exchange(self->changes_, Changes());
    }

    void cancel() { cancel_.emit(asio::cancellation_type::terminal); }

private:
    void start(const asio::any_io_executor& executor)
    {
        going_on_ = true;
        auto finish = [self = shared_from_this()](std::exception_ptr failure, Changes changes) {
            self->going_on_ = false;
            self->changes_ = std::move(changes);
            if (self->waiting_ == nullptr)
                return; // a failure that nobody waited for may be out of date when somebody does
            self->failure_ = failure;
            self->waiting_->cancel();
        };
        asio::co_spawn(executor, watcher_.next(), asio::bind_cancellation_slot(cancel_.slot(), std::move(finish)));
    }

    SecretWatcher watcher_;
    asio::cancellation_signal cancel_;
    bool going_on_ = false;
    Changes changes_;            ///< What ended last and was not given out yet.
    std::exception_ptr failure_; ///< Likewise.
    asio::steady_timer* waiting_ = nullptr;
};

BlockingSecretWatcher::BlockingSecretWatcher(std::shared_ptr<detail::BlockingClient<Model>> client, SecretWatcher watcher)
    : client_(std::move(client)), watch_(std::make_shared<detail::BlockingWatch>(std::move(watcher)))
{
}

BlockingSecretWatcher::BlockingSecretWatcher(BlockingSecretWatcher&&) noexcept = default;

BlockingSecretWatcher& BlockingSecretWatcher::operator=(BlockingSecretWatcher&& other) noexcept
{
    std::swap(client_, other.client_);
    std::swap(watch_, other.watch_);
    return *this;
}

BlockingSecretWatcher::~BlockingSecretWatcher()
{
    if (client_)
        asio::post(client_->executor(), [watch = std::move(watch_)] { watch->cancel(); });
}

std::vector<SecretChange> BlockingSecretWatcher::next()
{
    return client_->run(detail::BlockingWatch::next(watch_, std::nullopt));
}

std::vector<SecretChange> BlockingSecretWatcher::next(std::chrono::milliseconds limit)
{
    return client_->run(detail::BlockingWatch::next(watch_, std::clamp(limit, std::chrono::milliseconds(0), longest)));
}

} // namespace juju
