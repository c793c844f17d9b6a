#pragma once

#include "wiping_allocator.hpp"

#include <juju/secret_value.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The YAML that the juju command reads and writes: a tree of single values, lists and maps, which keeps what it does not know. The parser
/// of secret files (secrets/) is another one, since it gives each line's advice to whoever writes such a file by hand.
namespace juju::store::yaml {

/// The text is not usable YAML, or not of the shape wanted. Holds nothing of the text.
class Problem : public std::runtime_error {
public:
    Problem(int line, int column, const std::string& why) : std::runtime_error(why), line_(line), column_(column) {}

    int line() const noexcept { return line_; }
    int column() const noexcept { return column_; }

private:
    int line_;
    int column_;
};

/// A value with its place. Aliases are replaced by what they stand for.
struct Node {
    enum class Kind {
        null,
        plain, ///< A value without quotes, which may be a number or a truth value.
        text,  ///< A value that is text, whatever it looks like.
        sequence,
        mapping
    };

    Kind kind = Kind::null;
    SecretValue value;          ///< Of plain and text.
    bool flow = false;          ///< Of sequences and mappings: in brackets, on one line.
    std::vector<Node> children; ///< Of a mapping: key, value, key, value...
    int line = 1;
    int column = 1;

    /// The value of a mapping's key; null when there is none, or this is no mapping.
    const Node* find(std::string_view key) const;
    Node* find(std::string_view key);

    bool is_scalar() const noexcept { return kind == Kind::plain || kind == Kind::text; }
};

Node text(std::string_view value);

/// A list in brackets.
Node flow_list(const std::vector<std::string>& values);

/// Sets a mapping's member. A new one goes behind the last of those that `before` lists, which are the members that the juju command writes
/// before it; at the beginning when there is none of them. False when nothing changed.
bool set(Node& mapping, const std::string& key, Node value, const std::vector<std::string>& before);

/// False when there was no such member.
bool erase(Node& mapping, std::string_view key);

/// Whether two trees say the same, wherever and however they are written.
bool same(const Node& a, const Node& b);

/// Whether the juju command's YAML writer puts one key of a map before another: numbers within them count by their value.
bool key_less(std::string_view a, std::string_view b);

/// Reads one document; an empty one is a null. yaml-cpp gets it without its words (yaml_mask.hpp).
/// @throws Problem
Node read(std::string_view text);

/// Writes a mapping as the juju command does, with `indent` spaces for each level.
WipingString write(const Node& root, int indent);

} // namespace juju::store::yaml
