#pragma once

#include <juju/error.hpp>
#include <juju/secret_value.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju {

namespace detail {
struct SecretBackendData;
}

/// The settings of a secret backend, such as "endpoint" and "token" (secrets-facade 6.1). All are treated as secret: there is no
/// way to print them but `SecretValue::text()`. Setting a name again replaces what was there.
class SecretBackendConfig {
public:
    using Map = std::map<std::string, SecretValue, std::less<>>;

    SecretBackendConfig() = default;

    /// A setting that is a text.
    SecretBackendConfig& set(std::string name, std::string_view text);
    SecretBackendConfig& set(std::string name, SecretValue text);

    /// A setting that is something else: a JSON text such as `true` or `["a","b"]`. It passes through a JSON parser, which does not wipe
    /// all of its memory: a token or a key belongs in `set`.
    /// @throws Error errc::invalid_argument when `json` is not JSON.
    SecretBackendConfig& set_json(std::string name, std::string_view json);

    bool empty() const noexcept { return texts_.empty() && json_.empty(); }
    bool contains(std::string_view name) const { return texts_.contains(name) || json_.contains(name); }

    /// @throws Error errc::not_found when there is no text setting of this name.
    const SecretValue& at(std::string_view name) const;

    /// The settings that are texts, by name.
    const Map& texts() const noexcept { return texts_; }

    /// The other ones, as JSON text, by name.
    const Map& json() const noexcept { return json_; }

    friend bool operator==(const SecretBackendConfig&, const SecretBackendConfig&) = default;

private:
    Map texts_;
    Map json_;
};

/// A secret backend as a controller describes it.
class SecretBackend {
public:
    SecretBackend() = default;

    const std::string& id() const noexcept { return id_; }
    const std::string& name() const noexcept { return name_; }

    /// "controller" for the built-in one, "vault", "kubernetes".
    const std::string& type() const noexcept { return type_; }

    /// Without the settings that Juju marks as secret, unless revealed.
    const SecretBackendConfig& config() const noexcept { return config_; }

    /// How often the controller renews the backend's token; empty when it does not.
    const std::optional<std::chrono::nanoseconds>& token_rotate_interval() const noexcept { return token_rotate_interval_; }

    /// How many revisions of secrets it holds, of all models.
    int secret_count() const noexcept { return secret_count_; }

    /// "active" or "error".
    const std::string& status() const noexcept { return status_; }

    /// Why the status is "error".
    const std::string& message() const noexcept { return message_; }

    /// The controller's error about this backend alone; empty when there is none.
    const std::optional<Error>& error() const noexcept { return error_; }

private:
    friend struct detail::SecretBackendData;
    std::string id_;
    std::string name_;
    std::string type_;
    SecretBackendConfig config_;
    std::optional<std::chrono::nanoseconds> token_rotate_interval_;
    int secret_count_ = 0;
    std::string status_;
    std::string message_;
    std::optional<Error> error_;
};

/// A secret backend to be added.
class SecretBackendDraft {
public:
    /// @param type "vault" or "kubernetes".
    SecretBackendDraft(std::string name, std::string type, SecretBackendConfig config)
        : name_(std::move(name)), type_(std::move(type)), config_(std::move(config))
    {
    }

    /// How often the controller shall renew the backend's token: 1 h or more, for types that can do so ("vault"). Not set: never.
    SecretBackendDraft& token_rotate_interval(std::chrono::nanoseconds interval)
    {
        token_rotate_interval_ = interval;
        return *this;
    }

    /// The id to give it; the controller chooses one when this is not set. An id that is taken is errc::already_exists on Juju 3.6, while
    /// 4.0 overwrites the backend that has it.
    SecretBackendDraft& id(std::string id)
    {
        id_ = std::move(id);
        return *this;
    }

    const std::string& name() const noexcept { return name_; }
    const std::string& type() const noexcept { return type_; }
    const SecretBackendConfig& config() const noexcept { return config_; }
    const std::optional<std::chrono::nanoseconds>& token_rotate_interval() const noexcept { return token_rotate_interval_; }
    const std::string& id() const noexcept { return id_; }

private:
    std::string name_;
    std::string type_;
    SecretBackendConfig config_;
    std::optional<std::chrono::nanoseconds> token_rotate_interval_;
    std::string id_;
};

/// What to change in a secret backend. What is not set here is left alone.
class SecretBackendUpdate {
public:
    SecretBackendUpdate() {}

    /// Juju 3.6 renames only a backend that holds nothing.
    SecretBackendUpdate& new_name(std::string name)
    {
        new_name_ = std::move(name);
        return *this;
    }

    /// As `SecretBackendDraft::token_rotate_interval`; 0 ends the renewal.
    SecretBackendUpdate& token_rotate_interval(std::chrono::nanoseconds interval)
    {
        token_rotate_interval_ = interval;
        return *this;
    }

    /// Settings to change; those not named keep their values.
    SecretBackendUpdate& config(SecretBackendConfig config)
    {
        config_ = std::move(config);
        return *this;
    }

    /// Puts one setting back to its default. Wins over `config`.
    SecretBackendUpdate& reset(std::string name)
    {
        reset_.push_back(std::move(name));
        return *this;
    }

    /// Do not check that the backend can be reached. Default: false. Alone it changes nothing.
    SecretBackendUpdate& force(bool on)
    {
        force_ = on;
        return *this;
    }

    const std::optional<std::string>& new_name() const noexcept { return new_name_; }
    const std::optional<std::chrono::nanoseconds>& token_rotate_interval() const noexcept { return token_rotate_interval_; }
    const SecretBackendConfig& config() const noexcept { return config_; }
    const std::vector<std::string>& reset() const noexcept { return reset_; }
    bool force() const noexcept { return force_; }

private:
    std::optional<std::string> new_name_;
    std::optional<std::chrono::nanoseconds> token_rotate_interval_;
    SecretBackendConfig config_;
    std::vector<std::string> reset_;
    bool force_ = false;
};

/// Which secret backends to list.
class SecretBackendFilter {
public:
    SecretBackendFilter() {}

    /// Only backends of the names given. A name that no backend has is no error.
    SecretBackendFilter& name(std::string name)
    {
        names_.push_back(std::move(name));
        return *this;
    }

    /// Also the settings that Juju marks as secret; needs a controller superuser. Default: false.
    SecretBackendFilter& reveal(bool on)
    {
        reveal_ = on;
        return *this;
    }

    const std::vector<std::string>& names() const noexcept { return names_; }
    bool reveal() const noexcept { return reveal_; }

private:
    std::vector<std::string> names_;
    bool reveal_ = false;
};

} // namespace juju
