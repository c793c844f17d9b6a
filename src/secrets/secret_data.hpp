#pragma once

#include <juju/secret.hpp>

#include <utility>

namespace juju::detail {

/// The write access to the result types that only the codec has.
struct SecretData {
    static auto& number(SecretRevision& r) { return r.number_; }
    static auto& backend(SecretRevision& r) { return r.backend_; }
    static auto& create_time(SecretRevision& r) { return r.create_time_; }
    static auto& update_time(SecretRevision& r) { return r.update_time_; }
    static auto& expire_time(SecretRevision& r) { return r.expire_time_; }

    static auto& target(SecretAccess& a) { return a.target_; }
    static auto& scope(SecretAccess& a) { return a.scope_; }
    static auto& role(SecretAccess& a) { return a.role_; }

    static auto& uri(Secret& s) { return s.uri_; }
    static auto& name(Secret& s) { return s.name_; }
    static auto& label(Secret& s) { return s.label_; }
    static auto& info(Secret& s) { return s.info_; }
    static auto& owner(Secret& s) { return s.owner_; }
    static auto& latest_revision(Secret& s) { return s.latest_revision_; }
    static auto& checksum(Secret& s) { return s.checksum_; }
    static auto& rotate_policy(Secret& s) { return s.rotate_policy_; }
    static auto& next_rotate_time(Secret& s) { return s.next_rotate_time_; }
    static auto& latest_expire_time(Secret& s) { return s.latest_expire_time_; }
    static auto& create_time(Secret& s) { return s.create_time_; }
    static auto& update_time(Secret& s) { return s.update_time_; }
    static auto& revisions(Secret& s) { return s.revisions_; }
    static auto& access(Secret& s) { return s.access_; }
    static auto& content(Secret& s) { return s.content_; }
    static auto& content_error(Secret& s) { return s.content_error_; }
};

} // namespace juju::detail
