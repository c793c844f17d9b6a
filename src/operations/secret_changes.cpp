#include "operations/secret_changes.hpp"

#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace juju::operations {
namespace {

bool same_content(const Secret& before, const Secret& after)
{
    return before.latest_revision() == after.latest_revision() && before.checksum() == after.checksum();
}

auto description(const Secret& secret)
{
    return std::tie(secret.label(), secret.info(), secret.owner(), secret.rotate_policy(), secret.next_rotate_time(),
                    secret.latest_expire_time());
}

using Revision = std::tuple<int, std::string, std::optional<Timestamp>>;

std::set<Revision> revisions(const Secret& secret, int highest)
{
    std::set<Revision> all;
    for (const auto& revision : secret.revisions()) {
        if (revision.number() <= highest)
            all.emplace(revision.number(), revision.backend(), revision.expire_time());
    }
    return all;
}

bool same_metadata(const Secret& before, const Secret& after)
{
    const int known = before.latest_revision(); // what is newer is a change of the content
    return description(before) == description(after) && revisions(before, known) == revisions(after, known);
}

using Access = std::tuple<std::string, std::string, std::string>;

std::set<Access> access(const Secret& secret)
{
    std::set<Access> all;
    for (const auto& entry : secret.access())
        all.emplace(entry.target(), entry.scope(), entry.role());
    return all;
}

void compare(const Secret& before, const Secret& after, std::vector<SecretChange>& changes)
{
    if (!same_content(before, after))
        changes.emplace_back(SecretChangeKind::content, after);
    if (!same_metadata(before, after))
        changes.emplace_back(SecretChangeKind::metadata, after);
    if (access(before) != access(after))
        changes.emplace_back(SecretChangeKind::access, after);
}

} // namespace

SecretsByUri by_uri(std::vector<Secret> secrets)
{
    SecretsByUri map;
    for (auto& secret : secrets) {
        const auto uri = secret.uri();
        map.insert_or_assign(uri, std::move(secret));
    }
    return map;
}

std::vector<SecretChange> secret_changes(const SecretsByUri& before, const SecretsByUri& after)
{
    std::vector<SecretChange> changes;
    auto old = before.begin();
    for (const auto& [uri, secret] : after) {
        for (; old != before.end() && old->first < uri; ++old)
            changes.emplace_back(SecretChangeKind::removed, old->second);
        if (old != before.end() && old->first == uri)
            compare((old++)->second, secret, changes);
        else
            changes.emplace_back(SecretChangeKind::added, secret);
    }
    for (; old != before.end(); ++old)
        changes.emplace_back(SecretChangeKind::removed, old->second);
    return changes;
}

} // namespace juju::operations
