#include "differential/view.hpp"

#include <algorithm>

namespace juju::differential {
namespace {

std::string text_of(Time time)
{
    return std::to_string(time.time_since_epoch().count());
}

std::string text_of(const std::optional<Time>& time)
{
    return time ? text_of(*time) : "none";
}

std::string text_of(const std::optional<boost::system::error_code>& error)
{
    return error ? std::string(error->category().name()) + ":" + std::to_string(error->value()) + " (" + error->message() + ")" : "ok";
}

std::string text_of(Outcome outcome)
{
    switch (outcome) {
    case Outcome::not_sent: return "not sent";
    case Outcome::rejected: return "rejected";
    case Outcome::unknown: break;
    }
    return "unknown";
}

std::string text_of(const SecretView& secret)
{
    std::string text = "  " + secret.uri + " name \"" + secret.name + "\" label \"" + secret.label + "\" info \"" + secret.info +
                       "\" owner " + secret.owner + (secret.is_user_secret ? " (user)" : " (charm)") + " latest " +
                       std::to_string(secret.latest_revision) + " checksum " + secret.checksum + " policy " + secret.rotate_policy +
                       " rotates " + text_of(secret.next_rotate_time) + " expires " + text_of(secret.latest_expire_time) + " created " +
                       text_of(secret.create_time) + " updated " + text_of(secret.update_time);
    for (const auto& revision : secret.revisions)
        text += "\n    revision " + std::to_string(revision.number) + " in " + revision.backend + " created " +
                text_of(revision.create_time) + " updated " + text_of(revision.update_time) + " expires " + text_of(revision.expire_time);
    for (const auto& access : secret.access)
        text += "\n    access " + access.target + " (" + access.application + ") in " + access.scope + " as " + access.role;
    if (secret.content) {
        text += "\n    content";
        for (const auto& [key, value] : *secret.content)
            text += " " + key + "=" + value;
    }
    if (secret.content_error)
        text += "\n    content error " + text_of(secret.content_error);
    return text + "\n";
}

std::string text_of(const std::vector<SecretView>& secrets)
{
    std::string text;
    for (const auto& secret : secrets)
        text += text_of(secret);
    return text;
}

std::string text_of(const Result& result)
{
    std::string text = "  " + text_of(result.error);
    if (result.error)
        text += ", " + text_of(result.outcome);
    text += "\n";
    for (const auto& item : result.items)
        text += "  item \"" + item.subject + "\": " + text_of(item.error) + "\n";
    for (const auto& secret : result.secrets)
        text += text_of(secret);
    return text;
}

/// Leaves what only one side has. Where that is nothing, the order differs, and all stays.
void drop_common(std::vector<SecretView>& expected, std::vector<SecretView>& got)
{
    const auto all_expected = expected;
    const auto all_got = got;
    std::erase_if(expected, [&](const SecretView& secret) { return std::ranges::count(all_got, secret) != 0; });
    std::erase_if(got, [&](const SecretView& secret) { return std::ranges::count(all_expected, secret) != 0; });
    if (expected.empty() && got.empty()) {
        expected = all_expected;
        got = all_got;
    }
}

} // namespace

bool Result::refused() const
{
    return error || std::ranges::any_of(items, [](const ItemView& item) { return item.error.has_value(); });
}

std::string difference(std::vector<SecretView> expected, std::vector<SecretView> got)
{
    drop_common(expected, got);
    return "expected:\n" + text_of(expected) + "got:\n" + text_of(got);
}

std::string difference(Result expected, Result got)
{
    drop_common(expected.secrets, got.secrets);
    return "expected:\n" + text_of(expected) + "got:\n" + text_of(got);
}

} // namespace juju::differential
