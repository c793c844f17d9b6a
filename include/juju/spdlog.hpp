#pragma once

#include <spdlog/logger.h>

#include <memory>

namespace juju {

/// Sends log lines of every Model in this process to an spdlog logger, which filters by its own level. Null: silence.
/// The logger is not registered anywhere. See `juju/log.hpp` for the form without spdlog.
void set_logger(std::shared_ptr<spdlog::logger> logger);

} // namespace juju
