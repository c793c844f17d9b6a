#include "transport/port_forward.hpp"

#include "local_error.hpp"
#include "log.hpp"
#include "transport/https_exchange.hpp"
#include "transport/open_error.hpp"
#include "transport/tls_stream.hpp"
#include "transport/upgrade_budget.hpp"
#include "transport/url.hpp"
#include "wiping_allocator.hpp"
#include "wire/json.hpp"
#include "wire/printable.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>
#include <list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::transport {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

/// Of the Kubernetes API: binary messages that start with a channel's number.
constexpr std::string_view subprotocol = "v4.channel.k8s.io";

/// The channels of the first port that is asked for.
constexpr char data_channel = 0;
constexpr char error_channel = 1;

/// Bytes at the start of a channel: the port's number.
constexpr std::size_t port_size = 2;

/// How long the upgrade and a goodbye may take, each.
constexpr std::chrono::seconds handshake_limit{10};

/// Before another connection is accepted where one could not be, for want of file descriptors for one.
constexpr std::chrono::milliseconds accept_pause{100};

/// Bytes that are carried at once.
constexpr std::size_t chunk = std::size_t{32} * 1024;

/// Bytes of a message from the API.
constexpr std::size_t max_message = std::size_t{16} * 1024 * 1024;

/// How much of a text from the API is shown.
constexpr std::size_t shown_text = 1024;

Error refused(const std::string& message)
{
    detail::ErrorDetails details(message);
    details.connection_usable = false;
    return Error(make_error_code(errc::proxy_failed), std::move(details));
}

Error malformed(const std::string& message)
{
    detail::ErrorDetails details(message);
    details.connection_usable = false;
    return Error(make_error_code(errc::malformed_reply), std::move(details));
}

/// A name that needs no escaping in a path.
bool is_name(std::string_view text)
{
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return !text.empty() && text.front() != '.' && text.size() <= 253 && std::ranges::all_of(text, is_plain);
}

/// For the query of a URL.
std::string escaped(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const bool is_plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        const auto byte = static_cast<unsigned char>(c);
        if (is_plain)
            result += c;
        else
            ((result += '%') += digits[byte >> 4]) += digits[byte & 15];
    }
    return result;
}

/// What all requests to the API need.
struct Api {
    Api() {}

    Url base; ///< its target is a path that does not end in a slash
    TlsPolicy tls;
    ProxyRule proxy;
    SecretValue token;

    Url url(const std::string& path) const
    {
        Url result = base;
        result.target += path;
        return result;
    }
};

Api api_of(const PortForwardConfig& config)
{
    const auto fail = [](const char* why) { throw detail::local_error(errc::invalid_argument, std::string("proxy-config: ") + why); };
    if (!is_name(config.cluster_namespace))
        fail("the namespace is not a name");
    if (!is_name(config.service))
        fail("the service is not a name");
    unsigned port = 0;
    const auto [end, error] = std::from_chars(config.remote_port.data(), config.remote_port.data() + config.remote_port.size(), port);
    if (error != std::errc() || end != config.remote_port.data() + config.remote_port.size() || port == 0 || port > 65535)
        fail("the remote port is not a number from 1 to 65535");
    if (config.token.empty() || std::ranges::any_of(config.token.text(), [](char c) { return c <= ' ' || c >= 0x7f; }))
        fail("the service account's token is not a single word");
    check_ca_cert(config.ca_cert);
    Api api;
    api.base = Url::parse(config.api_host.find("://") == std::string::npos ? "https://" + config.api_host : config.api_host);
    if (api.base.target.find('?') != std::string::npos)
        fail("the API's address has a query");
    api.base.target.erase(api.base.target.find_last_not_of('/') + 1);
    api.tls.ca_cert = config.ca_cert;
    api.tls.name = api.base.host;
    api.tls.skip_verification = config.skip_verification;
    api.proxy = config.proxy;
    api.token = config.token;
    return api;
}

/// The API's own words about a refusal, of its object `Status`.
std::string reason_of(std::string_view body)
{
    const auto status = wire::parse_json(body);
    if (!status.is_object())
        return {};
    const auto message = status.find("message");
    if (message == status.end() || !message->is_string())
        return {};
    const auto& text = message->get_ref<const WipingString&>();
    return ": " + wire::printable(std::string_view(text).substr(0, shown_text));
}

