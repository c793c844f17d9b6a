#include "store/yaml.hpp"
#include "unit/store_support.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

namespace juju {
namespace {

using store::AccountChange;
using store::ControllerChange;
using store::Model;
using test::StoreDirectory;
using test::thrown_by;

Model model(std::string name, std::string uuid, std::string type = "iaas")
{
    Model result;
    result.name = std::move(name);
    result.uuid = std::move(uuid);
    result.type = std::move(type);
    return result;
}

std::string replaced(std::string_view text, std::string_view old, std::string_view now)
{
    std::string result(text);
    const auto at = result.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return result.replace(at, old.size(), now);
}

/// The names in a directory, without the locks.
std::vector<std::string> names_in(const std::filesystem::path& directory)
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().filename() != "locks")
            names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

TEST(ClientStoreChange, WritesAControllerAsTheJujuCommandDoes)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    ControllerChange change;
    change.endpoints = std::vector<std::string>{"10.20.0.6:17070", "juju.example.com:17070/prefix", "[fd42:10:20::5]:17070"};
    change.agent_version = "4.0.16";
    change.public_hostname = "juju.example.com";
    change.dns_cache = std::map<std::string, std::vector<std::string>>{{"juju.example.com", {"203.0.113.7", "fd42::7"}}};
    directory.store().update_controller("lxd", change);
    auto expected = replaced(test::sample_controllers, "['10.20.0.5:17070', '[fd42:10:20::5]:17070']\n",
                             "['10.20.0.6:17070', 'juju.example.com:17070/prefix', '[fd42:10:20::5]:17070']\n"
                             "        dns-cache: {juju.example.com: [203.0.113.7, 'fd42::7']}\n"
                             "        public-hostname: juju.example.com\n");
    expected = replaced(expected, "type: lxd\n        agent-version: 4.0.15\n", "type: lxd\n        agent-version: 4.0.16\n");
    EXPECT_EQ(directory.read("controllers.yaml"), expected);
    EXPECT_EQ(test::mode_of(directory.path("controllers.yaml")), 0600u);
    EXPECT_EQ(names_in(directory.directory()), (std::vector<std::string>{"accounts.yaml", "controllers.yaml", "models.yaml"}));

    change.dns_cache->clear();
    change.public_hostname = "";
    change.agent_version = "";
    change.endpoints->resize(1);
    directory.store().update_controller("lxd", change);
    expected = replaced(test::sample_controllers, "['10.20.0.5:17070', '[fd42:10:20::5]:17070']\n", "['10.20.0.6:17070']\n");
    expected = replaced(expected, "type: lxd\n        agent-version: 4.0.15\n", "type: lxd\n        agent-version: 4.0.16\n");
    EXPECT_EQ(directory.read("controllers.yaml"), expected);
}

TEST(ClientStoreChange, WritesAnAccountAsTheJujuCommandDoes)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    AccountChange change;
    change.last_known_access = "superuser";
    change.access_token = SecretValue("bmV3");
    directory.store().update_account("jaas", change);
    EXPECT_EQ(directory.read("accounts.yaml"),
              replaced(test::sample_accounts,
                       "    last-known-access: login\n    access-token: ZXlKaGJHY2lPaUpJVXpJMU5pSXNJblI1Y0NJNklrcFhWQ0o5Li4u\n",
                       "    last-known-access: superuser\n    access-token: bmV3\n"));
    EXPECT_EQ(test::mode_of(directory.path("accounts.yaml")), 0600u);
    directory.store().update_account("lxd", change);
    EXPECT_NE(directory.read("accounts.yaml")
                  .find("    password: 0a1b2c3d4e5f60718293a4b5c6d7e8f9\n    last-known-access: superuser\n"
                        "    access-token: bmV3\n"),
              std::string::npos);
}

TEST(ClientStoreChange, WritesModelsAsTheJujuCommandDoes)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    directory.store().replace_models("lxd", {model("admin/web", std::string(test::web_uuid)),
                                             model("bob@local/web10", "7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b02", "caas"),
                                             model("bob/web9", "7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b03")});
    EXPECT_EQ(directory.read("models.yaml"), R"(controllers:
  k8s-east:
    models:
      bob/app:
        uuid: c4b1d2e3-5a6b-4c7d-8e9f-0a1b2c3d4e5f
        type: caas
    current-model: bob/app
  lxd:
    models:
      admin/web:
        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01
        type: iaas
      bob/web9:
        uuid: 7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b03
        type: iaas
      bob/web10:
        uuid: 7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b02
        type: caas
    current-model: admin/web
    previous-model: admin/controller
)");
    directory.store().replace_models("jaas", {model("alice@example.com/x", "7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b04")});
    EXPECT_TRUE(directory.read("models.yaml").starts_with(R"(controllers:
  jaas:
    models:
      alice@example.com/x:
        uuid: 7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b04
        type: iaas
  k8s-east:
)"));
    directory.store().replace_models("k8s-east", {});
    EXPECT_NE(directory.read("models.yaml").find("  k8s-east:\n    models: {}\n    current-model: bob/app\n"), std::string::npos);
}

