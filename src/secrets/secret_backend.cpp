#include <juju/secret_backend.hpp>

#include "local_error.hpp"
#include "secrets/in_quotes.hpp"
#include "wire/json.hpp"
#include "wire/nesting.hpp"

namespace juju {

SecretBackendConfig& SecretBackendConfig::set(std::string name, std::string_view text)
{
    return set(std::move(name), SecretValue(text));
}

SecretBackendConfig& SecretBackendConfig::set(std::string name, SecretValue text)
{
    json_.erase(name);
    texts_.insert_or_assign(std::move(name), std::move(text));
    return *this;
}

SecretBackendConfig& SecretBackendConfig::set_json(std::string name, std::string_view json)
{
    if (!wire::is_shallow(json, wire::max_json_nesting))
        throw detail::local_error(errc::invalid_argument, "the value of setting " + detail::in_quotes(name) + " is nested more than " +
                                                              std::to_string(wire::max_json_nesting) + " levels deep");
    if (wire::parse_json(json).is_discarded())
        throw detail::local_error(errc::invalid_argument, "the value of setting " + detail::in_quotes(name) + " is not JSON");
    texts_.erase(name);
    json_.insert_or_assign(std::move(name), SecretValue(json));
    return *this;
}

const SecretValue& SecretBackendConfig::at(std::string_view name) const
{
    const auto found = texts_.find(name);
    if (found == texts_.end())
        throw detail::local_error(errc::not_found, "the secret backend has no text setting " + detail::in_quotes(name));
    return found->second;
}

} // namespace juju
