#include "mock/call.hpp"
#include "mock/go_struct.hpp"
#include "mock/names.hpp"

#include <algorithm>

namespace juju::mock {
namespace {

struct Request {
    Uri uri;
    std::vector<std::string> applications;
};

/// Everything that is checked before the first application.
Request read_request(const Call& call)
{
    const GoStruct args = GoStruct::params(call.params, "GrantRevokeUserSecretArg");
    const std::string uri = args.text("uri");
    const std::string label = args.text("label");
    std::vector<std::string> applications = args.texts("applications");
    if (uri.empty() && label.empty()) {
        throw Failure("must specify either URI or name");
    }
    check_write(call);
    return {uri.empty() ? Uri{"", user_secret_named(call.world, label).id} : parse_uri(uri), std::move(applications)};
}

Failure wrapped(const Uri& uri, const std::string& application, const Failure& cause)
{
    return Failure("cannot change access to " + go_quoted(uri.text()) + " for " + go_quoted(application) + ": " + cause.message(),
                   cause.code());
}

bool is_foreign(const World& world, const Uri& uri)
{
    return !uri.source.empty() && uri.source != world.store.model_uuid();
}

void check_subject_3_6(const World& world, const std::string& application)
{
    if (!is_application_name(application)) {
        throw Failure("invalid subject reference: " + go_quoted(application) + " is not a valid application name");
    }
    const auto kind = world.find_application(application);
    if (!kind) {
        throw Failure("invalid subject reference: saas application " + go_quoted(application) + " not found", "not found");
    }
    if (*kind == MockApplication::consumed) {
        throw Failure("sharing consumer secrets across a cross model relation not supported", "not supported");
    }
    if (*kind == MockApplication::dying) {
        throw Failure("cannot grant dying \"application-" + application + "\" access to secret");
    }
}

/// The secret, for 4.0's checks of one application.
MockSecret& managed_4_0(World& world, const Uri& uri, const std::string& application)
{
    if (is_foreign(world, uri)) {
        throw Failure("secret is from a different model");
    }
    MockSecret* secret = world.store.find(uri.id);
    if (secret == nullptr) {
        throw Failure("secret not found", "secret not found");
    }
    if (!world.store.is_user_secret(*secret)) {
        throw Failure(go_quoted(world.store.model_uuid()) + " is not allowed to manage this secret", "unauthorized access");
    }
    if (!world.find_application(application)) {
        throw Failure("application " + go_quoted(application) + " not found");
    }
    return *secret;
}

void grant_one(World& world, const Uri& uri, const std::string& application)
{
    if (world.is_3_6()) {
        check_subject_3_6(world, application);
    }
    MockSecret* secret = world.is_3_6() ? world.store.find(uri.id) : &managed_4_0(world, uri, application);
    if (secret == nullptr) {
        throw Failure("secret " + go_quoted(uri.text()) + " not found", "not found");
    }
    if (world.is_3_6() && is_foreign(world, uri)) {
        return; // stored under a key that nothing reads
    }
    const std::string tag = "application-" + application;
    const std::string scope = world.store.model_tag();
    const auto present =
        std::find_if(secret->grants.begin(), secret->grants.end(), [&](const MockGrant& grant) { return grant.target_tag == tag; });
    if (present == secret->grants.end()) {
        secret->grants.push_back(MockGrant(tag, scope));
    } else if (present->scope_tag != scope) {
        throw Failure("cannot change secret permission scope");
    }
}

void revoke_one(World& world, const Uri& uri, const std::string& application)
{
    MockSecret* secret = world.is_3_6() ? world.store.find(uri.id) : &managed_4_0(world, uri, application);
    if (secret != nullptr && !is_foreign(world, uri)) {
        std::erase_if(secret->grants, [&](const MockGrant& grant) { return grant.target_tag == "application-" + application; });
    }
}

Json change_access(const Call& call, void (*change)(World&, const Uri&, const std::string&))
{
    const Request request = read_request(call);
    return bulk_results(call, request.applications.size(), [&](std::size_t i) {
        try {
            change(call.world, request.uri, request.applications[i]);
        } catch (const Failure& failure) {
            throw wrapped(request.uri, request.applications[i], failure);
        }
        return Json::object();
    });
}

} // namespace

Json grant_secret(const Call& call)
{
    return change_access(call, grant_one);
}

Json revoke_secret(const Call& call)
{
    return change_access(call, revoke_one);
}

} // namespace juju::mock
