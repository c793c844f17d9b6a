#pragma once

#include "wiping_allocator.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Reading and replacing whole files that may hold passwords.
namespace juju::store {

/// A file descriptor that is closed at the end.
class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor();

    explicit operator bool() const noexcept { return number_ >= 0; }
    int number() const noexcept { return number_; }

private:
    int number_;
};

/// open(2) with O_CLOEXEC, again after a signal. Files made are for their owner only (0600).
Descriptor open_file(const std::string& path, int flags) noexcept;

/// The system's reason as Go words it, such as "permission denied".
std::string reason(int error);

/// The largest file that is read, in bytes.
inline constexpr std::size_t max_file_size = 16'777'216;

/// The bytes of a file that was opened; empty when it is larger than `max_file_size`.
/// @throws Error errc::unreadable_file `read PATH: REASON`.
std::optional<WipingString> read_all(const Descriptor& file, const std::string& path);

/// @throws Error errc::unreadable_file `write PATH: REASON`.
void write_all(const Descriptor& file, std::string_view text, const std::string& path);

/// Puts `text` into the place of the file, for its owner only (0600), so that others see the old or the new file whole, whatever happens
/// (client-store 1.2).
/// @throws Error errc::unreadable_file `open PATH: REASON`, `write PATH: REASON` or `rename PATH: REASON`; nothing has changed then.
void replace_file(const std::string& path, std::string_view text);

} // namespace juju::store
