#include "mock_support.hpp"

#include "mock/certificate.hpp"
#include "mock/client_store.hpp"
#include "mock/names.hpp"
#include "mock/state_file.hpp"

#include <yaml-cpp/yaml.h>

#include <gtest/gtest.h>

#include <stdexcept>

namespace juju::test {
namespace {

mock::World world_of(const std::string& state, MockProfile profile = MockProfile::juju_4_0)
{
    mock::Settings settings = MockOptions().profile(profile).settings();
    settings.state_yaml = state;
    return mock::World(settings);
}

const std::string full_state = R"(
clock: 2026-03-02T10:20:00.5Z
controller_uuid: c0ffee00-1111-4222-8333-444444444444
model: {uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d, name: web, owner: bob, secret_backend: myvault}
applications: [mysql, gitlab]
users:
- {name: admin, password: pw, access: admin}
- {name: bob, password: "5", access: read, controller_access: none, account: disabled}
- {name: alice@external, token: t, access: write}
agents: [{tag: unit-mysql-0, password: x}]
next_ids: [coj8mulh8b41e8nv6p90]
empty_name_taken: true
secret_backends:
- {name: internal, id: 7a1c3b52-90d4-4e0f-8f61-2b6d5c4e3a19}
- name: myvault
  id: "5"
  token_rotate_interval: 86400000000000
  config: {endpoint: "http://v", token: 12, "off": true, certs: [a, "b"], "on": "true"}
  reachable: false
- {name: cluster, type: kubernetes}
secrets:
- id: 9m4e2mr0ui3e8a215n4g
  label: my-apitoken
  description: "multi\nline"
  auto_prune: true
  latest_revision: 3
  checksum: abc
  create_time: 2026-03-02T10:15:30Z
  update_time: 2026-03-02T10:16:30Z
  revisions:
  - {number: 1, data: {token: MzRhZTM1ZmFjZDQ=, "true": "5"}, tracked_by: [mysql/0]}
  - {number: 2, backend: myvault, create_time: 2026-03-02T10:16:30Z, expire_time: 2027-01-01T00:00:00Z, data: {}}
  grants: [{target: application-gitlab}]
- id: copp9vfmp25c77di8nm0
  owner: application-mysql
  rotate_policy: hourly
  next_rotate_time: 2026-03-02T11:20:00Z
  revisions: [{number: 1, data: {k: AAAA}}]
)";

TEST(MockState, ReadsEveryKey)
{
    const mock::World world = world_of(full_state);

    EXPECT_EQ(world.controller_uuid, "c0ffee00-1111-4222-8333-444444444444");
    EXPECT_EQ(world.model_owner + '/' + world.model_name, "bob/web");
    EXPECT_EQ(world.applications.size(), 2U);
    EXPECT_EQ(world.find_user("bob")->account, MockAccount::disabled);
    EXPECT_EQ(world.find_user("admin")->controller_access, MockControllerAccess::superuser);
    EXPECT_TRUE(world.find_user("alice@external")->jwt);
    const MockSecret& secret = *world.store.find_named("my-apitoken");
    EXPECT_EQ(secret.owner_tag, "model-" + mock_model);
    EXPECT_EQ(secret.latest_revision, 3);
    EXPECT_EQ(secret.revisions.at(0).create_time, secret.create_time);
    EXPECT_EQ(secret.revisions.at(0).data.at("true"), "5");
    EXPECT_EQ(secret.grants.at(0).scope_tag, "model-" + mock_model);
    EXPECT_EQ(world.store.find("copp9vfmp25c77di8nm0")->latest_revision, 1);
}

TEST(MockState, ReadsSecretBackends)
{
    const mock::World world = world_of(full_state);

    EXPECT_EQ(world.model_backend, "myvault");
    EXPECT_EQ(world.backends.internal_id(), "7a1c3b52-90d4-4e0f-8f61-2b6d5c4e3a19");
    EXPECT_EQ(world_of(full_state, MockProfile::juju_3_6).backends.internal_id(), world.controller_uuid);
    ASSERT_EQ(world.backends.added().size(), 2U);
    const mock::Backend& vault = world.backends.added().front();
    EXPECT_EQ(vault.id, "5");
    EXPECT_EQ(vault.type, "vault");
    EXPECT_EQ(vault.rotate_interval, 86400000000000);
    const mock::BackendConfig expected{
        {"endpoint", "http://v"}, {"token", "12"}, {"off", true}, {"certs", mock::Json::array({"a", "b"})}, {"on", "true"}};
    EXPECT_EQ(vault.config, expected);
    EXPECT_FALSE(world.backends.reachable("myvault"));
    const mock::Backend& cluster = world.backends.added().back();
    EXPECT_EQ(cluster.type, "kubernetes");
    EXPECT_TRUE(mock::is_uuid(cluster.id));
    EXPECT_FALSE(cluster.rotate_interval);
    EXPECT_TRUE(world.backends.reachable("cluster"));
}

TEST(MockState, ReadsBackWhatItWrites)
{
    const std::string once = mock::write_state(world_of(full_state));

    EXPECT_EQ(mock::write_state(world_of(once)), once);
    EXPECT_NE(once.find("MzRhZTM1ZmFjZDQ="), std::string::npos);
    EXPECT_NE(once.find("empty_name_taken: true"), std::string::npos);
    EXPECT_NE(once.find("secret_backend: \"myvault\""), std::string::npos);
    EXPECT_NE(once.find("token_rotate_interval: 86400000000000"), std::string::npos);
}

std::string problem_with(const std::string& state)
{
    try {
        (void)world_of(state);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

TEST(MockState, NamesWhatIsWrong)
{
    const std::string start = "mock controller: state, line ";
    EXPECT_EQ(problem_with("a: b: c"), start + "1: illegal map value");
    EXPECT_EQ(problem_with("- 1"), start + "1: the state is not a mapping");
    EXPECT_EQ(problem_with("secret: []"), start + "1: the state has an unknown key \"secret\"");
    EXPECT_EQ(problem_with("\nclock: noon"), start + "2: clock is not a time such as 2026-03-02T10:15:30Z");
    EXPECT_EQ(problem_with("secrets: {}"), start + "1: secrets is not a list");
    EXPECT_EQ(problem_with("secrets:\n- {id: 1, revisions: [{number: x}]}"), start + "2: number is not a number");
    EXPECT_EQ(problem_with("secrets:\n- {revisions: [{data: {}}]}"), start + "2: a revision has no number above 0");
    EXPECT_EQ(problem_with("users: [{name: bob, password: x, access: all}]"), start + "1: access \"all\" is not known");
    EXPECT_EQ(problem_with("users: [{name: bob}]"), start + "1: a user has no name, or neither password nor token");
    EXPECT_EQ(problem_with("secret_backends:\n- {name: a, kind: vault}"), start + "2: a secret backend has an unknown key \"kind\"");
    EXPECT_EQ(problem_with("secret_backends: [{name: a, config: x}]"), start + "1: config is not a mapping");
    EXPECT_EQ(problem_with("secret_backends: [{name: a, token_rotate_interval: 1h}]"),
              start + "1: token_rotate_interval is not a number of nanoseconds");
    EXPECT_EQ(problem_with("secret_backends: [{name: a, type: x}]"), "mock controller: there is no type \"x\" of secret backends");
    EXPECT_EQ(problem_with("secret_backends: [{name: a}, {name: a}]"), "mock controller: the secret backend \"a\" exists already");
    EXPECT_EQ(problem_with("secret_backends: [{name: a, id: x}, {name: b, id: x}]"),
              "mock controller: the secret backend id \"x\" is taken");
    EXPECT_EQ(problem_with("secret_backends: [{name: auto}]"), "mock controller: \"auto\" is no name for a secret backend");
    EXPECT_EQ(problem_with("model: {secret_backend: a}"), "mock controller: the model's secret backend \"a\" is not in the state");
    EXPECT_EQ(problem_with("secrets: [{id: short}]"), "mock controller: \"short\" is not a secret id");
    EXPECT_EQ(problem_with("secrets: [{label: a}, {label: a}]"), "mock controller: the name \"a\" is taken");
}

TEST(MockState, StartsWithAnAdminOfItsOwn)
{
    const mock::World world = world_of("");

    EXPECT_EQ(world.find_user("admin")->credential.size(), 32U);
    EXPECT_EQ(world.find_user("admin")->access, MockAccess::admin);
    EXPECT_TRUE(mock::is_uuid(world.store.model_uuid()));
    EXPECT_TRUE(world.find_application("ubuntu"));
}

class MockClientStore : public testing::Test {
protected:
    void SetUp() override { directory_ = std::filesystem::temp_directory_path() / ("juju-mock-store-" + mock::random_hex(12)); }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::filesystem::path directory_;
};

TEST_F(MockClientStore, HoldsWhatTheJujuCommandReads)
{
    mock::World world = world_of(full_state);
    world.network.ports = {12345};
    const std::string ca = mock::make_certificate(MockProfile::juju_4_0).ca;

    mock::write_client_store(directory_, world, ca, MockStoreOptions());

    const YAML::Node controllers = YAML::LoadFile((directory_ / "controllers.yaml").string());
    const YAML::Node accounts = YAML::LoadFile((directory_ / "accounts.yaml").string());
    const YAML::Node models = YAML::LoadFile((directory_ / "models.yaml").string());
    EXPECT_EQ(controllers["current-controller"].as<std::string>(), "mock");
    EXPECT_EQ(controllers["controllers"]["mock"]["api-endpoints"][0].as<std::string>(), "127.0.0.1:12345");
    EXPECT_EQ(controllers["controllers"]["mock"]["ca-cert"].as<std::string>(), ca);
    EXPECT_EQ(controllers["controllers"]["mock"]["uuid"].as<std::string>(), world.controller_uuid);
    EXPECT_EQ(accounts["controllers"]["mock"]["user"].as<std::string>(), "admin");
    EXPECT_EQ(accounts["controllers"]["mock"]["password"].as<std::string>(), "pw");
    EXPECT_EQ(models["controllers"]["mock"]["current-model"].as<std::string>(), "bob/web");
    EXPECT_EQ(models["controllers"]["mock"]["models"]["bob/web"]["uuid"].as<std::string>(), mock_model);
}

TEST_F(MockClientStore, IsForItsOwnerOnlyAndReplacesOldFiles)
{
    const mock::World world = world_of(full_state);

    mock::write_client_store(directory_, world, "CA\n", MockStoreOptions());
    mock::write_client_store(directory_, world, "CA\n", MockStoreOptions());

    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_)) {
        if (entry.is_directory()) {
            EXPECT_EQ(entry.status().permissions(), std::filesystem::perms::owner_all);
            continue;
        }
        EXPECT_EQ(entry.status().permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        ++files;
    }
    EXPECT_EQ(files, 4U);
    EXPECT_EQ(std::filesystem::status(directory_).permissions(), std::filesystem::perms::owner_all);
}

} // namespace
} // namespace juju::test
