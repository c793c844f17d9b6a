// A program that uses the library, and counts the copies of secrets in its own memory. `hygiene_client CASE`; started by hygiene_test,
// which plays the controller in another process, because that keeps plain copies.

#include "hygiene/job.hpp"

#include <juju/juju.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace hygiene {
namespace {

using juju::ConnectOptions;
using juju::SecretContent;
using juju::SecretUpdate;

template <class Client>
class Subject {
public:
    Subject() { client.emplace(context.get_executor()); }

    template <class T>
    T run(boost::asio::awaitable<T> call)
    {
        std::optional<T> result;
        run(juju::detail::store_result(std::move(call), result));
        return std::move(*result);
    }

    void run(boost::asio::awaitable<void> call)
    {
        bool done = false;
        std::exception_ptr failure;
        auto finish = [&](std::exception_ptr error) {
            done = true;
            failure = error;
        };
        boost::asio::co_spawn(context, std::move(call), std::move(finish));
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!done && context.run_one_until(limit) != 0) {
        }
        context.restart();
        if (!done)
            throw std::runtime_error("the call did not end within 30 s");
        if (failure)
            std::rethrow_exception(failure);
    }

    /// The name of the error that a call must end with. The exception is gone when this returns.
    template <class T>
    std::string error_of(boost::asio::awaitable<T> call)
    {
        try {
            run(std::move(call));
        } catch (const juju::Error& error) {
            return error.code().message();
        }
        return "none";
    }

    boost::asio::io_context context;
    std::optional<Client> client;
};

using Model = Subject<juju::Model>;
using Controller = Subject<juju::Controller>;

