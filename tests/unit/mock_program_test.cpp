#include "support/raw_websocket.hpp"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace juju::test {
namespace {

using Json = nlohmann::json;

std::string contents(const std::filesystem::path& file)
{
    std::ifstream stream(file);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// The program as a child process.
class Program {
public:
    explicit Program(std::vector<std::string> arguments)
    {
        int ends[2];
        if (::pipe(ends) != 0) {
            throw std::runtime_error("no pipe");
        }
        child_ = ::fork();
        if (child_ == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::dup2(ends[1], STDERR_FILENO);
            ::close(ends[0]);
            ::close(ends[1]);
            arguments.insert(arguments.begin(), JUJU_MOCK_PROGRAM);
            std::vector<char*> pointers;
            for (std::string& argument : arguments) {
                pointers.push_back(argument.data());
            }
            pointers.push_back(nullptr);
            ::execv(JUJU_MOCK_PROGRAM, pointers.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ends[0];
    }
    ~Program()
    {
        ::close(output_);
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    std::string line()
    {
        std::string text;
        char c = 0;
        while (::read(output_, &c, 1) == 1 && c != '\n') {
            text += c;
        }
        return text;
    }

    /// @return the exit status
    int wait()
    {
        int status = 0;
        ::waitpid(std::exchange(child_, 0), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    int end(int signal)
    {
        ::kill(child_, signal);
        return wait();
    }

private:
    pid_t child_ = 0;
    int output_ = -1;
};

class MockProgram : public testing::Test {
protected:
    void SetUp() override
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "juju-mock-test-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string& name) const { return (directory_ / name).string(); }

    std::filesystem::path directory_;
};

std::string logged_in_version(const Json& info)
{
    RawWebSocket socket(info.at("endpoint"), contents(info.at("ca_cert").get<std::string>()),
                        "/model/" + info.at("model_uuid").get<std::string>() + "/api");
    const std::string password = info.at("password");
    const Json reply = Json::parse(
        socket.call(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin","credentials":")" +
                    password + R"("}})"));
    return reply.at("response").at("server-version");
}

TEST_F(MockProgram, ServesUntilItIsTold)
{
    for (const int signal : {SIGTERM, SIGINT}) {
        Program program({"--profile", "3.6", "--applications", "a,b"});
        const Json info = Json::parse(program.line());

        EXPECT_EQ(logged_in_version(info), "3.6.28");
        EXPECT_EQ(info.at("model"), "admin/demo");
        EXPECT_EQ(info.at("username"), "admin");
        EXPECT_EQ(program.end(signal), 0);

        EXPECT_FALSE(std::filesystem::exists(info.at("ca_cert").get<std::string>()));
    }
}

TEST_F(MockProgram, TakesStateAndWritesAClientStoreAndATranscript)
{
    std::ofstream(path("state.yaml")) << "model: {uuid: deadbeef-0bad-400d-8000-4b1d0d06f00d, name: web}\n"
                                         "users: [{name: admin, password: s3cret, access: admin}]\n";
    Program program({"--state", path("state.yaml"), "--write-client-store", path("store"), "--transcript", path("t"), "--redact"});
    const Json info = Json::parse(program.line());

    EXPECT_EQ(info.at("model_uuid"), "deadbeef-0bad-400d-8000-4b1d0d06f00d");
    EXPECT_EQ(logged_in_version(info), "4.0.15");
    EXPECT_EQ(program.end(SIGTERM), 0);

    EXPECT_TRUE(std::filesystem::exists(path("store/controllers.yaml")));
    const std::string transcript = contents(path("t"));
    EXPECT_EQ(std::count(transcript.begin(), transcript.end(), '\n'), 2);
    EXPECT_EQ(transcript.find("s3cret"), std::string::npos);
    EXPECT_EQ(Json::parse(transcript.substr(0, transcript.find('\n'))).at("direction"), "from-client");
}

TEST_F(MockProgram, AppliesFaults)
{
    Program program({"--fault", "reset,at=login"});
    const Json info = Json::parse(program.line());

    EXPECT_THROW((void)logged_in_version(info), std::runtime_error);
    EXPECT_EQ(logged_in_version(info), "4.0.15");
}

TEST_F(MockProgram, HasNodesAPublicNameAndANewHome)
{
    std::ofstream(path("new.pem")) << "CA\n";
    Program program({"--nodes", "2", "--public-dns-name", "controller.example.com", "--redirect-to", "203.0.113.9:17070", "--redirect-ca",
                     path("new.pem"), "--write-client-store", path("store"), "--store-name", "old"});
    const Json info = Json::parse(program.line());

    ASSERT_EQ(info.at("endpoints").size(), 2U);
    EXPECT_EQ(info.at("endpoints")[0], info.at("endpoint"));
    EXPECT_TRUE(contents(info.at("public_ca_cert").get<std::string>()).starts_with("-----BEGIN CERTIFICATE-----\n"));
    EXPECT_NE(contents(path("store/controllers.yaml")).find("\ncurrent-controller: old\n"), std::string::npos);
    RawWebSocket socket(info.at("endpoints")[1], contents(info.at("ca_cert").get<std::string>()),
                        "/model/" + info.at("model_uuid").get<std::string>() + "/api");
    const Json reply =
        Json::parse(socket.call(R"({"request-id":1,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":"user-admin"}})"));
    EXPECT_EQ(reply.at("error-code"), "redirection required");
    EXPECT_EQ(reply.at("error-info").at("ca-cert"), "CA\n");
    EXPECT_EQ(reply.at("error-info").at("servers")[0][0].at("port"), 17070);
}

TEST_F(MockProgram, HasABadCertificate)
{
    Program program({"--certificate", "expired"});
    const Json info = Json::parse(program.line());

    EXPECT_FALSE(info.contains("endpoints"));
    EXPECT_FALSE(info.contains("public_ca_cert"));
    EXPECT_THROW((void)logged_in_version(info), std::runtime_error);
}

TEST_F(MockProgram, SaysWhatIsWrong)
{
    Program fault({"--fault", "explode"});
    EXPECT_EQ(fault.line(), R"(juju-mock-controller: fault "explode": kind "explode" is not known)");
    EXPECT_EQ(fault.wait(), 1);
    Program state({"--state", path("nosuch.yaml")});
    EXPECT_EQ(state.line(), "juju-mock-controller: mock controller: cannot read the state file " + path("nosuch.yaml"));
    EXPECT_EQ(state.wait(), 1);
    Program certificate({"--certificate", "good"});
    EXPECT_EQ(certificate.line(), R"(juju-mock-controller: mock controller: certificate "good" is not known)");
    EXPECT_EQ(certificate.wait(), 1);
    for (const char* target : {"nowhere", "host:0", "host:x"}) {
        Program redirect({"--redirect-to", target});
        EXPECT_EQ(redirect.line(), "juju-mock-controller: \"" + std::string(target) + "\" is no HOST:PORT");
        EXPECT_EQ(redirect.wait(), 1);
    }
    Program profile({"--profile", "2.9"});
    EXPECT_NE(profile.line().find("--profile"), std::string::npos);
    EXPECT_NE(profile.wait(), 0);
}

} // namespace
} // namespace juju::test
