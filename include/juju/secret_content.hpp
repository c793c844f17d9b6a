#pragma once

#include <juju/secret_value.hpp>

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju {

/// The content of a secret: an ordered map from key to value.
///
/// Keys follow the juju command's rule: `^([a-z](?:-?[a-z0-9]){2,})$`, so at least three characters,
/// lower-case letters, digits and single inner dashes. Limits, as in the juju command (Juju's
/// `core/secrets/createsecret.go`): 1,000,000 bytes of base64 for one value (750,000 raw bytes) and the
/// same for all values together; 1,000,000 raw bytes for a file. Controllers check none of this.
///
/// Every function that takes a key or a value throws `Error`, with a text that quotes the key or the
/// position and never a value:
/// - errc::invalid_key for a key that breaks the rule,
/// - errc::content_too_large when a limit is exceeded,
/// - errc::unreadable_file when a file cannot be read,
/// - errc::invalid_base64 when a `#base64` value is not standard padded base64 (the juju command does
///   not check; what it stores then cannot be read by a charm).
/// A failed call leaves the content as it was.
class SecretContent {
public:
    using Map = std::map<std::string, SecretValue, std::less<>>;
    using const_iterator = Map::const_iterator;

    SecretContent() = default;
    SecretContent(const SecretContent& other) = default;
    SecretContent& operator=(const SecretContent& other) = default;
    ~SecretContent() = default;

    /// Moving empties `other`.
    SecretContent(SecretContent&& other) noexcept
        : entries_(std::exchange(other.entries_, {})), encoded_size_(std::exchange(other.encoded_size_, 0))
    {
    }
    SecretContent& operator=(SecretContent&& other) noexcept
    {
        SecretContent taken(std::move(other));
        entries_.swap(taken.entries_);
        std::swap(encoded_size_, taken.encoded_size_);
        return *this;
    }

    /// From arguments like those of `juju add-secret`: `key=value`, `key#base64=VALUE`, `key#file=PATH`,
    /// `key#base64#file=PATH` (the file holds base64, line breaks allowed). The first `=` separates, trailing ones belong to the
    /// value. A later argument wins over an earlier one with the same key. File paths are taken as typed.
    /// @throws Error errc::invalid_key_value for an argument without `=`, key or value; see also above.
    template <class... Arguments>
        requires(sizeof...(Arguments) > 0 && (std::convertible_to<Arguments, std::string_view> && ...))
    SecretContent(Arguments&&... arguments)
    {
        std::size_t position = 0;
        (add_argument(std::string_view(arguments), ++position), ...);
        check_total();
    }

    /// The same from a list made at run time.
    static SecretContent from_arguments(const std::vector<std::string>& arguments);

    /// From a JSON or YAML file: a mapping of keys to scalars. Scalars keep their literal text (`port: 5432`
    /// is "5432"), `!!binary` is decoded, nothing or `null` is the empty value, a key may end in `#base64`.
    /// A leading `~` or `~user` in the path is expanded, as by `juju add-secret --file`. YAML passes through yaml-cpp, which
    /// does not wipe its own copies of the text; JSON (an object of strings) does not.
    /// @throws Error errc::invalid_secret_file when the text is neither JSON nor YAML, or not such a
    ///   mapping (with the line); see also above.
    static SecretContent from_file(const std::filesystem::path& path);

    /// From the text of such a file.
    static SecretContent from_yaml(std::string_view text);

    SecretContent& set(std::string_view key, std::string_view bytes);
    SecretContent& set(std::string_view key, std::span<const std::byte> bytes);
    SecretContent& set(std::string_view key, SecretValue value);
    SecretContent& set_base64(std::string_view key, std::string_view base64);
    SecretContent& set_file(std::string_view key, const std::filesystem::path& path);

    /// Takes over every entry of `other`, which wins where both have a key. Limits are not checked again.
    SecretContent& merge(const SecretContent& other);

    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }
    bool contains(std::string_view key) const { return entries_.contains(key); }

    /// @throws Error errc::not_found when there is no such key.
    const SecretValue& at(std::string_view key) const;

    /// Null when there is no such key.
    const SecretValue* find(std::string_view key) const noexcept;

    /// In the bytewise order of the keys.
    const_iterator begin() const noexcept { return entries_.begin(); }
    const_iterator end() const noexcept { return entries_.end(); }

    /// The checksum that a Juju controller (3.6.0 and later) reports for this content: lower-case hex SHA-256 of
    /// the compact JSON object of key to base64 (Juju's `core/secrets/secretvalue.go`). Sensitive: short values
    /// can be guessed from it.
    std::string checksum() const;

    friend bool operator==(const SecretContent&, const SecretContent&) = default;

    /// Takes an entry as a controller sent it: no key rule, no limits, base64 as stored.
    void insert_stored(std::string_view key, std::string_view base64);

private:
    void add_argument(std::string_view argument, std::size_t position);
    void check_total() const;
    void replace(std::string_view key, SecretValue value);

    Map entries_;
    std::size_t encoded_size_ = 0;
};

} // namespace juju
