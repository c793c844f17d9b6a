#pragma once

#include <juju/mock_controller.hpp>

#include <string_view>
#include <vector>

namespace juju::mock {

/// The faults that wait for their moment. Not thread-safe; Core guards it.
class FaultPlan {
public:
    /// @throws std::invalid_argument for a kind that cannot strike in its phase
    void add(MockFault fault);
    void clear() { entries_.clear(); }

    /// Counts a match for every fault of this phase (and request), and gives those that strike now.
    std::vector<MockFault> take(MockPhase phase, std::string_view facade = "", std::string_view method = "");

    /// May the next connection be accepted, or is the port to be closed?
    bool accepts_next() const;

private:
    struct Entry {
        MockFault fault;
        std::size_t seen = 0;
    };

    std::vector<Entry> entries_;
};

} // namespace juju::mock
