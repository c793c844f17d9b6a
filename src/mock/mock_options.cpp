#include <juju/mock_controller.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace juju {

MockOptions& MockOptions::profile(MockProfile value)
{
    settings_.profile = value;
    return *this;
}

MockOptions& MockOptions::port(unsigned short value)
{
    settings_.port = value;
    return *this;
}

MockOptions& MockOptions::applications(std::vector<std::string> names)
{
    settings_.applications = std::move(names);
    return *this;
}

MockOptions& MockOptions::user(std::string name, std::string password, MockAccess access, MockControllerAccess controller_access)
{
    mock::UserSettings user;
    user.name = std::move(name);
    user.credential = std::move(password);
    user.access = access;
    user.controller_access = controller_access;
    settings_.users.push_back(std::move(user));
    return *this;
}

MockOptions& MockOptions::jwt_user(std::string name, std::string token, MockAccess access)
{
    user(std::move(name), std::move(token), access);
    settings_.users.back().jwt = true;
    return *this;
}

MockOptions& MockOptions::agent(std::string tag, std::string password)
{
    mock::AgentSettings agent;
    agent.tag = std::move(tag);
    agent.password = std::move(password);
    settings_.agents.push_back(std::move(agent));
    return *this;
}

MockOptions& MockOptions::state_file(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw std::runtime_error("mock controller: cannot read the state file " + file.string());
    }
    return state_yaml(std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()));
}

MockOptions& MockOptions::state_yaml(std::string text)
{
    settings_.state_yaml = std::move(text);
    return *this;
}

MockOptions& MockOptions::crash_on_bad_batch(bool on)
{
    settings_.crash_on_bad_batch = on;
    return *this;
}

MockOptions& MockOptions::removal_delay(std::chrono::milliseconds time)
{
    settings_.removal_delay = time;
    return *this;
}

MockOptions& MockOptions::shuffle_results(bool on)
{
    settings_.shuffle_results = on;
    return *this;
}

MockOptions& MockOptions::secrets_versions(std::vector<int> versions)
{
    settings_.secrets_versions = std::move(versions);
    return *this;
}

MockOptions& MockOptions::clock(MockTime now)
{
    settings_.clock = now;
    return *this;
}

MockOptions& MockOptions::fault(MockFault fault)
{
    settings_.faults.push_back(std::move(fault));
    return *this;
}

MockOptions& MockOptions::external_user(std::string name, MockAccess access, MockControllerAccess controller_access)
{
    user(std::move(name), "", access, controller_access);
    settings_.users.back().external = true;
    return *this;
}

MockOptions& MockOptions::identity_provider(MockIdentityProvider kind)
{
    settings_.logins.identity_provider = kind;
    return *this;
}

MockOptions& MockOptions::jaas(bool on)
{
    settings_.logins.jaas = on;
    return *this;
}

MockOptions& MockOptions::service_account(std::string client_id, std::string client_secret, MockAccess access,
                                          MockControllerAccess controller_access)
{
    external_user(std::move(client_id) + "@serviceaccount", access, controller_access);
    settings_.users.back().credential = std::move(client_secret);
    return *this;
}

MockOptions& MockOptions::machine(std::string tag, std::string password, std::string nonce)
{
    agent(std::move(tag), std::move(password));
    settings_.agents.back().nonce = std::move(nonce);
    return *this;
}

MockOptions& MockOptions::agent_rate_limit(std::size_t size, std::chrono::nanoseconds rate)
{
    settings_.logins.agent_rate_limit = size;
    settings_.logins.agent_rate = rate;
    return *this;
}

MockOptions& MockOptions::macaroon_lifetime(std::chrono::nanoseconds time)
{
    settings_.logins.local_lifetime = time;
    settings_.logins.external_lifetime = time;
    return *this;
}

MockOptions& MockOptions::keep_transcript(bool on)
{
    settings_.keep_transcript = on;
    return *this;
}

MockOptions& MockOptions::transcript_file(std::filesystem::path file, bool redacted)
{
    settings_.transcript_file = std::move(file);
    settings_.redact_transcript_file = redacted;
    return *this;
}

} // namespace juju
