#include "store/cookie_jar.hpp"
#include "store/lock.hpp"
#include "unit/store_support.hpp"

#include <juju/log.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using store::CookieJar;
using store::Time;
using test::StoreDirectory;
using test::thrown_by;

const std::string host(test::lxd_uuid);

Time time(std::string_view text)
{
    return store::parse_cookie_time(text).value();
}

const Time now = time("2026-08-20T12:00:00Z");

/// An entry of the jar; `changes` are members that differ from an ordinary one's.
std::string entry(const std::string& name, const std::string& json, const std::vector<std::pair<std::string, std::string>>& changes = {})
{
    std::vector<std::pair<std::string, std::string>> members{
        {"Name", '"' + name + '"'},
        {"Value", '"' + std::string(SecretValue(json).base64().text()) + '"'},
        {"Domain", '"' + host + '"'},
        {"Path", "\"/\""},
        {"Secure", "false"},
        {"HttpOnly", "false"},
        {"Persistent", "true"},
        {"HostOnly", "true"},
        {"Expires", "\"2026-08-21T09:30:00Z\""},
        {"Creation", "\"2026-08-20T09:30:00.123456789Z\""},
        {"LastAccess", "\"2026-08-20T10:02:11.5Z\""},
        {"Updated", "\"2026-08-20T09:30:00.123456789Z\""},
        {"CanonicalHost", '"' + host + '"'},
    };
    for (const auto& [key, value] : changes) {
        const auto found = std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == key; });
        if (found == members.end())
            members.emplace_back(key, value);
        else
            found->second = value;
    }
    std::string text;
    for (const auto& [key, value] : members)
        text += (text.empty() ? "{\"" : ",\"") + key + "\":" + value;
    return text + '}';
}

class CookieJarTest : public testing::Test {
protected:
    CookieJar jar() const { return CookieJar(path().string()); }
    std::filesystem::path path() const { return directory_.path("cookies/lxd.json"); }
    void write(std::string_view text) const { test::write_file(path(), text); }
    std::string read() const { return test::read_file(path()); }

    std::vector<std::string> slices(const std::string& of = host) const
    {
        std::vector<std::string> texts;
        for (const auto& slice : jar().macaroon_slices(of, now))
            texts.emplace_back(slice.text());
        return texts;
    }

    using Texts = std::vector<std::string>;
    StoreDirectory directory_;
};

TEST(CookieTime, ReadsAndWritesGoTimes)
{
    const std::vector<std::pair<std::string, std::string>> same{
        {"2026-08-20T09:30:00Z", "2026-08-20T09:30:00Z"},      {"2026-08-20T09:30:00.123456789Z", "2026-08-20T09:30:00.123456789Z"},
        {"2026-08-20T10:02:11.5Z", "2026-08-20T10:02:11.5Z"},  {"2026-08-20T10:02:10.500Z", "2026-08-20T10:02:10.5Z"},
        {"2026-08-20T10:02:11+02:00", "2026-08-20T08:02:11Z"}, {"2026-01-01T00:02:11-01:30", "2026-01-01T01:32:11Z"},
    };
    for (const auto& [text, written] : same)
        EXPECT_EQ(store::cookie_time_text(time(text)), written);
    EXPECT_EQ(time("0001-01-01T00:00:00Z"), Time::min());
    EXPECT_EQ(time("9999-12-31T23:59:59Z"), Time::max());
    EXPECT_EQ(store::cookie_time_text(Time::min()), "1677-09-21T00:12:43.145224192Z");
    EXPECT_EQ(store::cookie_time_text(Time::max()), "2262-04-11T23:47:16.854775807Z");
    EXPECT_EQ(store::cookie_time_text(Time(std::chrono::nanoseconds(-1))), "1969-12-31T23:59:59.999999999Z");
    for (const char* text :
         {"", "now", "2026-08-20", "2026-13-20T09:30:00Z", "2026-02-30T09:30:00Z", "2026-08-20T24:30:00Z", "2026-08-20T09:30:00",
          "2026-08-20T09:30:00.Z", "2026-08-20T09:30:00.1234567890Z", "2026-08-20T09:30:00+0200", "2026-08-20T09:30:00Zx"})
        EXPECT_FALSE(store::parse_cookie_time(text)) << text;
}

