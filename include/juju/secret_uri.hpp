#pragma once

#include <compare>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace juju {

/// A secret's URI: an id of 20 characters, and the UUID of its model when it is another one.
///
/// Accepted forms: `secret:ID`, `secret:UUID/ID`, `secret://UUID/ID`, bare `ID`, `UUID/ID`, with the
/// details of Juju's own parser (`core/secrets/secret.go`: scheme in any case, query and fragment ignored).
class SecretUri {
public:
    SecretUri() = default;

    /// @throws Error errc::invalid_uri when `text` is not a secret URI; the text is Juju's.
    static SecretUri parse(std::string_view text);

    /// Empty when `text` is not a secret URI.
    static std::optional<SecretUri> try_parse(std::string_view text);

    /// The 20-character id.
    const std::string& id() const noexcept { return id_; }
    const std::string& bare_id() const noexcept { return id_; }

    /// The UUID of the model that the URI names; empty when it names none.
    const std::string& source_model() const noexcept { return source_; }

    /// True for a default-constructed URI, which names no secret.
    bool empty() const noexcept { return id_.empty(); }

    /// `secret:ID`, or `secret://UUID/ID` when a model is named; no text when empty.
    std::string str() const;

    friend bool operator==(const SecretUri&, const SecretUri&) = default;
    friend auto operator<=>(const SecretUri&, const SecretUri&) = default;

private:
    SecretUri(std::string id, std::string source) : id_(std::move(id)), source_(std::move(source)) {}

    std::string id_;
    std::string source_;
};

/// Which secret a call is about: a URI or a name.
///
/// Text that parses as a URI is one, anything else is a name (the juju command's rule), so a secret whose name
/// happens to look like an id needs `SecretRef::by_name`.
class SecretRef {
public:
    /// @throws Error errc::invalid_uri when `uri` is empty.
    SecretRef(SecretUri uri);

    /// @throws Error errc::invalid_name when `text` is empty or not UTF-8.
    template <class Text>
        requires(std::convertible_to<Text, std::string_view> && !std::same_as<std::remove_cvref_t<Text>, SecretRef>)
    SecretRef(Text&& text) : SecretRef(from_text(std::string_view(text)))
    {
    }

    /// @throws Error errc::invalid_name when `name` is empty or not UTF-8.
    static SecretRef by_name(std::string name);

    /// Empty when the secret is named.
    const std::optional<SecretUri>& uri() const noexcept { return uri_; }

    /// Empty when the secret is given by URI.
    const std::string& name() const noexcept { return name_; }

    /// The URI or the name, for messages.
    std::string str() const { return uri_ ? uri_->str() : name_; }

private:
    SecretRef() = default;
    static SecretRef from_text(std::string_view text);

    std::optional<SecretUri> uri_;
    std::string name_;
};

} // namespace juju
