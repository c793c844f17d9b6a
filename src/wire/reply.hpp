#pragma once

#include "wiping_allocator.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace juju::wire {

/// One message from the controller: its envelope decoded, its response not yet (wire-protocol 2.1 to 2.4).
///
/// Owns the text. The response is decoded from it in place, by `wire/json_reader.hpp`.
class Reply {
public:
    /// Spare capacity that the decoder needs behind the text; a buffer that has it is not copied.
    static constexpr std::size_t padding = 64;

    /// @throws Error errc::malformed_reply when the message is not a JSON object with a positive `request-id`.
    explicit Reply(WipingString message);
    Reply(Reply&&) noexcept;
    Reply& operator=(Reply&&) noexcept;
    ~Reply();

    std::uint64_t request_id() const noexcept { return request_id_; }

    /// The size of the message in bytes.
    std::size_t size() const noexcept;

    /// A reply is a refusal if and only if `error` is not empty.
    bool is_error() const noexcept { return !error_.empty(); }
    const std::string& error() const noexcept { return error_; }
    const std::string& error_code() const noexcept { return error_code_; }

    /// JSON text; empty when absent.
    const std::string& error_info() const noexcept { return error_info_; }

    struct Parsed;
    Parsed& parsed() noexcept { return *parsed_; }

private:
    std::unique_ptr<Parsed> parsed_;
    std::uint64_t request_id_ = 0;
    std::string error_;
    std::string error_code_;
    std::string error_info_;
};

} // namespace juju::wire
