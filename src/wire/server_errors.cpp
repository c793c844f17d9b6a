#include "wire/server_errors.hpp"

#include "wire/printable.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace juju::wire {
namespace {

struct Meaning {
    std::string_view text;
    errc code;
};

/// By the controller's code, exactly (wire-protocol 8.1). The three spellings of "not found" are one.
constexpr std::array by_code{
    Meaning{"not found", errc::not_found},
    Meaning{"secret not found", errc::not_found},
    Meaning{"secret revision not found", errc::not_found},
    Meaning{"secret consumer not found", errc::not_found},
    Meaning{"secret backend not found", errc::not_found},
    Meaning{"user not found", errc::not_found},
    Meaning{"model not found", errc::model_not_found},
    Meaning{"already exists", errc::already_exists},
    Meaning{"secret backend already exists", errc::already_exists},
    Meaning{"unauthorized access", errc::permission_denied},
    Meaning{"access required", errc::permission_denied},
    Meaning{"not valid", errc::not_valid},
    Meaning{"bad request", errc::not_valid},
    Meaning{"secret backend not valid", errc::not_valid},
    Meaning{"not supported", errc::not_supported},
    Meaning{"secret backend not supported", errc::not_supported},
    Meaning{"not implemented", errc::not_implemented},
    Meaning{"try again", errc::try_again},
    Meaning{"not yet available; try again later", errc::try_again},
    Meaning{"excessive contention", errc::try_again},
    Meaning{"upgrade in progress", errc::upgrade_in_progress},
    Meaning{"operation is blocked", errc::blocked},
    Meaning{"forbidden", errc::blocked},
    Meaning{"secret backend forbidden", errc::blocked},
    Meaning{"redirection required", errc::redirected},
    Meaning{"macaroon discharge required", errc::discharge_required},
    Meaning{"login expired", errc::login_expired},
    Meaning{"no credentials provided", errc::login_failed},
    Meaning{"session token invalid", errc::login_expired},
};

/// By the end of the message, where the controller gives no code (wire-protocol 8.4; secrets-facade 1.7 to 1.9 for the
/// application and the model that Juju 4.0 does not find, which 3.6 gives a code).
constexpr std::array by_message{
    Meaning{"model migration in progress", errc::migration_in_progress},
    Meaning{"migration in progress, model is importing", errc::migration_in_progress},
    Meaning{"maintenance in progress", errc::upgrade_in_progress},
    Meaning{"upgrade is in progress", errc::upgrade_in_progress},
    Meaning{"connection is shut down", errc::connection_lost},
    Meaning{"context canceled", errc::connection_lost},
    Meaning{"secret is from a different model", errc::not_found},
    Meaning{"\" not found", errc::not_found},
};

constexpr std::string_view wrong_password = "invalid entity name or password";

} // namespace

errc classify(std::string_view code, std::string_view message) noexcept
{
    if (message == wrong_password)
        return errc::login_failed;
    if (code.empty()) {
        const auto found = std::ranges::find_if(by_message, [&](const Meaning& m) { return message.ends_with(m.text); });
        return found == by_message.end() ? errc::server_error : found->code;
    }
    const auto found = std::ranges::find(by_code, code, &Meaning::text);
    return found == by_code.end() ? errc::server_error : found->code;
}

Error refusal(const std::string& request, std::string message, std::string code, std::string info, bool connection_usable)
{
    const errc meaning = classify(code, message);
    detail::ErrorDetails details(request + ": " + (message.empty() ? "refused without a reason" : printable(message)));
    if (!code.empty() && code != message)
        details.message += " (" + printable(code) + ")";
    details.connection_usable = connection_usable;
    // A controller that is shutting down answers so; what it was doing for the call may be done.
    if (meaning == errc::connection_lost) {
        details.connection_usable = false;
        details.outcome = message.ends_with("context canceled") ? Outcome::unknown : Outcome::rejected;
    } else {
        details.outcome = Outcome::rejected;
    }
    details.request = request;
    details.server_message = std::move(message);
    details.server_code = std::move(code);
    details.server_info = std::move(info);
    return Error(make_error_code(meaning), std::move(details));
}

void throw_if_refused(const Reply& reply, const std::string& request)
{
    if (reply.is_error())
        throw refusal(request, reply.error(), reply.error_code(), reply.error_info());
}

} // namespace juju::wire
