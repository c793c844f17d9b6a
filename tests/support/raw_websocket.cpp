#include "support/raw_websocket.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace juju::test {
namespace {

constexpr long limit_seconds = 20;

[[noreturn]] void fail(const std::string& what)
{
    throw std::runtime_error("raw connection: " + what);
}

int connect_to(const std::string& endpoint)
{
    const auto colon = endpoint.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(endpoint.substr(colon + 1))));
    ::inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &address.sin_addr);
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{limit_seconds, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket);
        fail("cannot connect");
    }
    return socket;
}

void trust(SSL_CTX* context, const std::string& ca_cert)
{
    BIO* bio = BIO_new_mem_buf(ca_cert.data(), static_cast<int>(ca_cert.size()));
    X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
    X509_free(certificate);
    BIO_free(bio);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

} // namespace

RawRest raw_tcp(const std::string& endpoint, std::string_view bytes, int patience)
{
    const int socket = connect_to(endpoint);
    const timeval limit{patience / 1000, patience % 1000 * 1000};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const bool was_reset = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 && errno == ECONNRESET;
    RawRest rest;
    char some[4096];
    ssize_t count = 0;
    while ((count = ::recv(socket, some, sizeof some, 0)) > 0) {
        rest.bytes.append(some, static_cast<std::size_t>(count));
    }
    const bool is_reset = was_reset || (count < 0 && errno == ECONNRESET);
    rest.end = is_reset ? RawEnd::reset : count == 0 ? RawEnd::fin : RawEnd::none;
    ::close(socket);
    return rest;
}

class RawTls::Impl {
public:
    Impl(const std::string& endpoint, const std::string& ca_cert)
        : socket_(connect_to(endpoint)), context_(SSL_CTX_new(TLS_client_method()))
    {
        trust(context_, ca_cert);
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, socket_);
        SSL_set_tlsext_host_name(ssl_, "juju-apiserver");
        SSL_set1_host(ssl_, "juju-apiserver");
        if (SSL_connect(ssl_) != 1) {
            release();
            fail("TLS handshake failed");
        }
    }
    ~Impl() { release(); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            std::size_t written = 0;
            if (SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written) != 1) {
                fail("cannot write");
            }
            bytes.remove_prefix(written);
        }
    }

    /// Reads more into the buffer. @return false when the connection has ended
    bool fill()
    {
        char bytes[16384];
        std::size_t count = 0;
        if (SSL_read_ex(ssl_, bytes, sizeof bytes, &count) == 1) {
            buffer_.append(bytes, count);
            return true;
        }
        if (SSL_get_error(ssl_, 0) == SSL_ERROR_WANT_READ) {
            fail("nothing came for too long");
        }
        return false;
    }

    std::string take(std::size_t count)
    {
        std::string front = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return front;
    }

    RawRest rest(int patience)
    {
        const timeval limit{patience / 1000, patience % 1000 * 1000};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        for (;;) {
            char bytes[16384];
            std::size_t count = 0;
            errno = 0;
            if (SSL_read_ex(ssl_, bytes, sizeof bytes, &count) == 1) {
                buffer_.append(bytes, count);
                continue;
            }
            const int reset = errno;
            const int error = SSL_get_error(ssl_, 0);
            RawRest rest;
            rest.bytes = take(buffer_.size());
            if (error == SSL_ERROR_ZERO_RETURN) {
                rest.end = RawEnd::goodbye;
            } else if (error != SSL_ERROR_WANT_READ) {
                rest.end = reset == ECONNRESET ? RawEnd::reset : RawEnd::fin;
            }
            return rest;
        }
    }

    const std::string& buffer() const { return buffer_; }
    SSL* ssl() const { return ssl_; }

private:
    void release()
    {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
        ::close(socket_);
    }

    int socket_;
    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    std::string buffer_;
};

RawTls::RawTls(const std::string& endpoint, const std::string& ca_cert) : impl_(std::make_unique<Impl>(endpoint, ca_cert)) {}
RawTls::~RawTls() = default;
RawTls::RawTls(RawTls&&) noexcept = default;
RawTls& RawTls::operator=(RawTls&&) noexcept = default;

