#include "wire/tags.hpp"
#include "fuzz/fuzz.hpp"
#include "secrets/timestamp.hpp"
#include "store/choose.hpp"
#include "store/cookie_time.hpp"
#include "store/names.hpp"
#include "transport/endpoint.hpp"
#include "wire/printable.hpp"

#include <algorithm>
#include <string>

// Short texts: tags, names of users, applications and models, endpoints, times.

namespace {

using fuzz::require;

void check_tags(std::string_view text)
{
    namespace wire = juju::wire;
    for (const char* kind : {"model", "user", "unit", "application", "controller"}) {
        const auto id = wire::tag_id(text, kind);
        require(id.has_value() == (text.size() > std::string_view(kind).size() + 1 && text.starts_with(std::string(kind) + '-')),
                "a tag has a kind, a dash and an id");
        require(!id || std::string(kind) + '-' + std::string(*id) == text, "a tag is its kind and its id");
    }
    require(wire::is_uuid(text) == juju::store::is_model_uuid(text), "there is one rule for UUIDs");
    if (const auto user = wire::user_of_tag(text)) {
        require(wire::is_user_name(*user), "a user tag has a user's name");
        require(wire::user_of_tag("user-" + *user) == user, "a user's tag is that of the user");
        require(!user->ends_with("@local"), "the domain \"local\" is none");
    }
    require(!wire::is_application_name(text) || wire::is_secret_owner("application-" + std::string(text)), "an application owns secrets");
    require(!wire::is_uuid(text) || wire::is_secret_owner("model-" + std::string(text)), "a model owns secrets");
}

void check_names(std::string_view text)
{
    namespace store = juju::store;
    const auto bare = fuzz::error_of([&] { store::check_model_name(text); });
    const auto qualified = fuzz::error_of([&] { store::check_qualified_name(text); });
    const auto slash = text.find('/');
    require(qualified || !bare, "a qualified name is a name");
    require(qualified || juju::wire::is_user_name(text.substr(0, slash)), "an owner is a user");
    require(bare || qualified.has_value() == (slash == std::string_view::npos), "a qualified name has an owner");
    const auto shorter = store::without_local_owner(text);
    require(bare || !fuzz::error_of([&] { store::check_model_name(shorter); }), "a name stays one without the domain of its owner");
}

void check_endpoint(std::string_view text)
{
    using juju::transport::Endpoint;
    Endpoint endpoint;
    if (fuzz::error_of([&] { endpoint = Endpoint::parse(text); }))
        return;
    const auto again = Endpoint::parse("wss://" + endpoint.authority() + endpoint.prefix);
    require(again.host == endpoint.host && again.port == endpoint.port && again.prefix == endpoint.prefix,
            "what an endpoint prints stands for the same");
}

void check_times(std::string_view text)
{
    if (const auto time = juju::store::parse_cookie_time(text)) {
        // An offset may lead out of the years 1678 to 2261, beyond which all times are one.
        const auto written = juju::store::cookie_time_text(*time);
        const bool at_the_end = written.starts_with("1677") || written.starts_with("2262");
        require(at_the_end || juju::store::parse_cookie_time(written) == time, "a cookie's time that is written is the same");
    }
    juju::secrets::parse_timestamp(text);
}

/// Whether each code point is UTF-8 and visible.
bool is_visible(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto rune = juju::wire::rune_at(text, at);
        if (juju::wire::unprintable(rune.value) || (rune.value == 0xfffd && rune.size == 1))
            return false;
        at += rune.size;
    }
    return true;
}

void check_printable(std::string_view text)
{
    const auto printable = juju::wire::printable(text);
    require(is_visible(printable), "printable text is visible UTF-8");
    require(printable.size() <= 4015, "printable text is bounded");
    require(text.size() > 1000 || !is_visible(text) || printable == text, "text that is printable stays as it is");
}

} // namespace

void fuzz::run(std::string_view text)
{
    check_tags(text);
    check_names(text);
    check_endpoint(text);
    check_times(text);
    check_printable(text);
}
