#pragma once

#include <string>
#include <vector>

/// The tables of the documents that are made from test data.
namespace juju::markdown {

/// A text inside of a table, where a vertical bar ends the cell.
inline std::string cell(const std::string& text)
{
    std::string result;
    for (const char c : text)
        result += c == '|' ? "\\|" : std::string(1, c);
    return result;
}

inline std::string code(const std::string& text)
{
    return "`" + cell(text) + "`";
}

inline std::string row(const std::vector<std::string>& cells)
{
    std::string line = "|";
    for (const auto& text : cells)
        line += " " + text + " |";
    return line + "\n";
}

} // namespace juju::markdown
