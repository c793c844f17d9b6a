#pragma once

#include <juju/secret_value.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

/// Reading a YAML document as a map of strings the way Go's yaml.v2 does, which the juju command uses (its decode.go).
namespace juju::detail::yaml {

/// Reads the first document of `text`; no document gives no entries.
/// @throws Error errc::invalid_secret_file, with the line and nothing of the text.
std::map<std::string, SecretValue, std::less<>> parse(std::string_view text);

} // namespace juju::detail::yaml
