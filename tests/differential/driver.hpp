#pragma once

#include "differential/generator.hpp"
#include "differential/juju_rules.hpp"
#include "differential/operation.hpp"
#include "differential/view.hpp"

#include <juju/mock_controller.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace juju::test {
class Client;
}

namespace juju::differential {

/// Carries out calls through the library, and events through the mock controller.
class Driver {
public:
    explicit Driver(test::Client& client) : client_(client) {}

    /// @return how it ended. An exception that is no juju::Error is let through.
    Result carry_out(const Operation& operation);

    /// The ids of the secrets that the last call has made.
    const std::vector<std::string>& created() const { return created_; }

    /// @return the id of the charm's secret that it adds; else empty.
    std::string carry_out(const Event& event);

private:
    Result call(const AddSecret& call);
    Result call(const UpdateSecret& call);
    Result call(const RemoveSecret& call);
    Result call(const GrantSecret& call);
    Result call(const RevokeSecret& call);
    Result call(const ListSecrets& call);
    Result call(const GetSecret& call);
    Result call(const RevealSecret& call);
    Result call(const CreateSeveral& call);
    Result call(const UpdateSeveral& call);
    Result call(const RemoveSeveral& call);

    test::Client& client_;
    std::vector<std::string> created_;
};

} // namespace juju::differential
