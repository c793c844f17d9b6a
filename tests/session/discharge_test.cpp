// Logins that have macaroons discharged: what is sent to the controller and to third parties, in every way they can answer.

#include "login/login.hpp"
#include "session/session_fixture.hpp"

#include <juju/log.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <deque>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace asio = boost::asio;
namespace login = juju::login;
using juju::errc;
using juju::Outcome;
using juju::SecretValue;
using support::never;
using support::Task;
using namespace std::chrono_literals;

namespace {

constexpr const char* model_uuid = "0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01";

/// client-store 4.3: a macaroon that a controller has asked to discharge, the discharge, and the same bound to the macaroon.
const std::string primary =
    R"({"c":[{"i":"time-before 2026-08-21T09:30:00Z"},{"i64":"AwA","v64":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKiss)"
    R"(LS4vMDEyMzQ1Njc4OTo7PD0-P0BBQkNERUZH","l":"https://10.20.0.5:17070/auth"}],"l":"juju model 0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01",)"
    R"("i":"primary-id","s64":"PYCWTvTScnprd8ShBin9Cwhx1otvdoZIrNzBEvCNuc4"})";
const std::string discharge =
    R"({"c":[{"i":"declared username bob"},{"i":"time-before 2026-08-21T09:30:00Z"}],"i64":"AwA","s64":"A38-91XPtVQsqFr1VlqSTAm-N3pPr-0RgP_I8D02yzE"})";
const std::string bound =
    R"({"c":[{"i":"declared username bob"},{"i":"time-before 2026-08-21T09:30:00Z"}],"i64":"AwA","s64":"XIPltpeAxeohEhMjzk21K7hPQABAYhNQKyD64fyC93w"})";
const std::string cookie_name = "macaroon-3d80964ef4d2727a6b77c4a10629fd0b0871d68b6f768648acdcc112f08db9ce";

const std::string discharge_answer = R"({"Macaroon":{"m":)" + discharge + R"(,"v":3,"ns":"std:"}})";
const std::string wants_password = R"({"Code":"interaction required","Message":"cannot discharge: interaction required",)"
                                   R"("Info":{"InteractionMethods":{"juju_userpass":{"url":"/auth/form"}}}})";
const std::string token_answer = R"({"token":{"kind":"juju_userpass","value":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}})";

const std::string caveat_form = "id64=AwA&caveat64=A0h5cG90aGV0aWNhbC1lbmNyeXB0ZWQtY2F2ZWF0";
const std::string ask_controller =
    "POST 10.20.0.5:17070 /auth/discharge application/x-www-form-urlencoded Bakery-Protocol-Version: 3\n" + caveat_form;
const std::string tell_controller = ask_controller + "&token=0123456789abcdef01234567&token-kind=juju_userpass";
const std::string fill_form =
    R"(POST 10.20.0.5:17070 /auth/form application/json Bakery-Protocol-Version: 3
{"form":{"user":"bob","password":"hunter2"}})";

std::string login_line(int id, const std::string& tag, const std::string& slices)
{
    return R"({"request-id":)" + std::to_string(id) + R"(,"type":"Admin","version":3,"request":"Login","params":{"auth-tag":")" + tag +
           R"(","credentials":"","nonce":"","macaroons":[)" + slices + R"(],"bakery-version":3,"user-data":""}})";
}

/// What a controller answers that asks for a discharge of `macaroon`, which it can send bare as well.
std::string demand(int id, const std::string& macaroon, bool with_bare = true)
{
    return R"({"request-id":)" + std::to_string(id) + R"(,"response":{)" + (with_bare ? R"("discharge-required":)" + macaroon + ',' : "") +
           R"("bakery-discharge-required":{"m":)" + macaroon +
           R"(,"v":3,"cdata":{"AwA":"A0h5cG90aGV0aWNhbC1lbmNyeXB0ZWQtY2F2ZWF0"},"ns":"std:"},"discharge-required-error":"invalid login macaroon"}})";
}

std::string accepted(int id, const std::string& user = "bob")
{
    return R"({"request-id":)" + std::to_string(id) +
           R"(,"response":{"model-tag":"model-0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c01",)"
           R"("controller-tag":"controller-0b1f6a5c-8d3e-4c55-8a2b-1f0f3d8a7c99","user-info":{"identity":"user-)" +
           user + R"("},"facades":[],"server-version":"3.6.28"}})";
}

