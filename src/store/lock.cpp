#include "store/lock.hpp"

#include "local_error.hpp"
#include "wire/printable.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace juju::store {
namespace {

std::string hex(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        (result += digits[byte >> 4]) += digits[byte & 15];
    }
    return result;
}

/// Gives the lock file to the user behind sudo, who could not open it otherwise.
void give_to_caller(const Descriptor& file, const Environment& environment)
{
    if (environment.get("SUDO_COMMAND").empty())
        return;
    const auto number = [&](const char* name, auto& id) {
        const auto text = environment.get(name);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
        return error == std::errc() && end == text.data() + text.size();
    };
    uid_t user = 0;
    gid_t group = 0;
    if (number("SUDO_UID", user) && number("SUDO_GID", group) && ::fchown(file.number(), user, group) != 0)
        return; // As the juju command: the lock works without.
}

/// The lock file, opened and locked; empty with errno when it cannot be opened.
Descriptor open_locked(const std::string& path, const Environment& environment)
{
    // O_NONBLOCK: a FIFO that somebody has put there must not be waited for.
    auto file = open_file(path, O_CREAT | O_RDONLY | O_NONBLOCK);
    if (!file)
        return file;
    give_to_caller(file, environment);
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0)
        throw detail::local_error(errc::store_locked, "timeout acquiring mutex");
    return file;
}

Descriptor open_store_lock(const std::string& path, const Environment& environment, LockUse use)
{
    auto file = open_locked(path, environment);
    if (!file && use == LockUse::write)
        throw detail::local_error(errc::unreadable_file, "unable to open " + wire::printable(path) + ": " + reason(errno));
    return file;
}

/// One try at a record lock: the file that is locked, or why it is not.
std::optional<Descriptor> try_record_lock(const std::string& path, std::string& why)
{
    auto file = open_file(path, O_RDWR | O_CREAT | O_NONBLOCK);
    struct stat opened {};
    if (!file || ::fstat(file.number(), &opened) != 0) {
        why = "open " + wire::printable(path) + ": " + reason(errno);
        return std::nullopt;
    }
    if (opened.st_size != 0) {
        why = "can't Lock file \"" + wire::printable(path) + "\": has non-zero size";
        return std::nullopt;
    }
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
#ifdef F_OFD_SETLK
    // Excludes other threads too, and the locks that the juju command takes with F_SETLK.
    const int command = F_OFD_SETLK;
#else
    const int command = F_SETLK;
#endif
    if (::fcntl(file.number(), command, &whole) != 0) {
        why = reason(errno);
        return std::nullopt;
    }
    // Whoever had it before removes the file; a lock on what has no name any more excludes nobody.
    struct stat named {};
    if (::stat(path.c_str(), &named) != 0 || named.st_ino != opened.st_ino || named.st_dev != opened.st_dev) {
        why = "the lock file was replaced";
        return std::nullopt;
    }
    return file;
}

/// The process that a lock file names; empty when it names none.
std::optional<pid_t> owner_of(const std::string& path)
{
    constexpr std::string_view start = "{\"OwnerPID\":";
    const auto file = open_file(path, O_RDONLY | O_NONBLOCK);
    if (!file)
        return std::nullopt;
    char buffer[64];
    const ssize_t size = ::read(file.number(), buffer, sizeof buffer);
    const std::string_view text(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    pid_t owner = 0;
    if (!text.starts_with(start))
        return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + start.size(), text.data() + text.size(), owner);
    if (error != std::errc() || end == text.data() + text.size() || *end != '}' || owner <= 0)
        return std::nullopt;
    return owner;
}

/// One try at a file that names its owner. It is linked to its place when it is complete, so that nobody sees a part of it.
std::optional<Descriptor> try_owner_lock(const std::string& path, std::string& why)
{
    const auto own = path + std::to_string(::getpid()) + '.' + std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()));
    auto file = open_file(own, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file) {
        why = "open " + wire::printable(own) + ": " + reason(errno);
        return std::nullopt;
    }
    write_all(file, "{\"OwnerPID\":" + std::to_string(::getpid()) + "}\n", own);
    const bool linked = ::link(own.c_str(), path.c_str()) == 0;
    if (!linked)
        why = reason(errno);
    ::unlink(own.c_str());
    if (linked)
        return file;
    const auto owner = owner_of(path);
    const bool stale = owner && ::kill(*owner, 0) != 0 && errno == ESRCH;
    if (stale)
        ::unlink(path.c_str());
    return std::nullopt;
}

Descriptor open_jar_lock(const std::string& path, JarLockKind kind)
{
    std::string why;
    auto file = kind == JarLockKind::record ? try_record_lock(path, why) : try_owner_lock(path, why);
    if (!file)
        throw detail::local_error(errc::store_locked, "file locked for too long; giving up: cannot acquire lock: " + why);
    return *std::move(file);
}

} // namespace

std::string store_lock_path(const std::string& controllers_path, const Environment& environment)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    ::SHA256(reinterpret_cast<const unsigned char*>(controllers_path.data()), controllers_path.size(), digest);
    const std::string start = hex(std::string_view(reinterpret_cast<const char*>(digest), 4));
    const std::string directory = environment.get("TMPDIR");
    return (directory.empty() ? "/tmp" : directory) + "/juju-store-lock-" + hex(start);
}

StoreLock::StoreLock(const std::string& path, const Environment& environment, LockUse use) : file_(open_store_lock(path, environment, use))
{
}

JarLock::JarLock(std::string path, JarLockKind kind) : path_(std::move(path)), file_(open_jar_lock(path_, kind)) {}

JarLock::~JarLock()
{
    ::unlink(path_.c_str());
}

} // namespace juju::store
