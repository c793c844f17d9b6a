#pragma once

#include <juju/error.hpp>
#include <juju/secret_content.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace juju {

/// What to change in a secret. What is not set here is left alone and does not go on the wire.
class SecretUpdate {
public:
    SecretUpdate() {}

    /// A new name.
    /// @throws Error errc::invalid_name when it is empty: `clear_name` takes a name away.
    SecretUpdate& new_name(std::string name)
    {
        if (name.empty())
            throw Error(make_error_code(errc::invalid_name),
                        detail::ErrorDetails("new_name: an empty name; to take it away use clear_name"));
        name_ = std::move(name);
        return *this;
    }

    /// Takes the name away; leaves a secret alone that has none and gets none earlier in the same call. Juju 3.6 lets one user secret of a
    /// model lose its name, ever: it records the empty name as taken and refuses the next one with errc::already_exists.
    SecretUpdate& clear_name()
    {
        name_ = std::string();
        return *this;
    }

    /// New content, which replaces all keys. Equal content makes no new revision; content cannot be cleared, so an empty one is refused
    /// with errc::empty_content when the call is made.
    SecretUpdate& data(SecretContent content)
    {
        data_ = std::move(content);
        return *this;
    }

    /// New content from a file as of `SecretContent::from_file`, read now; its entries win over those of `data`.
    SecretUpdate& file(const std::filesystem::path& path)
    {
        file_ = SecretContent::from_file(path);
        return *this;
    }

    /// A new description. To take it away, use `clear_info`.
    SecretUpdate& info(std::string description)
    {
        info_ = std::move(description);
        return *this;
    }

    SecretUpdate& clear_info()
    {
        info_ = std::string();
        return *this;
    }

    /// Whether the controller removes a revision once it is not the latest and no unit tracks it. Juju 4.0 does so
    /// within about 10 seconds after the update.
    SecretUpdate& auto_prune(bool on)
    {
        auto_prune_ = on;
        return *this;
    }

    /// Empty when unchanged, an empty text when cleared.
    const std::optional<std::string>& name() const noexcept { return name_; }
    const std::optional<std::string>& info() const noexcept { return info_; }
    const std::optional<bool>& auto_prune() const noexcept { return auto_prune_; }

    /// The content of `data` and `file` together; empty when unchanged.
    std::optional<SecretContent> content() const
    {
        if (!data_)
            return file_;
        SecretContent merged = *data_;
        if (file_)
            merged.merge(*file_);
        return merged;
    }

private:
    std::optional<std::string> name_;
    std::optional<std::string> info_;
    std::optional<bool> auto_prune_;
    std::optional<SecretContent> data_;
    std::optional<SecretContent> file_;
};

} // namespace juju
