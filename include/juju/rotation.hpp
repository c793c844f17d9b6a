#pragma once

#include <juju/error.hpp>
#include <juju/secret.hpp>
#include <juju/secret_uri.hpp>

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace juju {

namespace detail {
struct RotateResultData;
}

/// The question of `Model::rotate_secret`: does the new content work?
///
/// Made from a copyable callable without parameter, or with one that a `const Secret&` (its metadata, with the new revision) or a
/// `const SecretUri&` fits. It is a coroutine or a plain function and gives `bool`, or nothing; false, or an exception, means that
/// the new content does not work. It runs on the executor of the coroutine that rotates. Cancellation reaches it as it reaches any
/// coroutine.
class RotateCheck {
public:
    template <class Check>
        requires(!std::same_as<std::remove_cvref_t<Check>, RotateCheck> &&
                 (std::invocable<Check&> || std::invocable<Check&, const Secret&> || std::invocable<Check&, const SecretUri&>))
    RotateCheck(Check check) : check_(Erased<Check>(std::move(check)))
    {
    }

    boost::asio::awaitable<bool> operator()(const Secret& secret) { return check_(secret); }

private:
    template <class Check>
    static decltype(auto) invoke(Check& check, const Secret& secret)
    {
        if constexpr (std::invocable<Check&>)
            return check();
        else if constexpr (std::invocable<Check&, const Secret&>)
            return check(secret);
        else
            return check(secret.uri());
    }

    template <class Check>
    struct Erased {
        explicit Erased(Check callable) : check(std::move(callable)) {}

        boost::asio::awaitable<bool> operator()(const Secret& secret)
        {
            using Answer = std::invoke_result_t<decltype(&RotateCheck::invoke<Check>), Check&, const Secret&>;
            if constexpr (std::same_as<Answer, boost::asio::awaitable<bool>>) {
                const bool works = co_await invoke(check, secret);
                co_return works;
            } else if constexpr (std::same_as<Answer, boost::asio::awaitable<void>>) {
                co_await invoke(check, secret);
                co_return true;
            } else if constexpr (std::is_void_v<Answer>) {
                invoke(check, secret);
                co_return true;
            } else {
                co_return static_cast<bool>(invoke(check, secret));
            }
        }

        Check check;
    };

    std::function<boost::asio::awaitable<bool>(const Secret&)> check_;
};

class RotateOptions {
public:
    RotateOptions() {}

    /// Whether the secret's auto-prune flag is set once the new content works, so that the controller removes each older
    /// revision as soon as no unit tracks it. The flag stays set. Default: true.
    RotateOptions& prune(bool on)
    {
        prune_ = on;
        return *this;
    }

    bool prune() const noexcept { return prune_; }

private:
    bool prune_ = true;
};

/// Which content a rotation left in force.
enum class RotateState {
    rotated,   ///< The new content is the latest, and the check passed.
    restored,  ///< The check failed or could not be run, and the old content is the latest again, as a newer revision.
    unchecked, ///< The new content is the latest; the check failed or could not be run, and the old content could not be put back.
    unknown    ///< The new content, or the restored old one, was sent and no answer came: either may be the latest. Or another client
               ///< wrote newer content meanwhile (errc::try_again) or removed the secret (errc::not_found). `error()` says which.
};

/// How `Model::rotate_secret` ended. It throws only when nothing was changed.
class [[nodiscard]] RotateResult {
public:
    RotateResult() = default;

    RotateState state() const noexcept { return state_; }
    bool ok() const noexcept { return state_ == RotateState::rotated && !error_; }

    const SecretUri& uri() const noexcept { return uri_; }

    /// The latest revision before. Its content is what a failed check puts back.
    int old_revision() const noexcept { return old_revision_; }

    /// The revision with the new content; `old_revision()` when that had it already. Empty when it is not known.
    const std::optional<int>& new_revision() const noexcept { return new_revision_; }

    /// The revision with the old content put back; empty when that was not done or is not known.
    const std::optional<int>& restored_revision() const noexcept { return restored_revision_; }

    /// Whether the controller accepted the order to prune older revisions. `Model::wait_until_pruned` waits for its effect.
    bool pruned() const noexcept { return pruned_; }

    /// What the check threw, null when it threw nothing. An Error with errc::canceled when a cancellation kept it from starting.
    const std::exception_ptr& check_error() const noexcept { return check_error_; }

    /// What kept the rotation from its end, such as a lost connection; the first cause, when there are several. Where the new content
    /// was the old one and the check failed, it is errc::nothing_to_update.
    const std::optional<Error>& error() const noexcept { return error_; }

private:
    friend struct detail::RotateResultData;
    RotateState state_ = RotateState::unknown;
    SecretUri uri_;
    int old_revision_ = 0;
    std::optional<int> new_revision_;
    std::optional<int> restored_revision_;
    bool pruned_ = false;
    std::exception_ptr check_error_;
    std::optional<Error> error_;
};

} // namespace juju
