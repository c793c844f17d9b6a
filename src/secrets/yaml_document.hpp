#pragma once

#include "local_error.hpp"
#include "secrets/base64.hpp"
#include "secrets/in_quotes.hpp"
#include "wiping_allocator.hpp"

#include <juju/secret_value.hpp>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <istream>
#include <map>
#include <streambuf>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading YAML text with yaml-cpp, and refusing what it would take although it is not YAML. Only yaml_mapping.hpp includes this.
namespace juju::detail::yaml {

[[noreturn]] inline void fail(const std::string& problem)
{
    throw local_error(errc::invalid_secret_file, "yaml: " + problem);
}

[[noreturn]] inline void fail_at(int line, std::string_view problem)
{
    fail("line " + std::to_string(line) + ": " + std::string(problem));
}

struct Node {
    enum class Kind { null, plain, literal, sequence, mapping, alias };

    Kind kind;
    YAML::Mark mark;
    SecretValue text;                       ///< Of plain and literal (quoted, tagged or binary) scalars.
    bool block = false;                     ///< Of a mapping: written without braces.
    std::vector<std::size_t> children = {}; ///< Of a mapping: key, value, key, value...
    std::size_t target = 0;                 ///< What an alias stands for.

    int line() const { return mark.line + 1; }
};

/// The nodes of a document, the first one its root. Aliases stay aliases, so it is no larger than the text.
class Document final : public YAML::EventHandler {
public:
    /// `text` is what is parsed; it outlives the parsing, not the document.
    explicit Document(std::string_view text) : text_(text) {}

    bool empty() const { return nodes_.empty(); }
    const Node& node(std::size_t index) const { return nodes_[index]; }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        // yaml-cpp takes a line without a colon for a key without a value, and puts that null where the key begins.
        if (const Node* key = key_of_next_value(); key != nullptr && key->mark.pos == mark.pos)
            fail_no_colon(mark);
        add(Node::Kind::null, mark, anchor, {});
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        check_indentation(mark);
        add(Node::Kind::alias, mark, YAML::NullAnchor, {});
        nodes_.back().target = anchors_.at(anchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override
    {
        constexpr std::string_view standard = "tag:yaml.org,2002:";
        check_indentation(mark);
        if (is_folded_keep(mark))
            fail_at(mark.line + 1,
                    "folded text that keeps its last line breaks (>+) is not supported; write it with |+ or in double quotes");
        const std::string_view kind = std::string_view(tag).substr(tag.starts_with(standard) ? standard.size() : 0);
        if (kind == "binary")
            return add(Node::Kind::literal, mark, anchor, decode_binary(mark, value));
        if (kind == "null" && !value.empty() && value != "~" && value != "null" && value != "Null" && value != "NULL")
            fail_at(mark.line + 1, "cannot decode !!str as a !!null");
        if (kind == "null")
            return add(Node::Kind::null, mark, anchor, {});
        add(kind == "?" || kind == "merge" ? Node::Kind::plain : Node::Kind::literal, mark, anchor,
            SecretValue(with_latin1_escapes(value)));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        add(Node::Kind::sequence, mark, anchor, {});
        open_.push_back(nodes_.size() - 1);
    }

    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override
    {
        add(Node::Kind::mapping, mark, anchor, {});
        nodes_.back().block = style == YAML::EmitterStyle::Block;
        open_.push_back(nodes_.size() - 1);
    }

    void OnSequenceEnd() override { open_.pop_back(); }
    void OnMapEnd() override { open_.pop_back(); }

private:
    void add(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, SecretValue text)
    {
        if (!open_.empty())
            nodes_[open_.back()].children.push_back(nodes_.size());
        if (anchor != YAML::NullAnchor)
            anchors_.insert_or_assign(anchor, nodes_.size());
        nodes_.push_back({kind, mark, std::move(text)});
    }

    /// The key whose value comes next, in a mapping without braces.
    const Node* key_of_next_value() const
    {
        if (open_.empty() || !nodes_[open_.back()].block || nodes_[open_.back()].children.size() % 2 == 0)
            return nullptr;
        return &nodes_[nodes_[open_.back()].children.back()];
    }

    /// yaml-cpp takes a line without a colon below a key without a value for that value.
    void check_indentation(const YAML::Mark& mark) const
    {
        const Node* key = key_of_next_value();
        if (key != nullptr && key->mark.line < mark.line && mark.column <= std::min(key->mark.column, nodes_[open_.back()].mark.column))
            fail_no_colon(mark);
    }

    [[noreturn]] static void fail_no_colon(const YAML::Mark& mark)
    {
        fail_at(mark.line + 1, "could not find expected ':'; write key: value, with a space after the colon");
    }

    /// True for a scalar after `>+`, of which yaml-cpp loses a line break.
    bool is_folded_keep(const YAML::Mark& mark) const
    {
        auto at = static_cast<std::size_t>(mark.pos);
        while (at < text_.size() && (text_[at] == '&' || text_[at] == '!'))
            at = text_.find_first_not_of(" \t\n", std::min(text_.find_first_of(" \t\n", at), text_.size()));
        return at < text_.size() && text_[at] == '>' && text_.substr(at + 1, 2).find('+') != std::string_view::npos;
    }

    /// yaml-cpp writes the escapes \N and \_ as single bytes, where all else is UTF-8.
    static WipingString with_latin1_escapes(std::string_view value)
    {
        WipingString result;
        result.reserve(value.size() + 64);
        for (std::size_t at = 0; at < value.size();) {
            const Rune rune = rune_at(value, at);
            if (rune.value == 0xfffd && rune.size == 1)
                result += '\xc2';
            result += value.substr(at, rune.size);
            at += rune.size;
        }
        return result;
    }

    static SecretValue decode_binary(const YAML::Mark& mark, std::string_view value)
    {
        SecretValue result = SecretValue::from_stored_base64(base64::without_line_breaks(value));
        if (!result.decodable())
            fail_at(mark.line + 1, "!!binary value contains invalid base64 data");
        return result;
    }

    std::string_view text_;
    std::vector<Node> nodes_;
    std::vector<std::size_t> open_;
    std::map<YAML::anchor_t, std::size_t> anchors_;
};

/// A stream that reads from memory of its owner.
class MemoryBuffer final : public std::streambuf {
public:
    explicit MemoryBuffer(WipingString& text) { setg(text.data(), text.data(), text.data() + text.size()); }
};

/// yaml-cpp takes bytes that are not UTF-8 as they come and ends the text at some control characters; both would damage values.
inline void check_characters(std::string_view text)
{
    int line = 1;
    for (std::size_t at = 0; at < text.size();) {
        const Rune rune = rune_at(text, at);
        if (rune.value == 0xfffd && rune.size == 1)
            fail_at(line, "the text is not UTF-8; other bytes go into a value as !!binary, or as base64 under a key that ends in #base64");
        const bool allowed = rune.value == '\t' || rune.value == '\n' || rune.value == '\r' || (rune.value >= 0x20 && rune.value <= 0x7e) ||
                             rune.value == 0x85 || (rune.value >= 0xa0 && rune.value != 0xfffe && rune.value != 0xffff);
        if (!allowed)
            fail_at(line, "control characters are not allowed; in double quotes they can be written as \\x01");
        line += rune.value == '\n' ? 1 : 0;
        at += rune.size;
    }
}

/// The text without byte order mark and with every line break as a line feed.
inline WipingString with_line_feeds(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    WipingString result;
    result.reserve(text.size() + 64);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\r')
            result += text[at];
        else if (!text.substr(at + 1).starts_with('\n'))
            result += '\n';
    }
    return result;
}

/// Cuts `text` off where its first document ends, so that all that is left has to be one document. Spaces that have no line break
/// behind them go too: yaml-cpp would take them for text of a folded scalar.
inline void keep_first_document(WipingString& text)
{
    bool begun = false;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size() - 1) + 1;
        const std::string_view line = std::string_view(text).substr(start, end - start);
        const bool marker = (line.starts_with("---") || line.starts_with("...")) && (line.size() == 3 || line.find_first_of(" \t\n") == 3);
        if (marker && begun) {
            text.resize(start);
            break;
        }
        const std::size_t first = std::min(line.find_first_not_of(" \t\n"), line.size() - 1);
        const bool content = line[first] != '\n' && line[first] != '#' && line.front() != '%';
        begun = begun || (content && !(marker && line.front() == '.'));
        start = end;
    }
    const std::size_t size = text.find_last_not_of(" \t") + 1;
    if (size == 0 || text[size - 1] == '\n')
        text.resize(size);
}

