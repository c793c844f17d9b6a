#include "connection/establish.hpp"

#include "local_error.hpp"
#include "log.hpp"
#include "login/when_unlocked.hpp"
#include "login/write_back.hpp"
#include "reworded.hpp"
#include "store/choose.hpp"
#include "wire/model_list.hpp"
#include "wire/printable.hpp"
#include "wire/tags.hpp"

#include <algorithm>
#include <utility>

namespace juju::connection {
namespace {

namespace asio = boost::asio;
using transport::Endpoint;

/// "lxd:admin/web", as the juju command names a model.
std::string full_name(const login::Plan& plan)
{
    return (plan.store ? plan.store->controller + ':' : std::string()) + plan.model;
}

std::string joined(const std::vector<Endpoint>& endpoints)
{
    std::string text;
    for (const auto& endpoint : endpoints)
        text += (text.empty() ? "" : ", ") + endpoint.authority() + endpoint.prefix;
    return text;
}

bool contains(const std::vector<Endpoint>& endpoints, const Endpoint& endpoint)
{
    return std::ranges::any_of(
        endpoints, [&](const Endpoint& known) { return known.authority() == endpoint.authority() && known.prefix == endpoint.prefix; });
}

void put_first(std::vector<Endpoint>& endpoints, const std::vector<Endpoint>& preferred)
{
    auto all = preferred;
    for (const auto& endpoint : endpoints) {
        if (!contains(all, endpoint))
            all.push_back(endpoint);
    }
    endpoints = std::move(all);
}

/// The addresses that a client can use, as Juju's own takes them over (client-store 7.3).
std::vector<Endpoint> usable(const std::vector<std::vector<wire::HostPort>>& servers)
{
    std::vector<Endpoint> endpoints;
    for (const auto& node : servers) {
        for (const auto& address : node) {
            if (address.scope == "local-machine" || address.scope == "link-local")
                continue;
            Endpoint endpoint;
            endpoint.host = address.value;
            endpoint.port = std::to_string(address.port);
            if (!contains(endpoints, endpoint))
                endpoints.push_back(std::move(endpoint));
        }
    }
    return endpoints;
}

/// One `connect`, from the options to a login.
class Establishing {
public:
    Establishing(DialContext context, login::Target target, KnownAddresses known, std::shared_ptr<Progress> progress)
        : context_(std::move(context)), target_(target), known_(std::move(known)), progress_(std::move(progress))
    {
    }

    asio::awaitable<Established> run()
    {
        progress_->step = "the client store";
        login::Plan plan;
        auto planning = login::when_unlocked([&] { plan = login::make_plan(context_.options, target_, store::Environment::of_process()); },
                                             login::store_lock_limit);
        co_await std::move(planning);
        if (plan.tls.skip_verification)
            log::warn("certificates are not verified (ConnectOptions::insecure_skip_verification): anybody on the way can read everything");
        if (plan.port_forward)
            co_await forward_port(plan);
        const auto given = joined(plan.endpoints);
        if (given == known_.from)
            put_first(plan.endpoints, known_.endpoints);
        known_.from = given;
        const bool was_cached = !plan.model.empty() && !plan.model_uuid.empty();
        if (plan.model_uuid.empty() && target_ == login::Target::model)
            co_await look_up(plan);
        auto logging_in = log_in(std::move(plan), was_cached);
        co_return co_await std::move(logging_in);
    }

