#include "store/environment.hpp"

#include "local_error.hpp"

#include <cstdlib>

namespace juju::store {

std::string Environment::get(const std::string& name) const
{
    if (variables_) {
        const auto found = variables_->find(name);
        return found == variables_->end() ? std::string() : found->second;
    }
    const char* value = std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe): of a program that changes its environment
    return value == nullptr ? std::string() : std::string(value);
}

bool Environment::has(const std::string& name) const
{
    return variables_ ? variables_->contains(name) : std::getenv(name.c_str()) != nullptr; // NOLINT(concurrency-mt-unsafe)
}

std::string data_directory(const Environment& environment)
{
    if (auto directory = environment.get("JUJU_DATA"); !directory.empty())
        return directory;
    if (const auto data = environment.get("XDG_DATA_HOME"); !data.empty())
        return data + "/juju";
    const auto home = environment.has("SNAP_REAL_HOME") ? environment.get("SNAP_REAL_HOME") : environment.get("HOME");
    if (home.empty())
        throw detail::local_error(errc::invalid_argument, "cannot determine juju data home, required environment variables are not set");
    return home + "/.local/share/juju";
}

} // namespace juju::store
