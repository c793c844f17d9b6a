#include "mock/secret_store.hpp"

#include "mock/failure.hpp"
#include "mock/json.hpp"
#include "mock/names.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace juju::mock {
namespace {

int highest_revision(const MockSecret& secret)
{
    int highest = 0;
    for (const MockRevision& revision : secret.revisions) {
        highest = std::max(highest, revision.number);
    }
    return highest;
}

void prune(MockSecret& secret)
{
    std::erase_if(secret.revisions,
                  [&](const MockRevision& revision) { return revision.number != secret.latest_revision && revision.tracked_by.empty(); });
}

/// Checksum, times and numbers that are derived from other members when not given.
void fill_in(MockSecret& secret, MockTime now)
{
    if (secret.create_time == MockTime::min()) {
        secret.create_time = now;
    }
    if (secret.update_time == MockTime::min()) {
        secret.update_time = secret.create_time;
    }
    for (MockRevision& revision : secret.revisions) {
        if (revision.create_time == MockTime::min()) {
            revision.create_time = secret.create_time;
        }
        if (revision.update_time == MockTime::min()) {
            revision.update_time = revision.create_time;
        }
    }
    std::sort(secret.revisions.begin(), secret.revisions.end(),
              [](const MockRevision& a, const MockRevision& b) { return a.number < b.number; });
    if (secret.latest_revision == 0) {
        secret.latest_revision = highest_revision(secret);
    }
    if (secret.checksum.empty() && !secret.revisions.empty()) {
        secret.checksum = content_checksum(secret.revisions.back().data);
    }
}

} // namespace

std::string content_checksum(const std::map<std::string, std::string>& data)
{
    Json object = Json::object();
    for (const auto& [key, value] : data) {
        object[key] = value;
    }
    const std::string text = go_json(object);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 is not available");
    }
    static constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    for (unsigned int i = 0; i < size; ++i) {
        out += hex[digest[i] >> 4U];
        out += hex[digest[i] & 0xFU];
    }
    return out;
}

SecretStore::SecretStore(MockProfile profile, std::string model_uuid) : profile_(profile), model_uuid_(std::move(model_uuid)) {}

std::string SecretStore::take_id()
{
    while (!next_ids_.empty()) {
        std::string id = next_ids_.front();
        next_ids_.pop_front();
        if (!secrets_.contains(id)) {
            return id;
        }
    }
    return random_secret_id();
}

std::string SecretStore::add(MockSecret secret, MockTime now)
{
    if (secret.id.empty()) {
        secret.id = take_id();
    }
    if (secret.owner_tag.empty()) {
        secret.owner_tag = model_tag();
    }
    if (!is_secret_id(secret.id)) {
        throw std::invalid_argument("mock controller: \"" + secret.id + "\" is not a secret id");
    }
    if (secrets_.contains(secret.id)) {
        throw std::invalid_argument("mock controller: secret " + secret.id + " exists already");
    }
    if (is_user_secret(secret) && !secret.label.empty() && !names_.emplace(secret.label, secret.id).second) {
        throw std::invalid_argument("mock controller: the name \"" + secret.label + "\" is taken");
    }
    for (MockGrant& grant : secret.grants) {
        grant.scope_tag = grant.scope_tag.empty() ? model_tag() : grant.scope_tag;
    }
    fill_in(secret, now);
    std::string id = secret.id;
    secrets_[id] = {std::move(secret), ++last_sequence_};
    return id;
}

const MockSecret* SecretStore::find(std::string_view id) const
{
    const auto found = secrets_.find(id);
    return found == secrets_.end() ? nullptr : &found->second.secret;
}

MockSecret* SecretStore::find(std::string_view id)
{
    const auto found = secrets_.find(id);
    return found == secrets_.end() ? nullptr : &found->second.secret;
}

const MockSecret* SecretStore::find_named(const std::string& label) const
{
    const auto name = names_.find(label);
    return name == names_.end() ? nullptr : find(name->second);
}

std::vector<const MockSecret*> SecretStore::unnamed_user_secrets() const
{
    std::vector<const MockSecret*> list;
    list.reserve(secrets_.size());
    for (const auto& [id, stored] : secrets_) {
        if (is_user_secret(stored.secret) && stored.secret.label.empty()) {
            list.push_back(&stored.secret);
        }
    }
    return list;
}

std::vector<const MockSecret*> SecretStore::all() const
{
    if (is_3_6()) {
        return all_as_created();
    }
    std::vector<const MockSecret*> list;
    list.reserve(secrets_.size());
    for (const auto& [id, stored] : secrets_) {
        list.push_back(&stored.secret);
    }
    return list;
}

std::vector<const MockSecret*> SecretStore::all_as_created() const
{
    std::map<std::uint64_t, const MockSecret*> by_age;
    for (const auto& [id, stored] : secrets_) {
        by_age[stored.sequence] = &stored.secret;
    }
    std::vector<const MockSecret*> list;
    list.reserve(by_age.size());
    for (const auto& [sequence, secret] : by_age) {
        list.push_back(secret);
    }
    return list;
}

bool SecretStore::name_taken(const std::string& label) const
{
    return label.empty() ? is_3_6() && empty_name_taken_ : names_.contains(label);
}

void SecretStore::check_name_free(const std::string& label) const
{
    if (name_taken(label)) {
        throw Failure("secret with name " + go_quoted(label) + " already exists", "already exists");
    }
}

