#pragma once

#include "wiping_allocator.hpp"

#include <juju/request_observer.hpp>

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

    /// What the members of a trace add at most (wire-protocol 2.5).
    static constexpr std::size_t trace_size = 96;

    Request(std::string facade, int version, std::string method, WipingString params)
        : facade_(std::move(facade)), version_(version), method_(std::move(method)), params_(std::move(params))
    {
    }

    /// "Secrets.CreateSecrets", for messages.
    std::string name() const { return facade_ + "." + method_; }

    const std::string& facade() const noexcept { return facade_; }
    int version() const noexcept { return version_; }
    const std::string& method() const noexcept { return method_; }

    /// Whether it was sent before, on a connection that was lost.
    bool is_repeat() const noexcept { return is_repeat_; }
    void mark_repeat() noexcept { is_repeat_ = true; }

    /// The size of the message without a trace, at most.
    std::size_t size_limit() const noexcept { return nameless_size + facade_.size() + method_.size() + params_.size(); }

    /// The text of the message.
    WipingString encode(std::uint64_t id) const;
    WipingString encode(std::uint64_t id, const TraceContext& trace) const;

private:
    /// The envelope without its names, with the longest numbers.
    static constexpr std::size_t nameless_size = 96;

    std::string facade_;
    int version_;
    std::string method_;
    WipingString params_;
    bool is_repeat_ = false;
};

} // namespace juju::wire
