#include <juju/mock_controller.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <pthread.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>

namespace {

/// A new directory that only this user can read, removed at the end.
class PrivateDirectory {
public:
    PrivateDirectory()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "juju-mock-controller-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("cannot make a directory in " + std::filesystem::temp_directory_path().string());
        }
        path_ = pattern;
    }
    ~PrivateDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

struct Arguments {
    juju::MockProfile profile = juju::MockProfile::juju_4_0;
    unsigned short port = 0;
    std::string state;
    std::string client_store;
    std::string transcript;
    bool redact = false;
    std::vector<std::string> faults;
    std::vector<std::string> applications;
    juju::MockIdentityProvider identity_provider = juju::MockIdentityProvider::none;
    bool jaas = false;
    unsigned long macaroon_seconds = 0;
};

void declare(CLI::App& app, Arguments& arguments)
{
    const std::map<std::string, juju::MockProfile> profiles{{"3.6", juju::MockProfile::juju_3_6}, {"4.0", juju::MockProfile::juju_4_0}};
    app.add_option("--profile", arguments.profile, "Juju release to behave as: 3.6 or 4.0 (default)")
        ->transform(CLI::CheckedTransformer(profiles));
    app.add_option("--port", arguments.port, "Port on 127.0.0.1; 0 (default): any free one");
    app.add_option("--state", arguments.state, "YAML file with the state to start with");
    app.add_option("--write-client-store", arguments.client_store,
                   "Directory for controllers.yaml, accounts.yaml and models.yaml (JUJU_DATA)");
    app.add_option("--transcript", arguments.transcript, "File for every message, one JSON object a line, secrets and passwords included");
    app.add_flag("--redact", arguments.redact, "Replace secret values and passwords in the transcript");
    app.add_option("--fault", arguments.faults, "What goes wrong, such as reset,at=login,nth=2 (may be given several times)");
    const std::map<std::string, juju::MockIdentityProvider> providers{{"browser", juju::MockIdentityProvider::browser},
                                                                      {"legacy", juju::MockIdentityProvider::legacy_browser}};
    app.add_option("--identity-provider", arguments.identity_provider, "External users log in with a browser; browser or legacy")
        ->transform(CLI::CheckedTransformer(providers));
    app.add_flag("--jaas", arguments.jaas, "Behave as JAAS in front of a controller");
    app.add_option("--macaroon-lifetime", arguments.macaroon_seconds, "Seconds that login macaroons hold, instead of a day or an hour")
        ->check(CLI::PositiveNumber);
    app.add_option("--applications", arguments.applications, "Applications that secrets can be granted to")->delimiter(',');
}

juju::MockOptions options_from(const Arguments& arguments)
{
    juju::MockOptions options;
    options.profile(arguments.profile).port(arguments.port).keep_transcript(false);
    if (!arguments.state.empty()) {
        options.state_file(arguments.state);
    }
    if (!arguments.applications.empty()) {
        options.applications(arguments.applications);
    }
    if (!arguments.transcript.empty()) {
        options.transcript_file(arguments.transcript, arguments.redact);
    }
    options.identity_provider(arguments.identity_provider).jaas(arguments.jaas);
    if (arguments.macaroon_seconds != 0) {
        options.macaroon_lifetime(std::chrono::seconds(arguments.macaroon_seconds));
    }
    for (const std::string& fault : arguments.faults) {
        options.fault(juju::MockFault::parse(fault));
    }
    return options;
}

/// Blocks the signals that end the program, here and in the threads to come. @return them
sigset_t block_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void announce(const juju::MockController& mock, const std::filesystem::path& ca_file)
{
    std::ofstream(ca_file) << mock.ca_cert();
    nlohmann::ordered_json line;
    line["endpoint"] = mock.endpoint();
    line["ca_cert"] = ca_file.string();
    line["controller_uuid"] = mock.controller_uuid();
    line["model_uuid"] = mock.model_uuid();
    line["model"] = mock.model();
    line["username"] = mock.username();
    line["password"] = mock.password();
    std::cout << line.dump() << std::endl;
}

void run(const Arguments& arguments)
{
    const sigset_t signals = block_signals();
    const juju::MockController mock(options_from(arguments));
    const PrivateDirectory directory;
    if (!arguments.client_store.empty()) {
        mock.write_client_store(arguments.client_store);
    }
    announce(mock, directory.path() / "ca.pem");
    int signal = 0;
    sigwait(&signals, &signal);
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app("A Juju controller for tests: answers on 127.0.0.1 until SIGTERM or SIGINT. Prints one JSON line when it listens.");
    Arguments arguments;
    declare(app, arguments);
    CLI11_PARSE(app, argc, argv);
    try {
        run(arguments);
    } catch (const std::exception& error) {
        std::cerr << "juju-mock-controller: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
