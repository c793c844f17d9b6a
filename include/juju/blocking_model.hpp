#pragma once

#include <juju/applications.hpp>
#include <juju/connect_options.hpp>
#include <juju/ensure.hpp>
#include <juju/error.hpp>
#include <juju/outcomes.hpp>
#include <juju/rotation.hpp>
#include <juju/secret.hpp>
#include <juju/secret_draft.hpp>
#include <juju/secret_filter.hpp>
#include <juju/secret_removal.hpp>
#include <juju/secret_update.hpp>
#include <juju/secret_watcher.hpp>
#include <juju/with_secret.hpp>
#include <juju/with_timeout.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace juju {

class BlockingModel;
class Model;

namespace detail {

template <class Client>
class BlockingClient;
class BlockingWatch;

using BlockingSecretBody = std::function<void(const SecretUri&)>;

void with_secret(BlockingModel& model, std::string name, SecretContent content, Applications applications, BlockingSecretBody body);

template <class T>
inline constexpr bool is_awaitable = false;
template <class T>
inline constexpr bool is_awaitable<boost::asio::awaitable<T>> = true;

/// A plain callable gives its result at once; a coroutine would never be run.
template <class Body>
concept PlainBody =
    (std::invocable<Body&> ||
     std::invocable<Body&, const SecretUri&>)&&!is_awaitable<std::invoke_result_t<decltype(&invoke_body<Body>), Body&, const SecretUri&>>;

template <class Check, class... Args>
concept PlainCheckOf = std::invocable<Check&, Args...> && (std::is_void_v<std::invoke_result_t<Check&, Args...>> ||
                                                           std::convertible_to<std::invoke_result_t<Check&, Args...>, bool>);

template <class Work, class Client>
concept CoroutineOn = std::invocable<Work&, Client&> && is_awaitable<std::invoke_result_t<Work&, Client&>>;

} // namespace detail

/// The question of `BlockingModel::rotate_secret`: does the new content work?
///
/// As RotateCheck, but always a plain function: a callable without parameter, or with one that a `const Secret&` or a
/// `const SecretUri&` fits, which gives `bool`, or nothing. False, or an exception, means that the new content does not work.
class BlockingRotateCheck {
public:
    template <class Check>
        requires(!std::same_as<std::remove_cvref_t<Check>, BlockingRotateCheck> &&
                 (detail::PlainCheckOf<Check> || detail::PlainCheckOf<Check, const Secret&> ||
                  detail::PlainCheckOf<Check, const SecretUri&>))
    BlockingRotateCheck(Check check)
        : check_([check = std::move(check)](const Secret& secret) mutable -> bool {
              const auto ask = [&]() -> decltype(auto) {
                  if constexpr (detail::PlainCheckOf<Check>)
                      return check();
                  else if constexpr (detail::PlainCheckOf<Check, const Secret&>)
                      return check(secret);
                  else
                      return check(secret.uri());
              };
              if constexpr (std::is_void_v<decltype(ask())>) {
                  ask();
                  return true;
              } else {
                  return ask();
              }
          })
    {
    }

    bool operator()(const Secret& secret) { return check_(secret); }

private:
    std::function<bool(const Secret&)> check_;
};

/// `SecretsManager` for programs without coroutines. Reached by `BlockingModel::secrets_manager()`.
class BlockingSecretsManager {
public:
    /// As `SecretsManager::create`, and so on.
    Outcomes<SecretUri> create(std::vector<SecretDraft> drafts);
    Outcomes<void> update(std::vector<std::pair<SecretRef, SecretUpdate>> updates);
    Outcomes<void> remove(std::vector<SecretRemoval> removals);
    Outcomes<void> grant(SecretRef secret, Applications applications);
    Outcomes<void> revoke(SecretRef secret, Applications applications);
    std::vector<Secret> list(SecretFilter filter = SecretFilter());

    /// For the library itself; programs get theirs from `BlockingModel::secrets_manager()`.
    explicit BlockingSecretsManager(detail::BlockingClient<Model>& client) : client_(client) {}
    BlockingSecretsManager(const BlockingSecretsManager&) = delete;
    BlockingSecretsManager& operator=(const BlockingSecretsManager&) = delete;

private:
    detail::BlockingClient<Model>& client_;
};

/// `SecretWatcher` for programs without coroutines. From `BlockingModel::watch_secrets`. Once its model is destroyed, `next` throws
/// errc::not_connected.
class BlockingSecretWatcher {
public:
    BlockingSecretWatcher(std::shared_ptr<detail::BlockingClient<Model>> client, SecretWatcher watcher);
    BlockingSecretWatcher(BlockingSecretWatcher&&) noexcept;
    BlockingSecretWatcher& operator=(BlockingSecretWatcher&&) noexcept;
    ~BlockingSecretWatcher();

    /// Waits, as long as it takes, for the next list that differs and gives the changes, at least one. As `SecretWatcher::next`.
    std::vector<SecretChange> next();

    /// The same, but gives an empty list when there was no change within `limit`; 0 asks what was found so far. No change is lost by
    /// that: looking for changes goes on at its interval, and the following call gives what was found.
    std::vector<SecretChange> next(std::chrono::milliseconds limit);

private:
    std::shared_ptr<detail::BlockingClient<Model>> client_;
    std::shared_ptr<detail::BlockingWatch> watch_;
};

