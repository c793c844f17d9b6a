#include "mock/client_store.hpp"

#include "mock/names.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <string_view>
#include <system_error>

namespace juju::mock {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file)
{
    throw std::system_error(errno, std::generic_category(), "mock controller: cannot write " + file.string());
}

void write_all(int descriptor, std::string_view text, const std::filesystem::path& file)
{
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0) {
            const int error = errno;
            ::close(descriptor);
            errno = error;
            fail(file);
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void replace_file(const std::filesystem::path& file, const std::string& text)
{
    const std::filesystem::path temporary = file.string() + random_hex(8);
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) {
        fail(temporary);
    }
    write_all(descriptor, text, temporary);
    if (::close(descriptor) != 0) {
        fail(temporary);
    }
    std::filesystem::rename(temporary, file);
}

/// A YAML block scalar's lines.
std::string indented(const std::string& text, const std::string& indent)
{
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        out += indent + line + '\n';
    }
    return out;
}

std::string controllers_yaml(const World& world, const std::string& ca_cert)
{
    const std::string name = store_controller_name;
    std::string text = "controllers:\n    " + name + ":\n        uuid: " + world.controller_uuid +
                       "\n        api-endpoints: ['127.0.0.1:" + std::to_string(world.port) + "']\n        ca-cert: |\n" +
                       indented(ca_cert, "            ") +
                       "        cloud: mock\n        type: manual\n        agent-version: " + world.server_version() +
                       "\n        controller-machine-count: 1\n        active-controller-machine-count: 0\n        machine-count: 1\n"
                       "current-controller: " +
                       name + '\n';
    if (!world.is_3_6()) {
        text += "has-controller-changed-on-previous-switch: false\n";
    }
    return text;
}

std::string accounts_yaml(const UserSettings& user)
{
    const std::string access = user.controller_access == MockControllerAccess::superuser ? "superuser" : "login";
    return "controllers:\n  " + std::string(store_controller_name) + ":\n    user: " + user.name +
           "\n    password: " + go_json(user.credential) + "\n    last-known-access: " + access + '\n';
}

std::string models_yaml(const World& world)
{
    const std::string model = world.model_owner + '/' + world.model_name;
    return "controllers:\n  " + std::string(store_controller_name) + ":\n    models:\n      " + model +
           ":\n        uuid: " + world.store.model_uuid() + "\n        type: iaas\n" + (world.is_3_6() ? "        branch: master\n" : "") +
           "    current-model: " + model + '\n';
}

} // namespace

void write_client_store(const std::filesystem::path& directory, const World& world, const std::string& ca_cert, const UserSettings& user)
{
    if (std::filesystem::create_directories(directory)) {
        std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
    }
    replace_file(directory / "controllers.yaml", controllers_yaml(world, ca_cert));
    replace_file(directory / "accounts.yaml", accounts_yaml(user));
    replace_file(directory / "models.yaml", models_yaml(world));
}

} // namespace juju::mock
