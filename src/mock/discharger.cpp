#include "mock/discharger.hpp"

#include "mock/base64_text.hpp"
#include "mock/failure.hpp"
#include "mock/login.hpp"
#include "mock/names.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace juju::mock {
namespace {

using Parameters = std::map<std::string, std::string>;

constexpr const char* userpass_kind = "juju_userpass";
constexpr const char* browser_kind = "browser-window";

HttpRoute json_answer(unsigned status, const Json& body)
{
    HttpRoute answer;
    answer.status = status;
    answer.body = go_json(body);
    answer.content_type = "application/json";
    return answer;
}

HttpRoute text_answer(unsigned status, const std::string& text)
{
    HttpRoute answer;
    answer.status = status;
    answer.body = text + '\n';
    return answer;
}

HttpRoute error_answer(unsigned status, const std::string& code, const std::string& message)
{
    Json body = Json::object();
    if (!code.empty()) {
        body["Code"] = code;
    }
    body["Message"] = message;
    return json_answer(status, body);
}

HttpRoute refused_discharge(const std::string& why)
{
    return error_answer(500, "", "cannot discharge: " + why);
}

std::string url_decoded(std::string_view text)
{
    const auto digit = [](char c) {
        return std::string_view("0123456789abcdef").find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
    };
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size();
        const auto high = escape ? digit(text[i + 1]) : std::string_view::npos;
        const auto low = escape ? digit(text[i + 2]) : std::string_view::npos;
        if (high != std::string_view::npos && low != std::string_view::npos) {
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            decoded += text[i] == '+' ? ' ' : text[i];
        }
    }
    return decoded;
}

void read_parameters(std::string_view text, Parameters& parameters)
{
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        const std::string_view value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        parameters.insert_or_assign(url_decoded(pair.substr(0, equals)), url_decoded(value));
    }
}

/// Of the query and of a form in the body: clients use either.
Parameters parameters_of(const HttpRequest& request)
{
    Parameters parameters;
    const auto query = request.target.find('?');
    if (query != std::string::npos) {
        read_parameters(std::string_view(request.target).substr(query + 1), parameters);
    }
    read_parameters(request.body, parameters);
    return parameters;
}

std::string text_of(const Parameters& parameters, const std::string& name)
{
    const auto found = parameters.find(name);
    return found == parameters.end() ? "" : found->second;
}

/// A parameter as text, or as base64 under `name64`.
std::string bytes_of(const Parameters& parameters, const std::string& name)
{
    const std::string text = text_of(parameters, name);
    return text.empty() ? from_base64(text_of(parameters, name + "64")).value_or("") : text;
}

Json macaroon_answer(const Json& macaroon)
{
    Json body = Json::object();
    body["Macaroon"] = macaroon;
    return body;
}

HttpRoute interaction_required(const HttpRequest& request, const Json& info)
{
    Json body = Json::object();
    body["Code"] = "interaction required";
    body["Message"] = "cannot discharge: interaction required";
    body["Info"] = info;
    const std::string& version = request.bakery_version;
    const bool old = version.empty() || version.find_first_not_of("0123456789") != std::string::npos ||
                     version.find_first_not_of('0') == std::string::npos;
    HttpRoute answer = json_answer(old ? 407 : 401, body);
    if (!old) {
        answer.headers.emplace_back("WWW-Authenticate", "Macaroon");
    }
    return answer;
}

/// A client that asks for a discharge.
struct Discharge {
    const HttpRequest& request;
    const Parameters& parameters;
    std::string id; ///< as the client names the caveat
    std::string caveat;
    const ThirdPartyCaveat& known;
};

HttpRoute discharge_local(World& world, const Discharge& asked)
{
    static constexpr std::string_view condition = "is-authenticated-user ";
    const std::string user = asked.known.condition.substr(condition.size());
    const std::string token = bytes_of(asked.parameters, "token");
    if (token.empty()) {
        Json info = Json::object();
        info["InteractionMethods"][userpass_kind]["url"] = "/auth/form";
        return interaction_required(asked.request, info);
    }
    const auto owner = world.discharge_tokens.take(token, text_of(asked.parameters, "token-kind"), world.now());
    if (!owner) {
        return refused_discharge("invalid token");
    }
    if (*owner != user) {
        return refused_discharge("discharge token for user " + go_quoted(*owner) + " does not match declared user " + go_quoted(user));
    }
    const MockTime expiry = world.now() + world.logins.local_lifetime;
    return json_answer(200, macaroon_answer(Bakery::discharge(asked.known, asked.id, user, expiry)));
}

