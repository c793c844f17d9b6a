#include "mock/facade_table.hpp"

#include "mock/failure.hpp"
#include "mock/world.hpp"

#include <algorithm>
#include <array>

namespace juju::mock {
namespace {

// What Juju 3.6.28 and 4.0.15 send at login, as "Name:versions".

constexpr std::string_view controller_3_6 =
    "AllModelWatcher:4 ApplicationOffers:4,5 Bundle:6 Cloud:7 Controller:11,12 CrossController:1 HighAvailability:2 "
    "MigrationTarget:1,2,3,4,5,6 ModelConfig:3 ModelManager:9,10 ModelSummaryWatcher:1 ModelUpgrader:1 NotifyWatcher:1 "
    "Pinger:1 SecretBackends:1 UserManager:3";

constexpr std::string_view model_3_6 =
    "Action:7 ActionPruner:1 Agent:3 AgentLifeFlag:1 AgentTools:1 AllWatcher:3 Annotations:2 "
    "Application:15,16,17,18,19,20,21,22 ApplicationScaler:1 Backups:3 Block:2 Bundle:6 CAASAdmission:1 CAASAgent:2 "
    "CAASApplication:1 CAASApplicationProvisioner:1 CAASFirewaller:1 CAASFirewallerSidecar:1 CAASModelConfigManager:1 "
    "CAASModelOperator:1 CAASOperator:1 CAASOperatorProvisioner:1 CAASOperatorUpgrader:1 CAASUnitProvisioner:2 "
    "CharmDownloader:1 CharmRevisionUpdater:2 Charms:5,6,7 Cleaner:2 Client:6,7,8 CredentialManager:1 CredentialValidator:2 "
    "CrossModelRelations:2,3 CrossModelSecrets:1,2 Deployer:1 DiskManager:2 EntityWatcher:2 EnvironUpgrader:1 "
    "ExternalControllerUpdater:1 FanConfigurer:1 FilesystemAttachmentsWatcher:2 Firewaller:7 HighAvailability:2 "
    "HostKeyReporter:1 ImageMetadata:3 ImageMetadataManager:1 InstanceMutater:3,4 InstancePoller:4 KeyManager:1 "
    "KeyUpdater:1 LeadershipService:2 LifeFlag:1 LogForwarding:1 Logger:1 MachineActions:1 MachineManager:9,10 "
    "MachineUndertaker:1 Machiner:5 MeterStatus:2 MetricsAdder:2 MigrationFlag:1 MigrationMaster:3 MigrationMinion:1 "
    "MigrationStatusWatcher:1 ModelConfig:3 ModelGeneration:4 NotifyWatcher:1 OfferStatusWatcher:1 Payloads:1 "
    "PayloadsHookContext:1 Pinger:1 Provisioner:11 ProxyUpdater:2 Reboot:2 RelationStatusWatcher:1 RelationUnitsWatcher:1 "
    "RemoteRelationWatcher:1 RemoteRelations:2 Resources:3 ResourcesHookContext:1 RetryStrategy:1 SSHClient:4 "
    "SecretBackendsManager:1 SecretBackendsRotateWatcher:1 Secrets:1,2 SecretsDrain:1 SecretsManager:1,2,3,4 "
    "SecretsRevisionWatcher:1 SecretsRevoker:1 SecretsTriggerWatcher:1 Singular:2 Spaces:6 StatusHistory:2 Storage:6,7 "
    "StorageProvisioner:4 StringsWatcher:1 Subnets:5 Undertaker:1 UnitAssigner:1 Uniter:18,19,20 UpgradeSeries:3,4 "
    "UpgradeSteps:2 Upgrader:1 UserSecretsDrain:1 UserSecretsManager:1 VolumeAttachmentPlansWatcher:1 "
    "VolumeAttachmentsWatcher:2";

constexpr std::string_view controller_4_0 =
    "ApplicationOffers:5,6 Bundle:8 Cloud:7,8 Controller:12,13,14 CrossController:1 MigrationTarget:4,5,6,7 ModelConfig:3,4 "
    "ModelManager:10,11 ModelSummaryWatcher:1 ModelUpgrader:2 NotifyWatcher:1 Pinger:1 SecretBackends:1 UserManager:3";

constexpr std::string_view model_4_0 =
    "Action:7 Agent:3 AgentLifeFlag:1 Annotations:2 Application:19,20,21,22 Backups:3 Block:2 Bundle:8 CAASAdmission:1 "
    "CAASAgent:2 CAASApplication:1 CAASApplicationProvisioner:1 CAASModelConfigManager:1 CAASModelOperator:1 "
    "CAASOperatorUpgrader:1 Charms:7 Client:8 CredentialManager:1 CredentialValidator:2,3 CrossModelRelations:3 "
    "CrossModelSecrets:1,2 Deployer:1 DiskManager:2,3 EntityWatcher:2 ExternalControllerUpdater:1 "
    "FilesystemAttachmentsWatcher:2 Firewaller:7 HighAvailability:2,3 HostKeyReporter:1 ImageMetadata:3 "
    "ImageMetadataManager:1 InstanceMutater:3 KeyManager:1 KeyUpdater:1 LeadershipService:2 Logger:1 MachineActions:1 "
    "MachineManager:11 Machiner:5,6 MigrationFlag:1 MigrationMaster:4,5 MigrationMinion:1 MigrationStatusWatcher:1 "
    "ModelConfig:3,4 NotifyWatcher:1 OfferStatusWatcher:1 PayloadsHookContext:1,2 Pinger:1 Provisioner:11,12 ProxyUpdater:2 "
    "Reboot:2 RelationStatusWatcher:1 RelationUnitsWatcher:1 RemoteRelationWatcher:1 Resources:3 ResourcesHookContext:1 "
    "RetryStrategy:1 SSHClient:4,5 SecretBackendsManager:1 SecretBackendsRotateWatcher:1 Secrets:1,2 SecretsDrain:1 "
    "SecretsManager:4 SecretsRevisionWatcher:1 SecretsTriggerWatcher:1 Spaces:6 Storage:6,7 StorageProvisioner:4,5,6,7 "
    "StringsWatcher:1 Subnets:5 Uniter:19,20,21,22 Upgrader:1 UserSecretsDrain:1 UserSecretsManager:1 "
    "VolumeAttachmentPlansWatcher:1 VolumeAttachmentsWatcher:2";

// What JIMM sends on a connection to itself.
constexpr std::string_view controller_jaas =
    "ApplicationOffers:4 Cloud:7 Controller:11 JIMM:4 ModelManager:9 ModelSummaryWatcher:1 Pinger:1 UserManager:3";

constexpr std::array<std::string_view, 11> controller_only{"AllModelWatcher", "ApplicationOffers", "Cloud",        "Controller",
                                                           "CrossController", "MigrationTarget",   "ModelManager", "ModelSummaryWatcher",
                                                           "ModelUpgrader",   "SecretBackends",    "UserManager"};
constexpr std::array<std::string_view, 4> on_both{"Pinger", "Bundle", "NotifyWatcher", "ModelConfig"};

bool contains(const auto& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<int> read_versions(std::string_view text)
{
    std::vector<int> versions{0};
    for (const char c : text) {
        if (c == ',') {
            versions.push_back(0);
        } else {
            versions.back() = versions.back() * 10 + (c - '0');
        }
    }
    return versions;
}

std::vector<Facade> read_table(std::string_view text)
{
    std::vector<Facade> facades;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const auto colon = word.find(':');
        facades.push_back({std::string(word.substr(0, colon)), read_versions(word.substr(colon + 1))});
    }
    return facades;
}

const std::vector<Facade>& table(const World& world, bool model_connection)
{
    static const std::vector<Facade> tables[2][2] = {{read_table(controller_4_0), read_table(model_4_0)},
                                                     {read_table(controller_3_6), read_table(model_3_6)}};
    static const std::vector<Facade> jaas = read_table(controller_jaas);
    if (world.logins.jaas && !model_connection) {
        return jaas;
    }
    return tables[world.is_3_6() ? 1 : 0][model_connection ? 1 : 0];
}

/// Facades whose texts for unknown methods and versions are the same in both releases.
bool has_old_texts(const World& world, std::string_view facade)
{
    return world.is_3_6() || facade == "Secrets" || facade == "SecretsManager";
}

} // namespace

std::vector<Facade> facades_of(const World& world, bool model_connection)
{
    std::vector<Facade> facades = table(world, model_connection);
    if (world.secrets_versions) {
        std::erase_if(facades, [&](const Facade& facade) { return facade.name == "Secrets" && world.secrets_versions->empty(); });
        for (Facade& facade : facades) {
            facade.versions = facade.name == "Secrets" ? *world.secrets_versions : facade.versions;
        }
    }
    return facades;
}

void check_connection_kind(const World& world, bool model_connection, const std::string& facade)
{
    if (model_connection && contains(controller_only, facade)) {
        throw Failure("facade " + go_quoted(facade) + " not supported for model API connection", "not supported");
    }
    const bool common = contains(on_both, facade) || (world.is_3_6() && facade == "HighAvailability");
    if (!model_connection && !common && !contains(controller_only, facade)) {
        throw Failure("facade " + go_quoted(facade) + " not supported for controller API connection", "not supported");
    }
}

void check_facade(const World& world, bool model_connection, const std::string& facade, std::int64_t version)
{
    const std::vector<Facade>& facades = table(world, model_connection);
    const auto found = std::find_if(facades.begin(), facades.end(), [&](const Facade& entry) { return entry.name == facade; });
    if (version == 0 || found == facades.end()) {
        throw unknown_facade(world, facade, version);
    }
    const bool chosen = facade == "Secrets" && world.secrets_versions;
    const std::vector<int>& versions = chosen ? *world.secrets_versions : found->versions;
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) {
        throw unknown_facade(world, facade, version);
    }
}

Failure unknown_facade(const World& world, const std::string& facade, std::int64_t version)
{
    const bool old_texts = has_old_texts(world, facade);
    std::string text = old_texts ? "unknown object type " + go_quoted(facade) : "unknown facade type " + go_quoted(facade);
    if (version != 0) {
        text = old_texts ? "unknown version (" + std::to_string(version) + ") of interface " + go_quoted(facade)
                         : "unknown version " + std::to_string(version) + " for facade type " + go_quoted(facade);
    }
    return Failure(text, "not implemented");
}

Failure unknown_method(const World& world, const std::string& facade, std::int64_t version, const std::string& method)
{
    const std::string number = version == 0 ? "" : "(" + std::to_string(version) + ")";
    if (has_old_texts(world, facade)) {
        return Failure("no such request - method " + facade + number + "." + method + " is not implemented", "not implemented");
    }
    return Failure("unknown method " + go_quoted(method) + " at version " + std::to_string(version) + " for facade type " +
                       go_quoted(facade),
                   "not implemented");
}

} // namespace juju::mock
