#include "mock/session.hpp"

#include "mock/fault_stream.hpp"
#include "mock/frames.hpp"
#include "mock/tls_policy.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <iterator>
#include <utility>

namespace juju::mock {

/// Found by Beast when it ends the connection below a WebSocket.
template <class Next, class Handler>
void async_teardown(boost::beast::role_type role, FaultStream<Next>& stream, Handler&& handler)
{
    using boost::beast::websocket::async_teardown;
    async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

template <class Next>
void teardown(boost::beast::role_type role, FaultStream<Next>& stream, boost::system::error_code& error)
{
    using boost::beast::websocket::teardown;
    teardown(role, stream.next_layer(), error);
}

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::use_awaitable;
using boost::system::error_code;
using tcp = asio::ip::tcp;

// Frames as gorilla/websocket makes them with Juju's buffers.
constexpr std::size_t frame_bytes = 4096;
constexpr std::size_t last_framed_message_bytes = 8220;
// A peer that does not take part in ending a connection is waited for so long (Juju: 10 s).
constexpr std::chrono::seconds close_wait{10};
// Of an HTTP request.
constexpr std::size_t max_body_bytes = 1'000'000;

HttpRequest read_request(const http::request<http::string_body>& request)
{
    const auto header = [&](http::field name) { return std::string(request[name]); };
    HttpRequest asked;
    asked.method = std::string(request.method_string());
    asked.target = std::string(request.target());
    asked.connection = header(http::field::connection);
    asked.upgrade = header(http::field::upgrade);
    asked.websocket_version = header(http::field::sec_websocket_version);
    asked.websocket_key = header(http::field::sec_websocket_key);
    asked.host = header(http::field::host);
    asked.bakery_version = std::string(request["Bakery-Protocol-Version"]);
    asked.body = request.body();
    return asked;
}

class TlsSession final : public Session, public std::enable_shared_from_this<TlsSession> {
public:
    TlsSession(Core& core, SessionSet& open, asio::ssl::context& tls, tcp::socket socket, std::size_t node);

    void start();
    bool serves_model() const override { return conversation_ && conversation_->on_model(); }
    void reset() override;
    void close() override;

private:
    using Tls = asio::ssl::stream<FaultStream<tcp::socket>>;

    Tls& tls() { return stream_.next_layer().next_layer(); }
    FaultStream<tcp::socket>& wire() { return tls().next_layer(); }
    tcp::socket& socket() { return wire().next_layer(); }

    asio::awaitable<void> run();
    /// @return whether the connection goes on
    asio::awaitable<bool> pass(MockPhase phase);
    asio::awaitable<bool> sends_plain_http();
    asio::awaitable<void> answer_plain_http();
    asio::awaitable<void> serve_http();
    asio::awaitable<HttpRoute> wait_for_answer(HttpRequest asked);
    asio::awaitable<void> answer_http(HttpRoute route, bool last);
    asio::awaitable<void> accept_websocket(http::request<http::string_body> request, bool silent);
    asio::awaitable<void> serve_websocket();
    /// What lets this session look again whether its request can be answered. It may be called from any thread.
    Wake wake_later();
    void wake();
    asio::awaitable<void> write_all();
    asio::awaitable<void> write_message(std::string text);
    asio::awaitable<void> write_part(std::string text, std::size_t bytes);
    asio::awaitable<void> write_bytes(std::string bytes);
    asio::awaitable<void> end(Step step);
    /// Sends bytes that have no meaning where the connection stands, and no goodbye.
    asio::awaitable<void> end_with(std::string bytes);
    void change_flow(const Flow& flow);
    void goodbye_came();
    asio::awaitable<void> shut_down_tls();
    asio::awaitable<void> close_tcp();
    /// Reads, and does nothing about it, until the client ends.
    asio::awaitable<void> discard_all();

    void do_later(Step step);
    void enqueue(Step step);
    void finish();
    /// Closes the socket unless the timer is cancelled before.
    void give_up_after(asio::steady_timer& timer);

    Core& core_;
    SessionSet& open_;
    std::size_t number_;
    websocket::stream<FaultStream<Tls>> stream_; ///< its upper fault layer holds back what Beast answers to a close frame
    std::optional<Conversation> conversation_;
    std::deque<Step> outbox_;
    std::vector<Step> held_;
    bool writing_ = false;
    bool woken_ = false;
    bool stays_open_ = false; ///< stalled: kept until dropped
    bool has_tls_ = false;
    bool ending_ = false;
    std::optional<std::size_t> messages_left_; ///< then a TCP reset
};

TlsSession::TlsSession(Core& core, SessionSet& open, asio::ssl::context& tls, tcp::socket socket, std::size_t node)
    : Session(node), core_(core), open_(open), number_(core.connection_opened()), stream_(std::move(socket), tls)
{
}

void TlsSession::start()
{
    auto self = shared_from_this();
    open_.insert(self);
    asio::co_spawn(stream_.get_executor(), run(), [self](std::exception_ptr) {
        // However the dialogue ended, the client has seen it. What is still to be written keeps the session.
        if (!self->writing_ && !self->stays_open_) {
            self->finish();
        }
    });
}

void TlsSession::finish()
{
    error_code ignored;
    socket().close(ignored);
    wire().thaw();
    stream_.next_layer().thaw();
    if (open_.erase(shared_from_this()) > 0) {
        core_.connection_closed();
    }
}

void TlsSession::reset()
{
    error_code ignored;
    socket().set_option(asio::socket_base::linger(true, 0), ignored);
    finish();
}

void TlsSession::close()
{
    if (!stream_.is_open()) {
        reset();
        return;
    }
    Step step;
    step.ending = Ending::websocket_close;
    enqueue(std::move(step));
}

asio::awaitable<void> TlsSession::run()
{
    const bool accepted = co_await pass(MockPhase::accept);
    if (!accepted) {
        co_return;
    }
    co_await socket().async_wait(tcp::socket::wait_read, use_awaitable);
    const bool greeted = co_await pass(MockPhase::tls);
    if (!greeted) {
        co_return;
    }
    const bool plain = co_await sends_plain_http();
    if (plain) {
        co_await answer_plain_http();
        co_return;
    }
    co_await tls().async_handshake(asio::ssl::stream_base::server, use_awaitable);
    has_tls_ = true;
    co_await serve_http();
}

/// Looks at the first five bytes, as Go's server does. What comes in smaller pieces counts as TLS.
asio::awaitable<bool> TlsSession::sends_plain_http()
{
    static constexpr std::array<std::string_view, 5> starts{"GET /", "HEAD ", "POST ", "PUT /", "OPTIO"};
    std::array<char, 5> first{};
    const std::size_t count = co_await socket().async_receive(asio::buffer(first), tcp::socket::message_peek, use_awaitable);
    co_return std::find(starts.begin(), starts.end(), std::string_view(first.data(), count)) != starts.end();
}

asio::awaitable<void> TlsSession::answer_plain_http()
{
    static constexpr std::string_view answer = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
    co_await asio::async_write(socket(), asio::buffer(answer), use_awaitable);
    co_await close_tcp();
}

asio::awaitable<bool> TlsSession::pass(MockPhase phase)
{
    Step step = core_.strike(phase);
    if (step.flow) {
        change_flow(*step.flow);
    }
    if (step.ending == Ending::none) {
        co_return true;
    }
    co_await end(std::move(step));
    co_return false;
}

asio::awaitable<void> TlsSession::serve_http()
{
    beast::flat_buffer buffer;
    for (;;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(max_body_bytes);
        co_await http::async_read(tls(), buffer, parser, use_awaitable);
        const http::request<http::string_body> request = parser.release();
        const HttpRequest asked = read_request(request);
        const Wake wake = wake_later();
        auto [route, step] = core_.route_request(asked, wake);
        if (step.flow) {
            change_flow(*step.flow);
        }
        if (step.ending != Ending::none) {
            co_await end(std::move(step));
            co_return;
        }
        if (route.websocket) {
            conversation_.emplace(core_.start_conversation(route));
            co_await accept_websocket(request, route.silent);
            co_return;
        }
        if (route.waits) {
            route = co_await wait_for_answer(asked);
        }
        const bool last = !route.of_discharger || !request.keep_alive();
        co_await answer_http(route, last);
        if (last) {
            co_await shut_down_tls();
            co_return;
        }
    }
}

asio::awaitable<void> TlsSession::accept_websocket(http::request<http::string_body> request, bool silent)
{
    stream_.set_option(websocket::stream_base::timeout{close_wait, websocket::stream_base::none(), false});
    stream_.read_message_max(0);
    stream_.auto_fragment(false);
    stream_.text(true);
    stream_.control_callback([this](websocket::frame_type kind, beast::string_view) {
        if (kind == websocket::frame_type::close) {
            goodbye_came();
        }
    });
    co_await stream_.async_accept(request, use_awaitable);
    if (silent) {
        co_await discard_all();
    } else {
        co_await serve_websocket();
    }
}

/// Ends with an exception when the client goes, or sends anything, before there is an answer.
asio::awaitable<HttpRoute> TlsSession::wait_for_answer(HttpRequest asked)
{
    HttpRoute route;
    do {
        error_code gone;
        co_await socket().async_wait(tcp::socket::wait_read, asio::redirect_error(use_awaitable, gone));
        if (!std::exchange(woken_, false)) {
            throw boost::system::system_error(asio::error::connection_aborted);
        }
        const Wake wake = wake_later();
        route = core_.continue_request(asked, wake);
    } while (route.waits);
    co_return route;
}

Wake TlsSession::wake_later()
{
    return [executor = stream_.get_executor(), weak = weak_from_this()] {
        asio::post(executor, [weak] {
            if (auto self = weak.lock()) {
                self->wake();
            }
        });
    };
}

void TlsSession::wake()
{
    if (!conversation_) { // an HTTP request waits
        woken_ = true;
        error_code ignored;
        socket().cancel(ignored);
        return;
    }
    for (Step& step : core_.continue_conversation(*conversation_, wake_later())) {
        do_later(std::move(step));
    }
}

asio::awaitable<void> TlsSession::answer_http(HttpRoute route, bool last)
{
    http::response<http::string_body> response;
    response.version(11);
    response.result(route.status);
    response.set(http::field::content_type, route.content_type);
    for (const auto& [name, value] : route.headers) {
        response.set(name, value);
    }
    response.keep_alive(!last);
    response.body() = route.body;
    response.prepare_payload();
    co_await http::async_write(tls(), response, use_awaitable);
}

asio::awaitable<void> TlsSession::serve_websocket()
{
    beast::flat_buffer buffer;
    for (;;) {
        co_await stream_.async_read(buffer, use_awaitable);
        const std::string text = beast::buffers_to_string(buffer.data());
        buffer.consume(buffer.size());
        const Wake wake = wake_later();
        bool goes_on = true;
        for (Step& step : core_.handle(*conversation_, number_, text, wake)) {
            goes_on = goes_on && !step.cut && (step.ending == Ending::none || step.ending == Ending::half_close);
            do_later(std::move(step));
        }
        if (!goes_on) {
            co_return;
        }
    }
}

void TlsSession::do_later(Step step)
{
    if (step.delay.count() == 0) {
        enqueue(std::move(step));
        return;
    }
    auto timer = std::make_shared<asio::steady_timer>(stream_.get_executor(), step.delay);
    timer->async_wait([timer, self = shared_from_this(), step = std::move(step)](error_code error) mutable {
        if (!error) {
            self->enqueue(std::move(step));
        }
    });
}

void TlsSession::enqueue(Step step)
{
    if (step.hold) {
        held_.push_back(std::move(step));
        return;
    }
    const bool is_text = !step.flow;
    outbox_.push_back(std::move(step));
    if (is_text) {
        std::move(held_.begin(), held_.end(), std::back_inserter(outbox_));
        held_.clear();
    }
    if (!std::exchange(writing_, true)) {
        auto self = shared_from_this();
        asio::co_spawn(stream_.get_executor(), write_all(), [self](std::exception_ptr error) {
            if (error) {
                self->writing_ = false;
                self->finish(); // the client is gone
            }
        });
    }
}

asio::awaitable<void> TlsSession::write_all()
{
    while (!outbox_.empty()) {
        Step step = std::move(outbox_.front());
        outbox_.pop_front();
        if (step.flow) {
            change_flow(*step.flow);
        } else if (step.ending != Ending::none) {
            outbox_.clear();
            co_await end(std::move(step));
        } else if (step.cut) {
            core_.sent(number_, step.text.substr(0, *step.cut));
            co_await write_part(std::move(step.text), *step.cut);
            reset();
        } else {
            core_.sent(number_, step.text);
            if (step.framing.is_usual()) {
                co_await write_message(std::move(step.text));
            } else {
                co_await write_bytes(frames_of(step.text + '\n', step.framing));
            }
            if (messages_left_ && --*messages_left_ == 0) {
                reset();
            }
        }
    }
    writing_ = false; // now, since what is enqueued before the handler of this coroutine runs would lie there for ever
}

asio::awaitable<void> TlsSession::write_message(std::string text)
{
    text += '\n';
    const asio::const_buffer all = asio::buffer(text);
    if (text.size() > last_framed_message_bytes) {
        co_await stream_.async_write_some(false, all, use_awaitable);
        co_await stream_.async_write_some(true, asio::const_buffer(), use_awaitable);
        co_return;
    }
    std::size_t sent = 0;
    while (text.size() - sent > frame_bytes) {
        co_await stream_.async_write_some(false, asio::buffer(all + sent, frame_bytes), use_awaitable);
        sent += frame_bytes;
    }
    co_await stream_.async_write_some(true, all + sent, use_awaitable);
}

asio::awaitable<void> TlsSession::write_part(std::string text, std::size_t bytes)
{
    Framing one_frame;
    std::string frame = frames_of(text + '\n', one_frame);
    frame.resize(frame.size() - (text.size() + 1) + std::min(bytes, text.size() + 1));
    co_await write_bytes(std::move(frame));
}

asio::awaitable<void> TlsSession::write_bytes(std::string bytes)
{
    if (has_tls_) {
        co_await asio::async_write(tls(), asio::buffer(bytes), use_awaitable);
    } else {
        co_await asio::async_write(wire(), asio::buffer(bytes), use_awaitable);
    }
}

asio::awaitable<void> TlsSession::end(Step step)
{
    ending_ = true;
    error_code ignored;
    switch (step.ending) {
    case Ending::none: break;
    case Ending::reset: reset(); break;
    case Ending::stall: stays_open_ = true; break;
    case Ending::half_close:
        socket().shutdown(tcp::socket::shutdown_send, ignored);
        if (!conversation_) {
            co_await discard_all();
        }
        break;
    case Ending::close: co_await close_tcp(); break;
    case Ending::tls_goodbye: co_await shut_down_tls(); break;
    case Ending::websocket_close:
        co_await stream_.async_close(websocket::close_code::normal, asio::redirect_error(use_awaitable, ignored));
        finish();
        break;
    case Ending::close_frame: co_await end_with(close_frame(step.number, step.text)); break;
    case Ending::garbage: co_await end_with("this is no TLS, no HTTP and no WebSocket\n"); break;
    case Ending::tls_alert: {
        constexpr std::size_t handshake_failure = 40;
        std::string alert("\x15\x03\x03\x00\x02\x02", 6); // a record of TLS 1.2 with a fatal alert
        alert += static_cast<char>(step.number == 0 ? handshake_failure : step.number);
        co_await end_with(std::move(alert));
        break;
    }
    }
}

asio::awaitable<void> TlsSession::end_with(std::string bytes)
{
    co_await write_bytes(std::move(bytes));
    co_await close_tcp();
}

void TlsSession::change_flow(const Flow& flow)
{
    if (flow.bytes_at_a_time != 0) {
        wire().drip(flow.bytes_at_a_time, flow.pause);
    }
    if (flow.bytes_left) {
        wire().cut_after(*flow.bytes_left);
    }
    if (flow.messages_left) {
        messages_left_ = flow.messages_left;
        if (messages_left_ == 0) {
            reset();
        }
    }
}

/// Called by Beast right before it answers the client's close frame.
void TlsSession::goodbye_came()
{
    if (std::exchange(ending_, true)) {
        return;
    }
    Step step = core_.strike(MockPhase::close);
    if (step.flow) {
        change_flow(*step.flow);
    }
    if (step.ending == Ending::none) {
        return;
    }
    stream_.next_layer().freeze();
    const auto unlimited = websocket::stream_base::none();
    stream_.set_option(websocket::stream_base::timeout{unlimited, unlimited, false});
    asio::co_spawn(stream_.get_executor(), end(std::move(step)), [self = shared_from_this()](std::exception_ptr error) {
        if (error) {
            self->finish(); // the client is gone
        }
    });
}

void TlsSession::give_up_after(asio::steady_timer& timer)
{
    timer.expires_after(close_wait);
    timer.async_wait([weak = weak_from_this()](error_code error) {
        if (auto self = weak.lock(); self && !error) {
            self->reset();
        }
    });
}

asio::awaitable<void> TlsSession::shut_down_tls()
{
    asio::steady_timer timer(stream_.get_executor());
    give_up_after(timer);
    error_code ignored;
    co_await tls().async_shutdown(asio::redirect_error(use_awaitable, ignored));
    timer.cancel();
    co_await close_tcp();
}

asio::awaitable<void> TlsSession::close_tcp()
{
    asio::steady_timer timer(stream_.get_executor());
    give_up_after(timer);
    error_code error;
    socket().shutdown(tcp::socket::shutdown_send, error);
    if (!error) {
        co_await discard_all(); // unread bytes would turn the close into a reset
    }
    timer.cancel();
    finish();
}

asio::awaitable<void> TlsSession::discard_all()
{
    error_code error;
    std::array<char, 4096> bytes{};
    while (!error) {
        co_await socket().async_read_some(asio::buffer(bytes), asio::redirect_error(use_awaitable, error));
    }
}

} // namespace

class SessionMaker::Impl {
public:
    Impl(const Certificate& certificate, const NetworkSettings& settings)
        : policy(certificate, settings), tls(asio::ssl::context::tls_server)
    {
        policy.apply(*tls.native_handle());
    }

    TlsPolicy policy;
    asio::ssl::context tls;
};

SessionMaker::SessionMaker(Core& core, const Certificate& certificate, const NetworkSettings& settings)
    : core_(core), impl_(std::make_unique<Impl>(certificate, settings))
{
}

SessionMaker::~SessionMaker() = default;

void SessionMaker::start(tcp::socket socket, std::size_t node)
{
    std::make_shared<TlsSession>(core_, open_, impl_->tls, std::move(socket), node)->start();
}

std::vector<std::shared_ptr<Session>> SessionMaker::open() const
{
    return {open_.begin(), open_.end()};
}

std::vector<std::shared_ptr<Session>> SessionMaker::open_to(std::size_t node) const
{
    std::vector<std::shared_ptr<Session>> sessions;
    std::copy_if(open_.begin(), open_.end(), std::back_inserter(sessions), [&](const auto& session) { return session->node() == node; });
    return sessions;
}

} // namespace juju::mock
