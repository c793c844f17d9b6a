#include "login/discharge.hpp"

#include "connection/strand_hop.hpp"
#include "log.hpp"
#include "macaroons/bakery.hpp"
#include "macaroons/discharge_messages.hpp"
#include "macaroons/members.hpp"
#include "reworded.hpp"
#include "transport/url.hpp"
#include "wire/json.hpp"
#include "wire/printable.hpp"

#include <juju/with_timeout.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

namespace juju::login {
namespace {

namespace asio = boost::asio;
using macaroons::BakeryMacaroon;
using macaroons::Caveat;
using macaroons::Interaction;
using macaroons::Macaroon;
using macaroons::Token;
using transport::HttpsReply;
using transport::HttpsRequest;
using transport::Url;

/// Far above what any identity provider needs.
constexpr std::size_t max_discharges = 20;

constexpr const char* form_type = "application/x-www-form-urlencoded";
constexpr const char* json_type = "application/json";

Error failure_at(const std::string& location, errc code, const std::string& why)
{
    detail::ErrorDetails details("Admin.Login: cannot get discharge from \"" + wire::printable(location) + "\": " + why);
    details.request = "Admin.Login";
    details.outcome = Outcome::rejected;
    details.connection_usable = false;
    return Error(make_error_code(code), std::move(details));
}

/// What an exchange with the third party has failed with. Only a refused password and a cancellation keep their code: any other means no
/// more than that there is no discharge.
Error failed_at(const std::string& location, const Error& error)
{
    if (error.code() == errc::canceled || error.code() == asio::error::operation_aborted)
        return error;
    return failure_at(location, error.code() == errc::login_failed ? errc::login_failed : errc::discharge_failed, error.what());
}

/// `element` as the last of the URL's path.
std::string below(const std::string& url, const char* element)
{
    return url + (url.ends_with('/') ? "" : "/") + element;
}

std::string text_of(const Url& url)
{
    constexpr std::string_view default_port = ":443";
    auto authority = url.authority();
    if (authority.ends_with(default_port))
        authority.resize(authority.size() - default_port.size());
    return "https://" + authority + url.target;
}

HttpsRequest make_request(const char* method, Url url, const char* content_type, WipingString body)
{
    HttpsRequest request;
    request.method = method;
    request.url = std::move(url);
    request.content_type = content_type;
    request.body = std::move(body);
    request.headers.emplace_back("Bakery-Protocol-Version", "3");
    return request;
}

/// A third-party caveat of a macaroon that has come.
struct Pending {
    Pending(Caveat which, const WipingString* beside) : caveat(std::move(which))
    {
        if (beside != nullptr)
            data = *beside;
    }

    Caveat caveat;
    std::optional<WipingString> data; ///< what came beside the macaroon for it
};

class Discharging {
public:
    explicit Discharging(DischargeContext context) : context_(std::move(context)) {}

    asio::awaitable<Slice> run(wire::DischargeDemand demand)
    {
        const auto asked = parse(demand.macaroon);
        enqueue(asked);
        std::vector<Macaroon> discharges;
        while (!queue_.empty()) {
            const auto pending = std::move(queue_.front());
            queue_.pop_front();
            if (discharges.size() == max_discharges)
                throw failure_at(pending.caveat.location, errc::discharge_failed,
                                 "the login asks for more than " + std::to_string(max_discharges) + " discharges");
            auto getting = get(pending);
            const auto discharge = co_await std::move(getting);
            enqueue(discharge);
            discharges.push_back(discharge.macaroon());
        }
        co_return slice_of(asked.macaroon(), discharges);
    }

private:
    static BakeryMacaroon parse(const WipingString& text)
    {
        try {
            if (text.size() > macaroons::max_macaroon_bytes)
                macaroons::fail_malformed("it has more than 64 KiB");
            return BakeryMacaroon::parse(wire::parse_json(text));
        } catch (const Error& error) {
            detail::ErrorDetails details(std::string("Admin.Login: ") + error.what());
            details.request = "Admin.Login";
            details.outcome = Outcome::unknown;
            details.connection_usable = false;
            throw Error(error.code(), std::move(details));
        }
    }

    void enqueue(const BakeryMacaroon& macaroon)
    {
        for (const auto& caveat : macaroon.macaroon().caveats()) {
            if (caveat.verification_id)
                queue_.emplace_back(caveat, macaroon.caveat_data(caveat.id));
        }
    }

    static Slice slice_of(const Macaroon& primary, const std::vector<Macaroon>& discharges)
    {
        Slice slice;
        slice.cookie_name = primary.cookie_name();
        slice.expiry = primary.expiry();
        WipingString json = "[";
        json += primary.json();
        for (const auto& discharge : discharges) {
            json += ',';
            json += discharge.bound_to(primary).json();
            const auto expiry = discharge.expiry();
            if (expiry && (!slice.expiry || *expiry < *slice.expiry))
                slice.expiry = expiry;
        }
        json += ']';
        slice.json = SecretValue(json);
        return slice;
    }