std::string with_location(std::string macaroon, const std::string& location)
{
    const std::string before = "https://10.20.0.5:17070/auth";
    return macaroon.replace(macaroon.find(before), before.size(), location);
}

asio::awaitable<void> wait_for_ever()
{
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

/// The third parties, and the human, in the hands of the test.
class Outside {
public:
    Outside() {}

    std::vector<std::string> requests; ///< METHOD AUTHORITY TARGET [TYPE] HEADERS, a line break, the body
    std::vector<std::string> asked;    ///< users whose password was asked for
    std::vector<std::string> visited;
    bool hangs = false; ///< when nothing is left to answer with

    void answer(int status, std::string body) { answers_.emplace_back(status, std::move(body)); }
    void fail(juju::Error error) { answers_.emplace_back(std::move(error)); }

    asio::awaitable<juju::transport::HttpsReply> exchange(juju::transport::HttpsRequest request)
    {
        std::string text = request.method + ' ' + request.url.authority() + ' ' + request.url.target;
        if (!request.content_type.empty())
            text += ' ' + request.content_type;
        for (const auto& [name, value] : request.headers)
            text += ' ' + name + ": " + value;
        requests.push_back(text + '\n' + std::string(request.body));
        if (answers_.empty() && hangs)
            co_await wait_for_ever();
        if (answers_.empty())
            throw std::logic_error("a request too many: " + requests.back());
        const auto answer = std::move(answers_.front());
        answers_.pop_front();
        if (answer.error)
            throw *answer.error;
        juju::transport::HttpsReply reply;
        reply.status = answer.status;
        reply.content_type = "application/json";
        reply.body = answer.body;
        co_return reply;
    }

private:
    struct Answer {
        Answer(int code, std::string text) : status(code), body(std::move(text)) {}
        explicit Answer(juju::Error what) : error(std::move(what)) {}

        int status = 0;
        std::string body;
        std::optional<juju::Error> error;
    };

    std::deque<Answer> answers_;
};

asio::awaitable<std::string> log_in(std::shared_ptr<juju::connection::Session> session, login::Credentials credentials,
                                    asio::any_io_executor user, login::Limits limits, login::Https https,
                                    std::shared_ptr<login::Result> result)
{
    auto login = login::log_in(std::move(session), std::move(credentials), model_uuid, std::move(user), limits, std::move(https));
    auto done = co_await std::move(login);
    *result = std::move(done);
    co_return result->login.identity;
}

class DischargeTest : public support::SessionTest {
protected:
    DischargeTest()
    {
        juju::set_log_sink([this](juju::LogLevel, std::string_view line) { (log += line) += '\n'; }, juju::LogLevel::debug);
        credentials.kind = login::Credentials::Kind::macaroons;
        credentials.user = "bob";
        start();
    }

    ~DischargeTest() override { juju::set_log_sink({}); }

    void give_password()
    {
        credentials.ask_password = [this](const std::string& user) {
            outside.asked.push_back(user);
            return SecretValue("hunter2");
        };
    }

    void give_visitor()
    {
        credentials.visit_url = [this](const std::string& url) { outside.visited.push_back(url); };
    }

    /// Starts a login that waits for its first reply.
    std::shared_ptr<Task> begin(std::chrono::nanoseconds human = never)
    {
        login::Limits limits;
        limits.answer = never;
        limits.human = human;
        auto https = [this](juju::transport::HttpsRequest request) { return outside.exchange(std::move(request)); };
        auto task = spawn(log_in(session, credentials, context.get_executor(), limits, https, result));
        settle();
        return task;
    }

    void receive(std::string message)
    {
        peer->send(std::move(message));
        settle();
    }

    /// A login that is asked to discharge `macaroon`.
    std::shared_ptr<Task> begin_and_demand(const std::string& macaroon = primary)
    {
        auto task = begin();
        receive(demand(1, macaroon));
        return task;
    }

    void expect_refused(const Task& task, errc code, const std::string& text) const
    {
        ASSERT_EQ(task.ended, 1);
        ASSERT_TRUE(task.error) << task.other_error << task.value;
        EXPECT_EQ(task.error->code(), code) << task.error->what();
        EXPECT_EQ(task.error->what(), text);
        EXPECT_EQ(task.error->outcome(), Outcome::rejected);
        EXPECT_FALSE(task.error->connection_usable());
        expect_hidden(task.error->what());
    }

    static void expect_hidden(const std::string& text)
    {
        for (const std::string secret :
             {"hunter2", "0123456789abcdef01234567", "PYCWTvTScnprd8", "XIPltpeAxeohEhMjzk21K7", "A38-91XPtVQsqFr1"})
            EXPECT_EQ(text.find(secret), std::string::npos) << secret << " in " << text;
    }

    login::Credentials credentials;
    std::shared_ptr<login::Result> result = std::make_shared<login::Result>();
    Outside outside;
    std::string log;
};

const std::string at_controller = R"(Admin.Login: cannot get discharge from "https://10.20.0.5:17070/auth": )";

} // namespace

