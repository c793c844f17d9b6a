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
    std::string host = {};
    std::string bakery_version = {}; ///< the header Bakery-Protocol-Version
    std::string body = {};
};

/// What is done with it: a WebSocket, or an HTTP answer.
struct HttpRoute {
    bool websocket = false;
    bool silent = false; ///< a WebSocket on which nothing is read or answered
    Target target = Target::controller;
    std::string model_uuid;
    std::string host; ///< as the client named this server
    unsigned status = 0;
    std::string body; ///< a text ends with a newline
    std::string content_type = "text/plain; charset=utf-8";
    std::vector<std::pair<std::string, std::string>> headers;
    bool of_discharger = false; ///< then the connection takes further requests
    bool waits = false;         ///< there is no answer yet: ask again after the next wake
    bool wakes = false;         ///< what others wait for may have happened
};

HttpRoute route(World& world, const HttpRequest& request);

} // namespace juju::mock
