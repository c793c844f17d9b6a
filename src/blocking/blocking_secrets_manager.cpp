#include <juju/blocking_model.hpp>

#include "blocking/blocking_client.hpp"

#include <juju/model.hpp>

#include <utility>

namespace juju {

Outcomes<SecretUri> BlockingSecretsManager::create(std::vector<SecretDraft> drafts)
{
    return client_.run(client_->secrets_manager().create(std::move(drafts)));
}

Outcomes<void> BlockingSecretsManager::update(std::vector<std::pair<SecretRef, SecretUpdate>> updates)
{
    return client_.run(client_->secrets_manager().update(std::move(updates)));
}

Outcomes<void> BlockingSecretsManager::remove(std::vector<SecretRemoval> removals)
{
    return client_.run(client_->secrets_manager().remove(std::move(removals)));
}

Outcomes<void> BlockingSecretsManager::grant(SecretRef secret, Applications applications)
{
    return client_.run(client_->secrets_manager().grant(std::move(secret), std::move(applications)));
}

Outcomes<void> BlockingSecretsManager::revoke(SecretRef secret, Applications applications)
{
    return client_.run(client_->secrets_manager().revoke(std::move(secret), std::move(applications)));
}

std::vector<Secret> BlockingSecretsManager::list(SecretFilter filter)
{
    return client_.run(client_->secrets_manager().list(std::move(filter)));
}

} // namespace juju
