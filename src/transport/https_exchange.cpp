#include "transport/https_exchange.hpp"

#include "local_error.hpp"
#include "transport/open_error.hpp"
#include "transport/tls_stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <string_view>

namespace juju::transport {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Body = http::basic_string_body<char, std::char_traits<char>, WipingAllocator<char>>;
using Parser = http::response_parser<Body, WipingAllocator<char>>;

/// Bytes of a reply's header.
constexpr std::uint32_t max_header = 8 * 1024;

/// What is read of a reply and not taken apart yet. Only parts that nobody needs are longer, such as the extensions of a chunk.
constexpr std::size_t max_buffer = std::size_t{64} * 1024;

/// A letter, digit or mark of which names of methods and headers are made (RFC 9110 section 5.6.2).
bool is_token_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}

/// Whether a text can stand in one line.
bool is_line(std::string_view text)
{
    return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; });
}

/// What could end the request early and begin another one. The texts are not shown, they may be secret.
void check(const HttpsRequest& request)
{
    const auto fail = [](const char* why) { throw detail::local_error(errc::invalid_argument, std::string("HTTPS request: ") + why); };
    if (!is_token(request.method))
        fail("the method is not a name");
    if (!request.url.target.starts_with('/') || !is_line(request.url.target) ||
        request.url.target.find_first_of(" \t") != std::string::npos)
        fail("the URL's path or query holds a character that is not allowed");
    if (!is_line(request.content_type))
        fail("the content type is not a single line");
    for (const auto& [name, value] : request.headers)
        if (!is_token(name) || !is_line(value))
            fail("a header is not a name with a single line");
}

/// The request as it is sent.
WipingString text_of(const HttpsRequest& request)
{
    const auto authority = request.url.authority();
    constexpr std::string_view default_port = ":443";
    WipingString text;
    const auto add_header = [&text](std::string_view name, std::string_view value) {
        text += name;
        text += ": ";
        text += value;
        text += "\r\n";
    };
    text += request.method;
    text += ' ';
    text += request.url.target;
    text += " HTTP/1.1\r\n";
    add_header("Host", std::string_view(authority).substr(0, authority.size() - (request.url.port == "443" ? default_port.size() : 0)));
    add_header("User-Agent", "cpp-libjuju");
    add_header("Connection", "close");
    for (const auto& [name, value] : request.headers)
        add_header(name, value);
    if (!request.content_type.empty())
        add_header("Content-Type", request.content_type);
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
        add_header("Content-Length", std::to_string(request.body.size()));
    text += "\r\n";
    text += request.body;
    return text;
}

/// An error after the request may have come to the server.
Error failed(error_code code, const std::string& message)
{
    detail::ErrorDetails details(message);
    details.outcome = Outcome::unknown;
    details.connection_usable = false;
    return Error(code, std::move(details));
}

Error write_failed(error_code error, const std::string& server)
{
    return failed(error, "sending a request to " + server + " failed: " + error.message());
}

Error read_failed(error_code error, const std::string& server, std::size_t max_body)
{
    const auto reply = "the reply of " + server;
    if (error == http::error::header_limit)
        return failed(make_error_code(errc::message_too_large),
                      reply + " has a header of more than " + std::to_string(max_header) + " bytes");
    if (error == http::error::buffer_overflow)
        return failed(make_error_code(errc::message_too_large),
                      reply + " has a line of more than " + std::to_string(max_buffer) + " bytes");
    if (error == http::error::body_limit)
        return failed(make_error_code(errc::message_too_large), reply + " has a body of more than " + std::to_string(max_body) + " bytes");
    if (error == http::error::end_of_stream || error == http::error::partial_message || error == asio::error::eof ||
        error == asio::ssl::error::stream_truncated)
        return failed(make_error_code(errc::connection_lost), reply + " was cut off: " + error.message());
    if (error.category() == make_error_code(http::error::end_of_stream).category())
        return failed(make_error_code(errc::malformed_reply), reply + " is not HTTP: " + error.message());
    return failed(error, "reading " + reply + " failed: " + error.message());
}

/// @param is_sent true from when the server may have the request
asio::awaitable<HttpsReply> exchange(Strand strand, HttpsRequest request, HttpsOptions options, bool& is_sent)
{
    check(request);
    Endpoint endpoint;
    endpoint.host = request.url.host;
    endpoint.port = request.url.port;
    const auto server = endpoint.authority();
    auto finding = find_route(strand, endpoint.host, std::move(options.tls), std::move(options.proxy));
    auto route = co_await std::move(finding);
    Attempt attempt;
    auto opening = open_tls(strand, endpoint, std::move(route), attempt);
    auto stream = co_await std::move(opening);

    is_sent = true;
    error_code error;
    const auto text = text_of(request);
    for (auto& [name, value] : request.headers)
        OPENSSL_cleanse(value.data(), value.size());
    co_await asio::async_write(stream, asio::buffer(text.data(), text.size()), asio::redirect_error(asio::use_awaitable, error));
    if (error)
        throw write_failed(error, server);

    boost::beast::basic_flat_buffer<WipingAllocator<char>> buffer(max_buffer);
    Parser parser;
    parser.header_limit(max_header);
    parser.body_limit(options.max_body);
    parser.skip(request.method == "HEAD");
    co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error)
        throw read_failed(error, server, options.max_body);
    auto message = parser.release();
    HttpsReply reply;
    reply.status = static_cast<int>(message.result_int());
    reply.content_type = std::string(message[http::field::content_type]);
    reply.body = std::move(message.body());
    co_return reply;
}

} // namespace

asio::awaitable<HttpsReply> https_exchange(Strand strand, HttpsRequest request, HttpsOptions options)
{
    const auto server = request.url.authority();
    bool is_sent = false;
    try {
        auto exchanging = exchange(strand, std::move(request), std::move(options), is_sent);
        co_return co_await std::move(exchanging);
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted)
            throw;
    }
    detail::ErrorDetails details("the request to " + server + " was cancelled");
    details.outcome = is_sent ? Outcome::unknown : Outcome::not_sent;
    details.connection_usable = false;
    throw Error(make_error_code(errc::canceled), std::move(details));
}

} // namespace juju::transport
