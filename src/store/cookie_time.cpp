#include "store/cookie_time.hpp"

#include <cstdint>
#include <cstdio>

namespace juju::store {
namespace {

/// The number that `digits` digits at `at` stand for; -1 when there are others.
int number_at(std::string_view text, std::size_t at, std::size_t digits)
{
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool has_shape(std::string_view text)
{
    return text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':';
}

/// Takes ".123" off the front.
std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& rest)
{
    if (!rest.starts_with('.'))
        return std::chrono::nanoseconds(0);
    rest.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9')
        ++digits;
    if (digits == 0 || digits > 9)
        return std::nullopt;
    int value = number_at(rest, 0, digits);
    rest.remove_prefix(digits);
    for (; digits < 9; ++digits)
        value *= 10;
    return std::chrono::nanoseconds(value);
}

std::optional<std::chrono::minutes> offset_of(std::string_view zone)
{
    if (zone == "Z")
        return std::chrono::minutes(0);
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':')
        return std::nullopt;
    const int hours = number_at(zone, 1, 2);
    const int minutes = number_at(zone, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return std::nullopt;
    return std::chrono::minutes((zone[0] == '-' ? -1 : 1) * (hours * 60 + minutes));
}

} // namespace

std::optional<Time> parse_cookie_time(std::string_view text)
{
    using namespace std::chrono;
    if (!has_shape(text))
        return std::nullopt;
    const int y = number_at(text, 0, 4);
    const int m = number_at(text, 5, 2);
    const int d = number_at(text, 8, 2);
    const int hour = number_at(text, 11, 2);
    const int minute = number_at(text, 14, 2);
    const int second = number_at(text, 17, 2);
    std::string_view rest = text.substr(19);
    const auto fraction = take_fraction(rest);
    const auto offset = offset_of(rest);
    const bool in_range =
        y >= 0 && m >= 1 && d >= 1 && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
    if (!in_range || !fraction || !offset)
        return std::nullopt;
    const year_month_day date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
    if (!date.ok())
        return std::nullopt;
    if (y < 1678)
        return Time::min();
    if (y > 2261)
        return Time::max();
    return Time(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) + *fraction - *offset;
}

std::string cookie_time_text(Time time)
{
    using namespace std::chrono;
    constexpr std::int64_t per_second = 1'000'000'000;
    // In steps that do not overflow: the first Time is not the start of a day, nor of a second.
    const auto whole = floor<seconds>(time);
    const auto fraction = static_cast<int>(((time.time_since_epoch().count() % per_second) + per_second) % per_second);
    const auto days = floor<std::chrono::days>(whole);
    const year_month_day date(days);
    const hh_mm_ss<seconds> clock(whole - days);
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%09d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()), fraction);
    std::string text = buffer;
    text.resize(text.find_last_not_of('0') + 1);
    if (text.ends_with('.'))
        text.pop_back();
    return text + 'Z';
}

} // namespace juju::store