TEST(ClientStoreChange, MakesTheFileOfModels)
{
    const StoreDirectory directory;
    directory.store().replace_models("lxd", {model("admin/web", std::string(test::web_uuid))});
    EXPECT_EQ(directory.read("models.yaml"), "controllers:\n  lxd:\n    models:\n      admin/web:\n"
                                             "        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01\n        type: iaas\n");
    directory.store().replace_models("empty", {});
    EXPECT_EQ(directory.read("models.yaml").find("empty:\n    models: {}\n"), 15u);
}

TEST(ClientStoreChange, RemovesAModel)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    directory.store().remove_model("lxd", "admin@local/web");
    EXPECT_EQ(
        directory.read("models.yaml"),
        replaced(test::sample_models, "      admin/web:\n        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01\n        type: iaas\n", ""));
    EXPECT_EQ(test::mode_of(directory.path("models.yaml")), 0600u);
}

TEST(ClientStoreChange, KeepsWhatItDoesNotKnow)
{
    const StoreDirectory directory;
    directory.write("controllers.yaml",
                    "future: [1, two, {a: b}]\ncontrollers:\n    lxd:\n        colour: 'blue: sky'\n"
                    "        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c99\n        steps:\n        - one\n        - k: v\n          l: w\n"
                    "        on: yes\n        nothing: ~\n        empty: []\n        number: 007\n        text: \"007\"\n");
    ControllerChange change;
    change.endpoints = std::vector<std::string>{"10.0.0.1:17070"};
    directory.store().update_controller("lxd", change);
    EXPECT_EQ(directory.read("controllers.yaml"), R"(future: [1, two, {a: b}]
controllers:
    lxd:
        colour: 'blue: sky'
        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c99
        api-endpoints: ['10.0.0.1:17070']
        steps:
            - one
            - k: v
              l: w
        on: yes
        nothing: null
        empty: []
        number: 007
        text: "007"
)");

    directory.write("models.yaml", "controllers:\n  lxd:\n    models:\n      admin@local/web:\n"
                                   "        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01\n        type: iaas\n        branch: master\n"
                                   "      admin/old:\n        uuid: 7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b02\n        type: iaas\n");
    directory.store().replace_models("lxd", {model("admin/web", "7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b03")});
    EXPECT_EQ(directory.read("models.yaml"),
              "controllers:\n  lxd:\n    models:\n      admin@local/web:\n"
              "        uuid: 7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b03\n        type: iaas\n        branch: master\n");
    directory.write("accounts.yaml", "controllers:\n  lxd:\n    user: bob@local\n    shoes: 2\n");
    AccountChange account;
    account.last_known_access = "login";
    directory.store().update_account("lxd", account);
    EXPECT_EQ(directory.read("accounts.yaml"), "controllers:\n  lxd:\n    user: bob@local\n    last-known-access: login\n    shoes: 2\n");
}

TEST(ClientStoreChange, WritesNothingWhenNothingIsDifferent)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    // The CLI's own text would not come out of a rewrite with these comments.
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"})
        directory.write(file, "# comment\n" + directory.read(file));
    auto store = directory.store();
    ControllerChange change;
    store.update_controller("lxd", change);
    change.endpoints = store.controller("jaas").endpoints;
    change.agent_version = "3.6.28";
    change.public_hostname = "jaas.example.com";
    change.dns_cache = store.controller("jaas").dns_cache;
    store.update_controller("jaas", change);
    AccountChange account;
    store.update_account("lxd", account);
    account.last_known_access = "";
    account.access_token = SecretValue();
    store.update_account("lxd", account);
    account.last_known_access = "superuser";
    store.update_account("lxd", account);
    auto models = store.models("lxd");
    std::swap(models[0], models[2]);
    store.replace_models("lxd", models);
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"})
        EXPECT_TRUE(directory.read(file).starts_with("# comment\n")) << file;
}

