#include "differential/operation.hpp"

#include <string_view>

namespace juju::differential {
namespace {

std::string quoted(std::string_view text)
{
    constexpr std::size_t longest = 100;
    if (text.size() > longest)
        return std::to_string(text.size()) + " times " + quoted(text.substr(0, 1)); // the generator's long values are of one letter
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            result += "\\x";
            result += "0123456789abcdef"[byte >> 4];
            result += "0123456789abcdef"[byte & 15U];
        } else {
            result += c;
        }
    }
    return result + '"';
}

/// The items between brackets, with commas.
template <class Items, class Write>
std::string joined(const Items& items, Write write)
{
    std::string result;
    for (const auto& item : items)
        result += (result.empty() ? "" : ", ") + write(item);
    return "{" + result + "}";
}

std::string text_of(const Bytes& bytes)
{
    return joined(bytes, [](const auto& entry) { return entry.first + "=" + quoted(entry.second); });
}

std::string text_of(const Subject& subject)
{
    switch (subject.spelling) {
    case Spelling::name: return quoted(subject.name);
    case Spelling::by_name: return "by_name(" + quoted(subject.name) + ")";
    case Spelling::uri: return quoted(subject.uri());
    case Spelling::bare_id: return quoted(subject.id);
    case Spelling::uri_object: break;
    }
    return "SecretUri(" + quoted(subject.uri()) + ")";
}

std::string text_of(const Draft& draft)
{
    return quoted(draft.name) + ", " + text_of(draft.bytes) + ", " + quoted(draft.info);
}

std::string text_of(const Change& change)
{
    std::string text = "SecretUpdate()";
    if (change.new_name)
        text += ".new_name(" + quoted(*change.new_name) + ")";
    if (change.clear_name)
        text += ".clear_name()";
    if (change.info)
        text += ".info(" + quoted(*change.info) + ")";
    if (change.clear_info)
        text += ".clear_info()";
    if (change.auto_prune)
        text += *change.auto_prune ? ".auto_prune(true)" : ".auto_prune(false)";
    if (change.data)
        text += ".data(" + text_of(*change.data) + ")";
    return text;
}

std::string text_of(const std::vector<int>& revisions)
{
    return joined(revisions, [](int revision) { return std::to_string(revision); });
}

std::string text_of(const Removal& removal)
{
    return text_of(removal.subject) + ", " + (removal.revisions ? text_of(*removal.revisions) : "all");
}

struct Describe {
    std::string operator()(const AddSecret& call) const { return "add_secret(" + text_of(call.draft) + ")"; }
    std::string operator()(const UpdateSecret& call) const
    {
        return "update_secret(" + text_of(call.subject) + ", " + text_of(call.change) + ")";
    }
    std::string operator()(const RemoveSecret& call) const
    {
        return "remove_secret(" + text_of(call.subject) + (call.revision ? ", " + std::to_string(*call.revision) : "") + ")";
    }
    std::string operator()(const GrantSecret& call) const
    {
        return "grant_secret(" + text_of(call.subject) + ", " + joined(call.applications, quoted) + ")";
    }
    std::string operator()(const RevokeSecret& call) const
    {
        return "revoke_secret(" + text_of(call.subject) + ", " + joined(call.applications, quoted) + ")";
    }
    std::string operator()(const ListSecrets& call) const
    {
        std::string text = "list_secrets(SecretFilter()";
        if (call.uri)
            text += ".uri(" + text_of(*call.uri) + ")";
        if (call.name)
            text += ".name(" + quoted(*call.name) + ")";
        if (call.owner)
            text += ".owner(" + quoted(*call.owner) + ")";
        if (call.revision)
            text += ".revision(" + std::to_string(*call.revision) + ")";
        return text + (call.show_secrets ? ".show_secrets(true))" : ")");
    }
    std::string operator()(const GetSecret& call) const { return "get_secret(" + text_of(call.subject) + ")"; }
    std::string operator()(const RevealSecret& call) const
    {
        return "reveal_secret(" + text_of(call.subject) + (call.revision ? ", " + std::to_string(*call.revision) : "") + ")";
    }
    std::string operator()(const CreateSeveral& call) const
    {
        return "create(" + joined(call.drafts, [](const Draft& draft) { return "{" + text_of(draft) + "}"; }) + ")";
    }
    std::string operator()(const UpdateSeveral& call) const
    {
        return "update(" +
               joined(call.updates, [](const auto& item) { return "{" + text_of(item.first) + ", " + text_of(item.second) + "}"; }) + ")";
    }
    std::string operator()(const RemoveSeveral& call) const
    {
        return "remove(" + joined(call.removals, [](const Removal& removal) { return "{" + text_of(removal) + "}"; }) + ")";
    }
};

} // namespace

std::string describe(const Operation& operation)
{
    return std::visit(Describe(), operation);
}

} // namespace juju::differential
