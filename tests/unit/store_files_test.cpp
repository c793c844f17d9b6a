#include "store/file.hpp"
#include "unit/store_support.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

namespace juju {
namespace {

using store::Environment;
using test::StoreDirectory;
using test::thrown_by;

TEST(DataDirectory, FollowsTheVariables)
{
    using Variables = std::map<std::string, std::string>;
    const auto directory = [](const Variables& variables) { return store::data_directory(Environment(variables)); };
    EXPECT_EQ(directory({{"JUJU_DATA", "~/x"}, {"XDG_DATA_HOME", "/xdg"}, {"HOME", "/home/alice"}}), "~/x");
    EXPECT_EQ(directory({{"JUJU_DATA", ""}, {"XDG_DATA_HOME", "/xdg"}, {"HOME", "/home/alice"}}), "/xdg/juju");
    EXPECT_EQ(directory({{"XDG_DATA_HOME", ""}, {"HOME", "/home/alice"}}), "/home/alice/.local/share/juju");
    EXPECT_EQ(directory({{"SNAP_REAL_HOME", "/home/bob"}, {"HOME", "/snap"}}), "/home/bob/.local/share/juju");
    const std::string text = "cannot determine juju data home, required environment variables are not set";
    for (const Variables& variables : {Variables{}, Variables{{"SNAP_REAL_HOME", ""}, {"HOME", "/snap"}}, Variables{{"HOME", ""}}}) {
        const auto thrown = thrown_by([&] { static_cast<void>(directory(variables)); });
        EXPECT_EQ(thrown.code, errc::invalid_argument);
        EXPECT_EQ(thrown.text, text);
    }
}

TEST(Environment, OfTheProcessTellsUnsetFromEmpty)
{
    ::setenv("JUJU_TEST_VARIABLE", "", 1);
    const auto environment = Environment::of_process();
    EXPECT_TRUE(environment.has("JUJU_TEST_VARIABLE"));
    EXPECT_EQ(environment.get("JUJU_TEST_VARIABLE"), "");
    ::unsetenv("JUJU_TEST_VARIABLE");
    EXPECT_FALSE(environment.has("JUJU_TEST_VARIABLE"));
    EXPECT_FALSE(environment.get("HOME").empty() && environment.has("HOME"));
}

TEST(ClientStore, ReadsWhatTheJujuCommandWrites)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    const auto store = directory.store();
    EXPECT_EQ(store.directory(), directory.directory().string());
    EXPECT_EQ(store.controller_names(), (std::vector<std::string>{"jaas", "k8s-east", "lxd"}));
    EXPECT_EQ(store.current_controller(), "lxd");

    const auto lxd = store.controller("lxd");
    EXPECT_EQ(lxd.name, "lxd");
    EXPECT_EQ(lxd.uuid, test::lxd_uuid);
    EXPECT_EQ(lxd.endpoints, (std::vector<std::string>{"10.20.0.5:17070", "[fd42:10:20::5]:17070"}));
    EXPECT_EQ(lxd.ca_cert, "-----BEGIN CERTIFICATE-----\nMIIEEj\n-----END CERTIFICATE-----\n");
    EXPECT_EQ(lxd.public_hostname, "");
    EXPECT_EQ(lxd.agent_version, "4.0.15");
    EXPECT_FALSE(lxd.oidc_login);
    EXPECT_FALSE(lxd.proxy);
    EXPECT_TRUE(lxd.dns_cache.empty());

    const auto jaas = store.controller("jaas");
    EXPECT_TRUE(jaas.oidc_login);
    EXPECT_EQ(jaas.public_hostname, "jaas.example.com");
    EXPECT_EQ(jaas.ca_cert, "");
    EXPECT_EQ(jaas.dns_cache, (std::map<std::string, std::vector<std::string>>{{"jaas.example.com", {"203.0.113.10", "203.0.113.11"}}}));

    const auto k8s = store.controller("k8s-east");
    ASSERT_TRUE(k8s.proxy);
    EXPECT_EQ(k8s.proxy->type, "kubernetes-port-forward");
    EXPECT_EQ(k8s.proxy->config.size(), 6u);
    EXPECT_EQ(k8s.proxy->config.at("remote-port").text(), "17070");
    EXPECT_EQ(k8s.proxy->config.at("service-account-token").text(), "eyJhbGciOi");
    EXPECT_EQ(k8s.proxy->config.at("ca-cert").text(), "-----BEGIN CERTIFICATE-----\nMIIDDz\n-----END CERTIFICATE-----\n");

