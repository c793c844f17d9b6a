#include "mock/names.hpp"
#include "mock/yaml_writer.hpp"
#include "support/profile_name.hpp"

#include <juju/mock_controller.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace juju::test {
namespace {

namespace fs = std::filesystem;

const std::string state =
    "model: {uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d, name: web, owner: bob}\n"
    "controller_uuid: c0ffee00-1111-4222-8333-444444444444\nusers:\n- {name: admin, password: '0123', access: admin}\n"
    "- {name: bob, password: pass word, access: write}\n";

class MockStore : public testing::TestWithParam<MockProfile> {
protected:
    MockStore() : directory_(fs::temp_directory_path() / ("juju-mock-store-" + mock::random_hex(12))) {}
    ~MockStore() override
    {
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
    }

    bool is_3_6() const { return GetParam() == MockProfile::juju_3_6; }
    std::string version() const { return is_3_6() ? "3.6.28" : "4.0.15"; }
    MockOptions options() const { return MockOptions().profile(GetParam()).state_yaml(state); }

    std::string text(const std::string& name) const
    {
        std::ifstream stream(directory_ / name, std::ios::binary);
        std::ostringstream all;
        all << stream.rdbuf();
        return all.str();
    }

    fs::path directory_;
};

/// A certificate as a literal under `margin` spaces.
std::string indented(const std::string& pem, std::size_t margin)
{
    std::istringstream lines(pem);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        out += std::string(margin, ' ') + line + '\n';
    }
    return out;
}

TEST_P(MockStore, IsAsTheJujuCommandWritesIt)
{
    MockController mock(options());

    mock.write_client_store(directory_);

    EXPECT_EQ(text("controllers.yaml"), "controllers:\n"
                                        "    mock:\n"
                                        "        uuid: c0ffee00-1111-4222-8333-444444444444\n"
                                        "        api-endpoints: ['" +
                                            mock.endpoint() +
                                            "']\n"
                                            "        ca-cert: |\n" +
                                            indented(mock.ca_cert(), 12) +
                                            "        cloud: mock\n"
                                            "        type: manual\n"
                                            "        agent-version: " +
                                            version() +
                                            "\n"
                                            "        controller-machine-count: 1\n"
                                            "        active-controller-machine-count: 0\n"
                                            "        machine-count: 1\n"
                                            "current-controller: mock\n" +
                                            (is_3_6() ? "" : "has-controller-changed-on-previous-switch: false\n"));
    EXPECT_EQ(text("accounts.yaml"), "controllers:\n"
                                     "  mock:\n"
                                     "    user: admin\n"
                                     "    password: \"0123\"\n"
                                     "    last-known-access: superuser\n");
    EXPECT_EQ(text("models.yaml"), "controllers:\n"
                                   "  mock:\n"
                                   "    models:\n"
                                   "      bob/web:\n"
                                   "        uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d\n"
                                   "        type: iaas\n" +
                                       std::string(is_3_6() ? "        branch: master\n" : "") + "    current-model: bob/web\n");
}

