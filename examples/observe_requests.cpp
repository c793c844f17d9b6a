// Counts what goes to the controller and gives each request a span of a trace, as an adapter for metrics or OpenTelemetry would.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <iostream>
#include <map>
#include <memory>
#include <string>

namespace asio = boost::asio;

class Metrics : public juju::RequestObserver {
public:
    juju::TraceContext start(const juju::ObservedRequest&) override
    {
        const std::string number = std::to_string(++spans_);
        return juju::TraceContext("0af7651916cd43dd8448eb211c80319c", std::string(16 - number.size(), '0') + number);
    }

    void end(const juju::ObservedRequest& request, const juju::RequestEnd& end) override
    {
        ++counts[request.facade() + '.' + request.method() + ' ' + std::string(juju::to_string(end.outcome()))];
        if (end.outcome() != juju::RequestOutcome::succeeded)
            std::cout << request.method() << ": " << end.error().message() << '\n';
    }

    std::map<std::string, int> counts;

private:
    int spans_ = 0;
};

asio::awaitable<void> observe(std::shared_ptr<Metrics> metrics)
{
    juju::Model model(co_await asio::this_coro::executor);
    co_await model.connect(examples::options_from_environment().request_observer(metrics));
    co_await model.add_secret("my-apitoken", {"token=34ae35facd4"});
    co_await model.list_secrets();
    try {
        co_await model.remove_secret("no-such-secret");
    } catch (const juju::Error&) { // told by `end`
    }
    co_await model.disconnect();
}

int main()
{
    const auto metrics = std::make_shared<Metrics>();
    const int status = examples::run(observe(metrics));
    for (const auto& [what, count] : metrics->counts)
        std::cout << what << ": " << count << '\n';
    return status;
}