    const auto admin = store.account("lxd");
    EXPECT_EQ(admin.user, "admin");
    EXPECT_EQ(admin.password.text(), "0a1b2c3d4e5f60718293a4b5c6d7e8f9");
    EXPECT_TRUE(admin.access_token.empty());
    EXPECT_EQ(admin.last_known_access, "superuser");
    EXPECT_EQ(store.account("jaas").user, "alice@example.com");
    EXPECT_EQ(store.account("jaas").access_token.text(), "ZXlKaGJHY2lPaUpJVXpJMU5pSXNJblI1Y0NJNklrcFhWQ0o5Li4u");

    const auto models = store.models("lxd");
    ASSERT_EQ(models.size(), 3u);
    EXPECT_EQ(models[1].name, "admin/web");
    EXPECT_EQ(models[1].uuid, test::web_uuid);
    EXPECT_EQ(models[1].type, "iaas");
    EXPECT_EQ(store.models("k8s-east").at(0).type, "caas");
    EXPECT_EQ(store.current_model("lxd"), "admin/web");
    EXPECT_EQ(store.cookie_jar_path("lxd"), directory.path("cookies/lxd.json").string());
}

TEST(ClientStore, ReadsOldSpellingsAndIgnoresWhatItDoesNotKnow)
{
    const StoreDirectory directory;
    directory.write("accounts.yaml", "controllers:\n  lxd:\n    user: bob@local\n    password: 123456\n    shoe-size: [1, {a: b}]\n");
    directory.write("models.yaml", "controllers:\n  lxd:\n    models:\n      bob@local/web:\n"
                                   "        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01\n        branch: master\n"
                                   "    current-model: bob@local/web\nextra: 1\n");
    const auto store = directory.store();
    EXPECT_EQ(store.account("lxd").user, "bob");
    EXPECT_EQ(store.account("lxd").password.text(), "123456");
    ASSERT_EQ(store.models("lxd").size(), 1u);
    EXPECT_EQ(store.models("lxd")[0].name, "bob/web");
    EXPECT_EQ(store.models("lxd")[0].type, "iaas");
    EXPECT_EQ(store.current_model("lxd"), "bob/web");
}

TEST(ClientStore, TakesMissingAndEmptyFilesForEmptyOnes)
{
    const std::string bom = "\xef\xbb\xbf";
    for (const std::string& text :
         {std::string("-"), std::string(), std::string("\n# nothing\n"), std::string("controllers:\n"), std::string("{}\n"),
          std::string("controllers: {}\n"), std::string("~\n"), bom, bom + "controllers: {}"}) {
        SCOPED_TRACE(text);
        const StoreDirectory directory;
        for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"})
            if (text != "-")
                directory.write(file, text);
        const auto store = directory.store();
        EXPECT_TRUE(store.controller_names().empty());
        EXPECT_EQ(store.current_controller(), std::nullopt);
        EXPECT_TRUE(store.models("lxd").empty());
        EXPECT_EQ(store.current_model("lxd"), std::nullopt);
        EXPECT_EQ(thrown_by([&] { static_cast<void>(store.account("lxd")); }).code, errc::not_logged_in);
        EXPECT_EQ(thrown_by([&] { static_cast<void>(store.controller("lxd")); }).code, errc::controller_not_found);
    }
}

TEST(ClientStore, ReadsOtherWaysToWriteTheSame)
{
    const StoreDirectory directory;
    directory.write("accounts.yaml", "# by hand\r\ncontrollers: {lxd: &a {user: \"bo\\x62\", password: 'it''s'}, other: *a}\r\n");
    directory.write("controllers.yaml", "controllers:\n  lxd:\n    api-endpoints:\n    - 10.0.0.1:17070\n    - 10.0.0.2:17070\n"
                                        "    oidc-login: yes\n    uuid: ~\n    ca-cert: null\n");
    const auto store = directory.store();
    EXPECT_EQ(store.account("other").user, "bob");
    EXPECT_EQ(store.account("other").password.text(), "it's");
    EXPECT_EQ(store.controller("lxd").endpoints, (std::vector<std::string>{"10.0.0.1:17070", "10.0.0.2:17070"}));
    EXPECT_TRUE(store.controller("lxd").oidc_login);
    EXPECT_EQ(store.controller("lxd").uuid, "");
}

TEST(ClientStore, ReadsALargeValueAndRefusesALargerFile)
{
    const StoreDirectory directory;
    const std::string large(1'000'000, 'x');
    directory.write("accounts.yaml", "controllers:\n  lxd:\n    user: bob\n    password: " + large + '\n');
    EXPECT_EQ(directory.store().account("lxd").password.text(), large);
    std::filesystem::resize_file(directory.path("accounts.yaml"), store::max_file_size + 1);
    const auto thrown = thrown_by([&] { static_cast<void>(directory.store().account("lxd")); });
    EXPECT_EQ(thrown.code, errc::invalid_store);
    EXPECT_EQ(thrown.text, "cannot unmarshal accounts: " + directory.path("accounts.yaml").string() + ": larger than 16777216 bytes");
}

struct Broken {
    std::string file;
    std::string text;
    std::string where; ///< LINE:COLUMN: why; the end of that when it starts with a colon, where yaml-cpp counts in a way of its own
};

std::string repeated(std::string_view text, std::size_t count)
{
    std::string result;
    for (std::size_t i = 0; i < count; ++i)
        result += text;
    return result;
}

/// One controller's entry with these lines.
std::string controller_with(const std::string& lines)
{
    return "controllers:\n    lxd:\n" + lines;
}

std::string account_with(const std::string& lines)
{
    return "controllers:\n  lxd:\n" + lines;
}

std::string model_with(const std::string& lines)
{
    return "controllers:\n  lxd:\n    models:\n      admin/web:\n" + lines;
}

/// Nine levels of ten aliases each.
std::string alias_bomb()
{
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        const std::string alias = "*a" + std::to_string(i - 1);
        text += 'a' + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias + repeated(", " + alias, 9) + "]\n";
    }
    return text;
}