/// What the API has at a path. `what` is for messages: "service NAME".
asio::awaitable<wire::Json> fetch(Strand strand, Api api, std::string path, std::string what)
{
    HttpsRequest request;
    request.method = "GET";
    request.url = api.url(path);
    auto& authorization = request.headers.emplace_back("Authorization", "").second;
    authorization.reserve(api.token.size() + 16);
    (authorization += "Bearer ") += api.token.text();
    request.headers.emplace_back("Accept", "application/json");
    HttpsOptions options;
    options.tls = api.tls;
    options.proxy = api.proxy;
    options.max_body = max_message;
    auto exchanging = https_exchange(strand, std::move(request), std::move(options));
    const auto reply = co_await std::move(exchanging);
    if (reply.status == 401)
        throw refused("asking the Kubernetes API for " + what + " failed: HTTP 401" + reason_of(reply.body) +
                      "; the token of the service account is not accepted, \"juju update-k8s --client\" may help");
    if (reply.status != 200)
        throw refused("asking the Kubernetes API for " + what + " failed: HTTP " + std::to_string(reply.status) + reason_of(reply.body));
    auto json = wire::parse_json(reply.body);
    if (!json.is_object())
        throw malformed("the Kubernetes API's answer about " + what + " is not a JSON object");
    co_return json;
}

/// The member of an object, with what is in it; null when it is not there.
const wire::Json* member(const wire::Json* object, const char* name)
{
    if (object == nullptr || !object->is_object())
        return nullptr;
    const auto found = object->find(name);
    return found == object->end() ? nullptr : &*found;
}

std::string text_of(const wire::Json* value)
{
    return value != nullptr && value->is_string() ? std::string(value->get_ref<const WipingString&>()) : std::string();
}

/// "app=controller,tier=api", escaped.
std::string selector_of(const wire::Json& service, const std::string& name)
{
    const auto* const selector = member(member(&service, "spec"), "selector");
    std::string result;
    if (selector != nullptr && selector->is_object())
        for (const auto& [key, value] : selector->items())
            result += (result.empty() ? "" : ",") + std::string(key) + '=' + text_of(&value);
    if (result.empty())
        throw refused("service " + name + " of the Kubernetes cluster selects no pods");
    return escaped(result);
}

bool is_ready(const wire::Json& pod)
{
    const auto* const conditions = member(member(&pod, "status"), "conditions");
    return conditions != nullptr && conditions->is_array() && std::ranges::any_of(*conditions, [](const wire::Json& condition) {
               return text_of(member(&condition, "type")) == "Ready" && text_of(member(&condition, "status")) == "True";
           });
}

/// The first pod that is ready.
std::string pod_of(const wire::Json& pods, const std::string& service)
{
    const auto* const items = member(&pods, "items");
    if (items == nullptr || !items->is_array() || items->empty())
        throw refused("pods for service " + service + " not found");
    const auto found = std::ranges::find_if(*items, is_ready);
    if (found == items->end())
        throw refused("no pod of service " + service + " is ready");
    auto name = text_of(member(member(&*found, "metadata"), "name"));
    if (!is_name(name))
        throw malformed("the Kubernetes API's answer about the pods of service " + service + " has a pod without a usable name");
    return name;
}

/// A layer between WebSocket and TLS that adds a header to the upgrade's request, which Beast would keep in plain memory.
class Authorizing {
public:
    using next_layer_type = TlsStream;
    using executor_type = TlsStream::executor_type;

    /// @param header with its line end
    Authorizing(TlsStream next, WipingString header) : next_(std::move(next)), header_(std::move(header)) {}

    executor_type get_executor() noexcept { return next_.get_executor(); }
    TlsStream& next_layer() noexcept { return next_; }
    const TlsStream& next_layer() const noexcept { return next_; }