/// A Model for programs without coroutines: the same calls with the same parameters, defaults and errors, which return when they have
/// ended. It has a thread of its own, on which its connection lives.
///
/// What is said here of a call that is named as one of Model's is only what differs.
///
/// Threads: any number of threads may use one BlockingModel at once (except moving or destroying it); their calls share one connection
/// and overlap. Callables that are passed in run in the thread that made the call, and may themselves call the model.
///
/// The own thread carries out the calls, so none can be made in it: a call there, or in the thread of another BlockingModel or
/// BlockingController, throws errc::would_deadlock at once. What runs there is what is given to `run`, and a log sink (see log.hpp). A
/// log sink must not make blocking calls in any thread, since the own thread waits for the sink before it goes on.
///
/// The own thread takes no signals. It does not live on in the child of a `fork`: a BlockingModel that was made before must be
/// neither used nor destroyed there.
///
/// Deadlines: as with Model, from `ConnectOptions`. A call's own one: `plain.run` with `juju::with_timeout`.
///
/// Destruction ends the connection without waiting for the controller, and the thread. Calls that go on in other threads are
/// cancelled before (errc::canceled), and destruction waits until they, and the callables that they run, have ended. It must not happen
/// in the own thread, or in a callable that one of its calls runs.
class BlockingModel {
public:
    /// @throws Error when the system gives no thread.
    BlockingModel();
    BlockingModel(BlockingModel&&) noexcept;
    BlockingModel& operator=(BlockingModel&&) noexcept;
    ~BlockingModel();

    void connect();
    void connect(std::string model);
    void connect(ConnectOptions options);
    void disconnect();
    bool is_connected() const noexcept;
    std::string diagnostics() const;

    SecretUri add_secret(std::string name, SecretContent content, std::string info = {});
    std::vector<Secret> list_secrets(SecretFilter filter = SecretFilter());
    Secret get_secret(SecretRef secret);
    Secret reveal_secret(SecretRef secret);
    Secret reveal_secret(SecretRef secret, int revision);
    void grant_secret(SecretRef secret, Applications applications);
    void revoke_secret(SecretRef secret, Applications applications);
    void update_secret(SecretRef secret, SecretUpdate update);
    void remove_secret(SecretRef secret);
    void remove_secret(SecretRef secret, int revision);

    EnsureResult ensure_secret(std::string name, SecretContent content, EnsureOptions options = EnsureOptions());
    std::optional<bool> secret_matches(SecretRef secret, SecretContent content);

    /// @param check runs in this thread.
    RotateResult rotate_secret(SecretRef secret, SecretContent content, BlockingRotateCheck check, RotateOptions options = RotateOptions());

    BlockingSecretWatcher watch_secrets(WatchOptions options = WatchOptions());
    void wait_until_removed(SecretRef secret, std::chrono::milliseconds limit = std::chrono::seconds(30));
    void wait_until_pruned(SecretRef secret, std::chrono::milliseconds limit = std::chrono::seconds(30));

    std::string get_secret_backend();
    void set_secret_backend(std::string name);

    std::string call(std::string facade, std::string request, std::string params_json = "{}");
    std::string call(std::string facade, int version, std::string request, std::string params_json = "{}");
    std::map<std::string, std::vector<int>> facades() const;

    /// The calls on several secrets at once. Valid as long as this model, or the one that it was moved to, lives.
    BlockingSecretsManager& secrets_manager() noexcept;

    /// Runs a coroutine on the Model behind this, in the own thread, and gives its result. For what has no blocking form, such as a call
    /// with a deadline of its own:
    ///
    ///     plain.run([](juju::Model& model) { return juju::with_timeout(2s, model.list_secrets()); });
    ///
    /// @param work gives the `boost::asio::awaitable` for a `Model&`, which must not be kept. It is called in the own thread and kept
    ///   until the coroutine has ended.
    /// @throws what `work` or its coroutine throws.
    template <class Work>
        requires detail::CoroutineOn<Work, Model>
    auto run(Work work)
    {
        using T = typename std::invoke_result_t<Work&, Model&>::value_type;
        if constexpr (std::is_void_v<T>) {
            run_work([&work](Model& model) { return work(model); });
        } else {
            std::optional<T> result;
            run_work([&work, &result](Model& model) { return detail::store_result(work(model), result); });
            return T(std::move(*result));
        }
    }

private:
    friend void detail::with_secret(BlockingModel&, std::string, SecretContent, Applications, detail::BlockingSecretBody);

    void run_work(std::function<boost::asio::awaitable<void>(Model&)> work);

    std::shared_ptr<detail::BlockingClient<Model>> client_;
    std::unique_ptr<BlockingSecretsManager> secrets_manager_;
};

/// `with_secret` for programs without coroutines.
/// @param body a plain callable without parameter or with a `const SecretUri&`; runs in this thread. Its result is the result.
template <class Body>
    requires detail::PlainBody<Body>
auto with_secret(BlockingModel& model, std::string name, SecretContent content, Applications applications, Body body)
{
    using T = decltype(detail::invoke_body(body, std::declval<const SecretUri&>()));
    if constexpr (std::is_void_v<T>) {
        detail::BlockingSecretBody plain = [&body](const SecretUri& uri) { detail::invoke_body(body, uri); };
        detail::with_secret(model, std::move(name), std::move(content), std::move(applications), std::move(plain));
    } else {
        std::optional<T> result;
        detail::BlockingSecretBody store = [&body, &result](const SecretUri& uri) { result.emplace(detail::invoke_body(body, uri)); };
        detail::with_secret(model, std::move(name), std::move(content), std::move(applications), std::move(store));
        return T(std::move(*result));
    }
}

} // namespace juju