void RawTls::write(std::string_view bytes)
{
    impl_->write(bytes);
}

std::string RawTls::read(std::size_t count)
{
    while (impl_->buffer().size() < count) {
        if (!impl_->fill()) {
            fail("the connection ended");
        }
    }
    return impl_->take(count);
}

std::string RawTls::read_until(std::string_view end)
{
    for (;;) {
        const auto found = impl_->buffer().find(end);
        if (found != std::string::npos) {
            return impl_->take(found + end.size());
        }
        if (!impl_->fill()) {
            fail("the connection ended");
        }
    }
}

std::string RawTls::read_all()
{
    while (impl_->fill()) {
    }
    return impl_->take(impl_->buffer().size());
}

RawRest RawTls::rest(int patience)
{
    return impl_->rest(patience);
}

std::string RawTls::alternative_names() const
{
    X509* certificate = SSL_get1_peer_certificate(impl_->ssl());
    auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    std::string text;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
        const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
        text += (text.empty() ? "" : ",") + std::string(bytes, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    }
    GENERAL_NAMES_free(names);
    X509_free(certificate);
    return text;
}

RawWebSocket::RawWebSocket(const std::string& endpoint, const std::string& ca_cert, const std::string& target) : tls_(endpoint, ca_cert)
{
    tls_.write("GET " + target + " HTTP/1.1\r\nHost: " + endpoint +
               "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    head_ = tls_.read_until("\r\n\r\n");
    if (!head_.starts_with("HTTP/1.1 101 ")) {
        fail("no WebSocket: " + head_.substr(0, head_.find('\r')));
    }
}

void RawWebSocket::send_frame(const RawFrame& frame)
{
    std::string bytes;
    bytes += static_cast<char>((frame.final ? 0x80 : 0) | frame.opcode);
    const std::size_t size = frame.payload.size();
    const int length_bytes = size < 126 ? 0 : size <= 0xFFFF ? 2 : 8;
    bytes += static_cast<char>(0x80U | (length_bytes == 0 ? size : length_bytes == 2 ? 126U : 127U));
    for (int i = length_bytes - 1; i >= 0; --i) {
        bytes += static_cast<char>((size >> static_cast<unsigned>(8 * i)) & 0xFFU);
    }
    bytes += std::string(4, '\0'); // a mask of zeros leaves the payload as it is
    tls_.write(bytes + frame.payload);
}

RawFrame RawWebSocket::receive_frame()
{
    const auto byte = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)); };
    const std::string start = tls_.read(2);
    RawFrame frame;
    frame.final = (byte(start[0]) & 0x80U) != 0;
    frame.opcode = static_cast<int>(byte(start[0]) & 0x0FU);
    std::size_t size = byte(start[1]) & 0x7FU;
    if (size >= 126) {
        const std::string length = tls_.read(size == 126 ? 2 : 8);
        size = 0;
        for (const char c : length) {
            size = size << 8U | byte(c);
        }
    }
    frame.masked = (byte(start[1]) & 0x80U) != 0;
    const std::string mask = frame.masked ? tls_.read(4) : std::string(4, '\0');
    frame.payload = tls_.read(size);
    for (std::size_t i = 0; i < size; ++i) {
        frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % mask.size()]);
    }
    return frame;
}

std::string RawWebSocket::receive()
{
    std::string message;
    for (;;) {
        const RawFrame frame = receive_frame();
        if (frame.opcode == 8) {
            fail("a close frame came");
        }
        if (frame.opcode <= 2) {
            message += frame.payload;
            if (frame.final) {
                return message;
            }
        }
    }
}

std::string RawWebSocket::call(std::string_view text)
{
    send(text);
    return receive();
}

int RawWebSocket::receive_close()
{
    const RawFrame frame = receive_frame();
    if (frame.opcode != 8 || frame.payload.size() < 2) {
        fail("no close frame with a code came");
    }
    return static_cast<unsigned char>(frame.payload[0]) << 8 | static_cast<unsigned char>(frame.payload[1]);
}

} // namespace juju::test
