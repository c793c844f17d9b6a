#pragma once

#include <juju/log.hpp>

#include <spdlog/logger.h>

#include <memory>
#include <utility>

/// The library's own log lines. They name requests, sizes, times and endpoints, and never hold a value, a password or a message
/// body; foreign text goes through wire::printable first.
namespace juju::log {

/// Where lines go now; null means silence.
std::shared_ptr<spdlog::logger> current();

template <class... Args>
void write(spdlog::level::level_enum level, fmt::format_string<Args...> format, Args&&... args)
{
    const auto logger = current();
    if (logger && logger->should_log(level))
        logger->log(level, format, std::forward<Args>(args)...);
}

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args)
{
    write(spdlog::level::debug, format, std::forward<Args>(args)...);
}

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args)
{
    write(spdlog::level::info, format, std::forward<Args>(args)...);
}

template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args)
{
    write(spdlog::level::warn, format, std::forward<Args>(args)...);
}

} // namespace juju::log
