#include "secrets/backend_codec.hpp"

#include "local_error.hpp"
#include "secrets/in_quotes.hpp"
#include "wire/item_error.hpp"
#include "wire/json.hpp"
#include "wire/json_reader.hpp"
#include "wire/server_errors.hpp"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace juju::detail {

/// The write access to SecretBackend that only its reader has.
struct SecretBackendData {
    static auto& id(SecretBackend& b) { return b.id_; }
    static auto& name(SecretBackend& b) { return b.name_; }
    static auto& type(SecretBackend& b) { return b.type_; }
    static auto& config(SecretBackend& b) { return b.config_; }
    static auto& token_rotate_interval(SecretBackend& b) { return b.token_rotate_interval_; }
    static auto& secret_count(SecretBackend& b) { return b.secret_count_; }
    static auto& status(SecretBackend& b) { return b.status_; }
    static auto& message(SecretBackend& b) { return b.message_; }
    static auto& error(SecretBackend& b) { return b.error_; }
};

} // namespace juju::detail

namespace juju::secrets {
namespace {

using detail::in_quotes;
using detail::local_error;
using detail::SecretBackendData;
using wire::fail_malformed;
using wire::for_each_element;
using wire::for_each_member;
using wire::Json;
using wire::read_string;
using wire::Value;

void check_name(std::string_view name, const std::string& what)
{
    if (name.empty())
        throw local_error(errc::invalid_name, what + " is empty");
    if (!simdjson::validate_utf8(name))
        throw local_error(errc::invalid_name, what + " is not valid UTF-8");
}

/// Juju 3.6 would answer with a garbled text, or even rename a backend to what it then refuses to touch.
void check_new_name(std::string_view name, const std::string& what)
{
    check_name(name, what);
    if (name == "internal" || name == "auto")
        throw local_error(errc::invalid_name, what + " is " + in_quotes(name) + ", which Juju reserves");
}

/// Juju 4.0 refuses the controller's own backend by name, since it is what "auto" means; so it is refused for 3.6.
void check_model_backend(std::string_view name)
{
    check_name(name, "the name of the secret backend");
    if (name == "internal")
        throw local_error(errc::invalid_name, "the controller's own secret backend is chosen with \"auto\", not with \"internal\"");
}

void check_text(std::string_view text, const std::string& what)
{
    if (!simdjson::validate_utf8(text))
        throw local_error(errc::invalid_argument, what + " is not valid UTF-8");
}

std::string backend(std::string_view name)
{
    return "secret backend " + in_quotes(name);
}

void check_interval(std::chrono::nanoseconds interval, std::chrono::nanoseconds least, const std::string& subject)
{
    if (interval < least)
        throw local_error(errc::invalid_argument,
                          subject + ": token_rotate_interval " + std::to_string(interval.count()) + " ns not valid: give 1 h or more");
}

/// Adds a member to the text of a JSON object; its value is JSON text already.
void append_member(WipingString& object, std::string_view name, std::string_view json)
{
    object.pop_back();
    if (object.size() > 1)
        object += ',';
    object += wire::dump(Json(WipingString(name)));
    object += ':';
    object += json;
    object += '}';
}

WipingString encode_config(const SecretBackendConfig& config, const std::string& subject)
{
    Json texts = Json::object();
    for (const auto& [name, value] : config.texts()) {
        check_text(name, subject + ": the name of setting " + in_quotes(name));
        check_text(value.text(), subject + ": the value of setting " + in_quotes(name));
        texts[WipingString(name)] = value.text();
    }
    WipingString result = wire::dump(texts);
    for (const auto& [name, value] : config.json()) {
        check_text(name, subject + ": the name of setting " + in_quotes(name));
        append_member(result, name, value.text());
    }
    return result;
}

/// The parameters of a request on one item.
WipingString one_item(const WipingString& item)
{
    WipingString params;
    params.reserve(item.size() + 16);
    params += R"({"args":[)";
    params += item;
    params += "]}";
    return params;
}

/// A setting's JSON text. Only a look at it: nothing is copied.
std::string_view raw_text(Value value)
{
    std::string_view text = value.raw_json_token();
    const auto type = value.type().value();
    if (type == simdjson::ondemand::json_type::object)
        text = wire::Object(value.get_object()).raw_json();
    else if (type == simdjson::ondemand::json_type::array)
        text = simdjson::ondemand::array(value.get_array()).raw_json();
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

class BackendReader {
public:
    BackendReader(wire::Reply& reply, const std::string& request) : parsed_(reply.parsed()), request_(request) {}

    SecretBackend read(Value value)
    {
        SecretBackend backend;
        for_each_member(value, "secret backend", [&](std::string_view key, Value member) {
            if (key == "result")
                read_result(backend, member);
            else if (key == "id")
                SecretBackendData::id(backend) = read_string(member, "id");
            else if (key == "num-secrets")
                SecretBackendData::secret_count(backend) = wire::read_count(member, "num-secrets");
            else if (key == "status")
                SecretBackendData::status(backend) = read_string(member, "status");
            else if (key == "message")
                SecretBackendData::message(backend) = read_string(member, "message");
            else if (key == "error")
                SecretBackendData::error(backend) = wire::read_item_error(member, request_);
        });
        return backend;
    }

private:
    void read_result(SecretBackend& backend, Value value)
    {
        for_each_member(value, "result", [&](std::string_view key, Value member) {
            if (key == "name")
                SecretBackendData::name(backend) = read_string(member, "name");
            else if (key == "backend-type")
                SecretBackendData::type(backend) = read_string(member, "backend-type");
            else if (key == "token-rotate-interval")
                read_interval(backend, member);
            else if (key == "config")
                read_config(SecretBackendData::config(backend), member);
        });
    }

    /// Juju 3.6 leaves out what 4.0 gives as 0.
    static void read_interval(SecretBackend& backend, Value value)
    {
        if (const auto nanoseconds = wire::read_integer(value, "token-rotate-interval"); nanoseconds != 0)
            SecretBackendData::token_rotate_interval(backend) = std::chrono::nanoseconds(nanoseconds);
    }

    void read_config(SecretBackendConfig& config, Value value)
    {
        WipingString scratch;
        for_each_member(value, "config", [&](std::string_view key, Value member) {
            std::string name(key);
            if (member.type().value() == simdjson::ondemand::json_type::string)
                config.set(std::move(name), wire::read_secret_string(parsed_, member, scratch, "config"));
            else
                set_json(config, std::move(name), raw_text(member));
        });
    }

    static void set_json(SecretBackendConfig& config, std::string name, std::string_view text)
    {
        try {
            config.set_json(std::move(name), text);
        } catch (const Error&) {
            fail_malformed("config is not valid JSON");
        }
    }

    wire::Reply::Parsed& parsed_;
    const std::string& request_;
};

} // namespace

WipingString encode_add_backend(const SecretBackendDraft& draft)
{
    check_new_name(draft.name(), "the name of the secret backend");
    const std::string subject = backend(draft.name());
    check_text(draft.type(), subject + ": the type");
    check_text(draft.id(), subject + ": the id");
    Json item = Json::object();
    item["name"] = draft.name();
    item["backend-type"] = draft.type();
    if (const auto& interval = draft.token_rotate_interval()) {
        check_interval(*interval, std::chrono::nanoseconds(1), subject);
        item["token-rotate-interval"] = interval->count();
    }
    if (!draft.id().empty())
        item["id"] = draft.id();
    WipingString text = wire::dump(item);
    append_member(text, "config", encode_config(draft.config(), subject));
    return one_item(text);
}

WipingString encode_update_backend(const std::string& name, const SecretBackendUpdate& update)
{
    check_name(name, "the name of the secret backend");
    const std::string subject = backend(name);
    if (!update.new_name() && !update.token_rotate_interval() && update.config().empty() && update.reset().empty())
        throw local_error(errc::nothing_to_update, subject + ": at least one attribute to update must be specified: new_name, "
                                                             "token_rotate_interval, config or reset");
    Json item = Json::object();
    item["name"] = name;
    if (const auto& new_name = update.new_name()) {
        check_new_name(*new_name, "the new name of " + subject);
        item["name-change"] = *new_name;
    }
    if (const auto& interval = update.token_rotate_interval()) {
        check_interval(*interval, std::chrono::nanoseconds(0), subject);
        item["token-rotate-interval"] = interval->count();
    }
    for (const auto& setting : update.reset()) {
        check_text(setting, subject + ": the name of setting " + in_quotes(setting));
        item["reset"].push_back(setting);
    }
    if (update.force())
        item["force"] = true;
    WipingString text = wire::dump(item);
    if (!update.config().empty())
        append_member(text, "config", encode_config(update.config(), subject));
    return one_item(text);
}

WipingString encode_remove_backend(const std::string& name, bool force)
{
    check_name(name, "the name of the secret backend");
    Json item = Json::object();
    item["name"] = name;
    if (force)
        item["force"] = true;
    return one_item(wire::dump(item));
}

WipingString encode_list_backends(const SecretBackendFilter& filter)
{
    Json params = Json::object();
    for (const auto& name : filter.names()) {
        check_name(name, "a name in the filter");
        params["names"].push_back(name);
    }
    params["reveal"] = filter.reveal();
    return wire::dump(params);
}

std::vector<SecretBackend> decode_backends(wire::Reply& reply, const std::string& request)
{
    wire::throw_if_refused(reply, request);
    std::vector<SecretBackend> backends;
    BackendReader reader(reply, request);
    bool found = false;
    wire::for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key != "results")
            return;
        found = true;
        for_each_element(value, "results", [&](Value element) { backends.push_back(reader.read(element)); });
    });
    if (!found)
        fail_malformed("the response has no results");
    std::ranges::sort(
        backends, [](const SecretBackend& a, const SecretBackend& b) { return std::tie(a.name(), a.id()) < std::tie(b.name(), b.id()); });
    return backends;
}

