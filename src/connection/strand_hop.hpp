#pragma once

#include "strand.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace juju::connection {

using juju::Strand;

namespace hop {

template <class T>
struct Signature {
    using type = void(std::exception_ptr, T);
};
template <>
struct Signature<void> {
    using type = void(std::exception_ptr);
};

/// Starts the operation on the strand and carries the caller's cancellation there. Asio 1.81's own `co_spawn` hands a raw pointer
/// to the other executor for that, which is a race with the end of the operation; here it is a weak one.
template <class T>
class Initiate {
public:
    Initiate(Strand strand, boost::asio::awaitable<T> operation) : strand_(std::move(strand)), operation_(std::move(operation)) {}

    template <class Handler>
    void operator()(Handler&& handler)
    {
        namespace asio = boost::asio;
        const auto signal = std::make_shared<asio::cancellation_signal>();
        auto slot = asio::get_associated_cancellation_slot(handler);
        std::shared_ptr<const Strand> kept; // the slot may outlive the io_context, and a strand must not
        if (slot.is_connected()) {
            kept = std::make_shared<const Strand>(strand_);
            slot.assign([weak = std::weak_ptr(signal), strand = std::weak_ptr(kept)](asio::cancellation_type type) {
                const auto alive_strand = strand.lock();
                if (!alive_strand)
                    return;
                asio::post(*alive_strand, [weak, type] {
                    if (const auto alive = weak.lock())
                        alive->emit(type);
                });
            });
        }
        // The caller's executor must not run out of work while it waits.
        auto work = asio::make_work_guard(asio::get_associated_executor(handler, strand_));
        auto finish = [signal, kept, work = std::move(work), handler = std::forward<Handler>(handler)](std::exception_ptr error,
                                                                                                       auto&&... result) mutable {
            const auto executor = work.get_executor();
            auto resume = [handler = std::move(handler), work = std::move(work), error, ... results = std::move(result)]() mutable {
                asio::get_associated_cancellation_slot(handler).clear();
                std::move(handler)(error, std::move(results)...);
            };
            asio::dispatch(executor, std::move(resume));
        };
        asio::co_spawn(strand_, std::move(operation_),
                       asio::bind_cancellation_slot(signal->slot(), asio::bind_executor(strand_, std::move(finish))));
    }

private:
    Strand strand_;
    boost::asio::awaitable<T> operation_;
};

} // namespace hop

/// Runs `operation` on the strand and gives its result back on the caller's executor. T must be default-constructible.
template <class T>
boost::asio::awaitable<T> run_on(Strand strand, boost::asio::awaitable<T> operation)
{
    hop::Initiate<T> initiate(std::move(strand), std::move(operation));
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, typename hop::Signature<T>::type>(std::move(initiate),
                                                                                                                boost::asio::use_awaitable);
}

} // namespace juju::connection