TEST_F(DischargeTest, AsksALocalUserForThePassword)
{
    give_password();
    outside.answer(401, wants_password);
    outside.answer(200, token_answer);
    outside.answer(200, discharge_answer);

    const auto task = begin();
    EXPECT_EQ(peer->message(0), login_line(1, "user-bob", ""));
    receive(demand(1, primary));

    ASSERT_EQ(peer->message_count(), 2U) << (task->error ? task->error->what() : task->other_error);
    EXPECT_EQ(peer->message(1), login_line(2, "user-bob", '[' + primary + ',' + bound + ']'));
    EXPECT_EQ(outside.requests, (std::vector<std::string>{ask_controller, fill_form, tell_controller}));
    EXPECT_EQ(outside.asked, std::vector<std::string>{"bob"});
    receive(accepted(2));
    EXPECT_EQ(task->value, "user-bob");
    ASSERT_TRUE(result->new_slice);
    EXPECT_EQ(result->new_slice->json.text(), '[' + primary + ',' + bound + ']');
    EXPECT_EQ(result->new_slice->cookie_name, cookie_name);
    EXPECT_EQ(result->new_slice->expiry, juju::macaroons::Time(std::chrono::sys_days(2026y / 8 / 21) + 9h + 30min));
    EXPECT_NE(log.find("asking for a discharge from https://10.20.0.5:17070/auth"), std::string::npos) << log;
    expect_hidden(log);
}

TEST_F(DischargeTest, NeedsNobodyWhereTheThirdPartyDoesNot)
{
    give_password();
    outside.answer(200, discharge_answer);

    const auto task = begin_and_demand();
    receive(accepted(2));

    EXPECT_EQ(task->value, "user-bob");
    EXPECT_EQ(outside.requests, std::vector<std::string>{ask_controller});
    EXPECT_TRUE(outside.asked.empty());
}

TEST_F(DischargeTest, SendsTheMacaroonsThatThereAreFirst)
{
    give_password();
    credentials.slices.emplace_back(R"([{"i":"old","s64":"AA"}])");

    const auto task = begin();
    EXPECT_EQ(peer->message(0), login_line(1, "user-bob", R"([{"i":"old","s64":"AA"}])"));
    receive(accepted(1));

    EXPECT_EQ(task->value, "user-bob");
    EXPECT_TRUE(outside.requests.empty());
    EXPECT_FALSE(result->new_slice);
}

TEST_F(DischargeTest, ReplacesTheMacaroonsThatHaveExpired)
{
    give_password();
    credentials.slices.emplace_back(R"([{"i":"old","s64":"AA"}])");
    outside.answer(200, discharge_answer);

    const auto task = begin_and_demand();

    EXPECT_EQ(peer->message(1), login_line(2, "user-bob", '[' + primary + ',' + bound + ']'));
    receive(accepted(2));
    EXPECT_TRUE(result->new_slice);
}

TEST_F(DischargeTest, TakesABareMacaroonWhereThereIsNoOther)
{
    give_password();
    outside.answer(200, R"({"Macaroon":)" + discharge + '}');

    const auto task = begin();
    receive(R"({"request-id":1,"response":{"discharge-required":)" + primary + "}}");

    EXPECT_EQ(outside.requests.at(0),
              "POST 10.20.0.5:17070 /auth/discharge application/x-www-form-urlencoded Bakery-Protocol-Version: 3\nid64=AwA");
    EXPECT_EQ(peer->message(1), login_line(2, "user-bob", '[' + primary + ',' + bound + ']'));
}

