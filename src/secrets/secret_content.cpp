#include <juju/secret_content.hpp>

#include "local_error.hpp"
#include "secrets/base64.hpp"
#include "secrets/in_quotes.hpp"
#include "secrets/secret_file.hpp"
#include "wiping_allocator.hpp"
#include "wire/rune.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

namespace juju {
namespace {

using detail::in_quotes;

/// The most characters of base64 for one value, and for all values of a content together
/// (maxValueSizeBytes and maxContentSizeBytes of Juju's core/secrets/createsecret.go).
constexpr std::size_t max_encoded_size = 1'000'000;

constexpr std::string_view base64_suffix = "#base64";
constexpr std::string_view file_suffix = "#file";

/// `^([a-z](?:-?[a-z0-9]){2,})$`: a letter first, no dash last, no two dashes together, and two characters more that are no dash.
bool is_key(std::string_view key)
{
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_allowed = [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '-'; };
    return key.size() - static_cast<std::size_t>(std::count(key.begin(), key.end(), '-')) >= 3 && is_lower(key.front()) &&
           key.back() != '-' && key.find("--") == std::string_view::npos && std::all_of(key.begin(), key.end(), is_allowed);
}

[[noreturn]] void throw_invalid_key(const std::string& which)
{
    throw detail::local_error(errc::invalid_key, which +
                                                     " not valid: a key has three or more of a-z and 0-9, starts with a letter, and may "
                                                     "have single dashes inside");
}

void check_key(std::string_view key)
{
    if (!is_key(key))
        throw_invalid_key("key " + in_quotes(key));
}

/// A key in a `key=value` argument. What doesn't look like a key at all may be a value whose key was forgotten, such as a URL.
void check_argument_key(std::string_view key, std::size_t position)
{
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '#';
    };
    constexpr std::size_t longest = 64; // of what is quoted; a good key may have any length
    if (is_key(key))
        return;
    if (key.size() > longest || !std::all_of(key.begin(), key.end(), is_plain))
        throw_invalid_key("key at position " + std::to_string(position));
    throw_invalid_key("key " + in_quotes(key));
}

[[noreturn]] void throw_invalid_argument(std::size_t position, std::string_view advice)
{
    throw detail::local_error(errc::invalid_key_value,
                              "key value at position " + std::to_string(position) + " not valid: " + std::string(advice));
}

bool remove_suffix(std::string_view& key, std::string_view suffix)
{
    if (!key.ends_with(suffix))
        return false;
    key.remove_suffix(suffix.size());
    return true;
}

std::size_t encoded_size(const SecretValue& value)
{
    return value.decodable() ? detail::base64::encoded_size(value.size()) : value.size();
}

void check_size(std::string_view key, const SecretValue& value)
{
    if (const std::size_t size = encoded_size(value); size > max_encoded_size)
        throw detail::local_error(errc::content_too_large, "base64 encoded secret content for key " + in_quotes(key) +
                                                               " too large: " + std::to_string(size) +
                                                               " bytes; the limit is 1000000, for 750000 bytes before "
                                                               "encoding");
}

void check_total_size(std::size_t size)
{
    if (size > max_encoded_size)
        throw detail::local_error(errc::content_too_large, "base64 encoded secret content too large: " + std::to_string(size) +
                                                               " bytes; the limit for all values together is 1000000");
}

SecretValue decode(std::string_view key, std::string_view base64)
{
    SecretValue value = SecretValue::from_stored_base64(base64);
    if (!value.decodable())
        throw detail::local_error(errc::invalid_base64,
                                  "base64 value for key " + in_quotes(key) +
                                      " not valid: it takes the characters A-Z, a-z, 0-9, + and /, padding with = to a "
                                      "multiple of four, and nothing else, line breaks included");
    return value;
}

/// Base64 out of a file, where it may stand in lines.
SecretValue decode_lines(std::string_view key, std::string_view base64)
{
    return decode(key, detail::base64::without_line_breaks(base64));
}

SecretValue read_value(std::string_view key, const std::filesystem::path& path, bool is_base64)
{
    const WipingString text = detail::read_file(path, "reading content for secret key " + in_quotes(key) + ": ");
    return is_base64 ? decode_lines(key, text) : SecretValue(text);
}

/// A JSON string as Go's encoding/json writes it.
void append_json_string(WipingString& json, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::string_view with_letter = "\b\f\n\r\t\"\\";
    constexpr std::string_view letters = "bfnrt\"\\";
    constexpr std::u32string_view other_escapes = U"<>&\u2028\u2029";
    const auto append_code = [&](char32_t code) {
        json += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4)
            json += digits[code >> shift & 15];
    };
    json += '"';
    for (std::size_t at = 0; at < text.size();) {
        const wire::Rune rune = wire::rune_at(text, at);
        const bool bad = rune.value == 0xfffd && rune.size == 1;
        if (const std::size_t letter = with_letter.find(text[at]); letter != std::string_view::npos)
            (json += '\\') += letters[letter];
        else if (bad || rune.value < 0x20 || other_escapes.find(rune.value) != std::u32string_view::npos)
            append_code(rune.value);
        else
            json += text.substr(at, rune.size);
        at += rune.size;
    }
    json += '"';
}

} // namespace