    /// The WebSocket is there: no limit any more for what is read.
    void end_upgrade() noexcept { budget_.lift(); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token)
    {
        if (!budget_.spend(asio::buffer_size(buffers)))
            return UpgradeBudget::refuse(next_, std::forward<Token>(token));
        return next_.async_read_some(buffers, std::forward<Token>(token));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token)
    {
        return asio::async_compose<Token, void(error_code, std::size_t)>(Write<Buffers>{*this, buffers}, token, next_);
    }

private:
    template <class Buffers>
    struct Write {
        Authorizing& stream;
        Buffers buffers;
        std::size_t size = 0; ///< of what was to be written, once the header is on its way with it
        bool is_started = false;

        template <class Self>
        void operator()(Self& self, error_code error = {}, std::size_t count = 0)
        {
            if (std::exchange(is_started, true))
                return self.complete(error, error || size == 0 ? count : size);
            if (stream.header_.empty())
                return stream.next_.async_write_some(buffers, std::move(self));
            size = asio::buffer_size(buffers);
            auto& request = stream.request_;
            request.resize(size);
            asio::buffer_copy(asio::buffer(request.data(), size), buffers);
            request.insert(request.find("\r\n") + 2, stream.header_);
            stream.header_ = WipingString();
            asio::async_write(stream.next_, asio::buffer(request.data(), request.size()), std::move(self));
        }
    };

    TlsStream next_;
    UpgradeBudget budget_;
    WipingString header_;  ///< until it is sent
    WipingString request_; ///< the whole of it
};

/// Found by Beast when it ends the connection below a WebSocket.
template <class Handler>
void async_teardown(boost::beast::role_type role, Authorizing& stream, Handler&& handler)
{
    using boost::beast::websocket::async_teardown;
    async_teardown(role, stream.next_layer(), std::forward<Handler>(handler));
}

/// A connection to the port of a pod.
class Tunnel {
public:
    Tunnel(TlsStream tls, WipingString header) : socket_(std::move(tls), std::move(header)) {}

    asio::awaitable<void> upgrade(std::string host, std::string target, std::string what)
    {
        websocket::stream_base::timeout timing{};
        timing.handshake_timeout = handshake_limit;
        timing.idle_timeout = websocket::stream_base::none();
        timing.keep_alive_pings = false;
        socket_.set_option(timing);
        auto decorate = [](websocket::request_type& request) {
            request.set(http::field::user_agent, "cpp-libjuju");
            request.set(http::field::sec_websocket_protocol, boost::beast::string_view(subprotocol.data(), subprotocol.size()));
        };
        socket_.set_option(websocket::stream_base::decorator(decorate));
        socket_.read_message_max(max_message);
        socket_.auto_fragment(false);
        socket_.binary(true);
        websocket::response_type response;
        error_code error;
        co_await socket_.async_handshake(response, host, target, asio::redirect_error(asio::use_awaitable, error));
        if (error == websocket::error::upgrade_declined)
            throw refused(what + " failed: HTTP " + std::to_string(response.result_int()) + reason_of(response.body()));
        if (error)
            throw open_error(error, what);
        socket_.next_layer().end_upgrade();
        const auto chosen = response[http::field::sec_websocket_protocol];
        if (std::string_view(chosen.data(), chosen.size()) != subprotocol)
            throw refused(what + " failed: the Kubernetes API does not offer " + std::string(subprotocol));
    }

    /// Carries bytes both ways until one side ends.
    asio::awaitable<void> carry(tcp::socket& local)
    {
        using namespace asio::experimental::awaitable_operators;
        auto both = outwards(local) && inwards(local);
        co_await std::move(both);
    }

private:
    asio::awaitable<void> outwards(tcp::socket& local)
    {
        std::vector<char> bytes(1 + chunk, data_channel);
        error_code error;
        for (;;) {
            const auto space = asio::buffer(bytes.data() + 1, chunk);
            const auto count = co_await local.async_read_some(space, asio::redirect_error(asio::use_awaitable, error));
            if (error)
                break;
            co_await socket_.async_write(asio::buffer(bytes.data(), 1 + count), asio::redirect_error(asio::use_awaitable, error));
            if (error)
                break;
        }
        const websocket::close_reason reason(websocket::close_code::normal);
        co_await socket_.async_close(reason, asio::redirect_error(asio::use_awaitable, error));
        end(local);
    }

