#pragma once

#include "macaroons/bakery.hpp"
#include "wiping_allocator.hpp"

#include <juju/secret_value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is exchanged with a discharger, a third party that confirms a caveat, as texts (client-store 4.4 and 4.5). In every function that
/// reads an answer, a body of another shape, of more than 64 KiB or of more than 32 levels is errc::malformed_reply, with a text that holds
/// nothing of it.
namespace juju::macaroons {

/// The proof that the user has logged in to a discharger.
struct Token {
    Token() {}
    Token(std::string token_kind, WipingString token_value);

    std::string kind;
    WipingString value; ///< any bytes
};

/// The parameters of `POST LOCATION/discharge`, as application/x-www-form-urlencoded.
/// @param caveat_data of BakeryMacaroon::caveat_data; may be nullptr.
/// @param token of an interaction; empty on the first attempt.
WipingString discharge_form(const Caveat& caveat, const WipingString* caveat_data, const std::optional<Token>& token);

/// How a user may log in to a discharger. URLs may be relative to the location with a `/` at its end.
struct Interaction {
    Interaction() {}

    std::string message;                         ///< printable
    std::optional<std::string> userpass_url;     ///< takes `userpass_form`
    std::optional<std::string> visit_url;        ///< for a browser; always together with `wait_token_url`
    std::optional<std::string> wait_token_url;   ///< answers with a token once the user is done
    std::optional<std::string> legacy_visit_url; ///< for a browser; always together with `legacy_wait_url`
    std::optional<std::string> legacy_wait_url;  ///< answers with the discharge once the user is done
    std::vector<std::string> methods;            ///< all names offered, as they came
};

/// Exactly one of the two.
struct DischargeAnswer {
    DischargeAnswer() {}

    std::optional<BakeryMacaroon> macaroon;
    std::optional<Interaction> interaction;
};

/// The answer to `discharge_form`.
/// @throws Error errc::discharge_failed "third party refused discharge: MESSAGE"; errc::malformed_reply.
DischargeAnswer read_discharge(int status, std::string_view body);

/// The body of the POST to Interaction::userpass_url: JSON.
/// @throws Error errc::invalid_argument when user or password are not UTF-8.
WipingString userpass_form(std::string_view user, const SecretValue& password);

/// The answer to `userpass_form`.
/// @throws Error errc::login_failed "cannot submit form: MESSAGE"; errc::malformed_reply.
Token read_userpass_token(int status, std::string_view body);

/// The answer of Interaction::wait_token_url.
/// @throws Error errc::discharge_failed "third party refused discharge: MESSAGE"; errc::malformed_reply.
Token read_wait_token(int status, std::string_view body);

/// The answer of Interaction::legacy_wait_url.
/// @throws Error errc::discharge_failed "third party refused discharge: MESSAGE"; errc::malformed_reply.
BakeryMacaroon read_legacy_wait(int status, std::string_view body);

} // namespace juju::macaroons
