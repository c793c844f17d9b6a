#include "store/yaml.hpp"

#include <algorithm>
#include <array>
#include <utility>

/// The layout and the choice of quotes are those of the YAML writer of Go (yaml.v2 and yaml.v3), which the juju command uses.
namespace juju::store::yaml {
namespace {

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/// In bytes; a key that is longer has a question mark before it. (YAML itself has a limit of 1024 characters.)
constexpr std::size_t longest_simple_key = 128;

/// Digits and underscores, at least one digit first.
std::size_t digits_at(std::string_view text, std::size_t at, bool underscores)
{
    const std::size_t start = at;
    while (at < text.size() && (is_digit(text[at]) || (underscores && text[at] == '_' && at > start)))
        ++at;
    return at - start;
}

bool is_number(std::string_view text)
{
    if (!text.empty() && (text[0] == '-' || text[0] == '+'))
        text.remove_prefix(1);
    if (text == ".inf" || text == ".Inf" || text == ".INF")
        return true;
    if (text.size() > 2 && text[0] == '0' && std::string_view("xXbBoO").find(text[1]) != std::string_view::npos)
        return std::ranges::all_of(text.substr(2),
                                   [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '_'; });
    std::size_t at = digits_at(text, 0, true);
    bool number = at > 0;
    if (at < text.size() && text[at] == '.') {
        const std::size_t fraction = digits_at(text, at + 1, true);
        number = number || fraction > 0;
        at += 1 + fraction;
    }
    if (number && at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+'))
            ++at;
        const std::size_t exponent = digits_at(text, at, false);
        number = exponent > 0;
        at += exponent;
    }
    return number && at == text.size();
}

/// Numbers with colons, as older YAML has them for times and angles: groups of up to two digits below 60 behind the first.
bool is_base60(std::string_view text)
{
    if (!text.empty() && (text[0] == '-' || text[0] == '+'))
        text.remove_prefix(1);
    std::size_t at = digits_at(text, 0, true);
    if (at == 0 || at == text.size() || text[at] != ':')
        return false;
    while (at < text.size() && text[at] == ':') {
        const std::size_t digits = digits_at(text, at + 1, false);
        if (digits == 0 || digits > 2 || (digits == 2 && text[at + 1] > '5'))
            return false;
        at += 1 + digits;
    }
    if (at < text.size() && text[at] == '.')
        at = std::min(text.find_first_not_of("0123456789_", at + 1), text.size());
    return at == text.size();
}

/// Dates and times; some that are none are taken for one, which costs a pair of quotes.
bool is_timestamp(std::string_view text)
{
    return text.size() >= 8 && digits_at(text, 0, false) == 4 && text[4] == '-' && is_digit(text[5]) &&
           std::ranges::all_of(text, [](char c) { return is_digit(c) || std::string_view("-:+. TtZz").find(c) != std::string_view::npos; });
}

/// Whether text without quotes would be read as something else than text.
bool means_something_else(std::string_view text)
{
    constexpr std::array words{"",   "~",  "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE",
                               "y",  "Y",  "yes",  "Yes",  "YES",  "n",    "N",    "no",   "No",    "NO",    "on",
                               "On", "ON", "off",  "Off",  "OFF",  "<<",   ".nan", ".NaN", ".NAN",  "="};
    return std::ranges::find(words, text) != words.end() || is_number(text) || is_base60(text) || is_timestamp(text);
}

/// Which ways of writing would keep a text.
struct Styles {
    bool plain = true;
    bool single = true;
    bool literal = true;
};

bool is_indicator(std::string_view text, std::size_t i, bool flow)
{
    const char c = text[i];
    const bool blank_next = i + 1 == text.size() || is_blank(text[i + 1]);
    if (c == ':')
        return flow || blank_next;
    if (c == '#')
        return i == 0 || is_blank(text[i - 1]);
    if (flow && std::string_view(",?[]{}").find(c) != std::string_view::npos)
        return true;
    if (i != 0)
        return false;
    if (c == '-' || c == '?')
        return blank_next;
    return std::string_view(",[]{}&*!|>'\"%@`").find(c) != std::string_view::npos;
}

bool is_printable(std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if ((c < 0x20 && c != '\n') || c == 0x7f)
            return false;
        const auto rest = text.substr(i);
        const bool c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (c1 || rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9") || rest.starts_with("\xef\xbb\xbf"))
            return false;
    }
    return true;
}

Styles styles_of(std::string_view text, bool flow)
{
    Styles styles;
    const bool lines = text.find('\n') != std::string_view::npos;
    const bool blank_ends = !text.empty() && (is_blank(text.front()) || is_blank(text.back()));
    const bool space_before_break = text.find(" \n") != std::string_view::npos;
    const bool printable = is_printable(text);
    styles.plain = printable && !lines && !blank_ends && !text.empty() && !text.starts_with("---") && !text.starts_with("...");
    for (std::size_t i = 0; styles.plain && i < text.size(); ++i)
        styles.plain = !is_indicator(text, i, flow);
    styles.single = printable && !lines;
    styles.literal = printable && lines && !flow && !space_before_break && text.back() != ' ';
    return styles;
}

void write_double(WipingString& out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const auto rest = text.substr(i);
        if (c == '"' || c == '\\')
            (out += '\\') += text[i];
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\r')
            out += "\\r";
        else if (c < 0x20 || c == 0x7f)
            ((out += "\\x") += digits[c >> 4]) += digits[c & 15];
        else if (c == 0xc2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xa0) {
            const auto low = static_cast<unsigned char>(rest[1]);
            ((out += "\\x") += digits[low >> 4]) += digits[low & 15];
            ++i;
        } else if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) {
            out += rest[2] == '\xa8' ? "\\L" : "\\P";
            i += 2;
        } else if (rest.starts_with("\xef\xbb\xbf")) {
            out += "\\uFEFF";
            i += 2;
        } else {
            out += text[i];
        }
    }
    out += '"';
}

