#pragma once

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace juju {

/// What a login asks a human for; made of any callable, plain or a coroutine (one that gives `boost::asio::awaitable`).
///
/// It runs on the executor of the Model or Controller that logs in. The time it takes counts for `ConnectOptions::connect_timeout`, but a
/// plain callable that blocks is not interrupted. What it throws ends the login and comes out of `connect`. Copies share the callable.
template <class Signature>
class LoginCallback;

template <class R, class... Args>
class LoginCallback<R(Args...)> {
    template <class F>
    using ResultOf = std::invoke_result_t<F&, Args...>;

    template <class F>
    static constexpr bool is_coroutine = std::same_as<ResultOf<F>, boost::asio::awaitable<R>>;

    template <class F>
    static constexpr bool is_plain = std::is_void_v<R> || std::constructible_from<R, ResultOf<F>>;

public:
    LoginCallback() {}

    template <class F>
        requires(!std::same_as<std::remove_cvref_t<F>, LoginCallback> && std::invocable<F&, Args...>)
    LoginCallback(F callable)
    {
        static_assert(is_coroutine<F> || is_plain<F>, "the callable gives something else than what is asked for");
        auto shared = std::make_shared<F>(std::move(callable));
        if constexpr (is_coroutine<F>)
            run_ = [shared](Args... args) { return (*shared)(std::move(args)...); };
        else
            run_ = [shared](Args... args) { return run_plain<F>(shared, std::move(args)...); };
    }

    explicit operator bool() const noexcept { return static_cast<bool>(run_); }

    boost::asio::awaitable<R> operator()(Args... args) const { return run_(std::move(args)...); }

private:
    template <class F>
    static boost::asio::awaitable<R> run_plain(std::shared_ptr<F> callable, Args... args)
        requires(!std::is_void_v<R>)
    {
        co_return R((*callable)(std::move(args)...));
    }

    template <class F>
    static boost::asio::awaitable<R> run_plain(std::shared_ptr<F> callable, Args... args)
        requires std::is_void_v<R>
    {
        (*callable)(std::move(args)...);
        co_return;
    }

    std::function<boost::asio::awaitable<R>(Args...)> run_;
};

} // namespace juju
