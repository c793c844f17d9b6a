#include <juju/secret.hpp>

#include "local_error.hpp"

namespace juju {

std::string SecretAccess::application() const
{
    constexpr std::string_view kind = "application-";
    return target_.starts_with(kind) ? target_.substr(kind.size()) : std::string();
}

bool Secret::is_user_secret() const noexcept
{
    return owner_.starts_with("model-");
}

const SecretContent& Secret::content() const
{
    if (content_error_)
        throw *content_error_;
    if (!content_)
        throw detail::local_error(errc::invalid_argument, "the content of secret " + uri_.str() +
                                                              " was not asked for; use reveal_secret, or list with show_secrets(true)");
    return *content_;
}

} // namespace juju
