#include "wire/facades.hpp"

namespace juju::wire {

std::optional<int> FacadeTable::best_version(std::string_view facade, int known) const
{
    std::optional<int> best;
    const auto found = versions_.find(facade);
    if (found == versions_.end())
        return best;
    for (const int version : found->second) {
        if (version > 0 && version <= known && (!best || version > *best))
            best = version;
    }
    return best;
}

std::string FacadeTable::describe(std::string_view facade) const
{
    const auto found = versions_.find(facade);
    if (found == versions_.end() || found->second.empty())
        return "none";
    std::string text;
    for (const int version : found->second) {
        if (!text.empty())
            text += ", ";
        text += std::to_string(version);
    }
    return text;
}

} // namespace juju::wire