TEST_F(DischargeTest, KnowsThatTheDomainLocalIsNone)
{
    credentials.user = "bob@local";
    give_password();
    outside.answer(401, wants_password);
    outside.answer(200, token_answer);
    outside.answer(200, discharge_answer);

    const auto task = begin_and_demand();
    receive(accepted(2));

    EXPECT_EQ(peer->message(0), login_line(1, "user-bob", ""));
    EXPECT_EQ(outside.asked, std::vector<std::string>{"bob"});
    EXPECT_EQ(task->value, "user-bob");
}

TEST_F(DischargeTest, DischargesWhatADischargeAsksFor)
{
    give_password();
    const std::string nested =
        R"({"c":[{"i":"a third party's","v64":"AAEC","l":"https://idp.example.com/d/"},{"i":"time-before 2026-08-21T09:00:00Z"}],"i64":"AwA",)"
        R"("s64":"A38-91XPtVQsqFr1VlqSTAm-N3pPr-0RgP_I8D02yzE"})";
    outside.answer(200, R"({"Macaroon":{"m":)" + nested + R"(,"v":3,"ns":"std:"}})");
    outside.answer(200, R"({"Macaroon":{"m":{"i":"a third party's","s64":"PYCWTvTScnprd8ShBin9Cwhx1otvdoZIrNzBEvCNuc4"},"v":3}})");

    const auto task = begin_and_demand();

    ASSERT_EQ(outside.requests.size(), 2U);
    EXPECT_EQ(outside.requests[0], ask_controller);
    EXPECT_EQ(outside.requests[1], "POST idp.example.com:443 /d/discharge application/x-www-form-urlencoded Bakery-Protocol-Version: 3\n"
                                   "id=a%20third%20party%27s");
    // The last one has the signature of the primary macaroon, so it stays as it is (client-store 4.4).
    ASSERT_EQ(peer->message_count(), 2U);
    EXPECT_EQ(
        peer->message(1),
        login_line(2, "user-bob",
                   '[' + primary +
                       R"(,{"c":[{"i":"a third party's","v64":"AAEC","l":"https://idp.example.com/d/"},)"
                       R"({"i":"time-before 2026-08-21T09:00:00Z"}],"i64":"AwA","s64":"XIPltpeAxeohEhMjzk21K7hPQABAYhNQKyD64fyC93w"},)"
                       R"({"i":"a third party's","s64":"PYCWTvTScnprd8ShBin9Cwhx1otvdoZIrNzBEvCNuc4"}])"));
    receive(accepted(2));
    ASSERT_TRUE(result->new_slice);
    EXPECT_EQ(result->new_slice->expiry, juju::macaroons::Time(std::chrono::sys_days(2026y / 8 / 21) + 9h)) << "the earliest of all";
}

TEST_F(DischargeTest, EndsWhenThereIsNoEndOfThirdParties)
{
    give_password();
    const std::string again = R"({"Macaroon":{"m":{"c":[{"i":"x","v64":"AAEC","l":"https://idp.example.com"}],"i":"y",)"
                              R"("s64":"A38-91XPtVQsqFr1VlqSTAm-N3pPr-0RgP_I8D02yzE"},"v":3}})";
    for (int i = 0; i < 30; ++i)
        outside.answer(200, again);

    const auto task = begin_and_demand();

    EXPECT_EQ(outside.requests.size(), 20U);
    expect_refused(*task, errc::discharge_failed,
                   R"(Admin.Login: cannot get discharge from "https://idp.example.com": the login asks for more than 20 discharges)");
}

TEST_F(DischargeTest, LogsInAnExternalUserOnAPage)
{
    credentials.user = "alice@external";
    give_password();
    give_visitor();
    const auto location = with_location(primary, "https://idp.example.com/identity");
    outside.answer(401, R"({"Code":"interaction required","Message":"x","Info":{"InteractionMethods":{"juju_userpass":{"url":"/form"},)"
                        R"("browser-window":{"VisitURL":"https://idp.example.com/login?did=1#/a","WaitTokenURL":"wait-token?did=1"}}}})");
    outside.answer(200, R"({"kind":"browser-window","token64":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"})");
    outside.answer(200, discharge_answer);

    const auto task = begin();
    EXPECT_EQ(peer->message(0), login_line(1, "", "")) << "the macaroons say who it is";
    receive(demand(1, location, false));

    EXPECT_EQ(outside.visited, std::vector<std::string>{"https://idp.example.com/login?did=1#/a"});
    EXPECT_TRUE(outside.asked.empty()) << "an external user has no password that the controller knows";
    const std::string post =
        "POST idp.example.com:443 /identity/discharge application/x-www-form-urlencoded Bakery-Protocol-Version: 3\n" + caveat_form;
    EXPECT_EQ(outside.requests,
              (std::vector<std::string>{post, "GET idp.example.com:443 /identity/wait-token?did=1 Bakery-Protocol-Version: 3\n",
                                        post + "&token=0123456789abcdef01234567&token-kind=browser-window"}));
    receive(accepted(2, "alice@external"));
    EXPECT_EQ(task->value, "user-alice@external") << (task->error ? task->error->what() : "");
}

TEST_F(DischargeTest, LogsInAtAnOldProvider)
{
    credentials.user.clear();
    give_visitor();
    outside.answer(401,
                   R"({"Code":"interaction required","Message":"x","Info":{"VisitURL":"/login","WaitURL":"//other.example.com/wait"}})");
    outside.answer(200, discharge_answer);

    const auto task = begin_and_demand();

    EXPECT_EQ(outside.visited, std::vector<std::string>{"https://10.20.0.5:17070/login"}) << "absolute";
    EXPECT_EQ(outside.requests, (std::vector<std::string>{ask_controller, "GET other.example.com:443 /wait Bakery-Protocol-Version: 3\n"}));
    receive(accepted(2, "carol"));
    EXPECT_EQ(task->value, "user-carol");
}

TEST_F(DischargeTest, PrefersThePasswordToAPage)
{
    give_password();
    give_visitor();
    outside.answer(401,
                   R"({"Code":"interaction required","Message":"x","Info":{"VisitURL":"/login","WaitURL":"/wait","InteractionMethods":)"
                   R"({"browser-window":{"VisitURL":"/l","WaitTokenURL":"/w"},"juju_userpass":{"url":"/auth/form"}}}})");
    outside.answer(200, token_answer);
    outside.answer(200, discharge_answer);

    const auto task = begin_and_demand();

    EXPECT_EQ(outside.requests, (std::vector<std::string>{ask_controller, fill_form, tell_controller}));
    EXPECT_TRUE(outside.visited.empty());
}

TEST_F(DischargeTest, SaysThatThePasswordIsWrong)
{
    give_password();
    outside.answer(401, wants_password);
    outside.answer(500, R"({"Message":"invalid entity name or password"})");

    const auto task = begin_and_demand();

    expect_refused(*task, errc::login_failed, at_controller + "cannot submit form: invalid entity name or password");
    EXPECT_EQ(outside.asked.size(), 1U) << "once";
    EXPECT_EQ(peer->message_count(), 1U);
    expect_hidden(log);
}

TEST_F(DischargeTest, SaysWhatAThirdPartyRefuses)
{
    give_password();
    give_visitor();
    outside.answer(500, R"({"Message":"cannot discharge: no\nsuch user"})");
    auto task = begin_and_demand();
    expect_refused(*task, errc::discharge_failed, at_controller + "third party refused discharge: cannot discharge: no\\x0asuch user");

    outside.answer(401, wants_password);
    outside.answer(200, token_answer);
    outside.answer(500, R"({"Message":"cannot discharge: invalid token"})");
    task = begin();
    receive(demand(2, primary));
    expect_refused(*task, errc::discharge_failed, at_controller + "third party refused discharge: cannot discharge: invalid token");

    outside.answer(401, R"({"Code":"interaction required","Message":"x","Info":{"VisitURL":"/login","WaitURL":"/wait"}})");
    outside.answer(500, R"({"Message":"login refused"})");
    task = begin();
    receive(demand(3, primary));
    expect_refused(*task, errc::discharge_failed, at_controller + "third party refused discharge: login refused");

    outside.answer(401, wants_password);
    outside.answer(200, token_answer);
    outside.answer(401, wants_password);
    task = begin();
    receive(demand(4, primary));
    expect_refused(*task, errc::discharge_failed, at_controller + "it asks again who logs in, after it was told");
}

TEST_F(DischargeTest, SaysWhyAThirdPartyCannotBeAsked)
{
    give_password();
    int id = 0;
    for (const auto code : {errc::connection_lost, errc::certificate_rejected, errc::malformed_reply, errc::timed_out}) {
        juju::detail::ErrorDetails details("the network is bad");
        outside.fail(juju::Error(make_error_code(code), std::move(details)));
        const auto task = begin();
        receive(demand(++id, primary));
        expect_refused(*task, errc::discharge_failed, at_controller + "the network is bad");
    }
    EXPECT_EQ(outside.requests.size(), 4U) << "nothing is sent twice";
}

TEST_F(DischargeTest, GivesUpWhenAThirdPartyIsSilent)
{
    give_password();
    outside.hangs = true;
    const auto task = begin(1ms);
    receive(demand(1, primary));
    wait_until([&] { return task->ended == 1; });
    ASSERT_TRUE(task->error);
    EXPECT_EQ(task->error->code(), errc::discharge_failed);
    EXPECT_EQ(task->error->what(), at_controller + "the call did not end within 1 ms");
}

TEST_F(DischargeTest, TalksToNobodyWithoutHttps)
{
    give_password();
    give_visitor();
    int id = 0;
    for (const std::string location : {"http://10.20.0.5:17070/auth", "ftp://x", "local", ""}) {
        const auto task = begin();
        receive(demand(++id, with_location(primary, location)));
        ASSERT_TRUE(task->error) << location;
        EXPECT_EQ(task->error->code(), errc::discharge_failed) << task->error->what();
        EXPECT_EQ(std::string(task->error->what()).find("Admin.Login: cannot get discharge from \"" + location + "\": "), 0U)
            << task->error->what();
    }
    EXPECT_TRUE(outside.requests.empty());

    for (const std::string page :
         {"http://idp.example.com/login", "file:///etc/passwd", "javascript:x", "/login#\\u0001", "/login#\\u0022"}) {
        outside.answer(401, R"({"Code":"interaction required","Message":"x","Info":{"VisitURL":")" + page + R"(","WaitURL":"/wait"}})");
        const auto task = begin();
        receive(demand(++id, with_location(primary, "https://idp.example.com")));
        ASSERT_TRUE(task->error) << page;
        EXPECT_EQ(task->error->code(), errc::discharge_failed) << task->error->what();
    }
    EXPECT_TRUE(outside.visited.empty()) << "no such page is shown to anybody";
    EXPECT_EQ(outside.requests.size(), 5U);
}

TEST_F(DischargeTest, GivesThePasswordToNoOtherHost)
{
    give_password();
    int id = 0;
    for (const std::string form : {"https://evil.example.com/auth/form", "//10.20.0.5/auth/form", "https://10.20.0.5:17071/auth/form"}) {
        outside.answer(401, R"({"Code":"interaction required","Message":"x","Info":{"InteractionMethods":{"juju_userpass":{"url":")" +
                                form + R"("}}}})");
        const auto task = begin();
        receive(demand(++id, primary));
        expect_refused(*task, errc::discharge_failed, at_controller + "its form for passwords is on another host");
    }
    EXPECT_TRUE(outside.asked.empty());
}

