#include "differential/juju_rules.hpp"

#include "differential/unusable.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace juju::differential {
namespace {

Result failed(errc error, Outcome outcome)
{
    Result result;
    result.error = make_error_code(error);
    result.outcome = outcome;
    return result;
}

/// The end of a call on one item.
Result single(const std::optional<errc>& refusal)
{
    return refusal ? failed(*refusal, Outcome::rejected) : Result();
}

ItemView item_view(std::string subject, const std::optional<errc>& error)
{
    ItemView item;
    item.subject = std::move(subject);
    if (error)
        item.error = make_error_code(*error);
    return item;
}

std::string subject_of(const Draft& draft)
{
    return draft.name;
}

std::string subject_of(const std::pair<Subject, Change>& update)
{
    return update.first.str();
}

std::string subject_of(const Removal& removal)
{
    return removal.subject.str();
}

/// SecretsManager: an unusable item fails the call before anything is sent, and `Error::items()` says which one it is.
template <class Items, class Check>
std::optional<Result> unusable_call(const Items& items, Check check)
{
    if (items.empty())
        return failed(errc::invalid_argument, Outcome::not_sent);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::optional<errc> error = check(items[i]);
        if (!error)
            continue;
        Result result = failed(*error, Outcome::not_sent);
        for (std::size_t j = 0; j < items.size() && items.size() > 1; ++j)
            result.items.push_back(item_view(subject_of(items[j]), j == i ? error : std::nullopt));
        return result;
    }
    return std::nullopt;
}

constexpr std::string_view application_kind = "application-";

} // namespace

const StoredRevision* StoredSecret::revision(int number) const
{
    const auto found = std::ranges::find(revisions, number, &StoredRevision::number);
    return found == revisions.end() ? nullptr : &*found;
}

bool StoredSecret::is_tracked(int number) const
{
    return std::ranges::any_of(readers, [&](const auto& reader) { return reader.second == number; });
}

bool StoredSecret::latest_expires() const
{
    const StoredRevision* newest = revision(latest);
    return newest != nullptr && newest->expire_time.has_value();
}

JujuRules::JujuRules(MockProfile profile, std::string model_uuid, Time now)
    : profile_(profile), model_uuid_(std::move(model_uuid)), model_tag_("model-" + model_uuid_)
{
    set_time(now);
}

void JujuRules::set_time(Time now)
{
    // 2.5: 3.6 has whole seconds, 4.0 nanoseconds.
    now_ = is_3_6() ? Time(std::chrono::floor<std::chrono::seconds>(now)) : now;
}

Result JujuRules::apply(const Operation& operation)
{
    return std::visit([this](const auto& call) { return apply_one(call); }, operation);
}

// Finding secrets.

StoredSecret* JujuRules::find_id(std::string_view id)
{
    const auto found = std::ranges::find(secrets_, id, &StoredSecret::id);
    return found == secrets_.end() ? nullptr : &*found;
}

/// 2.2: the calls that write consider only user secrets when they look for a name.
StoredSecret* JujuRules::find_user_secret(std::string_view name)
{
    const auto found = std::ranges::find_if(secrets_, [&](const StoredSecret& s) { return is_user_secret(s) && s.label == name; });
    return found == secrets_.end() ? nullptr : &*found;
}

bool JujuRules::is_foreign(const Subject& subject) const
{
    return !subject.has_name() && !subject.source.empty() && subject.source != model_uuid_;
}

/// 1.7, 1.8: 3.6 ignores the model in a URI, 4.0 refuses another one, which the client takes for "not found".
StoredSecret* JujuRules::find_for_write(const Subject& subject)
{
    if (subject.has_name())
        return find_user_secret(subject.name);
    return is_foreign(subject) && !is_3_6() ? nullptr : find_id(subject.id);
}

