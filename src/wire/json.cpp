#include "wire/json.hpp"

#include "local_error.hpp"
#include "wipe_traces.hpp"
#include "wire/json_reader.hpp"
#include "wire/nesting.hpp"
#include "wire/rune.hpp"

#include <simdjson.h>

#include <algorithm>
#include <string>
#include <utility>

namespace juju::wire {
namespace {

using Type = simdjson::ondemand::json_type;

/// Reads what simdjson finds, strictly; texts are in the JSON that is made of it, and nowhere else.
class TreeReader {
public:
    /// Takes the text as the only element of an array, since simdjson has other calls for a value that stands alone.
    explicit TreeReader(std::string_view text) : text_("[")
    {
        text_.reserve(text.size() + 2 + simdjson::SIMDJSON_PADDING);
        text_ += text;
        text_ += ']';
        size_ = text_.size();
        text_.append(simdjson::SIMDJSON_PADDING, ' ');
    }

    /// @throws simdjson::simdjson_error when the text is no JSON.
    Json build()
    {
        Json result;
        read([&](Value value) { result = json_of(value); });
        return result;
    }

    /// The same without making anything of it.
    void check()
    {
        read([&](Value value) { check(value); });
    }

private:
    template <class Read>
    void read(Read read_element)
    {
        auto document = parser_.iterate(simdjson::padded_string_view(text_.data(), size_, text_.size())).value();
        std::size_t count = 0;
        for (auto element : simdjson::ondemand::array(document.get_array())) {
            read_element(Value(element.value()));
            ++count;
        }
        if (count != 1 || document.current_location().error() != simdjson::OUT_OF_BOUNDS) // or something follows
            throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
    }

    void check(Value value)
    {
        switch (value.type().value()) {
        case Type::array:
            for (auto element : simdjson::ondemand::array(value.get_array()))
                check(Value(element.value()));
            break;
        case Type::object:
            for (auto field : Object(value.get_object())) {
                text_of(field.key());
                check(Value(field.value()));
            }
            break;
        case Type::string: text_of(value.get_raw_json_string()); break;
        case Type::boolean: static_cast<void>(value.get_bool().value()); break;
        case Type::number: number_of(value); break;
        case Type::null: check_null(value); break;
        }
    }

    static void check_null(Value value)
    {
        if (!value.is_null().value())
            throw simdjson::simdjson_error(simdjson::N_ATOM_ERROR);
    }

    Json array_of(simdjson::ondemand::array array)
    {
        Json result = Json::array();
        for (auto element : array)
            result.push_back(json_of(Value(element.value())));
        return result;
    }

    Json object_of(Object object)
    {
        Json result = Json::object();
        for (auto field : object) {
            auto name = text_of(field.key());
            auto& member = result[std::move(name)];
            member = json_of(Value(field.value()));
        }
        return result;
    }

    Json json_of(Value value)
    {
        switch (value.type().value()) {
        case Type::array: return array_of(value.get_array());
        case Type::object: return object_of(value.get_object());
        case Type::string: return text_of(value.get_raw_json_string());
        case Type::boolean: return value.get_bool().value();
        case Type::number: return number_of(value);
        case Type::null: break;
        }
        check_null(value);
        return nullptr;
    }

    WipingString text_of(simdjson::ondemand::raw_json_string raw)
    {
        WipingString scratch;
        const auto text = unescape(parser_, raw, text_.data() + size_, scratch);
        // simdjson takes one half of a surrogate pair.
        if (!text || !simdjson::validate_utf8(*text))
            throw simdjson::simdjson_error(simdjson::STRING_ERROR);
        return WipingString(*text);
    }

    static Json number_of(Value value)
    {
        const std::string_view token = value.raw_json_token();
        const bool is_integer = token.find_first_of(".eE") == std::string_view::npos;
        std::uint64_t natural = 0;
        std::int64_t integer = 0;
        if (is_integer && value.get_uint64().get(natural) == simdjson::SUCCESS)
            return natural;
        if (is_integer && value.get_int64().get(integer) == simdjson::SUCCESS)
            return integer;
        return value.get_double().value();
    }

    simdjson::ondemand::parser parser_;
    WipingString text_;
    std::size_t size_ = 0;
};

/// Tells where nlohmann's parser stops.
class Stop final : public nlohmann::json_sax<nlohmann::json> {
public:
    std::size_t position = 0; ///< counted from 1
    bool is_number = false;   ///< one that no type holds

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t at, const std::string&, const nlohmann::json::exception& error) override
    {
        constexpr int number_overflow = 406;
        position = at;
        is_number = error.id == number_overflow;
        return false;
    }
};

/// A text with all replaced that may be a part of a secret and whose fault, if there is one, stays where it is: nlohmann keeps what it
/// reads in memory that nobody wipes.
WipingString masked(std::string_view text)
{
    WipingString result(text);
    bool in_string = false;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const auto rune = rune_at(text, i);
        if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && text[i] > '1' && text[i] <= '9') // a zero may not be where other digits are
            result[i] = '1';
        else if (in_string && text[i] == '\\')
            i += text.substr(i + 1, 1) == "u" ? 5 : 1;
        else if (in_string && rune.value >= ' ' && rune.value != 0xfffd)
            std::fill_n(result.begin() + static_cast<std::ptrdiff_t>(i), rune.size, 'x');
    }
    return result;
}

/// Where a text that was refused stops to be JSON; empty where it does not.
std::optional<std::size_t> find_fault(std::string_view text)
{
    Stop stop;
    const auto harmless = masked(text);
    const bool is_json = nlohmann::json::sax_parse(harmless.begin(), harmless.end(), &stop);
    if (stop.is_number)
        return std::nullopt;
    if (!is_json)
        return std::min(stop.position - 1, text.size());
    if (text.starts_with("\xef\xbb\xbf")) // no fault for nlohmann
        return 0;
    const std::size_t zero = text.find('\0'); // an end for nlohmann
    return zero == std::string_view::npos ? std::nullopt : std::optional(zero);
}

} // namespace

ParsedJson read_json(std::string_view text)
{
    const TraceWiper wiper;
    ParsedJson parsed;
    parsed.json = Json(Json::value_t::discarded);
    try {
        if (is_shallow(text, max_json_nesting)) {
            parsed.json = TreeReader(text).build();
            return parsed;
        }
    } catch (const simdjson::simdjson_error&) { // the next line says where
    }
    parsed.broken_at = find_fault(text);
    return parsed;
}

std::optional<std::size_t> find_json_fault(std::string_view text)
{
    const TraceWiper wiper;
    try {
        if (is_shallow(text, max_json_nesting)) {
            TreeReader(text).check();
            return std::nullopt;
        }
    } catch (const simdjson::simdjson_error&) { // the next line says where
    }
    return find_fault(text);
}

Json parse_json(std::string_view text)
{
    return read_json(text).json;
}

WipingString dump(const Json& json)
{
    std::optional<WipingString> text;
    try {
        text = json.dump();
    } catch (const Json::exception&) { // its text quotes bytes
        text.reset();
    }
    wipe_traces();
    if (!text)
        throw detail::local_error(errc::invalid_argument, "a text in the request is not valid UTF-8");
    return std::move(*text);
}

} // namespace juju::wire