WipingString encode_model_backend(const std::string& name)
{
    check_model_backend(name);
    Json params = Json::object();
    params["secret-backend-name"] = name;
    return wire::dump(params);
}

WipingString encode_model_config_backend(const std::string& name)
{
    check_model_backend(name);
    Json params = Json::object();
    params["config"]["secret-backend"] = name;
    return wire::dump(params);
}

std::string decode_model_backend(wire::Reply& reply, const std::string& request)
{
    wire::throw_if_refused(reply, request);
    std::string name;
    std::optional<Error> error;
    wire::for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key == "result")
            name = read_string(value, "result");
        else if (key == "error")
            error = wire::read_item_error(value, request);
    });
    if (error)
        throw *error;
    if (name.empty())
        fail_malformed("result is empty");
    return name;
}

std::string decode_model_config_backend(wire::Reply& reply, const std::string& request)
{
    wire::throw_if_refused(reply, request);
    std::string name;
    const auto read_attribute = [&](std::string_view key, Value value) {
        if (key == "value")
            name = read_string(value, "secret-backend");
    };
    const auto read_config = [&](std::string_view key, Value value) {
        if (key == "secret-backend")
            for_each_member(value, "secret-backend", read_attribute);
    };
    wire::for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key == "config")
            for_each_member(value, "config", read_config);
    });
    if (name.empty())
        fail_malformed("the model's configuration has no secret-backend");
    return name;
}

void decode_done(wire::Reply& reply, const std::string& request)
{
    wire::throw_if_refused(reply, request);
    std::optional<Error> error;
    wire::for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key == "error")
            error = wire::read_item_error(value, request);
    });
    if (error)
        throw *error;
}

} // namespace juju::secrets
