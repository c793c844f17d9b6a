#include "secrets/timestamp.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>

namespace {

using juju::secrets::parse_timestamp;

/// Nanoseconds since 1970, from `date -u -d TIME +%s`.
std::optional<std::int64_t> nanoseconds(std::string_view text)
{
    const auto time = parse_timestamp(text);
    if (!time)
        return std::nullopt;
    return time->time_since_epoch().count();
}

constexpr std::int64_t second = 1'000'000'000;

struct Good {
    const char* text;
    std::int64_t nanoseconds;
};

void PrintTo(const Good& good, std::ostream* out)
{
    *out << good.text;
}

class GoodTime : public testing::TestWithParam<Good> {};
class BadTime : public testing::TestWithParam<const char*> {};

} // namespace

TEST_P(GoodTime, IsRead)
{
    EXPECT_EQ(nanoseconds(GetParam().text), GetParam().nanoseconds);
}

INSTANTIATE_TEST_SUITE_P(
    Timestamp, GoodTime,
    testing::Values(
        // No fraction, as 3.6 writes it, and 1 to 9 digits, as 4.0 does.
        Good{"2026-03-02T10:15:30Z", 1772446530 * second}, Good{"2026-03-02T10:15:30.1Z", 1772446530'100'000'000},
        Good{"2026-03-02T10:15:30.12Z", 1772446530'120'000'000}, Good{"2026-03-02T10:15:30.123Z", 1772446530'123'000'000},
        Good{"2026-03-02T10:15:30.1234Z", 1772446530'123'400'000}, Good{"2026-03-02T10:15:30.12345Z", 1772446530'123'450'000},
        Good{"2026-03-02T10:15:30.123456Z", 1772446530'123'456'000}, Good{"2026-03-02T10:15:30.1234567Z", 1772446530'123'456'700},
        Good{"2026-03-02T10:15:30.12345678Z", 1772446530'123'456'780}, Good{"2026-03-02T10:15:30.123456789Z", 1772446530'123'456'789},
        Good{"2026-03-02T10:15:30.000000001Z", 1772446530'000'000'001}, Good{"2026-03-02T10:15:30.000000000Z", 1772446530 * second},
        // Offsets: 10:15:30 at +01:00 is 09:15:30 UTC.
        Good{"2026-03-02T10:15:30+00:00", 1772446530 * second}, Good{"2026-03-02T10:15:30-00:00", 1772446530 * second},
        Good{"2026-03-02T10:15:30+01:00", 1772442930 * second}, Good{"2026-03-02T10:15:30-05:00", 1772464530 * second},
        Good{"2026-03-02T10:15:30+05:45", 1772425830 * second}, Good{"2026-03-02T10:15:30.5-03:30", 1772459130'500'000'000},
        Good{"2026-03-02T10:15:30+14:00", 1772396130 * second},
        // The date changes with the offset.
        Good{"2026-01-01T00:30:00+01:00", 1767223800 * second},
        // Calendar.
        Good{"1970-01-01T00:00:00Z", 0}, Good{"1969-12-31T23:59:59Z", -second}, Good{"1969-12-31T23:59:59.25Z", -750'000'000},
        Good{"2024-02-29T12:00:00Z", 1709208000 * second}, Good{"2000-02-29T00:00:00Z", 951782400 * second},
        // Go's zero time, also as the local time of a place west of Greenwich.
        Good{"0001-01-01T00:00:00Z", 0}, Good{"0001-01-01T01:00:00+01:00", 0}, Good{"0000-12-31T19:03:58-04:56", 0},
        // The ends of what a Timestamp holds.
        Good{"1678-01-01T00:00:00Z", -9214560000 * second}, Good{"2261-12-31T23:59:59.999999999Z", 9214646399'999'999'999}));

TEST_P(BadTime, IsRefused)
{
    EXPECT_EQ(nanoseconds(GetParam()), std::nullopt) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Timestamp, BadTime,
                         testing::Values("", "Z", "yesterday", "2026-03-02", "2026-03-02T10:15:30", "2026-03-02T10:15Z",
                                         "2026-03-02 10:15:30Z", "2026-03-02t10:15:30Z", "2026-03-02T10:15:30z", "2026-03-02T10:15:30.Z",
                                         "2026-03-02T10:15:30.1234567890Z", "2026-03-02T10:15:30,5Z", "2026-03-02T10:15:30ZZ",
                                         " 2026-03-02T10:15:30Z", "2026-03-02T10:15:30Z ", "2026-03-02T10:15:30+0100",
                                         "2026-03-02T10:15:30+1:00", "2026-03-02T10:15:30+01", "2026-03-02T10:15:30+24:00",
                                         "2026-03-02T10:15:30+01:60", "2026-03-02T10:15:30+-1:00", "2026-13-02T10:15:30Z",
                                         "2026-00-02T10:15:30Z", "2026-03-00T10:15:30Z", "2026-03-32T10:15:30Z", "2026-02-29T10:15:30Z",
                                         "2100-02-29T10:15:30Z", "2026-04-31T10:15:30Z", "2026-03-02T24:00:00Z", "2026-03-02T10:60:30Z",
                                         "2026-03-02T10:15:60Z", "26-03-02T10:15:30Z", "02026-03-02T10:15:30Z", "-026-03-02T10:15:30Z",
                                         "+2026-03-02T10:15:30Z", "2026-3-2T10:15:30Z", "2026-03-02T1:15:30Z", "2026-03-02T10:15:3Z",
                                         "2026-03-02T10:15:-3Z",
                                         // Outside of what a Timestamp holds.
                                         "1677-12-31T23:59:59Z", "2262-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0002-01-01T00:00:00Z"));

TEST(Timestamp, EndsAtTheTextEvenWhenMoreMemoryFollows)
{
    const std::string text = "2026-03-02T10:15:30Z";

    EXPECT_EQ(nanoseconds(std::string_view(text).substr(0, 19)), std::nullopt);
    EXPECT_EQ(nanoseconds(std::string_view("2026-03-02T10:15:30.123456789Z").substr(0, 24)), std::nullopt);
}

TEST(Timestamp, RefusesAZeroByte)
{
    EXPECT_EQ(nanoseconds(std::string_view("2026-03-02T10:15:30Z\0", 21)), std::nullopt);
}
