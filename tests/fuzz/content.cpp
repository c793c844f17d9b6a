#include "fuzz/content.hpp"

#include "fuzz/fuzz.hpp"

#include <regex>
#include <string>
#include <vector>

namespace fuzz {

void check_content(const juju::SecretContent& content)
{
    static const std::regex key_rule("[a-z](-?[a-z0-9]){2,}");
    juju::SecretContent by_member;
    std::vector<std::string> arguments;
    std::string json = "{";
    std::string yaml;
    for (const auto& [key, value] : content) {
        const auto base64 = value.base64();
        const std::string text(base64.text());
        require(key.size() > 1000 || std::regex_match(key, key_rule), "a key follows the rule");
        require(juju::SecretValue::from_base64(text) == value, "base64 stands for the same bytes");
        by_member.set(key, value.text());
        if (!value.empty()) // which no argument can say
            arguments.push_back(key + "#base64=" + text);
        json += (json.size() > 1 ? ",\"" : "\"") + key + "#base64\":\"" + text + '"';
        yaml += "? \"" + key + "\"\n: !!binary \"" + text + "\"\n"; // without the question mark, keys may have 1024 characters
    }
    json += '}';
    require(by_member == content, "set gives the same content");
    require(juju::SecretContent::from_yaml(json) == content, "JSON gives the same content");
    require(content.empty() || juju::SecretContent::from_yaml(yaml) == content, "YAML gives the same content");
    auto by_argument = juju::SecretContent::from_arguments(arguments);
    by_argument.merge(content);
    require(by_argument == content, "arguments give the same content");
    require(by_member.checksum() == content.checksum() && content.checksum().size() == 64, "equal contents have equal checksums");
}

} // namespace fuzz