TEST(CookieHost, IsThePublicNameOrTheUuid)
{
    store::Controller controller;
    EXPECT_EQ(store::cookie_host(controller), "");
    controller.uuid = host;
    EXPECT_EQ(store::cookie_host(controller), host);
    controller.public_hostname = "jaas.example.com";
    EXPECT_EQ(store::cookie_host(controller), "jaas.example.com");
}

TEST_F(CookieJarTest, GivesTheSampleOfTheReference)
{
    const std::string json = R"([{"c":[{"i":"time-before 2026-08-21T09:30:00Z"}],"l":"juju model","i":"primary-id","s64":"PYCW"}])";
    write('[' + entry("macaroon-3d80964ef4d2727a6b77c4a10629fd0b0871d68b6f768648acdcc112f08db9ce", json) + "]\n");
    EXPECT_EQ(slices(), (Texts{json}));
}

TEST_F(CookieJarTest, HasNothingWithoutAFile)
{
    EXPECT_EQ(slices(), Texts());
    EXPECT_FALSE(std::filesystem::exists(path().parent_path()));
    for (const char* text : {"", "null", "null\n", "[]", "[]\n"}) {
        write(text);
        EXPECT_EQ(slices(), Texts()) << text;
    }
}

TEST_F(CookieJarTest, ChoosesByTheRulesOfCookies)
{
    struct Case {
        std::vector<std::pair<std::string, std::string>> changes;
        bool chosen;
    };
    const std::vector<Case> cases{
        {{}, true},
        {{{"Expires", "\"2026-08-20T12:00:00Z\""}}, false},
        {{{"Expires", "\"2026-08-20T12:00:00.000000001Z\""}}, true},
        {{{"Expires", "\"2026-08-20T14:00:01+02:00\""}}, true},
        {{{"Expires", "\"2026-08-20T13:59:59+02:00\""}}, false},
        {{{"Expires", "\"9999-12-31T23:59:59Z\""}}, true},
        {{{"Expires", "\"0001-01-01T00:00:00Z\""}}, false},
        {{{"CanonicalHost", "\"\""}}, false},
        {{{"CanonicalHost", "\"other\""}}, true},
        {{{"Domain", "\"10.20.0.5\""}}, false},
        {{{"Domain", "\"8d3e-4c55-8a2b-1f0f3d8a7c99\""}, {"HostOnly", "false"}}, false},
        {{{"Path", "\"/auth\""}}, false},
        {{{"Path", "\"\""}}, false},
        {{{"Secure", "true"}}, true},
        {{{"HttpOnly", "true"}}, true},
        {{{"Persistent", "false"}}, true},
        {{{"Name", "\"session\""}}, false},
        {{{"Name", "\"macaroon-auth\""}}, true},
        {{{"Name", "\"macaroon\""}}, false},
        {{{"Value", "\"\""}}, false},
        {{{"Value", "\"!\""}}, false},
        {{{"Value", "\"W10=x\""}}, false},
        {{{"Value", "\"e30=\""}}, false},
        {{{"Value", "\"bm8ganNvbg==\""}}, false},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        write('[' + entry("macaroon-a", "[1]", cases[i].changes) + ']');
        EXPECT_EQ(slices(), cases[i].chosen ? Texts{"[1]"} : Texts()) << i;
    }
}

TEST_F(CookieJarTest, ComparesHostsAsCookiesDo)
{
    const auto with = [&](const std::string& domain, const std::string& host_only) {
        write('[' + entry("macaroon-a", "[1]", {{"Domain", '"' + domain + '"'}, {"HostOnly", host_only}}) + ']');
    };
    with("example.com", "false");
    for (const char* of : {"example.com", "EXAMPLE.com", "example.com.", "example.com:443", "jaas.example.com"})
        EXPECT_EQ(slices(of), Texts{"[1]"}) << of;
    for (const char* of : {"badexample.com", "com", "example.org", "", "example.com.evil"})
        EXPECT_EQ(slices(of), Texts()) << of;
    with("example.com", "true");
    EXPECT_EQ(slices("example.com"), Texts{"[1]"});
    EXPECT_EQ(slices("jaas.example.com"), Texts());
}