/// Model::get_secret: a name means the user secret of that name, or else the one charm secret with that label. 1.5: the model in a URI
/// does not matter for a list.
const StoredSecret* JujuRules::choose(const Subject& subject, std::optional<errc>& refusal) const
{
    std::vector<const StoredSecret*> found;
    for (const StoredSecret& secret : secrets_) {
        if (subject.has_name() ? secret.label == subject.name : secret.id == subject.id)
            found.push_back(&secret);
    }
    const auto user = std::ranges::find_if(found, [this](const StoredSecret* secret) { return is_user_secret(*secret); });
    if (user != found.end())
        return *user;
    if (found.size() == 1)
        return found.front();
    refusal = found.empty() ? errc::not_found : errc::several_matches;
    return nullptr;
}

// Creating.

std::optional<errc> JujuRules::create(const Draft& draft)
{
    if (!draft.name.empty() && find_user_secret(draft.name) != nullptr)
        return errc::already_exists; // 1.6
    StoredSecret secret;             // 9.4
    secret.owner = model_tag_;
    secret.label = draft.name;
    secret.info = draft.info;
    secret.create_time = now_;
    add_revision(secret, encode(draft.bytes));
    secrets_.push_back(std::move(secret));
    return std::nullopt;
}

void JujuRules::add_revision(StoredSecret& secret, const Data& data)
{
    StoredRevision revision;
    // 1.8, 9.4: 3.6 keeps counting, 4.0 takes the number after the highest one that is left.
    if (is_3_6())
        revision.number = secret.latest + 1;
    else
        revision.number = secret.revisions.empty() ? 1 : secret.revisions.back().number + 1;
    if (secret.is_tracked(revision.number))
        open_ = true; // a unit read a removed revision whose number comes again: does it track the new one?
    if (secret.latest_expires())
        open_ = true; // does the new revision expire as the one before?
    revision.create_time = now_;
    revision.update_time = now_;
    revision.data = data;
    secret.latest = revision.number;
    secret.checksum = checksum(data);
    secret.update_time = now_;
    secret.revisions.push_back(std::move(revision));
}

Result JujuRules::apply_one(const AddSecret& call)
{
    if (const auto error = unusable(call.draft))
        return failed(*error, Outcome::not_sent);
    return single(create(call.draft));
}

Result JujuRules::apply_one(const CreateSeveral& call)
{
    if (const auto result = unusable_call(call.drafts, [](const Draft& draft) { return unusable(draft); }))
        return *result;
    Result result;
    for (const Draft& draft : call.drafts)
        result.items.push_back(item_view(draft.name, create(draft)));
    return result;
}

std::size_t JujuRules::unbound() const
{
    return static_cast<std::size_t>(std::ranges::count_if(secrets_, [](const StoredSecret& secret) { return secret.id.empty(); }));
}

void JujuRules::bind_new(const std::vector<std::string>& ids)
{
    auto id = ids.begin();
    for (StoredSecret& secret : secrets_) {
        if (secret.id.empty())
            secret.id = *id++;
    }
}

// Updating.

/// 1.7, 2.2. A name that is the secret's already changes nothing.
std::optional<errc> JujuRules::rename(StoredSecret& secret, const std::string& label)
{
    if (label == secret.label)
        return std::nullopt;
    if (!is_user_secret(secret)) {
        // Of a charm's labels it is only said that they are apart from users' names: what happens among those of one owner is open.
        const auto clashes = [&](const StoredSecret& other) { return other.owner == secret.owner && other.label == label; };
        open_ = open_ || label.empty() || std::ranges::any_of(secrets_, clashes);
    } else if (!label.empty()) {
        if (find_user_secret(label) != nullptr)
            return errc::already_exists;
    } else if (is_3_6()) {
        if (empty_name_taken_)
            return errc::already_exists;
        empty_name_taken_ = true; // and is never released
    }
    secret.label = label;
    return std::nullopt;
}

