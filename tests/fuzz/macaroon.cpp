#include "macaroons/macaroon.hpp"
#include "fuzz/fuzz.hpp"
#include "macaroons/bakery.hpp"
#include "macaroons/discharge_messages.hpp"
#include "macaroons/encoding.hpp"
#include "wire/json.hpp"

#include <algorithm>
#include <string>

// Macaroons in every form, and what dischargers answer.

namespace {

namespace macaroons = juju::macaroons;
using fuzz::require;
using juju::errc;
using juju::wire::Json;
using macaroons::Macaroon;

Json json_of(std::string_view text)
{
    return juju::wire::parse_json(text);
}

const Macaroon& another()
{
    static const auto macaroon = Macaroon::parse(json_of(R"({"i":"another","s64":"BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"})"));
    return macaroon;
}

bool same_caveat(const macaroons::Caveat& a, const macaroons::Caveat& b)
{
    return a.id == b.id && a.verification_id == b.verification_id && a.location == b.location;
}

bool same_but_signature(const Macaroon& a, const Macaroon& b)
{
    return a.id() == b.id() && a.location() == b.location() && std::ranges::equal(a.caveats(), b.caveats(), same_caveat);
}

void check_macaroon(const Macaroon& macaroon)
{
    const auto text = macaroon.json();
    const auto again = Macaroon::parse(json_of(text));
    require(same_but_signature(again, macaroon) && again.cookie_name() == macaroon.cookie_name(), "what a macaroon prints is the same");
    require(again.json() == text, "what a macaroon prints stays as it is");
    require(macaroon.cookie_name().size() == std::string_view("macaroon-").size() + 64, "a signature has 32 bytes");
    require(!macaroon.id().empty() && macaroon.caveats().size() <= 100, "a macaroon has an identifier, and not too many caveats");
    macaroon.expiry();

    require(macaroon.bound_to(macaroon).json() == text, "a macaroon that is bound to itself stays as it is");
    const auto bound = macaroon.bound_to(another());
    const auto reread = Macaroon::parse(json_of(bound.json()));
    require(same_but_signature(reread, macaroon), "a bound macaroon differs by its signature only");
    require(reread.cookie_name() == bound.cookie_name(), "a bound macaroon prints its new signature");
    require(macaroon.cookie_name() == another().cookie_name() || bound.cookie_name() != macaroon.cookie_name(),
            "binding changes the signature");
    for (const auto& caveat : macaroon.caveats()) {
        const auto form = macaroons::discharge_form(caveat, nullptr, std::nullopt);
        require(form.starts_with("id=") || form.starts_with("id64="), "a form has an identifier");
        require(std::ranges::all_of(form, [](char c) { return c > ' ' && c < 0x7f; }), "a form is escaped");
    }
}

void check_malformed(const std::optional<juju::Error>& error)
{
    require(!error || error->code() == errc::malformed_reply, "what is no macaroon is malformed");
}

void check_answers(std::string_view body)
{
    for (const int status : {200, 401}) {
        macaroons::DischargeAnswer answer;
        if (!fuzz::error_of([&] { answer = macaroons::read_discharge(status, body); })) {
            require(answer.macaroon.has_value() != answer.interaction.has_value(), "an answer is one of two");
            if (answer.interaction) {
                const auto& asked = *answer.interaction;
                require(asked.visit_url.has_value() == asked.wait_token_url.has_value() &&
                            asked.legacy_visit_url.has_value() == asked.legacy_wait_url.has_value(),
                        "URLs that belong together come together");
            } else {
                check_macaroon(answer.macaroon->macaroon());
            }
        }
        for (auto* read : {macaroons::read_userpass_token, macaroons::read_wait_token})
            fuzz::error_of([&] {
                const auto token = read(status, body);
                require(!token.kind.empty() && !token.value.empty(), "a token has a kind and a value");
            });
        fuzz::error_of([&] { macaroons::read_legacy_wait(status, body); });
    }
}

void check_encodings(std::string_view text)
{
    require(macaroons::from_base64(macaroons::to_base64url(text)) == juju::WipingString(text), "base64 stands for the same bytes");
    require(macaroons::from_hex(macaroons::to_hex(text)) == juju::WipingString(text), "hex stands for the same bytes");
}

} // namespace

void fuzz::run(std::string_view text)
{
    check_encodings(text);
    const Json json = json_of(text);
    error_of([&] { macaroons::read_legacy_wait(200, text); });
    if (json.is_object()) // all else ends as there, and exceptions take time
        check_answers(text);
    check_malformed(discreet_error_of([&] { check_macaroon(Macaroon::parse(json)); }));
    check_malformed(discreet_error_of([&] { check_macaroon(macaroons::BakeryMacaroon::parse(json).macaroon()); }));
    // The binary form without its base64.
    const Json wrapped = macaroons::to_base64url(text);
    check_malformed(discreet_error_of([&] { check_macaroon(Macaroon::parse(wrapped)); }));
}