TEST_F(CookieJarTest, ReadsEveryKindOfBase64)
{
    // ["<<???>>"] and an array of other length, so that both special characters and all paddings come up.
    for (const char* value : {"WyI8PD8_Pz4-Il0=", "WyI8PD8_Pz4-Il0", "WyI8PD8/Pz4+Il0=", "WyI8PD8/Pz4+Il0"}) {
        write('[' + entry("macaroon-a", "", {{"Value", '"' + std::string(value) + '"'}}) + ']');
        EXPECT_EQ(slices(), Texts{R"(["<<???>>"])"}) << value;
    }
    write('[' + entry("macaroon-a", "", {{"Value", "\"WyI8PD8/Pz4-Il0=\""}}) + ']');
    EXPECT_EQ(slices(), Texts());
}

TEST_F(CookieJarTest, LeavesOutWhatTheParserTakesForAnArrayButAControllerDoesNot)
{
    for (const std::string& slice : {std::string("[1]\0", 4), std::string("[1]\0,2", 6), std::string("\xef\xbb\xbf[1]")}) {
        write('[' + entry("macaroon-a", slice) + ']');
        EXPECT_EQ(slices(), Texts());
    }
}

TEST_F(CookieJarTest, OrdersByAgeAndTakesTheNewestOfAName)
{
    write('[' + entry("macaroon-new", "[3]", {{"Creation", "\"2026-08-20T11:00:00Z\""}}) + ',' +
          entry("macaroon-b", "[2]", {{"Creation", "\"2026-08-20T10:00:00Z\""}}) + ',' +
          entry("macaroon-a", "[1]", {{"Creation", "\"2026-08-20T12:00:00+02:00\""}}) + ',' +
          entry("macaroon-new", "[9]", {{"Updated", "\"2026-08-20T09:00:00Z\""}}) + ']');
    EXPECT_EQ(slices(), (Texts{"[1]", "[2]", "[3]"}));
}

