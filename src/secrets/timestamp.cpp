#include "secrets/timestamp.hpp"

#include <charconv>

namespace juju::secrets {
namespace {

/// Reads digits and separators one after the other; `ok` turns false at the first thing that does not fit.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool ok() const noexcept { return ok_; }
    bool at_end() const noexcept { return text_.empty(); }
    char peek() const noexcept { return text_.empty() ? '\0' : text_.front(); }

    void expect(char c) noexcept
    {
        if (peek() != c)
            ok_ = false;
        else
            text_.remove_prefix(1);
    }

    int number(std::size_t digits, int least, int most) noexcept
    {
        int value = 0;
        if (text_.size() < digits || text_.front() < '0' || text_.front() > '9')
            return fail();
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + digits, value);
        if (error != std::errc() || end != text_.data() + digits || value < least || value > most)
            return fail();
        text_.remove_prefix(digits);
        return value;
    }

    /// Up to 9 digits after the decimal point, as nanoseconds.
    int fraction() noexcept
    {
        int value = 0;
        int digits = 0;
        for (; peek() >= '0' && peek() <= '9'; ++digits) {
            if (digits < 9)
                value = value * 10 + (peek() - '0');
            text_.remove_prefix(1);
        }
        if (digits == 0 || digits > 9)
            return fail();
        for (; digits < 9; ++digits)
            value *= 10;
        return value;
    }

private:
    int fail() noexcept
    {
        ok_ = false;
        return 0;
    }

    std::string_view text_;
    bool ok_ = true;
};

std::chrono::minutes read_offset(Reader& reader) noexcept
{
    if (reader.peek() == 'Z') {
        reader.expect('Z');
        return {};
    }
    const int sign = reader.peek() == '-' ? -1 : 1;
    reader.expect(sign < 0 ? '-' : '+');
    const int hours = reader.number(2, 0, 23);
    reader.expect(':');
    const int minutes = reader.number(2, 0, 59);
    return std::chrono::minutes(sign * (hours * 60 + minutes));
}

} // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept
{
    using namespace std::chrono;
    Reader reader(text);
    const year y(reader.number(4, 0, 9999));
    reader.expect('-');
    const month m(static_cast<unsigned>(reader.number(2, 1, 12)));
    reader.expect('-');
    const day d(static_cast<unsigned>(reader.number(2, 1, 31)));
    reader.expect('T');
    const hours hour(reader.number(2, 0, 23));
    reader.expect(':');
    const minutes minute(reader.number(2, 0, 59));
    reader.expect(':');
    const seconds second(reader.number(2, 0, 59));
    nanoseconds fraction{};
    if (reader.peek() == '.') {
        reader.expect('.');
        fraction = nanoseconds(reader.fraction());
    }
    const minutes offset = read_offset(reader);
    const year_month_day date(y, m, d);
    if (!reader.ok() || !reader.at_end() || !date.ok())
        return std::nullopt;
    // In the local time of a place west of Greenwich Go's zero time is in the year 0.
    if (y <= year(1))
        return Timestamp();
    if (y < year(1678) || y > year(2261))
        return std::nullopt;
    return Timestamp(sys_days(date)) + hour + minute + second + fraction - offset;
}

} // namespace juju::secrets
