#include "secrets/secrets_codec.hpp"

#include "secrets/secret_data.hpp"
#include "secrets/timestamp.hpp"
#include "wire/item_error.hpp"
#include "wire/json_reader.hpp"
#include "wire/printable.hpp"
#include "wire/server_errors.hpp"

#include <algorithm>

namespace juju::secrets {
namespace {

using detail::SecretData;
using wire::fail_malformed;
using wire::for_each_element;
using wire::for_each_member;
using wire::read_string;
using wire::Value;

void check_count(std::size_t results, std::size_t items)
{
    if (results != items)
        fail_malformed(std::to_string(results) + " results for " + std::to_string(items) + " items");
}

/// Calls `visit(result)` for each element of the response's `results`.
template <class Visit>
void for_each_result(wire::Reply& reply, const std::string& request, Visit&& visit)
{
    wire::throw_if_refused(reply, request);
    bool found = false;
    wire::for_each_response_member(reply, [&](std::string_view key, Value value) {
        if (key != "results")
            return;
        found = true;
        for_each_element(value, "results", visit);
    });
    if (!found)
        fail_malformed("the response has no results");
}

Timestamp read_time(Value value, std::string_view member)
{
    if (wire::is_null(value))
        return {};
    const auto time = parse_timestamp(read_string(value, member));
    if (!time)
        fail_malformed(std::string(member) + " is not a time");
    return *time;
}

std::optional<Timestamp> read_optional_time(Value value, std::string_view member)
{
    if (wire::is_null(value))
        return std::nullopt;
    return read_time(value, member);
}

SecretRevision read_revision(Value value)
{
    SecretRevision revision;
    for_each_member(value, "revision", [&](std::string_view key, Value member) {
        if (key == "revision")
            SecretData::number(revision) = wire::read_count(member, "revision");
        else if (key == "backend-name")
            SecretData::backend(revision) = read_string(member, "backend-name");
        else if (key == "create-time")
            SecretData::create_time(revision) = read_time(member, "create-time");
        else if (key == "update-time")
            SecretData::update_time(revision) = read_time(member, "update-time");
        else if (key == "expire-time")
            SecretData::expire_time(revision) = read_optional_time(member, "expire-time");
    });
    // The placeholder of a backend that is gone: "unknown" in 3.6, "<unknown>" in 4.0.
    if (revision.backend() == "<unknown>")
        SecretData::backend(revision) = "unknown";
    return revision;
}

SecretAccess read_access(Value value)
{
    SecretAccess access;
    for_each_member(value, "access", [&](std::string_view key, Value member) {
        if (key == "target-tag")
            SecretData::target(access) = read_string(member, "target-tag");
        else if (key == "scope-tag")
            SecretData::scope(access) = read_string(member, "scope-tag");
        else if (key == "role")
            SecretData::role(access) = read_string(member, "role");
    });
    return access;
}

SecretContent read_data(wire::Reply::Parsed& parsed, Value value)
{
    SecretContent content;
    WipingString scratch;
    for_each_member(value, "data", [&](std::string_view key, Value member) {
        content.insert_stored(key, wire::read_secret_string(parsed, member, scratch, "data"));
    });
    return content;
}

class SecretReader {
public:
    SecretReader(wire::Reply& reply, const std::string& request) : parsed_(reply.parsed()), request_(request) {}

    Secret read(Value value)
    {
        Secret secret;
        for_each_member(value, "secret", [&](std::string_view key, Value member) {
            if (!read_text(secret, key, member) && !read_times(secret, key, member))
                read_parts(secret, key, member);
        });
        finish(secret);
        return secret;
    }

private:
    static bool read_text(Secret& secret, std::string_view key, Value value)
    {
        if (key == "uri")
            SecretData::uri(secret) = read_uri(value);
        else if (key == "owner-tag")
            SecretData::owner(secret) = read_string(value, "owner-tag");
        else if (key == "rotate-policy")
            SecretData::rotate_policy(secret) = read_string(value, "rotate-policy");
        else if (key == "description")
            SecretData::info(secret) = read_string(value, "description");
        else if (key == "label")
            SecretData::label(secret) = read_string(value, "label");
        else if (key == "latest-revision-checksum")
            SecretData::checksum(secret) = read_string(value, "latest-revision-checksum");
        else
            return false;
        return true;
    }

    static bool read_times(Secret& secret, std::string_view key, Value value)
    {
        if (key == "next-rotate-time")
            SecretData::next_rotate_time(secret) = read_optional_time(value, "next-rotate-time");
        else if (key == "latest-expire-time")
            SecretData::latest_expire_time(secret) = read_optional_time(value, "latest-expire-time");
        else if (key == "create-time")
            SecretData::create_time(secret) = read_time(value, "create-time");
        else if (key == "update-time")
            SecretData::update_time(secret) = read_time(value, "update-time");
        else
            return false;
        return true;
    }

