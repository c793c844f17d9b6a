#include "log.hpp"

#include <juju/spdlog.hpp>

#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <string>
#include <utility>

namespace juju {
namespace {

/// Hands each line to the function that the program gave.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FunctionSink(LogSink receiver) : receiver_(std::move(receiver)) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override
    {
        receiver_(level_of(message.level), std::string_view(message.payload.data(), message.payload.size()));
    }

    void flush_() override {}

    static LogLevel level_of(spdlog::level::level_enum level)
    {
        if (level <= spdlog::level::debug)
            return LogLevel::debug;
        if (level == spdlog::level::info)
            return LogLevel::info;
        return level == spdlog::level::warn ? LogLevel::warn : LogLevel::error;
    }

    LogSink receiver_;
};

spdlog::level::level_enum spdlog_level(LogLevel level)
{
    switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

struct Current {
    std::mutex mutex;
    std::shared_ptr<spdlog::logger> logger;
};

Current& state()
{
    static Current current;
    return current;
}

} // namespace

std::shared_ptr<spdlog::logger> log::current()
{
    auto& current = state();
    const std::lock_guard lock(current.mutex);
    return current.logger;
}

void set_logger(std::shared_ptr<spdlog::logger> logger)
{
    auto& current = state();
    const std::lock_guard lock(current.mutex);
    current.logger = std::move(logger);
}

void set_log_sink(LogSink sink, LogLevel least)
{
    if (!sink)
        return set_logger(nullptr);
    auto logger = std::make_shared<spdlog::logger>("juju", std::make_shared<FunctionSink>(std::move(sink)));
    logger->set_level(spdlog_level(least));
    set_logger(std::move(logger));
}

} // namespace juju
