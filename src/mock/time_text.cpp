#include "mock/time_text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace juju::mock {
namespace {

using namespace std::chrono;

constexpr std::string_view zero_time = "0001-01-01T00:00:00Z";

/// Takes digits off the front of `text`; none when there are fewer than `count`.
std::optional<int> take_number(std::string_view& text, std::size_t count)
{
    int number = 0;
    if (text.size() < count) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, std::string_view choices)
{
    if (text.empty() || choices.find(text.front()) == std::string_view::npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<nanoseconds> take_fraction(std::string_view& text)
{
    if (!take(text, ".")) {
        return nanoseconds(0);
    }
    std::int64_t value = 0;
    int digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9' && digits < 9) {
        value = value * 10 + (text.front() - '0');
        text.remove_prefix(1);
        ++digits;
    }
    if (digits == 0) {
        return std::nullopt;
    }
    for (; digits < 9; ++digits) {
        value *= 10;
    }
    return nanoseconds(value);
}

std::optional<minutes> take_offset(std::string_view& text)
{
    if (take(text, "Zz")) {
        return minutes(0);
    }
    const bool negative = !text.empty() && text.front() == '-';
    if (!take(text, "+-")) {
        return std::nullopt;
    }
    const auto hour = take_number(text, 2);
    const bool colon = take(text, ":");
    const auto minute = take_number(text, 2);
    if (!hour || !colon || !minute || *hour > 23 || *minute > 59) {
        return std::nullopt;
    }
    const minutes offset(*hour * 60 + *minute);
    return negative ? -offset : offset;
}

std::optional<sys_days> take_date(std::string_view& text)
{
    const auto y = take_number(text, 4);
    const bool dash1 = take(text, "-");
    const auto m = take_number(text, 2);
    const bool dash2 = take(text, "-");
    const auto d = take_number(text, 2);
    if (!y || !dash1 || !m || !dash2 || !d || *y < 1678 || *y > 2261) {
        return std::nullopt;
    }
    const year_month_day date(year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d)));
    return date.ok() ? std::optional<sys_days>(date) : std::nullopt;
}

std::optional<seconds> take_clock(std::string_view& text)
{
    const auto h = take_number(text, 2);
    const bool colon1 = take(text, ":");
    const auto m = take_number(text, 2);
    const bool colon2 = take(text, ":");
    const auto s = take_number(text, 2);
    if (!h || !colon1 || !m || !colon2 || !s || *h > 23 || *m > 59 || *s > 59) {
        return std::nullopt;
    }
    return seconds(*h * 3600 + *m * 60 + *s);
}

/// `value / unit`, where the unit is a power of ten, without trailing zeros.
std::string decimal(std::int64_t value, std::int64_t unit)
{
    std::string text = std::to_string(value / unit);
    if (value % unit != 0) {
        text += '.' + std::to_string(unit + value % unit).substr(1);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text;
}

} // namespace

std::string time_text(MockTime time)
{
    if (time == MockTime::min()) {
        return std::string(zero_time);
    }
    const auto midnight = floor<days>(time);
    const year_month_day date(midnight);
    const auto since = floor<seconds>(time - midnight);
    const auto fraction = static_cast<long long>((time - midnight - since).count());
    const long long total = since.count();
    std::array<char, 64> buffer{};
    (void)std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02lld:%02lld:%02lld", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), total / 3600, total / 60 % 60, total % 60);
    std::string text = buffer.data();
    if (fraction != 0) {
        (void)std::snprintf(buffer.data(), buffer.size(), ".%09lld", fraction);
        text += buffer.data();
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + 'Z';
}

std::optional<MockTime> parse_time(std::string_view text)
{
    if (text == zero_time) {
        return MockTime::min();
    }
    const auto date = take_date(text);
    const bool separator = take(text, "Tt ");
    const auto clock = take_clock(text);
    const auto fraction = take_fraction(text);
    const auto offset = take_offset(text);
    if (!date || !separator || !clock || !fraction || !offset || !text.empty()) {
        return std::nullopt;
    }
    return MockTime(*date) + *clock + *fraction - *offset;
}

std::string duration_text(std::int64_t nanoseconds)
{
    constexpr std::int64_t second = 1'000'000'000;
    if (nanoseconds >= second) {
        const std::int64_t minutes = nanoseconds / (60 * second);
        return (minutes > 0 ? std::to_string(minutes) + 'm' : "") + decimal(nanoseconds % (60 * second), second) + 's';
    }
    if (nanoseconds >= 1'000'000) {
        return decimal(nanoseconds, 1'000'000) + "ms";
    }
    return nanoseconds >= 1000 ? decimal(nanoseconds, 1000) + "\u00b5s" : std::to_string(nanoseconds) + "ns";
}

} // namespace juju::mock
