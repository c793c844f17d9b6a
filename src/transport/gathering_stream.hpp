#pragma once

#include "transport/upgrade_budget.hpp"
#include "wiping_allocator.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

namespace juju::transport {

/// A layer between WebSocket and TLS that gathers what is written while it is held, so that frames that are ready together leave in
/// one TLS write. Frames that the WebSocket sends on its own (pong, close) pass through at once.
///
/// It also wipes the WebSocket's own read buffer, through which small messages go: what is left of older ones before the next read, and all
/// of it with `wipe_read_buffer`.
template <class Next>
class GatheringStream {
public:
    using next_layer_type = Next;
    using executor_type = typename Next::executor_type;

    template <class... Args>
    explicit GatheringStream(Args&&... args) : next_(std::forward<Args>(args)...), written_(next_.get_executor(), never)
    {
    }

    executor_type get_executor() noexcept { return next_.get_executor(); }
    Next& next_layer() noexcept { return next_; }
    const Next& next_layer() const noexcept { return next_; }

    /// The WebSocket is there: no limit any more for what is read.
    void end_upgrade() noexcept { budget_.lift(); }

    /// From here on writes are kept until `async_release`, unless the end has come.
    void hold() noexcept { held_ = !ending_; }

    /// Nothing is kept any more, and what is leaves with the next write. To be called before the WebSocket is closed: it then
    /// keeps whoever holds from going on to the release, and waits for an answer to its close frame.
    void stop_holding() noexcept
    {
        ending_ = true;
        held_ = false;
    }

    /// Calls the handler once nothing is kept and no write is under way. A TLS goodbye must wait for that: Asio forgets to send it when
    /// it finds a write under way.
    template <class Handler>
    void finish_writing(Handler handler)
    {
        stop_holding();
        if (!writing_)
            return async_release(std::move(handler));
        written_.async_wait(
            [handler = std::move(handler)](boost::system::error_code) mutable { handler(boost::system::error_code(), std::size_t{0}); });
    }

    template <class Token>
    auto async_release(Token&& token)
    {
        held_ = false;
        return asio_compose(Flush{*this, 0}, std::forward<Token>(token));
    }

    /// From here on reads go into the reader's own memory, or into the WebSocket's buffer.
    void read_for(boost::asio::mutable_buffer readers) noexcept { readers_ = readers; }

    /// To be called when nothing is read any more.
    void wipe_read_buffer() noexcept { OPENSSL_cleanse(read_begin_, static_cast<std::size_t>(read_end_ - read_begin_)); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token)
    {
        if (!budget_.spend(boost::asio::buffer_size(buffers)))
            return UpgradeBudget::refuse(next_, std::forward<Token>(token));
        if (readers_.data() != nullptr)
            wipe_before_read(buffers);
        return next_.async_read_some(buffers, std::forward<Token>(token));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token)
    {
        const std::size_t size = boost::asio::buffer_size(buffers);
        const std::size_t before = gathered_.size();
        gathered_.resize(before + size);
        boost::asio::buffer_copy(boost::asio::buffer(gathered_.data() + before, size), buffers);
        return asio_compose(Flush{*this, size}, std::forward<Token>(token));
    }

private:
    /// Writes what is gathered, unless it is held or a write under way will take it along.
    struct Flush {
        GatheringStream& stream;
        std::size_t size;
        bool posted = false;
        bool waits = false;

        /// The write under way has ended.
        template <class Self>
        void operator()(Self& self, boost::system::error_code)
        {
            (*this)(self);
        }

        template <class Self>
        void operator()(Self& self)
        {
            if (!waits && stream.writing_ && stream.gathered_.size() > most_gathered) {
                waits = true;
                return stream.written_.async_wait(std::move(self));
            }
            if (!posted && (stream.held_ || stream.writing_ || stream.gathered_.empty())) {
                posted = true;
                return boost::asio::post(stream.get_executor(), std::move(self));
            }
            if (posted)
                return self.complete({}, size);
            stream.writing_ = true;
            write(self);
        }