    asio::awaitable<void> inwards(tcp::socket& local)
    {
        boost::beast::flat_buffer message;
        std::size_t still_port[] = {port_size, port_size}; // bytes to come of each channel's port number
        error_code error;
        for (;;) {
            co_await socket_.async_read(message, asio::redirect_error(asio::use_awaitable, error));
            if (error)
                break;
            std::string_view bytes(static_cast<const char*>(message.data().data()), message.size());
            if (bytes.empty() || (bytes.front() != data_channel && bytes.front() != error_channel)) {
                log::warn("port forward: the Kubernetes API sent a message of no channel");
                break;
            }
            const char channel = bytes.front();
            auto& port_rest = still_port[static_cast<unsigned char>(channel)];
            const auto skipped = std::min(port_rest, bytes.size() - 1);
            port_rest -= skipped;
            bytes.remove_prefix(1 + skipped);
            if (channel == error_channel && !bytes.empty()) {
                log::warn("port forward: {}", wire::printable(bytes.substr(0, shown_text)));
                break;
            }
            co_await asio::async_write(local, asio::buffer(bytes.data(), bytes.size()), asio::redirect_error(asio::use_awaitable, error));
            if (error)
                break;
            message.consume(message.size());
        }
        end(local);
    }

    void end(tcp::socket& local)
    {
        error_code ignored;
        local.close(ignored);
        boost::beast::get_lowest_layer(socket_).close(ignored);
    }

    websocket::stream<Authorizing> socket_;
};

/// Where tunnels lead.
struct Target {
    Target() {}

    Api api;
    std::string path; ///< of the pod's port
    std::string what; ///< for messages
};

asio::awaitable<std::unique_ptr<Tunnel>> open_tunnel(Strand strand, Target target)
{
    const auto url = target.api.url(target.path);
    Endpoint endpoint;
    endpoint.host = url.host;
    endpoint.port = url.port;
    auto finding = find_route(strand, endpoint.host, target.api.tls, target.api.proxy);
    auto route = co_await std::move(finding);
    Attempt attempt;
    auto opening = open_tls(strand, endpoint, std::move(route), attempt);
    auto tls = co_await std::move(opening);
    WipingString header("Authorization: Bearer ");
    header += target.api.token.text();
    header += "\r\n";
    auto tunnel = std::make_unique<Tunnel>(std::move(tls), std::move(header));
    auto upgrading = tunnel->upgrade(endpoint.authority(), url.target, target.what);
    co_await std::move(upgrading);
    co_return tunnel;
}

