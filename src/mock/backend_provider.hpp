#pragma once

#include "mock/failure.hpp"
#include "mock/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

/// The settings of a secret backend: text for most, a JSON flag or list for some of type kubernetes.
using BackendConfig = std::map<std::string, Json>;

/// What a setting's value may be.
enum class SettingKind { text, flag, list };

/// One setting that a type of backend knows.
struct Setting {
    std::string_view name;
    SettingKind kind = SettingKind::text;
    bool mandatory = false;
    bool immutable = false;
    bool secret = false; ///< listed only when the caller asks to reveal
};

/// A type of secret backend.
struct BackendProvider {
    std::string_view type;
    std::string_view title; ///< as error texts name it: "k8s" for kubernetes
    std::vector<Setting> settings;
    bool refreshes_token = false;
};

/// @return nullptr for a type that no controller knows
const BackendProvider* find_provider(std::string_view type);

/// The settings that a list shows.
BackendConfig shown_config(const BackendProvider& provider, const BackendConfig& config, bool reveal);

/// What is wrong with settings. The code is "not valid", or empty for what is no such error.
/// @param old what they replace; nullptr for a new backend
std::optional<Failure> config_problem(const BackendProvider& provider, const BackendConfig* old, const BackendConfig& config);

} // namespace juju::mock
