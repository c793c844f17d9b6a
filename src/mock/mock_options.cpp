#include <juju/mock_controller.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace juju {
namespace {

constexpr std::array<std::pair<std::string_view, MockCertificate>, 15> certificate_names{
    {{"normal", MockCertificate::normal},
     {"other-ca", MockCertificate::other_ca},
     {"other-name", MockCertificate::other_name},
     {"expired", MockCertificate::expired},
     {"not-yet-valid", MockCertificate::not_yet_valid},
     {"self-signed", MockCertificate::self_signed},
     {"tls-1-1", MockCertificate::tls_1_1},
     {"missing-intermediate", MockCertificate::missing_intermediate},
     {"client-only", MockCertificate::client_only},
     {"no-signatures", MockCertificate::no_signatures},
     {"sha1", MockCertificate::sha1},
     {"ip-only", MockCertificate::ip_only},
     {"long-chain", MockCertificate::long_chain},
     {"asks-client", MockCertificate::asks_client},
     {"requires-client", MockCertificate::requires_client}}};

} // namespace

MockCertificate parse_mock_certificate(std::string_view name)
{
    const auto found =
        std::find_if(certificate_names.begin(), certificate_names.end(), [&](const auto& entry) { return entry.first == name; });
    if (found == certificate_names.end()) {
        throw std::invalid_argument("mock controller: certificate \"" + std::string(name) + "\" is not known");
    }
    return found->second;
}

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

MockOptions& MockOptions::nodes(std::size_t count)
{
    if (count == 0) {
        throw std::invalid_argument("mock controller: there is no controller without a node");
    }
    settings_.network.nodes = count;
    return *this;
}

MockOptions& MockOptions::certificate(MockCertificate kind)
{
    settings_.network.certificate = kind;
    return *this;
}

MockOptions& MockOptions::public_dns_name(std::string name)
{
    settings_.network.public_dns_name = std::move(name);
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
