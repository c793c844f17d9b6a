// Every public call against both profiles of the mock controller, with the same expected results.

#include "contract/cases.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace juju::contract {
namespace {

using test::Client;

class Contract : public testing::TestWithParam<std::tuple<std::size_t, MockProfile>> {
protected:
    const Case& the_case() const { return cases()[std::get<0>(GetParam())]; }
    bool is_3_6() const { return std::get<1>(GetParam()) == MockProfile::juju_3_6; }
};

TEST_P(Contract, Holds)
{
    const Case& c = the_case();
    SCOPED_TRACE(c.call + ", " + c.situation);
    Client client(MockOptions().profile(std::get<1>(GetParam())).state_yaml(state));
    client.connect();

    const std::string result = c.run(client);

    const bool stays_different = !c.result_4_0.empty();
    EXPECT_EQ(result, stays_different && !is_3_6() ? c.result_4_0 : c.result);
    const auto contains = [&](const std::string& text) {
        const auto messages = client.mock.transcript();
        return std::ranges::any_of(messages, [&](const auto& message) { return message.text.find(text) != std::string::npos; });
    };
    if (!c.differs())
        return;
    EXPECT_TRUE(contains(is_3_6() ? c.wire_3_6 : c.wire_4_0)) << "no message has what the table says";
    EXPECT_FALSE(contains(is_3_6() ? c.wire_4_0 : c.wire_3_6)) << "a message has what the other release says";
}

std::string case_name(const testing::TestParamInfo<Contract::ParamType>& info)
{
    std::string name = cases()[std::get<0>(info.param)].call + "_" + cases()[std::get<0>(info.param)].situation;
    std::ranges::replace_if(
        name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    return name + (std::get<1>(info.param) == MockProfile::juju_3_6 ? "_on_3_6" : "_on_4_0");
}

INSTANTIATE_TEST_SUITE_P(Cases, Contract,
                         testing::Combine(testing::Range(std::size_t{0}, cases().size()),
                                          testing::Values(MockProfile::juju_3_6, MockProfile::juju_4_0)),
                         case_name);

TEST(ContractCases, CoverEveryPublicCall)
{
    std::set<std::string> covered;
    for (const auto& c : cases())
        covered.insert(c.call);
    for (const auto& call : public_calls())
        EXPECT_TRUE(covered.contains(call)) << call;
}

/// The calls that the headers declare are those of `public_calls`, so that a new one cannot go without a case.
TEST(ContractCases, KnowEveryPublicCall)
{
    const auto declared = [](const std::string& type, const std::string& header) {
        std::ifstream file(std::string(JUJU_INCLUDE) + "/juju/" + header);
        std::set<std::string> names;
        std::string line;
        while (std::getline(file, line)) {
            for (const std::string start : {"    boost::asio::awaitable<", "    SecretWatcher ", "    std::map<"}) {
                if (!line.starts_with(start))
                    continue;
                const auto parenthesis = line.find('(');
                const auto space = line.rfind(' ', parenthesis);
                names.insert(type + "::" + line.substr(space + 1, parenthesis - space - 1));
            }
        }
        return names;
    };
    std::set<std::string> all;
    all.merge(declared("Model", "model.hpp"));
    all.merge(declared("SecretsManager", "secrets_manager.hpp"));
    all.merge(declared("Controller", "controller.hpp"));
    all.merge(declared("SecretWatcher", "secret_watcher.hpp"));
    const std::set<std::string> known(public_calls().begin(), public_calls().end());
    EXPECT_EQ(all, known);
}

TEST(ContractDocument, IsWhatTheCasesSay)
{
    std::ifstream file(JUJU_DOCUMENT);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    EXPECT_TRUE(text == document()) << "make it anew: contract_document > docs/reference/juju-versions.md";
}

} // namespace
} // namespace juju::contract
