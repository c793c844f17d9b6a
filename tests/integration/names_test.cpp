// Host names that stand for several addresses, and addresses of names that the client store remembers.

#include "support/client.hpp"
#include "support/fake_names.hpp"
#include "support/store_directory.hpp"

#include <nlohmann/json.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace juju {
namespace {

using test::Client;
using tcp = boost::asio::ip::tcp;
using Texts = std::vector<std::string>;

/// Addresses of the loopback interface on which nothing listens, unless a test does.
constexpr const char* first_ip = "127.0.0.2";
constexpr const char* second_ip = "127.0.0.3";
/// The mock's.
constexpr const char* good_ip = "127.0.0.1";

constexpr const char* name = "ctl.example.com";

/// An address that answers no TCP connection: the queue of those that are to be accepted is full, and Linux drops what comes on.
class BlackHole {
public:
    BlackHole(const std::string& ip, unsigned short port) : acceptor_(context_), filler_(context_)
    {
        const tcp::endpoint address(boost::asio::ip::make_address(ip), port);
        acceptor_.open(address.protocol());
        acceptor_.set_option(boost::asio::socket_base::reuse_address(true));
        acceptor_.bind(address);
        acceptor_.listen(0);
        filler_.connect(address);
    }

private:
    boost::asio::io_context context_;
    tcp::acceptor acceptor_;
    tcp::socket filler_;
};

/// Hands connections on to the same port of another address, until it is destroyed.
class Relay {
public:
    Relay(const std::string& ip, const std::string& to, unsigned short port)
        : acceptor_(context_, tcp::endpoint(boost::asio::ip::make_address(ip), port)), to_(boost::asio::ip::make_address(to), port)
    {
        boost::asio::co_spawn(context_, accept(), boost::asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }

    ~Relay()
    {
        context_.stop();
        thread_.join();
    }

private:
    boost::asio::awaitable<void> accept()
    {
        for (;;) {
            const auto here = std::make_shared<tcp::socket>(co_await acceptor_.async_accept(boost::asio::use_awaitable));
            const auto there = std::make_shared<tcp::socket>(context_);
            co_await there->async_connect(to_, boost::asio::use_awaitable);
            boost::asio::co_spawn(context_, carry(here, there), boost::asio::detached);
            boost::asio::co_spawn(context_, carry(there, here), boost::asio::detached);
        }
    }

    static boost::asio::awaitable<void> carry(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to)
    {
        std::vector<char> buffer(16'384);
        boost::system::error_code error;
        while (!error) {
            const auto size =
                co_await from->async_read_some(boost::asio::buffer(buffer), boost::asio::redirect_error(boost::asio::use_awaitable, error));
            if (error)
                break;
            const auto read = boost::asio::buffer(buffer, size);
            co_await boost::asio::async_write(*to, read, boost::asio::redirect_error(boost::asio::use_awaitable, error));
        }
        to->close(error);
    }

    boost::asio::io_context context_;
    tcp::acceptor acceptor_;
    tcp::endpoint to_;
    std::thread thread_;
};

class NamesTest : public testing::Test, public Client {
protected:
    NamesTest()
    {
        port = mock.endpoint().substr(mock.endpoint().rfind(':') + 1);
        address = name + (':' + port);
    }

    unsigned short port_number() const { return static_cast<unsigned short>(std::stoi(port)); }

    std::string address_with(const std::string& ip) const { return address + " (" + ip + ')'; }

    ConnectOptions by_name() const
    {
        return ConnectOptions()
            .endpoint(address)
            .model_uuid(mock.model_uuid())
            .username("admin")
            .password(mock.password())
            .ca_cert(mock.ca_cert());
    }

    /// What `diagnostics()` says of each attempt: "ADDRESS: RESULT".
    Texts attempts() const
    {
        Texts texts;
        const auto told = nlohmann::json::parse(model.diagnostics());
        for (const auto& attempt : told.at("attempts"))
            texts.push_back(attempt["address"].get<std::string>() + ": " + attempt["result"].get<std::string>());
        return texts;
    }

    std::string refused(const std::string& ip) const
    {
        return address_with(ip) + ": TCP connection to " + address + " failed: Connection refused";
    }

    /// The client store knows the controller by its name, and `ips` from before.
    void write_store(const Texts& ips)
    {
        mock.write_client_store(store.path(), MockStoreOptions().endpoints({address}).cached_addresses(name, ips));
    }

    ConnectOptions in_store() const { return ConnectOptions().store_directory(store.string()); }

    std::string port;
    std::string address;
    support::FakeNames names;
    support::TemporaryDirectory store;
};

TEST_F(NamesTest, GoesOnWhereTheFirstAddressIsSilent)
{
    const BlackHole silent(first_ip, port_number());
    names.set(name, {first_ip, good_ip});

    run(model.connect(by_name()));

    EXPECT_TRUE(run(model.list_secrets()).empty());
    EXPECT_EQ(attempts(), (Texts{address_with(first_ip) + ": given up", address_with(good_ip) + ": connected"}));
    EXPECT_EQ(names.questions(name), 1U);
}

TEST_F(NamesTest, TakesTheFirstAddressWhenItIsGood)
{
    const BlackHole silent(first_ip, port_number());
    names.set(name, {good_ip, first_ip});

    run(model.connect(by_name()));

    EXPECT_TRUE(run(model.list_secrets()).empty());
    ASSERT_FALSE(attempts().empty());
    EXPECT_EQ(attempts()[0], address_with(good_ip) + ": connected");
}

TEST_F(NamesTest, GoesOnWhereTheFirstAddressRefuses)
{
    names.set(name, {first_ip, second_ip, good_ip});

    run(model.connect(by_name()));

    EXPECT_EQ(attempts(), (Texts{refused(first_ip), refused(second_ip), address_with(good_ip) + ": connected"}));
}

TEST_F(NamesTest, GoesOnWhereALoginAtTheFirstAddressIsLost)
{
    const Relay relay(first_ip, good_ip, port_number());
    names.set(name, {first_ip, good_ip});
    mock.add_fault(MockFault(MockFaultKind::reset).at(MockPhase::login));

    run(model.connect(by_name()));

    EXPECT_TRUE(run(model.list_secrets()).empty());
    // Either may be the faster one.
    const auto all = attempts();
    const auto lost = std::ranges::find_if(all, [](const auto& text) { return text.find("connection lost") != std::string::npos; });
    ASSERT_NE(lost, all.end()) << model.diagnostics();
    const bool is_first = lost->starts_with(address_with(first_ip));
    EXPECT_EQ(all.back(), address_with(is_first ? good_ip : first_ip) + ": connected") << model.diagnostics();
}

TEST_F(NamesTest, GivesUpWhenLoginsAtAllAddressesAreLost)
{
    const Relay relay(first_ip, good_ip, port_number());
    names.set(name, {first_ip, good_ip});
    mock.add_fault(MockFault(MockFaultKind::reset).at(MockPhase::login).always());

    const Error error = error_of(model.connect(by_name()));

    EXPECT_EQ(error.code(), errc::connect_failed) << error.what();
    ASSERT_EQ(error.items().size(), 2U) << error.what();
    EXPECT_NE(error.items()[0].subject(), error.items()[1].subject());
    EXPECT_FALSE(model.is_connected());
}

TEST_F(NamesTest, NamesEveryAddressWhenAllRefuse)
{
    names.set(name, {first_ip, second_ip});

    const Error error = error_of(model.connect(by_name()));

    EXPECT_EQ(error.code(), errc::connect_failed) << error.what();
    ASSERT_EQ(error.items().size(), 2U) << error.what();
    EXPECT_EQ(error.items()[0].subject(), address_with(first_ip));
    EXPECT_EQ(error.items()[1].subject(), address_with(second_ip));
    for (const auto& item : error.items()) {
        EXPECT_EQ(item.error()->code(), boost::asio::error::connection_refused);
        EXPECT_EQ(item.error()->what(), "TCP connection to " + address + " failed: Connection refused");
    }
    const std::string text = error.what();
    EXPECT_TRUE(text.starts_with("no endpoint could be reached; " + refused(first_ip) + " (after ")) << text;
    EXPECT_NE(text.find("; " + refused(second_ip) + " (after "), std::string::npos) << text;
}

TEST_F(NamesTest, SaysThatANameIsNotFound)
{
    names.set(name, {});

    const Error error = error_of(model.connect(by_name()));

    EXPECT_EQ(error.code(), boost::asio::error::host_not_found) << error.what();
    EXPECT_EQ(std::string(error.what()), "looking up \"ctl.example.com\" failed: Host not found (authoritative)");
}

TEST_F(NamesTest, AsksForNoNameThatTheClientStoreKnows)
{
    write_store({good_ip});

    run(model.connect(in_store()));

    EXPECT_EQ(attempts(), (Texts{address_with(good_ip) + ": connected"}));
    EXPECT_EQ(names.questions(name), 0U);
}

TEST_F(NamesTest, AsksAnewWhereWhatTheClientStoreKnowsRefuses)
{
    write_store({first_ip, second_ip});
    names.set(name, {second_ip, good_ip});

    run(model.connect(in_store().update_store(true)));

    EXPECT_EQ(attempts(), (Texts{refused(first_ip), refused(second_ip), address_with(good_ip) + ": connected"})) << "none is tried twice";
    EXPECT_EQ(names.questions(name), 1U);
    EXPECT_NE(store.read("controllers.yaml").find("dns-cache: {ctl.example.com: [127.0.0.1, "), std::string::npos)
        << "what worked is remembered first:\n"
        << store.read("controllers.yaml");
}

TEST_F(NamesTest, AsksAnewWhereWhatTheClientStoreKnowsIsSilent)
{
    const BlackHole silent(first_ip, port_number());
    write_store({first_ip});
    names.set(name, {first_ip, good_ip});

    run(model.connect(in_store()));

    EXPECT_EQ(attempts(), (Texts{address_with(first_ip) + ": given up", address_with(good_ip) + ": connected"}));
    EXPECT_EQ(names.questions(name), 1U);
}

} // namespace
} // namespace juju
