#include "fuzz/content.hpp"
#include "fuzz/fuzz.hpp"

#include <map>
#include <string>
#include <vector>

// Lines of text as arguments like those of `juju add-secret`. Arguments that name files are left out: they are the user's own.

namespace {

using fuzz::require;
using juju::SecretContent;

std::vector<std::string> arguments_of(std::string_view input)
{
    std::vector<std::string> arguments;
    while (!input.empty()) {
        const auto end = std::min(input.find('\n'), input.size());
        const auto argument = input.substr(0, end);
        if (argument.substr(0, argument.find('=')).find("#file") == std::string_view::npos)
            arguments.emplace_back(argument);
        input.remove_prefix(std::min(end + 1, input.size()));
    }
    return arguments;
}

/// What the arguments mean, provided that all of them are usable.
std::map<std::string, juju::SecretValue> meaning(const std::vector<std::string>& arguments)
{
    std::map<std::string, juju::SecretValue> values;
    for (const auto& argument : arguments) {
        const auto separator = argument.find('=');
        const std::string_view value = std::string_view(argument).substr(separator + 1);
        std::string key = argument.substr(0, separator);
        const auto suffix = key.find("#base64");
        const bool is_base64 = suffix != std::string::npos;
        key.resize(is_base64 ? suffix : key.size());
        values.insert_or_assign(key, is_base64 ? juju::SecretValue::from_base64(value) : juju::SecretValue(value));
    }
    return values;
}

} // namespace

void fuzz::run(std::string_view input)
{
    const auto arguments = arguments_of(input);
    SecretContent content;
    const auto error = error_of([&] { content = SecretContent::from_arguments(arguments); });
    if (error) {
        const std::string_view text = error->what();
        for (const auto& argument : arguments) {
            const auto separator = argument.find('=');
            const bool in_key = argument.substr(0, separator).find(secret_word) != std::string::npos;
            if (in_key)
                return;
        }
        require(text.find(secret_word) == std::string_view::npos, "an error's text holds nothing of a value");
        return;
    }
    const auto expected = meaning(arguments);
    require(content.size() == expected.size(), "each key of the arguments is there");
    for (const auto& [key, value] : expected)
        require(content.at(key) == value, "the last value of a key counts, byte for byte");
    check_content(content);
}
