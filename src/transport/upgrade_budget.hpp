#pragma once

#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace juju::transport {

/// Bounds what is read for the answer to a WebSocket upgrade. Beast keeps that in memory, and parts of it, such as the extensions of a
/// chunk, may grow for ever.
class UpgradeBudget {
public:
    /// Takes away what a read may bring. @return false when there is nothing left
    bool spend(std::size_t bytes) noexcept
    {
        if (left_ != unlimited)
            left_ -= std::min(left_, bytes);
        return left_ != 0;
    }

    /// For when the WebSocket is there.
    void lift() noexcept { left_ = unlimited; }

    /// A read that fails.
    template <class Stream, class Token>
    static auto refuse(Stream& stream, Token&& token)
    {
        return boost::asio::async_compose<Token, void(boost::system::error_code, std::size_t)>(Refuse<Stream>{stream}, token, stream);
    }

private:
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    /// Far above any page that a proxy shows in place of a controller's answer.
    static constexpr std::size_t most = std::size_t{1024} * 1024;

    template <class Stream>
    struct Refuse {
        Stream& stream;
        bool is_posted = false;

        template <class Self>
        void operator()(Self& self)
        {
            if (is_posted)
                return self.complete(make_error_code(boost::beast::http::error::body_limit), 0);
            is_posted = true;
            boost::asio::post(stream.get_executor(), std::move(self));
        }
    };

    std::size_t left_ = most;
};

} // namespace juju::transport
