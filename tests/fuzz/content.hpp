#pragma once

#include <juju/secret_content.hpp>

namespace fuzz {

/// Checks what every content promises: lawful keys, the same content by every other way of giving it, a checksum that depends on nothing
/// else.
void check_content(const juju::SecretContent& content);

} // namespace fuzz
