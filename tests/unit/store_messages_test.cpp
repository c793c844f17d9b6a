#include "store/choose.hpp"
#include "store/lock.hpp"
#include "unit/store_support.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

namespace juju {
namespace {

using test::StoreDirectory;
using test::thrown_by;

struct Row {
    std::function<void()> call;
    errc code;
    std::string text;
};

void expect_rows(const std::vector<Row>& rows)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto thrown = thrown_by(rows[i].call);
        EXPECT_EQ(thrown.code, rows[i].code) << i;
        EXPECT_EQ(thrown.text, rows[i].text) << i;
    }
}

std::string lock_path(const StoreDirectory& directory)
{
    return store::store_lock_path(directory.path("controllers.yaml").string(), directory.environment());
}

TEST(StoreLock, IsNamedAsTheJujuCommandNamesIt)
{
    const std::string path = "/home/alice/.local/share/juju/controllers.yaml";
    EXPECT_EQ(store::store_lock_path(path, test::variables({})), "/tmp/juju-store-lock-6134663837343430");
    EXPECT_EQ(store::store_lock_path(path, test::variables({{"TMPDIR", "/var/tmp"}})), "/var/tmp/juju-store-lock-6134663837343430");
}

TEST(StoreLock, IsTakenForTheCleanedPath)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    const store::ClientStore other(directory.directory().string() + "//locks/../", directory.environment());
    EXPECT_EQ(other.current_controller(), "lxd");
    EXPECT_TRUE(std::filesystem::exists(lock_path(directory)));
    EXPECT_EQ(test::mode_of(lock_path(directory)), 0600u);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path("locks")), {}), 1);
}

TEST(StoreLock, TellsWhatItWasWantedForWhenItIsNotFree)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    auto store = directory.store();
    const int held = ::open(lock_path(directory).c_str(), O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
    ASSERT_EQ(::flock(held, LOCK_EX), 0);
    const std::string end = ": timeout acquiring mutex";
    expect_rows({
        {[&] { static_cast<void>(store.controller_names()); }, errc::store_locked,
         "cannot acquire lock file to read all the controllers" + end},
        {[&] { static_cast<void>(store.current_controller()); }, errc::store_locked,
         "cannot acquire lock file to get the current controller name" + end},
        {[&] { static_cast<void>(store.controller("lxd")); }, errc::store_locked, "cannot acquire lock file to read controller lxd" + end},
        {[&] { static_cast<void>(store.account("lxd")); }, errc::store_locked,
         "cannot acquire lock file for getting an account details on controller lxd" + end},
        {[&] { static_cast<void>(store.models("lxd")); }, errc::store_locked,
         "cannot acquire lock file for getting all models for controller lxd" + end},
        {[&] { static_cast<void>(store.current_model("lxd")); }, errc::store_locked,
         "cannot acquire lock file for getting current model for controller lxd" + end},
        {[&] { store.update_controller("lxd", {}); }, errc::store_locked, "cannot acquire lock file to update controller lxd" + end},
        {[&] { store.update_account("lxd", {}); }, errc::store_locked,
         "cannot acquire lock file for updating an account on controller lxd" + end},
        {[&] { store.replace_models("lxd", {}); }, errc::store_locked,
         "cannot acquire lock file for setting models on controller lxd" + end},
        {[&] { store.remove_model("lxd", "admin/web"); }, errc::store_locked,
         "cannot acquire lock file for removing model admin/web on controller lxd" + end},
    });
    ::close(held);
    EXPECT_EQ(store.current_controller(), "lxd");
}

TEST(StoreLock, DoesNotWaitForAFifoInItsPlace)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    ASSERT_EQ(::mkfifo(lock_path(directory).c_str(), 0600), 0);
    EXPECT_EQ(directory.store().current_controller(), "lxd");
    std::filesystem::remove(directory.path("controllers.yaml"));
    ASSERT_EQ(::mkfifo(directory.path("controllers.yaml").c_str(), 0600), 0);
    EXPECT_EQ(directory.store().current_controller(), std::nullopt);
}

TEST(ClientStore, SaysWhatIsMissingAsTheJujuCommandDoes)
{
    const StoreDirectory directory;
    directory.write("controllers.yaml", "controllers:\n    lxd: {}\n");
    directory.write("models.yaml", "controllers:\n  lxd: {}\n");
    auto store = directory.store();
    const auto environment = test::variables({});
    const std::string empty_name = "empty controller name not valid";
    expect_rows({
        {[&] { static_cast<void>(store.controller("gone")); }, errc::controller_not_found, "controller gone not found"},
        {[&] { static_cast<void>(store.account("gone")); }, errc::not_logged_in, "account details for controller gone not found"},
        {[&] { store.remove_model("gone", "admin/web"); }, errc::model_not_found, "models for controller gone not found"},
        {[&] { store.remove_model("lxd", "admin/web"); }, errc::model_not_found, "model lxd:admin/web not found"},
        {[&] { static_cast<void>(store::choose_model(store, environment, "lxd:", "")); }, errc::no_model,
         "current model for controller lxd not found"},
        {[&] { static_cast<void>(store.controller("")); }, errc::invalid_argument, empty_name},
        {[&] { static_cast<void>(store.account("")); }, errc::invalid_argument, empty_name},
        {[&] { static_cast<void>(store.models("")); }, errc::invalid_argument, empty_name},
        {[&] { static_cast<void>(store.current_model("")); }, errc::invalid_argument, empty_name},
        {[&] { static_cast<void>(store.cookie_jar_path("")); }, errc::invalid_argument, empty_name},
        {[&] { static_cast<void>(store.cookie_jar_path("../x")); }, errc::invalid_argument, "controller name \"../x\" not valid"},
        {[&] { store.update_controller("", {}); }, errc::invalid_argument, empty_name},
        {[&] { store.update_account("", {}); }, errc::invalid_argument, empty_name},
        {[&] { store.remove_model("", "admin/web"); }, errc::invalid_argument, empty_name},
        {[&] { store.remove_model("lxd", "foo"); }, errc::invalid_name,
         R"(validating model name "foo": unqualified model name "foo" not valid)"},
        {[&] { store.remove_model("lxd", "!/foo"); }, errc::invalid_name, R"(validating model name "!/foo": user name "!" not valid)"},
        {[&] { store.remove_model("lxd", "admin/Foo"); }, errc::invalid_name, R"(model name "admin/Foo" not valid)"},
        {[&] { static_cast<void>(store.controller("a\nb")); }, errc::controller_not_found, "controller a\\x0ab not found"},
    });
    EXPECT_EQ(store.current_controller(), std::nullopt);
}

} // namespace
} // namespace juju
