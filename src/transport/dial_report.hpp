#pragma once

#include <juju/error.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace juju::transport {

/// How far an attempt to reach an address came.
enum class Phase { waiting, resolve, tcp, proxy, tls, upgrade, login, done };

/// "TCP connection" and so on, for messages.
const char* phase_text(Phase phase);

/// What was agreed in a TLS handshake, and the certificate that came.
struct TlsFacts {
    std::string version;     ///< "TLSv1.3"
    std::string cipher;      ///< "TLS_AES_128_GCM_SHA256"
    std::string fingerprint; ///< SHA-256 of the certificate: 32 bytes as upper-case hex, with colons
    std::string not_after;   ///< when the certificate ends: "2036-11-30T00:00:00Z"
};

/// One address, or one of the IP addresses that a name stands for.
struct Attempt {
    using Clock = std::chrono::steady_clock;

    std::string address; ///< "10.0.0.1:17070"; "ctl.example.com:17070 (10.0.0.1)" for a name
    Phase phase = Phase::waiting;
    std::optional<TlsFacts> tls; ///< with the controller, not with a proxy
    Clock::time_point started;
    std::optional<Clock::time_point> ended;
    std::optional<Error> error; ///< why it failed; empty when it succeeded, or was given up because another one did
};

/// What was tried while connecting, in the order in which it was started.
class DialReport {
public:
    /// References stay valid.
    Attempt& start(std::string address);

    const std::deque<Attempt>& attempts() const noexcept { return attempts_; }

    /// The error of a `connect` in which no address did: the only attempt's own error, or errc::connect_failed with each address, how far
    /// it came, the time and the reason in the text, and in `items()`.
    Error failure() const;

    /// The same for a `connect` that ran out of time or was cancelled: attempts under way count as given up in their phase.
    Error interrupted(errc code, const std::string& what) const;

private:
    std::deque<Attempt> attempts_;
};

} // namespace juju::transport
