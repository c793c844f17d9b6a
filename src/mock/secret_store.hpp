#pragma once

#include <juju/mock_controller.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::mock {

/// What a create or update asks for; an unset member is left alone.
struct SecretChange {
    std::optional<std::string> label;
    std::optional<std::string> description;
    std::optional<bool> auto_prune;
    std::map<std::string, std::string> data; ///< base64; empty: unchanged
    std::optional<std::string> checksum;     ///< sent by the client, which it should not do
};

/// Lower-case hex SHA-256 of a content, as controllers compute it.
std::string content_checksum(const std::map<std::string, std::string>& data);

/// The secrets of one model, and what creating, updating, removing and granting does to them.
class SecretStore {
public:
    using Clock = std::chrono::steady_clock;

    SecretStore(MockProfile profile, std::string model_uuid);

    const std::string& model_uuid() const noexcept { return model_uuid_; }
    std::string model_tag() const { return "model-" + model_uuid_; }
    bool is_user_secret(const MockSecret& secret) const { return secret.owner_tag == model_tag(); }

    /// Ids that new secrets take, in order, before random ones.
    void set_next_ids(std::vector<std::string> ids) { next_ids_.assign(ids.begin(), ids.end()); }
    std::vector<std::string> next_ids() const { return {next_ids_.begin(), next_ids_.end()}; }
    std::string take_id();

    /// 3.6 only: was the name "" ever given to a user secret? It counts as taken for ever.
    bool empty_name_taken() const noexcept { return empty_name_taken_; }
    void set_empty_name_taken(bool taken) noexcept { empty_name_taken_ = taken; }

    /// Adds a secret as it is, filling in what is empty.
    /// @throws std::invalid_argument when the id is none or exists, or the name is taken
    std::string add(MockSecret secret, MockTime now);

    const MockSecret* find(std::string_view id) const;
    MockSecret* find(std::string_view id);
    /// The user secret of this name.
    const MockSecret* find_named(const std::string& label) const;
    std::vector<const MockSecret*> unnamed_user_secrets() const;
    /// In a list's order: 3.6 as created, 4.0 by id.
    std::vector<const MockSecret*> all() const;
    std::vector<const MockSecret*> all_as_created() const;

    /// Makes a user secret. @return its id. @throws Failure when the name is taken
    std::string create(const SecretChange& change, MockTime now);
    /// @throws Failure when the new name is taken; nothing is changed then
    void update(MockSecret& secret, const SecretChange& change, MockTime now, Clock::time_point due);
    /// Removes revisions, or the secret when `revisions` is empty: at once on 3.6, when `due` on 4.0.
    void remove(const std::string& id, std::vector<int> revisions, Clock::time_point due);
    /// A unit reads a revision, and no longer the one that it read before. What is obsolete then goes from a secret that prunes itself.
    void track(MockSecret& secret, int revision, const std::string& unit, Clock::time_point due);
    void remove_application_grants(const std::string& application);

    /// The backend that the contents of new revisions go to.
    void set_backend(std::string name) { backend_ = std::move(name); }
    /// How many revisions have their content in a backend.
    std::size_t count_in_backend(std::string_view name) const;
    /// Changes the backend of all revisions that have their content in `from`.
    void move_contents(std::string_view from, const std::string& to);

    /// Does the 4.0 jobs that are due.
    void settle(Clock::time_point now);

private:
    struct Stored {
        MockSecret secret;
        std::uint64_t sequence = 0;
    };
    struct Job {
        Clock::time_point due;
        std::string id;
        std::optional<std::vector<int>> revisions; ///< none: prune
    };

    bool is_3_6() const noexcept { return profile_ == MockProfile::juju_3_6; }
    bool name_taken(const std::string& label) const;
    void check_name_free(const std::string& label) const;
    void set_label(MockSecret& secret, const std::string& label);
    void append_revision(MockSecret& secret, const SecretChange& change, MockTime now) const;
    void order_prune(MockSecret& secret, Clock::time_point due);
    void run(const Job& job);
    void remove_now(const std::string& id, const std::vector<int>& revisions);
    void erase(const std::string& id);

    MockProfile profile_;
    std::string model_uuid_;
    std::map<std::string, Stored, std::less<>> secrets_;
    std::map<std::string, std::string> names_; ///< of user secrets, to their ids
    bool empty_name_taken_ = false;
    std::string backend_ = "internal";
    std::deque<std::string> next_ids_;
    std::deque<Job> jobs_;
    std::uint64_t last_sequence_ = 0;
};

} // namespace juju::mock
