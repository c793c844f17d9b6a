#include "store/cookie_jar.hpp"
#include "store/lock.hpp"
#include "unit/store_support.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace juju {
namespace {

using namespace std::chrono_literals;
using test::StoreDirectory;

constexpr int writers = 3;
constexpr int rounds = 20;

std::string name_of(int writer)
{
    return 'c' + std::to_string(writer);
}

std::string uuid_of(int number)
{
    std::string digits = std::to_string(number);
    return "0b1f6a5c-8d3e-4c55-8a2b-" + std::string(12 - digits.size(), '0') + digits;
}

/// Changes one controller, its account and its models, and looks after each change whether all before are still there.
bool write_rounds(const StoreDirectory& directory, int writer)
{
    auto store = directory.store();
    const auto name = name_of(writer);
    for (int round = 1; round <= rounds; ++round) {
        store::ControllerChange controller;
        controller.agent_version = "3.6." + std::to_string(round);
        test::when_unlocked([&] { store.update_controller(name, controller); });
        store::AccountChange account;
        account.access_token = SecretValue("token-" + std::to_string(round));
        test::when_unlocked([&] { store.update_account(name, account); });
        auto models = test::when_unlocked([&] { return store.models(name); });
        store::Model added;
        added.name = "admin/m" + std::to_string(round);
        added.uuid = uuid_of(round);
        models.push_back(added);
        test::when_unlocked([&] { store.replace_models(name, models); });
        const auto has_all = [&] {
            return store.controller(name).agent_version == controller.agent_version &&
                   store.account(name).access_token == *account.access_token &&
                   store.models(name).size() == static_cast<std::size_t>(round);
        };
        if (!test::when_unlocked(has_all))
            return false;
    }
    return true;
}

/// Appends to a list in a file as the juju command would: its lock, read, rename.
bool write_as_the_command(const StoreDirectory& directory, const std::string& file)
{
    const auto lock = store::store_lock_path(directory.path("controllers.yaml").string(), directory.environment());
    for (int round = 1; round <= rounds; ++round) {
        const int held = ::open(lock.c_str(), O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
        if (::flock(held, LOCK_EX) != 0)
            return false;
        const auto text = directory.read(file) + "command-" + std::to_string(round) + ": true\n";
        test::write_file(directory.path(file + ".command"), text);
        std::filesystem::rename(directory.path(file + ".command"), directory.path(file));
        ::close(held);
    }
    return true;
}

pid_t in_a_process(const std::function<bool()>& work)
{
    const pid_t child = ::fork();
    if (child == 0) {
        bool ok = false;
        try {
            ok = work();
        } catch (const Error&) {
        }
        ::_exit(ok ? 0 : 1);
    }
    return child;
}

TEST(ClientStoreConcurrency, ProcessesThreadsAndTheCommandLoseNothing)
{
    const StoreDirectory directory;
    std::string controllers = "controllers:\n";
    std::string accounts = "controllers:\n";
    for (int i = 0; i < 2 * writers; ++i) {
        controllers += "    " + name_of(i) + ":\n        uuid: " + uuid_of(i) + '\n';
        accounts += "  " + name_of(i) + ":\n    user: bob\n";
    }
    directory.write("controllers.yaml", controllers);
    directory.write("accounts.yaml", accounts);
    directory.write("models.yaml", "controllers: {}\n");

    std::vector<pid_t> children;
    for (int i = 0; i < writers; ++i)
        children.push_back(in_a_process([&] { return write_rounds(directory, i); }));
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"})
        children.push_back(in_a_process([&] { return write_as_the_command(directory, file); }));
    std::vector<int> done(writers, 0);
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i)
        threads.emplace_back([&, i] { done[static_cast<std::size_t>(i)] = write_rounds(directory, writers + i) ? 1 : 0; });
    test::expect_all_end_well(threads, children);
    EXPECT_EQ(done, std::vector<int>(writers, 1));

    const auto store = directory.store();
    for (int i = 0; i < 2 * writers; ++i) {
        SCOPED_TRACE(name_of(i));
        EXPECT_EQ(store.controller(name_of(i)).agent_version, "3.6." + std::to_string(rounds));
        EXPECT_EQ(store.account(name_of(i)).access_token.text(), "token-" + std::to_string(rounds));
        EXPECT_EQ(store.models(name_of(i)).size(), static_cast<std::size_t>(rounds));
    }
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"}) {
        const auto text = directory.read(file);
        for (int round = 1; round <= rounds; ++round)
            EXPECT_NE(text.find("\ncommand-" + std::to_string(round) + ": true\n"), std::string::npos) << file << ' ' << round;
    }
}

/// Saves cookies of a name for each round.
bool save_rounds(const std::string& path, int writer)
{
    store::CookieJar jar(path);
    const auto now = store::parse_cookie_time("2026-08-20T12:00:00Z").value();
    for (int round = 0; round < rounds; ++round) {
        const auto name = "macaroon-" + std::to_string(writer) + '-' + std::to_string(round);
        test::when_unlocked([&] { jar.save("host", name, SecretValue("[1]"), now + 24h, now); });
    }
    return true;
}

TEST(CookieJarConcurrency, NoCookieIsLost)
{
    const StoreDirectory directory;
    const auto path = directory.path("cookies/lxd.json").string();
    std::vector<pid_t> children;
    for (int i = 0; i < writers; ++i)
        children.push_back(in_a_process([&] { return save_rounds(path, i); }));
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i)
        threads.emplace_back([&, i] { save_rounds(path, writers + i); });
    test::expect_all_end_well(threads, children);
    const auto now = store::parse_cookie_time("2026-08-20T13:00:00Z").value();
    EXPECT_EQ(store::CookieJar(path).macaroon_slices("host", now).size(), static_cast<std::size_t>(2 * writers * rounds));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path("cookies")), {}), 1);
}

} // namespace
} // namespace juju
