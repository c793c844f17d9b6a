#pragma once

#include "wiping_allocator.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace juju::wire {

/// One RPC request without its id, which the connection gives (wire-protocol 2.1).
class Request {
public:
    /// What the envelope of a secrets request adds to its parameters at most.
    static constexpr std::size_t envelope_size = 128;

    Request(std::string facade, int version, std::string method, WipingString params)
        : facade_(std::move(facade)), version_(version), method_(std::move(method)), params_(std::move(params))
    {
    }

    /// "Secrets.CreateSecrets", for messages.
    std::string name() const { return facade_ + "." + method_; }

    /// The size of the message, at most.
    std::size_t size_limit() const noexcept { return nameless_size + facade_.size() + method_.size() + params_.size(); }

    /// The text of the message.
    WipingString encode(std::uint64_t id) const;

private:
    /// The envelope without its names, with the longest numbers.
    static constexpr std::size_t nameless_size = 96;

    std::string facade_;
    int version_;
    std::string method_;
    WipingString params_;
};

} // namespace juju::wire
