#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace juju::mock {

/// A tag such as "application-mysql", taken apart.
struct Tag {
    std::string kind; ///< "application"
    std::string id;   ///< "mysql"; for a unit "mysql-0"
};

/// @throws Failure `"x" is not a valid tag` or `"application-X!" is not a valid application tag`
Tag parse_tag(std::string_view text);

/// Lower-case hex in the 8-4-4-4-12 shape.
bool is_uuid(std::string_view text);
/// Is there such a UUID anywhere in the text?
bool contains_uuid(std::string_view text);
bool is_application_name(std::string_view text);

/// A random UUID, version 4.
std::string random_uuid();

/// A random secret id: 12 random bytes in base32hex.
std::string random_secret_id();
/// 20 characters of `0-9a-v`, the last `0` or `g`.
bool is_secret_id(std::string_view text);

/// `count` random hex digits.
std::string random_hex(std::size_t count);

/// A secret's URI.
struct Uri {
    std::string source; ///< model UUID, or empty
    std::string id;

    std::string text() const { return source.empty() ? "secret:" + id : "secret://" + source + '/' + id; }
};

/// @throws Failure with the texts of Go's `secrets.ParseURI`
Uri parse_uri(const std::string& text);

} // namespace juju::mock