TEST_F(DischargeTest, SaysWhichOptionIsMissing)
{
    const auto text_of = [&](int id, const std::string& answer) {
        outside.answer(401, answer);
        const auto task = begin();
        receive(demand(id, primary));
        if (!task->error)
            return std::string("no error");
        EXPECT_EQ(task->error->code(), errc::discharge_required);
        return std::string(task->error->what());
    };
    const auto methods = [](const std::string& json) {
        return R"({"Code":"interaction required","Message":"x","Info":{"InteractionMethods":)" + json + "}}";
    };
    give_visitor();
    EXPECT_EQ(text_of(1, wants_password),
              at_controller + "it asks for the user's password; set ConnectOptions::ask_password, or run \"juju login\"");
    EXPECT_EQ(text_of(2, methods(R"({"agent":{"login-url":"/a"},"fo\u0001rm":{"url":"/f"}})")),
              at_controller + "no supported interaction method (it offers: agent, fo\\x01rm), or run \"juju login\"");
    EXPECT_EQ(text_of(3, methods("{}")), at_controller + "no supported interaction method (it offers: none), or run \"juju login\"");
    credentials.user = "alice@external";
    EXPECT_EQ(text_of(4, wants_password), at_controller + "it asks for the password of a local user; set ConnectOptions::username and "
                                                          "ask_password, or run \"juju login\"");
    credentials.user = "bob";
    credentials.visit_url = {};
    give_password();
    EXPECT_EQ(text_of(5, methods(R"({"browser-window":{"VisitURL":"/l","WaitTokenURL":"/w"}})")),
              at_controller + "it asks to log in on a page; set ConnectOptions::visit_url, or run \"juju login\"");
}

