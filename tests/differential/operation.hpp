#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// The calls of the public interface as data: what the generator makes, the rules predict, and the driver carries out.
namespace juju::differential {

/// Key to bytes.
using Bytes = std::map<std::string, std::string>;

/// How a secret is written down in a call.
enum class Spelling {
    name,      ///< as text
    by_name,   ///< SecretRef::by_name
    uri,       ///< "secret:ID"
    bare_id,   ///< "ID"
    uri_object ///< a SecretUri
};

/// Which secret a call is about.
struct Subject {
    Spelling spelling = Spelling::name;
    std::string name;
    std::string id;
    std::string source; ///< the UUID of the model in the URI; empty for none

    bool has_name() const { return spelling == Spelling::name || spelling == Spelling::by_name; }
    std::string uri() const { return source.empty() ? "secret:" + id : "secret://" + source + "/" + id; }
    /// As the library names it in outcomes.
    std::string str() const { return has_name() ? name : uri(); }
};

/// A secret to be made.
struct Draft {
    std::string name;
    Bytes bytes;
    std::string info;
};

/// What an update changes.
struct Change {
    std::optional<std::string> new_name;
    bool clear_name = false;
    std::optional<std::string> info;
    bool clear_info = false;
    std::optional<bool> auto_prune;
    std::optional<Bytes> data;
};

/// Revisions to remove; none means the whole secret.
struct Removal {
    Subject subject;
    std::optional<std::vector<int>> revisions;
};

struct AddSecret {
    Draft draft;
};
struct UpdateSecret {
    Subject subject;
    Change change;
};
/// `remove_secret`, with or without a revision.
struct RemoveSecret {
    Subject subject;
    std::optional<int> revision;
};
struct GrantSecret {
    Subject subject;
    std::vector<std::string> applications;
};
struct RevokeSecret {
    Subject subject;
    std::vector<std::string> applications;
};
struct ListSecrets {
    std::optional<Subject> uri;
    std::optional<std::string> name;
    std::optional<std::string> owner;
    std::optional<int> revision;
    bool show_secrets = false;
};
struct GetSecret {
    Subject subject;
};
struct RevealSecret {
    Subject subject;
    std::optional<int> revision;
};
struct CreateSeveral {
    std::vector<Draft> drafts;
};
struct UpdateSeveral {
    std::vector<std::pair<Subject, Change>> updates;
};
struct RemoveSeveral {
    std::vector<Removal> removals;
};

using Operation = std::variant<AddSecret, UpdateSecret, RemoveSecret, GrantSecret, RevokeSecret, ListSecrets, GetSecret, RevealSecret,
                               CreateSeveral, UpdateSeveral, RemoveSeveral>;

/// The call as text, exact enough to be repeated by hand.
std::string describe(const Operation& operation);

} // namespace juju::differential
