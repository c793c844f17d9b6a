#include <juju/mock_controller.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <pthread.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
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
    std::string store_name = "mock";
    std::size_t nodes = 1;
    std::string certificate = "normal";
    std::string public_dns_name;
    std::string redirect_to;
    std::string redirect_ca;
    std::string transcript;
    bool redact = false;
    std::vector<std::string> faults;
    std::vector<std::string> applications;
    juju::MockIdentityProvider identity_provider = juju::MockIdentityProvider::none;
    bool jaas = false;
    unsigned long macaroon_seconds = 0;
};

/// "HOST:PORT"
juju::MockAddress address_from(const std::string& text)
{
    const auto colon = text.rfind(':');
    const char* end = text.data() + text.size();
    unsigned short port = 0;
    if (colon != std::string::npos) {
        const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
        port = stop == end && error == std::errc() ? port : static_cast<unsigned short>(0);
    }
    if (port == 0) {
        throw std::runtime_error('"' + text + "\" is no HOST:PORT");
    }
    return {text.substr(0, colon), port};
}

juju::MockRedirect redirect_from(const Arguments& arguments)
{
    juju::MockRedirect redirect;
    redirect.server(address_from(arguments.redirect_to));
    if (!arguments.redirect_ca.empty()) {
        std::ifstream stream(arguments.redirect_ca);
        redirect.ca_cert(std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()));
    }
    return redirect;
}

void declare(CLI::App& app, Arguments& arguments)
{
    const std::map<std::string, juju::MockProfile> profiles{{"3.6", juju::MockProfile::juju_3_6}, {"4.0", juju::MockProfile::juju_4_0}};
    app.add_option("--profile", arguments.profile, "Juju release to behave as: 3.6 or 4.0 (default)")
        ->transform(CLI::CheckedTransformer(profiles));
    app.add_option("--port", arguments.port, "Port on 127.0.0.1; 0 (default): any free one");
    app.add_option("--state", arguments.state, "YAML file with the state to start with");
    app.add_option("--write-client-store", arguments.client_store,
                   "Directory for controllers.yaml, accounts.yaml and models.yaml (JUJU_DATA)");
    app.add_option("--store-name", arguments.store_name, "Name of the controller in that directory; default mock");
    app.add_option("--nodes", arguments.nodes, "Controller nodes, each with a port of its own; default 1")->check(CLI::PositiveNumber);
    app.add_option("--certificate", arguments.certificate, "What is wrong with the certificate, such as expired; default normal");
    app.add_option("--public-dns-name", arguments.public_dns_name, "Host name for which a certificate of a second CA is sent");
    app.add_option("--redirect-to", arguments.redirect_to, "HOST:PORT of the controller that the model has moved to");
    app.add_option("--redirect-ca", arguments.redirect_ca, "File with that controller's CA certificate")
        ->check(CLI::ExistingFile)
        ->needs("--redirect-to");
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
    options.nodes(arguments.nodes)
        .certificate(juju::parse_mock_certificate(arguments.certificate))
        .public_dns_name(arguments.public_dns_name);
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

/// What is there in special cases only comes last.
void announce(const juju::MockController& mock, const std::filesystem::path& directory)
{
    const std::filesystem::path ca_file = directory / "ca.pem";
    std::ofstream(ca_file) << mock.ca_cert();
    nlohmann::ordered_json line;
    line["endpoint"] = mock.endpoint();
    line["ca_cert"] = ca_file.string();
    line["controller_uuid"] = mock.controller_uuid();
    line["model_uuid"] = mock.model_uuid();
    line["model"] = mock.model();
    line["username"] = mock.username();
    line["password"] = mock.password();
    if (mock.endpoints().size() > 1) {
        line["endpoints"] = mock.endpoints();
    }
    if (!mock.public_ca_cert().empty()) {
        const std::filesystem::path public_ca_file = directory / "public-ca.pem";
        std::ofstream(public_ca_file) << mock.public_ca_cert();
        line["public_ca_cert"] = public_ca_file.string();
    }
    std::cout << line.dump() << std::endl;
}

void run(const Arguments& arguments)
{
    const sigset_t signals = block_signals();
    juju::MockController mock(options_from(arguments));
    const PrivateDirectory directory;
    if (!arguments.client_store.empty()) {
        mock.write_client_store(arguments.client_store, juju::MockStoreOptions().name(arguments.store_name));
    }
    if (!arguments.redirect_to.empty()) {
        mock.set_redirect(redirect_from(arguments));
    }
    announce(mock, directory.path());
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
