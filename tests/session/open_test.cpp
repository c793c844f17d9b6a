#include "transport/open.hpp"

#include "connection/strand_hop.hpp"
#include "support/run.hpp"
#include "transport/open_error.hpp"
#include "transport/tcp.hpp"
#include "transport/tls_websocket.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace juju::transport {
namespace {

namespace asio = boost::asio;

/// How an address behaves.
enum class Behaviour { opens, refuses, is_silent, has_no_memory, breaks_asio };

/// What the functions below act on.
struct Net {
    std::map<std::string, std::vector<std::string>> names;
    std::map<std::string, Behaviour> addresses;
    std::vector<std::string> opened; ///< in order
    int running = 0;
    int left = -1; ///< running when open_first ended
};

Net& net()
{
    static Net instance;
    return instance;
}

class NoStream final : public MessageStream {
public:
    asio::awaitable<WipingString> read() override { co_return WipingString(); }
    asio::awaitable<void> write(std::vector<WipingString>) override { co_return; }
    asio::awaitable<void> close(CloseReason) override { co_return; }
    void abort() noexcept override {}
};

/// Counts the attempts under way.
class Running {
public:
    Running() { ++net().running; }
    ~Running() { --net().running; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
};

asio::awaitable<void> for_ever(Strand strand)
{
    asio::steady_timer never(strand, asio::steady_timer::time_point::max());
    boost::system::error_code error;
    co_await never.async_wait(asio::redirect_error(asio::use_awaitable, error));
    throw open_error(asio::error::operation_aborted, "waiting");
}

} // namespace

asio::awaitable<std::vector<std::string>> resolve(Strand strand, std::string host)
{
    auto later = asio::post(strand, asio::use_awaitable); // the race is asleep by then
    co_await std::move(later);
    co_return net().names.at(host);
}

asio::awaitable<std::unique_ptr<MessageStream>> open_tls_websocket(Strand strand, Endpoint, WebSocketOptions options, Attempt& attempt)
{
    attempt.phase = Phase::tcp;
    net().opened.push_back(options.ip);
    const Running running;
    switch (net().addresses.at(options.ip)) {
    case Behaviour::opens: break;
    case Behaviour::refuses: throw open_error(asio::error::connection_refused, "TCP connection");
    case Behaviour::has_no_memory: throw std::bad_alloc();
    case Behaviour::breaks_asio: throw boost::system::system_error(asio::error::no_descriptors);
    case Behaviour::is_silent: {
        auto waiting = for_ever(strand);
        co_await std::move(waiting);
    }
    }
    co_return std::make_unique<NoStream>();
}

namespace {

class OpenTest : public testing::Test {
protected:
    OpenTest() { net() = Net(); }

    /// @return the IP address that won
    std::string open(const std::vector<std::string>& hosts, OpenOptions options = OpenOptions())
    {
        std::vector<Endpoint> endpoints;
        for (const auto& host : hosts)
            endpoints.push_back(Endpoint::parse(host));
        auto opening = [](std::vector<Endpoint> all, OpenOptions how, std::shared_ptr<DialReport> told) -> asio::awaitable<std::string> {
            const asio::any_io_executor executor = co_await asio::this_coro::executor;
            const Strand strand = asio::make_strand(executor);
            auto first = connection::run_on(strand, open_first(strand, std::move(all), std::move(how), std::move(told)));
            std::exception_ptr failure;
            std::string ip;
            try {
                const auto opened = co_await std::move(first);
                ip = opened.ip;
            } catch (...) {
                failure = std::current_exception();
            }
            net().left = net().running;
            if (failure)
                std::rethrow_exception(failure);
            co_return ip;
        };
        return support::run(opening(std::move(endpoints), std::move(options), report));
    }

    std::shared_ptr<DialReport> report = std::make_shared<DialReport>();
};

TEST_F(OpenTest, StartsTheFurtherAddressesOfANameBesideASilentOne)
{
    net().names = {{"ctl", {"10.0.0.1", "10.0.0.2", "10.0.0.3"}}};
    net().addresses = {{"10.0.0.1", Behaviour::is_silent}, {"10.0.0.2", Behaviour::is_silent}, {"10.0.0.3", Behaviour::opens}};

    EXPECT_EQ(open({"ctl:17070"}), "10.0.0.3");

    EXPECT_EQ(net().opened, (std::vector<std::string>{"10.0.0.1", "10.0.0.2", "10.0.0.3"}));
    EXPECT_EQ(net().left, 0);
}

TEST_F(OpenTest, ThrowsWhatSaysNothingOfAnAddressOnceAllHasEnded)
{
    net().addresses = {{"10.0.0.1", Behaviour::is_silent}, {"10.0.0.2", Behaviour::has_no_memory}, {"10.0.0.3", Behaviour::opens}};

    EXPECT_THROW(open({"10.0.0.1:17070", "10.0.0.2:17070", "10.0.0.3:17070"}), std::bad_alloc);

    EXPECT_EQ(net().opened, (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
    EXPECT_EQ(net().left, 0);
    ASSERT_EQ(report->attempts().size(), 2U);
    EXPECT_FALSE(report->attempts()[0].error) << "given up";
}

TEST_F(OpenTest, CountsAnErrorOfAsioAsOneOfTheAddress)
{
    net().addresses = {{"10.0.0.1", Behaviour::breaks_asio}, {"10.0.0.2", Behaviour::opens}};
    EXPECT_EQ(open({"10.0.0.1:17070", "10.0.0.2:17070"}), "10.0.0.2");

    report = std::make_shared<DialReport>();
    try {
        open({"10.0.0.1:17070"});
        ADD_FAILURE() << "it did not fail";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), asio::error::no_descriptors);
        EXPECT_STREQ(error.what(), "connecting to 10.0.0.1:17070 failed: Too many open files");
    }
}

} // namespace
} // namespace juju::transport
