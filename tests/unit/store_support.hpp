#pragma once

#include "store/client_store.hpp"
#include "store/environment.hpp"
#include "unit/content_support.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace juju::test {

inline std::string read_file(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_file(const std::filesystem::path& path, std::string_view text)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

/// The permission bits of a file.
inline unsigned mode_of(const std::filesystem::path& path)
{
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777u : 0u;
}

/// Waits for threads, and for child processes, which must end with 0.
inline void expect_all_end_well(std::vector<std::thread>& threads, const std::vector<pid_t>& children)
{
    for (auto& thread : threads)
        thread.join();
    for (const pid_t child : children) {
        int status = 1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
}

/// Calls `use` until the locks that it takes are free.
template <class Use>
auto when_unlocked(const Use& use)
{
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (;;) {
        try {
            return use();
        } catch (const Error& error) {
            if (error.code() != errc::store_locked || std::chrono::steady_clock::now() >= deadline)
                throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

inline store::Environment variables(std::map<std::string, std::string> values)
{
    return store::Environment(std::move(values));
}

/// A client store of its own, with its lock beside it.
class StoreDirectory {
public:
    StoreDirectory() { std::filesystem::create_directories(directory() / "locks"); }

    std::filesystem::path directory() const { return temporary_.path(); }
    std::filesystem::path path(std::string_view file) const { return directory() / file; }
    void write(std::string_view file, std::string_view text) const { write_file(path(file), text); }
    std::string read(std::string_view file) const { return read_file(path(file)); }

    store::Environment environment() const { return variables({{"TMPDIR", path("locks").string()}}); }

    store::ClientStore store() const { return store::ClientStore(directory().string(), environment()); }

private:
    TemporaryDirectory temporary_;
};

inline constexpr std::string_view lxd_uuid = "0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c99";
inline constexpr std::string_view web_uuid = "0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01";

/// As in client-store 1.3, as Juju 4.0 writes it.
inline constexpr std::string_view sample_controllers = R"(controllers:
    jaas:
        uuid: 5f2c8f0e-7a5d-4a55-9c0a-6c2d1d8e9a10
        api-endpoints: ['jaas.example.com:443']
        dns-cache: {jaas.example.com: [203.0.113.10, 203.0.113.11]}
        public-hostname: jaas.example.com
        ca-cert: ""
        cloud: ""
        agent-version: 3.6.28
        controller-machine-count: 0
        active-controller-machine-count: 0
        oidc-login: true
    k8s-east:
        uuid: 93b7e6f4-1c2d-4e3f-8a90-0b1c2d3e4f50
        api-endpoints: ['10.152.183.77:17070']
        ca-cert: |
            -----BEGIN CERTIFICATE-----
            MIIEEj
            -----END CERTIFICATE-----
        cloud: microk8s
        region: localhost
        type: kubernetes
        agent-version: 4.0.15
        controller-machine-count: 1
        active-controller-machine-count: 0
        machine-count: 1
        proxy-config:
            type: kubernetes-port-forward
            config:
                api-host: https://192.0.2.20:16443
                ca-cert: |
                    -----BEGIN CERTIFICATE-----
                    MIIDDz
                    -----END CERTIFICATE-----
                namespace: controller-k8s-east
                remote-port: "17070"
                service: controller-service
                service-account-token: eyJhbGciOi
    lxd:
        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c99
        api-endpoints: ['10.20.0.5:17070', '[fd42:10:20::5]:17070']
        ca-cert: |
            -----BEGIN CERTIFICATE-----
            MIIEEj
            -----END CERTIFICATE-----
        cloud: localhost
        region: localhost
        type: lxd
        agent-version: 4.0.15
        controller-machine-count: 1
        active-controller-machine-count: 0
        machine-count: 3
current-controller: lxd
previous-controller: jaas
has-controller-changed-on-previous-switch: true
)";

inline constexpr std::string_view sample_accounts = R"(controllers:
  jaas:
    user: alice@example.com
    last-known-access: login
    access-token: ZXlKaGJHY2lPaUpJVXpJMU5pSXNJblI1Y0NJNklrcFhWQ0o5Li4u
  k8s-east:
    user: bob
    last-known-access: superuser
  lxd:
    user: admin
    password: 0a1b2c3d4e5f60718293a4b5c6d7e8f9
    last-known-access: superuser
)";

inline constexpr std::string_view sample_models = R"(controllers:
  k8s-east:
    models:
      bob/app:
        uuid: c4b1d2e3-5a6b-4c7d-8e9f-0a1b2c3d4e5f
        type: caas
    current-model: bob/app
  lxd:
    models:
      admin/controller:
        uuid: 7d0b8a54-0f35-4a4e-8b4c-8c7e2f0a1b01
        type: iaas
      admin/web:
        uuid: 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01
        type: iaas
      alice@example.com/shared:
        uuid: 2f4d6b8a-1357-4bdf-9bdf-02468ace1357
        type: iaas
    current-model: admin/web
    previous-model: admin/controller
)";

/// The three files of client-store 1.3 to 1.5.
inline void write_sample(const StoreDirectory& directory)
{
    directory.write("controllers.yaml", sample_controllers);
    directory.write("accounts.yaml", sample_accounts);
    directory.write("models.yaml", sample_models);
}

} // namespace juju::test
