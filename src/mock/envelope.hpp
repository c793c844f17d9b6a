#pragma once

#include "mock/failure.hpp"

#include <juju/mock_controller.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace juju::mock {

/// A request as it stands on the wire.
struct Request {
    std::uint64_t id = 0;
    std::string type;
    std::int64_t version = 0;
    std::string object_id;
    std::string method;
    Json params;              ///< null when there are none
    Json trace;               ///< 4.0: the trace members, to be copied into the reply
    bool capitalised = false; ///< 3.6: asked in the old form, answered in it
};

/// What a message is.
struct Reading {
    enum class Kind {
        request,
        ignored, ///< a reply to nothing
        fatal,   ///< the connection is to be closed without a reply
    };
    Kind kind = Kind::fatal;
    Request request;
};

Reading read_message(MockProfile profile, std::string_view text);

std::string reply_text(const Request& request, const Json& response);
std::string failure_text(const Request& request, const Failure& failure);

} // namespace juju::mock