    void read_parts(Secret& secret, std::string_view key, Value value)
    {
        if (key == "latest-revision")
            SecretData::latest_revision(secret) = wire::read_count(value, "latest-revision");
        else if (key == "revisions")
            for_each_element(value, "revisions", [&](Value v) { SecretData::revisions(secret).push_back(read_revision(v)); });
        else if (key == "access")
            for_each_element(value, "access", [&](Value v) { SecretData::access(secret).push_back(read_access(v)); });
        else if (key == "value")
            read_value(secret, value);
    }

    void read_value(Secret& secret, Value value)
    {
        if (wire::is_null(value))
            return;
        SecretData::content(secret).emplace();
        for_each_member(value, "value", [&](std::string_view key, Value member) {
            if (key == "data")
                SecretData::content(secret) = read_data(parsed_, member);
            else if (key == "error")
                SecretData::content_error(secret) = wire::read_item_error(member, request_);
        });
        if (secret.content_error())
            SecretData::content(secret).reset();
    }

    static SecretUri read_uri(Value value)
    {
        auto uri = SecretUri::try_parse(read_string(value, "uri"));
        if (!uri)
            fail_malformed("uri is not a secret URI");
        return std::move(*uri);
    }

    /// Evens out what 3.6 and 4.0 tell differently, and orders the revisions by number.
    static void finish(Secret& secret)
    {
        if (secret.uri().empty())
            fail_malformed("a secret has no uri");
        if (secret.is_user_secret())
            SecretData::name(secret) = secret.label();
        if (secret.rotate_policy().empty())
            SecretData::rotate_policy(secret) = "never";
        std::ranges::sort(SecretData::revisions(secret), {}, &SecretRevision::number);
        std::ranges::sort(SecretData::access(secret), {}, &SecretAccess::target);
    }

    wire::Reply::Parsed& parsed_;
    const std::string& request_;
};

bool has_revision(const Secret& secret, int number)
{
    return std::ranges::any_of(secret.revisions(), [&](const SecretRevision& r) { return r.number() == number; });
}

bool matches(const Secret& secret, const SecretFilter& filter)
{
    return (!filter.uri() || filter.uri()->id() == secret.uri().id()) && (!filter.name() || *filter.name() == secret.label()) &&
           (!filter.owner() || *filter.owner() == secret.owner()) && (!filter.revision() || has_revision(secret, *filter.revision()));
}

} // namespace

Outcomes<SecretUri> decode_create(wire::Reply& reply, const std::string& request, const std::vector<std::string>& subjects)
{
    std::vector<ItemOutcome<SecretUri>> items;
    std::size_t count = 0;
    for_each_result(reply, request, [&](Value result) {
        std::optional<Error> error;
        std::optional<SecretUri> uri;
        for_each_member(result, "result", [&](std::string_view key, Value value) {
            if (key == "error")
                error = wire::read_item_error(value, request);
            else if (key == "result")
                uri = SecretUri::try_parse(read_string(value, "result"));
        });
        if (count++ >= subjects.size())
            return;
        if (error)
            items.emplace_back(subjects[count - 1], std::move(*error));
        else if (uri)
            items.emplace_back(subjects[count - 1], std::move(*uri));
        else
            fail_malformed("result is not a secret URI");
    });
    check_count(count, subjects.size());
    return Outcomes<SecretUri>(std::move(items));
}

Outcomes<void> decode_results(wire::Reply& reply, const std::string& request, const std::vector<std::string>& subjects)
{
    std::vector<ItemOutcome<void>> items;
    std::size_t count = 0;
    for_each_result(reply, request, [&](Value result) {
        std::optional<Error> error;
        for_each_member(result, "result", [&](std::string_view key, Value value) {
            if (key == "error")
                error = wire::read_item_error(value, request);
        });
        if (count++ >= subjects.size())
            return;
        if (error)
            items.emplace_back(subjects[count - 1], std::move(*error));
        else
            items.emplace_back(subjects[count - 1]);
    });
    check_count(count, subjects.size());
    return Outcomes<void>(std::move(items));
}

std::vector<Secret> decode_list(wire::Reply& reply, const std::string& request)
{
    std::vector<Secret> secrets;
    SecretReader reader(reply, request);
    for_each_result(reply, request, [&](Value result) { secrets.push_back(reader.read(result)); });
    return secrets;
}

std::vector<Secret> select(std::vector<Secret> secrets, const SecretFilter& filter)
{
    std::erase_if(secrets, [&](const Secret& secret) { return !matches(secret, filter); });
    if (filter.revision()) {
        for (auto& secret : secrets)
            std::erase_if(SecretData::revisions(secret), [&](const SecretRevision& r) { return r.number() != *filter.revision(); });
    }
    std::ranges::sort(secrets,
                      [](const Secret& a, const Secret& b) { return a.label() != b.label() ? a.label() < b.label() : a.uri() < b.uri(); });
    return secrets;
}

} // namespace juju::secrets