TEST(ClientStoreChange, LeavesNothingBehindWhenItFails)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    const auto path = directory.path("accounts.yaml");
    std::filesystem::rename(path, directory.path("real"));
    std::filesystem::create_directories(directory.path("sub"));
    // Reading follows the link; what it points to is left alone, as the juju command leaves it.
    std::filesystem::create_symlink(directory.path("real"), path);
    AccountChange change;
    change.last_known_access = "login";
    directory.store().update_account("lxd", change);
    EXPECT_FALSE(std::filesystem::is_symlink(path));
    EXPECT_EQ(directory.read("real"), test::sample_accounts);

    directory.store().replace_models("lxd", {});
    const auto missing = store::ClientStore(directory.path("gone").string(), directory.environment());
    auto thrown = thrown_by([&] { store::ClientStore(missing).replace_models("lxd", {model("admin/web", std::string(test::web_uuid))}); });
    EXPECT_EQ(thrown.code, errc::unreadable_file);
    EXPECT_TRUE(thrown.text.ends_with(": no such file or directory")) << thrown.text;
    EXPECT_EQ(names_in(directory.directory()),
              (std::vector<std::string>{"accounts.yaml", "controllers.yaml", "models.yaml", "real", "sub"}));
}

TEST(ClientStoreChange, RefusesWhatTheJujuCommandRefuses)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    auto store = directory.store();
    const auto expect = [](const auto& call, errc code, const std::string& text) {
        const auto thrown = thrown_by(call);
        EXPECT_EQ(thrown.code, code) << thrown.text;
        EXPECT_EQ(thrown.text, text);
    };
    const std::string uuid(test::web_uuid);
    expect([&] { store.update_controller("gone", {}); }, errc::controller_not_found, "controller gone not found");
    expect([&] { store.update_account("gone", {}); }, errc::not_logged_in, "account details for controller gone not found");
    expect([&] { store.replace_models("lxd", {model("foo", uuid)}); }, errc::invalid_name,
           R"(validating model name "foo": unqualified model name "foo" not valid)");
    expect([&] { store.replace_models("lxd", {model("!/foo", uuid)}); }, errc::invalid_name,
           R"(validating model name "!/foo": user name "!" not valid)");
    expect([&] { store.replace_models("lxd", {model("admin/Foo", uuid)}); }, errc::invalid_name, R"(model name "admin/Foo" not valid)");
    expect([&] { store.replace_models("lxd", {model("admin/foo", "")}); }, errc::invalid_argument, "missing uuid, model details not valid");
    expect([&] { store.replace_models("lxd", {model("admin/foo", uuid, "")}); }, errc::invalid_argument,
           "missing type, model details not valid");
    expect([&] { store.remove_model("lxd", "foo"); }, errc::invalid_name,
           R"(validating model name "foo": unqualified model name "foo" not valid)");
    expect([&] { store.remove_model("jaas", "admin/web"); }, errc::model_not_found, "models for controller jaas not found");
    expect([&] { store.remove_model("lxd", "admin/foo"); }, errc::model_not_found, "model lxd:admin/foo not found");
    expect([&] { store.replace_models("", {}); }, errc::invalid_argument, "empty controller name not valid");
    directory.write("controllers.yaml", "controllers:\n    lxd:\n        cloud: x\n");
    expect([&] { store.update_controller("lxd", {}); }, errc::invalid_store,
           "cannot unmarshal yaml controllers metadata: " + directory.path("controllers.yaml").string() +
               ":3:9: missing uuid, controller details not valid");
    EXPECT_EQ(directory.read("models.yaml"), test::sample_models);
}

/// How a text stands as a value in a mapping, which must read back as the same text.
std::string written(std::string_view text)
{
    store::yaml::Node root;
    store::yaml::set(root, "k", store::yaml::text(text), {});
    const auto yaml = store::yaml::write(root, 2);
    const auto back = store::yaml::read(yaml);
    EXPECT_EQ(back.find("k")->value.text(), text);
    return std::string(yaml.substr(2));
}