std::optional<errc> JujuRules::update(const Subject& subject, const Change& change, bool named_before)
{
    StoredSecret* secret = find_for_write(subject);
    if (secret == nullptr)
        return errc::not_found;
    std::optional<std::string> label = change.new_name;
    if (change.clear_name && (named_before || !secret->label.empty()))
        label = ""; // SecretUpdate::clear_name: a secret that has no name is left alone, unless the call itself gives it one
    const bool more_than_data = label || change.info || change.clear_info || change.auto_prune;
    if (!more_than_data && !change.data)
        return std::nullopt;
    if (!is_3_6() && !is_user_secret(*secret))
        return errc::permission_denied; // 1.7: charm-owned
    const Data data = change.data ? encode(*change.data) : Data();
    const bool new_data = change.data && checksum(data) != secret->checksum; // 2.3: against the latest checksum only
    if (label) {
        if (const auto error = rename(*secret, *label))
            return error;
    }
    if (is_3_6() && !new_data && !more_than_data)
        return std::nullopt; // 1.7, 9.4: 3.6 stops here, without touching times
    if (change.info || change.clear_info)
        secret->info = change.info.value_or("");
    if (change.auto_prune)
        secret->auto_prune = *change.auto_prune;
    if (new_data)
        add_revision(*secret, data);
    else if (!is_3_6())
        secret->revisions.back().update_time = now_; // 2.5
    secret->update_time = now_;
    prune(*secret);
    return std::nullopt;
}

/// 2.4: drops what is not the latest and no unit tracks.
void JujuRules::prune(StoredSecret& secret)
{
    if (!secret.auto_prune)
        return;
    const auto is_obsolete = [&](const StoredRevision& r) { return r.number != secret.latest && !secret.is_tracked(r.number); };
    const auto pruned = std::erase_if(secret.revisions, is_obsolete);
    // Open: whether 3.6 prunes charm secrets in the name of a user, and what is left of a secret without a revision.
    if (secret.revisions.empty() || (pruned != 0 && !is_user_secret(secret)))
        open_ = true;
}

Result JujuRules::apply_one(const UpdateSecret& call)
{
    if (const auto error = unusable(call.subject))
        return failed(*error, Outcome::not_sent);
    if (const auto error = unusable(call.change))
        return failed(*error, Outcome::not_sent);
    return single(update(call.subject, call.change, false));
}

Result JujuRules::apply_one(const UpdateSeveral& call)
{
    if (const auto result = unusable_call(call.updates, [](const auto& item) { return unusable(item.second); }))
        return *result;
    std::vector<std::optional<std::string>> first_meaning;
    for (const auto& [subject, change] : call.updates) {
        const StoredSecret* secret = find_for_write(subject);
        first_meaning.push_back(secret == nullptr ? std::nullopt : std::optional(secret->id));
    }
    std::set<std::string> pruned;
    std::set<std::string> named; // ids that an earlier item gives a name, whether that succeeds or not
    Result result;
    for (std::size_t i = 0; i < call.updates.size(); ++i) {
        const auto& [subject, change] = call.updates[i];
        const StoredSecret* secret = find_for_write(subject);
        // 2.4: 4.0 prunes in the background, so what a second item on the same secret leaves to prune is open.
        if (!is_3_6() && secret != nullptr && pruned.contains(secret->id))
            open_ = true;
        // 1.11: 3.6 looks names up before it applies any item, 9.3: item by item. Where that makes a difference the outcome is open.
        if (is_3_6() && first_meaning[i] != (secret == nullptr ? std::nullopt : std::optional(secret->id)))
            open_ = true;
        result.items.push_back(item_view(subject.str(), update(subject, change, named.contains(subject.id))));
        if (!subject.has_name() && change.new_name)
            named.insert(subject.id);
        if (secret != nullptr && secret->auto_prune)
            pruned.insert(secret->id);
    }
    return result;
}

// Removing.

void JujuRules::erase(const StoredSecret& secret)
{
    secrets_.erase(secrets_.begin() + (&secret - secrets_.data()));
}