TEST_P(MockStore, HasWhatItIsToldTo)
{
    MockController mock(options().nodes(2));
    const auto store = MockStoreOptions()
                           .name("k8s")
                           .user("bob")
                           .session_token("ZXlKaGJHY2lPaUpJVXpJMU5pSQ==")
                           .cookies("[]\n")
                           .public_hostname("jaas.example.com")
                           .endpoints({"jaas.example.com:443", "[fd42::5]:17070", "jaas.example.com"})
                           .cached_addresses("jaas.example.com", {"203.0.113.10", "203.0.113.11"})
                           .ca_cert("")
                           .proxy("kubernetes-port-forward", {{"api-host", "https://192.0.2.20:16443"},
                                                              {"ca-cert", "A\nB\n"},
                                                              {"namespace", "controller-k8s"},
                                                              {"remote-port", "17070"},
                                                              {"service", "controller-service"},
                                                              {"service-account-token", "eyJhbGciOi"}})
                           .current(false)
                           .models(MockStoredModels::no_current);

    mock.write_client_store(directory_, store);

    EXPECT_EQ(text("controllers.yaml"), "controllers:\n"
                                        "    k8s:\n"
                                        "        uuid: c0ffee00-1111-4222-8333-444444444444\n"
                                        "        api-endpoints: ['jaas.example.com:443', '[fd42::5]:17070', jaas.example.com]\n"
                                        "        dns-cache: {jaas.example.com: [203.0.113.10, 203.0.113.11]}\n"
                                        "        public-hostname: jaas.example.com\n"
                                        "        ca-cert: \"\"\n"
                                        "        cloud: mock\n"
                                        "        type: manual\n"
                                        "        agent-version: " +
                                            version() +
                                            "\n"
                                            "        controller-machine-count: 2\n"
                                            "        active-controller-machine-count: 0\n"
                                            "        machine-count: 1\n"
                                            "        oidc-login: true\n"
                                            "        proxy-config:\n"
                                            "            type: kubernetes-port-forward\n"
                                            "            config:\n"
                                            "                api-host: https://192.0.2.20:16443\n"
                                            "                ca-cert: |\n"
                                            "                    A\n"
                                            "                    B\n"
                                            "                namespace: controller-k8s\n"
                                            "                remote-port: \"17070\"\n"
                                            "                service: controller-service\n"
                                            "                service-account-token: eyJhbGciOi\n" +
                                            (is_3_6() ? "" : "has-controller-changed-on-previous-switch: false\n"));
    EXPECT_EQ(text("accounts.yaml"), "controllers:\n"
                                     "  k8s:\n"
                                     "    user: bob\n"
                                     "    last-known-access: login\n"
                                     "    access-token: ZXlKaGJHY2lPaUpJVXpJMU5pSQ==\n");
    EXPECT_EQ(text("models.yaml").find("current-model"), std::string::npos);
    EXPECT_EQ(text("cookies/k8s.json"), "[]\n");
    EXPECT_EQ(fs::status(directory_).permissions(), fs::perms::owner_all);
    EXPECT_EQ(fs::status(directory_ / "cookies").permissions(), fs::perms::owner_all);
    for (const char* file : {"controllers.yaml", "accounts.yaml", "models.yaml", "cookies/k8s.json"}) {
        EXPECT_EQ(fs::status(directory_ / file).permissions(), fs::perms::owner_read | fs::perms::owner_write) << file;
    }
}

TEST_P(MockStore, HoldsSeveralControllers)
{
    MockController one(options().public_dns_name("controller.example.com"));
    MockController two(MockOptions().profile(GetParam()).nodes(2));
    one.write_client_store(directory_, MockStoreOptions().name("zulu").user("bob").login(MockStoredLogin::nothing));
    const std::string zulu = text("controllers.yaml");

    two.write_client_store(directory_, MockStoreOptions().name("alpha").current(false));
    const std::string both = text("controllers.yaml");

    EXPECT_NE(zulu.find("        public-hostname: controller.example.com\n"), std::string::npos);
    const auto end_of_alpha = both.find("    zulu:\n");
    ASSERT_NE(end_of_alpha, std::string::npos);
    EXPECT_EQ("controllers:\n" + both.substr(end_of_alpha), zulu);
    EXPECT_TRUE(both.starts_with("controllers:\n    alpha:\n        uuid: " + two.controller_uuid() + "\n        api-endpoints: ['" +
                                 two.endpoints()[0] + "', '" + two.endpoints()[1] + "']\n"));
    EXPECT_TRUE(text("accounts.yaml").ends_with("  zulu:\n    user: bob\n    last-known-access: login\n")) << text("accounts.yaml");

    two.write_client_store(directory_, MockStoreOptions().name("alpha").user("").models(MockStoredModels::none));
    EXPECT_NE(text("controllers.yaml").find("\ncurrent-controller: alpha\n"), std::string::npos);
    EXPECT_EQ(text("accounts.yaml"), "controllers:\n  zulu:\n    user: bob\n    last-known-access: login\n");
    EXPECT_TRUE(text("models.yaml").starts_with("controllers:\n  zulu:\n")) << text("models.yaml");
    one.write_client_store(directory_, MockStoreOptions().name("zulu").user("").models(MockStoredModels::none));
    EXPECT_EQ(text("accounts.yaml"), "controllers: {}\n");
}

