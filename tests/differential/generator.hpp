#pragma once

#include "differential/juju_rules.hpp"
#include "differential/operation.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace juju::differential {

/// What changes around the facade: one of these, or nothing.
struct Event {
    std::optional<StoredSecret> charm_secret; ///< a charm adds a secret
    std::string track_id;                     ///< a unit reads a revision
    int track_revision = 0;
    std::string track_unit;
    std::string remove_application;
    std::string add_application;
};

std::string describe(const Event& event);

/// Makes random calls over a few names, contents, descriptions and applications, so that they often meet. The same seed and the same
/// state give the same calls, on every platform.
class Generator {
public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    Operation next(const JujuRules& state);
    Event event(const JujuRules& state);
    StoredSecret charm_secret(const JujuRules& state);

    /// Remembers a secret that is gone, to be named again now and then.
    void forget(std::string id) { gone_.push_back(std::move(id)); }

    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
    bool chance(std::size_t percent) { return below(100) < percent; }

private:
    template <class Pool>
    auto pick(const Pool& pool)
    {
        return pool[below(pool.size())];
    }

    Operation unusable(const JujuRules& state);
    StoredSecret any_secret(const JujuRules& state);
    Subject subject(const JujuRules& state);
    Subject by_id(std::string id);
    Draft draft();
    Bytes content();
    Change change();
    std::vector<std::string> applications(bool grant, const JujuRules& state);
    int revision(const JujuRules& state, const Subject& subject);
    ListSecrets filter(const JujuRules& state);
    Removal removal(const JujuRules& state);
    Operation several(const JujuRules& state);

    std::mt19937_64 random_;
    std::vector<std::string> gone_;
};

} // namespace juju::differential
