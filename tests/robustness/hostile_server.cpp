#include "robustness/hostile_server.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace juju::test {
namespace asio = boost::asio;

const std::string model_uuid = "11111111-2222-4333-8444-555555555555";
const std::string login_reply =
    R"({"request-id":$ID,"response":{"servers":[[{"value":"10.0.0.1","type":"ipv4","scope":"local-cloud","port":17070}]],)"
    R"("model-tag":"model-11111111-2222-4333-8444-555555555555","controller-tag":"controller-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",)"
    R"("server-version":"4.0.15","user-info":{"display-name":"admin","identity":"user-admin","last-connection":null,"credentials":null,)"
    R"("controller-access":"superuser","model-access":"admin"},"facades":[{"name":"Secrets","versions":[1,2]},{"name":"Pinger",)"
    R"("versions":[1]},{"name":"ModelConfig","versions":[3,4]}]}})";

std::string frame(unsigned char first, std::string_view payload)
{
    constexpr std::size_t longest_in_7_bits = 125;
    constexpr std::size_t longest_in_16_bits = 0xffff;
    std::string text(1, static_cast<char>(first));
    const std::size_t size = payload.size();
    int more = 0;
    if (size <= longest_in_7_bits) {
        text += static_cast<char>(size);
    } else {
        more = size <= longest_in_16_bits ? 2 : 8;
        text += static_cast<char>(more == 2 ? 126 : 127);
    }
    for (int shift = (more - 1) * 8; shift >= 0; shift -= 8)
        text += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xff);
    text += payload;
    return text;
}

std::string text_frame(std::string_view payload)
{
    return frame(0x81, payload);
}

namespace {

constexpr std::string_view websocket_magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string accept_line(const std::string& request)
{
    const std::string name = "Sec-WebSocket-Key: ";
    const auto at = request.find(name);
    if (at == std::string::npos)
        throw std::runtime_error("no WebSocket request");
    const auto start = at + name.size();
    const std::string key = request.substr(start, request.find("\r\n", start) - start) + std::string(websocket_magic);
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
    std::array<unsigned char, 32> text{};
    const int size = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
    return "Sec-WebSocket-Accept: " + std::string(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)) + "\r\n";
}

std::string upgrade_answer(const std::string& request)
{
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + accept_line(request) + "\r\n";
}

std::string replaced(std::string text, const std::string& what, const std::string& by)
{
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

/// The payload of the client's next data frame.
template <class Stream>
asio::awaitable<std::string> read_message(Stream& stream)
{
    for (;;) {
        std::array<unsigned char, 2> start{};
        co_await asio::async_read(stream, asio::buffer(start), asio::use_awaitable);
        std::uint64_t size = start[1] & 0x7fU;
        const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
        std::array<unsigned char, 12> rest{};
        co_await asio::async_read(stream, asio::buffer(rest.data(), more + 4), asio::use_awaitable);
        if (more != 0)
            size = 0;
        for (std::size_t i = 0; i < more; ++i)
            size = size << 8U | rest[i];
        std::string payload(size, '\0');
        co_await asio::async_read(stream, asio::buffer(payload), asio::use_awaitable);
        for (std::size_t i = 0; i < payload.size(); ++i)
            payload[i] = static_cast<char>(payload[i] ^ rest[more + i % 4]);
        const bool is_control = (start[0] & 8U) != 0;
        if (!is_control)
            co_return payload;
    }
}

/// As long as "$ID", so that lengths stay right.
std::string id_of(const std::string& request)
{
    const std::string name = "\"request-id\":";
    const auto start = request.find(name) + name.size();
    auto id = request.substr(start, request.find_first_not_of("0123456789", start) - start);
    id.resize(3, ' ');
    return id;
}

struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};

} // namespace

HostileServer::HostileServer(asio::io_context& context, const Identity& identity, Attack attack)
    : attack_(std::move(attack)), tls_(asio::ssl::context::tls_server), server_(context, [this](Socket& socket) { return serve(socket); })
{
    tls_.use_certificate_chain(asio::buffer(identity.certificate));
    tls_.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    if (attack_.is_tls_1_2)
        SSL_CTX_set_max_proto_version(tls_.native_handle(), TLS1_2_VERSION);
}

/// Sends the attack, and what comes after it.
template <class Stream>
asio::awaitable<void> HostileServer::strike(Stream& stream, std::string id)
{
    co_await write_text(stream, replaced(attack_.head, "$ID", id));
    const std::string bytes = replaced(attack_.bytes, "$ID", id);
    do
        co_await write_text(stream, bytes);
    while (attack_.afterwards == Afterwards::endless);
    if (attack_.afterwards == Afterwards::silent)
        co_await read_to_end(stream);
}

asio::awaitable<void> HostileServer::serve(Socket& socket)
{
    if (attack_.stage == Stage::tcp) {
        co_await strike(socket, "");
    } else if (attack_.stage == Stage::tls_flight) {
        co_await serve_changed_handshake(socket);
    } else {
        TlsPeer peer(std::move(socket), tls_);
        co_await peer.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
        if (attack_.stage == Stage::tls_record)
            co_await strike(peer.next_layer(), "");
        else
            co_await serve_tls(peer);
    }
}

asio::awaitable<void> HostileServer::serve_tls(TlsPeer& peer)
{
    const auto request = co_await read_request(peer);
    if (attack_.stage == Stage::http) {
        attack_.bytes = replaced(attack_.bytes, "$ACCEPT\r\n", accept_line(request));
        co_await strike(peer, "");
        co_return;
    }
    co_await write_text(peer, upgrade_answer(request));
    const auto login = co_await read_message(peer);
    const auto login_id = id_of(login);
    if (attack_.stage == Stage::login)
        attack_.bytes = text_frame(replaced(attack_.bytes, "$ID", login_id));
    if (attack_.stage == Stage::login || attack_.stage == Stage::frames) {
        co_await strike(peer, login_id);
        co_return;
    }
    co_await write_text(peer, text_frame(replaced(login_reply, "$ID", login_id)));
    if (attack_.stage == Stage::call_frames) {
        const auto call = co_await read_message(peer);
        co_await strike(peer, id_of(call));
        co_return;
    }
    for (;;) {
        const auto call = co_await read_message(peer);
        co_await write_text(peer, text_frame(replaced(attack_.bytes, "$ID", id_of(call))));
    }
}

/// OpenSSL makes the flights in memory, so that they can be changed on their way.
asio::awaitable<void> HostileServer::serve_changed_handshake(Socket& socket)
{
    const std::unique_ptr<SSL, FreeSsl> ssl(SSL_new(tls_.native_handle()));
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), in, out);
    SSL_set_accept_state(ssl.get());
    std::size_t sent = 0;
    std::string space(16 * 1024, '\0');
    for (;;) {
        const auto size = co_await socket.async_read_some(asio::buffer(space), asio::use_awaitable);
        BIO_write(in, space.data(), static_cast<int>(size));
        const bool has_failed = SSL_do_handshake(ssl.get()) != 1 && SSL_get_error(ssl.get(), -1) != SSL_ERROR_WANT_READ;
        std::string flight(BIO_ctrl_pending(out), '\0');
        BIO_read(out, flight.data(), static_cast<int>(flight.size()));
        for (const auto& [position, change] : attack_.changes) {
            if (position >= sent && position - sent < flight.size())
                flight[position - sent] = static_cast<char>(flight[position - sent] ^ change);
        }
        sent += flight.size();
        co_await write_text(socket, std::move(flight));
        if (has_failed || SSL_is_init_finished(ssl.get()) == 1)
            co_return;
    }
}

} // namespace juju::test
