#include "mock/go_struct.hpp"

#include "mock/failure.hpp"

#include <limits>

namespace juju::mock {
namespace {

std::string json_kind(const Json& value)
{
    if (value.is_string()) {
        return "string";
    }
    if (value.is_boolean()) {
        return "bool";
    }
    if (value.is_array()) {
        return "array";
    }
    return value.is_object() ? "object" : "number";
}

bool fits_int(const Json& value)
{
    if (value.is_number_unsigned()) {
        return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<int>::max());
    }
    if (!value.is_number_integer()) {
        return false;
    }
    const auto number = value.get<std::int64_t>();
    return number >= std::numeric_limits<int>::min() && number <= std::numeric_limits<int>::max();
}

} // namespace

GoStruct::GoStruct(const Json* value, std::string type, std::string path) : value_(value), type_(std::move(type)), path_(std::move(path)) {}

GoStruct GoStruct::params(const Json& params, std::string type)
{
    if (params.is_null()) {
        return {nullptr, std::move(type), ""};
    }
    if (!params.is_object()) {
        throw Failure("json: cannot unmarshal " + json_kind(params) + " into Go value of type params." + type);
    }
    return {&params, std::move(type), ""};
}

const Json* GoStruct::member(std::string_view name) const
{
    return value_ == nullptr ? nullptr : find_member(*value_, name);
}

void GoStruct::mismatch(const Json& value, std::string_view name, std::string_view type) const
{
    std::string found = json_kind(value);
    if ((type == "int" || type == "time.Duration") && found == "number") {
        found += ' ' + value.dump();
    }
    throw Failure("json: cannot unmarshal " + found + " into Go struct field " + type_ + '.' + path_ + std::string(name) + " of type " +
                  std::string(type));
}

const std::string& GoStruct::as_text(const Json& value, std::string_view name, std::string_view type) const
{
    if (!value.is_string()) {
        mismatch(value, name, type);
    }
    return value.get_ref<const std::string&>();
}

int GoStruct::as_int(const Json& value, std::string_view name) const
{
    if (!fits_int(value)) {
        mismatch(value, name, "int");
    }
    return value.get<int>();
}

std::optional<std::string> GoStruct::optional_text(std::string_view name, std::string_view type) const
{
    const Json* value = member(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    return as_text(*value, name, type);
}

std::optional<bool> GoStruct::optional_flag(std::string_view name) const
{
    const Json* value = member(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (!value->is_boolean()) {
        mismatch(*value, name, "bool");
    }
    return value->get<bool>();
}

std::optional<int> GoStruct::optional_int(std::string_view name) const
{
    const Json* value = member(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    return as_int(*value, name);
}

std::optional<std::int64_t> GoStruct::optional_duration(std::string_view name) const
{
    const Json* value = member(name);
    if (value == nullptr) {
        return std::nullopt;
    }
    const bool too_big =
        value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!value->is_number_integer() || too_big) {
        mismatch(*value, name, "time.Duration");
    }
    return value->get<std::int64_t>();
}

GoStruct GoStruct::object(std::string_view name, std::string type) const
{
    const Json* value = member(name);
    if (value != nullptr && !value->is_object()) {
        mismatch(*value, name, "params." + type);
    }
    return {value, std::move(type), path_ + std::string(name) + '.'};
}

std::vector<GoStruct> GoStruct::objects(std::string_view name, const std::string& type) const
{
    std::vector<GoStruct> list;
    const Json* value = member(name);
    if (value == nullptr) {
        return list;
    }
    if (!value->is_array()) {
        mismatch(*value, name, "[]params." + type);
    }
    for (const Json& element : *value) {
        if (!element.is_object() && !element.is_null()) {
            mismatch(element, name, "params." + type);
        }
        list.push_back(GoStruct(element.is_null() ? nullptr : &element, type, path_ + std::string(name) + '.'));
    }
    return list;
}

std::vector<std::string> GoStruct::texts(std::string_view name) const
{
    std::vector<std::string> list;
    const Json* value = member(name);
    if (value == nullptr) {
        return list;
    }
    if (!value->is_array()) {
        mismatch(*value, name, "[]string");
    }
    for (const Json& element : *value) {
        list.push_back(element.is_null() ? std::string() : as_text(element, name, "string"));
    }
    return list;
}

std::vector<int> GoStruct::ints(std::string_view name) const
{
    std::vector<int> list;
    const Json* value = member(name);
    if (value == nullptr) {
        return list;
    }
    if (!value->is_array()) {
        mismatch(*value, name, "[]int");
    }
    for (const Json& element : *value) {
        list.push_back(element.is_null() ? 0 : as_int(element, name));
    }
    return list;
}

std::map<std::string, std::string> GoStruct::text_map(std::string_view name) const
{
    std::map<std::string, std::string> map;
    const Json* value = member(name);
    if (value == nullptr) {
        return map;
    }
    if (!value->is_object()) {
        mismatch(*value, name, "map[string]string");
    }
    for (const auto& [key, element] : value->items()) {
        map[key] = element.is_null() ? std::string() : as_text(element, name, "string");
    }
    return map;
}

std::map<std::string, Json> GoStruct::any_map(std::string_view name) const
{
    std::map<std::string, Json> map;
    const Json* value = member(name);
    if (value == nullptr) {
        return map;
    }
    if (!value->is_object()) {
        mismatch(*value, name, "map[string]interface {}");
    }
    for (const auto& [key, element] : value->items()) {
        map[key] = element;
    }
    return map;
}

bool GoStruct::any_object(std::string_view name) const
{
    const Json* value = member(name);
    if (value == nullptr) {
        return false;
    }
    if (!value->is_object()) {
        mismatch(*value, name, "map[string]interface {}");
    }
    return !value->empty();
}

} // namespace juju::mock
