#include <juju/model.hpp>

#include "connection/connection.hpp"
#include "operations/call.hpp"
#include "operations/ensure.hpp"
#include "operations/model_backend.hpp"
#include "operations/one_secret.hpp"
#include "operations/rotate.hpp"
#include "operations/run.hpp"
#include "operations/wait.hpp"

#include <optional>
#include <utility>

namespace juju {

namespace asio = boost::asio;
using operations::all;
using operations::filter_for;
using operations::get_one;
using operations::only;
using operations::revealed;
using operations::run;

Model::Model(asio::any_io_executor executor)
    : connection_(std::make_shared<detail::Connection>(std::move(executor), login::Target::model)),
      secrets_manager_(new SecretsManager(connection_))
{
}

Model::Model(Model&&) noexcept = default;

Model& Model::operator=(Model&& other) noexcept
{
    std::swap(connection_, other.connection_);
    std::swap(secrets_manager_, other.secrets_manager_);
    return *this;
}

Model::~Model()
{
    if (connection_)
        connection_->shutdown();
}

asio::any_io_executor Model::get_executor() const
{
    return connection_->executor();
}

asio::awaitable<void> Model::connect()
{
    return connect(ConnectOptions());
}

asio::awaitable<void> Model::connect(std::string model)
{
    return connect(ConnectOptions().model(std::move(model)));
}

asio::awaitable<void> Model::connect(ConnectOptions options)
{
    return detail::Connection::connect(connection_, std::move(options));
}

asio::awaitable<void> Model::disconnect()
{
    return detail::Connection::disconnect(connection_);
}

bool Model::is_connected() const noexcept
{
    return connection_->is_connected();
}

std::string Model::diagnostics() const
{
    return connection_->diagnostics();
}

asio::awaitable<SecretUri> Model::add_secret(std::string name, SecretContent content, std::string info)
{
    SecretDraft draft(std::move(name), std::move(content));
    draft.info(std::move(info));
    std::vector<SecretDraft> drafts;
    drafts.push_back(std::move(draft));
    return only(secrets_manager_->create(std::move(drafts)));
}

asio::awaitable<std::vector<Secret>> Model::list_secrets(SecretFilter filter)
{
    return secrets_manager_->list(std::move(filter));
}

asio::awaitable<Secret> Model::get_secret(SecretRef secret)
{
    return get_one(secrets_manager_->list(filter_for(secret)), secret);
}

asio::awaitable<Secret> Model::reveal_secret(SecretRef secret)
{
    return revealed(get_one(secrets_manager_->list(filter_for(secret).show_secrets(true)), secret));
}

asio::awaitable<Secret> Model::reveal_secret(SecretRef secret, int revision)
{
    return revealed(operations::reveal_revision(connection_, std::move(secret), revision));
}

asio::awaitable<void> Model::grant_secret(SecretRef secret, Applications applications)
{
    return all(secrets_manager_->grant(std::move(secret), std::move(applications)));
}

asio::awaitable<void> Model::revoke_secret(SecretRef secret, Applications applications)
{
    return all(secrets_manager_->revoke(std::move(secret), std::move(applications)));
}

asio::awaitable<void> Model::update_secret(SecretRef secret, SecretUpdate update)
{
    std::vector<std::pair<SecretRef, SecretUpdate>> updates;
    updates.emplace_back(std::move(secret), std::move(update));
    return only(secrets_manager_->update(std::move(updates)));
}

asio::awaitable<void> Model::remove_secret(SecretRef secret)
{
    std::vector<SecretRemoval> removals;
    removals.push_back(SecretRemoval::all(std::move(secret)));
    return only(secrets_manager_->remove(std::move(removals)));
}

asio::awaitable<void> Model::remove_secret(SecretRef secret, int revision)
{
    std::vector<SecretRemoval> removals;
    removals.emplace_back(std::move(secret), std::vector<int>(1, revision));
    return only(secrets_manager_->remove(std::move(removals)));
}

asio::awaitable<EnsureResult> Model::ensure_secret(std::string name, SecretContent content, EnsureOptions options)
{
    return run(connection_, operations::ensure(connection_, std::move(name), std::move(content), std::move(options)));
}

asio::awaitable<std::optional<bool>> Model::secret_matches(SecretRef secret, SecretContent content)
{
    return run(connection_, operations::secret_matches(connection_, std::move(secret), std::move(content)));
}

asio::awaitable<RotateResult> Model::rotate_secret(SecretRef secret, SecretContent content, RotateCheck check, RotateOptions options)
{
    return operations::rotate(connection_, std::move(secret), std::move(content), std::move(check), options);
}

SecretWatcher Model::watch_secrets(WatchOptions options)
{
    return SecretWatcher(connection_, std::move(options));
}

asio::awaitable<void> Model::wait_until_removed(SecretRef secret, std::chrono::milliseconds limit)
{
    return run(connection_, operations::wait_until_removed(connection_, std::move(secret), limit));
}

asio::awaitable<void> Model::wait_until_pruned(SecretRef secret, std::chrono::milliseconds limit)
{
    return run(connection_, operations::wait_until_pruned(connection_, std::move(secret), limit));
}

asio::awaitable<std::string> Model::get_secret_backend()
{
    return run(connection_, operations::get_secret_backend(connection_));
}

asio::awaitable<void> Model::set_secret_backend(std::string name)
{
    return run(connection_, operations::set_secret_backend(connection_, std::move(name)));
}

asio::awaitable<std::string> Model::call(std::string facade, std::string request, std::string params_json)
{
    return run(connection_, operations::call(connection_, std::move(facade), std::nullopt, std::move(request), std::move(params_json)));
}

asio::awaitable<std::string> Model::call(std::string facade, int version, std::string request, std::string params_json)
{
    return run(connection_, operations::call(connection_, std::move(facade), version, std::move(request), std::move(params_json)));
}

std::map<std::string, std::vector<int>> Model::facades() const
{
    return connection_->facades();
}

SecretsManager& Model::secrets_manager() noexcept
{
    return *secrets_manager_;
}

} // namespace juju
