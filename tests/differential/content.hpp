#pragma once

#include <map>
#include <string>

namespace juju::differential {

/// A secret's content as it is stored and sent: key to base64 text.
using Data = std::map<std::string, std::string>;

/// Content of the given bytes.
Data encode(const std::map<std::string, std::string>& bytes);

/// The checksum that Juju computes for it (secrets-facade 2.3).
std::string checksum(const Data& data);

} // namespace juju::differential
