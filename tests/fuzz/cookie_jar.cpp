#include "store/cookie_jar.hpp"
#include "fuzz/directory.hpp"
#include "fuzz/fuzz.hpp"
#include "store/cookie_time.hpp"

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

// One text as a cookie jar.

/// Whoever reads a jar waits for others that write it. Here is nobody else, and a run must not take long.
extern "C" int nanosleep(const timespec*, timespec*)
{
    return 0;
}

namespace {

using fuzz::require;
using juju::SecretValue;
using juju::store::CookieJar;
using juju::store::Time;

const std::string host = "juju.example.com";
const SecretValue slice(std::string_view(R"([{"i":"mine"}])"));

std::vector<SecretValue> read(const CookieJar& jar, Time now)
{
    std::vector<SecretValue> slices;
    const auto error = fuzz::discreet_error_of([&] { slices = jar.macaroon_slices(host, now); });
    require(!error || error->code() == juju::errc::invalid_store, "a jar that cannot be read is an invalid store");
    return slices;
}

} // namespace

void fuzz::run(std::string_view text)
{
    static const Time now = juju::store::parse_cookie_time("2026-03-02T10:00:00Z").value();
    const auto path = directory() / "jar.json";
    write_file(path, text);
    const CookieJar jar(path.string());
    const auto before = read(jar, now);
    for (const auto& found : before)
        require(found.text().find('[') != std::string_view::npos, "a slice is a list");

    CookieJar changed = jar;
    require(!error_of([&] { changed.save(host, "macaroon-of-mine", slice, std::nullopt, now); }), "a cookie can be saved in any jar");
    const auto after = read(jar, now);
    require(after.size() <= before.size() + 1, "only one is new");
    require(std::ranges::find(after, slice) != after.end() || text.find("macaroon-of-mine") != std::string_view::npos,
            "what was saved is found");
    // The first time, cookies that are not persistent have gone.
    changed.save(host, "macaroon-of-mine", slice, std::nullopt, now + std::chrono::seconds(1));
    require(read(jar, now).size() == after.size(), "saving again replaces, and the other cookies stay");
}
