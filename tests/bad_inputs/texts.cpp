// Names and descriptions: texts that are empty where there must be one, or not UTF-8.

#include "bad_input.hpp"

namespace juju::test {
namespace {

/// A place for a text.
struct Place {
    std::string name;
    std::string no_utf8; ///< the error's text for one that is no UTF-8; `%` stands for the text itself, escaped
    std::string empty;   ///< for an empty text; empty where it may be
    std::function<void(Called&, std::string)> call;
};

const std::string ref_no_utf8 = "secret name \"%\" not valid: it is not UTF-8";
const std::string ref_empty = "a secret needs a name or URI";
const std::string name_no_utf8 = "the name of the secret is not valid UTF-8";
const std::string info_no_utf8 = "the description of secret \"db\" is not valid UTF-8";

std::vector<Place> places()
{
    return {
        {"add: name", name_no_utf8, "",
         [](Called& c, std::string text) { c.run(c.model.add_secret(text, SecretContent("token=MARKER"))); }},
        {"add: info", info_no_utf8, "",
         [](Called& c, std::string text) { c.run(c.model.add_secret("db", SecretContent("token=MARKER"), text)); }},
        {"get", ref_no_utf8, ref_empty, [](Called& c, std::string text) { c.run(c.model.get_secret(text)); }},
        {"by_name", ref_no_utf8, ref_empty, [](Called& c, std::string text) { c.run(c.model.get_secret(SecretRef::by_name(text))); }},
        {"reveal", ref_no_utf8, ref_empty, [](Called& c, std::string text) { c.run(c.model.reveal_secret(text)); }},
        {"list: name", "the name in the filter is not valid UTF-8", "",
         [](Called& c, std::string text) { c.run(c.model.list_secrets(SecretFilter().name(text))); }},
        {"update: secret", ref_no_utf8, ref_empty,
         [](Called& c, std::string text) { c.run(c.model.update_secret(text, SecretUpdate().info("new"))); }},
        {"update: new name", "the new name of secret \"db\" is not valid UTF-8", "new_name: an empty name; to take it away use clear_name",
         [](Called& c, std::string text) { c.run(c.model.update_secret("db", SecretUpdate().new_name(text))); }},
        {"update: info", info_no_utf8, "",
         [](Called& c, std::string text) { c.run(c.model.update_secret("db", SecretUpdate().info(text))); }},
        {"grant", ref_no_utf8, ref_empty, [](Called& c, std::string text) { c.run(c.model.grant_secret(text, "mysql")); }},
        {"revoke", ref_no_utf8, ref_empty, [](Called& c, std::string text) { c.run(c.model.revoke_secret(text, "mysql")); }},
        {"remove", ref_no_utf8, ref_empty, [](Called& c, std::string text) { c.run(c.model.remove_secret(text)); }},
        {"ensure: name", name_no_utf8, "a secret without a name cannot be found again: give a name",
         [](Called& c, std::string text) { c.run(c.model.ensure_secret(text, SecretContent("token=MARKER"))); }},
        {"ensure: info", info_no_utf8, "",
         [](Called& c, std::string text) {
             c.run(c.model.ensure_secret("db", SecretContent("token=MARKER"), EnsureOptions().info(text)));
         }},
        {"matches", ref_no_utf8, ref_empty,
         [](Called& c, std::string text) { c.run(c.model.secret_matches(text, SecretContent("token=MARKER"))); }},
        {"bulk: create", "item 1: " + name_no_utf8, "",
         [](Called& c, std::string text) {
             c.run(c.model.secrets_manager().create(
                 {SecretDraft("one", SecretContent("token=MARKER")), SecretDraft(text, SecretContent("token=MARKER"))}));
         }},
        {"backend of the model", "the name of the secret backend is not valid UTF-8", "the name of the secret backend is empty",
         [](Called& c, std::string text) { c.run(c.model.set_secret_backend(text)); }},
    };
}

/// A text that is no UTF-8, and how messages write it.
struct Text {
    std::string bytes;
    std::string escaped;
};

std::vector<Text> texts()
{
    return {
        {"\xff", R"(\xff)"},
        {"caf\xe9", R"(caf\xe9)"},
        {"\xc0\xaf", R"(\xc0\xaf)"},
        {"\xed\xa0\x80", R"(\xed\xa0\x80)"},
        {"a\xf5\x80\x80\x80", R"(a\xf5\x80\x80\x80)"},
    };
}

} // namespace

std::vector<BadInput> bad_texts()
{
    std::vector<BadInput> rows;
    for (const Place& place : places()) {
        for (const Text& text : texts()) {
            std::string what = place.no_utf8;
            if (const auto at = what.find('%'); at != std::string::npos)
                what.replace(at, 1, text.escaped);
            rows.push_back({place.name + ' ' + text.escaped, errc::invalid_name, what, [=](Called& c) { place.call(c, text.bytes); }});
        }
        if (!place.empty.empty())
            rows.push_back({place.name + " without text", errc::invalid_name, place.empty, [=](Called& c) { place.call(c, ""); }});
    }
    return rows;
}

} // namespace juju::test
