#include "mock/yaml_writer.hpp"

#include "mock/json.hpp"

#include <algorithm>
#include <regex>
#include <sstream>
#include <string_view>

namespace juju::mock {
namespace {

constexpr const char* text_tag = "!"; // what yaml-cpp gives quoted scalars

/// Would a YAML reader take the plain text for something else: null, a flag, a number, a time?
bool looks_typed(const std::string& text)
{
    static const std::regex typed("~|null|Null|NULL|<<"
                                  "|[yYnN]|(yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE)"
                                  "|[-+]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)"
                                  "|[-+]?(\\.[0-9]+|[0-9][0-9_]*(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
                                  "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)"
                                  "|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?"
                                  "|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?([Tt ].*)?");
    constexpr std::size_t longest = 1000; // std::regex goes as deep as a text is long
    if (text.size() > longest) {
        return text.find_first_not_of("0123456789abcdefABCDEFxXoO_+-.:") == std::string::npos;
    }
    return text.empty() || std::regex_match(text, typed);
}

bool may_be_plain(const std::string& text, bool in_flow)
{
    static constexpr std::string_view never_first = "#,[]{}&*!|>'\"%@`";
    const bool starts_marked =
        never_first.find(text.front()) != std::string_view::npos || text.starts_with("---") || text.starts_with("...");
    const bool starts_open = (text.front() == '-' || text.front() == '?' || text.front() == ':') && (text.size() == 1 || text[1] == ' ');
    if (starts_marked || starts_open || text.front() == ' ' || text.back() == ' ' || text.back() == ':') {
        return false;
    }
    if (in_flow && text.find_first_of(",?[]{}:") != std::string::npos) {
        return false;
    }
    return text.find(": ") == std::string::npos && text.find(" #") == std::string::npos;
}

bool is_printable(const std::string& text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string in_single_quotes(const std::string& text)
{
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c == '\'' ? "''" : std::string(1, c);
    }
    return quoted + '\'';
}

std::string scalar_text(const std::string& text, bool in_flow)
{
    if (looks_typed(text) || !is_printable(text)) {
        return Json(text).dump();
    }
    return may_be_plain(text, in_flow) ? text : in_single_quotes(text);
}

std::string scalar(const YAML::Node& node, bool in_flow)
{
    return node.Tag() == text_tag ? scalar_text(node.Scalar(), in_flow) : node.Scalar();
}

/// A literal's text, from the mark on.
std::string literal(const std::string& text, const std::string& indent)
{
    std::string out = text.back() == '\n' ? "|\n" : "|-\n";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        out += (line.empty() ? "" : indent) + line + '\n';
    }
    return out;
}

std::string flow(const YAML::Node& node)
{
    if (node.IsScalar()) {
        return scalar(node, true);
    }
    std::string items;
    for (const auto& item : node) {
        items += items.empty() ? "" : ", ";
        items += node.IsMap() ? scalar_text(item.first.Scalar(), true) + ": " + flow(item.second) : flow(item);
    }
    return node.IsMap() ? '{' + items + '}' : '[' + items + ']';
}

std::string block(const YAML::Node& mapping, int indent, int level)
{
    std::string out;
    const std::string margin(static_cast<std::size_t>(indent * level), ' ');
    for (const auto& entry : mapping) {
        const YAML::Node& value = entry.second;
        out += margin + scalar_text(entry.first.Scalar(), false) + ':';
        if (value.IsMap() && value.size() > 0 && entry.first.Scalar() != "dns-cache") {
            out += '\n' + block(value, indent, level + 1);
        } else if (value.IsScalar() && value.Scalar().find('\n') != std::string::npos) {
            out += ' ' + literal(value.Scalar(), margin + std::string(static_cast<std::size_t>(indent), ' '));
        } else {
            out += ' ' + (value.IsScalar() ? scalar(value, false) : flow(value)) + '\n';
        }
    }
    return out;
}

} // namespace

YAML::Node yaml_text_node(const std::string& text)
{
    YAML::Node node(text);
    node.SetTag(text_tag);
    return node;
}

std::string write_yaml(const YAML::Node& mapping, int indent)
{
    return block(mapping, indent, 0);
}

} // namespace juju::mock
