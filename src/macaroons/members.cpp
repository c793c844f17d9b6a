#include "macaroons/members.hpp"

#include "macaroons/encoding.hpp"

#include <juju/error.hpp>

namespace juju::macaroons {
namespace {

using wire::Json;

/// What is left of the size that a macaroon may have.
class Budget {
public:
    void spend(std::size_t bytes)
    {
        if (bytes > left_)
            fail_malformed("it has more than 64 KiB");
        left_ -= bytes;
    }

    void spend_text(const WipingString& text)
    {
        spend(text.size());
        if (!is_utf8(text))
            fail_malformed("a text in it is not UTF-8");
    }

private:
    std::size_t left_ = max_macaroon_bytes;
};

void check_value(const Json& json, std::size_t depth, Budget& budget)
{
    budget.spend(1);
    if (json.is_string())
        budget.spend_text(json.get_ref<const WipingString&>());
    if (!json.is_structured())
        return;
    if (depth > max_nesting)
        fail_malformed("it is nested more than 32 levels deep");
    for (const auto& item : json.items()) {
        if (json.is_object())
            budget.spend_text(WipingString(item.key()));
        check_value(item.value(), depth + 1, budget);
    }
}

} // namespace

void fail_malformed(const std::string& what)
{
    detail::ErrorDetails details("malformed macaroon: " + what);
    details.outcome = Outcome::unknown;
    throw Error(make_error_code(errc::malformed_reply), std::move(details));
}

void check_limits(const Json& json)
{
    Budget budget;
    check_value(json, 1, budget);
}

const Json* find_member(const Json& object, const char* name)
{
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::optional<WipingString> text_member(const Json& object, const char* name)
{
    const Json* value = find_member(object, name);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_string())
        fail_malformed(std::string(name) + " is not a text");
    return value->get_ref<const WipingString&>();
}

std::optional<WipingString> base64_member(const Json& object, const char* name)
{
    const auto text = text_member(object, name);
    if (!text)
        return std::nullopt;
    auto bytes = from_base64(*text);
    if (!bytes)
        fail_malformed(std::string(name) + " is not base64");
    return bytes;
}

std::optional<WipingString> bytes_member(const Json& object, const char* name)
{
    const std::string name64 = std::string(name) + "64";
    auto text = text_member(object, name);
    auto bytes = base64_member(object, name64.c_str());
    if (text && bytes)
        fail_malformed("it has both " + std::string(name) + " and " + name64);
    return text ? text : bytes;
}

} // namespace juju::macaroons
