#pragma once

#include "wiping_allocator.hpp"
#include "wire/reply.hpp"

#include <juju/error.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// What the tests of encoders and decoders share.
namespace juju::test {

inline constexpr const char* not_utf8 = "caf\xe9";

inline std::string str(const WipingString& text)
{
    return {text.data(), text.size()};
}

inline wire::Reply reply(std::string_view text)
{
    return wire::Reply(WipingString(text));
}

/// The error that a call throws; empty when it throws none.
inline std::optional<Error> error_of(const std::function<void()>& call)
{
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

} // namespace juju::test
