#include "store/yaml.hpp"

#include "wire/rune.hpp"
#include "yaml_input.hpp"
#include "yaml_mask.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <set>
#include <utility>

namespace juju::store::yaml {
namespace {

constexpr std::size_t max_depth = 64;
/// Keeps aliases from standing for a huge amount of work.
constexpr std::size_t max_nodes = 500'000;

[[noreturn]] void fail(const YAML::Mark& mark, const std::string& why)
{
    throw Problem(std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1, why);
}

/// yaml-cpp takes bytes that are not UTF-8 as they come, and ends the text at some control characters.
void check_characters(std::string_view text)
{
    int line = 1;
    int column = 1;
    for (std::size_t at = 0; at < text.size();) {
        const wire::Rune rune = wire::rune_at(text, at);
        if (rune.value == 0xfffd && rune.size == 1)
            throw Problem(line, column, "invalid UTF-8");
        const bool control = (rune.value < 0x20 && rune.value != '\t' && rune.value != '\n' && rune.value != '\r') ||
                             (rune.value >= 0x7f && rune.value < 0xa0 && rune.value != 0x85);
        if (control)
            throw Problem(line, column, "control characters are not allowed");
        column = rune.value == '\n' ? 1 : column + 1;
        line += rune.value == '\n' ? 1 : 0;
        at += rune.size;
    }
}

std::size_t count_nodes(const Node& node)
{
    std::size_t count = 1;
    for (const auto& child : node.children)
        count += count_nodes(child);
    return count;
}

/// Builds the tree of one document.
class Builder final : public YAML::EventHandler {
public:
    explicit Builder(const detail::YamlMask& mask) : mask_(mask) {}

    bool done() const { return done_; }
    Node take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        // yaml-cpp takes a line without a colon for a key without a value, and puts that null where the key begins.
        if (const Node* key = open_key(); key != nullptr && key->line == mark.line + 1 && key->column == mark.column + 1)
            fail(mark, "could not find expected ':'");
        add(node_at(mark, Node::Kind::null), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end())
            fail(mark, "an anchor contains itself");
        nodes_ += count_nodes(found->second);
        check_size(mark);
        Node copy = found->second;
        copy.line = mark.line + 1;
        copy.column = mark.column + 1;
        add(std::move(copy), YAML::NullAnchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override
    {
        // yaml-cpp takes a line without a colon below a key without a value for that value.
        if (const Node* key = open_key();
            key != nullptr && key->line < mark.line + 1 && mark.column + 1 <= std::min(key->column, open_.back().node.column))
            fail(mark, "could not find expected ':'");
        constexpr std::string_view standard = "tag:yaml.org,2002:";
        const auto kind = tag.starts_with(standard) ? std::string_view(tag).substr(standard.size()) : std::string_view(tag);
        const bool plain = kind == "?" || kind == "int" || kind == "bool" || kind == "float" || kind == "timestamp";
        if (!plain && kind != "!" && kind != "str" && !kind.empty())
            fail(mark, "a value of this tag is not supported");
        Node node = node_at(mark, plain ? Node::Kind::plain : Node::Kind::text);
        node.value = SecretValue(mask_.restored(value));
        add(std::move(node), anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override
    {
        open(mark, Node::Kind::sequence, anchor, style);
    }

    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override
    {
        open(mark, Node::Kind::mapping, anchor, style);
    }

    void OnSequenceEnd() override { close(); }

    void OnMapEnd() override
    {
        check_keys(open_.back().node);
        close();
    }

private:
    struct Open {
        Node node;
        YAML::anchor_t anchor;
    };

    static Node node_at(const YAML::Mark& mark, Node::Kind kind)
    {
        Node node;
        node.kind = kind;
        node.line = mark.line + 1;
        node.column = mark.column + 1;
        return node;
    }

    void open(const YAML::Mark& mark, Node::Kind kind, YAML::anchor_t anchor, YAML::EmitterStyle::value style)
    {
        if (open_.size() == max_depth)
            fail(mark, "nested too deeply");
        Node node = node_at(mark, kind);
        node.flow = style == YAML::EmitterStyle::Flow;
        open_.push_back({std::move(node), anchor});
    }

    void close()
    {
        Open done = std::move(open_.back());
        open_.pop_back();
        add(std::move(done.node), done.anchor);
    }

    void add(Node node, YAML::anchor_t anchor)
    {
        ++nodes_;
        if (anchor != YAML::NullAnchor)
            anchors_.insert_or_assign(anchor, node);
        if (!open_.empty())
            return open_.back().node.children.push_back(std::move(node));
        root_ = std::move(node);
        done_ = true;
    }

    /// The key whose value comes next, in a mapping without braces.
    const Node* open_key() const
    {
        if (open_.empty())
            return nullptr;
        const Node& mapping = open_.back().node;
        const bool value_next = mapping.kind == Node::Kind::mapping && !mapping.flow && mapping.children.size() % 2 == 1;
        return value_next ? &mapping.children.back() : nullptr;
    }

    void check_size(const YAML::Mark& mark) const
    {
        if (nodes_ > max_nodes)
            fail(mark, "document contains excessive aliasing");
    }

    static void check_keys(const Node& mapping)
    {
        std::set<std::string_view> keys;
        for (std::size_t i = 0; i < mapping.children.size(); i += 2) {
            const Node& key = mapping.children[i];
            if (!key.is_scalar())
                throw Problem(key.line, key.column, "a key is not a single value");
            if (key.kind == Node::Kind::plain && key.value.text() == "<<")
                throw Problem(key.line, key.column, "merged mappings (<<) are not supported");
            if (!keys.insert(key.value.text()).second)
                throw Problem(key.line, key.column, "the key is already defined above");
        }
    }

    const detail::YamlMask& mask_;
    Node root_;
    bool done_ = false;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, Node> anchors_;
    std::size_t nodes_ = 0;
};

} // namespace

Node read(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    check_characters(text);
    // yaml-cpp takes the end of the text for the end of a quoted value; the end of a document it does not.
    WipingString closed;
    closed.reserve(text.size() + 64);
    closed += text;
    closed += text.ends_with('\n') ? "...\n" : "\n...\n";
    detail::YamlMask mask(closed);
    detail::MemoryBuffer buffer(mask.text());
    std::istream stream(&buffer);
    Builder first(mask);
    Builder second(mask);
    try {
        YAML::Parser parser(stream);
        parser.HandleNextDocument(first);
        parser.HandleNextDocument(second);
    } catch (const YAML::Exception& error) {
        fail(error.mark, detail::yaml_reason(error));
    }
    if (second.done()) {
        const Node rest = second.take();
        throw Problem(rest.line, rest.column, "did not find expected key");
    }
    return first.take();
}

} // namespace juju::store::yaml
