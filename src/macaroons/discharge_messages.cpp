#include "macaroons/discharge_messages.hpp"

#include "local_error.hpp"
#include "macaroons/encoding.hpp"
#include "macaroons/members.hpp"
#include "wire/json.hpp"
#include "wire/nesting.hpp"
#include "wire/printable.hpp"

#include <juju/error.hpp>

#include <utility>

namespace juju::macaroons {
namespace {

using wire::Json;

constexpr int status_ok = 200;
constexpr const char* discharge_refused = "third party refused discharge: ";

[[noreturn]] void fail_answer(const std::string& what)
{
    detail::ErrorDetails details("malformed answer from the discharger: " + what);
    details.outcome = Outcome::unknown;
    throw Error(make_error_code(errc::malformed_reply), std::move(details));
}

/// The object that a body holds; empty when it holds none, or is too large.
std::optional<Json> read_object(std::string_view body)
{
    if (body.size() > max_macaroon_bytes || !wire::is_shallow(body, max_nesting))
        return std::nullopt;
    Json json = wire::parse_json(body);
    return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
}

/// The text in a member; empty when there is none.
std::string text_or_nothing(const Json& object, const char* name)
{
    const Json* value = find_member(object, name);
    return value != nullptr && value->is_string() ? std::string(value->get_ref<const WipingString&>()) : std::string();
}

[[noreturn]] void fail_refused(errc code, const char* action, int status, const std::optional<Json>& answer)
{
    detail::ErrorDetails details;
    if (answer) {
        details.server_code = text_or_nothing(*answer, "Code");
        details.server_message = text_or_nothing(*answer, "Message");
    }
    details.message = action;
    details.message += details.server_message.empty() ? "HTTP status " + std::to_string(status) : wire::printable(details.server_message);
    details.outcome = Outcome::rejected;
    details.connection_usable = false;
    throw Error(make_error_code(code), std::move(details));
}

/// The answer to a request that was not refused.
Json accepted(int status, std::string_view body, errc refusal, const char* action)
{
    auto answer = read_object(body);
    if (status != status_ok)
        fail_refused(refusal, action, status, answer);
    if (!answer)
        fail_answer("it is not a JSON object of at most 64 KiB and 32 levels");
    return std::move(*answer);
}

BakeryMacaroon macaroon_of(const Json& answer)
{
    const Json* macaroon = find_member(answer, "Macaroon");
    if (macaroon == nullptr)
        fail_answer("it has no Macaroon");
    return BakeryMacaroon::parse(*macaroon);
}

std::optional<std::string> url_member(const Json& object, const char* name)
{
    const Json* value = find_member(object, name);
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_string())
        fail_answer(std::string(name) + " is not a text");
    return std::string(value->get_ref<const WipingString&>());
}

/// Two addresses that are of use together only.
void read_url_pair(const Json& object, const char* visit, const char* wait, std::optional<std::string>& visit_url,
                   std::optional<std::string>& wait_url)
{
    visit_url = url_member(object, visit);
    wait_url = url_member(object, wait);
    if (visit_url.has_value() != wait_url.has_value())
        fail_answer(std::string("it has only one of ") + visit + " and " + wait);
}

void read_method(std::string name, const Json& data, Interaction& interaction)
{
    const bool password = name == "juju_userpass";
    const bool browser = name == "browser-window";
    if ((password || browser) && !data.is_object())
        fail_answer("the data of an interaction method is not an object");
    if (password)
        interaction.userpass_url = url_member(data, "url");
    if (browser)
        read_url_pair(data, "VisitURL", "WaitTokenURL", interaction.visit_url, interaction.wait_token_url);
    if (password && !interaction.userpass_url)
        fail_answer("juju_userpass has no url");
    if (browser && !interaction.visit_url)
        fail_answer("browser-window has no VisitURL");
    interaction.methods.push_back(std::move(name));
}

Interaction read_interaction(const Json& answer)
{
    Interaction interaction;
    interaction.message = wire::printable(text_or_nothing(answer, "Message"));
    const Json* info = find_member(answer, "Info");
    if (info == nullptr)
        return interaction;
    if (!info->is_object())
        fail_answer("Info is not an object");
    read_url_pair(*info, "VisitURL", "WaitURL", interaction.legacy_visit_url, interaction.legacy_wait_url);
    const Json* methods = find_member(*info, "InteractionMethods");
    if (methods == nullptr)
        return interaction;
    if (!methods->is_object())
        fail_answer("InteractionMethods is not an object");
    for (const auto& item : methods->items())
        read_method(std::string(item.key()), item.value(), interaction);
    return interaction;
}

/// Escapes all but what every reader of forms takes as it is.
void append_escaped(WipingString& form, std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
        if (plain) {
            form += c;
        } else {
            form += '%';
            form += digits[static_cast<unsigned char>(c) >> 4];
            form += digits[static_cast<unsigned char>(c) & 15];
        }
    }
}

