#include "differential/unusable.hpp"

#include <algorithm>
#include <regex>

namespace juju::differential {
namespace {

/// The pools have no other text that is not UTF-8.
bool is_utf8(std::string_view text)
{
    return text.find('\xff') == std::string_view::npos;
}

bool is_owner(const std::string& tag)
{
    static const std::regex pattern(
        "model-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|application-[a-z][a-z0-9-]*|unit-[a-z][a-z0-9-]*-[0-9]+");
    return std::regex_match(tag, pattern);
}

} // namespace

std::optional<errc> unusable(const Subject& subject)
{
    if (subject.has_name())
        return subject.name.empty() || !is_utf8(subject.name) ? std::optional(errc::invalid_name) : std::nullopt; // SecretRef
    return subject.id.empty() ? std::optional(errc::invalid_uri) : std::nullopt;                                  // SecretRef
}

std::optional<errc> unusable(const Draft& draft)
{
    if (draft.bytes.empty())
        return errc::empty_content; // Model::add_secret
    if (!is_utf8(draft.name) || !is_utf8(draft.info))
        return errc::invalid_name; // errc::invalid_name
    return std::nullopt;
}

std::optional<errc> unusable(const Change& change)
{
    if (change.new_name && (change.new_name->empty() || !is_utf8(*change.new_name)))
        return errc::invalid_name; // SecretUpdate::new_name, errc::invalid_name
    if (change.info && !is_utf8(*change.info))
        return errc::invalid_name;
    if (change.data && change.data->empty())
        return errc::empty_content; // SecretUpdate::data
    if (!change.new_name && !change.clear_name && !change.info && !change.clear_info && !change.auto_prune && !change.data)
        return errc::nothing_to_update; // Model::update_secret
    return std::nullopt;
}

std::optional<errc> unusable_revision(const std::optional<int>& revision)
{
    return revision && *revision < 1 ? std::optional(errc::invalid_revision) : std::nullopt; // Model::remove_secret, reveal_secret
}

std::optional<errc> unusable(const Removal& removal)
{
    if (const auto error = unusable(removal.subject))
        return error;
    if (!removal.revisions)
        return std::nullopt;
    const bool bad = removal.revisions->empty() || std::ranges::any_of(*removal.revisions, [](int revision) { return revision < 1; });
    return bad ? std::optional(errc::invalid_revision) : std::nullopt; // SecretRemoval
}

std::optional<errc> unusable(const ListSecrets& filter)
{
    if (filter.uri) {
        if (const auto error = unusable(*filter.uri))
            return error;
    }
    if (filter.name && !is_utf8(*filter.name))
        return errc::invalid_name;
    if (filter.owner && !is_owner(*filter.owner))
        return errc::invalid_owner; // Model::list_secrets, as the next two
    if (const auto error = unusable_revision(filter.revision))
        return error;
    if (filter.revision && !filter.uri && !filter.name)
        return errc::invalid_argument;
    return std::nullopt;
}

std::optional<errc> unusable_applications(const std::vector<std::string>& names)
{
    if (names.empty())
        return errc::no_applications; // Model::grant_secret
    static const std::regex pattern("[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*");
    const bool valid = std::ranges::all_of(names, [](const std::string& name) { return std::regex_match(name, pattern); });
    return valid ? std::nullopt : std::optional(errc::invalid_argument); // errc::invalid_argument
}

} // namespace juju::differential
