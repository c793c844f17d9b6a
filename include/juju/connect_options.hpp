#pragma once

#include <juju/secret_value.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju {

/// How to reach a controller, said explicitly: needs no file and no environment.
class ConnectOptions {
public:
    ConnectOptions() {}

    /// Adds an address: `HOST`, `HOST:PORT`, `[IPV6]:PORT`, each with an optional `wss://` before and a path prefix
    /// behind. The port defaults to 17070. Addresses are tried in the order given.
    ConnectOptions& endpoint(std::string address)
    {
        endpoints_.push_back(std::move(address));
        return *this;
    }

    /// The model's UUID, lower-case hex in the 8-4-4-4-12 shape.
    ConnectOptions& model_uuid(std::string uuid)
    {
        model_uuid_ = std::move(uuid);
        return *this;
    }

    /// A local user's name, such as "admin".
    ConnectOptions& username(std::string name)
    {
        username_ = std::move(name);
        return *this;
    }

    ConnectOptions& password(std::string_view password)
    {
        password_ = SecretValue(password);
        return *this;
    }

    /// The controller's CA certificate(s), PEM. With it only this CA is trusted, and the certificate must be for the
    /// name `juju-apiserver` (as the juju command does, Juju's `api/apiclient.go`). Without it, the system's CAs and the
    /// real host name count.
    ConnectOptions& ca_cert(std::string pem)
    {
        ca_cert_ = std::move(pem);
        return *this;
    }

    /// Limit for finding, reaching and logging in to the controller together. Default: 30 s. Here and below, more than 100 years
    /// count as 100 years.
    ConnectOptions& connect_timeout(std::chrono::milliseconds limit)
    {
        connect_timeout_ = std::min(limit, longest_);
        return *this;
    }

    /// Limit for each request. Default: 60 s. `juju::with_timeout` sets a shorter one for a single call.
    ConnectOptions& call_timeout(std::chrono::milliseconds limit)
    {
        call_timeout_ = std::min(limit, longest_);
        return *this;
    }

    /// How long the connection may be idle before it is checked with `Pinger.Ping`. An answer that does not come within
    /// 30 s, or this interval if longer, ends the connection. Default: 30 s.
    ConnectOptions& ping_interval(std::chrono::milliseconds interval)
    {
        ping_interval_ = std::min(interval, longest_);
        return *this;
    }

    /// The largest message accepted from the controller, in bytes. Default: 256 MiB. A larger one ends the connection with
    /// errc::message_too_large.
    ConnectOptions& max_message_size(std::size_t bytes)
    {
        max_message_size_ = bytes;
        return *this;
    }

    /// The largest request sent, in bytes. Default: 8 MiB; the smallest is 1 KiB. Controllers have no limit of their own, but what
    /// stands before them can, and a database keeps what is in one request in one transaction. The bulk calls of SecretsManager
    /// send several requests where one would be larger; a single item that does not fit is refused with errc::message_too_large.
    ConnectOptions& max_request_size(std::size_t bytes)
    {
        max_request_size_ = bytes;
        return *this;
    }

    const std::vector<std::string>& endpoints() const noexcept { return endpoints_; }
    const std::string& model_uuid() const noexcept { return model_uuid_; }
    const std::string& username() const noexcept { return username_; }
    const SecretValue& password() const noexcept { return password_; }
    const std::string& ca_cert() const noexcept { return ca_cert_; }
    std::chrono::milliseconds connect_timeout() const noexcept { return connect_timeout_; }
    std::chrono::milliseconds call_timeout() const noexcept { return call_timeout_; }
    std::chrono::milliseconds ping_interval() const noexcept { return ping_interval_; }
    std::size_t max_message_size() const noexcept { return max_message_size_; }
    std::size_t max_request_size() const noexcept { return max_request_size_; }

private:
    /// Keeps sums of times inside of what a clock can hold.
    static constexpr std::chrono::milliseconds longest_ = std::chrono::hours(24) * 36'525;

    std::vector<std::string> endpoints_;
    std::string model_uuid_;
    std::string username_;
    SecretValue password_;
    std::string ca_cert_;
    std::chrono::milliseconds connect_timeout_{30'000};
    std::chrono::milliseconds call_timeout_{60'000};
    std::chrono::milliseconds ping_interval_{30'000};
    std::size_t max_message_size_ = std::size_t{256} * 1024 * 1024;
    std::size_t max_request_size_ = std::size_t{8} * 1024 * 1024;
};

} // namespace juju
