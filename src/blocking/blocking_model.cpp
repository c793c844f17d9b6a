#include <juju/blocking_model.hpp>

#include "blocking/blocking_client.hpp"
#include "blocking/calling_thread.hpp"

#include <juju/model.hpp>

#include <utility>

namespace juju {

namespace asio = boost::asio;
using blocking::CallingThread;

BlockingModel::BlockingModel()
    : client_(std::make_shared<detail::BlockingClient<Model>>()), secrets_manager_(std::make_unique<BlockingSecretsManager>(*client_))
{
}

BlockingModel::BlockingModel(BlockingModel&&) noexcept = default;

BlockingModel& BlockingModel::operator=(BlockingModel&& other) noexcept
{
    std::swap(client_, other.client_);
    std::swap(secrets_manager_, other.secrets_manager_);
    return *this;
}

BlockingModel::~BlockingModel()
{
    if (client_)
        client_->close(); // a watcher may still hold it
}

void BlockingModel::connect()
{
    connect(ConnectOptions());
}

void BlockingModel::connect(std::string model)
{
    connect(ConnectOptions().model(std::move(model)));
}

void BlockingModel::connect(ConnectOptions options)
{
    client_->run((*client_)->connect(std::move(options)));
}

void BlockingModel::disconnect()
{
    client_->run((*client_)->disconnect());
}

bool BlockingModel::is_connected() const noexcept
{
    return (*client_)->is_connected();
}

std::string BlockingModel::diagnostics() const
{
    return (*client_)->diagnostics();
}

SecretUri BlockingModel::add_secret(std::string name, SecretContent content, std::string info)
{
    return client_->run((*client_)->add_secret(std::move(name), std::move(content), std::move(info)));
}

std::vector<Secret> BlockingModel::list_secrets(SecretFilter filter)
{
    return client_->run((*client_)->list_secrets(std::move(filter)));
}

Secret BlockingModel::get_secret(SecretRef secret)
{
    return client_->run((*client_)->get_secret(std::move(secret)));
}

Secret BlockingModel::reveal_secret(SecretRef secret)
{
    return client_->run((*client_)->reveal_secret(std::move(secret)));
}

Secret BlockingModel::reveal_secret(SecretRef secret, int revision)
{
    return client_->run((*client_)->reveal_secret(std::move(secret), revision));
}

void BlockingModel::grant_secret(SecretRef secret, Applications applications)
{
    client_->run((*client_)->grant_secret(std::move(secret), std::move(applications)));
}

void BlockingModel::revoke_secret(SecretRef secret, Applications applications)
{
    client_->run((*client_)->revoke_secret(std::move(secret), std::move(applications)));
}

void BlockingModel::update_secret(SecretRef secret, SecretUpdate update)
{
    client_->run((*client_)->update_secret(std::move(secret), std::move(update)));
}

void BlockingModel::remove_secret(SecretRef secret)
{
    client_->run((*client_)->remove_secret(std::move(secret)));
}

void BlockingModel::remove_secret(SecretRef secret, int revision)
{
    client_->run((*client_)->remove_secret(std::move(secret), revision));
}

EnsureResult BlockingModel::ensure_secret(std::string name, SecretContent content, EnsureOptions options)
{
    return client_->run((*client_)->ensure_secret(std::move(name), std::move(content), std::move(options)));
}

std::optional<bool> BlockingModel::secret_matches(SecretRef secret, SecretContent content)
{
    return client_->run((*client_)->secret_matches(std::move(secret), std::move(content)));
}

RotateResult BlockingModel::rotate_secret(SecretRef secret, SecretContent content, BlockingRotateCheck check, RotateOptions options)
{
    CallingThread caller;
    auto check_there = [&](const Secret& rotated) -> asio::awaitable<bool> {
        bool works = false;
        std::function<void()> work = [&] { works = check(rotated); };
        co_await caller.run(std::move(work));
        co_return works;
    };
    return client_->run(caller, (*client_)->rotate_secret(std::move(secret), std::move(content), check_there, options));
}

BlockingSecretWatcher BlockingModel::watch_secrets(WatchOptions options)
{
    return BlockingSecretWatcher(client_, (*client_)->watch_secrets(std::move(options)));
}

void BlockingModel::wait_until_removed(SecretRef secret, std::chrono::milliseconds limit)
{
    client_->run((*client_)->wait_until_removed(std::move(secret), limit));
}

void BlockingModel::wait_until_pruned(SecretRef secret, std::chrono::milliseconds limit)
{
    client_->run((*client_)->wait_until_pruned(std::move(secret), limit));
}

std::string BlockingModel::get_secret_backend()
{
    return client_->run((*client_)->get_secret_backend());
}

void BlockingModel::set_secret_backend(std::string name)
{
    client_->run((*client_)->set_secret_backend(std::move(name)));
}

std::string BlockingModel::call(std::string facade, std::string request, std::string params_json)
{
    return client_->run((*client_)->call(std::move(facade), std::move(request), std::move(params_json)));
}

std::string BlockingModel::call(std::string facade, int version, std::string request, std::string params_json)
{
    return client_->run((*client_)->call(std::move(facade), version, std::move(request), std::move(params_json)));
}

std::map<std::string, std::vector<int>> BlockingModel::facades() const
{
    return (*client_)->facades();
}

BlockingSecretsManager& BlockingModel::secrets_manager() noexcept
{
    return *secrets_manager_;
}

void BlockingModel::run_work(std::function<asio::awaitable<void>(Model&)> work)
{
    client_->run_work(work);
}

void detail::with_secret(BlockingModel& model, std::string name, SecretContent content, Applications applications, BlockingSecretBody body)
{
    auto& client = *model.client_;
    CallingThread caller;
    SecretBody body_there = [&](const SecretUri& uri) -> asio::awaitable<void> {
        std::function<void()> work = [&] { body(uri); };
        co_await caller.run(std::move(work));
    };
    client.run(caller, with_secret(*client, std::move(name), std::move(content), std::move(applications), std::move(body_there)));
}

} // namespace juju
