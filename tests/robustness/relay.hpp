#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace juju::test {

/// The two directions of a connection.
enum class Way { from_client, to_client };

/// How a relay ends a connection.
enum class Ending {
    fin,  ///< in order: all that came through is read by the other side before it sees the end
    reset ///< by a TCP reset
};

/// Where a relay ends a connection: when so many bytes of one direction came through.
struct Cut {
    Cut(Way direction, std::size_t bytes, Ending kind) : way(direction), at(bytes), ending(kind) {}

    Way way;
    std::size_t at;
    Ending ending;
    bool every_connection = false; ///< otherwise only the first one
};

/// Passes TCP connections to 127.0.0.1 on to another port of it, counts their bytes and may end them. Lives on the io_context of the
/// test, on one thread; destroying it ends all connections.
class Relay {
public:
    /// @param target "127.0.0.1:PORT"
    Relay(boost::asio::io_context& context, const std::string& target, std::optional<Cut> cut = std::nullopt);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    std::string endpoint() const;

    /// Of the first connection.
    std::size_t bytes(Way way) const { return bytes_[way == Way::from_client ? 0 : 1]; }

    /// While paused, nothing of a client's is read, so that its writes get stuck.
    void pause_from_client(bool on);

private:
    class Link;

    void accept_next();

    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::endpoint target_;
    std::optional<Cut> cut_;
    std::array<std::size_t, 2> bytes_{};
    bool paused_ = false;
    bool accepted_one_ = false;
    std::vector<std::weak_ptr<Link>> links_;
};

} // namespace juju::test
