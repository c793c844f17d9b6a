#pragma once

#include "support/client.hpp"

#include <functional>
#include <string>
#include <vector>

/// What the public calls promise, whatever the release of Juju, and where the releases differ underneath. The contract test runs each case
/// on both profiles of the mock controller; docs/reference/juju-versions.md is made from the same data.
namespace juju::contract {

/// The model of every case: user secret "my-apitoken" (two revisions, granted to gitlab), a nameless user secret, and two charm secrets
/// of mysql, labelled "charm-secret" and "my-apitoken".
extern const char* const state;

struct Case {
    std::string call;      ///< "Model::get_secret"
    std::string situation; ///< in a few words

    /// Makes the call and tells its result in a few words: what came, or the errc and the outcome.
    std::function<std::string(test::Client&)> run;

    std::string result;     ///< what `run` gives with Juju 3.6, and with 4.0 unless `result_4_0` says otherwise
    std::string result_4_0; ///< what could not be evened out; empty when nothing

    /// Text of a message between client and controller that shows the difference underneath; empty when there is none.
    std::string wire_3_6;
    std::string wire_4_0;

    std::string how; ///< how the library evens it out, or why it does not

    bool differs() const { return !wire_3_6.empty(); }
};

const std::vector<Case>& cases();

/// The calls of the public classes that a case must exist for.
const std::vector<std::string>& public_calls();

/// docs/reference/juju-versions.md.
std::string document();

} // namespace juju::contract
