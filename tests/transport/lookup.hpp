#pragma once

namespace juju::test {

/// Names that this test program looks up without asking anybody: lookup.cpp stands before the C library.
inline constexpr const char* first_refuses = "first-refuses.test"; ///< 127.0.0.2, where nothing listens, then 127.0.0.1
inline constexpr const char* loopback_name = "loopback.test";      ///< 127.0.0.1
inline constexpr const char* unknown_name = "unknown.test";        ///< does not exist

} // namespace juju::test
