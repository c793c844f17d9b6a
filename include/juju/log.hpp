#pragma once

#include <functional>
#include <string_view>

namespace juju {

enum class LogLevel {
    debug, ///< Each request: its name, id, size and duration.
    info,  ///< A connection was made or ended.
    warn,  ///< Something odd that was survived.
    error  ///< A connection ended unasked.
};

/// Receives log lines, from any thread, one call at a time. A line has no secret, password or message body in it, and
/// control characters of server texts are escaped.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

/// Sets where log lines of every Model in this process go. The default, and an empty sink, is silence.
void set_log_sink(LogSink sink, LogLevel least = LogLevel::info);

} // namespace juju