TEST(Yaml, QuotesAsGoDoes)
{
    using namespace std::string_literals;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"plain", " plain\n"},
        {"two words", " two words\n"},
        {"a:b", " a:b\n"},
        {"a: b", " 'a: b'\n"},
        {"a:", " 'a:'\n"},
        {"a#b", " a#b\n"},
        {"a #b", " 'a #b'\n"},
        {"#a", " '#a'\n"},
        {"- a", " '- a'\n"},
        {"-a", " -a\n"},
        {"---", " '---'\n"},
        {"it's", " it's\n"},
        {"'a'", " '''a'''\n"},
        {"\"", " '\"'\n"},
        {"@a", " '@a'\n"},
        {"%a", " '%a'\n"},
        {"*a", " '*a'\n"},
        {"[a]", " '[a]'\n"},
        {"{a}", " '{a}'\n"},
        {" a", " ' a'\n"},
        {"a ", " 'a '\n"},
        {"", " \"\"\n"},
        {"~", " \"~\"\n"},
        {"null", " \"null\"\n"},
        {"true", " \"true\"\n"},
        {"yes", " \"yes\"\n"},
        {"17070", " \"17070\"\n"},
        {"0x1f", " \"0x1f\"\n"},
        {"1_000", " \"1_000\"\n"},
        {"1.5", " \"1.5\"\n"},
        {"1e3", " \"1e3\"\n"},
        {"-1", " \"-1\"\n"},
        {"1:30", " \"1:30\"\n"},
        {"2026-08-21", " \"2026-08-21\"\n"},
        {"4.0.15", " 4.0.15\n"},
        {"0a1b2c", " 0a1b2c\n"},
        {"ZXlK=", " ZXlK=\n"},
        {"a\nb\n", " |\n  a\n  b\n"},
        {"a\nb", " |-\n  a\n  b\n"},
        {"a\n\n", " |+\n  a\n\n"},
        {" a\nb\n", " |2\n   a\n  b\n"},
        {"a \nb\n", " \"a \\nb\\n\"\n"},
        {"a\tb", " \"a\\tb\"\n"},
        {"\x01", " \"\\x01\"\n"},
        {"\x7f", " \"\\x7F\"\n"},
        {"\r\n", " \"\\r\\n\"\n"},
        {"\\\"\x01", " \"\\\\\\\"\\x01\"\n"},
        {"\xc3\xa4", " \xc3\xa4\n"},
        {"\xe2\x80\xa8", " \"\\L\"\n"},
    };
    for (const auto& [text, expected] : cases)
        EXPECT_EQ(written(text), expected) << text;
}

TEST(Yaml, ReadsEscapesAsUtf8)
{
    const auto root = store::yaml::read("a: \"\\N\\_\\x85\\xa0\\L\\P\\u00e0\\_\"\n");
    ASSERT_EQ(root.children.size(), 2U);
    EXPECT_EQ(root.children[1].value.text(), "\xc2\x85\xc2\xa0\xc2\x85\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9\xc3\xa0\xc2\xa0");
    EXPECT_TRUE(store::yaml::same(store::yaml::read(store::yaml::write(root, 2)), root));
}

TEST(Yaml, PutsAQuestionMarkBeforeLongKeys)
{
    const std::string key(2000, 'k');
    const std::string simple(128, 's');
    const auto text = "? " + key + "\n: a: 1\n  b: 2\n? " + key + "1\n: text\n? " + key + "2\n:\n- 1\n- 2\n? " + key + "3\n: {? " + key +
                      ": 1, b: 2}\n" + simple + ":\n  ? " + key + "\n  : a: 1\n";
    const auto root = store::yaml::read(text);
    EXPECT_EQ(std::string_view(store::yaml::write(root, 2)), text);
    const auto wider = store::yaml::write(root, 4);
    EXPECT_TRUE(wider.starts_with("? " + key + "\n:   a: 1\n    b: 2\n")) << wider;
    EXPECT_TRUE(store::yaml::same(store::yaml::read(wider), root));
}

TEST(Yaml, RefusesBytesThatAreNoCharacters)
{
    for (const char* const bytes :
         {"\x80", "\xc1\x81", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xc3("}) {
        try {
            store::yaml::read(std::string("a: 1\nb: \xc3\xa4") + bytes + "\n");
            ADD_FAILURE() << bytes;
        } catch (const store::yaml::Problem& problem) {
            EXPECT_STREQ(problem.what(), "invalid UTF-8");
            EXPECT_EQ(problem.line(), 2);
            EXPECT_EQ(problem.column(), 5);
        }
    }
}

TEST(Yaml, SortsKeysAsGoDoes)
{
    // As yaml.v2 v2.4.0 wrote a map of these.
    const std::vector<std::string> sorted{
        "1",          "2",        "10",       "a1/x",      "a01/x",     "a001",     "admin/a-1",           "admin/a-2",
        "admin/a-10", "admin/a1", "admin/a2", "admin/a10", "admin/aa",  "admin/b",  "alice@example.com/a", "b-1",
        "b0",         "b00",      "b1",       "bob/web",   "bob/web-x", "bob/web9", "bob/web10",           "bob/webx",
        "x-1",        "x1-",      "x10",      "x100",      "x1a"};
    for (std::size_t i = 0; i < sorted.size(); ++i)
        for (std::size_t j = 0; j < sorted.size(); ++j)
            EXPECT_EQ(store::yaml::key_less(sorted[i], sorted[j]), i < j) << sorted[i] << ' ' << sorted[j];
}

} // namespace
} // namespace juju