void write_single(WipingString& out, std::string_view text)
{
    out += '\'';
    for (const char c : text) {
        out += c;
        if (c == '\'')
            out += c;
    }
    out += '\'';
}

void write_literal(WipingString& out, std::string_view text, int level, int indent)
{
    out += '|';
    if (is_blank(text.front()))
        out += static_cast<char>('0' + indent);
    if (!text.ends_with('\n'))
        out += '-';
    else if (text == "\n" || text.ends_with("\n\n"))
        out += '+';
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += '\n';
        if (end > 0)
            out.append(static_cast<std::size_t>(level), ' ') += text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

/// Writes a tree; `level` is the number of spaces before what is within a block.
class Writer {
public:
    explicit Writer(int indent) : indent_(indent) {}

    WipingString take() { return std::move(out_); }

    void mapping(const Node& node, int level)
    {
        for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
            if (i > 0)
                out_.append(static_cast<std::size_t>(level), ' ');
            const bool is_long = node.children[i].value.size() > longest_simple_key;
            if (is_long)
                out_ += "? ";
            scalar(node.children[i], level, false, true);
            if (is_long)
                (out_ += '\n').append(static_cast<std::size_t>(level), ' ');
            out_ += ':';
            value(node.children[i + 1], level, is_long);
            out_ += '\n';
        }
        out_.pop_back();
    }

private:
    static bool in_line(const Node& node) { return node.flow || node.children.empty(); }

    /// `same_line`: what stands deeper than the key begins behind the colon.
    void value(const Node& node, int level, bool same_line)
    {
        const bool container = node.kind == Node::Kind::mapping || node.kind == Node::Kind::sequence;
        if (!container || in_line(node)) {
            out_ += ' ';
            return line_value(node, level, false);
        }
        // Lists stand below their key in the layout of two spaces, and within it in that of four.
        const int inner = node.kind == Node::Kind::sequence && indent_ == 2 ? level : level + indent_;
        if (same_line && inner > level) {
            out_.append(static_cast<std::size_t>(inner - level - 1), ' ');
        } else {
            out_ += '\n';
            out_.append(static_cast<std::size_t>(inner), ' ');
        }
        block(node, inner);
    }

    void block(const Node& node, int level)
    {
        if (node.kind == Node::Kind::mapping)
            return mapping(node, level);
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            if (i > 0)
                (out_ += '\n').append(static_cast<std::size_t>(level), ' ');
            out_ += "- ";
            const Node& child = node.children[i];
            const bool container = child.kind == Node::Kind::mapping || child.kind == Node::Kind::sequence;
            if (container && !in_line(child))
                block(child, level + 2);
            else
                line_value(child, level, false);
        }
    }

    void line_value(const Node& node, int level, bool flow)
    {
        if (node.kind != Node::Kind::mapping && node.kind != Node::Kind::sequence)
            return scalar(node, level, flow, false);
        const bool mapping = node.kind == Node::Kind::mapping;
        out_ += mapping ? '{' : '[';
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            const bool is_value = mapping && i % 2 == 1;
            if (i > 0)
                out_ += is_value ? ": " : ", ";
            if (mapping && !is_value && node.children[i].value.size() > longest_simple_key)
                out_ += "? ";
            line_value(node.children[i], level, true);
        }
        out_ += mapping ? '}' : ']';
    }

    void scalar(const Node& node, int level, bool flow, bool key)
    {
        if (node.kind == Node::Kind::null) {
            out_ += "null";
            return;
        }
        const std::string_view text = node.value.text();
        const auto styles = styles_of(text, flow);
        if (styles.plain && (node.kind == Node::Kind::plain || !means_something_else(text)))
            out_ += text;
        else if (styles.literal && !key)
            write_literal(out_, text, level + indent_, indent_);
        else if (styles.single && !means_something_else(text))
            write_single(out_, text);
        else
            write_double(out_, text);
    }

    int indent_;
    WipingString out_;
};

