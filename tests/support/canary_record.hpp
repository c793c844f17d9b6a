#pragma once

#include <juju/error.hpp>
#include <juju/log.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>

#include <unistd.h>

/// With JUJU_TEST_CANARY=DIR a test program writes there what its users could see, and which secrets must not be in it; `scripts/test
/// --canary` searches. Without it nothing happens.
namespace canary {

/// The directory; empty for none.
inline const std::string& directory()
{
    static const std::string text = [] {
        const char* value = std::getenv("JUJU_TEST_CANARY");
        return std::string(value == nullptr ? "" : value);
    }();
    return text;
}

/// Appends a line to a file of this process.
inline void append(const char* kind, std::string_view text)
{
    if (directory().empty())
        return;
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::ofstream file(directory() + '/' + std::to_string(::getpid()) + '.' + kind, std::ios::app | std::ios::binary);
    file << text << '\n';
}

/// A secret that no text may hold. Must be random: what is looked for are 12 characters or more.
inline void expect_hidden(const std::string& secret)
{
    constexpr std::size_t shortest = 12;
    if (secret.size() >= shortest)
        append("markers", secret);
}

/// A text that a user could see.
inline void record(std::string_view text)
{
    append("texts", text);
}

inline void record(const juju::Error& error)
{
    if (directory().empty())
        return;
    for (const std::string_view text : {std::string_view(error.what()), std::string_view(error.server_message()),
                                        std::string_view(error.server_code()), std::string_view(error.server_info())})
        record(text);
    for (const auto& item : error.items()) {
        record(item.subject());
        if (item.error())
            record(*item.error());
    }
}

inline std::string file_text(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Records the log, and at the end the command line and the environment.
class Recording : public testing::Environment {
public:
    void SetUp() override
    {
        if (!directory().empty())
            juju::set_log_sink([](juju::LogLevel, std::string_view line) { append("log", line); }, juju::LogLevel::debug);
    }

    void TearDown() override
    {
        append("process", file_text("/proc/self/cmdline"));
        append("process", file_text("/proc/self/environ"));
    }
};

inline testing::Environment* const recording = testing::AddGlobalTestEnvironment(new Recording());

} // namespace canary
