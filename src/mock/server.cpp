#include "mock/server.hpp"

#include "mock/session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <stdexcept>
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
    Impl(Core& core, const Certificate& certificate, const Settings& settings) : core_(core), sessions_(core, certificate, settings.network)
    {
        for (std::size_t i = 0; i < settings.network.nodes; ++i) {
            auto node = std::make_unique<Node>(context_);
            listen(*node, i == 0 ? settings.port : static_cast<unsigned short>(0));
            node->port = node->acceptor.local_endpoint().port();
            nodes_.push_back(std::move(node));
        }
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

    std::vector<unsigned short> ports() const
    {
        std::vector<unsigned short> ports;
        ports.reserve(nodes_.size());
        for (const auto& node : nodes_) {
            ports.push_back(node->port);
        }
        return ports;
    }

    void start()
    {
        thread_ = std::thread([this] {
            const auto work = asio::make_work_guard(context_);
            context_.run();
        });
    }

    void update_listening()
    {
        on_thread([this] { follow_faults(); });
    }

    void set_node(std::size_t index, NodeState state)
    {
        if (index >= nodes_.size()) {
            throw std::invalid_argument("mock controller: there is no node " + std::to_string(index));
        }
        on_thread([this, index, state] {
            Node& node = *nodes_[index];
            node.state = state;
            node.acceptor.close();
            node.waiting.clear();
            if (state != NodeState::serving) {
                for (const auto& session : sessions_.open_to(index)) {
                    session->reset();
                }
            }
            if (state == NodeState::black_hole) {
                become_black_hole(node);
            }
            follow_faults();
        });
    }

    std::size_t connections(std::size_t index)
    {
        std::size_t count = 0;
        on_thread([&] { count = sessions_.open_to(index).size(); });
        return count;
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
    /// A port. Waiting for a connection keeps the node, so that closing it needs no care.
    struct Node {
        explicit Node(asio::io_context& context) : acceptor(context) {}

        tcp::acceptor acceptor;
        unsigned short port = 0;
        NodeState state = NodeState::serving;
        bool accepting = false;
        std::vector<tcp::socket> waiting; ///< fill the queue of a black hole
    };

    static void listen(Node& node, unsigned short port, int backlog = asio::socket_base::max_listen_connections)
    {
        const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
        try {
            node.acceptor.open(endpoint.protocol());
            node.acceptor.set_option(asio::socket_base::reuse_address(true));
            node.acceptor.bind(endpoint);
            node.acceptor.listen(backlog);
        } catch (const boost::system::system_error& error) {
            throw std::system_error(error.code(), "mock controller: cannot listen on port " + std::to_string(port));
        }
    }

    /// Listens, and fills the queue of connections that are to be accepted. Linux then drops every further SYN.
    void become_black_hole(Node& node)
    {
        listen(node, node.port, 0);
        tcp::socket filler(context_);
        error_code error;
        filler.connect(node.acceptor.local_endpoint(), error);
        if (error) {
            throw std::system_error(error, "mock controller: cannot connect to port " + std::to_string(node.port));
        }
        node.waiting.push_back(std::move(filler));
    }

    /// Opens and closes the serving nodes' ports as the fault plan wants it.
    void follow_faults()
    {
        const bool accepts = core_.accepts_next();
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            Node& node = *nodes_[i];
            if (node.state != NodeState::serving) {
                continue;
            }
            if (!accepts) {
                node.acceptor.close();
            } else if (!node.acceptor.is_open()) {
                listen(node, node.port);
            }
            accept_next(i);
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

    void accept_next(std::size_t index)
    {
        Node& node = *nodes_[index];
        if (node.accepting || !node.acceptor.is_open() || node.state != NodeState::serving) {
            return;
        }
        node.accepting = true;
        node.acceptor.async_accept([this, index, &node](error_code error, tcp::socket socket) {
            node.accepting = false;
            if (!error) {
                socket.set_option(tcp::no_delay(true), error);
                sessions_.start(std::move(socket), index);
            }
            follow_faults();
        });
    }

    Core& core_;
    asio::io_context context_{1}; ///< outlives the sessions, whose sockets belong to it
    SessionMaker sessions_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::thread thread_;
};

Server::Server(Core& core, const Certificate& certificate, const Settings& settings)
    : impl_(std::make_unique<Impl>(core, certificate, settings))
{
}

Server::~Server() = default;

std::vector<unsigned short> Server::ports() const
{
    return impl_->ports();
}

void Server::start()
{
    impl_->start();
}

void Server::update_listening()
{
    impl_->update_listening();
}

void Server::set_node(std::size_t node, NodeState state)
{
    impl_->set_node(node, state);
}

std::size_t Server::connections(std::size_t node) const
{
    return impl_->connections(node);
}

void Server::reset_all()
{
    impl_->on_each_session([](Session& session) { session.reset(); });
}

void Server::close_all()
{
    impl_->on_each_session([](Session& session) { session.close(); });
}

void Server::close_model_connections()
{
    impl_->on_each_session([](Session& session) {
        if (session.serves_model()) {
            session.close();
        }
    });
}

} // namespace juju::mock
