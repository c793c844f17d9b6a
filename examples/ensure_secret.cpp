// Makes a secret what it should be, without ever reading its value: as a deployment does that runs again and again.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <optional>

namespace asio = boost::asio;

const char* text_of(juju::EnsureAction action)
{
    switch (action) {
    case juju::EnsureAction::created: return "created";
    case juju::EnsureAction::updated: return "updated";
    case juju::EnsureAction::unchanged: return "unchanged";
    }
    return "";
}

asio::awaitable<void> converge()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());

    juju::SecretContent content("username=admin", "password=hunter2");
    juju::EnsureResult done = co_await model.ensure_secret("db", content);
    std::cout << "first run: " << text_of(done.action()) << '\n';

    done = co_await model.ensure_secret("db", content);
    std::cout << "second run: " << text_of(done.action()) << '\n';

    auto options = juju::EnsureOptions().info("database").grant({"ubuntu", "mysql"}).exact_grants(true).auto_prune(true);
    done = co_await model.ensure_secret("db", content, options);
    std::cout << "with options: " << text_of(done.action()) << ", granted now: " << done.granted().size() << '\n';

    content.set("password", "correct horse battery staple");
    std::optional<bool> same = co_await model.secret_matches("db", content);
    if (!same)
        std::cout << "this controller gives no checksum\n";
    else
        std::cout << "the new content is there already: " << (*same ? "yes" : "no") << '\n';

    done = co_await model.ensure_secret("db", content, options);
    std::cout << "with the new content: " << text_of(done.action()) << '\n';
    co_await model.disconnect();
}

int main()
{
    return examples::run(converge());
}
