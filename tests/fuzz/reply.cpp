#include "wire/reply.hpp"
#include "fuzz/fuzz.hpp"
#include "secrets/backend_codec.hpp"
#include "secrets/secrets_codec.hpp"
#include "wire/item_error.hpp"
#include "wire/json.hpp"
#include "wire/json_reader.hpp"

#include <juju/secret_uri.hpp>

#include <cstddef>
#include <string>
#include <vector>

// Messages from a controller, through the envelope and every decoder of results.

namespace {

using fuzz::require;
using juju::wire::Json;
using juju::wire::Reply;

const std::string request_name = "Test.Ask";

Reply read(std::string_view message)
{
    return Reply(juju::WipingString(message));
}

/// Another parser's opinion of the message; discarded when it is no JSON, or has a member twice, where the two differ.
Json reference(std::string_view message)
{
    std::vector<std::vector<juju::WipingString>> open;
    bool repeated = false;
    const auto watch = [&](int, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start)
            open.emplace_back();
        else if (event == Json::parse_event_t::object_end)
            open.pop_back();
        else if (event == Json::parse_event_t::key) {
            for (const auto& key : open.back())
                repeated = repeated || key == value.get_ref<const juju::WipingString&>();
            open.back().push_back(value.get_ref<const juju::WipingString&>());
        }
        return true;
    };
    const bool readable = !juju::wire::parse_json(message).is_discarded();
    Json json = readable ? Json::parse(message, watch, false) : Json();
    return repeated || !readable ? Json(Json::value_t::discarded) : json;
}

/// Null and a missing member are the same.
bool is_text_or_null(const Json& object, const char* name)
{
    const auto found = object.find(name);
    return found == object.end() || found->is_null() || found->is_string();
}

bool is_object_or_null(const Json& object, const char* name)
{
    const auto found = object.find(name);
    return found == object.end() || found->is_null() || found->is_object();
}

/// Whether an envelope is what the protocol notes say.
bool is_envelope(const Json& json)
{
    if (!json.is_object())
        return false;
    const auto id = json.find("request-id");
    return id != json.end() && id->is_number_unsigned() && *id != 0U && is_text_or_null(json, "error") &&
           is_text_or_null(json, "error-code") && is_object_or_null(json, "error-info");
}

void check_envelope(std::string_view message, const Json& json, bool accepted)
{
    if (json.is_discarded())
        return;
    require(is_envelope(json) == accepted, "a reply is read if and only if it is JSON of an envelope's shape");
    if (!accepted)
        return;
    Reply reply = read(message);
    require(json["request-id"] == reply.request_id(), "the request id is the one in the message");
    const auto error = json.find("error");
    require((error != json.end() && error->is_string() ? error->get<std::string>() : "") == reply.error(), "the error is the message's");
    if (!is_object_or_null(json, "response"))
        return;
    const auto response = json.find("response");
    const Json expected = response == json.end() || response->is_null() ? Json::object() : *response;
    require(Json::parse(juju::wire::response_text(reply)) == expected, "the response's text is the message's");
}

void check_secrets(const std::vector<juju::Secret>& secrets)
{
    for (const auto& secret : secrets) {
        require(!secret.uri().empty(), "a listed secret has a URI");
        require(!(secret.has_content() && secret.content_error()), "a secret has a content or an error");
        int previous = 0;
        for (const auto& revision : secret.revisions()) {
            require(revision.number() >= previous, "revisions are in order");
            previous = revision.number();
        }
        if (!secret.has_content())
            continue;
        for (const auto& [key, value] : secret.content()) {
            const auto stored = value.base64();
            require(juju::SecretValue::from_stored_base64(stored.text()) == value, "a value is kept as it was stored");
        }
        require(secret.content().checksum().size() == 64, "a checksum is a SHA-256 in hex");
    }
}

/// Compares revealed values, which are read past the parser's own strings.
void check_values(const Json& json, const std::vector<juju::Secret>& secrets)
{
    if (json.is_discarded())
        return;
    const Json& results = json["response"]["results"];
    require(results.size() == secrets.size(), "each result is a secret");
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        if (!secrets[i].has_content() || secrets[i].content().empty())
            continue;
        const Json& data = results[i]["value"]["data"];
        require(data.size() == secrets[i].content().size(), "each member of the data is a value");
        for (const auto& [key, value] : secrets[i].content()) {
            const Json& stored = data[juju::WipingString(key)];
            require(stored.is_null() ? value.empty() : stored == Json(value.base64().text()), "a value is the message's");
        }
    }
}

/// Runs one decoder on a message whose envelope can be read.
template <class Decode>
void run_decoder(std::string_view message, Decode decode)
{
    const auto error = fuzz::error_of([&] {
        Reply reply = read(message);
        juju::wire::first_refusal(reply); // what is told to an observer, before
        decode(reply);
    });
    const bool in_own_words = error && error->server_message().empty() && error->server_code().empty();
    require(!in_own_words || std::string_view(error->what()).find(fuzz::secret_word) == std::string_view::npos,
            "an error in the library's own words holds nothing of the message");
}

} // namespace

void fuzz::run(std::string_view message)
{
    const Json json = reference(message);
    const bool accepted = !discreet_error_of([&] { read(message); });
    check_envelope(message, json, accepted);
    if (!accepted)
        return;
    run_decoder(message, [&](Reply& reply) {
        const auto secrets = juju::secrets::decode_list(reply, request_name);
        check_secrets(secrets);
        check_values(json, secrets);
    });
    run_decoder(message, [](Reply& reply) { juju::secrets::decode_backends(reply, request_name); });
    run_decoder(message, [](Reply& reply) { require(!juju::secrets::decode_model_backend(reply, request_name).empty(), "a name"); });
    run_decoder(message, [](Reply& reply) { require(!juju::secrets::decode_model_config_backend(reply, request_name).empty(), "a name"); });
    run_decoder(message, [](Reply& reply) { juju::secrets::decode_done(reply, request_name); });
    run_decoder(message, [](Reply& reply) { juju::wire::response_text(reply); });
    for (std::size_t count = 0; count < 4; ++count) {
        const std::vector<std::string> subjects(count, "subject");
        run_decoder(message, [&](Reply& reply) {
            require(juju::secrets::decode_create(reply, request_name, subjects).size() == count, "an outcome for each item");
        });
        run_decoder(message, [&](Reply& reply) {
            require(juju::secrets::decode_results(reply, request_name, subjects).size() == count, "an outcome for each item");
        });
    }
}
