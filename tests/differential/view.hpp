#pragma once

#include "differential/content.hpp"

#include <boost/system/error_code.hpp>

#include <juju/error.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What a caller of the public interface sees, in one form for the client's answers and for the predicted ones.
namespace juju::differential {

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

struct RevisionView {
    int number = 0;
    std::string backend;
    Time create_time;
    Time update_time;
    std::optional<Time> expire_time;

    bool operator==(const RevisionView&) const = default;
};

struct AccessView {
    std::string target;
    std::string scope;
    std::string role;
    std::string application;

    bool operator==(const AccessView&) const = default;
};

struct SecretView {
    std::string uri;
    std::string name;
    std::string label;
    std::string info;
    std::string owner;
    bool is_user_secret = false;
    int latest_revision = 0;
    std::string checksum;
    std::string rotate_policy;
    std::optional<Time> next_rotate_time;
    std::optional<Time> latest_expire_time;
    Time create_time;
    Time update_time;
    std::vector<RevisionView> revisions;
    std::vector<AccessView> access;
    std::optional<Data> content;
    std::optional<boost::system::error_code> content_error;

    bool operator==(const SecretView&) const = default;
};

/// How one item fared.
struct ItemView {
    std::string subject;
    std::optional<boost::system::error_code> error;

    bool operator==(const ItemView&) const = default;
};

/// How a call ended.
struct Result {
    std::optional<boost::system::error_code> error; ///< of the call as a whole
    Outcome outcome = Outcome::not_sent;            ///< of a call that failed
    std::vector<ItemView> items;                    ///< of a call on several items
    std::vector<SecretView> secrets;                ///< of a call that reads

    bool operator==(const Result&) const = default;

    /// Whether the call, or one of its items, was refused.
    bool refused() const;
};

/// What differs, as text; secrets that are the same on both sides are left out.
std::string difference(std::vector<SecretView> expected, std::vector<SecretView> got);
std::string difference(Result expected, Result got);

} // namespace juju::differential
