#pragma once

#include "support/raw_websocket.hpp"

#include <string>

namespace juju::test {

/// An HTTP answer, taken apart as far as tests need it.
struct RawAnswer {
    int status = 0;
    std::string head; ///< status line and headers, with the empty line
    std::string body;

    /// The value of a header, empty when it is not there.
    std::string header(const std::string& name) const;
};

/// HTTPS requests on one connection, one after the other.
class RawHttp {
public:
    RawHttp(const std::string& endpoint, const std::string& ca_cert) : tls_(endpoint, ca_cert), endpoint_(endpoint) {}

    /// @param headers each with its line end
    RawAnswer request(const std::string& method, const std::string& target, const std::string& headers = "", const std::string& body = "");
    /// Sends only.
    void send(const std::string& method, const std::string& target, const std::string& headers = "", const std::string& body = "");
    /// @throws std::runtime_error when the connection ends before
    RawAnswer receive();

private:
    RawTls tls_;
    std::string endpoint_;
};

} // namespace juju::test
