#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace juju::store {

/// Environment variables: those of the process, or a fixed set.
class Environment {
public:
    explicit Environment(std::map<std::string, std::string> variables) : variables_(std::move(variables)) {}

    /// Asks the process each time.
    static Environment of_process() { return Environment(); }

    /// Empty when the variable is not set.
    std::string get(const std::string& name) const;

    /// True also for a variable that is set to nothing.
    bool has(const std::string& name) const;

private:
    Environment() = default;

    std::optional<std::map<std::string, std::string>> variables_;
};

/// The directory of the client store: `JUJU_DATA` as it is, else `XDG_DATA_HOME`/juju, else HOME/.local/share/juju, where `SNAP_REAL_HOME`
/// goes before `HOME` if it is set at all (client-store 1.1).
/// @throws Error errc::invalid_argument when none of these says.
std::string data_directory(const Environment& environment);

} // namespace juju::store
