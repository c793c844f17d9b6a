#pragma once

#include <juju/applications.hpp>
#include <juju/connect_options.hpp>
#include <juju/error.hpp>
#include <juju/log.hpp>
#include <juju/model.hpp>
#include <juju/outcomes.hpp>
#include <juju/secret.hpp>
#include <juju/secret_content.hpp>
#include <juju/secret_draft.hpp>
#include <juju/secret_filter.hpp>
#include <juju/secret_removal.hpp>
#include <juju/secret_update.hpp>
#include <juju/secret_uri.hpp>
#include <juju/secret_value.hpp>
#include <juju/secrets_manager.hpp>
#include <juju/with_timeout.hpp>
