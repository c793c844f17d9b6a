// How to test code of your own that uses secrets: against a controller that runs in the test itself.
#include <juju/juju.hpp>
#include <juju/mock_controller.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>
#include <string>

namespace asio = boost::asio;

// The code under test: gives an application a token, whether or not there was one before.
asio::awaitable<void> publish_token(juju::ConnectOptions options, std::string application, std::string token)
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(options);
    const std::string name = application + "-token";
    if ((co_await model.list_secrets(juju::SecretFilter().name(name))).empty())
        co_await model.add_secret(name, {"token=" + token});
    else
        co_await model.update_secret(name, juju::SecretUpdate().data({"token=" + token}));
    co_await model.grant_secret(name, application);
    co_await model.disconnect();
}

void run(asio::awaitable<void> operation)
{
    asio::io_context context;
    auto result = asio::co_spawn(context, std::move(operation), asio::use_future);
    context.run();
    result.get();
}

TEST(PublishToken, GrantsTheLatestToken)
{
    juju::MockController controller(juju::MockOptions().profile(juju::MockProfile::juju_3_6));
    run(publish_token(controller.connect_options(), "ubuntu", "first"));
    run(publish_token(controller.connect_options(), "ubuntu", "second"));
    const juju::MockSecret secret = controller.secret("ubuntu-token").value();
    EXPECT_EQ(secret.revisions.back().data.at("token"), "c2Vjb25k"); // "second" in base64
    EXPECT_EQ(secret.grants.at(0).target_tag, "application-ubuntu");
}

TEST(PublishToken, SaysThatItIsUnknownWhetherALostCallTookEffect)
{
    juju::MockController controller;
    controller.add_fault(juju::MockFault(juju::MockFaultKind::reset).method("CreateSecrets").after_applying());
    try {
        run(publish_token(controller.connect_options(), "ubuntu", "first"));
        FAIL() << "no error";
    } catch (const juju::Error& error) {
        EXPECT_EQ(error.outcome(), juju::Outcome::unknown);
    }
    EXPECT_TRUE(controller.secret("ubuntu-token")); // and here it did
}
