#include "secrets/yaml_mapping.hpp"

#include "secrets/yaml_document.hpp"

#include <cstddef>

namespace juju::detail::yaml {
namespace {

/// Decodes a document's root into a map of strings.
class MappingReader {
public:
    explicit MappingReader(const Document& document) : document_(document) {}

    std::map<std::string, SecretValue, std::less<>> read()
    {
        const Node& root = document_.node(0);
        if (root.kind == Node::Kind::null)
            return {};
        if (root.kind == Node::Kind::mapping)
            read_mapping(root);
        else
            add_problem(root, "secrets.SecretData");
        if (!problems_.empty())
            fail("unmarshal errors:" + problems_ + "\na secret file maps keys to single values, one key: value a line");

        std::map<std::string, SecretValue, std::less<>> entries;
        for (const auto& [key, value] : chosen_)
            entries.emplace(key, value->text);
        return entries;
    }

private:
    void read_mapping(const Node& mapping)
    {
        for (std::size_t i = 0; i + 1 < mapping.children.size(); i += 2) {
            const Node& key = document_.node(mapping.children[i]);
            const Node& value = document_.node(mapping.children[i + 1]);
            if (key.kind == Node::Kind::plain && key.text.text() == "<<") {
                read_merge(value);
                continue;
            }
            const Node* key_scalar = scalar(key);
            const Node* value_scalar = key_scalar != nullptr ? scalar(value) : nullptr;
            if (value_scalar != nullptr)
                chosen_.insert_or_assign(key_scalar->text.text(), value_scalar);
        }
    }

    /// Entries of a merged mapping count like entries at this place; of several mappings the earlier ones win.
    void read_merge(const Node& value)
    {
        if (value.kind != Node::Kind::sequence)
            return read_merged_mapping(value);
        for (auto child = value.children.rbegin(); child != value.children.rend(); ++child)
            read_merged_mapping(document_.node(*child));
    }

    void read_merged_mapping(const Node& value)
    {
        const bool alias = value.kind == Node::Kind::alias;
        const Node& mapping = alias ? document_.node(value.target) : value;
        if (mapping.kind != Node::Kind::mapping)
            fail_at(value.line(), "map merge requires map or sequence of maps as the value");
        if (depth_ == max_depth)
            fail_at(value.line(), "map merges are nested too deeply, or an anchor contains itself");
        if (alias)
            count_expansion(value, mapping.children.size());
        ++depth_;
        read_mapping(mapping);
        --depth_;
    }

    /// The scalar that `node` is or stands for; null, with the problem noted, when it is no scalar.
    const Node* scalar(const Node& node)
    {
        const Node& target = node.kind == Node::Kind::alias ? document_.node(node.target) : node;
        if (node.kind == Node::Kind::alias)
            count_expansion(node, target.text.size());
        if (target.kind != Node::Kind::mapping && target.kind != Node::Kind::sequence)
            return &target;
        add_problem(target, "string");
        return nullptr;
    }

    /// Keeps a small text from standing for a huge amount of work.
    void count_expansion(const Node& alias, std::size_t amount)
    {
        expanded_ += 1 + amount;
        if (expanded_ > max_expansion)
            fail_at(alias.line(), "document contains excessive aliasing");
    }

    void add_problem(const Node& node, std::string_view wanted)
    {
        constexpr int most = 10;
        if (++problem_count_ > most)
            return;
        const char* kind = node.kind == Node::Kind::mapping ? "!!map" : node.kind == Node::Kind::sequence ? "!!seq" : "!!str";
        problems_ += "\n  line " + std::to_string(node.line()) + ": cannot unmarshal " + kind + " into " + std::string(wanted);
    }

    /// Room for more than a whole content's worth (1,000,000 bytes) of text that stands behind aliases.
    static constexpr std::size_t max_expansion = 4'000'000;
    /// As deep as yaml-cpp nests nodes.
    static constexpr int max_depth = 500;

    const Document& document_;
    std::map<std::string_view, const Node*> chosen_;
    std::string problems_;
    int problem_count_ = 0;
    std::size_t expanded_ = 0;
    int depth_ = 0;
};

} // namespace

std::map<std::string, SecretValue, std::less<>> parse(std::string_view text)
{
    const Document document = read_first_document(text);
    if (document.empty())
        return {};
    return MappingReader(document).read();
}

} // namespace juju::detail::yaml
