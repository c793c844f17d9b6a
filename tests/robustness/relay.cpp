#include "robustness/relay.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace juju::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

/// Small, so that a paused relay soon stops its client.
constexpr int receive_buffer = 32 * 1024;

std::size_t index(Way way)
{
    return way == Way::from_client ? 0 : 1;
}

} // namespace

/// One connection, both of its sides.
class Relay::Link : public std::enable_shared_from_this<Link> {
public:
    Link(Relay& relay, tcp::socket client, bool counts) : relay_(&relay), client_(std::move(client)), server_(client_.get_executor())
    {
        from_client_.counted = counts ? &relay.bytes_[index(Way::from_client)] : nullptr;
        to_client_.counted = counts ? &relay.bytes_[index(Way::to_client)] : nullptr;
        if (relay.cut_ && (counts || relay.cut_->every_connection)) {
            (relay.cut_->way == Way::from_client ? from_client_ : to_client_).left = relay.cut_->at;
            ending_ = relay.cut_->ending;
        }
    }

    void start(const tcp::endpoint& target)
    {
        if (from_client_.left == 0 || to_client_.left == 0)
            return end();
        auto connected = [self = shared_from_this()](error_code error) {
            if (error)
                return self->close();
            error_code ignored;
            self->client_.set_option(tcp::no_delay(true), ignored);
            self->server_.set_option(tcp::no_delay(true), ignored);
            self->read_from_client();
            self->pump(self->to_client_, self->server_, self->client_);
        };
        server_.async_connect(target, std::move(connected));
    }

    /// Goes on after a pause.
    void read_from_client()
    {
        if (relay_ != nullptr && relay_->paused_)
            is_waiting_ = true;
        else
            pump(from_client_, client_, server_);
    }

    void resume()
    {
        if (std::exchange(is_waiting_, false))
            read_from_client();
    }

    void abandon()
    {
        relay_ = nullptr;
        from_client_.counted = nullptr;
        to_client_.counted = nullptr;
        close();
    }

private:
    struct Side {
        std::size_t left = no_limit; ///< bytes that may still come through
        std::size_t* counted = nullptr;
        bool has_ended = false;
        std::array<char, 16 * 1024> space{};
    };

    void pump(Side& side, tcp::socket& source, tcp::socket& sink)
    {
        auto was_read = [self = shared_from_this(), &side, &source, &sink](error_code error, std::size_t size) {
            if (error)
                return self->pass_end(side, sink, error);
            self->pass(side, source, sink, std::min(size, side.left));
        };
        source.async_read_some(asio::buffer(side.space), std::move(was_read));
    }

    void pass(Side& side, tcp::socket& source, tcp::socket& sink, std::size_t size)
    {
        if (side.counted != nullptr)
            *side.counted += size;
        if (side.left != no_limit)
            side.left -= size;
        auto written = [self = shared_from_this(), &side, &source, &sink](error_code error, std::size_t) {
            if (error)
                return self->close();
            if (side.left == 0)
                return self->end();
            if (&side == &self->from_client_)
                self->read_from_client();
            else
                self->pump(side, source, sink);
        };
        asio::async_write(sink, asio::buffer(side.space, size), std::move(written));
    }

    void pass_end(Side& side, tcp::socket& sink, error_code error)
    {
        side.has_ended = true;
        if (error != asio::error::eof || (from_client_.has_ended && to_client_.has_ended))
            return close();
        sink.shutdown(tcp::socket::shutdown_send, error);
    }

    void end()
    {
        error_code ignored;
        if (ending_ == Ending::reset) {
            client_.set_option(asio::socket_base::linger(true, 0), ignored);
            server_.set_option(asio::socket_base::linger(true, 0), ignored);
        } else {
            // What was not read when a socket is closed would make a reset of it.
            for (auto* const socket : {&client_, &server_}) {
                socket->shutdown(tcp::socket::shutdown_send, ignored);
                drain(*socket);
            }
        }
        close();
    }

    static void drain(tcp::socket& socket)
    {
        std::array<char, 4096> space{};
        error_code error;
        socket.non_blocking(true, error);
        while (!error)
            socket.read_some(asio::buffer(space), error);
    }

    void close()
    {
        error_code ignored;
        client_.close(ignored);
        server_.close(ignored);
    }

    Relay* relay_;
    tcp::socket client_;
    tcp::socket server_;
    Side from_client_;
    Side to_client_;
    Ending ending_ = Ending::fin;
    bool is_waiting_ = false;
};

Relay::Relay(asio::io_context& context, const std::string& target, std::optional<Cut> cut) : acceptor_(context), cut_(cut)
{
    const auto colon = target.rfind(':');
    target_ =
        tcp::endpoint(asio::ip::make_address(target.substr(0, colon)), static_cast<unsigned short>(std::stoul(target.substr(colon + 1))));
    acceptor_.open(tcp::v4());
    acceptor_.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    acceptor_.listen();
    accept_next();
}

Relay::~Relay()
{
    for (const auto& weak : links_) {
        if (const auto link = weak.lock())
            link->abandon();
    }
}

std::string Relay::endpoint() const
{
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void Relay::pause_from_client(bool on)
{
    paused_ = on;
    for (const auto& weak : links_) {
        if (const auto link = weak.lock(); link && !on)
            link->resume();
    }
}

void Relay::accept_next()
{
    acceptor_.async_accept([this](error_code error, tcp::socket client) {
        if (error)
            return;
        const auto link = std::make_shared<Link>(*this, std::move(client), !std::exchange(accepted_one_, true));
        links_.push_back(link);
        link->start(target_);
        accept_next();
    });
}

} // namespace juju::test
