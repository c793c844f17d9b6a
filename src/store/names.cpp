#include "store/names.hpp"

#include "local_error.hpp"
#include "wire/printable.hpp"
#include "wire/tags.hpp"

#include <algorithm>

namespace juju::store {
namespace {

constexpr std::string_view local = "@local";

[[noreturn]] void fail(const std::string& message)
{
    throw detail::local_error(errc::invalid_name, message);
}

bool is_bare_model_name(std::string_view name)
{
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !name.empty() && name.front() != '-' && std::ranges::all_of(name, allowed);
}

} // namespace

std::string in_quotes(std::string_view text)
{
    return '"' + wire::printable(text) + '"';
}

std::string without_local_user(std::string_view user)
{
    return std::string(user.ends_with(local) ? user.substr(0, user.size() - local.size()) : user);
}

std::string without_local_owner(std::string_view model)
{
    const auto slash = model.find('/');
    if (slash == std::string_view::npos)
        return std::string(model);
    return without_local_user(model.substr(0, slash)) + std::string(model.substr(slash));
}

void check_model_name(std::string_view name)
{
    const auto slash = name.find('/');
    if (slash != std::string_view::npos && !wire::is_user_name(name.substr(0, slash)))
        fail("validating model name " + in_quotes(name) + ": user name " + in_quotes(name.substr(0, slash)) + " not valid");
    if (!is_bare_model_name(slash == std::string_view::npos ? name : name.substr(slash + 1)))
        fail("model name " + in_quotes(name) + " not valid");
}

void check_qualified_name(std::string_view name)
{
    if (name.find('/') == std::string_view::npos)
        fail("validating model name " + in_quotes(name) + ": unqualified model name " + in_quotes(name) + " not valid");
    check_model_name(name);
}

} // namespace juju::store
