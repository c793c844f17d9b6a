#pragma once

#include "differential/operation.hpp"
#include "differential/view.hpp"

#include <juju/mock_controller.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::differential {

struct StoredRevision {
    int number = 0;
    Time create_time;
    Time update_time;
    std::optional<Time> expire_time;
    Data data;
};

/// Who may view a secret. `application` is empty once that application was removed.
struct StoredGrant {
    std::string application;
    std::string scope;
};

struct StoredSecret {
    std::string id;
    std::string owner;
    std::string label;
    std::string info;
    std::string rotate_policy = "never";
    std::optional<Time> next_rotate_time;
    bool auto_prune = false;
    int latest = 0;
    std::string checksum;
    Time create_time;
    Time update_time;
    std::vector<StoredRevision> revisions; ///< ascending
    std::vector<StoredGrant> grants;
    std::map<std::string, int> readers; ///< unit to the revision that it read last

    const StoredRevision* revision(int number) const;
    bool is_tracked(int number) const;
    /// Whether the latest revision is there and expires.
    bool latest_expires() const;
};

/// A second opinion on what Juju and this library do: the rules of Juju 3.6 and 4.0, and the evening out that the public headers
/// promise on top of them, written from the reference alone (the sections named in the bodies are those of secrets-facade) and with no
/// code in common with the client or the mock controller. A value: a copy can be asked what would happen.
class JujuRules {
public:
    JujuRules(MockProfile profile, std::string model_uuid, Time now);

    /// Carries out a call and says how it ends. New secrets have no id yet: see `bind_new`.
    Result apply(const Operation& operation);

    /// Whether anything that was done depended on something that the reference leaves open. What follows cannot be compared.
    bool is_open() const { return open_; }

    /// Gives the ids that a controller chose to the secrets that the last call has made.
    void bind_new(const std::vector<std::string>& ids);
    std::size_t unbound() const; ///< how many secrets have none yet

    /// What `list_secrets()` shows.
    std::vector<SecretView> view() const;

    /// What the facade's callers cannot bring about: time, applications, charms and units.
    void set_time(Time now);
    void add_application(const std::string& name, MockApplication kind);
    void remove_application(const std::string& name);
    void add_charm_secret(StoredSecret secret);
    void track(std::string_view id, int revision, const std::string& unit);
    void fail_reveal(const std::string& id, int revision, errc error);

    const std::vector<StoredSecret>& secrets() const { return secrets_; }
    const std::map<std::string, MockApplication>& applications() const { return applications_; }
    bool is_user_secret(const StoredSecret& secret) const { return secret.owner == model_tag_; }
    bool is_3_6() const { return profile_ == MockProfile::juju_3_6; }
    const std::string& model_uuid() const { return model_uuid_; }

private:
    struct Access {
        std::optional<errc> error; // of the call as a whole
        std::vector<std::optional<errc>> items;
    };

    Result apply_one(const AddSecret& call);
    Result apply_one(const UpdateSecret& call);
    Result apply_one(const RemoveSecret& call);
    Result apply_one(const GrantSecret& call);
    Result apply_one(const RevokeSecret& call);
    Result apply_one(const ListSecrets& call);
    Result apply_one(const GetSecret& call);
    Result apply_one(const RevealSecret& call);
    Result apply_one(const CreateSeveral& call);
    Result apply_one(const UpdateSeveral& call);
    Result apply_one(const RemoveSeveral& call);

    std::optional<errc> create(const Draft& draft);
    /// @param named_before whether an earlier item of the same call gives the secret, by its URI, a name.
    std::optional<errc> update(const Subject& subject, const Change& change, bool named_before);
    std::optional<errc> rename(StoredSecret& secret, const std::string& label);
    void add_revision(StoredSecret& secret, const Data& data);
    std::optional<errc> remove(const Removal& removal);
    Access change_access(bool grant, const Subject& subject, const std::vector<std::string>& applications);
    std::optional<errc> grant(const Subject& subject, StoredSecret* secret, const std::string& application);
    std::optional<errc> grant_3_6(const Subject& subject, StoredSecret* secret, const std::string& application);
    std::optional<errc> revoke(const Subject& subject, StoredSecret* secret, const std::string& application);
    Result access_result(bool grant, const Subject& subject, const std::vector<std::string>& applications);
    void prune(StoredSecret& secret);
    void erase(const StoredSecret& secret);

    StoredSecret* find_id(std::string_view id);
    StoredSecret* find_user_secret(std::string_view name);
    StoredSecret* find_for_write(const Subject& subject);
    bool is_foreign(const Subject& subject) const;
    bool knows(const std::string& application) const { return applications_.contains(application); }
    const StoredSecret* choose(const Subject& subject, std::optional<errc>& refusal) const;
    SecretView view_of(const StoredSecret& secret, std::optional<int> only_revision, bool reveal) const;
    void reveal(const StoredSecret& secret, int revision, SecretView& view) const;

    MockProfile profile_;
    std::string model_uuid_;
    std::string model_tag_;
    Time now_;
    bool open_ = false;
    bool empty_name_taken_ = false;
    std::vector<StoredSecret> secrets_;
    std::map<std::string, MockApplication> applications_;
    std::map<std::pair<std::string, int>, errc> unreadable_;
};

} // namespace juju::differential
