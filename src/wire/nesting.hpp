#pragma once

#include <cstddef>
#include <string_view>

namespace juju::wire {

/// Whether no part of a JSON text is nested deeper than so many levels, for JSON that is going to be copied or printed, which takes stack
/// for each level. The text need not be valid.
inline bool is_shallow(std::string_view text, std::size_t levels) noexcept
{
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"')
            in_string = !in_string;
        else if (in_string && text[i] == '\\')
            ++i;
        else if (!in_string && (text[i] == '[' || text[i] == '{') && ++depth > levels)
            return false;
        else if (!in_string && (text[i] == ']' || text[i] == '}') && depth > 0)
            --depth;
    }
    return true;
}

} // namespace juju::wire