/// The digits at the start, without leading zeros.
std::string_view leading_number(std::string_view text)
{
    std::string_view digits = text.substr(0, digits_at(text, 0, false));
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits;
}

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

} // namespace

const Node* Node::find(std::string_view key) const
{
    if (kind != Kind::mapping)
        return nullptr;
    for (std::size_t i = 0; i + 1 < children.size(); i += 2)
        if (children[i].is_scalar() && children[i].value.text() == key)
            return &children[i + 1];
    return nullptr;
}

Node* Node::find(std::string_view key)
{
    return const_cast<Node*>(std::as_const(*this).find(key));
}

Node text(std::string_view value)
{
    Node node;
    node.kind = Node::Kind::text;
    node.value = SecretValue(value);
    return node;
}

Node flow_list(const std::vector<std::string>& values)
{
    Node node;
    node.kind = Node::Kind::sequence;
    node.flow = true;
    for (const auto& value : values)
        node.children.push_back(text(value));
    return node;
}

bool set(Node& mapping, const std::string& key, Node value, const std::vector<std::string>& before)
{
    if (Node* found = mapping.find(key)) {
        if (same(*found, value))
            return false;
        *found = std::move(value);
        return true;
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < mapping.children.size(); i += 2)
        if (std::ranges::find(before, mapping.children[i].value.text()) != before.end())
            at = i + 2;
    const auto place = mapping.children.begin() + static_cast<std::ptrdiff_t>(at);
    const auto inserted = mapping.children.insert(place, text(key));
    mapping.children.insert(inserted + 1, std::move(value));
    mapping.kind = Node::Kind::mapping;
    return true;
}

bool erase(Node& mapping, std::string_view key)
{
    for (std::size_t i = 0; i + 1 < mapping.children.size(); i += 2) {
        if (mapping.children[i].value.text() != key)
            continue;
        const auto at = mapping.children.begin() + static_cast<std::ptrdiff_t>(i);
        mapping.children.erase(at, at + 2);
        return true;
    }
    return false;
}

bool same(const Node& a, const Node& b)
{
    if (a.is_scalar() && b.is_scalar())
        return a.value == b.value;
    return a.kind == b.kind && std::ranges::equal(a.children, b.children, same);
}

bool key_less(std::string_view a, std::string_view b)
{
    const std::size_t common = std::min(a.size(), b.size());
    const auto at =
        static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin()).first - a.begin());
    if (at == common)
        return a.size() < b.size();
    const bool left = is_letter(a[at]);
    const bool right = is_letter(b[at]);
    if (left != right)
        return right;
    // The whole number that the first difference is in counts.
    std::size_t start = at;
    while (start > 0 && is_digit(a[start - 1]))
        --start;
    const auto x = leading_number(a.substr(start));
    const auto y = leading_number(b.substr(start));
    if (!left && x.size() != y.size())
        return x.size() < y.size();
    if (!left && x != y)
        return x < y;
    const std::size_t digits_of_a = digits_at(a, start, false);
    const std::size_t digits_of_b = digits_at(b, start, false);
    if (!left && digits_of_a != digits_of_b)
        return digits_of_a < digits_of_b;
    return static_cast<unsigned char>(a[at]) < static_cast<unsigned char>(b[at]);
}

WipingString write(const Node& root, int indent)
{
    if (root.kind != Node::Kind::mapping || root.children.empty())
        return "{}\n";
    Writer writer(indent);
    writer.mapping(root, 0);
    return writer.take() + "\n";
}

} // namespace juju::store::yaml
