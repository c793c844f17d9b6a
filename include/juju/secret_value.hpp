#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace juju {

/// The bytes of one secret value (or of a password).
///
/// Holds any bytes, zeros included, in one allocation that is wiped before it is freed. Moving empties
/// the source; a copy is a second allocation with the same care. There is deliberately no conversion,
/// stream operator or formatter: `text()` and `bytes()` are the only ways to read it, so a value cannot
/// reach a log by accident.
///
/// A value that another client stored as something that is not base64 is kept as it came:
/// `decodable()` is then false, `text()` and `bytes()` throw, and `base64()` gives the stored text.
class SecretValue {
public:
    SecretValue() noexcept = default;
    explicit SecretValue(std::string_view bytes);
    explicit SecretValue(std::span<const std::byte> bytes);

    /// @throws Error errc::invalid_base64 unless `text` is standard base64 with canonical padding.
    static SecretValue from_base64(std::string_view text);

    /// Keeps `text` as it is when it is not base64 (see `decodable`).
    static SecretValue from_stored_base64(std::string_view text);

    SecretValue(const SecretValue& other);
    SecretValue(SecretValue&& other) noexcept;
    SecretValue& operator=(const SecretValue& other);
    SecretValue& operator=(SecretValue&& other) noexcept;
    ~SecretValue();

    bool decodable() const noexcept { return decodable_; }

    /// The bytes as text, valid while this value lives and is not changed.
    /// @throws Error errc::invalid_base64 when not `decodable()`.
    std::string_view text() const;

    /// The bytes, valid while this value lives and is not changed.
    /// @throws Error errc::invalid_base64 when not `decodable()`.
    std::span<const std::byte> bytes() const;

    /// The number of bytes (of the stored text when not `decodable()`).
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }

    /// What stands on the wire: standard padded base64, or the stored text when not `decodable()`.
    SecretValue base64() const;

    /// Compares in a time that depends on the sizes only.
    friend bool operator==(const SecretValue& a, const SecretValue& b) noexcept;

private:
    char* data_ = nullptr;
    std::size_t size_ = 0;
    bool decodable_ = true;
};

} // namespace juju