/// 1.8, 9.4.
std::optional<errc> JujuRules::remove(const Removal& removal)
{
    StoredSecret* secret = find_for_write(removal.subject);
    if (secret == nullptr)
        return errc::not_found;
    if (!is_user_secret(*secret))
        return errc::permission_denied;
    if (!removal.revisions) {
        erase(*secret);
        return std::nullopt;
    }
    const auto exists = [&](int number) { return secret->revision(number) != nullptr; };
    if (is_3_6() ? std::ranges::none_of(*removal.revisions, exists) : !std::ranges::all_of(*removal.revisions, exists))
        return errc::not_found; // 3.6 removes those that exist, 4.0 all or none
    std::erase_if(secret->revisions, [&](const StoredRevision& r) { return std::ranges::count(*removal.revisions, r.number) != 0; });
    if (secret->revisions.empty())
        erase(*secret);
    else if (!is_3_6())
        secret->latest = secret->revisions.back().number; // the checksum stays that of the removed content
    return std::nullopt;
}

Result JujuRules::apply_one(const RemoveSecret& call)
{
    Removal removal;
    removal.subject = call.subject;
    if (call.revision)
        removal.revisions = std::vector<int>(1, *call.revision);
    if (const auto error = unusable(removal))
        return failed(*error, Outcome::not_sent);
    return single(remove(removal));
}

Result JujuRules::apply_one(const RemoveSeveral& call)
{
    if (const auto result = unusable_call(call.removals, [](const Removal& removal) { return unusable(removal); }))
        return *result;
    std::set<std::string> touched;
    Result result;
    for (const Removal& removal : call.removals) {
        const StoredSecret* secret = find_for_write(removal.subject);
        // 1.8: 4.0 removes in the background, so what a second item on the same secret meets is open.
        std::vector<std::string> names{removal.subject.has_name() ? removal.subject.name : removal.subject.id};
        if (secret != nullptr)
            names = {secret->id, secret->label.empty() ? secret->id : secret->label};
        if (!is_3_6() && std::ranges::any_of(names, [&](const std::string& name) { return touched.contains(name); }))
            open_ = true;
        touched.insert(names.begin(), names.end());
        result.items.push_back(item_view(removal.subject.str(), remove(removal)));
    }
    return result;
}

// Access.

/// 1.9, 3.6.
std::optional<errc> JujuRules::grant_3_6(const Subject& subject, StoredSecret* secret, const std::string& application)
{
    if (!knows(application))
        return errc::not_found;
    const MockApplication kind = applications_.at(application);
    if (secret == nullptr) {
        open_ = open_ || kind != MockApplication::alive; // which of the two is told
        return errc::not_found;
    }
    if (kind == MockApplication::dying)
        return errc::server_error; // a refusal without a code
    if (kind == MockApplication::consumed)
        return errc::not_supported;
    if (secret->owner.find("-" + application) != std::string::npos)
        open_ = true; // the owner itself
    if (is_foreign(subject))
        return std::nullopt; // stored under a foreign key: no visible effect
    const auto present = std::ranges::find(secret->grants, application, &StoredGrant::application);
    if (present == secret->grants.end())
        secret->grants.push_back({application, model_tag_});
    else if (present->scope != model_tag_)
        return errc::server_error; // "cannot change secret permission scope", without a code
    return std::nullopt;
}

/// 1.9.
std::optional<errc> JujuRules::grant(const Subject& subject, StoredSecret* secret, const std::string& application)
{
    if (is_3_6())
        return grant_3_6(subject, secret, application);
    if (secret == nullptr)
        return errc::not_found;
    if (!is_user_secret(*secret)) {
        open_ = open_ || !knows(application); // which of the two is told
        return errc::permission_denied;
    }
    if (!knows(application))
        return errc::not_found;
    if (applications_.at(application) == MockApplication::consumed)
        open_ = true;
    if (std::ranges::find(secret->grants, application, &StoredGrant::application) == secret->grants.end())
        secret->grants.push_back({application, model_tag_});
    return std::nullopt;
}