void SecretStore::set_label(MockSecret& secret, const std::string& label)
{
    if (is_user_secret(secret)) {
        names_.erase(secret.label);
        if (label.empty()) {
            empty_name_taken_ = is_3_6();
        } else {
            names_[label] = secret.id;
        }
    }
    secret.label = label;
}

void SecretStore::append_revision(MockSecret& secret, const SecretChange& change, MockTime now) const
{
    MockRevision revision(1 + (is_3_6() ? secret.latest_revision : highest_revision(secret)), change.data);
    revision.backend = backend_;
    revision.create_time = now;
    revision.update_time = now;
    secret.latest_revision = revision.number;
    secret.checksum = content_checksum(change.data);
    secret.revisions.push_back(std::move(revision));
}

std::string SecretStore::create(const SecretChange& change, MockTime now)
{
    if (change.label) {
        check_name_free(*change.label);
    }
    MockSecret secret;
    secret.id = take_id();
    secret.owner_tag = model_tag();
    secret.description = change.description.value_or("");
    secret.create_time = now;
    secret.update_time = now;
    if (change.label) {
        set_label(secret, *change.label);
    }
    append_revision(secret, change, now);
    std::string id = secret.id;
    secrets_[id] = {std::move(secret), ++last_sequence_};
    return id;
}

void SecretStore::update(MockSecret& secret, const SecretChange& change, MockTime now, Clock::time_point due)
{
    const bool new_content = !change.data.empty() && content_checksum(change.data) != secret.checksum;
    if (is_3_6() && !new_content && !change.label && !change.description && !change.auto_prune) {
        return;
    }
    if (change.label && *change.label != secret.label) {
        if (is_user_secret(secret)) {
            check_name_free(*change.label);
        }
        set_label(secret, *change.label);
    }
    secret.description = change.description.value_or(secret.description);
    secret.auto_prune = change.auto_prune.value_or(secret.auto_prune);
    if (!is_3_6() && change.checksum && change.data.empty()) {
        secret.checksum = *change.checksum;
    }
    if (new_content) {
        append_revision(secret, change, now);
    } else if (!is_3_6()) {
        for (MockRevision& revision : secret.revisions) {
            revision.update_time = revision.number == secret.latest_revision ? now : revision.update_time;
        }
    }
    secret.update_time = now;
    order_prune(secret, due);
}

void SecretStore::order_prune(MockSecret& secret, Clock::time_point due)
{
    if (!secret.auto_prune) {
        return;
    }
    if (is_3_6()) {
        prune(secret);
    } else {
        jobs_.push_back({due, secret.id, std::nullopt});
    }
}

void SecretStore::track(MockSecret& secret, int revision, const std::string& unit, Clock::time_point due)
{
    for (MockRevision& candidate : secret.revisions) {
        std::erase(candidate.tracked_by, unit);
        if (candidate.number == revision) {
            candidate.tracked_by.push_back(unit);
        }
    }
    order_prune(secret, due);
}

void SecretStore::remove(const std::string& id, std::vector<int> revisions, Clock::time_point due)
{
    if (is_3_6()) {
        remove_now(id, revisions);
    } else {
        jobs_.push_back({due, id, std::move(revisions)});
    }
}

void SecretStore::remove_application_grants(const std::string& application)
{
    const std::string tag = "application-" + application;
    for (auto& [id, stored] : secrets_) {
        if (is_3_6()) {
            std::erase_if(stored.secret.grants, [&](const MockGrant& grant) { return grant.target_tag == tag; });
            continue;
        }
        for (MockGrant& grant : stored.secret.grants) {
            grant.target_tag = grant.target_tag == tag ? "application-" : grant.target_tag;
        }
    }
}

std::size_t SecretStore::count_in_backend(std::string_view name) const
{
    std::size_t count = 0;
    for (const auto& [id, stored] : secrets_) {
        for (const MockRevision& revision : stored.secret.revisions) {
            count += revision.backend == name ? 1 : 0;
        }
    }
    return count;
}

void SecretStore::move_contents(std::string_view from, const std::string& to)
{
    for (auto& [id, stored] : secrets_) {
        for (MockRevision& revision : stored.secret.revisions) {
            if (revision.backend == from) {
                revision.backend = to;
            }
        }
    }
}

void SecretStore::settle(Clock::time_point now)
{
    std::deque<Job> later;
    std::deque<Job> jobs;
    jobs.swap(jobs_);
    for (Job& job : jobs) {
        if (job.due <= now) {
            run(job);
        } else {
            later.push_back(std::move(job));
        }
    }
    jobs_ = std::move(later);
}

void SecretStore::run(const Job& job)
{
    if (job.revisions) {
        remove_now(job.id, *job.revisions);
    } else if (MockSecret* secret = find(job.id)) {
        prune(*secret);
    }
}

void SecretStore::remove_now(const std::string& id, const std::vector<int>& revisions)
{
    MockSecret* secret = find(id);
    if (secret == nullptr) {
        return;
    }
    std::erase_if(secret->revisions, [&](const MockRevision& revision) {
        return std::find(revisions.begin(), revisions.end(), revision.number) != revisions.end();
    });
    if (revisions.empty() || secret->revisions.empty()) {
        erase(id);
    } else if (!is_3_6()) {
        secret->latest_revision = highest_revision(*secret);
    }
}

void SecretStore::erase(const std::string& id)
{
    const auto found = secrets_.find(id);
    if (is_user_secret(found->second.secret)) {
        names_.erase(found->second.secret.label);
    }
    secrets_.erase(found);
}

} // namespace juju::mock