TEST_F(CookieJarTest, SaysWhereTheJarIsNotJson)
{
    const std::string start = "cannot load cookies: " + path().string();
    const std::vector<std::pair<std::string, std::string>> cases{
        {"MARKER", ":1:1: not valid JSON"},
        {"[\n{\"Name\":\"MARKER\",}]", ":2:18: not valid JSON"},
        {"[{\"Name\":\"MARKER", ":1:16: not valid JSON"},
        {"[] MARKER", ":1:4: not valid JSON"},
        {"[\"\xff\"]", ":1:3: not valid JSON"},
        {std::string(100'000, '['), ":1:100000: not valid JSON"},
        {std::string("[]\0MARKER", 9), ":1:3: not valid JSON"},
    };
    for (const auto& [text, where] : cases) {
        write(text);
        const auto thrown = thrown_by([&] { static_cast<void>(slices()); });
        EXPECT_EQ(thrown.code, errc::invalid_store);
        EXPECT_EQ(thrown.text, start + where) << text.substr(0, 100);
    }
    std::filesystem::remove(path());
    std::filesystem::create_directory(path());
    const auto thrown = thrown_by([&] { static_cast<void>(slices()); });
    EXPECT_EQ(thrown.code, errc::unreadable_file);
    EXPECT_EQ(thrown.text, "read " + path().string() + ": is a directory");
}

TEST_F(CookieJarTest, IgnoresJsonOfAnotherShapeWithAWarning)
{
    std::string log;
    set_log_sink([&](LogLevel, std::string_view line) { (log += line) += '\n'; });
    for (const std::string& text :
         {std::string("{\"MARKER\":1}"), std::string("[\"MARKER\"]"), std::string("\"MARKER\""),
          '[' + entry("macaroon-a", "[1]", {{"Expires", "1"}}) + ']', '[' + entry("macaroon-a", "[1]", {{"HostOnly", "\"MARKER\""}}) + ']',
          '[' + entry("macaroon-a", "[1]", {{"Value", "[]"}}) + ']', '[' + entry("macaroon-a", "[1]", {{"Expires", "\"MARKER\""}}) + ']',
          '[' + entry("macaroon-a", "[1]", {{"Number", "1e999"}}) + ']',
          '[' + entry("macaroon-a", "[1]", {{"Deep", std::string(100'000, '[') + std::string(100'000, ']')}}) + ']',
          R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + R"(,"b":1,"c":2})"}) {
        log.clear();
        write(text);
        EXPECT_EQ(slices(), Texts()) << text.substr(0, 1000);
        EXPECT_EQ(log, path().string() + ": the cookies are not in the known format, and are ignored\n");
    }
    set_log_sink(nullptr);
}

TEST_F(CookieJarTest, ReadsAgainWhatIsHalfWritten)
{
    const std::string whole = '[' + entry("macaroon-a", "[1]") + "]\n";
    for (const std::string& part : {std::string(), whole.substr(0, 100)}) {
        // The reader may come before or after the rest; either way it sees all of it.
        write(part);
        std::thread writer([&] {
            std::this_thread::sleep_for(5ms);
            const int file = ::open(path().c_str(), O_WRONLY | O_CLOEXEC);
            EXPECT_EQ(::write(file, whole.data(), whole.size()), static_cast<ssize_t>(whole.size()));
            ::close(file);
        });
        std::vector<std::string> found;
        for (int tries = 0; tries < 500 && found.empty(); ++tries) {
            try {
                found = slices();
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), errc::invalid_store);
            }
        }
        writer.join();
        EXPECT_EQ(found, Texts{"[1]"});
    }
}

TEST_F(CookieJarTest, WritesAsTheGoJarDoes)
{
    jar().save(host, "macaroon-3d80", SecretValue(R"([{"i":"x"}])"), time("2026-08-21T09:30:00Z"), time("2026-08-20T09:30:00.12Z"));
    EXPECT_EQ(
        read(),
        "[{\"Name\":\"macaroon-3d80\",\"Value\":\"W3siaSI6IngifV0=\",\"Domain\":\"0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c99\",\"Path\":\"/\","
        "\"Secure\":false,\"HttpOnly\":false,\"Persistent\":true,\"HostOnly\":true,\"Expires\":\"2026-08-21T09:30:00Z\","
        "\"Creation\":\"2026-08-20T09:30:00.12Z\",\"LastAccess\":\"2026-08-20T09:30:00.12Z\",\"Updated\":\"2026-08-20T09:30:00.12Z\","
        "\"CanonicalHost\":\"0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c99\"}]\n");
    EXPECT_EQ(test::mode_of(path()), 0600u);
    EXPECT_EQ(test::mode_of(path().parent_path()), 0700u);
    EXPECT_FALSE(std::filesystem::exists(path().string() + ".lock"));
    EXPECT_EQ(slices(), Texts{R"([{"i":"x"}])"});
}

TEST_F(CookieJarTest, MergesWithWhatIsThere)
{
    const std::string tombstone = R"("2026-08-01T00:00:00Z")";
    const std::string kept = entry("macaroon-kept", "[1]", {{"Extra", "[1,2]"}});
    const std::string fresh = entry("macaroon-tombstone", "", {{"Expires", tombstone}, {"Updated", "\"2026-08-19T12:00:00.1Z\""}});
    const std::string gone = entry("macaroon-gone", "", {{"Expires", tombstone}, {"Updated", "\"2026-08-19T12:00:00Z\""}});
    const std::string session = entry("macaroon-session", "[2]", {{"Persistent", "false"}});
    const std::string homeless = entry("macaroon-homeless", "[3]", {{"CanonicalHost", "\"\""}});
    const std::string other =
        entry("macaroon-other", "[4]", {{"CanonicalHost", "\"a.example.com\""}, {"Domain", "\"a.example.com\""}, {"Name", "\"a<b>&c\""}});
    const std::string deeper = entry("macaroon-deeper", "[5]", {{"Path", "\"/auth\""}});
    write('[' + kept + ',' + fresh + ',' + gone + ',' + session + ',' + homeless + ',' + other + ',' + deeper + ']');
    jar().save(host, "macaroon-new", SecretValue("[6]"), time("2026-08-21T09:30:00Z"), now);
    const std::string added = entry(
        "macaroon-new", "[6]",
        {{"Creation", "\"2026-08-20T12:00:00Z\""}, {"LastAccess", "\"2026-08-20T12:00:00Z\""}, {"Updated", "\"2026-08-20T12:00:00Z\""}});
    std::string escaped = other;
    escaped.replace(escaped.find("a<b>&c"), 6, "a\\u003cb\\u003e\\u0026c");
    EXPECT_EQ(read(), '[' + deeper + ',' + kept + ',' + fresh + ',' + added + ',' + escaped + "]\n");
}

TEST_F(CookieJarTest, ReplacesTheCookieOfItsNameUnlessThatIsNewer)
{
    write('[' + entry("macaroon-a", "[1]") + ']');
    jar().save(host, "macaroon-a", SecretValue("[2]"), time("2026-08-22T00:00:00Z"), now);
    EXPECT_EQ(read(), '[' +
                          entry("macaroon-a", "[2]",
                                {{"Expires", "\"2026-08-22T00:00:00Z\""},
                                 {"LastAccess", "\"2026-08-20T12:00:00Z\""},
                                 {"Updated", "\"2026-08-20T12:00:00Z\""}}) +
                          "]\n");
    const auto newer = entry("macaroon-a", "[3]", {{"Updated", "\"2026-08-20T12:00:01Z\""}});
    write('[' + newer + ']');
    jar().save(host, "macaroon-a", SecretValue("[4]"), time("2026-08-22T00:00:00Z"), now);
    EXPECT_EQ(read(), '[' + newer + "]\n");
}

TEST_F(CookieJarTest, KeepsNoCookieThatEndsWithinAMinute)
{
    jar().save(host, "macaroon-a", SecretValue("[1]"), now + 59s, now);
    jar().save(host, "macaroon-a", SecretValue("[1]"), now - 1h, now);
    EXPECT_FALSE(std::filesystem::exists(path()));
    jar().save(host, "macaroon-a", SecretValue("[1]"), now + 60s, now);
    EXPECT_EQ(slices(), Texts{"[1]"});
    jar().save(host, "macaroon-b", SecretValue("[2]"), std::nullopt, now);
    EXPECT_NE(read().find("\"Expires\":\"2126-07-27T12:00:00Z\""), std::string::npos) << read();
}

TEST_F(CookieJarTest, WritesNullWhenNothingIsLeft)
{
    write('[' + entry("macaroon-a", "[1]", {{"Expires", "\"2026-08-01T00:00:00Z\""}, {"Updated", "\"2026-08-01T00:00:00Z\""}}) + ']');
    jar().save(host, "macaroon-b", SecretValue("[2]"), now + 1h, now);
    jar().save("other", "macaroon-c", SecretValue("[3]"), now + 100h, now + 50h);
    EXPECT_EQ(read().find(host), std::string::npos);
}

TEST_F(CookieJarTest, ReplacesAJarThatIsBrokenAndSaysSo)
{
    std::string log;
    set_log_sink([&](LogLevel, std::string_view line) { (log += line) += '\n'; });
    write("[{MARKER");
    jar().save(host, "macaroon-a", SecretValue("[1]"), now + 1h, now);
    set_log_sink(nullptr);
    EXPECT_EQ(log, path().string() + ": the cookies cannot be read, and are replaced\n");
    EXPECT_EQ(slices(), Texts{"[1]"});
}

TEST_F(CookieJarTest, ChangesNothingWithoutTheLock)
{
    write("null\n");
    const std::string lock = path().string() + ".lock";
    test::write_file(lock, "x");
    auto thrown = thrown_by([&] { CookieJar(path().string()).save(host, "macaroon-a", SecretValue("[1]"), std::nullopt, now); });
    EXPECT_EQ(thrown.code, errc::store_locked);
    EXPECT_TRUE(thrown.text.starts_with("file locked for too long; giving up: cannot acquire lock: ")) << thrown.text;
    EXPECT_EQ(read(), "null\n");
    EXPECT_EQ(test::read_file(lock), "x");
    EXPECT_EQ(slices(), Texts());
}

TEST_F(CookieJarTest, ExcludesTheRecordLockOfTheJujuCommand)
{
    write("null\n");
    const std::string lock = path().string() + ".lock";
    int ready[2];
    int finish[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(finish), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        // What the juju command does on this platform.
        const int file = ::open(lock.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0666);
        struct flock whole {};
        whole.l_type = F_WRLCK;
        char byte = ::fcntl(file, F_SETLK, &whole) == 0 ? 'y' : 'n';
        static_cast<void>(!::write(ready[1], &byte, 1));
        static_cast<void>(!::read(finish[0], &byte, 1));
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_EQ(byte, 'y');
    const auto thrown = thrown_by([&] { const store::JarLock held(lock, store::JarLockKind::record); });
    EXPECT_EQ(thrown.code, errc::store_locked);
    EXPECT_EQ(thrown.text, "file locked for too long; giving up: cannot acquire lock: resource temporarily unavailable");
    EXPECT_EQ(::write(finish[1], &byte, 1), 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    {
        const store::JarLock held(lock, store::JarLockKind::record);
        EXPECT_TRUE(std::filesystem::exists(lock));
    }
    EXPECT_FALSE(std::filesystem::exists(lock));
    for (const int end : {ready[0], ready[1], finish[0], finish[1]})
        ::close(end);
}

TEST_F(CookieJarTest, KnowsAnOwnerThatIsGone)
{
    write("null\n");
    const std::string lock = path().string() + ".lock";
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(0);
    int status = 0;
    ::waitpid(child, &status, 0);
    test::write_file(lock, "{\"OwnerPID\":" + std::to_string(child) + "}\n");
    EXPECT_EQ(thrown_by([&] { const store::JarLock held(lock, store::JarLockKind::owner); }).code, errc::store_locked);
    EXPECT_FALSE(std::filesystem::exists(lock)) << "free from now on";
    {
        const store::JarLock held(lock, store::JarLockKind::owner);
        EXPECT_EQ(test::read_file(lock), "{\"OwnerPID\":" + std::to_string(::getpid()) + "}\n");
        const auto thrown = thrown_by([&] { const store::JarLock second(lock, store::JarLockKind::owner); });
        EXPECT_EQ(thrown.text, "file locked for too long; giving up: cannot acquire lock: file exists");
    }
    EXPECT_FALSE(std::filesystem::exists(lock));
    for (const char* text : {"", "{", "{\"OwnerPID\":}", "{\"OwnerPID\":0}", "x"}) {
        test::write_file(lock, text);
        EXPECT_EQ(thrown_by([&] { const store::JarLock held(lock, store::JarLockKind::owner); }).code, errc::store_locked) << text;
    }
    std::filesystem::remove(lock);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path().parent_path()), {}), 1);
}

/// Counts in a file, which only works when nobody else does so at the same time.
void count_under_lock(const std::string& lock, const std::filesystem::path& counter, store::JarLockKind kind, int times)
{
    for (int i = 0; i < times; ++i) {
        test::when_unlocked([&] {
            const store::JarLock held(lock, kind);
            const int value = std::stoi(test::read_file(counter));
            test::write_file(counter, std::to_string(value + 1));
        });
    }
}

TEST_F(CookieJarTest, LocksExcludeThreadsAndProcesses)
{
    constexpr int times = 25;
    for (const auto kind : {store::JarLockKind::record, store::JarLockKind::owner}) {
        const std::string lock = directory_.path("lock").string();
        const auto counter = directory_.path("counter");
        test::write_file(counter, "0");
        std::vector<pid_t> children;
        for (int i = 0; i < 2; ++i) {
            const pid_t child = ::fork();
            if (child == 0) {
                count_under_lock(lock, counter, kind, times);
                ::_exit(0);
            }
            children.push_back(child);
        }
        std::vector<std::thread> threads;
        for (int i = 0; i < 2; ++i)
            threads.emplace_back([&] { count_under_lock(lock, counter, kind, times); });
        test::expect_all_end_well(threads, children);
        EXPECT_EQ(test::read_file(counter), std::to_string(4 * times));
    }
}

} // namespace
} // namespace juju
