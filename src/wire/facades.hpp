#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::wire {

/// The facades that a login reply lists, with their versions (wire-protocol 4).
class FacadeTable {
public:
    void add(std::string name, std::vector<int> versions) { versions_[std::move(name)] = std::move(versions); }

    bool has(std::string_view facade) const { return versions_.contains(facade); }

    /// The highest version that the controller offers and that is at most `known`; empty when there is none.
    std::optional<int> best_version(std::string_view facade, int known) const;

    const std::map<std::string, std::vector<int>, std::less<>>& all() const noexcept { return versions_; }

    /// "1, 2", for messages; "none" when the controller does not list the facade.
    std::string describe(std::string_view facade) const;

private:
    std::map<std::string, std::vector<int>, std::less<>> versions_;
};

} // namespace juju::wire
