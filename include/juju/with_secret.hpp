#pragma once

#include <juju/applications.hpp>
#include <juju/error.hpp>
#include <juju/secret_content.hpp>
#include <juju/secret_uri.hpp>

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace juju {

class Model;

/// Thrown by `with_secret` when its secret could not be removed, or when it is not known whether it was ever made. The code is
/// errc::left_behind; `what()` names the secret and the reason. `outcome()` and the rest are those of the request that failed: with
/// Outcome::unknown its answer did not come, and the secret may be there or not; else it is there.
class SecretLeftBehind : public Error {
public:
    SecretLeftBehind(detail::ErrorDetails details, std::string name, SecretUri uri, std::exception_ptr body_error)
        : Error(make_error_code(errc::left_behind), std::move(details)),
          name_(std::move(name)),
          uri_(std::move(uri)),
          body_error_(std::move(body_error))
    {
    }

    /// The name that the secret was made with.
    const std::string& name() const noexcept { return name_; }

    /// Empty when the controller's answer to the creation was lost. A secret of that name can then be another client's, or be made yet.
    const SecretUri& uri() const noexcept { return uri_; }

    /// What the body threw; null when it did not throw or did not run.
    const std::exception_ptr& body_error() const noexcept { return body_error_; }

private:
    std::string name_;
    SecretUri uri_;
    std::exception_ptr body_error_;
};

namespace detail {

using SecretBody = std::function<boost::asio::awaitable<void>(const SecretUri&)>;

boost::asio::awaitable<void> with_secret(Model& model, std::string name, SecretContent content, Applications applications, SecretBody body);

template <class Body>
auto invoke_body(Body& body, const SecretUri& uri)
{
    if constexpr (std::invocable<Body&>)
        return body();
    else
        return body(uri);
}

template <class Body>
using BodyResult = typename std::invoke_result_t<decltype(&invoke_body<Body>), Body&, const SecretUri&>::value_type;

} // namespace detail

/// A secret for the time of one piece of work: adds it, grants it, runs `body`, then revokes and removes it, whether `body`
/// returned, threw or was cancelled.
///
/// Cancellation reaches only `body`; one that comes before it starts keeps it from starting. All else runs to its end, each request
/// bounded by `ConnectOptions::call_timeout`. A removal whose answer does not come is sent once more, which does no harm, also over a
/// connection that is made again for it. As `Model::remove_secret` says, on Juju 4.0 the secret can be seen some time longer.
/// Sends: Secrets.CreateSecrets, GrantSecret, then RevokeSecret, RemoveSecrets; no grant or revoke without applications.
///
/// @param model must live until this has ended.
/// @param name unique in the model; empty for a secret without a name.
/// @param content at least one key with its value.
/// @param applications who may read it; none with `{}`.
/// @param body a coroutine function without parameter or with a `const SecretUri&`, named before the call (GCC 12 breaks lambdas
///   inside `co_await` expressions). It runs on the caller's executor. Its result is the result.
/// @throws Error as `Model::add_secret` and `Model::grant_secret`, and errc::canceled, when no secret was left behind and `body` did not
///   run; SecretLeftBehind, also when `body` succeeded, whose result is then lost; else what `body` throws.
template <class Body>
    requires(!std::is_void_v<detail::BodyResult<Body>>)
boost::asio::awaitable<detail::BodyResult<Body>> with_secret(Model& model, std::string name, SecretContent content,
                                                             Applications applications, Body body)
{
    std::optional<detail::BodyResult<Body>> result;
    detail::SecretBody store = [&body, &result](const SecretUri& uri) -> boost::asio::awaitable<void> {
        result.emplace(co_await detail::invoke_body(body, uri));
    };
    co_await detail::with_secret(model, std::move(name), std::move(content), std::move(applications), std::move(store));
    co_return std::move(*result);
}

template <class Body>
    requires(std::is_void_v<detail::BodyResult<Body>>)
boost::asio::awaitable<void> with_secret(Model& model, std::string name, SecretContent content, Applications applications, Body body)
{
    detail::SecretBody plain = [&body](const SecretUri& uri) { return detail::invoke_body(body, uri); };
    co_await detail::with_secret(model, std::move(name), std::move(content), std::move(applications), std::move(plain));
}

} // namespace juju
