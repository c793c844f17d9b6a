#pragma once

#include "mock/failure.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace juju::mock {

struct World;

/// A facade as a login reply lists it.
struct Facade {
    std::string name;
    std::vector<int> versions;
};

/// What a login on this kind of connection lists, sorted by name.
std::vector<Facade> facades_of(const World& world, bool model_connection);

/// @throws Failure "not supported" for a facade that this kind of connection does not have
void check_connection_kind(const World& world, bool model_connection, const std::string& facade);

/// @throws Failure "not implemented" for a facade or version that is not listed
void check_facade(const World& world, bool model_connection, const std::string& facade, std::int64_t version);

Failure unknown_facade(const World& world, const std::string& facade, std::int64_t version);
Failure unknown_method(const World& world, const std::string& facade, std::int64_t version, const std::string& method);

} // namespace juju::mock