SecretContent SecretContent::from_arguments(const std::vector<std::string>& arguments)
{
    SecretContent content;
    std::size_t position = 0;
    for (const std::string& argument : arguments)
        content.add_argument(argument, ++position);
    content.check_total();
    return content;
}

SecretContent SecretContent::from_file(const std::filesystem::path& path)
{
    return from_yaml(detail::read_file(detail::normalize_path(path)));
}

SecretContent SecretContent::from_yaml(std::string_view text)
{
    SecretContent content;
    for (auto& [written_key, value] : detail::parse_secret_file(text)) {
        std::string_view key = written_key;
        const bool is_base64 = remove_suffix(key, base64_suffix);
        check_key(key);
        SecretValue decoded = is_base64 ? decode_lines(key, value.text()) : std::move(value);
        check_size(key, decoded);
        content.replace(key, std::move(decoded));
    }
    content.check_total();
    return content;
}

SecretContent& SecretContent::set(std::string_view key, std::string_view bytes)
{
    return set(key, SecretValue(bytes));
}

SecretContent& SecretContent::set(std::string_view key, std::span<const std::byte> bytes)
{
    return set(key, SecretValue(bytes));
}

SecretContent& SecretContent::set(std::string_view key, SecretValue value)
{
    check_key(key);
    check_size(key, value);
    const SecretValue* old = find(key);
    check_total_size(encoded_size_ - (old != nullptr ? encoded_size(*old) : 0) + encoded_size(value));
    replace(key, std::move(value));
    return *this;
}

SecretContent& SecretContent::set_base64(std::string_view key, std::string_view base64)
{
    check_key(key);
    return set(key, decode(key, base64));
}

SecretContent& SecretContent::set_file(std::string_view key, const std::filesystem::path& path)
{
    check_key(key);
    return set(key, read_value(key, path, false));
}

SecretContent& SecretContent::merge(const SecretContent& other)
{
    SecretContent merged = other;
    for (const auto& [key, value] : entries_)
        if (!merged.contains(key))
            merged.replace(key, value);
    return *this = std::move(merged);
}

const SecretValue& SecretContent::at(std::string_view key) const
{
    if (const SecretValue* value = find(key))
        return *value;
    throw detail::local_error(errc::not_found, "the secret content has no key " + in_quotes(key));
}

const SecretValue* SecretContent::find(std::string_view key) const noexcept
{
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

std::string SecretContent::checksum() const
{
    WipingString json;
    json.reserve(encoded_size_ + 64 * entries_.size() + 64);
    char separator = '{';
    for (const auto& [key, value] : entries_) {
        json += separator;
        append_json_string(json, key);
        json += ':';
        const SecretValue text = value.base64();
        if (value.decodable())
            ((json += '"') += text.text()) += '"';
        else
            append_json_string(json, text.text());
        separator = ',';
    }
    json += entries_.empty() ? "{}" : "}";

    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(json.data(), json.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw detail::local_error(errc::not_supported, "the checksum needs SHA-256, which this OpenSSL does not offer");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i)
        (text += digits[digest[i] >> 4]) += digits[digest[i] & 15];
    return text;
}

void SecretContent::insert_stored(std::string_view key, std::string_view base64)
{
    replace(key, SecretValue::from_stored_base64(base64));
}

void SecretContent::add_argument(std::string_view argument, std::size_t position)
{
    // As in Juju, '=' at the end is base64 padding when it comes to finding the separator, so `key=` has none.
    const std::size_t searched = argument.find_last_not_of('=') + 1;
    const std::size_t separator = argument.substr(0, searched).find('=');
    if (argument.find('=') == std::string_view::npos)
        throw_invalid_argument(position, "write it as key=value");
    if (argument.front() == '=')
        throw_invalid_argument(position, "there is no key before the =");
    if (separator == std::string_view::npos)
        throw_invalid_argument(position, "write it as key=value; an empty value can be given by SecretContent::set or in a file");

    std::string_view key = argument.substr(0, separator);
    const std::string_view value = argument.substr(separator + 1);
    const bool is_file = remove_suffix(key, file_suffix);
    const bool is_base64 = remove_suffix(key, base64_suffix);
    check_argument_key(key, position);
    SecretValue decoded = is_file ? read_value(key, value, is_base64) : is_base64 ? decode(key, value) : SecretValue(value);
    check_size(key, decoded);
    replace(key, std::move(decoded));
}

void SecretContent::check_total() const
{
    check_total_size(encoded_size_);
}

void SecretContent::replace(std::string_view key, SecretValue value)
{
    const auto entry = entries_.try_emplace(std::string(key)).first;
    encoded_size_ += encoded_size(value) - encoded_size(entry->second);
    entry->second = std::move(value);
}

} // namespace juju
