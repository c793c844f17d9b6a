#include "mock/server.hpp"

#include "mock/session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace juju::mock {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

} // namespace

class Server::Impl {
public:
    Impl(Core& core, const Certificate& certificate, unsigned short port) : core_(core), sessions_(core, certificate), acceptor_(context_)
    {
        listen(port);
        port_ = acceptor_.local_endpoint().port();
    }

    ~Impl()
    {
        context_.stop();
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    unsigned short port() const noexcept { return port_; }

    void start()
    {
        thread_ = std::thread([this] {
            const auto work = asio::make_work_guard(context_);
            context_.run();
        });
    }

    void update_listening()
    {
        on_thread([this] {
            if (!core_.accepts_next()) {
                acceptor_.close();
            } else if (!acceptor_.is_open()) {
                listen(port_);
            }
            accept_next();
        });
    }

    template <typename Do>
    void on_each_session(Do act)
    {
        on_thread([this, act] {
            for (const auto& session : sessions_.open()) {
                act(*session);
            }
        });
    }

private:
    void listen(unsigned short port)
    {
        const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
        try {
            acceptor_.open(endpoint.protocol());
            acceptor_.set_option(asio::socket_base::reuse_address(true));
            acceptor_.bind(endpoint);
            acceptor_.listen();
        } catch (const boost::system::system_error& error) {
            throw std::system_error(error.code(), "mock controller: cannot listen on port " + std::to_string(port));
        }
    }

    /// Runs `work` on the server's thread and waits for it; what it throws comes out here.
    template <typename Work>
    void on_thread(Work work)
    {
        std::packaged_task<void()> task(std::move(work));
        std::future<void> done = task.get_future();
        asio::post(context_, std::move(task));
        done.get();
    }

    void accept_next()
    {
        if (accepting_ || !acceptor_.is_open()) {
            return;
        }
        accepting_ = true;
        acceptor_.async_accept([this](error_code error, tcp::socket socket) {
            accepting_ = false;
            if (!error) {
                socket.set_option(tcp::no_delay(true), error);
                sessions_.start(std::move(socket));
                if (!core_.accepts_next()) {
                    acceptor_.close();
                }
            }
            accept_next();
        });
    }

    Core& core_;
    asio::io_context context_{1}; ///< outlives the sessions, whose sockets belong to it
    SessionMaker sessions_;
    tcp::acceptor acceptor_;
    unsigned short port_ = 0;
    bool accepting_ = false;
    std::thread thread_;
};

Server::Server(Core& core, const Certificate& certificate, unsigned short port) : impl_(std::make_unique<Impl>(core, certificate, port)) {}

Server::~Server() = default;

unsigned short Server::port() const noexcept
{
    return impl_->port();
}

void Server::start()
{
    impl_->start();
}

void Server::update_listening()
{
    impl_->update_listening();
}

void Server::reset_all()
{
    impl_->on_each_session([](Session& session) { session.reset(); });
}

void Server::close_all()
{
    impl_->on_each_session([](Session& session) { session.close(); });
}

} // namespace juju::mock
