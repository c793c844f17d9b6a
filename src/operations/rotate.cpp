#include "operations/rotate.hpp"

#include "local_error.hpp"
#include "operations/one_secret.hpp"
#include "operations/shield.hpp"
#include "secrets/in_quotes.hpp"

#include <utility>
#include <vector>

namespace juju::detail {

/// The write access to a result.
struct RotateResultData {
    static auto& state(RotateResult& r) { return r.state_; }
    static auto& uri(RotateResult& r) { return r.uri_; }
    static auto& old_revision(RotateResult& r) { return r.old_revision_; }
    static auto& new_revision(RotateResult& r) { return r.new_revision_; }
    static auto& restored_revision(RotateResult& r) { return r.restored_revision_; }
    static auto& pruned(RotateResult& r) { return r.pruned_; }
    static auto& check_error(RotateResult& r) { return r.check_error_; }
    static auto& error(RotateResult& r) { return r.error_; }
};

} // namespace juju::detail

namespace juju::operations {
namespace {

namespace asio = boost::asio;
using Writer = detail::RotateResultData;

/// The error of a write whose answer did not come.
Error unanswered(const std::string& question, const Error& cause)
{
    detail::ErrorDetails details("it is not known whether " + question + ": " + cause.what());
    details.request = cause.request();
    details.outcome = Outcome::unknown;
    details.connection_usable = cause.connection_usable();
    return Error(cause.code(), std::move(details));
}

Error not_found(const std::string& message)
{
    detail::ErrorDetails details(message);
    details.request = "Secrets.ListSecrets";
    details.outcome = Outcome::rejected;
    return Error(make_error_code(errc::not_found), std::move(details));
}

/// So that a check that throws before it returns its coroutine throws in a coroutine, too.
asio::awaitable<void> run_check(RotateCheck& check, const Secret& secret, bool& works)
{
    works = co_await check(secret);
}

/// From the first write to the end, in a coroutine that is shielded.
asio::awaitable<void> write_and_check(Rotation& rotation, RotateCheck& check, bool& throws)
{
    const bool to_be_checked = co_await shielded(rotation.write());
    if (!to_be_checked)
        co_return;
    std::exception_ptr check_error;
    bool works = false;
    const bool cancelled = co_await is_cancelled(throws);
    if (cancelled)
        check_error = std::make_exception_ptr(detail::local_error(errc::canceled, "cancelled before the check ran"));
    else
        check_error = co_await unshielded(run_check(check, rotation.rotated(), works), throws);
    if (works)
        co_await shielded(rotation.accept());
    else
        co_await shielded(rotation.put_back(check_error));
}

} // namespace

asio::awaitable<RotateResult> rotate(ConnectionPtr connection, SecretRef secret, SecretContent content, RotateCheck check,
                                     RotateOptions options)
{
    Rotation rotation(std::move(connection), std::move(secret), std::move(content), options);
    co_await rotation.prepare();
    bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::exception_ptr failure;
    try {
        const bool cancelled = co_await is_cancelled(throws);
        if (cancelled)
            throw detail::local_error(errc::canceled, "cancelled before the new content was written");
        co_await write_and_check(rotation, check, throws);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (failure)
        std::rethrow_exception(failure);
    co_return rotation.result();
}

Rotation::Rotation(ConnectionPtr connection, SecretRef secret, SecretContent content, RotateOptions options)
    : manager_(std::move(connection)), secret_(std::move(secret)), new_content_(std::move(content)), options_(options)
{
}

asio::awaitable<void> Rotation::prepare()
{
    const std::string name = "secret " + detail::in_quotes(secret_.str());
    if (new_content_.empty())
        throw detail::local_error(errc::empty_content, name + ": empty secret value not valid: give at least one key=value");
    auto filter = filter_for(secret_);
    filter.show_secrets(true);
    const Secret old = co_await revealed(get_one(manager_.list(filter), secret_));
    // An update by name finds user secrets only.
    if (!secret_.uri() && !old.is_user_secret())
        throw not_found(name + " not found: only a charm's secret has that label; give its URI to rotate it");
    old_content_ = old.content();
    old_checksum_ = old_content_.checksum();
    new_checksum_ = new_content_.checksum();
    same_content_ = old_checksum_ == new_checksum_;
    if (same_content_) // nothing will be written, and after a removal the controller's checksum can be another
        new_checksum_ = old.checksum();
    else if (old.checksum() == new_checksum_)
        throw detail::local_error(errc::not_supported,
                                  name + ": its latest revision was removed, and the controller, which keeps that one's checksum, " +
                                      "takes equal content for no change; update it with other content first");
    if (!secret_.uri())
        secret_ = SecretRef(old.uri());
    Writer::uri(result_) = old.uri();
    Writer::old_revision(result_) = old.latest_revision();
}

asio::awaitable<bool> Rotation::write()
{
    std::optional<Error> failure;
    if (!same_content_) {
        SecretUpdate update_content;
        update_content.data(std::move(new_content_));
        failure = co_await update(std::move(update_content));
    }
    if (failure && failure->outcome() != Outcome::unknown)
        throw *failure;
    const auto blind = co_await look();
    if (blind && same_content_)
        throw *blind;
    if (blind && !failure) { // the new content is there, but cannot be shown to the check
        Writer::error(result_) = blind;
        co_await put_back(nullptr);
        co_return false;
    }
    const int before = same_content_ ? result_.old_revision() - 1 : result_.old_revision();
    const bool found = !blind && sees(new_checksum_, before);
    if (failure && (!found || seen_.checksum().empty())) {
        end(RotateState::unknown, unanswered("the new content is the latest", *failure));
        co_return false;
    }
    if (!found) {
        end(RotateState::unknown, overtaken());
        co_return false;
    }
    Writer::new_revision(result_) = seen_.latest_revision();
    co_return true;
}

asio::awaitable<void> Rotation::accept()
{
    Writer::state(result_) = RotateState::rotated;
    if (!options_.prune())
        co_return;
    SecretUpdate prune;
    prune.auto_prune(true);
    Writer::error(result_) = co_await update(std::move(prune));
    Writer::pruned(result_) = !result_.error();
}

asio::awaitable<void> Rotation::put_back(std::exception_ptr check_error)
{
    Writer::check_error(result_) = std::move(check_error);
    if (same_content_) {
        end(RotateState::unchecked,
            detail::local_error(errc::nothing_to_update,
                                "the check failed, and the old content, which is the same, cannot replace the new"));
        co_return;
    }
    if (result_.new_revision()) {
        const auto blind = co_await look();
        if (!blind && !sees(new_checksum_, result_.old_revision())) {
            end(RotateState::unknown, overtaken());
            co_return;
        }
    }
    SecretUpdate update_content;
    update_content.data(std::move(old_content_));
    const auto failure = co_await update(std::move(update_content));
    if (failure && failure->outcome() != Outcome::unknown) {
        end(failure->code() == errc::not_found ? RotateState::unknown : RotateState::unchecked, failure);
        co_return;
    }
    const auto blind = co_await look();
    const bool found = !blind && sees(old_checksum_, result_.new_revision().value_or(result_.old_revision()));
    if (failure && (!found || seen_.checksum().empty())) {
        end(RotateState::unknown, unanswered("the old content is the latest again", *failure));
        co_return;
    }
    if (!blind && !found) {
        end(RotateState::unknown, overtaken());
        co_return;
    }
    if (found)
        Writer::restored_revision(result_) = seen_.latest_revision();
    end(RotateState::restored, blind);
}

asio::awaitable<std::optional<Error>> Rotation::update(SecretUpdate update)
{
    std::optional<Error> failure;
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    updates.emplace_back(secret_, std::move(update));
    try {
        co_await only(manager_.update(std::move(updates)));
    } catch (const Error& error) {
        failure = error;
    }
    co_return failure;
}

/// @return why nothing could be seen.
asio::awaitable<std::optional<Error>> Rotation::look()
{
    std::optional<Error> failure;
    const SecretRef found(result_.uri());
    try {
        seen_ = co_await get_one(manager_.list(filter_for(found)), found);
    } catch (const Error& error) {
        failure = error;
    }
    co_return failure;
}

/// Whether the latest revision is a later one than `after` and has this content; before Juju 3.6 there is no checksum to tell by.
bool Rotation::sees(const std::string& checksum, int after) const
{
    return seen_.latest_revision() > after && (seen_.checksum().empty() || seen_.checksum() == checksum);
}

Error Rotation::overtaken() const
{
    return detail::local_error(errc::try_again, "secret " + detail::in_quotes(result_.uri().str()) +
                                                    ": another client changed the content meanwhile; its revision " +
                                                    std::to_string(seen_.latest_revision()) + " was left alone");
}

/// The first error is the cause of those that follow.
void Rotation::end(RotateState state, std::optional<Error> error)
{
    Writer::state(result_) = state;
    if (!result_.error())
        Writer::error(result_) = std::move(error);
}

} // namespace juju::operations
