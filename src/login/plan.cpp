#include "login/plan.hpp"

#include "local_error.hpp"
#include "store/choose.hpp"
#include "store/cookie_jar.hpp"
#include "store/names.hpp"
#include "wire/json.hpp"
#include "wire/printable.hpp"
#include "wire/tags.hpp"

#include <openssl/crypto.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace juju::login {
namespace {

using transport::Endpoint;

/// Leaves room for a login.
constexpr std::size_t smallest_request = 1024;

[[noreturn]] void fail(const std::string& what)
{
    throw detail::local_error(errc::invalid_argument, what);
}

void check_one_login(const ConnectOptions& options)
{
    std::string given;
    int kinds = 0;
    const auto count = [&](bool is_given, const char* name) {
        if (!is_given)
            return;
        ++kinds;
        given += (given.empty() ? "" : ", ") + std::string(name);
    };
    count(!options.password().empty(), "password");
    count(!options.macaroons().empty(), "macaroons");
    count(!options.session_token().empty(), "session_token");
    count(!options.client_id().empty() || !options.client_secret().empty(), "client_credentials");
    count(!options.agent_tag().empty() || !options.agent_password().empty(), "agent");
    if (kinds > 1)
        fail("only one kind of login can be used; given are: " + given);
}

bool is_external(const std::string& name)
{
    return wire::user_of_tag("user-" + name).value_or("").find('@') != std::string::npos;
}

/// Only macaroons are renewed with a password or on a page.
void check_asking(const ConnectOptions& options)
{
    const bool asks = options.ask_password() || options.visit_url();
    if (asks && (!options.session_token().empty() || !options.client_id().empty() || !options.agent_tag().empty()))
        fail("ask_password and visit_url are for logins with macaroons, and do not go together with session_token, client_credentials or "
             "agent");
}

/// Whether somebody can be asked to log in a user of whom no more than the name is known.
bool can_ask(const ConnectOptions& options, bool is_jaas)
{
    if (is_jaas)
        return static_cast<bool>(options.show_device_code());
    return is_external(options.username()) ? static_cast<bool>(options.visit_url()) : static_cast<bool>(options.ask_password());
}

/// The controller would see other characters in place of bytes that are no UTF-8.
void check_texts(const ConnectOptions& options)
{
    const auto check = [](std::string_view text, const char* what) {
        if (!simdjson::validate_utf8(text))
            fail(std::string(what) + " is not valid UTF-8");
    };
    check(options.password().text(), "the password");
    check(options.session_token().text(), "the session token");
    check(options.client_id(), "the client id");
    check(options.client_secret().text(), "the client secret");
    check(options.agent_password().text(), "the agent's password");
    check(options.agent_nonce(), "the agent's nonce");
}

void check_login(const ConnectOptions& options)
{
    check_one_login(options);
    const bool is_named = !options.username().empty();
    if (is_named && !wire::is_user_name(options.username()))
        fail("username \"" + wire::printable(options.username()) + "\" not valid: give a Juju user's name, such as \"admin\"");
    if (is_named && (!options.client_id().empty() || !options.agent_tag().empty()))
        fail("username does not go together with client_credentials or agent");
    if (is_named && !options.password().empty() && is_external(options.username()))
        fail("username \"" + options.username() + "\" is an external user, who has no password; leave the password out");
    check_asking(options);
    if (options.client_id().empty() != options.client_secret().empty())
        fail("both client id and client secret must be set");
    if (options.agent_tag().empty() != options.agent_password().empty())
        fail("both an agent's tag and its password must be set");
    if (!options.agent_tag().empty() && !wire::is_agent_tag(options.agent_tag()))
        fail("agent tag \"" + wire::printable(options.agent_tag()) + "\" not valid: give one such as \"unit-mysql-0\" or \"machine-0\"");
    check_texts(options);
}

/// A model's name or UUID where there is no client store.
void check_model(const std::string& name)
{
    if (name.find(':') != std::string::npos)
        fail("model \"" + wire::printable(name) + "\" not valid: with an endpoint it is [OWNER/]MODEL, without a controller");
    store::check_model_name(name);
}

/// What must be there when no file can say it.
void check_explicit(const ConnectOptions& options, Target target)
{
    for (const auto& endpoint : options.endpoints())
        Endpoint::parse(endpoint);
    if (!options.controller().empty() || !options.store_directory().empty() || options.update_store())
        fail("controller, store_directory and update_store are for the client store, which is not used when an endpoint is given");
    if (target == Target::model && options.model().empty() && !wire::is_uuid(options.model_uuid()))
        fail("model_uuid \"" + wire::printable(options.model_uuid()) +
             "\" not valid: give the model's UUID, as shown by \"juju show-model\"");
    if (target == Target::model && !options.model().empty())
        check_model(options.model());
    const bool by_name = options.session_token().empty() && options.client_id().empty() && options.agent_tag().empty() &&
                         options.macaroons().empty() && !options.show_device_code();
    if (by_name && options.username().empty() && !options.visit_url())
        fail("username \"\" not valid: give a Juju user's name, such as \"admin\"");
    if (by_name && options.password().empty() && !options.username().empty() && !can_ask(options, false))
        fail(is_external(options.username()) ? "no macaroons given; set ConnectOptions::macaroons or visit_url"
                                             : "no password given; set ConnectOptions::password or ask_password");
    if (options.username().empty() && options.ask_password() && !options.visit_url())
        fail("ask_password needs the username of whom to ask");
    if (options.show_device_code() && (options.ask_password() || options.visit_url()))
        fail("show_device_code is for JAAS controllers, ask_password and visit_url are for others; give one of them");
}

void check_limits(const ConnectOptions& options)
{
    if (options.connect_timeout().count() <= 0 || options.call_timeout().count() <= 0 || options.ping_interval().count() <= 0)
        fail("connect_timeout, call_timeout and ping_interval must be positive");
    if (options.max_message_size() == 0)
        fail("max_message_size must be positive");
    if (options.max_request_size() < smallest_request)
        fail("max_request_size must be at least " + std::to_string(smallest_request));
}

/// The arrays of macaroons in what ConnectOptions::macaroons was given, each as JSON text.
std::vector<SecretValue> macaroon_slices(const SecretValue& given)
{
    const auto json = wire::parse_json(given.text());
    const auto holds_only = [](const wire::Json& array, bool (wire::Json::*is_kind)() const noexcept) {
        return array.is_array() && !array.empty() && std::ranges::all_of(array, [&](const auto& entry) { return (entry.*is_kind)(); });
    };
    std::vector<SecretValue> slices;
    if (holds_only(json, &wire::Json::is_object)) {
        slices.emplace_back(given);
        return slices;
    }
    if (!holds_only(json, &wire::Json::is_array))
        fail("macaroons are no JSON array of arrays of macaroons");
    for (const auto& slice : json) {
        if (!holds_only(slice, &wire::Json::is_object))
            fail("macaroons are no JSON array of arrays of macaroons");
        const auto text = wire::dump(slice);
        slices.emplace_back(std::string_view(text.data(), text.size()));
    }
    return slices;
}

/// Without any credentials but somebody to ask for them.
Credentials asked_login(const ConnectOptions& options, bool is_jaas)
{
    Credentials login;
    login.kind = is_jaas ? Credentials::Kind::session_token : Credentials::Kind::macaroons;
    login.user = options.username();
    login.show_device_code = options.show_device_code();
    login.ask_password = options.ask_password();
    login.visit_url = options.visit_url();
    return login;
}

/// The login that the options ask for; empty when they leave it to the client store.
std::optional<Credentials> given_login(const ConnectOptions& options)
{
    auto login = asked_login(options, static_cast<bool>(options.show_device_code()));
    if (!options.agent_tag().empty()) {
        login.kind = Credentials::Kind::agent;
        login.agent_tag = options.agent_tag();
        login.agent_password = options.agent_password();
        login.agent_nonce = options.agent_nonce();
        return login;
    }
    if (!options.client_id().empty()) {
        login.kind = Credentials::Kind::client_credentials;
        login.client_id = options.client_id();
        login.client_secret = options.client_secret();
        return login;
    }
    if (!options.session_token().empty()) {
        login.kind = Credentials::Kind::session_token;
        login.session_token = options.session_token();
        return login;
    }
    if (!options.macaroons().empty()) {
        login.kind = Credentials::Kind::macaroons;
        login.slices = macaroon_slices(options.macaroons());
        return login;
    }
    if (!options.password().empty()) {
        login.kind = Credentials::Kind::password;
        login.password = options.password();
        return login;
    }
    return std::nullopt;
}

/// Leaves no copy but the environment's own.
SecretValue secret_variable(const store::Environment& environment, const char* name)
{
    auto text = environment.get(name);
    SecretValue value{std::string_view(text)};
    OPENSSL_cleanse(text.data(), text.size());
    return value;
}

/// The login that the account in the client store has (client-store 4.1).
Credentials stored_login(const ConnectOptions& options, const store::Controller& controller, const store::Account& account,
                         const store::ClientStore& files, const store::Environment& environment)
{
    auto login = asked_login(options, controller.oidc_login);
    login.user = account.user;
    if (controller.oidc_login) {
        login.client_id = environment.get("JUJU_CLIENT_ID");
        login.client_secret = secret_variable(environment, "JUJU_CLIENT_SECRET");
        const bool is_service = !login.client_id.empty() && !login.client_secret.empty();
        login.kind = is_service ? Credentials::Kind::client_credentials : Credentials::Kind::session_token;
        login.session_token = account.access_token;
        return login;
    }
    if (!account.password.empty()) {
        login.kind = Credentials::Kind::password;
        login.password = account.password;
        return login;
    }
    const store::CookieJar jar(files.cookie_jar_path(controller.name));
    login.slices = jar.macaroon_slices(store::cookie_host(controller), std::chrono::system_clock::now());
    return login;
}

/// A user who is not, or may not be, the account's: what is stored is not his.
Credentials login_of_another(const ConnectOptions& options, const store::Controller& controller)
{
    const std::string option = controller.oidc_login             ? "show_device_code"
                               : is_external(options.username()) ? "visit_url"
                                                                 : "password or ask_password";
    if (!can_ask(options, controller.oidc_login))
        fail("no login given for user \"" + options.username() + "\", who is not the one of controller " +
             wire::printable(controller.name) + " in the client store; set ConnectOptions::" + option);
    return asked_login(options, controller.oidc_login);
}

/// The account's login where the options name its user or nobody.
Credentials login_of_store(const ConnectOptions& options, const store::Controller& controller, const store::ClientStore& files,
                           const store::Environment& environment)
{
    std::optional<store::Account> account;
    try {
        account = files.account(controller.name);
    } catch (const Error& error) {
        if (error.code() != errc::not_logged_in || options.username().empty())
            throw;
    }
    const auto named = wire::user_of_tag("user-" + options.username());
    if (!account || (named && !account->user.empty() && *named != account->user))
        return login_of_another(options, controller);
    auto login = stored_login(options, controller, *account, files, environment);
    if (login.user.empty())
        login.user = options.username();
    return login;
}

/// How to reach a controller inside of a Kubernetes cluster (the client store takes no other proxies), through the API of that
/// (client-store 6.1). An API without a CA is not believed as in Juju's own client, since it gets the token.
transport::PortForwardConfig port_forward_of(const store::Controller& controller, const Plan& plan)
{
    const auto& given = controller.proxy->config;
    const auto text = [&](const char* key) {
        const auto found = given.find(key);
        return found == given.end() ? std::string() : std::string(found->second.text());
    };
    transport::PortForwardConfig config;
    config.api_host = text("api-host");
    config.ca_cert = text("ca-cert");
    config.skip_verification = plan.tls.skip_verification;
    config.cluster_namespace = text("namespace");
    config.service = text("service");
    config.remote_port = text("remote-port");
    if (const auto token = given.find("service-account-token"); token != given.end())
        config.token = token->second;
    config.proxy = plan.proxy;
    return config;
}

void use_controller(Plan& plan, const ConnectOptions& options, const store::Controller& controller)
{
    if (controller.proxy)
        plan.port_forward = port_forward_of(controller, plan);
    else
        std::ranges::transform(controller.endpoints, std::back_inserter(plan.endpoints), Endpoint::parse);
    if (plan.endpoints.empty() && !plan.port_forward)
        throw detail::local_error(errc::invalid_store, "controller " + wire::printable(controller.name) +
                                                           ": no controller API addresses; is bootstrap still in progress?");
    plan.dns_cache = controller.dns_cache;
    if (options.ca_cert().empty())
        plan.tls.ca_cert = controller.ca_cert;
    if (options.public_dns_name().empty())
        plan.tls.public_dns_name = controller.public_hostname;
}

void use_store(Plan& plan, const ConnectOptions& options, const store::Environment& environment)
{
    const auto directory = options.store_directory().empty() ? store::data_directory(environment) : options.store_directory();
    const store::ClientStore files(directory);
    std::string name;
    if (plan.target == Target::controller) {
        name = store::choose_controller(files, environment, options.controller());
    } else {
        const auto& given = options.model_uuid().empty() ? options.model() : options.model_uuid();
        auto choice = store::choose_model(files, environment, given, options.controller());
        name = std::move(choice.controller);
        plan.model = std::move(choice.model);
    }
    const auto controller = files.controller(name);
    use_controller(plan, options, controller);
    plan.store = StoreEntry();
    plan.store->directory = directory;
    plan.store->controller = name;
    plan.store->cookie_host = store::cookie_host(controller);

    if (auto given = given_login(options)) {
        plan.credentials = std::move(*given);
        const bool needs_name = plan.credentials.kind == Credentials::Kind::password && plan.credentials.user.empty();
        if (needs_name)
            plan.credentials.user = files.account(name).user;
    } else {
        plan.credentials = login_of_store(options, controller, files, environment);
    }
    if (plan.target == Target::controller)
        return;
    if (store::is_model_uuid(plan.model))
        plan.model_uuid = std::exchange(plan.model, std::string());
    else if (const auto cached = store::find_model(files.models(name), plan.model, plan.credentials.user))
        plan.model_uuid = cached->uuid;
}

void use_options(Plan& plan, const ConnectOptions& options)
{
    for (const auto& text : options.endpoints())
        plan.endpoints.push_back(Endpoint::parse(text));
    auto given = given_login(options);
    plan.credentials = given ? std::move(*given) : asked_login(options, static_cast<bool>(options.show_device_code()));
    if (plan.target == Target::controller)
        return;
    plan.model_uuid = options.model_uuid();
    if (!options.model().empty() && store::is_model_uuid(options.model()))
        plan.model_uuid = options.model();
    else
        plan.model = options.model();
}

} // namespace