void append_parameter(WipingString& form, std::string_view name, std::string_view value)
{
    if (!form.empty())
        form += '&';
    form.append(name).append(1, '=');
    append_escaped(form, value);
}

/// As text where that is possible, else as base64 under the other name.
void append_bytes(WipingString& form, std::string_view name, const WipingString& bytes)
{
    if (is_plain_text(bytes))
        append_parameter(form, name, bytes);
    else
        append_parameter(form, std::string(name) + "64", to_base64url(bytes));
}

std::string token_kind(const Json& token)
{
    auto kind = text_or_nothing(token, "kind");
    if (kind.empty())
        fail_answer("the token has no kind");
    return kind;
}

WipingString token_bytes(const Json& token, const char* name)
{
    auto bytes = from_base64(token.at(name).get_ref<const WipingString&>());
    if (!bytes)
        fail_answer("the token is not base64");
    return std::move(*bytes);
}

Token usable(Token token)
{
    if (token.value.empty())
        fail_answer("the token is empty");
    return token;
}

bool has_text(const Json& object, const char* name)
{
    const Json* value = find_member(object, name);
    return value != nullptr && value->is_string();
}

void check_utf8(std::string_view text, const char* what)
{
    if (!is_utf8(text))
        throw detail::local_error(errc::invalid_argument, std::string(what) + " is not valid UTF-8");
}

} // namespace

Token::Token(std::string token_kind, WipingString token_value) : kind(std::move(token_kind)), value(std::move(token_value)) {}

WipingString discharge_form(const Caveat& caveat, const WipingString* caveat_data, const std::optional<Token>& token)
{
    WipingString form;
    append_bytes(form, "id", caveat.id);
    if (caveat_data != nullptr)
        append_parameter(form, "caveat64", to_base64url(*caveat_data));
    if (token) {
        append_bytes(form, "token", token->value);
        append_parameter(form, "token-kind", token->kind);
    }
    return form;
}

DischargeAnswer read_discharge(int status, std::string_view body)
{
    DischargeAnswer result;
    if (status != status_ok) {
        const auto answer = read_object(body);
        if (!answer || text_or_nothing(*answer, "Code") != "interaction required")
            fail_refused(errc::discharge_failed, discharge_refused, status, answer);
        result.interaction = read_interaction(*answer);
        return result;
    }
    result.macaroon = macaroon_of(accepted(status, body, errc::discharge_failed, discharge_refused));
    return result;
}

WipingString userpass_form(std::string_view user, const SecretValue& password)
{
    check_utf8(user, "the user name");
    check_utf8(password.text(), "the password");
    Json fields = Json::object();
    fields["user"] = user;
    fields["password"] = password.text();
    Json form = Json::object();
    form["form"] = std::move(fields);
    return wire::dump(form);
}

Token read_userpass_token(int status, std::string_view body)
{
    const Json answer = accepted(status, body, errc::login_failed, "cannot submit form: ");
    const Json* token = find_member(answer, "token");
    if (token == nullptr || !token->is_object() || !has_text(*token, "value"))
        fail_answer("it has no token");
    return usable(Token(token_kind(*token), token_bytes(*token, "value")));
}

Token read_wait_token(int status, std::string_view body)
{
    const Json answer = accepted(status, body, errc::discharge_failed, discharge_refused);
    const bool plain = has_text(answer, "token");
    if (plain == has_text(answer, "token64"))
        fail_answer(plain ? "it has both token and token64" : "it has no token");
    auto value = plain ? answer.at("token").get_ref<const WipingString&>() : token_bytes(answer, "token64");
    return usable(Token(token_kind(answer), std::move(value)));
}

BakeryMacaroon read_legacy_wait(int status, std::string_view body)
{
    return macaroon_of(accepted(status, body, errc::discharge_failed, discharge_refused));
}

} // namespace juju::macaroons
