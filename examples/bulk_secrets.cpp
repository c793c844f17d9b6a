// Many secrets in one request, with an outcome for each.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;

asio::awaitable<void> manage_many()
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment());
    auto& manager = model.secrets_manager();

    std::vector<juju::SecretDraft> drafts;
    for (int number = 0; number < 100; ++number)
        drafts.emplace_back("user-" + std::to_string(number), juju::SecretContent("password=" + std::to_string(number * 7919)));
    drafts.emplace_back("user-42", juju::SecretContent("password=again"));

    juju::Outcomes<juju::SecretUri> made = co_await manager.create(drafts);
    std::cout << made.size() - made.failed() << " created\n";
    for (const auto& outcome : made) {
        if (!outcome.ok())
            std::cout << outcome.subject() << ": " << outcome.error()->code().message() << '\n';
    }

    std::vector<std::pair<juju::SecretRef, juju::SecretUpdate>> updates;
    updates.emplace_back(made[0].value(), juju::SecretUpdate().info("the first"));
    updates.emplace_back("user-1", juju::SecretUpdate().data({"password=n3w"}));
    juju::Outcomes<void> changed = co_await manager.update(updates);
    std::cout << "all " << changed.size() << " updated: " << std::boolalpha << changed.ok() << '\n';

    std::vector<juju::SecretRemoval> removals;
    removals.push_back(juju::SecretRemoval::all("user-0"));
    removals.emplace_back("user-1", std::vector<int>{1});
    juju::Outcomes<void> gone = co_await manager.remove(removals);
    std::cout << "all " << gone.size() << " removed: " << gone.ok() << '\n';

    co_await model.disconnect();
}

int main()
{
    return examples::run(manage_many());
}