/// 1.10.
std::optional<errc> JujuRules::revoke(const Subject& subject, StoredSecret* secret, const std::string& application)
{
    if (is_3_6()) {
        if (secret == nullptr || is_foreign(subject))
            return std::nullopt;
        const auto in_other_scope = [&](const StoredGrant& g) { return g.application == application && g.scope != model_tag_; };
        if (std::ranges::any_of(secret->grants, in_other_scope))
            open_ = true;
    } else {
        if (secret == nullptr)
            return errc::not_found;
        if (!is_user_secret(*secret)) {
            open_ = open_ || !knows(application);
            return errc::permission_denied;
        }
        if (!knows(application))
            return errc::not_found;
    }
    std::erase_if(secret->grants, [&](const StoredGrant& g) { return g.application == application; });
    return std::nullopt;
}

JujuRules::Access JujuRules::change_access(bool grants, const Subject& subject, const std::vector<std::string>& applications)
{
    Access access;
    StoredSecret* secret = find_for_write(subject);
    if (secret == nullptr && subject.has_name()) {
        access.error = errc::not_found;
        return access;
    }
    for (const auto& application : applications)
        access.items.push_back(grants ? grant(subject, secret, application) : revoke(subject, secret, application));
    return access;
}

/// Model::grant_secret: with several applications the error has each one's outcome.
Result JujuRules::access_result(bool grants, const Subject& subject, const std::vector<std::string>& applications)
{
    if (const auto error = unusable(subject))
        return failed(*error, Outcome::not_sent);
    if (const auto error = unusable_applications(applications))
        return failed(*error, Outcome::not_sent);
    const Access access = change_access(grants, subject, applications);
    if (access.error)
        return failed(*access.error, Outcome::rejected);
    const auto first = std::ranges::find_if(access.items, [](const auto& error) { return error.has_value(); });
    if (first == access.items.end())
        return Result();
    Result result = failed(**first, Outcome::rejected);
    for (std::size_t i = 0; i < applications.size() && applications.size() > 1; ++i)
        result.items.push_back(item_view(applications[i], access.items[i]));
    return result;
}

Result JujuRules::apply_one(const GrantSecret& call)
{
    return access_result(true, call.subject, call.applications);
}

Result JujuRules::apply_one(const RevokeSecret& call)
{
    return access_result(false, call.subject, call.applications);
}

// Reading.

/// 1.5, step 7: a content that cannot be read is the item's own error.
void JujuRules::reveal(const StoredSecret& secret, int number, SecretView& view) const
{
    const auto unreadable = unreadable_.find(std::pair(secret.id, number));
    const StoredRevision* revision = secret.revision(number);
    if (unreadable != unreadable_.end())
        view.content_error = make_error_code(unreadable->second);
    else if (revision == nullptr)
        view.content_error = make_error_code(errc::not_found);
    else
        view.content = revision->data;
}

/// 1.4, 2.5, and the members of juju::Secret.
SecretView JujuRules::view_of(const StoredSecret& secret, std::optional<int> only_revision, bool with_content) const
{
    SecretView view;
    view.uri = "secret:" + secret.id;
    view.is_user_secret = is_user_secret(secret);
    view.name = view.is_user_secret ? secret.label : "";
    view.label = secret.label;
    view.info = secret.info;
    view.owner = secret.owner;
    view.latest_revision = secret.latest;
    view.checksum = secret.checksum;
    view.rotate_policy = secret.rotate_policy;
    view.next_rotate_time = secret.next_rotate_time;
    view.create_time = secret.create_time;
    view.update_time = secret.update_time;
    for (const StoredRevision& revision : secret.revisions) {
        if (revision.number == secret.latest)
            view.latest_expire_time = revision.expire_time;
        if (!only_revision || *only_revision == revision.number)
            view.revisions.push_back({revision.number, "internal", revision.create_time, revision.update_time, revision.expire_time});
    }
    for (const StoredGrant& grant : secret.grants)
        view.access.push_back({std::string(application_kind) + grant.application, grant.scope, "view", grant.application});
    std::ranges::sort(view.access, {}, &AccessView::target);
    if (with_content)
        reveal(secret, only_revision.value_or(secret.latest), view);
    return view;
}

