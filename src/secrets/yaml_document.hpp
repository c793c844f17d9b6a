#pragma once

#include "local_error.hpp"
#include "secrets/base64.hpp"
#include "wiping_allocator.hpp"
#include "yaml_mask.hpp"

#include <juju/secret_value.hpp>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Reading YAML text with yaml-cpp, and refusing what it would take although it is not YAML.
namespace juju::detail::yaml {

[[noreturn]] void fail(const std::string& problem);

[[noreturn]] void fail_at(int line, std::string_view problem);

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
    /// @param mask what is parsed; it outlives the parsing, not the document.
    explicit Document(YamlMask& mask) : mask_(&mask), text_(mask.text()) {}

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

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& masked) override
    {
        const auto value = mask_->restored(masked);
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
        add(kind == "?" || kind == "merge" ? Node::Kind::plain : Node::Kind::literal, mark, anchor, SecretValue(value));
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

    static SecretValue decode_binary(const YAML::Mark& mark, std::string_view value)
    {
        SecretValue result = SecretValue::from_stored_base64(base64::without_line_breaks(value));
        if (!result.decodable())
            fail_at(mark.line + 1, "!!binary value contains invalid base64 data");
        return result;
    }

    const YamlMask* mask_;
    std::string_view text_;
    std::vector<Node> nodes_;
    std::vector<std::size_t> open_;
    std::map<YAML::anchor_t, std::size_t> anchors_;
};

/// Reads the first document of `text`; no document gives no nodes.
///
/// yaml-cpp gets it without its words (yaml_mask.hpp).
/// @throws Error errc::invalid_secret_file, with the line and nothing of the text.
Document read_first_document(std::string_view text);

} // namespace juju::detail::yaml
