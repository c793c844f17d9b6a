#pragma once

#include "mock/http_route.hpp"

#include <juju/mock_controller.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

/// A message with the values of secrets, passwords, tokens and macaroons replaced by "REDACTED"; only its size when it is no JSON.
std::string redacted(std::string_view message);

/// Keeps messages, in memory and in a file. Not thread-safe; Core guards it.
class Transcript {
public:
    /// @param file empty for none. @throws std::runtime_error when it cannot be written
    Transcript(bool keep, const std::filesystem::path& file, bool redact_file);

    void record(std::size_t connection, MockDirection direction, std::string_view text);
    /// An exchange with a discharger: in memory only.
    void record(const HttpRequest& request, const HttpRoute& answer);
    const std::vector<MockMessage>& messages() const noexcept { return messages_; }
    const std::vector<MockHttpRequest>& http_requests() const noexcept { return http_requests_; }
    void clear();

private:
    bool keep_;
    bool redact_file_;
    std::ofstream file_;
    std::vector<MockMessage> messages_;
    std::vector<MockHttpRequest> http_requests_;
};

} // namespace juju::mock
