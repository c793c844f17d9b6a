#include "mock/backend_provider.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace juju::mock {
namespace {

constexpr Setting text(std::string_view name)
{
    return {name, SettingKind::text, false, false, false};
}

constexpr Setting fixed(std::string_view name, bool mandatory)
{
    return {name, SettingKind::text, mandatory, true, false};
}

constexpr Setting secret(std::string_view name)
{
    return {name, SettingKind::text, false, false, true};
}

const std::vector<BackendProvider>& providers()
{
    static const std::vector<BackendProvider> list{
        {"controller", "controller", {}, false},
        {"vault",
         "vault",
         {fixed("endpoint", true), fixed("namespace", false), fixed("mount-path", false), secret("token"), text("ca-cert"),
          text("client-cert"), secret("client-key"), text("tls-server-name")},
         true},
        {"kubernetes",
         "k8s",
         {fixed("endpoint", true),
          fixed("namespace", true),
          text("service-account"),
          text("ca-cert"),
          {"ca-certs", SettingKind::list, false, false, false},
          secret("token"),
          text("username"),
          secret("password"),
          text("client-cert"),
          secret("client-key"),
          {"skip-tls-verify", SettingKind::flag, false, false, false},
          {"prefer-incluster-address", SettingKind::flag, false, false, false}},
         true},
    };
    return list;
}

const Setting* find_setting(const BackendProvider& provider, std::string_view name)
{
    const auto found = std::find_if(provider.settings.begin(), provider.settings.end(), [&](const Setting& s) { return s.name == name; });
    return found == provider.settings.end() ? nullptr : &*found;
}

std::string number_text(double number)
{
    std::array<char, 32> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::general);
    return {buffer.data(), result.ptr};
}

/// A JSON value as Go's `%#v` prints it.
std::string go_literal(const Json& value)
{
    if (value.is_string()) {
        return go_quoted(value.get_ref<const std::string&>());
    }
    if (value.is_number()) {
        return number_text(value.get<double>());
    }
    if (!value.is_structured()) {
        return value.is_null() ? "interface {}(nil)" : value.dump();
    }
    std::string out = value.is_array() ? "[]interface {}{" : "map[string]interface {}{";
    for (const auto& [name, element] : value.items()) {
        out += (out.back() == '{' ? "" : ", ") + (value.is_array() ? "" : go_quoted(name) + ":") + go_literal(element);
    }
    return out + '}';
}

std::string go_type(const Json& value)
{
    if (value.is_structured()) {
        return value.is_array() ? "[]interface {}" : "map[string]interface {}";
    }
    if (value.is_string()) {
        return "string";
    }
    return value.is_boolean() ? "bool" : "float64";
}

Failure mismatch(const Setting& setting, std::string_view wanted, const Json* value)
{
    const std::string start = std::string(setting.name) + ": expected " + std::string(wanted) + ", got ";
    if (value == nullptr || value->is_null()) {
        return Failure(start + "nothing");
    }
    return Failure(start + go_type(*value) + '(' + go_literal(*value) + ')');
}

/// Texts count as flags and lists when they spell one, as in YAML.
std::optional<Failure> setting_problem(const Setting& setting, const Json& value)
{
    switch (setting.kind) {
    case SettingKind::text: return value.is_string() ? std::nullopt : std::optional(mismatch(setting, "string", &value));
    case SettingKind::flag:
        return value.is_boolean() || value == "true" || value == "false" ? std::nullopt : std::optional(mismatch(setting, "bool", &value));
    case SettingKind::list: return value.is_array() || value.is_string() ? std::nullopt : std::optional(mismatch(setting, "list", &value));
    }
    return std::nullopt;
}

bool is_given(const BackendConfig& config, const char* name)
{
    const auto found = config.find(name);
    return found != config.end() && found->second != Json("");
}

std::optional<Failure> schema_problem(const BackendProvider& provider, const BackendConfig& config)
{
    for (const auto& [name, value] : config) {
        if (find_setting(provider, name) == nullptr) {
            return Failure("unknown key " + go_quoted(name) + " (value " + go_literal(value) + ')');
        }
    }
    for (const Setting& setting : provider.settings) {
        const auto found = config.find(std::string(setting.name));
        if (found != config.end()) {
            if (auto problem = setting_problem(setting, found->second)) {
                return problem;
            }
        } else if (setting.mandatory) {
            return mismatch(setting, "string", nullptr);
        }
    }
    return std::nullopt;
}

Json value_of(const BackendConfig& config, std::string_view name)
{
    const auto found = config.find(std::string(name));
    return found == config.end() ? Json() : found->second;
}

} // namespace

const BackendProvider* find_provider(std::string_view type)
{
    const auto found = std::find_if(providers().begin(), providers().end(), [&](const BackendProvider& p) { return p.type == type; });
    return found == providers().end() ? nullptr : &*found;
}

BackendConfig shown_config(const BackendProvider& provider, const BackendConfig& config, bool reveal)
{
    BackendConfig shown = config;
    std::erase_if(shown, [&](const auto& entry) {
        const Setting* setting = find_setting(provider, entry.first);
        return !reveal && setting != nullptr && setting->secret;
    });
    return shown;
}

std::optional<Failure> config_problem(const BackendProvider& provider, const BackendConfig* old, const BackendConfig& config)
{
    if (provider.settings.empty()) {
        return std::nullopt;
    }
    if (auto problem = schema_problem(provider, config)) {
        return problem;
    }
    const bool cert = is_given(config, "client-cert");
    const bool key = is_given(config, "client-key");
    if (cert != key) {
        return Failure(std::string(provider.title) + " config missing client " + (cert ? "key" : "certificate") + " not valid",
                       "not valid");
    }
    for (const Setting& setting : provider.settings) {
        if (old != nullptr && setting.immutable && value_of(*old, setting.name) != value_of(config, setting.name)) {
            return Failure("cannot change immutable field " + go_quoted(setting.name));
        }
    }
    return std::nullopt;
}

} // namespace juju::mock
