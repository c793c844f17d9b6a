#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Juju's tags: the kind of an entity, a dash, its id (wire-protocol 3.2).
namespace juju::wire {

/// Lower-case hex in the 8-4-4-4-12 shape.
bool is_uuid(std::string_view text) noexcept;

/// The id of a tag of the given kind, such as ("model-UUID", "model"); empty when it is another or no such tag.
std::optional<std::string_view> tag_id(std::string_view tag, std::string_view kind) noexcept;

/// Whether a user may be called so: `NAME` or `NAME@DOMAIN`.
bool is_user_name(std::string_view name) noexcept;

/// The name in a user tag without the domain "local", which means none; empty when it is no valid user tag.
std::optional<std::string> user_of_tag(std::string_view tag);

bool is_application_name(std::string_view name) noexcept;

/// Whether a tag names something that can own secrets: a model, an application or a unit.
bool is_secret_owner(std::string_view tag) noexcept;

/// Whether a tag names an agent that can log in (wire-protocol 3.2): of a machine or its container ("machine-0-lxd-1"), a unit, an
/// application, a controller ("controller-0") or a model.
bool is_agent_tag(std::string_view tag) noexcept;

} // namespace juju::wire
