#pragma once

#include "support/store_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace support {

/// tinyproxy on a port of its own, until the end of the test.
class TinyProxy {
public:
    explicit TinyProxy(const std::string& more = {})
    {
        boost::asio::io_context context;
        {
            const boost::asio::ip::tcp::acceptor free(context, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
            port_ = free.local_endpoint().port();
        }
        directory_.write("proxy.conf", "Port " + std::to_string(port_) + "\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\nLogFile \"" +
                                           directory_.string() + "/proxy.log\"\nLogLevel Connect\n" + more);
        const std::string file = directory_.string() + "/proxy.conf";
        process_ = ::fork();
        if (process_ == 0) {
            ::execl(JUJU_TINYPROXY, "tinyproxy", "-d", "-c", file.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        wait_until_it_listens(context);
    }

    ~TinyProxy()
    {
        ::kill(process_, SIGTERM);
        ::waitpid(process_, nullptr, 0);
    }

    TinyProxy(const TinyProxy&) = delete;
    TinyProxy& operator=(const TinyProxy&) = delete;

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string log() const { return directory_.read("proxy.log"); }

private:
    void wait_until_it_listens(boost::asio::io_context& context) const
    {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        for (;;) {
            boost::asio::ip::tcp::socket probe(context);
            boost::system::error_code error;
            probe.connect(boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), port_), error);
            if (!error)
                return;
            if (std::chrono::steady_clock::now() > limit)
                throw std::runtime_error("tinyproxy does not listen");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    TemporaryDirectory directory_;
    unsigned short port_ = 0;
    pid_t process_ = -1;
};

} // namespace support
