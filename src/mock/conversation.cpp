#include "mock/conversation.hpp"

#include "mock/facade_table.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace juju::mock {
namespace {

bool contains(const auto& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool allowed_during_upgrade(const World& world, std::string_view call)
{
    static constexpr std::array<std::string_view, 10> calls{
        "Client.FullStatus",        "Client.FindTools",    "Pinger.Ping",     "SSHClient.AllAddresses",
        "SSHClient.BestAPIVersion", "SSHClient.Leader",    "SSHClient.Proxy", "SSHClient.PublicAddress",
        "SSHClient.PrivateAddress", "SSHClient.PublicKeys"};
    return contains(calls, call) || (world.is_3_6() && call == "Client.AbortCurrentUpgrade");
}

bool allowed_during_export(std::string_view call)
{
    static constexpr std::array<std::string_view, 11> calls{"Client.FullStatus",        "Pinger.Ping",
                                                            "SSHClient.AllAddresses",   "SSHClient.BestAPIVersion",
                                                            "SSHClient.PrivateAddress", "SSHClient.Proxy",
                                                            "SSHClient.PublicAddress",  "SSHClient.PublicKeys",
                                                            "Storage.ListFilesystems",  "Storage.ListStorageDetails",
                                                            "Storage.ListVolumes"};
    return contains(calls, call);
}

} // namespace

Conversation::Conversation(World& world, Target target, std::string model_uuid, std::string host)
    : world_(world), target_(target), model_uuid_(std::move(model_uuid)), host_(std::move(host))
{
}

std::vector<std::string> Conversation::handle(const Request& request, const ItemFaults& item_faults)
{
    try {
        return respond(request, item_faults);
    } catch (const Failure& failure) {
        return failed(request, failure);
    }
}

std::vector<std::string> Conversation::continue_waiting()
{
    if (!waiting_) {
        return {};
    }
    const Request request = std::move(*waiting_);
    waiting_.reset();
    return handle(request, {});
}

/// Where JAAS passes a model's messages on, its own refusals have no `response`.
std::vector<std::string> Conversation::failed(const Request& request, const Failure& failure) const
{
    std::string text = failure_text(request, failure);
    if (world_.logins.jaas && target_ != Target::controller && !caller_) {
        Json reply = parse_first(text).value_or(Json::object());
        reply.erase("response");
        text = go_json(reply);
    }
    return {text};
}

std::vector<std::string> Conversation::respond(const Request& request, const ItemFaults& item_faults)
{
    if (target_ == Target::unknown_model) {
        ended_ = world_.logins.jaas;
        throw world_.logins.jaas ? Failure("model not found", "not found")
                                 : Failure("unknown model: " + go_quoted(model_uuid_), "model not found");
    }
    const bool gone = target_ == Target::model && world_.network.model_gone;
    if (!caller_ && gone && !world_.network.redirect) {
        throw Failure("unknown model: " + go_quoted(model_uuid_), "model not found");
    }
    if (caller_ && gone && request.type != "Pinger") {
        throw Failure("model not found", "model not found");
    }
    if (!caller_) {
        return world_.logins.jaas ? respond_as_jaas(request) : std::vector{reply_text(request, respond_before_login(request))};
    }
    const bool on_model = target_ == Target::model;
    check_connection_kind(world_, on_model, request.type);
    check_restrictions(request);
    check_facade(world_, on_model, request.type, request.version);
    if (world_.is_3_6() && AllWatchers::concerns(request)) {
        return all_watchers_.handle(world_, request);
    }
    const Call call{world_, *caller_, request.version, request.method, request.params, item_faults};
    return {reply_text(request, request.type == "Secrets" ? call_secrets(call) : call_other_facade(call, request.type))};
}

std::vector<std::string> Conversation::respond_as_jaas(const Request& request)
{
    if (request.type != "Admin") {
        throw unknown_facade(world_, request.type, request.version);
    }
    const auto reply = jaas_login_.handle(world_, target_ == Target::model, request);
    if (!reply) {
        waiting_ = request;
        return {};
    }
    return {reply_text(request, finish_login(*reply))};
}

Json Conversation::respond_before_login(const Request& request)
{
    if (request.type != "Admin") {
        throw unknown_facade(world_, request.type, request.version);
    }
    if (request.version != 3) {
        throw Failure("this version of Juju does not support login from old clients (not supported)", "not supported");
    }
    if (!request.object_id.empty()) {
        throw Failure("id not found", "not found");
    }
    if (request.method == "Login") {
        if (stuck_) {
            throw Failure("already logged in");
        }
        return finish_login(mock::log_in(world_, target_ == Target::model, host_, request.params));
    }
    if (request.method == "RedirectInfo") {
        if (target_ == Target::model && world_.network.redirect && world_.network.redirect->jaas_style()) {
            return redirect_info(*world_.network.redirect);
        }
        throw Failure("not redirected");
    }
    throw unknown_method(world_, "Admin", 0, request.method);
}

Json Conversation::finish_login(const LoginAttempt& attempt)
{
    if (attempt.refusal) {
        stuck_ = attempt.late;
        throw Failure(*attempt.refusal);
    }
    if (attempt.accepted) {
        caller_ = attempt.caller;
        const bool user = !caller_->user.empty() && attempt.by_tag;
        restrictions_ = {world_.upgrading, user && world_.migrating, user && world_.importing};
    }
    return attempt.response;
}

void Conversation::check_restrictions(const Request& request) const
{
    const std::string call = request.type + '.' + request.method;
    if (restrictions_.upgrading && !allowed_during_upgrade(world_, call)) {
        throw Failure("upgrade in progress", "upgrade in progress");
    }
    if (target_ != Target::model) {
        return;
    }
    if (restrictions_.importing) {
        throw Failure("migration in progress, model is importing");
    }
    if (restrictions_.migrating && !allowed_during_export(call)) {
        throw Failure("model migration in progress");
    }
}

} // namespace juju::mock
