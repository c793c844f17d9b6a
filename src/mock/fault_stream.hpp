#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace juju::mock {

/// A layer of a connection that can send slowly, end after so many bytes, or stop moving. Not thread-safe.
template <class Next>
class FaultStream {
public:
    using next_layer_type = Next;
    using lowest_layer_type = typename Next::lowest_layer_type;
    using executor_type = typename Next::executor_type;

    template <class... Args>
    explicit FaultStream(Args&&... args)
        : next_(std::forward<Args>(args)...), pause_timer_(next_.get_executor()), frozen_timer_(next_.get_executor())
    {
    }

    executor_type get_executor() noexcept { return next_.get_executor(); }
    Next& next_layer() noexcept { return next_; }
    const Next& next_layer() const noexcept { return next_; }
    lowest_layer_type& lowest_layer() noexcept { return next_.lowest_layer(); }
    const lowest_layer_type& lowest_layer() const noexcept { return next_.lowest_layer(); }

    /// From now on so many bytes leave at a time, each time after a pause.
    void drip(std::size_t bytes, std::chrono::milliseconds pause)
    {
        bytes_at_a_time_ = bytes;
        pause_ = pause;
    }

    /// TCP reset after so many more bytes.
    void cut_after(std::size_t bytes)
    {
        bytes_left_ = bytes;
        if (bytes == 0) {
            reset();
        }
    }

    /// From now on nothing is read or written; operations wait until `thaw`, and fail then.
    void freeze()
    {
        frozen_ = true;
        frozen_timer_.expires_at(std::chrono::steady_clock::time_point::max());
    }
    void thaw()
    {
        frozen_timer_.cancel();
        pause_timer_.cancel();
    }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token)
    {
        return compose(Read<Buffers>{*this, buffers}, std::forward<Token>(token));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token)
    {
        return compose(Write<Buffers>{*this, buffers}, std::forward<Token>(token));
    }

private:
    using Error = boost::system::error_code;

    template <class Buffers>
    struct Read {
        FaultStream& stream;
        Buffers buffers;

        template <class Self>
        void operator()(Self& self)
        {
            if (stream.frozen_) {
                stream.frozen_timer_.async_wait(std::move(self));
            } else {
                stream.next_.async_read_some(buffers, std::move(self));
            }
        }
        /// Thawed.
        template <class Self>
        void operator()(Self& self, Error error)
        {
            self.complete(error ? error : boost::asio::error::operation_aborted, 0);
        }
        template <class Self>
        void operator()(Self& self, Error error, std::size_t bytes)
        {
            self.complete(error, bytes);
        }
    };

    template <class Buffers>
    struct Write {
        FaultStream& stream;
        Buffers buffers;

        template <class Self>
        void operator()(Self& self)
        {
            if (stream.frozen_) {
                stream.frozen_timer_.async_wait(std::move(self));
            } else if (stream.bytes_at_a_time_ != 0) {
                stream.pause_timer_.expires_after(stream.pause_);
                stream.pause_timer_.async_wait(std::move(self));
            } else {
                write(self);
            }
        }
        /// The pause is over, or thawed.
        template <class Self>
        void operator()(Self& self, Error error)
        {
            if (error || stream.frozen_) {
                self.complete(error ? error : boost::asio::error::operation_aborted, 0);
            } else {
                write(self);
            }
        }
        template <class Self>
        void operator()(Self& self, Error error, std::size_t bytes)
        {
            if (stream.bytes_left_) {
                *stream.bytes_left_ -= std::min(bytes, *stream.bytes_left_);
                if (*stream.bytes_left_ == 0) {
                    stream.reset();
                    error = boost::asio::error::connection_reset;
                }
            }
            self.complete(error, bytes);
        }

        template <class Self>
        void write(Self& self)
        {
            if (stream.bytes_at_a_time_ == 0 && !stream.bytes_left_) {
                stream.next_.async_write_some(buffers, std::move(self));
                return;
            }
            boost::asio::const_buffer first;
            const auto end = boost::asio::buffer_sequence_end(buffers);
            for (auto it = boost::asio::buffer_sequence_begin(buffers); it != end && first.size() == 0; ++it) {
                first = *it;
            }
            std::size_t bytes = stream.bytes_at_a_time_ == 0 ? first.size() : std::min(first.size(), stream.bytes_at_a_time_);
            bytes = std::min(bytes, stream.bytes_left_.value_or(bytes));
            stream.next_.async_write_some(boost::asio::buffer(first, bytes), std::move(self));
        }
    };

    void reset()
    {
        Error ignored;
        lowest_layer().set_option(boost::asio::socket_base::linger(true, 0), ignored);
        lowest_layer().close(ignored);
    }

    template <class Operation, class Token>
    auto compose(Operation operation, Token&& token)
    {
        return boost::asio::async_compose<Token, void(Error, std::size_t)>(std::move(operation), token, next_);
    }

    Next next_;
    boost::asio::steady_timer pause_timer_;
    boost::asio::steady_timer frozen_timer_;
    std::size_t bytes_at_a_time_ = 0;
    std::chrono::milliseconds pause_{0};
    std::optional<std::size_t> bytes_left_;
    bool frozen_ = false;
};

} // namespace juju::mock
