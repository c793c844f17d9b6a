#pragma once

#include "mock/json.hpp"

#include <exception>
#include <string>
#include <utility>

namespace juju::mock {

/// A refusal with the text and code that a controller gives: of a whole request, or of one of its items.
class Failure : public std::exception {
public:
    explicit Failure(std::string message, std::string code = "", Json info = Json::object())
        : message_(std::move(message)), code_(std::move(code)), info_(std::move(info))
    {
    }

    const char* what() const noexcept override { return message_.c_str(); }
    const std::string& message() const noexcept { return message_; }
    const std::string& code() const noexcept { return code_; }
    const Json& info() const noexcept { return info_; }

    /// The error object of one item: `code` is there even when empty, `info` only when not.
    Json to_item() const
    {
        Json error = Json::object();
        error["message"] = message_;
        error["code"] = code_;
        if (!info_.empty()) {
            error["info"] = info_;
        }
        return error;
    }

private:
    std::string message_;
    std::string code_;
    Json info_;
};

/// The refusal of a locally authenticated user.
inline Failure permission_denied()
{
    return Failure("permission denied", "unauthorized access");
}

} // namespace juju::mock
