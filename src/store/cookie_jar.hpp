#pragma once

#include "store/client_store.hpp"
#include "store/cookie_time.hpp"

#include <juju/secret_value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace juju::store {

/// The host that a controller's cookies are kept under, which is not its address: the public host name, else the UUID (client-store 4.3).
/// Empty when it has neither.
std::string cookie_host(const Controller& controller);

/// The file in which the juju command keeps the macaroons of one controller (client-store 1.8). A cookie in it lets anybody log in.
class CookieJar {
public:
    explicit CookieJar(std::string path) : path_(std::move(path)) {}

    /// The macaroons for logins to `host` that have not expired, in the order in which to send them: the JSON text of an array of macaroons
    /// each. What is not decodable is left out. No file gives none, and neither does JSON of another shape, with a warning in the log.
    ///
    /// Reads without the lock, which would write to the directory. The file is rewritten in place, so what is found half-written is read
    /// again a little later.
    /// @throws Error errc::invalid_store `cannot load cookies: FILE:LINE:COLUMN: not valid JSON`; errc::unreadable_file.
    std::vector<SecretValue> macaroon_slices(const std::string& host, Time now) const;

    /// Adds the cookie, or replaces the one of its name; drops what expired, once it was not changed for 24 hours. Without `expires` it
    /// lasts 36,500 days. A cookie that expires within a minute is not kept, as with the juju command. What cannot be read of the file is
    /// lost, with a warning in the log.
    /// @throws Error errc::store_locked; errc::unreadable_file when the file or the directory cannot be written.
    void save(const std::string& host, const std::string& name, const SecretValue& slice_json, std::optional<Time> expires, Time now);

private:
    std::string path_;
};

} // namespace juju::store
