#pragma once

#include <juju/secret_content.hpp>

#include <string>
#include <utility>

namespace juju {

/// A secret to be created.
class SecretDraft {
public:
    /// @param name unique among the model's user secrets; empty for a secret without a name.
    /// @param content at least one key with its value.
    SecretDraft(std::string name, SecretContent content) : name_(std::move(name)), content_(std::move(content)) {}

    /// The description; none when empty.
    SecretDraft& info(std::string description)
    {
        info_ = std::move(description);
        return *this;
    }

    const std::string& name() const noexcept { return name_; }
    const std::string& info() const noexcept { return info_; }
    const SecretContent& content() const noexcept { return content_; }

private:
    std::string name_;
    std::string info_;
    SecretContent content_;
};

} // namespace juju