std::vector<SecretView> JujuRules::view() const
{
    std::vector<SecretView> views;
    for (const StoredSecret& secret : secrets_)
        views.push_back(view_of(secret, std::nullopt, false));
    // Model::list_secrets: ordered by label, then URI.
    std::ranges::sort(views, [](const SecretView& a, const SecretView& b) { return std::tie(a.label, a.uri) < std::tie(b.label, b.uri); });
    return views;
}

/// SecretFilter: every given term must match, on both releases.
Result JujuRules::apply_one(const ListSecrets& filter)
{
    if (const auto error = unusable(filter))
        return failed(*error, Outcome::not_sent);
    Result result;
    for (const StoredSecret& secret : secrets_) {
        const bool matches = (!filter.uri || filter.uri->id == secret.id) && (!filter.name || *filter.name == secret.label) &&
                             (!filter.owner || *filter.owner == secret.owner) &&
                             (!filter.revision || secret.revision(*filter.revision) != nullptr);
        if (matches)
            result.secrets.push_back(view_of(secret, filter.revision, filter.show_secrets));
    }
    std::ranges::sort(result.secrets,
                      [](const SecretView& a, const SecretView& b) { return std::tie(a.label, a.uri) < std::tie(b.label, b.uri); });
    return result;
}

Result JujuRules::apply_one(const GetSecret& call)
{
    if (const auto error = unusable(call.subject))
        return failed(*error, Outcome::not_sent);
    std::optional<errc> refusal;
    const StoredSecret* secret = choose(call.subject, refusal);
    if (refusal)
        return failed(*refusal, Outcome::rejected);
    Result result;
    result.secrets.push_back(view_of(*secret, std::nullopt, false));
    return result;
}

/// Model::reveal_secret.
Result JujuRules::apply_one(const RevealSecret& call)
{
    if (const auto error = unusable(call.subject))
        return failed(*error, Outcome::not_sent);
    if (const auto error = unusable_revision(call.revision))
        return failed(*error, Outcome::not_sent);
    std::optional<errc> refusal;
    const StoredSecret* secret = choose(call.subject, refusal);
    if (refusal)
        return failed(*refusal, Outcome::rejected);
    if (call.revision && secret->revision(*call.revision) == nullptr)
        return failed(errc::not_found, Outcome::rejected);
    const SecretView view = view_of(*secret, call.revision, true);
    Result result;
    if (view.content_error) {
        result.error = view.content_error;
        result.outcome = Outcome::rejected;
    } else {
        result.secrets.push_back(view);
    }
    return result;
}

// What goes on around the facade.

void JujuRules::add_application(const std::string& name, MockApplication kind)
{
    applications_[name] = kind;
}

/// 2.6: 3.6 deletes its grants, 4.0 leaves them behind without a name.
void JujuRules::remove_application(const std::string& name)
{
    applications_.erase(name);
    for (StoredSecret& secret : secrets_) {
        if (is_3_6())
            std::erase_if(secret.grants, [&](const StoredGrant& grant) { return grant.application == name; });
        for (StoredGrant& grant : secret.grants) {
            if (grant.application == name)
                grant.application.clear();
        }
    }
}

void JujuRules::add_charm_secret(StoredSecret secret)
{
    secret.create_time = now_;
    secret.update_time = now_;
    for (StoredRevision& revision : secret.revisions) {
        revision.create_time = now_;
        revision.update_time = now_;
    }
    secret.latest = secret.revisions.back().number;
    secret.checksum = checksum(secret.revisions.back().data);
    secrets_.push_back(std::move(secret));
}

/// 2.4: when the unit moves on, what it tracked before goes.
void JujuRules::track(std::string_view id, int revision, const std::string& unit)
{
    StoredSecret* secret = find_id(id);
    if (secret == nullptr || secret->revision(revision) == nullptr)
        throw std::logic_error("no such revision to track");
    secret->readers[unit] = revision;
    prune(*secret);
}

void JujuRules::fail_reveal(const std::string& id, int revision, errc error)
{
    unreadable_[std::pair(id, revision)] = error;
}

} // namespace juju::differential