TEST_P(MockStore, LeavesOutFilesThatSayNothing)
{
    MockController mock(options());

    mock.write_client_store(directory_, MockStoreOptions().user("").models(MockStoredModels::none));

    EXPECT_TRUE(fs::exists(directory_ / "controllers.yaml"));
    EXPECT_FALSE(fs::exists(directory_ / "accounts.yaml"));
    EXPECT_FALSE(fs::exists(directory_ / "models.yaml"));
    EXPECT_FALSE(fs::exists(directory_ / "cookies"));
}

TEST_P(MockStore, HasAnEmptyCookieJarAndKeepsOneThatIsThere)
{
    MockController mock(options());

    mock.write_client_store(directory_);
    EXPECT_EQ(text("cookies/mock.json"), "null\n");
    mock.write_client_store(directory_, MockStoreOptions().cookies("[]\n"));
    mock.write_client_store(directory_);
    EXPECT_EQ(text("cookies/mock.json"), "[]\n");
}

TEST_P(MockStore, RefusesWhatItCannotDo)
{
    MockController mock(options());
    EXPECT_THROW(mock.write_client_store(directory_, MockStoreOptions().user("nobody")), std::invalid_argument);
    EXPECT_FALSE(fs::exists(directory_));
    fs::create_directory(directory_);
    for (const char* broken : {"[", "just a text"}) {
        std::ofstream(directory_ / "controllers.yaml") << broken;
        EXPECT_THROW(mock.write_client_store(directory_), std::runtime_error) << broken;
    }
}

INSTANTIATE_TEST_SUITE_P(Profiles, MockStore, testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0), profile_name);

std::string written(const std::string& value)
{
    YAML::Node mapping(YAML::NodeType::Map);
    mapping["k"] = mock::yaml_text_node(value);
    return mock::write_yaml(mapping, 2);
}

TEST(MockYaml, QuotesTextsAsGoDoes)
{
    for (const char* plain : {"abc", "admin/web", "a:b", "a#b", "-a", "5f2c8f0e-7a5d-4a55-9c0a-6c2d1d8e9a10", "0a1b2c", "3.6.28", "x=="}) {
        EXPECT_EQ(written(plain), "k: " + std::string(plain) + '\n');
    }
    for (const char* typed : {"", "null", "~", "true", "no", "y", "12", "0x1f", "1e5", "12345678901234567890123456789e12", "1.5", ".5",
                              "1:20", "2026-03-02", ".inf"}) {
        EXPECT_EQ(written(typed), "k: \"" + std::string(typed) + "\"\n");
    }
    for (const char* marked : {"#a", "@a", "- a", "a: b", "a #b", "a:", "[a]", "*a", "%a", " a", "a "}) {
        EXPECT_EQ(written(marked), "k: '" + std::string(marked) + "'\n");
    }
    EXPECT_EQ(written("'a"), "k: '''a'\n");
    EXPECT_EQ(written("a\tb"), "k: \"a\\tb\"\n");
    EXPECT_EQ(written("a\nb"), "k: |-\n  a\n  b\n");
    EXPECT_EQ(written("a\n\nb\n"), "k: |\n  a\n\n  b\n");
}

TEST(MockYaml, KeepsWhatItRead)
{
    const std::string text = "controllers:\n"
                             "    a:\n"
                             "        list: ['x:1', y]\n"
                             "        none: []\n"
                             "        number: 3\n"
                             "        quoted: \"3\"\n"
                             "        flag: true\n"
                             "        dns-cache: {h.example.com: [1.2.3.4]}\n"
                             "        cert: |\n"
                             "            A\n"
                             "            B\n";

    EXPECT_EQ(mock::write_yaml(YAML::Load(text), 4), text);
}

} // namespace
} // namespace juju::test
