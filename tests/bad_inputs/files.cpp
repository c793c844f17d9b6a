// Files of secrets, and their texts.

#include "bad_input.hpp"

namespace juju::test {
namespace {

const std::string quotes_advice = "; put a value that holds \": \", \" #\" or starts with a special character in quotes";
const std::string shape_advice = "\na secret file maps keys to single values, one key: value a line";

BadInput text(std::string name, std::string yaml, errc code, std::string what)
{
    return {"text with " + name, code, std::move(what),
            [yaml](Called& c) { c.run(c.model.add_secret("db", SecretContent::from_yaml(yaml))); }};
}

BadInput file(std::string path, errc code, std::string what)
{
    return {"file " + path, code, std::move(what), [path](Called& c) { c.run(c.model.add_secret("db", SecretContent::from_file(path))); }};
}

} // namespace

std::vector<BadInput> bad_files()
{
    const errc broken = errc::invalid_secret_file;
    return {
        text("a list", "- MARKER\n", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into secrets.SecretData" + shape_advice),
        text("a scalar", "MARKER\n", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str into secrets.SecretData" + shape_advice),
        text("a JSON list", "[\"MARKER\"]", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into secrets.SecretData" + shape_advice),
        text("a JSON string", "\"MARKER\"", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str into secrets.SecretData" + shape_advice),
        text("a number", "5\n", broken, "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str into secrets.SecretData" + shape_advice),
        text("a nested mapping", "token:\n  inner: MARKER\n", broken,
             "yaml: unmarshal errors:\n  line 2: cannot unmarshal !!map into string" + shape_advice),
        text("a nested list", "token: [MARKER]\n", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string" + shape_advice),
        text("a nested JSON object", R"({"token":{"inner":"MARKER"}})", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string" + shape_advice),
        text("a nested JSON list", R"({"token":["MARKER"]})", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string" + shape_advice),
        text("an open quote", "token: \"MARKER\n", broken,
             "yaml: line 2: found unexpected end of stream in a quoted value" + quotes_advice),
        text("an open single quote", "token: 'MARKER\n", broken,
             "yaml: line 2: found unexpected end of stream in a quoted value" + quotes_advice),
        text("an open bracket", "token: [MARKER\n", broken, "yaml: line 2: end of sequence flow not found" + quotes_advice),
        text("an open brace", "{token: MARKER\n", broken, "yaml: line 2: end of map flow not found" + quotes_advice),
        text("an open JSON string", R"({"token":"MARKER)", broken,
             "yaml: line 2: found unexpected end of stream in a quoted value" + quotes_advice),
        text("two closing braces", R"({"token":"MARKER"}})", broken, "yaml: line 1: illegal flow end" + quotes_advice),
        text("a tab as indent", "token:\n\tinner: MARKER\n", broken, "yaml: line 2: illegal map value" + quotes_advice),
        text("a bad indent", "token: MARKER\n  other: MARKER\n", broken, "yaml: line 2: illegal map value" + quotes_advice),
        text("an unknown anchor", "token: *MARKER\n", broken, "yaml: line 1: the referenced anchor is not defined" + quotes_advice),
        text("an alias of a mapping", "first: &MARKER\n  inner: value\nsecond: *MARKER\n", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string\n  line 1: cannot unmarshal !!map into string" +
                 shape_advice),
        text("a bad escape", "token: \"\\MARKER\"\n", broken, "yaml: line 1: unknown escape character" + quotes_advice),
        text("bytes that are not UTF-8", "token: MARKER\xff\n", broken,
             "yaml: line 1: the text is not UTF-8; other bytes go into a value as !!binary, or as base64 under a key that ends in #base64"),
        text("a control character", "token: MARKER\x01\n", broken,
             "yaml: line 1: control characters are not allowed; in double quotes they can be written as \\x01"),
        text("a zero byte", std::string("token: MARKER\0\n", 15), broken,
             "yaml: line 1: control characters are not allowed; in double quotes they can be written as \\x01"),
        text("a colon in a plain value", "token: MARKER: MARKER\n", broken, "yaml: line 1: illegal map value" + quotes_advice),
        text("a bad !!binary", "token: !!binary MARKER!!\n", broken, "yaml: line 1: !!binary value contains invalid base64 data"),
        text("a bad value of #base64", "token#base64: MARKER!!\n", errc::invalid_base64,
             "base64 value for key \"token\" not valid: it takes the characters A-Z, a-z, 0-9, + and /, padding with = to a multiple of "
             "four, and nothing else, line breaks included"),
        text("a sequence as key", "[MARKER]: value\n", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into string" + shape_advice),
        text("a mapping as key", "{MARKER: a}: value\n", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string" + shape_advice),
        text("an empty key", "\"\": MARKER\n", errc::invalid_key,
             "key \"\" not valid: a key has three or more of a-z and 0-9, starts with a letter, and may have single dashes inside"),
        text("a number as key", "5: MARKER\n", errc::invalid_key,
             "key \"5\" not valid: a key has three or more of a-z and 0-9, starts with a letter, and may have single dashes inside"),
        text("a merge key", "base: &b {token: MARKER}\n<<: *b\n", broken,
             "yaml: unmarshal errors:\n  line 1: cannot unmarshal !!map into string" + shape_advice),
        text("nothing", "", errc::empty_content, "secret \"db\": empty secret value not valid: give at least one key=value"),
        text("only a comment", "# MARKER\n", errc::empty_content,
             "secret \"db\": empty secret value not valid: give at least one key=value"),
        text("an empty mapping", "{}", errc::empty_content, "secret \"db\": empty secret value not valid: give at least one key=value"),
        text("null", "null\n", errc::empty_content, "secret \"db\": empty secret value not valid: give at least one key=value"),
        file("/nonexistent/secret.yaml", errc::unreadable_file, "open /nonexistent/secret.yaml: No such file or directory"),
        file("", errc::unreadable_file, "open : No such file or directory"),
        file("/", errc::unreadable_file, "read /: Is a directory"),
        file("/nonexistent\n/secret.yaml", errc::unreadable_file, "open /nonexistent\\n/secret.yaml: No such file or directory"),
        file("~nosuchuser/secret.yaml", errc::unreadable_file, "no such user: unknown user \"nosuchuser\""),
        file("/dev/null/secret.yaml", errc::unreadable_file, "open /dev/null/secret.yaml: Not a directory"),
        file("/dev/zero", errc::content_too_large,
             "secret content in file \"/dev/zero\" too large: more than 1000000 bytes; the limit is 1000000"),
        {"file of an update", errc::unreadable_file, "open /nonexistent/secret.yaml: No such file or directory",
         [](Called& c) { c.run(c.model.update_secret("db", SecretUpdate().file("/nonexistent/secret.yaml"))); }},
    };
}

} // namespace juju::test
