#pragma once

#include "mock/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

/// A JSON value read as a Go struct: members in any case, unknown ones ignored, null and missing the same. A member of the wrong
/// JSON type throws a Failure with the text of Go's decoder.
class GoStruct {
public:
    /// `params` may be null for "all defaults". `type` is the Go type's name, such as "DeleteSecretArgs".
    static GoStruct params(const Json& params, std::string type);

    std::string text(std::string_view name) const { return optional_text(name).value_or(""); }
    std::optional<std::string> optional_text(std::string_view name, std::string_view type = "string") const;
    std::optional<bool> optional_flag(std::string_view name) const;
    std::optional<int> optional_int(std::string_view name) const;
    /// A `time.Duration`: nanoseconds.
    std::optional<std::int64_t> optional_duration(std::string_view name) const;
    GoStruct object(std::string_view name, std::string type) const;
    std::vector<GoStruct> objects(std::string_view name, const std::string& type) const;
    std::vector<std::string> texts(std::string_view name) const;
    std::vector<int> ints(std::string_view name) const;
    std::map<std::string, std::string> text_map(std::string_view name) const;
    /// A map with values of any type; nulls are values.
    std::map<std::string, Json> any_map(std::string_view name) const;
    /// Checks that the member, if there, is an object; true when it has members.
    bool any_object(std::string_view name) const;

private:
    GoStruct(const Json* value, std::string type, std::string path);

    const Json* member(std::string_view name) const;
    [[noreturn]] void mismatch(const Json& value, std::string_view name, std::string_view type) const;
    const std::string& as_text(const Json& value, std::string_view name, std::string_view type) const;
    int as_int(const Json& value, std::string_view name) const;

    const Json* value_; ///< null for defaults
    std::string type_;
    std::string path_; ///< of the members: "args." inside the list `args`
};

} // namespace juju::mock
