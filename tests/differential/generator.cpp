#include "differential/generator.hpp"

#include <algorithm>
#include <array>

namespace juju::differential {
namespace {

/// One looks like an id, and one has all that must be escaped.
const std::array<std::string, 8> names{"db",       "api-token", "tls", "Web server", "n\xc3\xa4me \xe2\x98\x83", "9m4e2mr0ui3e8a215n4g",
                                       "q\"\\<&>", "shared"};

const std::array<std::string, 5> infos{"", "first", "second", "a <b> & \"c\"\n\xc3\xbc", "third"};

const std::array<Bytes, 7> contents{{{{"token", "one"}},
                                     {{"token", "two"}},
                                     {{"token", "three"}},
                                     {{"token", "one"}, {"user", "admin"}},
                                     {{"empty", ""}},
                                     {{"raw", std::string("\x00\xff\x80=\n", 5)}},
                                     {{"long", std::string(3000, 'x')}, {"token", "one"}}}};

constexpr const char* absent_id = "cvq3k8t0fr6s73c1l9ag";
constexpr const char* other_model = "11111111-2222-4333-8444-555555555555";
constexpr const char* not_utf8 = "\xff";

constexpr std::size_t few_user_secrets = 8;
constexpr std::size_t most_user_secrets = 14;
constexpr std::size_t most_charm_secrets = 5;

} // namespace

std::string describe(const Event& event)
{
    if (event.charm_secret)
        return event.charm_secret->owner + " adds a secret labelled \"" + event.charm_secret->label + "\"";
    if (!event.track_id.empty())
        return "unit " + event.track_unit + " reads revision " + std::to_string(event.track_revision) + " of secret:" + event.track_id;
    if (!event.remove_application.empty())
        return "application " + event.remove_application + " is removed";
    return event.add_application.empty() ? "nothing" : "application " + event.add_application + " is deployed";
}

Subject Generator::by_id(std::string id)
{
    Subject subject;
    subject.spelling = std::array{Spelling::uri, Spelling::bare_id, Spelling::uri_object}[below(3)];
    subject.id = std::move(id);
    return subject;
}

/// Mostly a user's, which more can be done with.
StoredSecret Generator::any_secret(const JujuRules& state)
{
    const StoredSecret secret = pick(state.secrets());
    return state.is_user_secret(secret) || chance(30) ? secret : pick(state.secrets());
}

Subject Generator::subject(const JujuRules& state)
{
    const std::size_t dice = below(100);
    if (dice < 45) {
        Subject subject;
        subject.name = pick(names);
        const std::string label = state.secrets().empty() ? "" : any_secret(state).label;
        if (!label.empty() && chance(70))
            subject.name = label;
        // As text this one is an id, which no secret has.
        const bool looks_like_id = subject.name == "9m4e2mr0ui3e8a215n4g";
        if (looks_like_id && chance(50)) {
            std::string id = subject.name;
            subject = by_id(std::move(id));
            subject.spelling = Spelling::bare_id;
        } else if (looks_like_id || chance(30)) {
            subject.spelling = Spelling::by_name;
        }
        return subject;
    }
    if (dice < 49 && !gone_.empty())
        return by_id(pick(gone_));
    if (dice < 51 || state.secrets().empty())
        return by_id(absent_id);
    Subject subject = by_id(any_secret(state).id);
    if (dice >= 95 && subject.spelling != Spelling::bare_id)
        subject.source = chance(50) ? state.model_uuid() : other_model;
    return subject;
}

Bytes Generator::content()
{
    return pick(contents);
}

Draft Generator::draft()
{
    Draft draft;
    draft.name = chance(15) ? "" : pick(names);
    draft.bytes = content();
    draft.info = chance(40) ? "" : pick(infos);
    return draft;
}

Change Generator::change()
{
    Change change;
    while (!change.new_name && !change.clear_name && !change.info && !change.clear_info && !change.auto_prune && !change.data) {
        if (chance(25))
            change.new_name = pick(names);
        else if (chance(10))
            change.clear_name = true;
        if (chance(25))
            change.info = pick(infos);
        else if (chance(10))
            change.clear_info = true;
        if (chance(20))
            change.auto_prune = chance(60);
        if (chance(60))
            change.data = content();
    }
    return change;
}

std::vector<std::string> Generator::applications(bool grant, const JujuRules& state)
{
    std::vector<std::string> pool{"gitlab", "mysql", "postgresql", "ubuntu", "visitor"};
    if (chance(30))
        pool.insert(pool.end(), {"leaving", "nosuch", "no-such-2"});
    if (grant && state.is_3_6() && chance(20))
        pool.emplace_back("faraway"); // consumed from another model: open for a revoke, and for 4.0
    std::vector<std::string> result;
    const std::size_t count = chance(60) ? 1 : 2 + below(4);
    for (std::size_t i = 0; i < count; ++i)
        result.push_back(pick(pool));
    return result;
}

/// Mostly one that exists.
int Generator::revision(const JujuRules& state, const Subject& subject)
{
    for (const StoredSecret& secret : state.secrets()) {
        if ((subject.has_name() ? secret.label == subject.name : secret.id == subject.id) && chance(80))
            return pick(secret.revisions).number;
    }
    return 1 + static_cast<int>(below(13));
}

ListSecrets Generator::filter(const JujuRules& state)
{
    ListSecrets filter;
    if (chance(35)) {
        filter.uri = subject(state);
        if (filter.uri->has_name())
            filter.uri = by_id(absent_id);
    }
    if (chance(40))
        filter.name = chance(10) ? "" : pick(names);
    if (chance(30)) {
        const std::array<std::string, 7> owners{"model-" + state.model_uuid(),
                                                "application-mysql",
                                                "application-gitlab",
                                                "unit-mysql-0",
                                                "unit-postgresql-1",
                                                "application-none",
                                                std::string("model-") + other_model};
        filter.owner = pick(owners);
    }
    if ((filter.uri || filter.name) && chance(40)) {
        Subject subject;
        if (filter.uri)
            subject = *filter.uri;
        else
            subject.name = *filter.name;
        filter.revision = revision(state, subject);
    }
    filter.show_secrets = chance(40);
    return filter;
}

Removal Generator::removal(const JujuRules& state)
{
    Removal removal;
    removal.subject = subject(state);
    if (chance(10))
        return removal;
    removal.revisions.emplace();
    const std::size_t count = 1 + below(4);
    for (std::size_t i = 0; i < count; ++i)
        removal.revisions->push_back(revision(state, removal.subject));
    return removal;
}

Operation Generator::several(const JujuRules& state)
{
    const std::size_t count = 1 + below(6);
    const std::size_t bad = chance(8) ? below(count) : count;
    const std::size_t kind = below(100);
    if (kind < 40) {
        CreateSeveral call;
        for (std::size_t i = 0; i < count; ++i) {
            call.drafts.push_back(draft());
            if (i == bad)
                call.drafts.back().bytes.clear();
        }
        return call;
    }
    if (kind < 80) {
        UpdateSeveral call;
        for (std::size_t i = 0; i < count; ++i) {
            call.updates.emplace_back(subject(state), i == bad ? Change() : change());
            if (i == bad && chance(50))
                call.updates.back().second.info = not_utf8;
        }
        return call;
    }
    RemoveSeveral call;
    for (std::size_t i = 0; i < count; ++i) {
        call.removals.push_back(removal(state));
        if (i == bad)
            call.removals.back().revisions = chance(50) ? std::vector<int>() : std::vector<int>{1, 0};
    }
    return call;
}

/// One argument that no server is asked about.
Operation Generator::unusable(const JujuRules& state)
{
    Subject nameless;
    nameless.spelling = chance(50) ? Spelling::name : Spelling::by_name;
    nameless.name = chance(50) ? "" : not_utf8;
    Change bad_change = change();
    Draft bad_draft = draft();
    ListSecrets bad_filter;
    bad_filter.name = pick(names);
    switch (below(16)) {
    case 0: bad_draft.bytes.clear(); return AddSecret{bad_draft};
    case 1: bad_draft.name = not_utf8; return AddSecret{bad_draft};
    case 2: bad_draft.info = not_utf8; return AddSecret{bad_draft};
    case 3: return UpdateSecret{nameless, change()};
    case 4: return UpdateSecret{subject(state), Change()};
    case 5:
        bad_change.clear_name = false;
        bad_change.new_name = chance(50) ? "" : not_utf8;
        return UpdateSecret{subject(state), bad_change};
    case 6: bad_change.data = Bytes(); return UpdateSecret{subject(state), bad_change};
    case 7: return RemoveSecret{subject(state), -static_cast<int>(below(2))};
    case 8: return RevealSecret{subject(state), -static_cast<int>(below(2))};
    case 9: return GrantSecret{subject(state), {}};
    case 10: return RevokeSecret{subject(state), {"gitlab", chance(50) ? "Bad_App" : ""}};
    case 11: return GetSecret{by_id("")};
    case 12:
        bad_filter.name.reset();
        bad_filter.revision = 1;
        return bad_filter;
    case 13: bad_filter.revision = 0; return bad_filter;
    case 14: bad_filter.owner = chance(50) ? "model-x" : "mysql"; return bad_filter;
    default: break;
    }
    switch (below(3)) {
    case 0: return CreateSeveral();
    case 1: return UpdateSeveral();
    default: return RemoveSeveral();
    }
}

Operation Generator::next(const JujuRules& state)
{
    const auto is_user = [&](const StoredSecret& secret) { return state.is_user_secret(secret); };
    const auto user_secrets = static_cast<std::size_t>(std::ranges::count_if(state.secrets(), is_user));
    const bool full = user_secrets >= most_user_secrets;
    const bool few = user_secrets < few_user_secrets;
    const std::size_t dice = below(100);
    if (dice < 4)
        return unusable(state);
    if (dice < 14)
        return full ? Operation(RemoveSecret{subject(state), std::nullopt}) : Operation(AddSecret{draft()});
    if (dice < 38)
        return UpdateSecret{subject(state), change()};
    if (dice < 47)
        return GrantSecret{subject(state), applications(true, state)};
    if (dice < 53)
        return RevokeSecret{subject(state), applications(false, state)};
    if (dice < 61) {
        const Subject secret = subject(state);
        return RemoveSecret{secret, revision(state, secret)};
    }
    if (dice < 64)
        return few ? Operation(AddSecret{draft()}) : Operation(RemoveSecret{subject(state), std::nullopt});
    if (dice < 74)
        return filter(state);
    if (dice < 78)
        return GetSecret{subject(state)};
    if (dice < 86) {
        const Subject secret = subject(state);
        return RevealSecret{secret, chance(60) ? std::optional(revision(state, secret)) : std::nullopt};
    }
    return several(state);
}

/// A charm's secret, under a label of its owner's own: it may well be a name that a user has given too.
StoredSecret Generator::charm_secret(const JujuRules& state)
{
    const std::array<std::string, 4> owners{"application-mysql", "application-gitlab", "unit-mysql-0", "unit-postgresql-1"};
    StoredSecret secret;
    const auto is_taken = [&](const StoredSecret& other) { return other.owner == secret.owner && other.label == secret.label; };
    do {
        secret.owner = pick(owners);
        secret.label = chance(15) ? "" : pick(names);
    } while (std::ranges::any_of(state.secrets(), is_taken));
    secret.info = pick(infos);
    const int count = 1 + static_cast<int>(below(11));
    for (int number = 1; number <= count; ++number) {
        StoredRevision revision;
        revision.number = number;
        revision.data = encode(content());
        if (chance(20))
            revision.data["no-base64 <&>"] = "*not base64*";
        secret.revisions.push_back(std::move(revision));
    }
    if (chance(30)) {
        secret.rotate_policy = "hourly";
        secret.next_rotate_time = Time(std::chrono::seconds(1800000000));
    }
    if (chance(30))
        secret.revisions.back().expire_time = Time(std::chrono::seconds(1900000000));
    if (chance(50))
        secret.grants.push_back({"postgresql", "relation-postgresql.server#mysql.db"});
    return secret;
}

Event Generator::event(const JujuRules& state)
{
    Event event;
    const auto is_charm = [&](const StoredSecret& secret) { return !state.is_user_secret(secret); };
    const std::size_t dice = below(100);
    if (dice < 20 && static_cast<std::size_t>(std::ranges::count_if(state.secrets(), is_charm)) < most_charm_secrets) {
        event.charm_secret = charm_secret(state);
    } else if (dice < 40) {
        if (state.applications().contains("visitor"))
            event.remove_application = "visitor";
        else
            event.add_application = "visitor";
    } else if (!state.secrets().empty()) {
        const StoredSecret secret = any_secret(state);
        event.track_id = secret.id;
        event.track_revision = pick(secret.revisions).number;
        event.track_unit = chance(50) ? "gitlab/0" : "ubuntu/1";
    }
    return event;
}

} // namespace juju::differential