std::string file_text(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

ConnectOptions address(const Job& job)
{
    return ConnectOptions().endpoint(job.fact("endpoint")).model_uuid(job.fact("model")).ca_cert(file_text(job.fact("ca")));
}

ConnectOptions controller_address(const Job& job)
{
    return ConnectOptions().endpoint(job.fact("endpoint")).ca_cert(file_text(job.fact("ca")));
}

ConnectOptions by_password(const Job& job)
{
    const InTheClear password(job.secret("password"));
    return address(job).username("admin").password(password.text());
}

/// Connects, works, and counts the copies: while connected, when the work's own variables are gone, and when nothing is left.
void measure(const Job& job, const std::function<void(Model&)>& connect, const std::function<void(Model&)>& work)
{
    {
        Model model;
        connect(model);
        work(model);
        job.scan("connected");
        model.run(model.client->disconnect());
        job.scan("disconnected");
        model.client.reset();
        model.context.poll();
    }
    job.scan("gone");
}

void measure(const Job& job, const std::function<void(Model&)>& work)
{
    const auto connect = [&](Model& model) { model.run(model.client->connect(by_password(job))); };
    measure(job, connect, work);
}

/// The same for a login.
void measure_login(const Job& job, const std::function<ConnectOptions()>& options)
{
    const auto connect = [&](Model& model) { model.run(model.client->connect(options())); };
    measure(job, connect, [](Model& model) { model.run(model.client->list_secrets()); });
}

SecretContent content(const Job& job)
{
    const InTheClear value(job.secret("value"));
    SecretContent result;
    result.set("token", value.text());
    return result;
}

/// Whether a revealed secret has the value that it should have.
void expect_value(const Job& job, const juju::Secret& secret)
{
    const InTheClear value(job.secret("value"));
    if (secret.content().at("token").text() != value.text())
        throw std::runtime_error("another value came");
}

void reveal(const Job& job, Model& model)
{
    expect_value(job, model.run(model.client->reveal_secret("db")));
}

void reveals(Job& job)
{
    measure(job, [&](Model& model) { reveal(job, model); });
}

void reveals_then_lists(Job& job)
{
    measure(job, [&](Model& model) {
        reveal(job, model);
        for (int i = 0; i < 8; ++i)
            model.run(model.client->list_secrets());
    });
}

void holds_a_value(Job& job)
{
    measure(job, [&](Model& model) {
        const auto secret = model.run(model.client->reveal_secret("db"));
        job.scan("held");
    });
}

void adds(Job& job)
{
    measure(job, [&](Model& model) { model.run(model.client->add_secret("new", content(job))); });
}

void adds_by_arguments(Job& job)
{
    measure(job, [&](Model& model) {
        const InTheClear text(job.secret("value"), "token=");
        model.run(model.client->add_secret("new", SecretContent(text.text())));
    });
}

void updates(Job& job)
{
    measure(job, [&](Model& model) { model.run(model.client->update_secret("other", SecretUpdate().data(content(job)))); });
}

void adds_a_file_as_value(Job& job)
{
    measure(job, [&](Model& model) { model.run(model.client->add_secret("new", SecretContent("token#file=" + job.fact("value-file")))); });
}

void adds_a_yaml_file(Job& job)
{
    measure(job, [&](Model& model) { model.run(model.client->add_secret("new", SecretContent::from_file(job.fact("yaml")))); });
}

void adds_a_json_file(Job& job)
{
    measure(job, [&](Model& model) { model.run(model.client->add_secret("new", SecretContent::from_file(job.fact("json")))); });
}

void reads_a_bad_file(Job& job)
{
    measure(job, [&](Model&) {
        for (const char* const file : {"bad-yaml", "bad-json"}) {
            try {
                SecretContent::from_file(job.fact(file));
                job.tell("none");
            } catch (const juju::Error& error) {
                job.tell(error.code().message());
            }
        }
    });
}

void ensures(Job& job)
{
    measure(job, [&](Model& model) {
        model.run(model.client->ensure_secret("new", content(job)));
        model.run(model.client->ensure_secret("other", content(job)));
        model.run(model.client->secret_matches("new", content(job)));
    });
}

void uses_with_secret(Job& job)
{
    measure(job, [&](Model& model) {
        auto body = [&]() -> boost::asio::awaitable<void> {
            auto revealing = model.client->reveal_secret("lent");
            const auto secret = co_await std::move(revealing);
            expect_value(job, secret);
        };
        model.run(juju::with_secret(*model.client, "lent", content(job), juju::Applications("ubuntu"), body));
    });
}

/// The check says no at first, so that the old content, which is another secret, is read and written again.
void rotates(Job& job)
{
    measure(job, [&](Model& model) {
        const auto refused = model.run(model.client->rotate_secret("other", content(job), [] { return false; }));
        job.tell(refused.restored_revision() ? "restored" : "not restored");
        const auto taken = model.run(model.client->rotate_secret("other", content(job), [] { return true; }));
        job.tell(taken.ok() ? "rotated" : "not rotated");
    });
}

void creates_many(Job& job)
{
    measure(job, [&](Model& model) {
        std::vector<juju::SecretDraft> drafts;
        for (int i = 0; i < 5; ++i)
            drafts.emplace_back("new-" + std::to_string(i), content(job));
        model.run(model.client->secrets_manager().create(std::move(drafts)));
        auto filter = juju::SecretFilter().show_secrets(true);
        model.run(model.client->secrets_manager().list(filter));
    });
}

void blocks(Job& job)
{
    {
        juju::BlockingModel model;
        model.connect(by_password(job));
        model.add_secret("new", content(job));
        expect_value(job, model.reveal_secret("new"));
        job.scan("connected");
        model.disconnect();
        job.scan("disconnected");
    }
    job.scan("gone");
}

void configures_a_backend(Job& job)
{
    {
        Controller controller;
        {
            const InTheClear password(job.secret("password"));
            controller.run(controller.client->connect(controller_address(job).username("admin").password(password.text())));
        }
        {
            const InTheClear token(job.secret("value"));
            juju::SecretBackendConfig config;
            config.set("endpoint", "http://vault.example.com:8200").set("token", token.text());
            controller.run(controller.client->add_secret_backend(juju::SecretBackendDraft("myvault", "vault", std::move(config))));
            auto filter = juju::SecretBackendFilter().reveal(true);
            const auto backends = controller.run(controller.client->list_secret_backends(filter));
            bool came = false;
            for (const auto& backend : backends)
                came = came || (backend.name() == "myvault" && backend.config().at("token").text() == token.text());
            if (!came)
                throw std::runtime_error("the backend's token did not come");
        }
        job.scan("connected");
        controller.run(controller.client->disconnect());
        job.scan("disconnected");
        controller.client.reset();
        controller.context.poll();
    }
    job.scan("gone");
}

/// What goes wrong is told beforehand to the controller.
void reveals_in_vain(Job& job)
{
    measure(job, [&](Model& model) { job.tell(model.error_of(model.client->reveal_secret("db"))); });
}

void reveals_too_much(Job& job)
{
    const auto connect = [&](Model& model) { model.run(model.client->connect(by_password(job).max_message_size(100'000))); };
    measure(job, connect, [&](Model& model) { job.tell(model.error_of(model.client->reveal_secret("db"))); });
}

void reveals_again(Job& job)
{
    measure(job, [&](Model& model) {
        job.tell(model.error_of(model.client->reveal_secret("db")));
        reveal(job, model);
    });
}

/// The reply to a call that has timed out comes behind that of the next one.
void reveals_late(Job& job)
{
    measure(job, [&](Model& model) {
        job.tell(model.error_of(juju::with_timeout(std::chrono::milliseconds(1), model.client->reveal_secret("db"))));
        model.run(model.client->list_secrets());
        model.run(model.client->list_secrets());
    });
}

void updates_in_vain(Job& job)
{
    measure(job, [&](Model& model) { job.tell(model.error_of(model.client->update_secret("other", SecretUpdate().data(content(job))))); });
}

/// Cancelled before the request has left.
void updates_too_late(Job& job)
{
    measure(job, [&](Model& model) {
        auto update = model.client->update_secret("other", SecretUpdate().data(content(job)));
        job.tell(model.error_of(juju::with_timeout(std::chrono::nanoseconds(0), std::move(update))));
        model.run(model.client->list_secrets());
    });
}

void reconnects(Job& job)
{
    measure(job, [&](Model& model) {
        reveal(job, model);
        job.ask("drop");
        reveal(job, model);
    });
}

void loses_the_connection(Job& job)
{
    const auto connect = [&](Model& model) { model.run(model.client->connect(by_password(job).reconnect(false))); };
    measure(job, connect, [&](Model& model) {
        reveal(job, model);
        job.ask("drop");
        job.tell(model.error_of(model.client->reveal_secret("db")));
    });
}

void fails_to_log_in(Job& job)
{
    {
        Model model;
        job.tell(model.error_of(model.client->connect(by_password(job))));
        job.scan("connected");
    }
    job.scan("gone");
}

void forgets_the_password(Job& job)
{
    measure_login(job, [&] { return by_password(job).reconnect(false); });
}

void logs_in_by_password(Job& job)
{
    measure_login(job, [&] { return by_password(job); });
}

void logs_in_by_session_token(Job& job)
{
    measure_login(job, [&] {
        const InTheClear token(job.secret("token"));
        return address(job).session_token(token.text());
    });
}

void logs_in_by_client_credentials(Job& job)
{
    measure_login(job, [&] {
        const InTheClear secret(job.secret("client-secret"));
        return address(job).client_credentials("robot", secret.text());
    });
}

void logs_in_as_agent(Job& job)
{
    const auto connect = [&](Model& model) {
        const InTheClear password(job.secret("agent-password"));
        model.run(model.client->connect(address(job).agent("unit-mysql-0", password.text())));
    };
    measure(job, connect, [](Model&) {});
}

/// The macaroons that come are told by the test afterwards.
void logs_in_by_asking(Job& job)
{
    const auto connect = [&](Model& model) {
        auto ask = [&](const std::string&) {
            const InTheClear password(job.secret("asked-password"));
            return juju::SecretValue(password.text());
        };
        model.run(model.client->connect(address(job).username("bob").ask_password(ask)));
        job.ask("macaroons");
    };
    measure(job, connect, [](Model&) {});
}

void logs_in_by_macaroons(Job& job)
{
    measure_login(job, [&] {
        const InTheClear macaroons(job.secret("macaroons"));
        return address(job).username("bob").macaroons(macaroons.text());
    });
}

void logs_in_by_the_store(Job& job)
{
    measure_login(job, [&] { return ConnectOptions().store_directory(job.fact("store")); });
}

void logs_in_by_the_store_and_writes(Job& job)
{
    measure_login(job, [&] { return ConnectOptions().store_directory(job.fact("store")).update_store(true); });
}

void logs_in_through_a_proxy(Job& job)
{
    measure_login(job, [&] {
        const InTheClear url(job.secret("proxy-password"), "http://user:", "@" + job.fact("proxy"));
        return by_password(job).proxy(url.text());
    });
}

const std::map<std::string, void (*)(Job&)>& cases()
{
    static const std::map<std::string, void (*)(Job&)> all{
        {"reveals", reveals},
        {"reveals_then_lists", reveals_then_lists},
        {"holds_a_value", holds_a_value},
        {"adds", adds},
        {"adds_by_arguments", adds_by_arguments},
        {"updates", updates},
        {"adds_a_file_as_value", adds_a_file_as_value},
        {"adds_a_yaml_file", adds_a_yaml_file},
        {"adds_a_json_file", adds_a_json_file},
        {"reads_a_bad_file", reads_a_bad_file},
        {"ensures", ensures},
        {"uses_with_secret", uses_with_secret},
        {"rotates", rotates},
        {"creates_many", creates_many},
        {"blocks", blocks},
        {"configures_a_backend", configures_a_backend},
        {"reveals_in_vain", reveals_in_vain},
        {"reveals_too_much", reveals_too_much},
        {"reveals_again", reveals_again},
        {"reveals_late", reveals_late},
        {"updates_in_vain", updates_in_vain},
        {"updates_too_late", updates_too_late},
        {"reconnects", reconnects},
        {"loses_the_connection", loses_the_connection},
        {"fails_to_log_in", fails_to_log_in},
        {"forgets_the_password", forgets_the_password},
        {"logs_in_by_password", logs_in_by_password},
        {"logs_in_by_session_token", logs_in_by_session_token},
        {"logs_in_by_client_credentials", logs_in_by_client_credentials},
        {"logs_in_as_agent", logs_in_as_agent},
        {"logs_in_by_asking", logs_in_by_asking},
        {"logs_in_by_macaroons", logs_in_by_macaroons},
        {"logs_in_by_the_store", logs_in_by_the_store},
        {"logs_in_by_the_store_and_writes", logs_in_by_the_store_and_writes},
        {"logs_in_through_a_proxy", logs_in_through_a_proxy},
    };
    return all;
}

} // namespace
} // namespace hygiene

int main(int argc, char** argv)
{
    try {
        const auto& cases = hygiene::cases();
        const auto found = argc == 2 ? cases.find(argv[1]) : cases.end();
        if (found == cases.end())
            throw std::runtime_error("usage: hygiene_client CASE");
        hygiene::Job job;
        found->second(job);
        std::puts("end");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "hygiene_client: %s\n", error.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
