// The documents of connecting name what the headers have: every option with its default, and every error.

#include <juju/connect_options.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace juju {
namespace {

std::string read(const std::string& file)
{
    std::ifstream in(std::string(JUJU_PROJECT) + '/' + file, std::ios::binary);
    EXPECT_TRUE(in) << file;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// What the first group of a pattern stands for, each time it matches.
std::multiset<std::string> found_in(const std::string& text, const std::string& pattern)
{
    const std::regex regex(pattern);
    std::multiset<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match)
        found.insert((*match)[1].str());
    return found;
}

std::string flag(bool on)
{
    return on ? "`true`" : "`false`";
}

std::string time(std::chrono::milliseconds value)
{
    return std::to_string(value.count() / 1000) + " s" + (value.count() % 1000 == 0 ? "" : " and a part");
}

std::string size(std::size_t bytes)
{
    constexpr std::size_t mib = 1024 * 1024;
    return std::to_string(bytes / mib) + " MiB" + (bytes % mib == 0 ? "" : " and a part");
}

std::string given(bool is_set)
{
    return is_set ? "set" : "not set";
}

/// What each option is in a new ConnectOptions, as the document says it.
std::map<std::string, std::string> defaults()
{
    const ConnectOptions options;
    return {
        {"endpoint", given(!options.endpoints().empty())},
        {"model_uuid", given(!options.model_uuid().empty())},
        {"model", given(!options.model().empty())},
        {"controller", given(!options.controller().empty())},
        {"store_directory", given(!options.store_directory().empty())},
        {"update_store", flag(options.update_store())},
        {"follow_migration", flag(options.follow_migration())},
        {"username", given(!options.username().empty())},
        {"password", given(!options.password().empty())},
        {"macaroons", given(!options.macaroons().empty())},
        {"session_token", given(!options.session_token().empty())},
        {"client_credentials", given(!options.client_id().empty() || !options.client_secret().empty())},
        {"agent", given(!options.agent_tag().empty() || !options.agent_password().empty() || !options.agent_nonce().empty())},
        {"show_device_code", given(static_cast<bool>(options.show_device_code()))},
        {"ask_password", given(static_cast<bool>(options.ask_password()))},
        {"visit_url", given(static_cast<bool>(options.visit_url()))},
        {"ca_cert", given(!options.ca_cert().empty())},
        {"public_dns_name", given(!options.public_dns_name().empty())},
        {"insecure_skip_verification", flag(options.insecure_skip_verification())},
        {"proxy", given(options.proxy().has_value())},
        {"reconnect", flag(options.reconnect())},
        {"on_state_change", given(static_cast<bool>(options.on_state_change()))},
        {"request_observer", given(static_cast<bool>(options.request_observer()))},
        {"connect_timeout", time(options.connect_timeout())},
        {"call_timeout", time(options.call_timeout())},
        {"ping_interval", time(options.ping_interval())},
        {"max_message_size", size(options.max_message_size())},
        {"max_request_size", size(options.max_request_size())},
    };
}

TEST(OptionsDocument, HasARowForEverySetterAndNoOther)
{
    const auto setters = found_in(read("include/juju/connect_options.hpp"), R"(ConnectOptions& (\w+)\()");
    const auto rows = found_in(read("docs/reference/connect-options.md"), R"(\n\| `(\w+)\()");
    EXPECT_EQ(rows, setters);
    std::multiset<std::string> known;
    for (const auto& [name, value] : defaults())
        known.insert(name);
    EXPECT_EQ(setters, known) << "this test does not know all options";
}

TEST(OptionsDocument, SaysTheDefaults)
{
    const auto document = read("docs/reference/connect-options.md");
    for (const auto& [name, value] : defaults()) {
        const auto said = found_in(document, "\\n\\| `" + name + R"(\([^|]*\|[^|]*\| ([^|]*) \|)");
        EXPECT_EQ(said, std::multiset<std::string>({value})) << name;
    }
}

TEST(ConnectDocument, HasARowForEveryErrorOfConnect)
{
    const auto header = read("include/juju/model.hpp");
    const auto start = header.find("/// Connects and logs in as the options say.");
    const auto end = header.find("connect(ConnectOptions options);");
    ASSERT_LT(start, end);
    const auto errors = found_in(header.substr(start, end - start), R"(errc::(\w+))");
    EXPECT_GT(errors.size(), 20U);
    const auto rows = found_in(read("docs/how-to/connect.md"), R"(\n\| `(\w+)` \|)");
    for (const auto& error : errors)
        EXPECT_EQ(rows.count(error), 1U) << error;
}

} // namespace
} // namespace juju
