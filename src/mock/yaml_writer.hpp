#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

namespace juju::mock {

/// A scalar that is a text whatever it looks like; other scalars are written as they are.
YAML::Node yaml_text_node(const std::string& text);

/// A mapping as Go's YAML packages write it, whose quotes and line styles yaml-cpp cannot be told to use: block mappings, texts of
/// several lines as literals, sequences (and what is under the key `dns-cache`) in flow style.
/// @param indent spaces a level
std::string write_yaml(const YAML::Node& mapping, int indent);

} // namespace juju::mock
