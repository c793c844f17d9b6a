// Every kind of input that cannot be used: each is refused with its own code and a text that helps and holds no value, and nothing is sent.

#include "bad_input.hpp"

#include <set>

namespace juju::test {
namespace {

void check_all(const std::vector<BadInput>& table)
{
    Called called;
    std::size_t sent = called.mock.transcript().size();
    for (const BadInput& row : table) {
        SCOPED_TRACE(row.input);
        try {
            row.call(called);
            ADD_FAILURE() << "was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), row.code) << error.what();
            EXPECT_EQ(std::string(error.what()), row.text);
            EXPECT_EQ(std::string_view(error.what()).find(value_marker), std::string_view::npos) << "the value is in the text";
            EXPECT_EQ(error.outcome(), Outcome::not_sent);
            EXPECT_EQ(error.connection_usable(), row.code != errc::not_connected);
            EXPECT_TRUE(error.server_message().empty());
            EXPECT_TRUE(error.server_code().empty());
        }
        EXPECT_EQ(called.mock.transcript().size(), sent) << "something was sent";
        called.mock.clear_transcript();
        sent = 0;
    }
    EXPECT_TRUE(called.run(called.model.list_secrets()).empty()) << "the connection goes on, and nothing was made";
}

TEST(BadInputsTest, Contents)
{
    check_all(bad_contents());
}

TEST(BadInputsTest, Files)
{
    check_all(bad_files());
}

TEST(BadInputsTest, References)
{
    check_all(bad_references());
}

TEST(BadInputsTest, Texts)
{
    check_all(bad_texts());
}

TEST(BadInputsTest, Requests)
{
    check_all(bad_requests());
}

TEST(BadInputsTest, Options)
{
    check_all(bad_options());
}

TEST(BadInputsTest, Backends)
{
    check_all(bad_backends());
}

TEST(BadInputsTest, AreManyAndDiffer)
{
    std::set<std::string> inputs;
    std::size_t count = 0;
    for (const auto& table : {bad_contents(), bad_files(), bad_references(), bad_texts(), bad_requests(), bad_options(), bad_backends()}) {
        count += table.size();
        for (const BadInput& row : table)
            EXPECT_TRUE(inputs.insert(row.input).second) << row.input;
    }
    EXPECT_GE(count, 200U);
}

} // namespace
} // namespace juju::test