std::string Plan::path() const
{
    return target == Target::model ? "/model/" + model_uuid + "/api" : "/api";
}

void check_options(const ConnectOptions& options, Target target)
{
    check_limits(options);
    if (!options.model_uuid().empty() && !options.model().empty() && target == Target::model)
        fail("model and model_uuid are two ways to name the model; give one of them");
    if (target == Target::model && !options.model_uuid().empty() && !wire::is_uuid(options.model_uuid()))
        fail("model_uuid \"" + wire::printable(options.model_uuid()) +
             "\" not valid: give the model's UUID, as shown by \"juju show-model\"");
    check_login(options);
    if (!options.endpoints().empty())
        check_explicit(options, target);
    given_login(options);
    transport::check_ca_cert(options.ca_cert());
    if (options.proxy())
        transport::ProxyRule::always(options.proxy()->text());
}

Plan make_plan(const ConnectOptions& options, Target target, const store::Environment& environment)
{
    Plan plan;
    plan.target = target;
    plan.tls.ca_cert = options.ca_cert();
    plan.tls.public_dns_name = options.public_dns_name();
    plan.tls.skip_verification = options.insecure_skip_verification();
    if (options.proxy())
        plan.proxy = transport::ProxyRule::always(options.proxy()->text());
    else
        plan.proxy = transport::ProxyRule::from_environment([&](const char* name) { return environment.get(name); });
    if (options.endpoints().empty())
        use_store(plan, options, environment);
    else
        use_options(plan, options);
    return plan;
}

} // namespace juju::login
