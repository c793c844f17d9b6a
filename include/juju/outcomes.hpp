#pragma once

#include <juju/error.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace juju {

/// How one item of a call on several items fared: its value, or its own error.
template <class T>
class ItemOutcome {
public:
    ItemOutcome(std::string subject, T value) : subject_(std::move(subject)), value_(std::move(value)) {}
    ItemOutcome(std::string subject, Error error) : subject_(std::move(subject)), error_(std::move(error)) {}

    /// What the item is about: an application name, a secret's name or URI.
    const std::string& subject() const noexcept { return subject_; }
    bool ok() const noexcept { return !error_; }
    const std::optional<Error>& error() const noexcept { return error_; }

    /// @throws Error the item's own error when it failed.
    const T& value() const
    {
        if (error_)
            throw *error_;
        return *value_;
    }

private:
    std::string subject_;
    std::optional<T> value_;
    std::optional<Error> error_;
};

template <>
class ItemOutcome<void> {
public:
    explicit ItemOutcome(std::string subject) : subject_(std::move(subject)) {}
    ItemOutcome(std::string subject, Error error) : subject_(std::move(subject)), error_(std::move(error)) {}

    const std::string& subject() const noexcept { return subject_; }
    bool ok() const noexcept { return !error_; }
    const std::optional<Error>& error() const noexcept { return error_; }

    /// @throws Error the item's own error when it failed.
    void value() const
    {
        if (error_)
            throw *error_;
    }

private:
    std::string subject_;
    std::optional<Error> error_;
};

/// One outcome for each item of a call, in the order of the items.
template <class T>
class Outcomes {
public:
    using value_type = ItemOutcome<T>;

    Outcomes() = default;
    explicit Outcomes(std::vector<ItemOutcome<T>> items) : items_(std::move(items)) {}

    std::size_t size() const noexcept { return items_.size(); }
    bool empty() const noexcept { return items_.empty(); }
    const ItemOutcome<T>& operator[](std::size_t index) const { return items_[index]; }
    const ItemOutcome<T>& at(std::size_t index) const { return items_.at(index); }
    auto begin() const noexcept { return items_.begin(); }
    auto end() const noexcept { return items_.end(); }

    /// True when no item failed.
    bool ok() const noexcept { return failed() == 0; }

    /// How many items failed.
    std::size_t failed() const noexcept
    {
        std::size_t count = 0;
        for (const auto& item : items_)
            count += item.ok() ? 0 : 1;
        return count;
    }

private:
    std::vector<ItemOutcome<T>> items_;
};

} // namespace juju
