#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Looks for secrets in the memory of its own process. Uses nothing of the library that is measured.
namespace hygiene {

/// Overwrites memory; not by the function that a client without wiping has switched off.
void overwrite(void* memory, std::size_t size) noexcept;

/// Bytes that are kept in a form in which a scan does not find them.
class Hidden {
public:
    Hidden() = default;

    std::size_t size() const noexcept { return bytes_.size(); }
    unsigned char hidden(std::size_t index) const { return bytes_[index]; }

    /// One of the bytes as they were.
    unsigned char plain(std::size_t index) const { return static_cast<unsigned char>(bytes_[index] ^ mask); }

    void append(unsigned char plain_byte) { bytes_.push_back(static_cast<unsigned char>(plain_byte ^ mask)); }

    static constexpr unsigned char mask = 0xA5; ///< turns every ASCII character into none

private:
    std::vector<unsigned char> bytes_;
};

/// Text with hidden bytes in it, in the clear as long as this lives; overwritten then. For the arguments of calls.
class InTheClear {
public:
    explicit InTheClear(const Hidden& secret, std::string_view before = {}, std::string_view behind = {});
    ~InTheClear();
    InTheClear(const InTheClear&) = delete;
    InTheClear& operator=(const InTheClear&) = delete;

    std::string_view text() const noexcept { return {memory_, size_}; }

private:
    char* memory_;
    std::size_t size_;
};

/// A copy that was found.
struct Copy {
    const char* form;    ///< "plain", or "base64"
    std::string mapping; ///< "[heap]", "[stack]", a file, or "anonymous"
    std::size_t address;
};

/// Every copy of the secret in writable memory: as it is, and in base64, wherever in a longer text that begins. Base64 of less than 6
/// characters is not looked for. Of a secret of more than 96 bytes 16 pieces are looked for, and those of the piece with the most copies
/// are given.
std::vector<Copy> find_copies(const Hidden& secret);

} // namespace hygiene
