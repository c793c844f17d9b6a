#include <juju/error.hpp>

#include <utility>

namespace juju {
namespace {

class Category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "juju"; }

    std::string message(int value) const override { return text(static_cast<errc>(value)); }

private:
    static const char* text(errc code)
    {
        switch (code) {
        case errc::invalid_argument: return "invalid argument";
        case errc::invalid_key: return "invalid secret key";
        case errc::invalid_key_value: return "invalid key value";
        case errc::invalid_base64: return "invalid base64";
        case errc::invalid_secret_file: return "invalid secret file";
        case errc::unreadable_file: return "unreadable file";
        case errc::content_too_large: return "secret content too large";
        case errc::empty_content: return "empty secret content";
        case errc::invalid_uri: return "invalid secret URI";
        case errc::invalid_name: return "invalid name";
        case errc::invalid_owner: return "invalid owner";
        case errc::invalid_revision: return "invalid revision";
        case errc::no_applications: return "no applications";
        case errc::nothing_to_update: return "nothing to update";
        case errc::not_connected: return "not connected";
        case errc::not_supported: return "not supported";
        case errc::would_deadlock: return "blocking call would deadlock";
        case errc::invalid_store: return "invalid client store";
        case errc::store_locked: return "client store locked";
        case errc::no_controller: return "no controller";
        case errc::no_model: return "no model";
        case errc::controller_not_found: return "controller not found";
        case errc::ambiguous_model: return "ambiguous model";
        case errc::not_logged_in: return "not logged in";
        case errc::canceled: return "canceled";
        case errc::timed_out: return "timed out";
        case errc::connection_lost: return "connection lost";
        case errc::connect_failed: return "connect failed";
        case errc::certificate_rejected: return "certificate rejected";
        case errc::upgrade_refused: return "WebSocket upgrade refused";
        case errc::proxy_failed: return "proxy failed";
        case errc::message_too_large: return "message too large";
        case errc::malformed_reply: return "malformed reply";
        case errc::login_failed: return "login failed";
        case errc::login_mismatch: return "login mismatch";
        case errc::discharge_required: return "discharge required";
        case errc::discharge_failed: return "discharge failed";
        case errc::login_expired: return "login expired";
        case errc::redirected: return "redirected";
        case errc::redirect_loop: return "redirect loop";
        case errc::model_not_found: return "model not found";
        case errc::not_found: return "not found";
        case errc::already_exists: return "already exists";
        case errc::permission_denied: return "permission denied";
        case errc::not_valid: return "not valid";
        case errc::not_implemented: return "not implemented";
        case errc::try_again: return "try again";
        case errc::upgrade_in_progress: return "upgrade in progress";
        case errc::migration_in_progress: return "migration in progress";
        case errc::blocked: return "operation blocked";
        case errc::several_matches: return "several matches";
        case errc::batch_aborted: return "batch aborted";
        case errc::left_behind: return "secret left behind";
        case errc::server_error: return "server error";
        }
        return "unknown juju error";
    }
};

} // namespace

const boost::system::error_category& error_category() noexcept
{
    static const Category category;
    return category;
}

boost::system::error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), error_category()};
}

Error::Error(boost::system::error_code code, detail::ErrorDetails details)
    : boost::system::system_error(code), details_(std::make_shared<const detail::ErrorDetails>(std::move(details)))
{
}

const char* Error::what() const noexcept
{
    return details_->message.c_str();
}

const std::string& Error::server_code() const noexcept
{
    return details_->server_code;
}

const std::string& Error::server_message() const noexcept
{
    return details_->server_message;
}

const std::string& Error::server_info() const noexcept
{
    return details_->server_info;
}

const std::string& Error::request() const noexcept
{
    return details_->request;
}

Outcome Error::outcome() const noexcept
{
    return details_->outcome;
}

bool Error::connection_usable() const noexcept
{
    return details_->connection_usable;
}

const std::vector<ErrorItem>& Error::items() const noexcept
{
    return details_->items;
}

ErrorItem::ErrorItem(std::string subject) : subject_(std::move(subject)) {}

ErrorItem::ErrorItem(std::string subject, Error error) : subject_(std::move(subject)), error_(std::move(error)) {}

} // namespace juju