/// A provider of its own domain says names without it.
std::string declared_name(const std::string& user)
{
    static constexpr std::string_view domain = "@external";
    return user.ends_with(domain) ? user.substr(0, user.size() - domain.size()) : user;
}

HttpRoute discharge_for(const World& world, const ThirdPartyCaveat& caveat, const std::string& id, const std::string& user)
{
    const MockTime expiry = world.now() + world.logins.external_lifetime;
    return json_answer(200, macaroon_answer(Bakery::discharge(caveat, id, declared_name(user), expiry)));
}

HttpRoute start_browser_login(World& world, const Discharge& asked)
{
    PendingLogin& login = world.browser_logins.start(random_hex(24));
    login.caveat = asked.caveat;
    login.caveat_id = asked.id;
    const std::string url = world.identity_url();
    const std::string query = "?did=" + login.code;
    Json info = Json::object();
    if (world.logins.identity_provider == MockIdentityProvider::legacy_browser) {
        info["VisitURL"] = url + "/login" + query;
        info["WaitURL"] = url + "/wait" + query;
    } else {
        Json& method = info["InteractionMethods"][browser_kind];
        method["VisitURL"] = url + "/login" + query;
        method["WaitTokenURL"] = url + "/wait-token" + query;
    }
    return interaction_required(asked.request, info);
}

HttpRoute discharge_external(World& world, const Discharge& asked)
{
    const std::string token = bytes_of(asked.parameters, "token");
    if (token.empty()) {
        return start_browser_login(world, asked);
    }
    const auto owner = world.discharge_tokens.take(token, text_of(asked.parameters, "token-kind"), world.now());
    return owner ? discharge_for(world, asked.known, asked.id, *owner) : refused_discharge("invalid token");
}

HttpRoute discharge(World& world, const HttpRequest& request, bool local)
{
    const Parameters parameters = parameters_of(request);
    const std::string id = bytes_of(parameters, "id");
    const auto beside = from_base64(text_of(parameters, "caveat64"));
    const std::string caveat = beside && !beside->empty() ? *beside : id;
    const ThirdPartyCaveat* known = world.bakery.find_caveat(caveat);
    const bool for_local = known != nullptr && known->condition.find(' ') != std::string::npos;
    if (known == nullptr || for_local != local) {
        return refused_discharge("discharger cannot decode caveat id");
    }
    const Discharge asked{request, parameters, id, caveat, *known};
    return local ? discharge_local(world, asked) : discharge_external(world, asked);
}

/// `{"form":{"user":"bob","password":"..."}}`
HttpRoute answer_form(World& world, const HttpRequest& request)
{
    const auto body = parse_first(request.body);
    const Json* form = body && body->is_object() ? find_member(*body, "form") : nullptr;
    const Json* name = form != nullptr && form->is_object() ? find_member(*form, "user") : nullptr;
    const Json* password = form != nullptr && form->is_object() ? find_member(*form, "password") : nullptr;
    if (name == nullptr || password == nullptr || !name->is_string() || !password->is_string()) {
        return error_answer(400, "bad request", "can't unmarshal login request");
    }
    std::string user = name->get<std::string>();
    if (user.ends_with("@local")) {
        user.resize(user.size() - 6);
    }
    if (user.find('@') != std::string::npos) {
        return error_answer(500, "", "non-local username " + go_quoted(user) + " not valid");
    }
    try {
        (void)check_password(world, user, password->get<std::string>());
    } catch (const Failure& failure) {
        return error_answer(500, "", failure.message());
    }
    Json token = Json::object();
    token["token"]["kind"] = userpass_kind;
    token["token"]["value"] = to_base64(world.discharge_tokens.make(userpass_kind, user, world.now()));
    return json_answer(200, token);
}