    asio::awaitable<BakeryMacaroon> get(const Pending& pending)
    {
        const auto& location = pending.caveat.location;
        log::debug("asking for a discharge from {}", wire::printable(location));
        auto asking = ask(pending, std::nullopt);
        auto first = co_await std::move(asking);
        if (first.macaroon)
            co_return std::move(*first.macaroon);
        const auto& interaction = *first.interaction;
        const bool by_password = interaction.userpass_url && context_.ask_password && !context_.user.empty();
        const bool by_visit = interaction.visit_url && interaction.wait_token_url && context_.visit_url;
        const bool by_old_visit = interaction.legacy_visit_url && interaction.legacy_wait_url && context_.visit_url;
        if (by_old_visit && !by_password && !by_visit) {
            auto visiting =
                visit_and_wait(location, *interaction.legacy_visit_url, *interaction.legacy_wait_url, macaroons::read_legacy_wait);
            auto macaroon = co_await std::move(visiting);
            co_return macaroon;
        }
        if (!by_password && !by_visit)
            throw not_possible(location, interaction);
        std::optional<Token> token;
        if (by_password) {
            auto submitting = submit_password(location, *interaction.userpass_url);
            token = co_await std::move(submitting);
        } else {
            auto visiting = visit_and_wait(location, *interaction.visit_url, *interaction.wait_token_url, macaroons::read_wait_token);
            token = co_await std::move(visiting);
        }
        auto again = ask(pending, std::move(token));
        auto second = co_await std::move(again);
        if (!second.macaroon)
            throw failure_at(location, errc::discharge_failed, "it asks again who logs in, after it was told");
        co_return std::move(*second.macaroon);
    }

    asio::awaitable<macaroons::DischargeAnswer> ask(const Pending& pending, std::optional<Token> token)
    {
        const auto& location = pending.caveat.location;
        auto form = macaroons::discharge_form(pending.caveat, pending.data ? &*pending.data : nullptr, token);
        auto request = make_request("POST", url_at(location, "discharge"), form_type, std::move(form));
        return exchange(location, std::move(request), macaroons::read_discharge);
    }

    asio::awaitable<Token> submit_password(std::string location, std::string form)
    {
        const auto url = resolved(location, form);
        if (url.authority() != url_at(location, "").authority())
            throw failure_at(location, errc::discharge_failed, "its form for passwords is on another host");
        WipingString body;
        {
            auto asking = connection::run_on(asio::make_strand(context_.user_executor), context_.ask_password(context_.user));
            const auto password = co_await std::move(asking);
            body = macaroons::userpass_form(context_.user, password);
        }
        auto request = make_request("POST", url, json_type, std::move(body));
        auto submitting = exchange(std::move(location), std::move(request), macaroons::read_userpass_token);
        auto token = co_await std::move(submitting);
        co_return token;
    }

    /// Has a human log in on a page, and waits for what comes of it.
    template <class T>
    asio::awaitable<T> visit_and_wait(std::string location, std::string page, std::string wait, T (*read)(int, std::string_view))
    {
        const auto visit = text_of(resolved(location, page)) + fragment_of(location, page);
        auto request = make_request("GET", resolved(location, wait), "", WipingString());
        auto visiting = connection::run_on(asio::make_strand(context_.user_executor), context_.visit_url(visit));
        co_await std::move(visiting);
        auto waiting = exchange(std::move(location), std::move(request), read);
        auto result = co_await std::move(waiting);
        co_return result;
    }

    /// Sends a request and reads its reply.
    template <class T>
    asio::awaitable<T> exchange(std::string location, HttpsRequest request, T (*read)(int, std::string_view))
    {
        std::optional<Error> failure;
        try {
            auto asking = with_timeout(context_.limit, context_.https(std::move(request)));
            const auto reply = co_await std::move(asking);
            co_return read(reply.status, reply.body);
        } catch (const Error& error) {
            failure = failed_at(location, error);
        }
        throw *failure;
    }

    static Url url_at(const std::string& location, const char* element)
    {
        try {
            return Url::parse(below(location, element));
        } catch (const Error& error) {
            throw failed_at(location, error);
        }
    }

    /// Relative to the location as a folder.
    static Url resolved(const std::string& location, const std::string& reference)
    {
        try {
            return Url::parse(below(location, "")).resolve(reference);
        } catch (const Error& error) {
            throw failed_at(location, error);
        }
    }

    /// What a browser keeps for itself, with its `#`; empty when there is none.
    static std::string fragment_of(const std::string& location, const std::string& page)
    {
        auto fragment = page.substr(std::min(page.find('#'), page.size()));
        const auto is_allowed = [](char c) {
            return c > ' ' && c < 0x7f && std::string_view("\\\"<>^`{|}").find(c) == std::string_view::npos;
        };
        if (!std::ranges::all_of(fragment, is_allowed))
            throw failure_at(location, errc::discharge_failed, "the page's URL holds a character that is not allowed");
        return fragment;
    }

    /// Says what was asked for, and which option could have helped.
    Error not_possible(const std::string& location, const Interaction& asked) const
    {
        const bool wants_visit = (asked.visit_url && asked.wait_token_url) || (asked.legacy_visit_url && asked.legacy_wait_url);
        std::string why;
        if (asked.userpass_url && !context_.user.empty())
            why = "it asks for the user's password; set ConnectOptions::ask_password";
        if (wants_visit)
            why += std::string(why.empty() ? "it asks" : ", or") + " to log in on a page; set ConnectOptions::visit_url";
        if (why.empty() && asked.userpass_url)
            why = "it asks for the password of a local user; set ConnectOptions::username and ask_password";
        if (why.empty()) {
            std::string names;
            for (const auto& name : asked.methods)
                names += (names.empty() ? "" : ", ") + wire::printable(name);
            why = "no supported interaction method (it offers: " + (names.empty() ? "none" : names) + ')';
        }
        return failure_at(location, errc::discharge_required, why + ", or run \"juju login\"");
    }

    DischargeContext context_;
    std::deque<Pending> queue_;
};

} // namespace

asio::awaitable<Slice> discharge(wire::DischargeDemand demand, DischargeContext context)
{
    Discharging discharging(std::move(context));
    auto running = discharging.run(std::move(demand));
    auto slice = co_await std::move(running);
    co_return slice;
}

} // namespace juju::login