    asio::awaitable<Established> run_again(login::Plan plan)
    {
        plan.credentials.renewal = std::make_shared<login::Renewal>();
        if (plan.port_forward)
            co_await forward_port(plan);
        else
            put_first(plan.endpoints, known_.endpoints);
        auto logging_in = log_in(std::move(plan), false);
        co_return co_await std::move(logging_in);
    }

private:
    asio::awaitable<Established> log_in(login::Plan plan, bool was_cached)
    {
        auto opening = open(plan, was_cached);
        auto logged_in = co_await std::move(opening);
        int redirects = 0;
        while (logged_in.redirection) {
            if (++redirects > 1)
                throw loop(*logged_in.redirection);
            follow(plan, logged_in);
            auto next = dial_plan(plan);
            logged_in = co_await std::move(next);
        }
        if (forward_)
            logged_in.session->keep(std::move(forward_));
        if (!logged_in.result.new_session_token)
            logged_in.result.new_session_token = token_of_lookup_;
        if (plan.store && context_.options.update_store()) {
            co_await asio::this_coro::throw_if_cancelled(false); // a session that nobody gets would stay
            auto writing = login::write_back(plan, logged_in.result, logged_in.endpoint, logged_in.ip, listed_);
            co_await std::move(writing);
        }
        login::remember(plan.credentials, logged_in.result);

        Established result;
        result.known.from = known_.from;
        result.known.endpoints = usable(logged_in.result.login.servers);
        if (redirects > 0 || plan.port_forward || result.known.endpoints.empty())
            result.known = KnownAddresses();
        else
            put_first_connected(result.known.endpoints, logged_in.endpoint);
        result.logged_in = std::move(logged_in);
        result.plan = std::move(plan);
        co_return result;
    }

    /// The way into a Kubernetes cluster stays open as long as the session.
    asio::awaitable<void> forward_port(login::Plan& plan)
    {
        progress_->step = "a port of the Kubernetes cluster";
        std::optional<Error> failure;
        try {
            auto opening = transport::open_port_forward(context_.strand, *plan.port_forward);
            auto forward = co_await std::move(opening);
            plan.endpoints.assign(1, forward.local);
            forward_ = std::move(forward.handle);
        } catch (const Error& error) {
            failure = error;
        }
        if (failure)
            throw Error(failure->code(), detail::reworded(*failure, "controller " + wire::printable(plan.store->controller) +
                                                                        " is inside of a Kubernetes cluster: " + failure->what()));
    }

    /// Where the client store names a UUID that the controller does not know any more, the name is looked up again, once.
    asio::awaitable<LoggedIn> open(login::Plan& plan, bool was_cached)
    {
        std::optional<Error> failure;
        try {
            auto dialling = dial_plan(plan);
            co_return co_await std::move(dialling);
        } catch (const Error& error) {
            failure = error;
        }
        if (failure->code() != errc::model_not_found || !was_cached)
            throw *failure;
        const auto stale = std::exchange(plan.model_uuid, std::string());
        co_await look_up(plan);
        if (plan.model_uuid == stale)
            throw *failure;
        auto dialling = dial_plan(plan);
        co_return co_await std::move(dialling);
    }

    asio::awaitable<LoggedIn> dial_plan(const login::Plan& plan)
    {
        progress_->step = "a connection";
        auto report = std::make_shared<transport::DialReport>();
        progress_->reports.push_back(report);
        return dial(context_, plan, std::move(report));
    }

    /// Asks the controller for its models (client-store 2.4).
    asio::awaitable<void> look_up(login::Plan& plan)
    {
        auto controller = plan;
        controller.target = login::Target::controller;
        controller.model.clear();
        std::optional<Error> failure;
        try {
            auto asking = list_models(controller);
            co_await std::move(asking);
        } catch (const Error& error) {
            failure = error;
        }
        if (failure)
            throw Error(failure->code(), detail::reworded(*failure, "looking up model " + wire::printable(full_name(plan)) +
                                                                        ": refreshing models: " + failure->what()));
        plan.credentials = controller.credentials;
        const auto found = store::find_model(listed_, plan.model, user_);
        if (!found)
            throw detail::local_error(errc::model_not_found, "model " + wire::printable(qualified(plan)) + " not found");
        plan.model_uuid = found->uuid;
    }

    std::string qualified(const login::Plan& plan) const
    {
        const bool has_owner = plan.model.find('/') != std::string::npos;
        const std::string controller = plan.store ? plan.store->controller + ':' : std::string();
        return controller + (has_owner ? plan.model : user_ + '/' + plan.model);
    }

    asio::awaitable<void> list_models(login::Plan& controller)
    {
        auto dialling = dial_plan(controller);
        auto logged_in = co_await std::move(dialling);
        if (logged_in.redirection)
            throw *logged_in.redirection;
        std::exception_ptr failure;
        try {
            auto asking = ask_for_models(controller, logged_in);
            co_await std::move(asking);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            logged_in.session->abort(Error(make_error_code(errc::connection_lost), detail::ErrorDetails("the models cannot be had")));
            std::rethrow_exception(failure);
        }
        const Error done(make_error_code(errc::connection_lost), detail::ErrorDetails("the models are known"));
        co_await logged_in.session->close(done);
    }

