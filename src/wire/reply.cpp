#include "wire/reply.hpp"

#include "wipe_traces.hpp"
#include "wire/json_reader.hpp"

#include <juju/error.hpp>

#include <openssl/crypto.h>

#include <limits>
#include <optional>

namespace juju::wire {
namespace {

std::uint64_t read_request_id(Value value)
{
    std::uint64_t id = 0;
    if (value.get_uint64().get(id) != simdjson::SUCCESS || id == 0)
        fail_malformed("request-id is not a positive integer");
    return id;
}

/// Where a string ends that starts behind its opening quote. The parser has made sure that it does.
std::size_t closing_quote(std::string_view text)
{
    std::size_t quote = text.find('"');
    while (quote != std::string_view::npos) {
        const std::string_view before = text.substr(0, quote);
        const std::size_t last = before.find_last_not_of('\\');
        const std::size_t backslashes = quote - (last == std::string_view::npos ? 0 : last + 1);
        if (backslashes % 2 == 0)
            return quote;
        quote = text.find('"', quote + 1);
    }
    return text.size();
}

/// The text between the quotes, straight from the message; empty when something in it is escaped. The parser has made sure that it ends.
std::optional<std::string_view> text_without_escapes(simdjson::ondemand::raw_json_string raw)
{
    const char* const begin = raw.raw();
    const char* end = begin;
    while (*end != '"' && *end != '\\')
        ++end;
    if (*end == '\\')
        return std::nullopt;
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
}

/// The parser copies in steps of a fixed size, so that its string buffer has more of the message behind a text.
void wipe_behind(std::string_view text)
{
    OPENSSL_cleanse(const_cast<char*>(text.data() + text.size()), simdjson::SIMDJSON_PADDING);
}

} // namespace

static_assert(Reply::padding >= simdjson::SIMDJSON_PADDING);

void fail_malformed(const std::string& what)
{
    detail::ErrorDetails details("malformed reply from the controller: " + what);
    details.outcome = Outcome::unknown;
    throw Error(make_error_code(errc::malformed_reply), std::move(details));
}

Reply::Reply(WipingString message) : parsed_(std::make_unique<Parsed>())
{
    parsed_->text = std::move(message);
    parsed_->text.reserve(parsed_->text.size() + padding);
    const TraceWiper wiper; // the parser reads the end of the text from there
    bool has_id = false;
    guarded([&] {
        const auto& text = parsed_->text;
        parsed_->document = parsed_->parser.iterate(text.data(), text.size(), text.capacity());
        Object envelope;
        if (parsed_->document.get_object().get(envelope) != simdjson::SUCCESS)
            fail_malformed("the message is not a JSON object");
        for (auto field : envelope) {
            const std::string_view key = key_of(field);
            Value value = field.value();
            if (key == "request-id") {
                request_id_ = read_request_id(value);
                has_id = true;
            } else if (key == "error") {
                error_ = read_string(value, "error");
            } else if (key == "error-code") {
                error_code_ = read_string(value, "error-code");
            } else if (key == "error-info") {
                error_info_ = read_object_text(value, "error-info");
            }
        }
        if (parsed_->document.current_location().error() != simdjson::OUT_OF_BOUNDS)
            fail_malformed("text follows the JSON object");
    });
    if (!has_id)
        fail_malformed("request-id is missing");
}

Reply::Reply(Reply&&) noexcept = default;
Reply& Reply::operator=(Reply&&) noexcept = default;
Reply::~Reply() = default;

std::size_t Reply::size() const noexcept
{
    return parsed_->text.size();
}

bool is_null(Value& value)
{
    simdjson::ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS)
        fail_malformed("the message is not valid JSON");
    if (type != simdjson::ondemand::json_type::null)
        return false;
    if (!value.is_null())
        fail_malformed("the message is not valid JSON");
    return true;
}

std::string_view key_of(simdjson::simdjson_result<simdjson::ondemand::field>& field)
{
    const simdjson::ondemand::raw_json_string raw = field.key();
    if (const auto plain = text_without_escapes(raw))
        return *plain;
    const std::string_view key = field.unescaped_key();
    wipe_behind(key);
    return key;
}

std::string read_string(Value value, std::string_view member)
{
    if (is_null(value))
        return {};
    simdjson::ondemand::raw_json_string raw;
    if (value.get_raw_json_string().get(raw) != simdjson::SUCCESS)
        fail_malformed(std::string(member) + " is not a string");
    if (const auto plain = text_without_escapes(raw))
        return std::string(*plain);
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS)
        fail_malformed(std::string(member) + " is not a string");
    std::string result(text);
    wipe_behind(text);
    return result;
}

std::int64_t read_integer(Value value, std::string_view member)
{
    if (is_null(value))
        return 0;
    std::int64_t number = 0;
    if (value.get_int64().get(number) != simdjson::SUCCESS)
        fail_malformed(std::string(member) + " is not an integer");
    return number;
}

int read_count(Value value, std::string_view member)
{
    const std::int64_t number = read_integer(value, member);
    if (number < 0 || number > std::numeric_limits<int>::max())
        fail_malformed(std::string(member) + " is out of range");
    return static_cast<int>(number);
}

std::string read_object_text(Value value, std::string_view member)
{
    if (is_null(value))
        return {};
    Object object;
    if (value.get_object().get(object) != simdjson::SUCCESS)
        fail_malformed(std::string(member) + " is not an object");
    return std::string(object.raw_json().value());
}

std::string response_text(Reply& reply)
{
    std::string text;
    with_response(reply, [&](Value response) { text = read_object_text(response, "response"); });
    text.erase(text.find_last_not_of(" \t\r\n") + 1); // what stands between it and the next member
    return text.empty() ? "{}" : text;
}

std::optional<std::string_view> unescape(const simdjson::ondemand::parser& parser, simdjson::ondemand::raw_json_string raw, const char* end,
                                         WipingString& scratch)
{
    const std::string_view rest(raw.raw(), static_cast<std::size_t>(end - raw.raw()));
    const std::string_view text = rest.substr(0, closing_quote(rest));
    if (text.find('\\') == std::string_view::npos)
        return text;
    scratch.resize(text.size() + simdjson::SIMDJSON_PADDING);
    auto* destination = reinterpret_cast<std::uint8_t*>(scratch.data());
    std::string_view unescaped;
    if (parser.unescape(raw, destination).get(unescaped) != simdjson::SUCCESS)
        return std::nullopt;
    return unescaped;
}

std::string_view read_secret_string(Reply::Parsed& parsed, Value value, WipingString& scratch, std::string_view member)
{
    if (is_null(value))
        return {};
    simdjson::ondemand::raw_json_string raw;
    if (value.get_raw_json_string().get(raw) != simdjson::SUCCESS)
        fail_malformed(std::string(member) + " is not a string");
    const auto text = unescape(parsed.parser, raw, parsed.text.data() + parsed.text.size(), scratch);
    if (!text)
        fail_malformed(std::string(member) + " is not a string");
    return *text;
}

} // namespace juju::wire