TEST_F(DischargeTest, AsksNoThirdPartyWithoutAnybodyToAsk)
{
    auto task = begin_and_demand();
    expect_refused(*task, errc::discharge_required,
                   "Admin.Login: the controller asks for a macaroon discharge (invalid login macaroon); give the user's password, or run "
                   "\"juju login\", or set ConnectOptions::ask_password");

    credentials.slices.emplace_back(R"([{"i":"old","s64":"AA"}])");
    give_visitor();
    credentials.visit_url = {};
    task = begin();
    receive(demand(2, primary));
    expect_refused(*task, errc::login_expired,
                   "Admin.Login: the controller asks for a macaroon discharge (invalid login macaroon); give the user's password, or run "
                   "\"juju login\", or set ConnectOptions::ask_password; the macaroons that there are do not do any more");

    credentials.user = "alice@external";
    give_password();
    task = begin();
    receive(demand(3, primary));
    expect_refused(*task, errc::login_expired,
                   "Admin.Login: the controller asks for a macaroon discharge (invalid login macaroon); give the user's password, or run "
                   "\"juju login\", or set ConnectOptions::visit_url; the macaroons that there are do not do any more");
    EXPECT_TRUE(outside.requests.empty());
}

TEST_F(DischargeTest, IsDoneOnceOnly)
{
    give_password();
    outside.answer(200, discharge_answer);

    auto task = begin_and_demand();
    receive(demand(2, primary));

    expect_refused(*task, errc::login_failed, "Admin.Login: login with discharged macaroons failed: invalid login macaroon");

    // Nor is it at another address, for which the plan is copied.
    task = begin();
    EXPECT_EQ(peer->message(2), login_line(3, "user-bob", '[' + primary + ',' + bound + ']')) << "what there is, is sent";
    receive(R"({"request-id":3,"response":{"discharge-required":)" + primary + "}}");
    expect_refused(*task, errc::login_failed,
                   "Admin.Login: login with discharged macaroons failed: the controller asks for a discharge again");
    EXPECT_EQ(outside.requests.size(), 1U);
}

