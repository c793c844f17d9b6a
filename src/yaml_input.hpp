#pragma once

#include "wiping_allocator.hpp"

#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <array>
#include <streambuf>
#include <string>
#include <string_view>

/// What reading YAML takes, be it of a secret file or of the juju command.
namespace juju::detail {

/// A stream that reads from memory of its owner.
class MemoryBuffer final : public std::streambuf {
public:
    explicit MemoryBuffer(WipingString& text) { setg(text.data(), text.data(), text.data() + text.size()); }
};

/// yaml-cpp's reason, where it is one of those that name no part of the text.
inline std::string yaml_reason(const YAML::Exception& error)
{
    namespace msg = YAML::ErrorMsg;
    if (error.msg == msg::DOC_IN_SCALAR || error.msg == msg::EOF_IN_SCALAR)
        return "found unexpected end of stream in a quoted value";
    if (error.msg == msg::BAD_FILE)
        return "nested too deeply";
    const std::array known{msg::END_OF_MAP,         msg::END_OF_MAP_FLOW,  msg::END_OF_SEQ,     msg::END_OF_SEQ_FLOW, msg::UNKNOWN_TOKEN,
                           msg::TAB_IN_INDENTATION, msg::FLOW_END,         msg::BLOCK_ENTRY,    msg::MAP_KEY,         msg::MAP_VALUE,
                           msg::ALIAS_NOT_FOUND,    msg::ANCHOR_NOT_FOUND, msg::INVALID_ESCAPE, msg::INVALID_UNICODE, msg::INVALID_HEX,
                           msg::CHAR_IN_BLOCK,      msg::CHAR_IN_SCALAR,   msg::UNKNOWN_ANCHOR};
    const auto found = std::find_if(known.begin(), known.end(), [&](const char* text) { return error.msg.starts_with(text); });
    std::string_view text = found != known.end() ? *found : "not valid YAML";
    return std::string(text.substr(0, text.find(':')));
}

} // namespace juju::detail
