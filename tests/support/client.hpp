#pragma once

#include "support/canary_record.hpp"
#include "support/profile_name.hpp"

#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace juju::test {

/// An io_context in one thread, a Model on it, and a mock controller. Every awaited call has 20 s, then the test fails.
class Client {
public:
    explicit Client(const MockOptions& options = MockOptions()) : mock(options), model(context.get_executor())
    {
        canary::expect_hidden(mock.password());
    }

    ~Client() { canary::record(model.diagnostics()); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void connect() { run(model.connect(mock.connect_options())); }

    template <class T>
    T run(boost::asio::awaitable<T> call)
    {
        std::optional<T> result;
        run_stored(detail::store_result(std::move(call), result));
        return std::move(*result);
    }

    void run(boost::asio::awaitable<void> call) { run_stored(std::move(call)); }

    /// The error that a call ends with; the test fails when it succeeds.
    template <class T>
    Error error_of(boost::asio::awaitable<T> call)
    {
        try {
            run(std::move(call));
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "the call did not fail";
        throw std::logic_error("the call did not fail");
    }

    /// What the client has sent, without the logins, oldest first.
    std::vector<std::string> sent() const
    {
        std::vector<std::string> texts;
        for (const auto& message : mock.transcript()) {
            if (message.direction == MockDirection::from_client && message.text.find(R"("type":"Admin")") == std::string::npos)
                texts.push_back(message.text);
        }
        return texts;
    }

    MockController mock;
    boost::asio::io_context context;
    Model model;

private:
    void run_stored(boost::asio::awaitable<void> call)
    {
        bool done = false;
        std::exception_ptr failure;
        boost::asio::co_spawn(context, std::move(call), [&](std::exception_ptr error) {
            done = true;
            failure = error;
        });
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!done && context.run_one_until(limit) != 0) {
        }
        context.restart();
        if (!done)
            throw std::runtime_error("the call did not end within 20 s");
        if (!failure)
            return;
        try {
            std::rethrow_exception(failure);
        } catch (const Error& error) {
            canary::record(error);
            throw;
        }
    }
};

} // namespace juju::test
