// Contents: arguments, keys, values.

#include "bad_input.hpp"

namespace juju::test {
namespace {

BadInput argument(std::string text, errc code, std::string what)
{
    return {"argument " + text, code, std::move(what), [text](Called& c) {
                c.run(c.model.add_secret("db", SecretContent::from_arguments({"first=MARKER", text})));
            }};
}

/// A way to give a key; all of them keep one rule.
struct Entry {
    std::string name;
    std::function<SecretContent(std::string key)> content;
};

std::vector<Entry> entries()
{
    return {
        {"set", [](std::string key) { return SecretContent().set(key, "MARKER"); }},
        {"set_base64", [](std::string key) { return SecretContent().set_base64(key, "TUFSS0VS"); }},
        {"set_file", [](std::string key) { return SecretContent().set_file(key, "/dev/null"); }},
        {"argument", [](std::string key) { return SecretContent::from_arguments({key + "=MARKER"}); }},
        {"JSON", [](std::string key) { return SecretContent::from_yaml("{\"" + key + "\": \"MARKER\"}"); }},
        {"YAML", [](std::string key) { return SecretContent::from_yaml("first: MARKER\n\"" + key + "\": MARKER\n"); }},
    };
}

const std::string key_rule = " not valid: a key has three or more of a-z and 0-9, starts with a letter, and may have single dashes inside";

std::vector<BadInput> bad_keys()
{
    std::vector<BadInput> rows;
    for (const Entry& entry : entries()) {
        const auto add = [&](const std::string& key, const std::string& what) {
            rows.push_back({entry.name + " of key " + key, errc::invalid_key, what + key_rule,
                            [entry, key](Called& c) { c.run(c.model.add_secret("db", entry.content(key))); }});
        };
        for (const std::string key : {"a", "ab", "Token", "TOKEN", "1st", "-key", "key-", "two--dashes", "under_score", "a.dot"})
            add(key, "key \"" + key + '"');
        // What does not look like a key may be part of a value that lost its key.
        for (const std::string key : {"with space", "schl\xc3\xbcssel", "key ", "to/ken"})
            add(key, entry.name == "argument" ? "key at position 1" : "key \"" + key + '"');
    }
    return rows;
}

} // namespace

std::vector<BadInput> bad_contents()
{
    std::vector<BadInput> rows = bad_keys();
    for (const char* text : {"", "MARKER"})
        rows.push_back(argument(text, errc::invalid_key_value, "key value at position 2 not valid: write it as key=value"));
    for (const char* text : {"=", "=MARKER"})
        rows.push_back(argument(text, errc::invalid_key_value, "key value at position 2 not valid: there is no key before the ="));
    for (const char* text : {"token=", "token#base64=", "token#file=", "token#base64====="})
        rows.push_back(
            argument(text, errc::invalid_key_value,
                     "key value at position 2 not valid: write it as key=value; an empty value can be given by SecretContent::set "
                     "or in a file"));
    rows.push_back(argument("token#hex=MARKER", errc::invalid_key, "key \"token#hex\"" + key_rule));
    rows.push_back(argument("token#=MARKER", errc::invalid_key, "key \"token#\"" + key_rule));
    rows.push_back(argument("to#ken=MARKER", errc::invalid_key, "key \"to#ken\"" + key_rule));
    rows.push_back(argument("#base64=MARKER", errc::invalid_key, "key \"\"" + key_rule));
    rows.push_back(argument("#file=MARKER", errc::invalid_key, "key \"\"" + key_rule));
    for (const char* value :
         {"MARKER!!", "MARKERx", "TUFSS0VSCg", "TUFSS0VSCg=", "TUFSS0VS=", "TUFS S0VS", "TUFSS0VSCh==", "TUFSS0V_", "T\xc3\xbc=="})
        rows.push_back(argument(std::string("token#base64=") + value, errc::invalid_base64,
                                "base64 value for key \"token\" not valid: it takes the characters A-Z, a-z, 0-9, + and /, padding with = "
                                "to a multiple of four, and nothing else, line breaks included"));
    for (const char* suffix : {"#file", "#base64#file"})
        rows.push_back(argument("token" + std::string(suffix) + "=/nonexistent/file", errc::unreadable_file,
                                "reading content for secret key \"token\": open /nonexistent/file: No such file or directory"));
    const std::string empty = "secret \"db\": empty secret value not valid: give at least one key=value";
    rows.push_back({"an empty content", errc::empty_content, empty, [](Called& c) { c.run(c.model.add_secret("db", SecretContent())); }});
    rows.push_back({"an empty content to update", errc::empty_content, empty,
                    [](Called& c) { c.run(c.model.update_secret("db", SecretUpdate().data(SecretContent()))); }});
    rows.push_back(
        {"an empty content to ensure", errc::empty_content, empty, [](Called& c) { c.run(c.model.ensure_secret("db", SecretContent())); }});
    return rows;
}

} // namespace juju::test
