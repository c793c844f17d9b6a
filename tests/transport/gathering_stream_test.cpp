// What is written while the peer takes nothing.

#include "transport/gathering_stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace juju::transport {
namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;

class GatheringStreamTest : public testing::Test {
protected:
    GatheringStreamTest() { asio::local::connect_pair(stream.next_layer(), peer); }

    /// Sets `is_done` once whoever writes can go on.
    void write(const std::string& text, bool& is_done)
    {
        stream.async_write_some(asio::buffer(text), [&is_done](boost::system::error_code error, std::size_t) {
            EXPECT_FALSE(error) << error.message();
            is_done = true;
        });
        context.poll();
        context.restart();
    }

    asio::io_context context;
    GatheringStream<Socket> stream{context};
    Socket peer{context};
    const std::string large = std::string(4'000'000, 'l'); ///< more than the kernel takes
    const std::string pong = std::string(131, 'p');
};

TEST_F(GatheringStreamTest, GathersOnlySoMuchForAPeerThatTakesNothing)
{
    bool is_large_done = false;
    write(large, is_large_done);
    std::size_t gathered = 0;
    bool is_done = true;
    for (; is_done && gathered < 100 * large.size(); gathered += pong.size()) {
        is_done = false;
        write(pong, is_done);
    }
    EXPECT_FALSE(is_large_done);
    EXPECT_FALSE(is_done) << "the WebSocket can go on answering pings";
    EXPECT_GT(gathered, 1'048'576U);
    EXPECT_LT(gathered, 1'048'576U + 2 * pong.size());

    std::string received(large.size() + gathered, '\0');
    asio::async_read(peer, asio::buffer(received), [](boost::system::error_code error, std::size_t) { EXPECT_FALSE(error); });
    context.run();

    EXPECT_TRUE(is_large_done);
    EXPECT_TRUE(is_done);
    EXPECT_TRUE(received == large + std::string(gathered, 'p')) << "all of it, in order";
}

} // namespace
} // namespace juju::transport