/// Takes connections and carries them, until it is stopped.
class Forwarder : public std::enable_shared_from_this<Forwarder> {
public:
    Forwarder(Strand strand, Target target, std::unique_ptr<Tunnel> first)
        : strand_(std::move(strand)),
          target_(std::move(target)),
          spare_(std::move(first)),
          acceptor_(strand_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          wake_(strand_, asio::steady_timer::time_point::max()),
          pause_(strand_)
    {
    }

    std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

    void start()
    {
        accept_next();
        asio::co_spawn(strand_, supervise(shared_from_this()), asio::bind_executor(strand_, [](std::exception_ptr) {}));
    }

    void stop() noexcept
    {
        is_stopping_ = true;
        wake_.cancel();
    }

private:
    struct Carrying {
        asio::cancellation_signal cancel;
    };

    /// Ends everything once it is to stop.
    static asio::awaitable<void> supervise(std::shared_ptr<Forwarder> self)
    {
        error_code ignored;
        while (!self->is_stopping_)
            co_await self->wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        self->acceptor_.close(ignored);
        self->pause_.cancel();
        self->spare_.reset();
        for (auto& carrying : self->carrying_)
            carrying.cancel.emit(asio::cancellation_type::terminal);
    }

    void accept_next()
    {
        auto accepted = [self = shared_from_this()](error_code error, tcp::socket local) {
            if (self->is_stopping_ || error == asio::error::operation_aborted)
                return;
            if (!error) {
                self->carry(std::move(local));
                return self->accept_next();
            }
            auto again = [self](error_code) {
                if (!self->is_stopping_)
                    self->accept_next();
            };
            self->pause_.expires_after(accept_pause);
            self->pause_.async_wait(asio::bind_executor(self->strand_, std::move(again)));
        };
        acceptor_.async_accept(asio::bind_executor(strand_, std::move(accepted)));
    }

    void carry(tcp::socket local)
    {
        error_code ignored;
        local.set_option(tcp::no_delay(true), ignored);
        const auto carrying = carrying_.emplace(carrying_.end());
        auto ended = [self = shared_from_this(), carrying](std::exception_ptr error) {
            self->carrying_.erase(carrying);
            if (!self->is_stopping_)
                log_reason(error);
        };
        asio::co_spawn(strand_, carry_one(strand_, target_, std::move(spare_), std::move(local)),
                       asio::bind_cancellation_slot(carrying->cancel.slot(), asio::bind_executor(strand_, std::move(ended))));
    }

    static asio::awaitable<void> carry_one(Strand strand, Target target, std::unique_ptr<Tunnel> tunnel, tcp::socket local)
    {
        if (!tunnel) {
            auto opening = open_tunnel(strand, std::move(target));
            tunnel = co_await std::move(opening);
        }
        auto carrying = tunnel->carry(local);
        co_await std::move(carrying);
    }

    static void log_reason(const std::exception_ptr& error)
    {
        if (!error)
            return;
        try {
            std::rethrow_exception(error);
        } catch (const Error& reason) {
            log::warn("port forward: {}", reason.what());
        } catch (const boost::system::system_error& reason) {
            log::warn("port forward: {}", reason.code().message());
        } catch (...) { // its text is not the library's
            log::warn("port forward: an unexpected exception");
        }
    }

    Strand strand_;
    Target target_;
    std::unique_ptr<Tunnel> spare_; ///< opened already, for the first connection
    tcp::acceptor acceptor_;
    asio::steady_timer wake_;
    asio::steady_timer pause_;
    std::list<Carrying> carrying_;
    bool is_stopping_ = false;
};

/// Stops the forwarder at its end.
class Stopper {
public:
    explicit Stopper(std::shared_ptr<Forwarder> forwarder) : forwarder_(std::move(forwarder)) {}
    ~Stopper() { forwarder_->stop(); }
    Stopper(const Stopper&) = delete;
    Stopper& operator=(const Stopper&) = delete;

private:
    std::shared_ptr<Forwarder> forwarder_;
};

asio::awaitable<PortForward> open(Strand strand, PortForwardConfig config)
{
    Target target;
    target.api = api_of(config);
    const auto in_namespace = "/api/v1/namespaces/" + config.cluster_namespace;
    auto asking = fetch(strand, target.api, in_namespace + "/services/" + config.service, "service " + config.service);
    const auto service = co_await std::move(asking);
    const auto query = "/pods?labelSelector=" + selector_of(service, config.service);
    auto listing = fetch(strand, target.api, in_namespace + query, "the pods of service " + config.service);
    const auto pods = co_await std::move(listing);
    const auto pod = pod_of(pods, config.service);
    target.path = in_namespace + "/pods/" + pod + "/portforward?ports=" + config.remote_port;
    target.what = "port forward to pod " + pod;
    auto opening = open_tunnel(strand, target);
    auto tunnel = co_await std::move(opening);

    const auto forwarder = std::make_shared<Forwarder>(strand, std::move(target), std::move(tunnel));
    PortForward result;
    result.local.host = "127.0.0.1";
    result.local.port = forwarder->port();
    result.handle = std::make_shared<Stopper>(forwarder);
    forwarder->start();
    co_return result;
}

} // namespace

asio::awaitable<PortForward> open_port_forward(Strand strand, PortForwardConfig config)
{
    try {
        auto opening = open(strand, std::move(config));
        co_return co_await std::move(opening);
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted && error.code() != errc::canceled)
            throw;
    }
    detail::ErrorDetails details("opening a port to a Kubernetes cluster was cancelled");
    details.connection_usable = false;
    throw Error(make_error_code(errc::canceled), std::move(details));
}

} // namespace juju::transport
