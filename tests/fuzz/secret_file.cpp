#include "fuzz/content.hpp"
#include "fuzz/fuzz.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

// Texts of secret files, JSON or YAML.

namespace {

using fuzz::require;
using juju::errc;
using juju::SecretContent;

/// What another parser makes of a JSON object of strings; null for anything else.
nlohmann::json reference(std::string_view text)
{
    auto json = nlohmann::json::parse(text, nullptr, false);
    const bool usable = json.is_object() && std::ranges::all_of(json, [](const auto& value) { return value.is_string(); });
    return usable ? json : nlohmann::json();
}

void check_against(const nlohmann::json& json, const SecretContent& content)
{
    require(json.size() >= content.size(), "each key is of the file");
    for (const auto& [key, value] : content) {
        const auto found = json.find(key);
        const bool both_spellings = json.contains(key + "#base64");
        require(found != json.end() || both_spellings, "each key is of the file");
        require(found == json.end() || both_spellings || found->get_ref<const std::string&>() == value.text(), "each value is the file's");
    }
}

} // namespace

void fuzz::run(std::string_view text)
{
    SecretContent content;
    const auto error = error_of([&] { content = SecretContent::from_yaml(text); });
    if (error) {
        const bool about_text = error->code() == errc::invalid_secret_file;
        require(about_text || error->code() == errc::invalid_key || error->code() == errc::invalid_base64 ||
                    error->code() == errc::content_too_large,
                "an unusable file is one of the documented errors");
        require(!about_text || std::string_view(error->what()).find(secret_word) == std::string_view::npos,
                "an error about the text holds nothing of it");
        return;
    }
    require(SecretContent::from_yaml(text) == content, "a file has one meaning");
    const auto json = reference(text);
    if (!json.is_null())
        check_against(json, content);
    check_content(content);
}
