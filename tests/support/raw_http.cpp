#include "support/raw_http.hpp"

namespace juju::test {

std::string RawAnswer::header(const std::string& name) const
{
    const auto found = head.find("\r\n" + name + ": ");
    if (found == std::string::npos) {
        return "";
    }
    const auto start = found + name.size() + 4;
    return head.substr(start, head.find("\r\n", start) - start);
}

RawAnswer RawHttp::request(const std::string& method, const std::string& target, const std::string& headers, const std::string& body)
{
    send(method, target, headers, body);
    return receive();
}

void RawHttp::send(const std::string& method, const std::string& target, const std::string& headers, const std::string& body)
{
    tls_.write(method + ' ' + target + " HTTP/1.1\r\nHost: " + endpoint_ + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               headers + "\r\n" + body);
}

RawAnswer RawHttp::receive()
{
    RawAnswer answer;
    answer.head = tls_.read_until("\r\n\r\n");
    answer.status = std::stoi(answer.head.substr(answer.head.find(' ') + 1));
    const std::string length = answer.header("Content-Length");
    answer.body = tls_.read(length.empty() ? 0 : std::stoul(length));
    return answer;
}

} // namespace juju::test
