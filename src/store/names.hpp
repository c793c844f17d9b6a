#pragma once

#include <string>
#include <string_view>

/// Names of models (client-store 2.6).
namespace juju::store {

/// Foreign text in quotes, fit for a message.
std::string in_quotes(std::string_view text);

/// "bob" and "bob@local" are the same user, and so are "bob/web" and "bob@local/web"; gives the shorter one.
std::string without_local_user(std::string_view user);
std::string without_local_owner(std::string_view model);

/// Checks "OWNER/MODEL", or a MODEL alone.
/// @throws Error errc::invalid_name, as the juju command says it: `validating model name "!/web": user name "!" not valid` or
/// `model name "admin/Web" not valid`.
void check_model_name(std::string_view name);

/// The same, and that there is an owner: `validating model name "web": unqualified model name "web" not valid`.
void check_qualified_name(std::string_view name);

} // namespace juju::store