/// The page at VisitURL: whoever opens it logs in as the first external user.
HttpRoute visit(World& world, PendingLogin& login)
{
    if (login.state == PendingLogin::State::waiting) {
        const auto user = std::find_if(world.users.begin(), world.users.end(),
                                       [](const UserSettings& entry) { return entry.external && entry.account == MockAccount::active; });
        const bool known = user != world.users.end();
        login.state = known ? PendingLogin::State::confirmed : PendingLogin::State::refused;
        login.user = known ? user->name : "";
    }
    HttpRoute page = text_answer(200, login.state == PendingLogin::State::confirmed ? "You are logged in." : "You are not logged in.");
    page.wakes = true;
    return page;
}

/// WaitTokenURL, or the WaitURL of old providers.
HttpRoute wait_for_login(World& world, PendingLogin& login, bool legacy)
{
    if (login.state == PendingLogin::State::waiting) {
        HttpRoute answer;
        answer.waits = true;
        return answer;
    }
    const PendingLogin ended = login;
    world.browser_logins.erase(ended.code);
    if (ended.state == PendingLogin::State::refused) {
        return error_answer(500, "", "login refused");
    }
    if (!legacy) {
        Json body = Json::object();
        body["kind"] = browser_kind;
        // Python's macaroonbakery stumbles over the other form, `token`.
        body["token64"] = to_base64(world.discharge_tokens.make(browser_kind, ended.user, world.now()));
        return json_answer(200, body);
    }
    const ThirdPartyCaveat* caveat = world.bakery.find_caveat(ended.caveat);
    return caveat == nullptr ? refused_discharge("discharger cannot decode caveat id")
                             : discharge_for(world, *caveat, ended.caveat_id, ended.user);
}

HttpRoute answer_browser(World& world, const HttpRequest& request, std::string_view action)
{
    const bool legacy = world.logins.identity_provider == MockIdentityProvider::legacy_browser;
    const std::string_view wait = legacy ? "/wait" : "/wait-token";
    PendingLogin* login = world.browser_logins.find(text_of(parameters_of(request), "did"));
    if (login == nullptr || (action != "/login" && action != wait)) {
        return text_answer(404, "404 page not found");
    }
    return action == "/login" ? visit(world, *login) : wait_for_login(world, *login, legacy);
}

HttpRoute public_key(const World& world)
{
    Json body = Json::object();
    body["PublicKey"] = to_base64(world.controller_uuid.substr(0, 32));
    return json_answer(200, body);
}

HttpRoute answer_action(World& world, const HttpRequest& request, bool local, std::string_view action)
{
    const bool get = request.method == "GET";
    const bool post = request.method == "POST";
    if (action == "/discharge" && post) {
        return discharge(world, request, local);
    }
    if (action == "/publickey" && get) {
        return public_key(world);
    }
    if (local && action == "/form" && post) {
        return answer_form(world, request);
    }
    if (local && action == "/form") {
        return text_answer(405, request.method + " method not allowed");
    }
    if (!local && get) {
        return answer_browser(world, request, action);
    }
    const bool known = action == "/discharge" || action == "/publickey";
    return known ? text_answer(405, "Method Not Allowed") : text_answer(404, "404 page not found");
}

} // namespace

std::optional<HttpRoute> answer_discharger(World& world, const HttpRequest& request)
{
    const std::string path = request.target.substr(0, request.target.find('?'));
    const bool local = path.starts_with("/auth/");
    const bool external = path.starts_with("/identity/") && world.logins.identity_provider != MockIdentityProvider::none;
    if (world.logins.jaas || (!local && !external)) {
        return std::nullopt;
    }
    HttpRoute answer = answer_action(world, request, local, std::string_view(path).substr(path.find('/', 1)));
    answer.of_discharger = true;
    return answer;
}

std::vector<std::string> waiting_visit_urls(const World& world)
{
    std::vector<std::string> urls;
    for (const PendingLogin& login : world.browser_logins.all()) {
        if (login.state == PendingLogin::State::waiting) {
            urls.push_back(world.identity_url() + "/login?did=" + login.code);
        }
    }
    return urls;
}

} // namespace juju::mock
