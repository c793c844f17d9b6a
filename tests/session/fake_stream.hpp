#pragma once

#include "connection/strand_hop.hpp"
#include "transport/message_stream.hpp"
#include "wire/reply.hpp"

#include <juju/error.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace support {

inline juju::Error connection_lost(std::string text)
{
    juju::detail::ErrorDetails details(std::move(text));
    details.outcome = juju::Outcome::unknown;
    details.connection_usable = false;
    return juju::Error(make_error_code(juju::errc::connection_lost), std::move(details));
}

/// The far side of a FakeStream, in the hands of the test. To be used on the stream's strand, or while nothing runs there.
class FakePeer {
public:
    using Strand = juju::connection::Strand;

    explicit FakePeer(const Strand& strand) : read_wake_(strand), write_wake_(strand), close_wake_(strand) {}

    // What the session did.

    /// The messages of each write, in order.
    std::vector<std::vector<std::string>> batches;
    std::vector<juju::transport::CloseReason> closes;
    int aborts = 0;

    std::size_t message_count() const
    {
        std::size_t count = 0;
        for (const auto& batch : batches)
            count += batch.size();
        return count;
    }

    /// The message `index` of all writes together.
    std::string message(std::size_t index) const
    {
        for (const auto& batch : batches) {
            if (index < batch.size())
                return batch[index];
            index -= batch.size();
        }
        return "(no such message)";
    }

    // What the session meets.

    /// Lets the session read this message next.
    void send(std::string text)
    {
        incoming_.push_back(Incoming{std::move(text), nullptr});
        read_wake_.cancel();
    }

    void reply(std::uint64_t id, const std::string& value)
    {
        send(R"({"request-id":)" + std::to_string(id) + R"(,"response":{"value":")" + value + "\"}}");
    }

    /// Lets the read after what was sent before end so.
    template <class E>
    void fail_read(E error)
    {
        incoming_.push_back(Incoming{{}, std::make_exception_ptr(std::move(error))});
        read_wake_.cancel();
    }

    /// Lets the next write end so.
    template <class E>
    void fail_write(E error)
    {
        write_error_ = std::make_exception_ptr(std::move(error));
    }

    void hold_writes() { writes_held_ = true; }

    void release_writes()
    {
        writes_held_ = false;
        write_wake_.cancel();
    }

    void hold_close() { close_held_ = true; }

    void release_close()
    {
        close_held_ = false;
        close_wake_.cancel();
    }

    /// Called for each message when it is written.
    std::function<void(const std::string& message)> on_message;

private:
    friend class FakeStream;

    struct Incoming {
        std::string text;
        std::exception_ptr error;
    };

    std::deque<Incoming> incoming_;
    std::exception_ptr write_error_;
    bool writes_held_ = false;
    bool close_held_ = false;
    boost::asio::steady_timer read_wake_;
    boost::asio::steady_timer write_wake_;
    boost::asio::steady_timer close_wake_;
};

/// A MessageStream without a network: what it reads, and when its writes and its close end, is decided by a FakePeer.
class FakeStream final : public juju::transport::MessageStream {
public:
    explicit FakeStream(std::shared_ptr<FakePeer> peer) : peer_(std::move(peer)) {}

    boost::asio::awaitable<juju::WipingString> read() override
    {
        const Exclusive only(reading_, "two reads at once");
        while (peer_->incoming_.empty() && !aborted_)
            co_await wait(peer_->read_wake_);
        if (peer_->incoming_.empty())
            throw connection_lost("the stream was aborted");
        const auto incoming = std::move(peer_->incoming_.front());
        peer_->incoming_.pop_front();
        if (incoming.error)
            std::rethrow_exception(incoming.error);
        juju::WipingString text;
        text.reserve(incoming.text.size() + juju::wire::Reply::padding);
        text.assign(incoming.text.data(), incoming.text.size());
        co_return text;
    }

    boost::asio::awaitable<void> write(std::vector<juju::WipingString> messages) override
    {
        const Exclusive only(writing_, "two writes at once");
        if (messages.empty())
            ADD_FAILURE() << "a write of nothing";
        auto& batch = peer_->batches.emplace_back();
        for (const auto& message : messages)
            batch.emplace_back(message.data(), message.size());
        const auto written = batch;
        for (const auto& message : written) {
            if (peer_->on_message)
                peer_->on_message(message);
        }
        while (peer_->writes_held_ && !aborted_)
            co_await wait(peer_->write_wake_);
        if (const auto error = std::exchange(peer_->write_error_, nullptr))
            std::rethrow_exception(error);
        if (aborted_)
            throw connection_lost("the stream was aborted");
    }

    boost::asio::awaitable<void> close(juju::transport::CloseReason reason) override
    {
        const Exclusive only(closing_, "two closes at once");
        peer_->closes.push_back(reason);
        while (peer_->close_held_ && !aborted_)
            co_await wait(peer_->close_wake_);
    }

    void abort() noexcept override
    {
        ++peer_->aborts;
        aborted_ = true;
        peer_->read_wake_.cancel();
        peer_->write_wake_.cancel();
        peer_->close_wake_.cancel();
    }

private:
    /// MessageStream allows one operation of a kind at a time.
    class Exclusive {
    public:
        Exclusive(bool& flag, const char* what) : flag_(flag)
        {
            if (flag_)
                ADD_FAILURE() << what;
            flag_ = true;
        }
        ~Exclusive() { flag_ = false; }
        Exclusive(const Exclusive&) = delete;
        Exclusive& operator=(const Exclusive&) = delete;

    private:
        bool& flag_;
    };

    static boost::asio::awaitable<void> wait(boost::asio::steady_timer& event)
    {
        boost::system::error_code ignored;
        event.expires_at(boost::asio::steady_timer::time_point::max());
        co_await event.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }

    std::shared_ptr<FakePeer> peer_;
    bool aborted_ = false;
    bool reading_ = false;
    bool writing_ = false;
    bool closing_ = false;
};

} // namespace support