    asio::awaitable<void> ask_for_models(login::Plan& controller, LoggedIn& logged_in)
    {
        auto& login = logged_in.result.login;
        const auto version = login.facades.best_version("ModelManager", wire::known_model_manager_version);
        if (!version)
            throw detail::local_error(errc::not_supported, "the controller offers no ModelManager to look up a model's name with");
        progress_->step = "the list of models";
        auto request = wire::list_models_request(*version, login.identity);
        auto reply = co_await logged_in.session->call(std::move(request), context_.options.connect_timeout());
        listed_.clear();
        for (auto& model : wire::decode_models(reply)) {
            store::Model entry;
            entry.name = std::move(model.name);
            entry.uuid = std::move(model.uuid);
            entry.type = std::move(model.type);
            listed_.push_back(std::move(entry));
        }
        user_ = wire::user_of_tag(login.identity).value_or("");
        login::remember(controller.credentials, logged_in.result);
        token_of_lookup_ = logged_in.result.new_session_token;
    }

    static Error loop(const Error& redirection)
    {
        return Error(
            make_error_code(errc::redirect_loop),
            detail::reworded(redirection, std::string("the controller that a redirection led to redirects again: ") + redirection.what()));
    }

    /// The plan for the controller that a redirection names.
    void follow(login::Plan& plan, const LoggedIn& logged_in)
    {
        const auto& redirection = *logged_in.redirection;
        const auto endpoints = usable(logged_in.redirect.servers);
        const auto refuse = [&](const std::string& why) {
            return Error(redirection.code(), detail::reworded(redirection, std::string(redirection.what()) + ": " + why));
        };
        if (endpoints.empty())
            throw refuse("the redirection names no address that can be used");
        if (logged_in.redirect.ca_cert.empty())
            throw refuse("the redirection to " + joined(endpoints) + " has no CA certificate, so it is not followed");
        if (!logged_in.redirect_is_anonymous && !context_.options.follow_migration())
            throw refuse("the model was migrated to the controller at " + joined(endpoints) +
                         "; log in there, or set ConnectOptions::follow_migration");
        log::info("redirected to {}", joined(endpoints));
        plan.endpoints = endpoints;
        plan.tls.ca_cert = logged_in.redirect.ca_cert;
        plan.tls.public_dns_name.clear();
        plan.dns_cache.clear();
        plan.port_forward.reset();
        forward_.reset();
        plan.store.reset();
        plan.credentials.renewal = std::make_shared<login::Renewal>(); // another controller has macaroons of its own
        if (!logged_in.redirect_is_anonymous)
            return;
        auto& login = plan.credentials;
        login.kind = login::Credentials::Kind::macaroons;
        login.user.clear();
        login.password = SecretValue();
    }

    static void put_first_connected(std::vector<Endpoint>& endpoints, const Endpoint& connected)
    {
        const std::vector<Endpoint> first(1, connected);
        put_first(endpoints, first);
    }

    DialContext context_;
    login::Target target_;
    KnownAddresses known_;
    std::shared_ptr<Progress> progress_;
    std::shared_ptr<void> forward_;              ///< of a port into a Kubernetes cluster
    std::optional<SecretValue> token_of_lookup_; ///< that a device login has brought while a model's name was looked up
    std::vector<store::Model> listed_;           ///< empty when the controller was not asked
    std::string user_;                           ///< who that was
};

} // namespace

asio::awaitable<Established> establish(DialContext context, login::Target target, KnownAddresses known, std::shared_ptr<Progress> progress)
{
    Establishing establishing(std::move(context), target, std::move(known), std::move(progress));
    auto running = establishing.run();
    co_return co_await std::move(running);
}

asio::awaitable<Established> establish_again(DialContext context, login::Plan plan, KnownAddresses known,
                                             std::shared_ptr<Progress> progress)
{
    Establishing establishing(std::move(context), plan.target, std::move(known), std::move(progress));
    auto running = establishing.run_again(std::move(plan));
    co_return co_await std::move(running);
}

} // namespace juju::connection
