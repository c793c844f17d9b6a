#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace juju {

/// The applications of a grant or revoke: one name, several in braces, or a vector.
///
/// A class with a variadic constructor, since GCC 12 cannot compile braces to a container inside a
/// `co_await` expression.
class Applications {
public:
    Applications() = default;

    template <class... Names>
        requires(sizeof...(Names) > 0 && (std::convertible_to<Names, std::string_view> && ...))
    Applications(Names&&... names)
    {
        names_.reserve(sizeof...(Names));
        (names_.emplace_back(std::string_view(names)), ...);
    }

    Applications(std::vector<std::string> names) : names_(std::move(names)) {}

    const std::vector<std::string>& names() const noexcept { return names_; }

private:
    std::vector<std::string> names_;
};

} // namespace juju
