// Which secret, which revision, which applications, whose.

#include "bad_input.hpp"

namespace juju::test {
namespace {

const std::string uri_rule = "; a secret URI is secret:<id> or secret://<model-uuid>/<id>, where an id has 20 characters";
const std::string owner_rule = ": use application-NAME, unit-NAME-NUMBER or model-UUID";

BadInput uri(std::string text, std::string what)
{
    return {"URI " + text, errc::invalid_uri, std::move(what),
            [text](Called& c) { c.run(c.model.get_secret(SecretRef(SecretUri::parse(text)))); }};
}

BadInput application(std::string name, errc code, std::string what)
{
    return {"application " + name, code, std::move(what),
            [name](Called& c) { c.run(c.model.grant_secret("db", Applications("mysql", name))); }};
}

BadInput owner(std::string tag, errc code, std::string what)
{
    return {"owner " + tag, code, std::move(what), [tag](Called& c) { c.run(c.model.list_secrets(SecretFilter().owner(tag))); }};
}

std::vector<BadInput> revision(int number)
{
    const std::string shown = std::to_string(number);
    const std::string text = "revision " + shown + " not valid: revisions start at 1";
    return {
        {"reveal revision " + shown, errc::invalid_revision, text, [number](Called& c) { c.run(c.model.reveal_secret("db", number)); }},
        {"remove revision " + shown, errc::invalid_revision, text, [number](Called& c) { c.run(c.model.remove_secret("db", number)); }},
        {"list revision " + shown, errc::invalid_revision, text,
         [number](Called& c) { c.run(c.model.list_secrets(SecretFilter().name("db").revision(number))); }},
        {"remove several revisions, one of them " + shown, errc::invalid_revision, text,
         [number](Called& c) {
             c.run(c.model.secrets_manager().remove({SecretRemoval("db", {1, number})}));
         }},
    };
}

} // namespace

std::vector<BadInput> bad_references()
{
    std::vector<BadInput> rows = {
        uri("", "secret URI \"\" not valid" + uri_rule),
        uri("secret:", "secret URI \"secret:\" not valid" + uri_rule),
        uri("secret:short", "secret URI \"secret:short\" not valid" + uri_rule),
        uri("secret:9m4e2mr0ui3e8a215n4", "secret URI \"secret:9m4e2mr0ui3e8a215n4\" not valid" + uri_rule),
        uri("secret:9m4e2mr0ui3e8a215n4gg", "secret URI \"secret:9m4e2mr0ui3e8a215n4gg\" not valid" + uri_rule),
        uri("secret:9M4E2MR0UI3E8A215N4G", "secret URI \"secret:9M4E2MR0UI3E8A215N4G\" not valid" + uri_rule),
        uri("secret:9m4e2mr0ui3e8a215n4z", "secret URI \"secret:9m4e2mr0ui3e8a215n4z\" not valid" + uri_rule),
        uri("http:9m4e2mr0ui3e8a215n4g", "secret URI scheme \"http\" not valid" + uri_rule),
        uri("secret://9m4e2mr0ui3e8a215n4g", "host controller UUID \"9m4e2mr0ui3e8a215n4g\" not valid" + uri_rule),
        uri("secret://not-a-uuid/9m4e2mr0ui3e8a215n4g", "host controller UUID \"not-a-uuid\" not valid" + uri_rule),
        uri("not-a-uuid/9m4e2mr0ui3e8a215n4g", "secret URI \"not-a-uuid/9m4e2mr0ui3e8a215n4g\" not valid" + uri_rule),
        uri("secret:9m4e2mr0ui3e8a215n4g/extra", "secret URI \"secret:9m4e2mr0ui3e8a215n4g/extra\" not valid" + uri_rule),
        uri("secret:%zz", "secret URI \"secret:%zz\" not valid" + uri_rule),
        uri("secret: 9m4e2mr0ui3e8a215n4g", "secret URI \"secret: 9m4e2mr0ui3e8a215n4g\" not valid" + uri_rule),
        uri("secret:9m4e2mr0ui3e8a215n4g\n", "parse \"secret:9m4e2mr0ui3e8a215n4g\\n\": net/url: invalid control character in URL"),
        uri("9m4e2mr0ui3e8a215n4g ", "secret URI \"9m4e2mr0ui3e8a215n4g \" not valid" + uri_rule),
        uri("\xff", "secret URI \"\\xff\" not valid" + uri_rule),
        {"no URI at all", errc::invalid_uri, "secret URI \"\" not valid: it names no secret",
         [](Called& c) { c.run(c.model.get_secret(SecretRef(SecretUri()))); }},
        {"no URI in a filter", errc::invalid_uri, "secret URI \"\" not valid",
         [](Called& c) { c.run(c.model.list_secrets(SecretFilter().uri(SecretUri()))); }},
        {"a revision of all secrets", errc::invalid_argument, "cannot specify revision without URI or name",
         [](Called& c) { c.run(c.model.list_secrets(SecretFilter().revision(1))); }},
        {"a revision of an owner's secrets", errc::invalid_argument, "cannot specify revision without URI or name",
         [](Called& c) { c.run(c.model.list_secrets(SecretFilter().owner("application-mysql").revision(1))); }},
        {"no revisions", errc::invalid_revision,
         "secret \"db\": an empty list of revisions; to remove the whole secret use SecretRemoval::all",
         [](Called& c) { c.run(c.model.secrets_manager().remove({SecretRemoval("db", {})})); }},
        {"no applications to grant", errc::no_applications, "secret \"db\": missing application name: give at least one",
         [](Called& c) { c.run(c.model.grant_secret("db", std::vector<std::string>())); }},
        {"no applications to revoke", errc::no_applications, "secret \"db\": missing application name: give at least one",
         [](Called& c) { c.run(c.model.revoke_secret("db", std::vector<std::string>())); }},
        application("", errc::invalid_argument, "\"\" is not a valid application name"),
        application("MySQL", errc::invalid_argument, "\"MySQL\" is not a valid application name"),
        application("my sql", errc::invalid_argument, "\"my sql\" is not a valid application name"),
        application("mysql-", errc::invalid_argument, "\"mysql-\" is not a valid application name"),
        application("-mysql", errc::invalid_argument, "\"-mysql\" is not a valid application name"),
        application("mysql-7", errc::invalid_argument, "\"mysql-7\" is not a valid application name"),
        application("7", errc::invalid_argument, "\"7\" is not a valid application name"),
        application("my_sql", errc::invalid_argument, "\"my_sql\" is not a valid application name"),
        application("application-mysql/0", errc::invalid_argument, "\"application-mysql/0\" is not a valid application name"),
        application("mysql/0", errc::invalid_argument, "\"mysql/0\" is not a valid application name"),
        application("mysql\n", errc::invalid_argument, "\"mysql\\n\" is not a valid application name"),
        application("mysql\xff", errc::invalid_name, "the application name is not valid UTF-8"),
        {"a bad application to revoke", errc::invalid_argument, "\"mysql/0\" is not a valid application name",
         [](Called& c) { c.run(c.model.revoke_secret("db", "mysql/0")); }},
        {"a bad application of with_secret", errc::invalid_argument, "\"mysql/0\" is not a valid application name",
         [](Called& c) {
             const auto body = []() -> boost::asio::awaitable<void> { co_return; };
             c.run(with_secret(c.model, "db", SecretContent("token=MARKER"), "mysql/0", body));
         }},
        {"a bad application to ensure", errc::invalid_argument, "\"mysql/0\" is not a valid application name",
         [](Called& c) { c.run(c.model.ensure_secret("db", SecretContent("token=MARKER"), EnsureOptions().grant("mysql/0"))); }},
        owner("", errc::invalid_owner, "\"\" is not a valid owner" + owner_rule),
        owner("mysql", errc::invalid_owner, "\"mysql\" is not a valid owner" + owner_rule),
        owner("application", errc::invalid_owner, "\"application\" is not a valid owner" + owner_rule),
        owner("application-", errc::invalid_owner, "\"application-\" is not a valid owner" + owner_rule),
        owner("application-MySQL", errc::invalid_owner, "\"application-MySQL\" is not a valid owner" + owner_rule),
        owner("unit-mysql", errc::invalid_owner, "\"unit-mysql\" is not a valid owner" + owner_rule),
        owner("unit-mysql-007", errc::invalid_owner, "\"unit-mysql-007\" is not a valid owner" + owner_rule),
        owner("unit-mysql/0", errc::invalid_owner, "\"unit-mysql/0\" is not a valid owner" + owner_rule),
        owner("model-", errc::invalid_owner, "\"model-\" is not a valid owner" + owner_rule),
        owner("model-demo", errc::invalid_owner, "\"model-demo\" is not a valid owner" + owner_rule),
        owner("user-admin", errc::invalid_owner, "\"user-admin\" is not a valid owner" + owner_rule),
        owner("machine-0", errc::invalid_owner, "\"machine-0\" is not a valid owner" + owner_rule),
        owner(" application-mysql", errc::invalid_owner, "\" application-mysql\" is not a valid owner" + owner_rule),
        owner("application-\xff", errc::invalid_name, "the owner in the filter is not valid UTF-8"),
    };
    for (const int number : {0, -1, -2147483647 - 1}) {
        for (BadInput& row : revision(number))
            rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace juju::test