        template <class Self>
        void operator()(Self& self, boost::system::error_code error, std::size_t)
        {
            wipe(stream.leaving_);
            if (!error && !stream.held_ && !stream.gathered_.empty())
                return write(self);
            stream.writing_ = false;
            stream.written_.cancel();
            self.complete(error, size);
        }

        template <class Self>
        void write(Self& self)
        {
            std::swap(stream.leaving_, stream.gathered_);
            boost::asio::async_write(stream.next_, boost::asio::buffer(stream.leaving_.data(), stream.leaving_.size()), std::move(self));
        }
    };

    /// What is read into is free, in whatever buffer it lies. The WebSocket's is a single one, inside of it.
    template <class Buffers>
    void wipe_before_read(const Buffers& buffers) noexcept
    {
        const auto end = boost::asio::buffer_sequence_end(buffers);
        for (auto it = boost::asio::buffer_sequence_begin(buffers); it != end; ++it) {
            const boost::asio::mutable_buffer space(*it);
            auto* const begin = static_cast<char*>(space.data());
            auto* const readers = static_cast<char*>(readers_.data());
            const std::less<const char*> before;
            if (space.size() == 0 || (!before(begin, readers) && before(begin, readers + readers_.size())))
                continue;
            OPENSSL_cleanse(begin, space.size());
            read_begin_ = read_begin_ == nullptr ? begin : std::min(read_begin_, begin, before);
            read_end_ = read_end_ == nullptr ? begin + space.size() : std::max(read_end_, begin + space.size(), before);
        }
    }

    static void wipe(WipingString& text) noexcept
    {
        OPENSSL_cleanse(text.data(), text.size());
        text.clear();
    }

    template <class Operation, class Token>
    auto asio_compose(Operation operation, Token&& token)
    {
        return boost::asio::async_compose<Token, void(boost::system::error_code, std::size_t)>(std::move(operation), token, next_);
    }

    /// How much is gathered before who writes has to wait for a peer that takes nothing: it could make the WebSocket answer pings for ever.
    static constexpr std::size_t most_gathered = 1 << 20;

    static constexpr auto never = boost::asio::steady_timer::time_point::max();

    Next next_;
    UpgradeBudget budget_;
    boost::asio::steady_timer written_; ///< cancelled when no write is under way any more
    WipingString gathered_;
    WipingString leaving_;
    bool held_ = false;
    bool ending_ = false;
    bool writing_ = false;
    boost::asio::mutable_buffer readers_;
    char* read_begin_ = nullptr; ///< of the WebSocket's buffer, as far as it was used
    char* read_end_ = nullptr;
};

/// Ends the connection below, whatever that ends with: an error of it would hide why the WebSocket ended. The answer to the peer's close
/// frame can still be on its way here.
template <class Next>
struct Teardown {
    boost::beast::role_type role;
    GatheringStream<Next>& stream;

    template <class Self>
    void operator()(Self& self)
    {
        stream.finish_writing(std::move(self));
    }
    template <class Self>
    void operator()(Self& self, boost::system::error_code, std::size_t)
    {
        using boost::beast::websocket::async_teardown;
        async_teardown(role, stream.next_layer(), std::move(self));
    }
    template <class Self>
    void operator()(Self& self, boost::system::error_code)
    {
        self.complete({});
    }
};

/// Found by Beast when it ends the connection below a WebSocket.
template <class Next, class Handler>
void async_teardown(boost::beast::role_type role, GatheringStream<Next>& stream, Handler&& handler)
{
    Teardown<Next> operation{role, stream};
    boost::asio::async_compose<std::decay_t<Handler>, void(boost::system::error_code)>(std::move(operation), handler, stream);
}

template <class Next>
void teardown(boost::beast::role_type role, GatheringStream<Next>& stream, boost::system::error_code& error)
{
    using boost::beast::websocket::teardown;
    teardown(role, stream.next_layer(), error);
}

template <class Next>
void beast_close_socket(GatheringStream<Next>& stream)
{
    boost::beast::close_socket(boost::beast::get_lowest_layer(stream));
}

} // namespace juju::transport
