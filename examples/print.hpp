#pragma once

#include <juju/secret.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

/// What the examples share: how to show a call, a list and a secret.
namespace examples {

inline void print_call(const char* call)
{
    std::cout << "\n> " << call << '\n';
}

/// As the juju command names owners.
inline std::string owner_text(const juju::Secret& secret)
{
    return secret.is_user_secret() ? "<model>" : secret.owner().substr(secret.owner().find('-') + 1);
}

/// Year, month and day, UTC.
inline std::string date_text(juju::Timestamp time)
{
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    const auto two_digits = [](unsigned number) { return (number < 10 ? "-0" : "-") + std::to_string(number); };
    return std::to_string(int(date.year())) + two_digits(unsigned(date.month())) + two_digits(unsigned(date.day()));
}

/// A list in the columns of `juju secrets`.
inline void print_table(std::ostream& out, const std::vector<juju::Secret>& secrets)
{
    if (secrets.empty()) {
        out << "(no secrets)\n";
        return;
    }
    std::size_t name_width = 4;
    std::size_t owner_width = 5;
    for (const juju::Secret& secret : secrets) {
        name_width = std::max(name_width, secret.label().size());
        owner_width = std::max(owner_width, owner_text(secret).size());
    }
    const auto cell = [&out](const std::string& text, std::size_t width) { out << std::left << std::setw(int(width)) << text << "  "; };
    cell("ID", 20);
    cell("Name", name_width);
    cell("Owner", owner_width);
    out << "Rotation  Revision  Last updated\n";
    for (const juju::Secret& secret : secrets) {
        cell(secret.uri().id(), 20);
        cell(secret.label().empty() ? "-" : secret.label(), name_width);
        cell(owner_text(secret), owner_width);
        cell(secret.rotate_policy(), 8);
        out << std::right << std::setw(8) << secret.latest_revision() << "  " << date_text(secret.update_time()) << '\n';
    }
}

/// Metadata in the manner of `juju show-secret`.
inline void print_details(std::ostream& out, const juju::Secret& secret)
{
    out << secret.uri().id() << ":\n  name: " << secret.name() << "\n  description: " << secret.info() << "\n  revisions:";
    for (const juju::SecretRevision& revision : secret.revisions())
        out << ' ' << revision.number();
    out << "\n  access:";
    for (const juju::SecretAccess& access : secret.access())
        out << ' ' << access.application();
    out << '\n';
}

} // namespace examples
