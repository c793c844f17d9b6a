#pragma once

#include <juju/error.hpp>

#include <functional>
#include <optional>
#include <string_view>

/// What all fuzz targets share: how they are entered, and how they state properties.
namespace fuzz {

/// One run of a target on any bytes, which each target defines. It must not throw; what it finds broken it tells with `require`.
void run(std::string_view input);

/// The text that stands for secrets in the corpora. Errors must not repeat it.
inline constexpr std::string_view secret_word = "hunter2";

/// Ends the process with the property's text when it does not hold.
void require(bool holds, std::string_view property);

/// Checks what every Error promises: an errc, and a text without control characters; of one line, unless it lists something.
void check_error(const juju::Error& error);

/// The error that `use` throws, after `check_error`; empty when it succeeds. Whatever else it throws ends the process.
std::optional<juju::Error> error_of(const std::function<void()>& use);

/// The same for what reads secrets: the error's text must not hold `secret_word`.
std::optional<juju::Error> discreet_error_of(const std::function<void()>& use);

} // namespace fuzz
