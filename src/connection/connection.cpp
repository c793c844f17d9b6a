#include "connection/connection.hpp"

#include "connection/diagnostics.hpp"
#include "local_error.hpp"
#include "log.hpp"
#include "reworded.hpp"
#include "wire/printable.hpp"

#include <juju/with_timeout.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <charconv>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

namespace juju::detail {
namespace {

namespace asio = boost::asio;
using connection::Session;

/// The newest version of facade `Secrets` that this library speaks (secrets-facade 1.1).
constexpr int known_secrets_version = 2;

/// The first release that takes traces (wire-protocol 2.5).
constexpr int first_traced_version = 4;

/// Where a controller lists no `Secrets`, the same messages go to this facade, in any version (design, section 2).
constexpr int any_version = 1'000'000;

Error ended(errc code, std::string message)
{
    ErrorDetails details(std::move(message));
    details.connection_usable = false;
    return Error(make_error_code(code), std::move(details));
}

/// What `connect` throws when it was ended by its deadline or its caller: each address and how far it came.
Error interrupted(errc code, const std::string& what, const connection::Progress& progress)
{
    const std::string text = what + ", while waiting for: " + progress.step;
    if (progress.reports.empty())
        return ended(code, text);
    return progress.reports.back()->interrupted(code, text);
}

Error cancelled_connect(const connection::Progress& progress)
{
    return interrupted(errc::canceled, "connecting was cancelled", progress);
}

/// What `connect` throws for a failure on the way.
Error connect_error(const Error& error, const ConnectOptions& options, const connection::Progress& progress)
{
    if (error.code() == errc::timed_out)
        return interrupted(errc::timed_out,
                           "connecting did not end within " + std::to_string(options.connect_timeout().count()) +
                               " ms (ConnectOptions::connect_timeout)",
                           progress);
    if (error.code() == errc::canceled || error.code() == asio::error::operation_aborted)
        return cancelled_connect(progress);
    return error;
}

/// 4 of "4.0.15"; 0 where it does not start with a number.
int major_version(std::string_view version)
{
    int number = 0;
    std::from_chars(version.data(), version.data() + version.size(), number);
    return number;
}

/// For what has no effect on the controller, and waits on streams, which know terminal cancellation only.
asio::cancellation_type as_terminal(asio::cancellation_type type)
{
    return type == asio::cancellation_type::none ? type : asio::cancellation_type::terminal;
}

/// Login and proxy are in the plan.
ConnectOptions without_secrets(ConnectOptions options)
{
    options.password("").macaroons("").session_token("").client_credentials("", "").agent("", "").proxy("");
    return options;
}

} // namespace

Connection::Connection(asio::any_io_executor executor, login::Target target)
    : executor_(std::move(executor)),
      strand_(asio::make_strand(executor_)),
      target_(target),
      reconnector_(std::make_shared<connection::Reconnector>(strand_)),
      user_strand_(asio::make_strand(executor_))
{
}

asio::awaitable<void> Connection::connect(std::shared_ptr<Connection> self, ConnectOptions options)
{
    login::check_options(options, self->target_);
    const auto progress = std::make_shared<connection::Progress>();
    bool is_cancelled = false;
    try {
        const auto started = std::chrono::steady_clock::now();
        auto leaving = leave(self, options.connect_timeout() / 2);
        co_await std::move(leaving);
        const auto left = options.connect_timeout() - (std::chrono::steady_clock::now() - started);
        auto attempting =
            self->attempt(connection::run_on(self->strand_, self->establish(options, progress)), options, progress, Which::first, left);
        co_await std::move(attempting);
    } catch (const Error&) {
        throw;
    } catch (const boost::system::system_error&) { // Asio's own, of a coroutine that was cancelled
        is_cancelled = true;
    }
    if (is_cancelled)
        throw cancelled_connect(*progress);
}

/// Ends a connection that there is, without waiting longer than so for a controller that does not say goodbye.
asio::awaitable<void> Connection::leave(std::shared_ptr<Connection> self, std::chrono::nanoseconds limit)
{
    try {
        auto leaving = run_with_timeout(limit, disconnect(self));
        co_await std::move(leaving);
    } catch (const Error& error) {
        if (error.code() != errc::timed_out)
            throw;
    }
}

/// Bounds an attempt, and says what became of it. From any executor.
/// @param left what is left of `ConnectOptions::connect_timeout`.
asio::awaitable<void> Connection::attempt(asio::awaitable<void> connecting, ConnectOptions options,
                                          std::shared_ptr<connection::Progress> progress, Which which, std::chrono::nanoseconds left)
{
    std::optional<Error> failure;
    std::exception_ptr thrown;
    try {
        auto bounded = run_with_timeout(left, std::move(connecting));
        co_await std::move(bounded);
    } catch (const Error& error) {
        failure = connect_error(error, options, *progress);
    } catch (const boost::system::system_error&) { // Asio's own, where a coroutine that was cancelled goes on to wait
        failure = cancelled_connect(*progress);
    } catch (...) { // of a callback, or of memory: it is counted, and goes on as it is
        failure = ended(errc::connect_failed, "an exception was thrown while connecting");
        thrown = std::current_exception();
    }
    if (!failure)
        co_return;
    activity_->failed_to_connect(which == Which::again, *failure);
    {
        const std::lock_guard lock(mutex_);
        diagnostics_ = connection::describe_failure(*progress, *failure);
    }
    if (thrown)
        std::rethrow_exception(thrown);
    throw *failure;
}

asio::awaitable<void> Connection::establish(ConnectOptions options, std::shared_ptr<connection::Progress> progress)
{
    co_await asio::this_coro::reset_cancellation_state(as_terminal);
    const auto disconnects = disconnects_;
    connection::DialContext context(strand_, executor_, options, activity_);
    auto establishing = connection::establish(std::move(context), target_, known_, progress);
    auto established = co_await std::move(establishing);
    adopt(std::move(established), std::move(options), *progress, disconnects);
    activity_->connected(false);
}

asio::awaitable<void> Connection::establish_again(login::Plan plan, std::shared_ptr<connection::Progress> progress,
                                                  std::uint64_t disconnects)
{
    connection::DialContext context(strand_, executor_, options_, activity_);
    auto establishing = connection::establish_again(std::move(context), std::move(plan), known_, progress);
    auto established = co_await std::move(establishing);
    adopt(std::move(established), options_, *progress, disconnects);
    activity_->connected(true);
}

/// A `disconnect` may come at any time; what it must be told by is taken at the start.
asio::awaitable<void> Connection::reconnect()
{
    if (!plan_)
        throw ended(errc::canceled, "disconnect was called while connecting");
    tell(ConnectionState::reconnecting);
    const auto progress = std::make_shared<connection::Progress>();
    std::exception_ptr failure;
    try {
        auto attempting = attempt(connection::run_on(strand_, establish_again(*plan_, progress, disconnects_)), options_, progress,
                                  Which::again, options_.connect_timeout());
        co_await std::move(attempting);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure)
        co_return;
    if (can_reconnect())
        tell(ConnectionState::lost);
    std::rethrow_exception(failure);
}

/// Takes a connection into use.
void Connection::adopt(connection::Established established, ConnectOptions options, const connection::Progress& progress,
                       std::uint64_t disconnects)
{
    auto& logged_in = established.logged_in;
    if (disconnects != disconnects_) {
        const Error cause = ended(errc::canceled, "disconnect was called while connecting");
        logged_in.session->abort(cause);
        throw cause;
    }
    {
        const std::lock_guard lock(mutex_);
        diagnostics_ = connection::describe_success(progress, established);
        login_ = std::move(logged_in.result.login);
        plan_.reset();
        if (options.reconnect())
            plan_ = std::move(established.plan);
    }
    known_ = std::move(established.known);
    options_ = without_secrets(std::move(options));
    call_timeout_ = options_.call_timeout();
    max_request_size_ = options_.max_request_size();
    const auto session = std::move(logged_in.session);
    const bool has_traces = options_.request_observer() && major_version(login_.server_version) >= first_traced_version;
    trace_size_ = has_traces ? wire::Request::trace_size : 0;
    if (has_traces)
        session->send_traces();
    auto lost = [weak = weak_from_this(), ended = session.get()] {
        const auto self = weak.lock();
        if (!self || self->session_.get() != ended)
            return;
        self->activity_->lost();
        self->tell(ConnectionState::lost);
    };
    session->on_end(std::move(lost));
    if (const auto previous = exchange_session(session); previous && previous->alive())
        previous->abort(ended(errc::connection_lost, "replaced by a newer connection"));
    tell(ConnectionState::connected);
    if (session->alive())
        return;
    activity_->lost(); // since it logged in
    tell(ConnectionState::lost);
}

void Connection::tell(ConnectionState state)
{
    if (!options_.on_state_change())
        return;
    auto telling = [callback = options_.on_state_change(), state] {
        try {
            callback(state);
        } catch (...) { // its text is the program's own, and may be anything
            log::warn("on_state_change({}) has thrown", to_string(state));
        }
    };
    asio::post(user_strand_, std::move(telling));
}

asio::awaitable<void> Connection::disconnect(std::shared_ptr<Connection> self)
{
    co_await connection::run_on(self->strand_, self->end_session());
}

asio::awaitable<void> Connection::end_session()
{
    co_await asio::this_coro::reset_cancellation_state(as_terminal);
    ++disconnects_;
    forget();
    const auto session = exchange_session(nullptr);
    if (!session)
        co_return;
    tell(ConnectionState::closed);
    if (!session->alive())
        co_return;
    co_await session->close(ended(errc::connection_lost, "disconnected"));
    log::info("disconnected");
}

/// Ends the making of a new connection, and forgets how to.
void Connection::forget()
{
    {
        const std::lock_guard lock(mutex_);
        plan_.reset();
    }
    reconnector_->stop(ended(errc::connection_lost, "disconnected while connecting again"));
}

void Connection::shutdown()
{
    auto end = [self = shared_from_this()] {
        ++self->disconnects_;
        self->shut_down_ = true;
        self->forget();
        if (const auto session = self->exchange_session(nullptr); session && session->alive())
            session->abort(ended(errc::connection_lost, "the Model or Controller was destroyed"));
    };
    asio::post(strand_, std::move(end));
}

bool Connection::is_connected() const
{
    const std::lock_guard lock(mutex_);
    return session_ && session_->alive();
}

std::string Connection::diagnostics() const
{
    std::string last_attempt;
    bool is_connected = false;
    {
        const std::lock_guard lock(mutex_);
        last_attempt = diagnostics_;
        is_connected = session_ && session_->alive();
    }
    return connection::describe(last_attempt, is_connected, activity_->snapshot());
}

std::map<std::string, std::vector<int>> Connection::facades() const
{
    const std::lock_guard lock(mutex_);
    session_or_throw();
    const auto& all = login_.facades.all();
    return {all.begin(), all.end()};
}

std::optional<int> Connection::best_version(const std::string& facade, int known) const
{
    session_or_throw();
    return login_.facades.best_version(facade, known);
}

std::string Connection::server_version() const
{
    return login_.server_version;
}

bool Connection::refuses_model_of(const SecretUri& uri) const
{
    const bool is_other = !uri.source_model().empty() && "model-" + uri.source_model() != login_.model_tag;
    return is_other && !login_.server_version.starts_with("3.");
}

std::shared_ptr<Session> Connection::exchange_session(std::shared_ptr<Session> session)
{
    const std::lock_guard lock(mutex_);
    return std::exchange(session_, std::move(session));
}

std::shared_ptr<Session> Connection::session_or_throw() const
{
    if (!session_ && shut_down_)
        throw ended(errc::not_connected, "not connected: the Model or Controller was destroyed");
    if (!session_)
        throw ended(errc::not_connected, "not connected; call connect first");
    if (!session_->alive())
        throw ended(errc::not_connected, std::string("not connected any more; ") +
                                             (can_reconnect() ? "the next call connects again: " : "call connect again: ") +
                                             session_->end()->what());
    return session_;
}

wire::Request Connection::secrets_request(std::string method, int least, WipingString params) const
{
    session_or_throw();
    const bool renamed = !login_.facades.has("Secrets") && login_.facades.has("SecretsManager");
    const std::string facade = renamed ? "SecretsManager" : "Secrets";
    const auto version = login_.facades.best_version(facade, renamed ? any_version : known_secrets_version);
    if (!version || (!renamed && *version < least))
        throw local_error(errc::not_supported, "user secrets not supported: Secrets." + method + " needs version " + std::to_string(least) +
                                                   " of the facade (Juju 3.3 or later); the controller, Juju " +
                                                   wire::printable(login_.server_version) +
                                                   ", offers: " + login_.facades.describe("Secrets"));
    return {facade, *version, std::move(method), std::move(params)};
}

void Connection::check_size(const wire::Request& request) const
{
    const auto size = request.size_limit() + trace_size_;
    if (size <= max_request_size_)
        return;
    ErrorDetails details(request.name() + ": a request of up to " + std::to_string(size) + " bytes exceeds the limit of " +
                         std::to_string(max_request_size_) + " (ConnectOptions::max_request_size)");
    details.request = request.name();
    throw Error(make_error_code(errc::message_too_large), std::move(details));
}

bool Connection::can_reconnect() const
{
    return plan_ && session_ && !session_->alive();
}

asio::awaitable<Connection::Deadline> Connection::ready()
{
    const auto deadline = std::chrono::steady_clock::now() + call_timeout_;
    if (can_reconnect()) {
        auto reconnecting = reconnected(deadline);
        co_await std::move(reconnecting);
    }
    session_or_throw();
    co_return deadline;
}

/// Waits until the connection is made again.
asio::awaitable<void> Connection::reconnected(Deadline deadline)
{
    const std::string loss = session_->end()->what();
    auto dial = [self = shared_from_this()] { return self->reconnect(); };
    std::optional<Error> failure;
    try {
        auto waiting = reconnector_->wait(std::move(dial), deadline);
        co_await std::move(waiting);
    } catch (const Error& error) {
        failure = error;
    }
    if (!failure)
        co_return;
    auto details = reworded(*failure, std::string(failure->what()) + "; the connection was lost before: " + loss);
    details.outcome = Outcome::not_sent;
    details.connection_usable = false;
    throw Error(failure->code(), std::move(details));
}

asio::awaitable<wire::Reply> Connection::call(wire::Request request, Deadline deadline, Repeat repeat)
{
    const auto session = session_or_throw();
    check_size(request);
    const auto effect = repeat == Repeat::never ? connection::Effect::some : connection::Effect::none;
    if (repeat == Repeat::never || !plan_) {
        auto calling = session->call(std::move(request), call_timeout_, deadline, effect);
        co_return co_await std::move(calling);
    }
    std::optional<Error> lost;
    try {
        auto calling = session->call(request, call_timeout_, deadline, effect);
        co_return co_await std::move(calling);
    } catch (const Error& error) {
        lost = error;
    }
    if (lost->code() != errc::connection_lost || !can_reconnect())
        throw *lost;
    log::debug("{} is sent again", request.name());
    std::optional<Error> failure;
    try {
        auto reconnecting = reconnected(deadline);
        co_await std::move(reconnecting);
        request.mark_repeat();
        auto again = session_or_throw()->call(std::move(request), call_timeout_, deadline, effect);
        co_return co_await std::move(again);
    } catch (const Error& error) {
        failure = error;
    }
    if (failure->outcome() != Outcome::not_sent || lost->outcome() == Outcome::not_sent)
        throw *failure;
    auto details = reworded(*failure, failure->what());
    details.outcome = lost->outcome(); // it was sent before, at least
    throw Error(failure->code(), std::move(details));
}

} // namespace juju::detail