TEST_F(DischargeTest, IsKeptForTheNextLogin)
{
    give_password();
    outside.answer(200, discharge_answer);
    auto task = begin_and_demand();
    receive(accepted(2));
    *result = login::Result();

    task = begin();
    EXPECT_EQ(peer->message(2), login_line(3, "user-bob", '[' + primary + ',' + bound + ']'));
    receive(accepted(3));

    EXPECT_EQ(task->value, "user-bob");
    ASSERT_TRUE(result->new_slice) << "it is still to be saved";
    EXPECT_EQ(result->new_slice->cookie_name, cookie_name);
}

TEST_F(DischargeTest, DoesNotHideWhatTheControllerRefuses)
{
    give_password();
    outside.answer(200, discharge_answer);

    const auto task = begin_and_demand();
    receive(R"({"request-id":2,"error":"permission denied","error-code":"unauthorized access","response":{}})");

    ASSERT_TRUE(task->error);
    EXPECT_EQ(task->error->server_message(), "permission denied");
    EXPECT_EQ(task->error->server_code(), "unauthorized access");
}

TEST_F(DischargeTest, RefusesALoginOfSomebodyElse)
{
    give_password();
    outside.answer(200, discharge_answer);

    const auto task = begin_and_demand();
    receive(accepted(2, "carol"));

    ASSERT_TRUE(task->error);
    EXPECT_EQ(task->error->code(), errc::login_mismatch) << task->error->what();
}

