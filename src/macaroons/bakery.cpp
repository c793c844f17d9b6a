#include "macaroons/bakery.hpp"

#include "macaroons/encoding.hpp"
#include "macaroons/members.hpp"

#include <algorithm>
#include <utility>

namespace juju::macaroons {
namespace {

using wire::Json;

WipingString decoded(const WipingString& text, const char* what)
{
    auto bytes = from_base64(text);
    if (!bytes)
        fail_malformed(std::string(what) + " is not base64");
    return std::move(*bytes);
}

} // namespace

BakeryMacaroon BakeryMacaroon::parse(const Json& json)
{
    constexpr int wrapper_version = 3;
    if (!json.is_object() || find_member(json, "m") == nullptr)
        return BakeryMacaroon(Macaroon::parse(json));
    check_limits(json);
    const Json* version = find_member(json, "v");
    if (version == nullptr || !version->is_number_integer() || *version != wrapper_version)
        fail_malformed("v is not 3");
    BakeryMacaroon result(Macaroon::parse(*find_member(json, "m")));
    const Json* data = find_member(json, "cdata");
    if (data == nullptr)
        return result;
    if (!data->is_object())
        fail_malformed("cdata is not an object");
    for (const auto& item : data->items()) {
        if (!item.value().is_string())
            fail_malformed("a value of cdata is not a text");
        result.caveat_data_.emplace_back(decoded(WipingString(item.key()), "a caveat id of cdata"),
                                         decoded(item.value().get_ref<const WipingString&>(), "a value of cdata"));
    }
    return result;
}

const WipingString* BakeryMacaroon::caveat_data(const WipingString& id) const noexcept
{
    const auto found = std::ranges::find(caveat_data_, id, &std::pair<WipingString, WipingString>::first);
    return found == caveat_data_.end() ? nullptr : &found->second;
}

} // namespace juju::macaroons
