#pragma once

#include "store/environment.hpp"
#include "store/file.hpp"

#include <string>

/// The two locks of the juju command (client-store 1.9). Both are tried once: whoever wants to wait tries again.
namespace juju::store {

/// The file whose lock covers all YAML files beside `controllers_path`, which is the path of controllers.yaml as it is written.
std::string store_lock_path(const std::string& controllers_path, const Environment& environment);

/// What a lock on the YAML files is taken for. Reading needs it only to be polite: files are replaced whole, so one that is read in one go
/// is always complete.
enum class LockUse { read, write };

/// Holds the flock of the YAML files as the juju command does, until it is destroyed.
class StoreLock {
public:
    /// @throws Error errc::store_locked `timeout acquiring mutex`; errc::unreadable_file `unable to open PATH: REASON` when it is to write.
    /// To read, a lock file that cannot be opened (such as in a read-only TMPDIR) is done without.
    StoreLock(const std::string& path, const Environment& environment, LockUse use);

private:
    Descriptor file_;
};

/// How a cookie jar's lock works, which depends on what the juju command was built for.
enum class JarLockKind {
    record, ///< A record lock (fcntl) on an empty file.
    owner   ///< A file that exists, and names its owner's process.
};

/// That of this platform.
inline constexpr JarLockKind platform_jar_lock =
#if defined(__x86_64__) || defined(__FreeBSD__) || (defined(__linux__) && defined(__arm__))
    JarLockKind::record;
#else
    JarLockKind::owner;
#endif

/// Holds a cookie jar's lock until it is destroyed; the file is removed then.
class JarLock {
public:
    /// @throws Error errc::store_locked `file locked for too long; giving up: cannot acquire lock: REASON`.
    explicit JarLock(std::string path, JarLockKind kind = platform_jar_lock);
    JarLock(const JarLock&) = delete;
    JarLock& operator=(const JarLock&) = delete;
    ~JarLock();

private:
    std::string path_;
    Descriptor file_;
};

} // namespace juju::store