TEST_F(DischargeTest, RefusesWhatIsNoMacaroon)
{
    give_password();
    int id = 0;
    for (const std::string macaroon : {"7", "[]", "{}", R"("%%%")", R"({"m":{"i":"no signature"}})"}) {
        const auto task = begin();
        receive(R"({"request-id":)" + std::to_string(++id) + R"(,"response":{"bakery-discharge-required":)" + macaroon + "}}");
        ASSERT_TRUE(task->error) << macaroon;
        EXPECT_EQ(task->error->code(), errc::malformed_reply) << task->error->what();
    }
    EXPECT_TRUE(outside.requests.empty());
}

TEST_F(DischargeTest, LetsAnExceptionOfACallbackOut)
{
    credentials.ask_password = [](const std::string&) -> SecretValue { throw std::runtime_error("nobody is there"); };
    outside.answer(401, wants_password);
    auto task = begin_and_demand();
    EXPECT_EQ(task->other_error, "nobody is there");

    credentials.visit_url = [](const std::string&) -> asio::awaitable<void> {
        throw std::runtime_error("no browser");
        co_return;
    };
    outside.answer(401, R"({"Code":"interaction required","Message":"x","Info":{"VisitURL":"/login","WaitURL":"/wait"}})");
    task = begin();
    receive(demand(2, primary));
    EXPECT_EQ(task->other_error, "no browser");
    EXPECT_EQ(peer->message_count(), 2U);
}

TEST_F(DischargeTest, CanBeCancelledAtEachStep)
{
    const std::string page = R"({"Code":"interaction required","Message":"x","Info":{"InteractionMethods":)"
                             R"({"browser-window":{"VisitURL":"/l","WaitTokenURL":"/w"}}}})";
    const std::vector<std::pair<std::string, std::vector<std::string>>> steps{
        {"the first answer of the third party", {}},
        {"the form", {wants_password}},
        {"the discharge", {wants_password, token_answer}},
        {"the page", {page}},
        {"the discharge after the page", {page, R"({"kind":"browser-window","token":"x"})"}},
    };
    give_password();
    give_visitor();
    outside.hangs = true;
    int id = 0;
    std::size_t requests = 0;
    for (const auto& [step, answers] : steps) {
        for (const auto& body : answers)
            outside.answer(body.find("Code") == std::string::npos ? 200 : 401, body);
        const auto task = begin();
        receive(demand(++id, primary));
        EXPECT_EQ(task->ended, 0) << step;
        requests += answers.size() + 1;
        EXPECT_EQ(outside.requests.size(), requests) << step;
        cancel(task);
        settle();
        EXPECT_EQ(task->ended, 1) << step;
        EXPECT_TRUE(task->error || !task->other_error.empty()) << step;
        EXPECT_EQ(outside.requests.size(), requests) << step << ": nothing is sent any more";
    }
    EXPECT_EQ(peer->message_count(), 5U) << "no second login";
}

TEST_F(DischargeTest, CanBeCancelledWhileAHumanIsAskedAndWhileTheControllerIs)
{
    credentials.ask_password = [](const std::string&) -> asio::awaitable<SecretValue> {
        co_await wait_for_ever();
        co_return SecretValue("hunter2");
    };
    outside.answer(401, wants_password);
    auto task = begin_and_demand();
    EXPECT_EQ(task->ended, 0);
    cancel(task);
    settle();
    EXPECT_EQ(task->ended, 1);
    EXPECT_FALSE(task->other_error.empty() && !task->error);

    task = begin();
    cancel(task);
    settle();
    ASSERT_TRUE(task->error);
    EXPECT_EQ(task->error->code(), errc::canceled);

    give_password();
    outside.answer(200, discharge_answer);
    task = begin();
    receive(demand(3, primary));
    EXPECT_EQ(peer->message_count(), 4U);
    cancel(task);
    settle();
    ASSERT_TRUE(task->error);
    EXPECT_EQ(task->error->code(), errc::canceled);
    EXPECT_EQ(outside.requests.size(), 2U);
}