/// yaml-cpp's reason, where it is one of those that name no part of the text.
inline std::string reason(const YAML::Exception& error)
{
    namespace msg = YAML::ErrorMsg;
    if (error.msg == msg::DOC_IN_SCALAR || error.msg == msg::EOF_IN_SCALAR)
        return "found unexpected end of stream in a quoted value";
    if (error.msg == msg::BAD_FILE)
        return "nested too deeply";
    const std::array known{msg::END_OF_MAP,         msg::END_OF_MAP_FLOW,  msg::END_OF_SEQ,     msg::END_OF_SEQ_FLOW, msg::UNKNOWN_TOKEN,
                           msg::TAB_IN_INDENTATION, msg::FLOW_END,         msg::BLOCK_ENTRY,    msg::MAP_KEY,         msg::MAP_VALUE,
                           msg::ALIAS_NOT_FOUND,    msg::ANCHOR_NOT_FOUND, msg::INVALID_ESCAPE, msg::INVALID_UNICODE, msg::INVALID_HEX,
                           msg::CHAR_IN_BLOCK,      msg::CHAR_IN_SCALAR,   msg::UNKNOWN_ANCHOR};
    const auto found = std::find_if(known.begin(), known.end(), [&](const char* text) { return error.msg.starts_with(text); });
    std::string_view text = found != known.end() ? *found : "not valid YAML";
    text = text.substr(0, text.find(':'));
    return std::string(text);
}

/// Reads `text` as a single document; no document gives no nodes.
inline Document read_document(WipingString& text)
{
    MemoryBuffer buffer(text);
    std::istream stream(&buffer);
    Document document(text);
    Document rest(text);
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(document);
        parser.HandleNextDocument(rest);
    } catch (const YAML::Exception& error) {
        fail_at(error.mark.line + 1,
                reason(error) + "; put a value that holds \": \", \" #\" or starts with a special character in quotes");
    }
    if (!rest.empty())
        fail_at(rest.node(0).line(), "did not find expected key; begin each key in the same column");
    return document;
}

} // namespace juju::detail::yaml
