#pragma once

#include "mock/conversation.hpp"

#include <string>
#include <utility>
#include <vector>

namespace juju::mock {

/// What matters of an HTTP request.
struct HttpRequest {
    std::string method; ///< "GET"
    std::string target; ///< "/model/<uuid>/api"
    std::string connection;
    std::string upgrade;
    std::string websocket_version;
    std::string websocket_key;
};

/// What is done with it: a WebSocket, or an HTTP answer.
struct HttpRoute {
    bool websocket = false;
    Target target = Target::controller;
    std::string model_uuid;
    unsigned status = 0;
    std::string body; ///< ends with a newline
    std::vector<std::pair<std::string, std::string>> headers;
};

HttpRoute route(const World& world, const HttpRequest& request);

} // namespace juju::mock