std::vector<Broken> broken_files()
{
    const std::string c = "controllers.yaml";
    const std::string a = "accounts.yaml";
    const std::string m = "models.yaml";
    const std::string unclosed = "found unexpected end of stream in a quoted value";
    const std::string no_colon = "could not find expected ':'";
    std::vector<Broken> cases;
    for (const auto& file : {c, a, m}) {
        cases.push_back({file, "MARKER", "1:1: the file is not a mapping"});
        cases.push_back({file, "[MARKER]\n", "1:1: the file is not a mapping"});
        cases.push_back({file, "controllers: MARKER\n", "1:14: controllers is not a mapping"});
        cases.push_back({file, "controllers:\n- MARKER\n", "2:1: controllers is not a mapping"});
        cases.push_back({file, "controllers:\n  lxd: MARKER\n", "2:8: the controller's entry is not a mapping"});
        cases.push_back({file, "controllers:\n  lxd: [MARKER]\n", "2:8: the controller's entry is not a mapping"});
        cases.push_back({file, "controllers:\n  MARKER\n", "2:3: controllers is not a mapping"});
        cases.push_back({file, "controllers:\n  lxd: {}\n  lxd: {}\n", "3:3: the key is already defined above"});
        cases.push_back({file, "controllers:\n  lxd: {}\ncontrollers: {}\n", "3:1: the key is already defined above"});
        cases.push_back({file, "controllers:\n  lxd: {}\nMARKER\n", "3:1: " + no_colon});
        cases.push_back({file, "controllers:\n  ? [MARKER]\n  : {}\n", "2:5: a key is not a single value"});
        cases.push_back({file, "controllers:\n  lxd: {user: \"MARKER\n", "3:1: " + unclosed});
        cases.push_back({file, "controllers: {lxd: {\n", "2:1: end of map flow not found"});
        cases.push_back({file, "controllers:\n\tlxd: {}\n", "2:5: illegal map value"});
        cases.push_back({file, "controllers:\n  lxd: @MARKER\n", "2:8: unknown token"});
        cases.push_back({file, "controllers: {}\n---\ncontrollers: {}\n", "3:1: did not find expected key"});
        cases.push_back({file, "controllers:\n  lxd: \xff\n", "2:8: invalid UTF-8"});
        cases.push_back({file, "controllers:\n  lxd: \xc0\xaf\n", "2:8: invalid UTF-8"});
        cases.push_back({file, "controllers:\n  lxd: \xed\xa0\x80\n", "2:8: invalid UTF-8"});
        cases.push_back({file, std::string("controllers:\n  lxd: a\0b\n", 24), "2:9: control characters are not allowed"});
        cases.push_back({file, "controllers:\n  lxd: \x1b\n", "2:8: control characters are not allowed"});
        cases.push_back({file, "controllers:\n  lxd: \xc2\x9b\n", "2:8: control characters are not allowed"});
        cases.push_back({file, repeated("[", 100'000), ": nested too deeply"});
        cases.push_back({file, repeated("{a: ", 1'000), ": nested too deeply"});
        cases.push_back({file, alias_bomb(), "6:25: document contains excessive aliasing"});
        cases.push_back({file, "a: &a [*a]\n", "1:8: an anchor contains itself"});
        cases.push_back({file, "a: *missing\n", "1:4: the referenced anchor is not defined"});
        cases.push_back({file, "b: &b {}\ncontrollers:\n  lxd: {<<: *b}\n", "3:9: merged mappings (<<) are not supported"});
        cases.push_back({file, "a: !!binary TUFSS0VS\n", "1:4: a value of this tag is not supported"});
        cases.push_back({file, "a: !MARKER b\n", "1:4: a value of this tag is not supported"});
        cases.push_back({file, "%MARKER\n---\n\"", "4:1: found unexpected end of stream in a quoted value"});
    }
    cases.push_back({c, controller_with("        uuid: [MARKER]\n"), "3:15: uuid is not a single value"});
    cases.push_back({c, controller_with("        uuid: MARKER\n"), "3:15: uuid is not a UUID"});
    cases.push_back({c, controller_with("        uuid: 0B1F6A5C-8d3e-4c55-8a2b-1f0f3d8a7c99\n"), "3:15: uuid is not a UUID"});
    cases.push_back({c, controller_with("        api-endpoints: MARKER\n"), "3:24: api-endpoints is not a list"});
    cases.push_back({c, controller_with("        api-endpoints: {MARKER: 1}\n"), "3:24: api-endpoints is not a list"});
    cases.push_back({c, controller_with("        api-endpoints: [[MARKER]]\n"), "3:25: api-endpoints is not a single value"});
    cases.push_back({c, controller_with("        dns-cache: MARKER\n"), "3:20: dns-cache is not a mapping"});
    cases.push_back({c, controller_with("        dns-cache: {a: MARKER}\n"), "3:24: dns-cache is not a list"});
    cases.push_back({c, controller_with("        dns-cache: {a: [{}]}\n"), "3:25: dns-cache is not a single value"});
    cases.push_back({c, controller_with("        public-hostname: [MARKER]\n"), "3:26: public-hostname is not a single value"});
    cases.push_back({c, controller_with("        ca-cert: {}\n"), "3:18: ca-cert is not a single value"});
    cases.push_back({c, controller_with("        ca-cert: MARKER\n"), "3:18: ca-cert is not a certificate in PEM"});
    cases.push_back({c, controller_with("        ca-cert: '-----BEGIN CERTIFICATE-----'\n"), "3:18: ca-cert is not a certificate in PEM"});
    cases.push_back({c, controller_with("        ca-cert: '-----END CERTIFICATE-----BEGIN CERTIFICATE-----'\n"),
                     "3:18: ca-cert is not a certificate in PEM"});
    cases.push_back({c, controller_with("        agent-version: []\n"), "3:24: agent-version is not a single value"});
    cases.push_back({c, controller_with("        oidc-login: MARKER\n"), "3:21: oidc-login is neither true nor false"});
    cases.push_back({c, controller_with("        oidc-login: \"true\"\n"), "3:21: oidc-login is neither true nor false"});
    cases.push_back({c, controller_with("        oidc-login: [true]\n"), "3:21: oidc-login is not a single value"});
    cases.push_back({c, controller_with("        proxy-config: MARKER\n"), "3:23: proxy-config is not a mapping"});
    cases.push_back({c, controller_with("        proxy-config: {config: {}}\n"), "3:23: type key for proxier cannot be empty not valid"});
    cases.push_back({c, controller_with("        proxy-config: {type: ssh}\n"),
                     "3:30: cannot make proxier for type ssh: proxy register for key ssh not found"});
    cases.push_back({c, controller_with("        proxy-config: {type: [MARKER]}\n"), "3:30: type is not a single value"});
    cases.push_back(
        {c, controller_with("        proxy-config: {type: kubernetes-port-forward, config: MARKER}\n"), "3:63: config is not a mapping"});
    cases.push_back({c, controller_with("        proxy-config: {type: kubernetes-port-forward, config: {a: [MARKER]}}\n"),
                     "3:67: a value of proxy-config is not a single value"});
    cases.push_back({a, account_with("    user: [MARKER]\n"), "3:11: user is not a single value"});
    cases.push_back({a, account_with("    user: b\n"), "3:11: user name \"b\" not valid"});
    cases.push_back({a, account_with("    user: a_b\n    password: MARKER\n"), "3:11: user name \"a_b\" not valid"});
    cases.push_back({a, account_with("    password: MARKER\n"), "3:5: missing user, account details not valid"});
    cases.push_back({a, account_with("    user: bob\n    password: [MARKER]\n"), "4:15: password is not a single value"});
    cases.push_back({a, account_with("    user: bob\n    access-token: {MARKER: 1}\n"), "4:19: access-token is not a single value"});
    cases.push_back({a, account_with("    user: bob\n    last-known-access: []\n"), "4:24: last-known-access is not a single value"});
    cases.push_back({a, account_with("    user: bob\n    password: MARKER: x\n"), "4:21: illegal map value"});
    cases.push_back({a, account_with("    user: bob\n    password: 'MARKER\n"), "5:1: " + unclosed});
    cases.push_back({a, account_with("    user: bob\n   password: MARKER\n"), "4:4: end of map not found"});
    cases.push_back({a, account_with("    user: bob\n    password MARKER\n"), "4:5: could not find expected ':'"});
    cases.push_back({m, "controllers:\n  lxd:\n    models: MARKER\n", "3:13: models is not a mapping"});
    cases.push_back({m, "controllers:\n  lxd:\n    models: [MARKER]\n", "3:13: models is not a mapping"});
    cases.push_back({m, "controllers:\n  lxd:\n    models: {admin/web: MARKER}\n", "3:25: the model's entry is not a mapping"});
    cases.push_back({m, "controllers:\n  lxd:\n    models: {admin/web: {}}\n", "3:25: missing uuid, model details not valid"});
    cases.push_back({m, model_with("        uuid: MARKER\n"), "5:15: uuid is not a UUID"});
    cases.push_back({m, model_with("        uuid: [MARKER]\n"), "5:15: uuid is not a single value"});
    cases.push_back({m, model_with("        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01\n        type: [MARKER]\n"),
                     "6:15: type is not a single value"});
    return cases;
}

/// All that is read of a file.
void read_all_of(const store::ClientStore& store, const std::string& file)
{
    if (file == "controllers.yaml")
        static_cast<void>(store.controller_names());
    else if (file == "accounts.yaml")
        static_cast<void>(store.account("lxd"));
    else
        static_cast<void>(store.models("lxd"));
}

TEST(ClientStore, SaysWhereAFileIsBroken)
{
    const std::map<std::string, std::string> words{{"controllers.yaml", "cannot unmarshal yaml controllers metadata"},
                                                   {"accounts.yaml", "cannot unmarshal accounts"},
                                                   {"models.yaml", "cannot unmarshal models"}};
    const StoreDirectory directory;
    const auto cases = broken_files();
    EXPECT_GE(cases.size(), 120u);
    for (const auto& broken : cases) {
        SCOPED_TRACE(broken.file + ": " + broken.text.substr(0, 200));
        directory.write(broken.file, broken.text);
        const auto thrown = thrown_by([&] { read_all_of(directory.store(), broken.file); });
        const std::string start = words.at(broken.file) + ": " + directory.path(broken.file).string() + ':';
        EXPECT_EQ(thrown.code, errc::invalid_store) << thrown.text;
        EXPECT_EQ(thrown.text.substr(0, start.size()), start);
        const auto where = thrown.text.substr(std::min(start.size(), thrown.text.size()));
        if (broken.where.starts_with(':')) {
            EXPECT_TRUE(where.ends_with(broken.where)) << where;
        } else {
            EXPECT_EQ(where, broken.where);
        }
        EXPECT_EQ(thrown.text.find("MARKER"), std::string::npos) << thrown.text;
    }
}

TEST(ClientStore, EveryWayToReadAFileFindsItBroken)
{
    const StoreDirectory directory;
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"})
        directory.write(file, "[]\n");
    auto store = directory.store();
    const std::vector<std::function<void()>> calls{[&] { static_cast<void>(store.controller_names()); },
                                                   [&] { static_cast<void>(store.current_controller()); },
                                                   [&] { static_cast<void>(store.controller("lxd")); },
                                                   [&] { static_cast<void>(store.account("lxd")); },
                                                   [&] { static_cast<void>(store.models("lxd")); },
                                                   [&] { static_cast<void>(store.current_model("lxd")); },
                                                   [&] { store.update_controller("lxd", {}); },
                                                   [&] { store.update_account("lxd", {}); },
                                                   [&] { store.replace_models("lxd", {}); },
                                                   [&] { store.remove_model("lxd", "admin/web"); }};
    for (const auto& call : calls)
        EXPECT_EQ(thrown_by(call).code, errc::invalid_store);
    EXPECT_EQ(directory.read("models.yaml"), "[]\n");
}

/// Runs `call` in a process of nobody, who may not do what root may; true when it did so and `call` gave true.
bool as_nobody(const std::function<bool()>& call)
{
    const pid_t child = ::fork();
    if (child == 0) {
        const bool ok = (::geteuid() != 0 || (::setgid(65534) == 0 && ::setuid(65534) == 0)) && call();
        ::_exit(ok ? 0 : 1);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(ClientStore, SaysWhyAFileCannotBeRead)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"}) {
        SCOPED_TRACE(file);
        const auto path = directory.path(file);
        std::filesystem::remove(path);
        std::filesystem::create_directory(path);
        auto thrown = thrown_by([&] { read_all_of(directory.store(), file); });
        EXPECT_EQ(thrown.code, errc::unreadable_file);
        EXPECT_EQ(thrown.text, "read " + path.string() + ": is a directory");

        std::filesystem::remove(path);
        std::filesystem::create_symlink(path, path);
        thrown = thrown_by([&] { read_all_of(directory.store(), file); });
        EXPECT_EQ(thrown.code, errc::unreadable_file);
        EXPECT_EQ(thrown.text, "open " + path.string() + ": too many levels of symbolic links");

        std::filesystem::remove(path);
        std::filesystem::create_symlink(directory.path("nowhere"), path);
        const auto code = thrown_by([&] { read_all_of(directory.store(), file); }).code;
        EXPECT_TRUE(!code || code == errc::not_logged_in) << code.message();
        std::filesystem::remove(path);
    }
}

TEST(ClientStore, SaysThatAFileMayNotBeRead)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can make files of another user";
    const StoreDirectory directory;
    test::write_sample(directory);
    std::filesystem::permissions(directory.directory(), std::filesystem::perms::all);
    std::filesystem::permissions(directory.path("locks"), std::filesystem::perms::all);
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml"}) {
        const auto path = directory.path(file);
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        const std::string owner =
            file == std::string("controllers.yaml") ? "ownership of the file is not the same as the current user: " : "";
        EXPECT_TRUE(as_nobody([&] {
            const auto thrown = thrown_by([&] { read_all_of(directory.store(), file); });
            return thrown.code == errc::unreadable_file && thrown.text == owner + "open " + path.string() + ": permission denied";
        })) << file;
        ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
        ASSERT_EQ(::chmod(path.c_str(), 0), 0);
        EXPECT_TRUE(as_nobody([&] {
            const auto thrown = thrown_by([&] { read_all_of(directory.store(), file); });
            return thrown.code == errc::unreadable_file && thrown.text == "open " + path.string() + ": permission denied";
        })) << file;
    }
}

TEST(ClientStore, ReadsWithoutALockThatCannotBeMade)
{
    const StoreDirectory directory;
    test::write_sample(directory);
    auto store = store::ClientStore(directory.directory().string(), test::variables({{"TMPDIR", "/nowhere"}}));
    EXPECT_EQ(store.current_controller(), "lxd");
    store::AccountChange change;
    change.last_known_access = "login";
    const auto thrown = thrown_by([&] { store.update_account("lxd", change); });
    EXPECT_EQ(thrown.code, errc::unreadable_file);
    EXPECT_EQ(thrown.text.substr(0, 82), "cannot acquire lock file for updating an account on controller lxd: unable to open");
    EXPECT_TRUE(thrown.text.ends_with(": no such file or directory")) << thrown.text;
    EXPECT_EQ(directory.read("accounts.yaml"), test::sample_accounts);
}

} // namespace
} // namespace juju
